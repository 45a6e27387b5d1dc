//! The report of one run: the only source of every table, page and chart.
//!
//! A [`Report`] is plain data. It holds no clock, host or path; lists have a fixed order; times are
//! whole nanoseconds with the unit in the field's name; floats are finite. The same run gives the
//! same bytes everywhere.

mod backoff;
mod backtest;
mod build;
mod comparison;
mod deed;
mod files;
mod head;
mod judgement;
pub mod limits;
mod messages;
mod number;
mod policy;
mod pool;
mod replications;
mod saga;
mod series;
mod service;
mod stored;
pub mod sweep;
#[cfg(test)]
mod tests;
mod trace;
mod traffic;
pub mod tune;
mod whole;
mod window;

pub use crate::judge::{RecoveryVerdict, Severity, TimelineKind, Unit, Verdict};
pub use backoff::{
    BACKOFF_SCHEMA_VERSION, BackoffReport, RetryWaitsReport, WaitRangeReport, WaitsAfterReport,
    backoff,
};
pub use backtest::{
    BACKTEST_SCHEMA_VERSION, BacktestBreakerReport, BacktestLayerReport, BacktestReport,
    BacktestSeries, BulkheadReport, ClockName, GroupReport, ImpactsReport, LevelSeries,
    RecordedOutcomeReport, TransitionReport, backtest,
};
pub use build::{ComparedDesign, ManyRuns, RunOrigin, build, comparison, replications};
pub use comparison::{
    ArrivalsReport, COMPARISON_VERSION, ComparisonReport, DifferenceReport, EventReport, SideReport,
};
pub use deed::{BrokenReport, EffectReport, InvariantReport};
pub use files::Commands;
pub use head::{
    BoundReport, CauseReport, CheckpointReport, ConservationReport, DigestReport, DrainReport,
    ExpectationReport, OverrideReport, ReproduceReport, ScenarioReport, Status, TimelineEntry,
};
pub use judgement::{
    FaultReport, FindingReport, LintReport, RandomFaultReport, RecoveryReport, SpanReport,
    ThresholdsReport,
};
pub use messages::{HandoutsFailed, MessageQueueReport};
pub use number::Finite;
pub use policy::{
    BreakerOwnerReport, BreakerReport, BreakerSpan, BreakerStateName, BudgetReport, LayerReport,
};
pub use pool::{PoolProcessReport, PoolReport};
pub use replications::{
    BrokenRun, EnvelopeReport, ExpectationOverRuns, FigureReport, FindingOverRuns, NotableRun,
    REPLICATIONS_VERSION, RecoveryOverRuns, ReplicationReport, RunLine, RunsReport, ShareReport,
    SpreadReport, UntilReport, WarningReport,
};
pub use saga::SagaReport;
pub use series::{
    ClientSeries, EdgeSeries, InstanceSeries, LeftOut, OutcomeSeries, PercentileSeries,
    SeriesReport, ServiceSeries,
};
pub use service::{
    AdmissionReport, CheckReport, CountReport, EjectedReport, EjectionReport, InstanceReport,
    LifeReport, LimitPoint, LimitReport, MemoryInstanceReport, MemoryReport, OperationReport,
    QueueReport, ServiceReport, WorkReport,
};
pub use stored::{FieldChange, Level, Stored};
pub use trace::{
    AttemptTrace, CallTrace, DecisionTrace, EffectTrace, OperationTrace, Pick, Picker,
    TRACE_VERSION, Tracer,
};
pub use traffic::{
    AttemptOutcomeReport, AttemptsReport, CallsReport, ClientReport, EdgeReport, FirstCauseReport,
    LabelReport, LatencyReport, OutcomeReport,
};

pub use whole::{Request, report, run};
pub use window::{
    WindowCallsReport, WindowEdgeReport, WindowLayerReport, WindowReport, WindowServiceReport,
};

use serde::{Deserialize, Serialize};

/// Raised whenever a field of [`Report`] changes its name, meaning or unit.
pub const SCHEMA_VERSION: u32 = 1;

/// Everything there is to say about one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA_VERSION`] when it was written.
    pub schema_version: u32,
    /// Version of the engine's meaning: a run repeats only under the same one.
    pub engine_semantics: u32,
    /// What was simulated.
    pub scenario: ScenarioReport,
    /// How the run ended.
    pub status: Status,
    /// The time after the last arrival, if there was to be one (`run.drain`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drain: Option<DrainReport>,
    /// The worst verdict of the expectations; `pass` when there are none.
    pub verdict: Verdict,
    /// Expectations in the order of the file.
    pub expectations: Vec<ExpectationReport>,
    /// What happened, in words, in the order of time.
    pub timeline: Vec<TimelineEntry>,
    /// Why it went wrong: what led to what, in the order of time; empty if nothing went wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<CauseReport>,
    /// Traffic by client, in the order of the file.
    pub clients: Vec<ClientReport>,
    /// Traffic by tenant, where calls have tenants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tenants: Vec<LabelReport>,
    /// Traffic by class, where calls have classes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<LabelReport>,
    /// Traffic by edge.
    pub edges: Vec<EdgeReport>,
    /// Work by service, in the order of the file.
    pub services: Vec<ServiceReport>,
    /// Pools of connections, as each service used them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pools: Vec<PoolReport>,
    /// Effects that have names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<EffectReport>,
    /// What is to be true of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invariants: Vec<InvariantReport>,
    /// Queues of messages, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queues: Vec<MessageQueueReport>,
    /// Sagas of operations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sagas: Vec<SagaReport>,
    /// The spans that expectations look at, in the order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<WindowReport>,
    /// What each layer of each policy did.
    pub layers: Vec<LayerReport>,
    /// What each budget granted and refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<BudgetReport>,
    /// States of breakers over time.
    pub breakers: Vec<BreakerReport>,
    /// Faults in the order of the file.
    pub faults: Vec<FaultReport>,
    /// Recovery from each fault, all clients together and each client by itself.
    pub recovery: Vec<RecoveryReport>,
    /// By what recovery and collapse are judged.
    #[serde(default)]
    pub thresholds: ThresholdsReport,
    /// What was noticed, the gravest first.
    pub findings: Vec<FindingReport>,
    /// What is legal in the scenario, but probably not meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lints: Vec<LintReport>,
    /// What to know before trusting the means.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<WarningReport>,
    /// Everything over time.
    pub series: SeriesReport,
    /// Sums that must come out even.
    pub conservation: Vec<ConservationReport>,
    /// Fingerprint of everything that happened.
    pub digest: DigestReport,
    /// How to play the run again.
    pub reproduce: ReproduceReport,
}
