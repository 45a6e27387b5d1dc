//! The words of judgement.

use serde::{Deserialize, Serialize};

/// The answer to an expectation, or to all of them; the worst one is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is met.
    Pass,
    /// The run cannot say.
    Inconclusive,
    /// It is not met.
    Fail,
}

impl Verdict {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
        }
    }
}

/// The unit of a measured value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// From 0 to 1.
    Share,
    /// Nanoseconds.
    Ns,
    /// Per second of virtual time.
    PerSecond,
    /// So many times as much.
    Factor,
    /// A number of things.
    Count,
    /// 1 for yes, 0 for no.
    YesNo,
}

/// Whether a system recovered from a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryVerdict {
    /// It did.
    Recovered,
    /// It did, and later fell again without a fault.
    Relapsed,
    /// It did not, though there was time enough.
    NotRecovered,
    /// Calls were in trouble before the fault, so to be as before says nothing (rule 39).
    SaturatedBefore,
    /// Too few calls before the fault to compare with.
    NoBaseline,
    /// Too little time after the fault to say.
    TooShortToJudge,
    /// The fault lasts to the end of the run, or begins no earlier.
    NeverEnded,
}

/// How much a finding matters; the gravest is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The system failed in a known way.
    Critical,
    /// The system came close, or paid too much.
    Warning,
    /// About the experiment rather than the system.
    Note,
}

/// What a line of the timeline is about, the most telling first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimelineKind {
    /// A fault begins or ends.
    Fault,
    /// The run recovers, relapses, or is over.
    Recovery,
    /// Useful calls fall or come back.
    Goodput,
    /// A waiting room fills or empties.
    Queue,
    /// A breaker changes its state.
    Breaker,
    /// An instance dies, comes back, leaves or joins the rotation.
    Instance,
}
