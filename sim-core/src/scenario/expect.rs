//! Expectations: statements about one run that it meets or not (rule 40).

use crate::id::{
    CheckId, EdgeId, FaultId, InvariantId, KeptId, LayerId, OperationId, QueueId, SagaId,
    ServiceId, WindowId,
};
use crate::model::record::LimitedBy;
use crate::policy::OutcomeSet;
use crate::time::SimTime;
use crate::units::Probability;
use std::fmt;

/// A statement about one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Name in the file.
    pub name: String,
    /// Line in the file, from 1.
    pub line: u32,
    /// The statement as reports print it, such as
    /// `success of shoppers from 20s to 60s is at least 99.9%`.
    pub text: String,
    /// What is looked at.
    pub measure: Measure,
    /// Which values are fine.
    pub bound: Bound,
    /// In how many replications it must hold.
    pub in_runs: InRuns,
}

/// In how many replications an expectation must hold (rule 40).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum InRuns {
    /// In every one.
    #[default]
    All,
    /// In this share of all that could be played, above 0 and below 1.
    Share(Probability),
}

impl fmt::Display for InRuns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all runs"),
            Self::Share(share) => write!(f, "{share} of runs"),
        }
    }
}

/// Codes of everything that may be found in a run, in the order of the page that explains them.
pub const FINDING_CODES: &[&str] = &[
    "metastable-failure",
    "collapsed",
    "relapse",
    "all-ejected",
    "black-hole",
    "death-spiral",
    "never-ready",
    "retry-storm",
    "pool-deadlock",
    "cascading-timeouts",
    "synchronised-retries",
    "flapping-breaker",
    "wedged-half-open",
    "stops-while-callee-idles",
    "ejection-without-effect",
    "overload-without-shedding",
    "standing-queue",
    "wasted-work",
    "pool-exhausted",
    "zone-saturated",
    "detection-too-late",
    "killed-for-memory",
    "inconsistent",
    "saga-stuck",
    "limit-stuck-at-floor",
    "limit-stuck-at-ceiling",
    "limit-learned-overload",
    "unfair-tenants",
    "starved-client",
    "starved-tenant",
    "starved-class",
    "priority-starvation",
    "removal-gap",
    "panic-routing",
    "restart-loop",
    "never-up",
    "saturated-before-fault",
    "policy-never-exercised",
    "budget-never-refused",
    "fault-without-effect",
    "operation-never-called",
    "too-few-samples",
    "too-short-to-judge",
];

