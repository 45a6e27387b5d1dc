//! What was measured, and how far it may still move.

use crate::judge::words::counted;

/// What was measured: the value, and how far unfinished calls could move it.
pub(super) struct Measured {
    pub(super) value: Option<f64>,
    pub(super) lowest: f64,
    pub(super) highest: f64,
    /// Whether there is certainly no value that any bound could hold for.
    pub(super) never: bool,
    pub(super) reason: String,
}

impl Measured {
    pub(super) fn exactly(value: f64) -> Self {
        Self {
            value: Some(value),
            lowest: value,
            highest: value,
            never: false,
            reason: String::new(),
        }
    }

    pub(super) fn nothing(reason: impl Into<String>) -> Self {
        Self {
            value: None,
            lowest: f64::NEG_INFINITY,
            highest: f64::INFINITY,
            never: false,
            reason: reason.into(),
        }
    }

    pub(super) fn maybe(value: Option<f64>, reason: impl Into<String>) -> Self {
        value.map_or_else(|| Self::nothing(reason), Self::exactly)
    }

    /// A value that unfinished calls could still move.
    pub(super) fn within(value: f64, lowest: f64, highest: f64, unfinished: u64) -> Self {
        let reason = format!(
            "{} had not ended when the run did",
            counted(unfinished, "call")
        );
        Self {
            value: Some(value),
            lowest: lowest.min(value),
            highest: highest.max(value),
            never: false,
            reason,
        }
    }
}
