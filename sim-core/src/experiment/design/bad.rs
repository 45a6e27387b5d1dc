//! Why something is no design.

/// Why something is no design, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadDesign {
    /// The fact and the limit.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl BadDesign {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}
