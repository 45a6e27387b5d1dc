//! The report of many runs of one scenario: the only source of every view of them.

use super::{
    BoundReport, CauseReport, FaultReport, Finite, ScenarioReport, ThresholdsReport, Unit, Verdict,
};
use super::{ReproduceReport, Severity, Status};
use crate::experiment::estimate::share_interval;
use serde::{Deserialize, Serialize};

/// Raised whenever a field of [`ReplicationReport`] changes its name, meaning or unit.
pub const REPLICATIONS_VERSION: u32 = 1;

/// Everything there is to say about many runs of one scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplicationReport {
    /// `replications`: tells it from the report of one run.
    pub kind: String,
    /// [`REPLICATIONS_VERSION`] when it was written.
    pub schema_version: u32,
    /// Version of the engine's meaning: runs repeat only under the same one.
    pub engine_semantics: u32,
    /// What was simulated; its replication is the first.
    pub scenario: ScenarioReport,
    /// How many runs, and what became of them.
    pub runs: RunsReport,
    /// The worst verdict of the expectations; `pass` when there are none.
    pub verdict: Verdict,
    /// Expectations in the order of the file.
    pub expectations: Vec<ExpectationOverRuns>,
    /// In how many runs under half of the calls at the end are useful (rule 39).
    pub collapsed: ShareReport,
    /// Recovery from each fault, all clients together and each client by itself.
    pub recovery: Vec<RecoveryOverRuns>,
    /// The figures of runs over all of them.
    pub figures: Vec<FigureReport>,
    /// What was noticed in any run, the gravest and most frequent first.
    pub findings: Vec<FindingOverRuns>,
    /// What to know before trusting the figures.
    pub warnings: Vec<WarningReport>,
    /// The run with the fewest useful calls.
    pub worst: Option<NotableRun>,
    /// The run in the middle.
    pub median: Option<NotableRun>,
    /// Calls over time, over all runs.
    pub envelope: EnvelopeReport,
    /// Faults in the order of the file, as they act in every run.
    pub faults: Vec<FaultReport>,
    /// Each run, by number.
    pub each: Vec<RunLine>,
    /// By what recovery and collapse are judged.
    pub thresholds: ThresholdsReport,
    /// How to play them again.
    pub reproduce: ReproduceReport,
}

/// How many runs, and what became of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunsReport {
    /// Asked for \[count\].
    pub asked: u32,
    /// Played to an end, be it a limit \[count\].
    pub finished: u32,
    /// Of those, stopped at a limit \[count\].
    pub stopped_at_limit: u32,
    /// Not played because a person stopped it \[count\].
    pub missing: u32,
    /// Those that the simulator broke in; the others are not touched by that.
    pub broken: Vec<BrokenRun>,
    /// When more were to be added, if they were.
    pub until: Option<UntilReport>,
}

/// A run that the simulator broke in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenRun {
    /// Number of the replication.
    pub replication: u32,
    /// What the simulator said.
    pub message: String,
    /// The command line that plays it again.
    pub command: String,
}

/// When to stop adding runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UntilReport {
    /// As it was asked.
    pub text: String,
    /// Unit of the half-width.
    pub unit: Unit,
    /// Half the width of the interval after the last batch; absent for too few runs.
    pub half_width: Option<Finite>,
    /// What it was to be below.
    pub below: Finite,
    /// Whether it is.
    pub reached: bool,
    /// Most runs that were allowed \[count\].
    pub most: u32,
}

/// A share of runs and Wilson's 95 % interval for the true share.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShareReport {
    /// In so many runs \[count\],
    pub runs: u32,
    /// out of so many \[count\].
    pub of: u32,
    /// The share; absent without runs.
    pub share: Option<Finite>,
    /// Least believable true share.
    pub low: Option<Finite>,
    /// Greatest believable true share.
    pub high: Option<Finite>,
}

impl ShareReport {
    /// So many out of so many, with Wilson's interval.
    pub fn of(runs: u32, of: u32) -> Self {
        let interval = share_interval(runs, of);
        let end = |value: Option<f64>| value.and_then(Finite::new);
        Self {
            runs,
            of,
            share: end(interval.map(|it| it.share)),
            low: end(interval.map(|it| it.low)),
            high: end(interval.map(|it| it.high)),
        }
    }
}

/// An expectation over many runs (rule 40).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpectationOverRuns {
    /// Name in the file.
    pub name: String,
    /// The statement about one run.
    pub text: String,
    /// In how many it must hold: `all runs`, or such as `95% of runs`.
    pub in_runs: String,
    /// Which values are fine.
    pub bound: BoundReport,
    /// Runs that meet it; those that cannot say count against the lower end of the interval and for
    /// the upper one.
    pub met: ShareReport,
    /// Runs that do not meet it \[count\].
    pub missed: u32,
    /// Runs that cannot say, or broke \[count\].
    pub open: u32,
    /// Its values over runs: shown, never judged.
    pub values: SpreadReport,
    /// Its value in each run, in the order of the report's `each`; absent where it has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub each: Vec<Option<Finite>>,
    /// Whether it is met over all runs.
    pub verdict: Verdict,
    /// Why it is inconclusive; empty otherwise.
    pub reason: String,
    /// The first runs that do not meet it.
    pub missed_in: Vec<u32>,
    /// The command line that plays the first of them.
    pub command: String,
}

