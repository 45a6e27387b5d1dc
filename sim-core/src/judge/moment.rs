//! A line of the timeline of a run.

use super::verdict::TimelineKind;
use crate::time::{SimDuration, SimTime};

/// What happens so close together is one line.
pub(super) const TOGETHER: SimDuration = SimDuration::from_secs(1);

/// A line of what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: SimTime,
    /// What it is about.
    pub kind: TimelineKind,
    /// What happened, without the time.
    pub text: String,
}
