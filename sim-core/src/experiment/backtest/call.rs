//! What goes into a backtest, and what comes out call by call.

use crate::policy::{BreakerStateKind, Outcome, RetryStop, Transition};
use crate::time::{SimDuration, SimTime};

/// What the callee answered to an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// From sending until the caller had it; [`SimDuration::MAX`] if it never came.
    pub latency: SimDuration,
    /// How it ended.
    pub outcome: Outcome,
    /// How long the callee asked not to be called, if it did.
    pub retry_after: Option<SimDuration>,
}

impl Answer {
    /// An answer that asks for nothing.
    pub const fn new(latency: SimDuration, outcome: Outcome) -> Self {
        Self {
            latency,
            outcome,
            retry_after: None,
        }
    }
}

/// A call as it was recorded.
#[derive(Clone, Copy, Debug)]
pub struct RecordedCall<'a> {
    /// Its number, by which its draws are keyed; the line of the log.
    pub line: u64,
    /// When the caller made it.
    pub start: SimTime,
    /// Which process made it.
    pub caller: &'a str,
    /// What it called.
    pub target: &'a str,
    /// Which kind of call it was: only for counting.
    pub class: &'a str,
    /// Whether it may be done twice without harm.
    pub idempotent: bool,
    /// The answers to its attempts, at least one, in the order of sending.
    pub answers: &'a [Answer],
}

/// What an attempt is answered of which there is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unrecorded {
    /// The call's last recorded answer once more: what failed goes on failing, as when the fault
    /// lies in the call. The default, since it never invents a success.
    Repeat,
    /// The first answer of the call to the same target that started last: what an outage looks like
    /// that touches all calls alike.
    Neighbour,
}

impl Unrecorded {
    /// The name in reports and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Repeat => "repeat",
            Self::Neighbour => "neighbour",
        }
    }
}

/// Who answered the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// The callee, to the first attempt.
    Passed,
    /// The callee, to a further attempt.
    FurtherAttempt,
    /// A layer that let it not pass.
    Rejected,
    /// A timeout.
    TimedOut,
    /// A fallback.
    FellBack,
}

impl Decision {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 5] = [
        Self::Passed,
        Self::FurtherAttempt,
        Self::Rejected,
        Self::TimedOut,
        Self::FellBack,
    ];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::FurtherAttempt => "further_attempt",
            Self::Rejected => "rejected",
            Self::TimedOut => "timed_out",
            Self::FellBack => "fell_back",
        }
    }
}

/// Why a policy let a call end as it did, where its layer and its outcome do not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A breaker was open.
    Open,
    /// A breaker was half open, and all its probes were out.
    ProbesOut,
    /// A retry made no further attempt.
    NotRetried(RetryStop),
}

impl Reason {
    /// Why a breaker in this state lets nothing pass; `None`: it does.
    pub(super) const fn of_breaker(state: BreakerStateKind) -> Option<Self> {
        match state {
            BreakerStateKind::Open => Some(Self::Open),
            BreakerStateKind::HalfOpen => Some(Self::ProbesOut),
            BreakerStateKind::Closed => None,
        }
    }

    /// The name in files: `open`, `too_many_requests` (gobreaker's `ErrTooManyRequests`), or why there
    /// was no retry, such as `budget`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::ProbesOut => "too_many_requests",
            Self::NotRetried(stop) => stop.name(),
        }
    }
}

/// What the policy made of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided<'a> {
    /// Its number.
    pub line: u64,
    /// When the caller made it.
    pub start: SimTime,
    /// Which process made it.
    pub caller: &'a str,
    /// What it called.
    pub target: &'a str,
    /// Which kind of call it was.
    pub class: &'a str,
    /// How it really ended: its last recorded answer.
    pub recorded: Answer,
    /// How it ends under the policy.
    pub outcome: Outcome,
    /// From its start until the caller knows.
    pub latency: SimDuration,
    /// Attempts sent \[count\].
    pub attempts: u32,
    /// Who answered.
    pub decision: Decision,
    /// The layer that answered, if it was not the callee.
    pub layer: Option<&'a str>,
    /// Why, of a call that was rejected by a breaker, or failed without a further attempt.
    pub why: Option<Reason>,
}

/// A breaker changed its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed<'a> {
    /// When: now, or earlier if a timer or a tick of the breaker did it.
    pub at: SimTime,
    /// The call at which it did, by its number.
    pub line: u64,
    /// Name of the layer.
    pub layer: &'a str,
    /// Whose breaker it is; `None` if it is not one caller's.
    pub caller: Option<&'a str>,
    /// What it guards; `None` if it guards several.
    pub target: Option<&'a str>,
    /// Old and new state, and the figures that decided it.
    pub transition: Transition,
}

/// Is told what happens, as it happens.
pub trait Watcher {
    /// A call has its answer. Calls come in the order of their answers.
    fn decided(&mut self, call: &Decided<'_>);
    /// A breaker changed its state.
    fn changed(&mut self, change: &Changed<'_>);
}

impl Watcher for () {
    fn decided(&mut self, _: &Decided<'_>) {}
    fn changed(&mut self, _: &Changed<'_>) {}
}
