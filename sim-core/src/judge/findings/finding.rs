//! What a finding says.

use super::about::About;
use crate::judge::verdict::Severity;

/// Something worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable name, such as `retry-storm`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about.
    pub place: About,
    /// What was found, with figures.
    pub text: String,
    /// What may help.
    pub remedy: &'static str,
}
