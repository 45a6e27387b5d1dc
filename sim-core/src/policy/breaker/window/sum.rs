//! Counts of results: in an interval, in a row, and as a trip rule sees them.

use crate::time::SimTime;

/// What a window holds, for the rule that decides to open.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::policy::breaker) struct Tally {
    /// Calls, as [`CountedCalls`] says \[calls\].
    pub calls: u32,
    /// Failures among them \[results\].
    pub failures: u32,
    /// Successes among them \[results\].
    pub successes: u32,
    /// Slow ones among them \[results\].
    pub slow: u32,
    /// Failures since the last success \[results\].
    pub failures_in_a_row: u32,
    /// Successes since the last failure \[results\].
    pub successes_in_a_row: u32,
    /// Share of failures of a window that weighs results by age, if it has seen enough.
    pub weighed: Option<f64>,
}

/// What happened in some stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    /// Calls that began, or asked to.
    pub(super) started: u32,
    pub(super) failures: u32,
    pub(super) successes: u32,
    pub(super) slow: u32,
}

impl Sum {
    pub(super) const START: Self = Self {
        started: 1,
        failures: 0,
        successes: 0,
        slow: 0,
    };

    pub(super) fn result(failed: bool, slow: bool) -> Self {
        Self {
            started: 0,
            failures: u32::from(failed),
            successes: u32::from(!failed),
            slow: u32::from(slow),
        }
    }

    pub(super) fn results(self) -> u32 {
        self.failures.saturating_add(self.successes)
    }

    pub(super) fn add(&mut self, other: Self) {
        self.started = self.started.saturating_add(other.started);
        self.failures = self.failures.saturating_add(other.failures);
        self.successes = self.successes.saturating_add(other.successes);
        self.slow = self.slow.saturating_add(other.slow);
    }

    pub(super) fn less(self, other: Self) -> Self {
        Self {
            started: self.started.saturating_sub(other.started),
            failures: self.failures.saturating_sub(other.failures),
            successes: self.successes.saturating_sub(other.successes),
            slow: self.slow.saturating_sub(other.slow),
        }
    }
}

/// A result as the window hears of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::policy::breaker) struct Heard {
    /// Now.
    pub at: SimTime,
    /// When its call began.
    pub began: SimTime,
    pub failed: bool,
    pub slow: bool,
}

/// Results of one kind in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Runs {
    pub(super) failures: u32,
    pub(super) successes: u32,
}

impl Runs {
    pub(super) fn note(&mut self, failed: bool) {
        let (goes_on, ends) = if failed {
            (&mut self.failures, &mut self.successes)
        } else {
            (&mut self.successes, &mut self.failures)
        };
        *goes_on = goes_on.saturating_add(1);
        *ends = 0;
    }
}
