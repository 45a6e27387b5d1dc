//! What a watch says.

use super::config::OnErrors;
use crate::time::{SimDuration, SimTime};

/// Something that a watch decided about an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EjectStep {
    /// The slot of the instance.
    pub slot: u32,
    /// What.
    pub kind: EjectStepKind,
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EjectStepKind {
    /// It is out from now on; or still, after a trial that failed.
    Out {
        /// By what.
        why: EjectWhy,
        /// The number of its ejections that count, this one included.
        k: u32,
        /// When its time is over; `None`: it has none.
        until: Option<SimTime>,
    },
    /// It would be out, but too many are.
    Stopped {
        /// By what.
        why: EjectWhy,
    },
    /// It failed too often in a row, which its health check is to know.
    Suspected {
        /// What follows for that.
        how: OnErrors,
    },
    /// It may be chosen once.
    OnTrial,
    /// It was chosen for its trial, and is out until that is over.
    Tried,
    /// It is back.
    Back {
        /// What brought it back.
        by: EjectBack,
        /// How long it was out, trials included.
        after: SimDuration,
    },
}

/// By what an instance was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EjectWhy {
    /// Failures in a row.
    Consecutive,
    /// Failures in a row, by the second counter.
    ConsecutiveSecond,
    /// Its rate of successes, compared with the others'.
    SuccessRate,
    /// Its share of failures.
    FailureShare,
    /// Failures without a quiet period between them.
    QuietPeriod,
    /// It failed its trial.
    Trial,
    /// Failures in a row, by the third counter.
    ConsecutiveThird,
}

impl EjectWhy {
    /// All, in their order.
    pub const ALL: [Self; 7] = [
        Self::Consecutive,
        Self::ConsecutiveSecond,
        Self::SuccessRate,
        Self::FailureShare,
        Self::QuietPeriod,
        Self::Trial,
        Self::ConsecutiveThird,
    ];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Consecutive => "consecutive",
            Self::ConsecutiveSecond => "consecutive[2]",
            Self::ConsecutiveThird => "consecutive[3]",
            Self::SuccessRate => "success_rate",
            Self::FailureShare => "failure_share",
            Self::QuietPeriod => "quiet_period",
            Self::Trial => "trial",
        }
    }

    /// Failures in a row, by this counter.
    pub(super) const fn of_run(counter: usize) -> Self {
        match counter {
            0 => Self::Consecutive,
            1 => Self::ConsecutiveSecond,
            _ => Self::ConsecutiveThird,
        }
    }
}

/// What brought an instance back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EjectBack {
    /// A sweep found its time over.
    Sweep,
    /// The end of its time.
    Time,
    /// A check that it passed.
    Check,
    /// A trial that it passed.
    Trial,
    /// Nobody remembers: the caller died, or another instance came into its slot.
    Forgotten,
}

impl EjectBack {
    /// All, in their order.
    pub const ALL: [Self; 5] = [
        Self::Sweep,
        Self::Time,
        Self::Check,
        Self::Trial,
        Self::Forgotten,
    ];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sweep => "sweep",
            Self::Time => "time",
            Self::Check => "check",
            Self::Trial => "trial",
            Self::Forgotten => "forgotten",
        }
    }
}
