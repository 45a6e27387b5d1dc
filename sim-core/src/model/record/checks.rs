//! What is kept of health checks: how they ended, and who was taken for well when.

use crate::id::{CheckId, InstanceId, ProcessId};
use crate::model::fact::{Ending, HealthVerdict};
use crate::observe::counters;
use crate::policy::{CauseKind, Outcome, OutcomeSet};
use crate::time::SimTime;

/// Verdicts that are kept; later ones are counted only.
pub const MAX_HEALTH_CHANGES: usize = 100_000;

counters! {
    /// What became of the checks of one kind \[count\].
    pub struct CheckCounts {
        /// Passed.
        passed;
        /// Failed, by what stood in the way.
        failed[CheckCause] "failed.";
        /// Verdicts that an instance fails.
        fell;
        /// Verdicts that it passes again.
        rose;
    }
}

/// What stood in the way of a check that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckCause {
    /// Nobody was there, and the machine said so.
    Refused,
    /// The process died meanwhile.
    Reset,
    /// It waited for a thread when its time was up.
    InQueue,
    /// Its thread had not answered when its time was up: it waits for a call, or works.
    AtWork,
    /// Nobody was there to say so.
    Unreachable,
    /// The process stood still.
    NotAccepted,
    /// A message was lost or under way when its time was up.
    OnTheWay,
    /// It was turned away: the queue was full.
    Rejected,
    /// It was answered with an error.
    Error,
}

impl CheckCause {
    /// All, in their order.
    pub const ALL: [Self; 9] = [
        Self::Refused,
        Self::Reset,
        Self::InQueue,
        Self::AtWork,
        Self::Unreachable,
        Self::NotAccepted,
        Self::OnTheWay,
        Self::Rejected,
        Self::Error,
    ];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Reset => "reset",
            Self::InQueue => "timeout.in_queue",
            Self::AtWork => "timeout.at_work",
            Self::Unreachable => "timeout.unreachable",
            Self::NotAccepted => "timeout.not_accepted",
            Self::OnTheWay => "timeout.on_the_way",
            Self::Rejected => "rejected",
            Self::Error => "error",
        }
    }

    fn of(ending: Ending) -> Self {
        const REJECTED: OutcomeSet = OutcomeSet::of(&[
            Outcome::RejectedQueueFull,
            Outcome::RejectedQueueTimeout,
            Outcome::RejectedRateLimited,
            Outcome::RejectedShed,
        ]);
        let outcome = ending.outcome();
        if outcome == Outcome::ErrorRefused {
            return Self::Refused;
        }
        if outcome == Outcome::ErrorReset {
            return Self::Reset;
        }
        if REJECTED.contains(outcome) {
            return Self::Rejected;
        }
        if outcome != Outcome::TimeoutResponse {
            return Self::Error;
        }
        match ending.cause().kind {
            CauseKind::InQueue => Self::InQueue,
            CauseKind::Unreachable => Self::Unreachable,
            CauseKind::NotAccepted => Self::NotAccepted,
            CauseKind::OnTheWay => Self::OnTheWay,
            CauseKind::AtWork
            | CauseKind::Ended(_)
            | CauseKind::InBulkhead
            | CauseKind::InLayer
            | CauseKind::InBreaker
            | CauseKind::InPool
            | CauseKind::InBackoff => Self::AtWork,
        }
    }
}

impl CheckCounts {
    #[inline]
    pub(super) fn on_checked(&mut self, ending: Ending) {
        if ending.outcome().is_useful() {
            self.passed += 1;
        } else {
            self.failed[CheckCause::of(ending) as usize] += 1;
        }
    }

    pub(super) fn on_judged(&mut self, verdict: Option<HealthVerdict>) {
        self.fell += u64::from(verdict == Some(HealthVerdict::Fails));
        self.rose += u64::from(verdict == Some(HealthVerdict::Passes));
    }

    /// Failed in any way.
    pub fn failed_total(&self) -> u64 {
        self.failed.iter().sum()
    }

    /// Ended in any way.
    pub fn ended_total(&self) -> u64 {
        self.passed + self.failed_total()
    }
}

/// Who watches an instance took it for well, or not, from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthChange {
    /// When.
    pub at: SimTime,
    /// By which check.
    pub check: CheckId,
    /// Whom.
    pub instance: InstanceId,
    /// Who asked.
    pub process: ProcessId,
    /// The verdict; none: it has just started, and nothing is known.
    pub verdict: Option<HealthVerdict>,
}
