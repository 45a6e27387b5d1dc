//! What a watch keeps of one instance.

use super::config::{Outliers, Rounding};
use crate::policy::Outcome;
use crate::time::{SimDuration, SimTime};

/// One instance, as one caller has met it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Host {
    /// Failures in a row, by counter \[results\].
    pub(super) runs: [u32; Outliers::RUNS],
    /// What came since the last sweep.
    pub(super) since: Bucket,
    /// Ejections that count.
    pub(super) k: u32,
    /// All ejections \[count\]: which draw is its own.
    pub(super) times: u32,
    /// All verdicts that may not be carried out \[count\]: the same.
    pub(super) verdicts: u32,
    pub(super) state: State,
}

/// Results since the last sweep.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bucket {
    /// All that the rate of successes looks at \[results\].
    pub(super) calls: u32,
    /// Of those, no successes.
    pub(super) unsuccessful: u32,
    /// All that the share of failures looks at \[results\].
    pub(super) share_calls: u32,
    /// Of those, failures.
    pub(super) failed: u32,
}

/// Whether an instance is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// In; since when, if it was out before.
    In { back: Option<SimTime> },
    /// Out since `first`; its present time began at `at` and ends at `until`.
    Out {
        first: SimTime,
        at: SimTime,
        span: SimDuration,
    },
    /// Its time is over: it may be chosen once.
    OnTrial { first: SimTime },
    /// It was chosen: a result decides.
    Tried { first: SimTime },
}

impl Default for State {
    fn default() -> Self {
        Self::In { back: None }
    }
}

impl State {
    /// Since when it is out, trials included.
    pub(super) const fn out_since(self) -> Option<SimTime> {
        match self {
            Self::In { .. } => None,
            Self::Out { first, .. } | Self::OnTrial { first } | Self::Tried { first } => {
                Some(first)
            }
        }
    }
}

impl Host {
    pub(super) const fn is_out(&self) -> bool {
        self.state.out_since().is_some()
    }

    /// A result counts towards the next sweep.
    pub(super) fn count(&mut self, rules: &Outliers, outcome: Outcome) {
        if let Some(rate) = &rules.success_rate
            && !rate.ignores.contains(outcome)
        {
            self.since.calls += 1;
            self.since.unsuccessful += u32::from(rate.on.contains(outcome));
        }
        if let Some(share) = &rules.failure_share
            && !share.ignores.contains(outcome)
        {
            self.since.share_calls += 1;
            self.since.failed += u32::from(share.on.contains(outcome));
        }
    }

    /// One more ejection counts. Envoy's number stops where more would not make it longer, so that it
    /// falls from there.
    pub(super) fn grow(&mut self, rules: &Outliers, rounding: Rounding) {
        let base = rules.time.base.as_ns();
        let reached = base.saturating_mul(self.k.into());
        let most = rules.time.max.as_ns().saturating_add(base);
        if rounding == Rounding::MayExceed || reached < most {
            self.k = self.k.saturating_add(1);
        }
    }

    /// It is back: its counters begin anew.
    pub(super) fn come_back(&mut self, now: SimTime) {
        self.runs = [0; Outliers::RUNS];
        self.state = State::In { back: Some(now) };
    }
}
