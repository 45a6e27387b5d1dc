//! How the probes of a half-open breaker stand, and what that says.

use super::answer::Why;
use super::tripped::{ConditionSet, Tripped};
use super::window::Tally;

/// How the probes stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Probes {
    /// Permits given and not given back \[calls\]. A late result that gives back what it never had
    /// makes room for one more, as in the libraries where late results reach the current state.
    pub taken: i32,
    /// Ended well \[calls\].
    pub succeeded: u32,
    /// Ended badly \[calls\].
    pub failed: u32,
    /// Took too long \[calls\].
    pub slow: u32,
}

impl Probes {
    /// Probes that have answered.
    pub(super) fn results(self) -> u32 {
        self.succeeded + self.failed
    }

    pub(super) fn tripped(self) -> Tripped {
        Tripped {
            why: Why::ProbeFailed,
            count: self.failed,
            of: self.results(),
            conditions: ConditionSet::NONE,
        }
    }

    pub(super) fn tally(self) -> Tally {
        Tally {
            calls: self.results(),
            failures: self.failed,
            successes: self.succeeded,
            slow: self.slow,
            ..Tally::default()
        }
    }
}

/// What a half-open breaker makes of its probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProbeVerdict {
    /// Too early to say.
    Wait,
    /// The callee is well.
    Close,
    /// The window and the trip rule decide.
    AskWindow,
    /// The callee is still ill.
    Open(Tripped),
}