/// Values over runs. Intervals are 95 % intervals over independent runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpreadReport {
    /// Unit of all values.
    pub unit: Unit,
    /// Runs that have a value \[count\].
    pub runs: u32,
    /// Mean over runs; absent without values.
    pub mean: Option<Finite>,
    /// Half the width of Student's interval for the mean; absent for fewer than two values.
    pub half_width: Option<Finite>,
    /// Standard error of the mean: what the half-width is a multiple of; absent for fewer than two
    /// values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<Finite>,
    /// Least value.
    pub min: Option<Finite>,
    /// 5th percentile over runs.
    pub p5: Option<Finite>,
    /// Median over runs.
    pub median: Option<Finite>,
    /// The true median is not below this (order statistics); absent for fewer than six values.
    pub median_low: Option<Finite>,
    /// The true median is not above this (order statistics); absent for fewer than six values.
    pub median_high: Option<Finite>,
    /// 95th percentile over runs.
    pub p95: Option<Finite>,
    /// Greatest value.
    pub max: Option<Finite>,
}

/// A figure of runs, over all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FigureReport {
    /// Such as `success of shoppers`.
    pub name: String,
    /// Its values over runs.
    pub values: SpreadReport,
    /// Its value in each run, in the order of `each`; absent where it could not be measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub each: Vec<Option<Finite>>,
}

/// What became of one fault over many runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecoveryOverRuns {
    /// Name of the fault, or such as `rise in load of shoppers`.
    pub fault: String,
    /// Whose calls: a client's name, or `all clients`.
    pub of: String,
    /// Runs that recovered and stayed well, out of those that can say.
    pub recovered: ShareReport,
    /// Runs that recovered and fell again \[count\].
    pub relapsed: u32,
    /// Runs that did not recover \[count\].
    pub not_recovered: u32,
    /// Of those, metastable ones (rule 39) \[count\].
    pub metastable: u32,
    /// Runs that are too short to judge \[count\].
    pub too_short: u32,
    /// Runs that were in trouble before the fault (rule 39) \[count\].
    #[serde(default)]
    pub saturated_before: u32,
    /// Runs with too few calls before the fault \[count\].
    pub no_baseline: u32,
    /// Runs that the fault outlasts \[count\].
    pub never_ended: u32,
    /// Recovery times of those that recovered \[ns\].
    pub time: SpreadReport,
}

/// A finding over many runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingOverRuns {
    /// Stable name.
    pub code: String,
    /// How much it matters, where it mattered most.
    pub severity: Severity,
    /// What it is about.
    pub place: String,
    /// The line of the file where that is written, from 1; absent if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Its column in characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// Runs that have it \[count\].
    pub runs: u32,
    /// The first of them.
    pub first_replication: u32,
    /// What was found in that one.
    pub text: String,
    /// What may help.
    pub remedy: String,
}

/// Something to know before trusting the figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarningReport {
    /// Stable name.
    pub code: String,
    /// What it is about.
    pub place: String,
    /// What was noticed.
    pub text: String,
    /// What would help.
    pub remedy: String,
}

/// A run worth looking at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NotableRun {
    /// Number of the replication.
    pub replication: u32,
    /// Useful calls among all that ended.
    pub useful_share: Finite,
    /// The command line that plays it.
    pub command: String,
    /// Why it went wrong, in the order of time; empty if it did not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<CauseReport>,
}

/// Calls of all clients over time: percentiles over runs, bucket by bucket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EnvelopeReport {
    /// Width of a bucket \[ns\].
    pub bucket_ns: u64,
    /// End of the last bucket \[ns\].
    pub end_ns: u64,
    /// Runs that it is made of \[count\].
    pub runs: u32,
    /// Calls started in each bucket, median over runs \[count\].
    pub offered_p50: Vec<u64>,
    /// Calls that ended usefully, 5th percentile over runs \[count\].
    pub useful_p5: Vec<u64>,
    /// Calls that ended usefully, median over runs \[count\].
    pub useful_p50: Vec<u64>,
    /// Calls that ended usefully, 95th percentile over runs \[count\].
    pub useful_p95: Vec<u64>,
    /// The highest 99th percentile of the latency of useful calls in the bucket, of any client:
    /// median over the runs that have one \[ns\].
    #[serde(default)]
    pub useful_p99_ns: Vec<Option<u64>>,
}

/// One run of many.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunLine {
    /// Number of the replication.
    pub replication: u32,
    /// The worst verdict of its expectations.
    pub verdict: Verdict,
    /// `finished` or `limit:NAME`.
    pub status: Status,
    /// Useful calls among all that ended; absent if none did.
    pub useful_share: Option<Finite>,
    /// Whether it collapsed.
    pub collapsed: bool,
    /// Time to recover, in the order of `recovery` \[ns\]; absent where it did not.
    pub recovery_times_ns: Vec<Option<u64>>,
    /// Fingerprint: 32 hexadecimal digits.
    pub digest: String,
}