/// What an expectation looks at. Windows are spans of starting calls (rule 33).
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// Share of the calls of a window that end in one of these outcomes.
    Share {
        /// Which outcomes.
        of: OutcomeSet,
        /// Which calls.
        window: WindowId,
    },
    /// Latency percentile of the calls of a window that end in one of these outcomes \[ns\].
    Latency {
        /// From 0 to 100.
        percentile: f64,
        /// Which outcomes.
        of: OutcomeSet,
        /// Which calls.
        window: WindowId,
    },
    /// Mean latency of the calls of a window that end in one of these outcomes \[ns\].
    MeanLatency {
        /// Which outcomes.
        of: OutcomeSet,
        /// Which calls.
        window: WindowId,
    },
    /// Standard deviation of the latency of those calls \[ns\].
    LatencyDeviation {
        /// Which outcomes.
        of: OutcomeSet,
        /// Which calls.
        window: WindowId,
    },
    /// Share of the attempts ending in a window that end in one of these outcomes.
    Attempts {
        /// Which outcomes.
        of: OutcomeSet,
        /// Whose attempts, over which time.
        window: WindowId,
    },
    /// Further attempts that budgets refused \[count\].
    RefusedRetries {
        /// The layers: one per pipeline that binds the policy.
        layers: Vec<LayerId>,
        /// Over this time.
        window: WindowId,
    },
    /// Something of a service over a window.
    OfService {
        /// What.
        what: ServiceFigure,
        /// Which service.
        service: ServiceId,
        /// Over this time.
        window: WindowId,
    },
    /// Useful calls per second that start in a window [1/s].
    Goodput {
        /// Which calls.
        window: WindowId,
    },
    /// Attempts per call that sent at least one, on an edge.
    Amplification {
        /// Which edge.
        edge: EdgeId,
        /// Which calls.
        window: WindowId,
    },
    /// Attempts at a service per original attempt there, along all paths.
    PathAmplification {
        /// Which service.
        service: ServiceId,
        /// Attempts sent in this window.
        window: WindowId,
    },
    /// Share of a service's thread time that went into answers nobody waited for.
    WastedWork {
        /// Which service.
        service: ServiceId,
        /// By the instant at which the work ended.
        window: WindowId,
    },
    /// Mean share of busy threads of a service.
    Utilisation {
        /// Which service.
        service: ServiceId,
        /// Over this time.
        window: WindowId,
    },
    /// Greatest number of operations waiting in one instance of a service.
    QueuePeak {
        /// Which service.
        service: ServiceId,
        /// Over this time.
        window: WindowId,
    },
    /// Fewest instances of a service in rotation at one time \[count\].
    InRotation {
        /// Which service.
        service: ServiceId,
        /// From this instant
        from: SimTime,
        /// until before this one.
        until: SimTime,
    },
    /// Greatest share of the instances of a service that did not serve at one time.
    CapacityDip {
        /// Which service.
        service: ServiceId,
        /// From this instant
        from: SimTime,
        /// until before this one.
        until: SimTime,
    },
    /// Recovery time after the end of a fault \[ns\]; not meeting any bound if there is none.
    Recovery {
        /// Which fault.
        fault: FaultId,
        /// Whose useful calls are looked at.
        of: RecoveryOf,
    },
    /// 1 if the system did not recover after the fault, else 0.
    NotRecovered {
        /// Which fault.
        fault: FaultId,
        /// Whose useful calls are looked at.
        of: RecoveryOf,
    },
    /// How often breakers opened, all their owners together \[count\].
    BreakerOpens {
        /// The layers: one per pipeline that binds the policy.
        layers: Vec<LayerId>,
        /// From this instant
        from: SimTime,
        /// until before this one.
        until: SimTime,
    },
    /// The highest limit that guards found for themselves, or the lowest \[count\].
    Limit {
        /// The guards.
        of: Vec<LimitedBy>,
        /// Whether the lowest.
        lowest: bool,
        /// From this instant
        from: SimTime,
        /// until before this one.
        until: SimTime,
    },
    /// How often the breaker that does so most opens again after it had closed \[count\].
    BreakerFlaps {
        /// The layers: one per pipeline that binds the policy.
        layers: Vec<LayerId>,
        /// From this instant
        from: SimTime,
        /// until before this one.
        until: SimTime,
    },
    /// Time from the beginning of a fault until a breaker opens \[ns\]; not meeting any bound if none
    /// does.
    BreakerReaction {
        /// The layers: one per pipeline that binds the policy.
        layers: Vec<LayerId>,
        /// Which fault.
        fault: FaultId,
    },
    /// Time from the beginning of a fault until a health check finds somebody failing \[ns\]; not meeting
    /// any bound if none does.
    Detection {
        /// By which check.
        check: CheckId,
        /// Which fault.
        fault: FaultId,
    },
    /// The least share of useful calls over the greatest, among some who are served.
    ///
    /// Not Jain's index: among many it stays close to one while one of them starves.
    Fairness {
        /// The calls of each.
        windows: Vec<WindowId>,
    },
    /// 1 if the run collapsed (rule 39), else 0.
    Collapse,
    /// Effects of an operation that came once more for the same call \[count\].
    Duplicates {
        /// Which operation.
        operation: OperationId,
        /// Over this time.
        window: WindowId,
    },
    /// The most memory that an instance of a service ever held, as a share of its limit.
    Memory {
        /// Which service.
        service: ServiceId,
    },
    /// 1 if the run has a finding with this code, else 0.
    Finding {
        /// One of [`FINDING_CODES`].
        code: &'static str,
    },
    /// How sagas end, in the whole run.
    Saga {
        /// Which sagas.
        sagas: Vec<SagaId>,
        /// What of them.
        what: SagaFigure,
    },
    /// Root calls for which an invariant is broken \[count\].
    Invariant {
        /// Which invariant.
        invariant: InvariantId,
        /// Whether those count alone that are when the run ends.
        at_end: bool,
    },
    /// Percentile of the waits for a connection after the warm-up \[ns\].
    PoolWait {
        /// The pool, as each service uses it.
        kept: Vec<KeptId>,
        /// From 0 to 100.
        percentile: f64,
    },
    /// Messages of a queue \[count\].
    Messages {
        /// Which queue.
        queue: QueueId,
        /// Which of them.
        what: MessageFigure,
    },
    /// Percentile of the ages of messages at hand-outs after the warm-up \[ns\].
    MessageAge {
        /// Which queue.
        queue: QueueId,
        /// From 0 to 100.
        percentile: f64,
    },
    /// From the end of a fault until no message of a queue was ready or delayed \[ns\].
    Drained {
        /// Which queue.
        queue: QueueId,
        /// The fault.
        fault: FaultId,
    },
    /// Percentile of the ages of kept answers that fallbacks gave after the warm-up \[ns\].
    Staleness {
        /// The layers: one per pipeline that binds the policy.
        layers: Vec<LayerId>,
        /// From 0 to 100.
        percentile: f64,
    },
    /// Share of operations answered out of those that arrived \[share\].
    Answered {
        /// Which operation.
        operation: OperationId,
        /// Over this time.
        window: WindowId,
    },
}

/// Which messages of a queue are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageFigure {
    /// Most that were ready at once.
    Backlog,
    /// Those that were given up.
    Dead,
    /// Those that were dropped, expired, or were lost in a crash, those that were settled before work on
    /// them failed, and those of other queues that found no room.
    Lost,
    /// Those that were settled.
    Settled,
    /// Hand-outs after the first of their message.
    Redelivered,
}

/// What can be measured of a service over any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceFigure {
    /// Operations finished per second, wanted or not [1/s].
    Throughput,
    /// Mean number waiting, all instances together \[count\].
    MeanQueue,
    /// Mean number waiting or at work, all instances together \[count\].
    InSystem,
    /// Share of those that got a thread which had to wait for it.
    Waited,
    /// Share of the attempts that arrived which were turned away.
    Rejected,
}

impl ServiceFigure {
    /// As sentences begin.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::MeanQueue => "mean queue",
            Self::InSystem => "mean number in the system",
            Self::Waited => "share that waited",
            Self::Rejected => "share turned away",
        }
    }
}

/// What can be measured of sagas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SagaFigure {
    /// Share of those that are over which completed.
    Completed,
    /// Share of those that are over which were undone.
    Compensated,
    /// Those that are stuck \[count\].
    Stuck,
    /// The longest of those that are over \[ns\].
    Longest,
}

/// Whose calls decide whether a system has recovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryOf {
    /// All clients together.
    AllClients,
    /// One client.
    Client(crate::id::ClientId),
}

/// Which values are fine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// This much or more.
    AtLeast(f64),
    /// This much or less.
    AtMost(f64),
    /// From the one to the other, both included.
    Between(f64, f64),
}

impl Bound {
    /// Whether a value is fine.
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(low) => value >= low,
            Self::AtMost(high) => value <= high,
            Self::Between(low, high) => (low..=high).contains(&value),
        }
    }
}
