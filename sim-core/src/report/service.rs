//! What services did: work, waiting, waste. Counted at its own instant in `[warmup, duration)`.

use super::{Finite, LatencyReport};
use serde::{Deserialize, Serialize};

/// A service: all its instances together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceReport {
    /// Name in the file.
    pub name: String,
    /// Instances \[count\].
    pub instances: u32,
    /// Threads per instance \[count\]; absent when unlimited.
    pub threads: Option<u32>,
    /// Places to wait per instance \[count\]; absent when unlimited.
    pub queue_capacity: Option<u32>,
    /// Operations finished per second, wanted or not.
    pub throughput_per_second: Finite,
    /// Answers per second that reached a caller who still waited.
    pub goodput_per_second: Finite,
    /// Mean share of busy threads; absent when threads are unlimited.
    pub utilisation: Option<Finite>,
    /// Attempts at the service per original attempt, along all paths (rule 36).
    pub path_amplification: Option<Finite>,
    /// Mean number of operations in it, waiting or at work, all instances together.
    #[serde(default)]
    pub in_system: Finite,
    /// Each of its instances, if there are several; of very many, those with most and with least to
    /// do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instance_loads: Vec<InstanceReport>,
    /// Instances that are not among them \[count\].
    #[serde(default, skip_serializing_if = "is_none_left_out")]
    pub instances_left_out: u32,
    /// What its callers left out, if they may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ejection: Option<EjectionReport>,
    /// Waiting room.
    pub queue: QueueReport,
    /// Thread time, and how much of it was in vain.
    pub work: WorkReport,
    /// The layers through which calls come in, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub admission: Vec<AdmissionReport>,
    /// Its operations, in the order of the file.
    pub operations: Vec<OperationReport>,
    /// Its health checks, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub health: Vec<CheckReport>,
    /// What its instances held in memory, if they may hold only so much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<MemoryReport>,
    /// Attempts that it turned away, by what did, if anything but a full queue may.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turned_away: Vec<CountReport>,
}

/// What the instances of a service held in memory, in the whole run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryReport {
    /// With more than this one is killed [bytes].
    pub limit_bytes: u64,
    /// Times that one was killed \[count\].
    pub kills_total: u64,
    /// Operations that died with them \[count\].
    pub lost_total: u64,
    /// The instances that were killed most often, or held most.
    pub instances: Vec<MemoryInstanceReport>,
    /// Instances that are not among them \[count\].
    #[serde(default, skip_serializing_if = "is_none_left_out")]
    pub instances_left_out: u32,
}

/// What an instance held in memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryInstanceReport {
    /// `api/1`.
    pub name: String,
    /// The most it held, of its limit \[whole per cents, cut\].
    pub most_percent: u32,
    /// Times that it was killed \[count\].
    pub kills_total: u64,
    /// When it was first killed \[ns\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_kill_ns: Option<u64>,
    /// The most it had held since its start, at the end of each of at most 200 equal spans; or before it
    /// was killed in it \[whole per cents, cut\].
    pub filled: Vec<u32>,
}

/// A health check: what became of all checks of all instances, and what they said. In no count of
/// traffic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckReport {
    /// Name in the file.
    pub name: String,
    /// Passed \[count\].
    pub passed_total: u64,
    /// Failed, by what stood in the way.
    pub failed: Vec<CountReport>,
    /// Verdicts that an instance fails \[count\].
    pub fails_total: u64,
    /// Verdicts that it passes, after a failure or a start \[count\].
    pub passes_total: u64,
}

/// Operations that wait for a thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueReport {
    /// Mean number waiting, all instances together.
    pub mean_length: Finite,
    /// Greatest number waiting in one instance \[count\].
    pub peak_in_one_instance: u32,
    /// Waiting when the run ended, before any drain, all instances together \[count\].
    pub waiting_at_end: u64,
    /// Waiting time of operations that got a thread.
    pub waiting_time: LatencyReport,
    /// Of those, the share that had to wait at all; absent when none got a thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waited_share: Option<Finite>,
}

/// A layer of `admission`, in `[warmup, duration)`, all instances together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmissionReport {
    /// Its name in the list: `bulkhead`, `rate_limit[2]`.
    pub layer: String,
    /// Kind of the layer: its key in the scenario.
    pub kind: String,
    /// Attempts it turned away \[count\].
    pub refused_total: u64,
    /// How often it raised its limit \[count\].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub raised_total: u64,
    /// How often it lowered its limit \[count\].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lowered_total: u64,
    /// Whether it turned nobody away in the whole run, so that the run says nothing about it.
    pub never_refused: bool,
    /// The limit that it found for itself, over time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitReport>,
}

/// A limit that a guard found for itself, of all its owners.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitReport {
    /// With which it began \[count\].
    pub initial: u32,
    /// Owners that ever found another: instances, or processes of the caller \[count\].
    pub owners_changed: u32,
    /// Lowest and highest over the run, a point for each of at most 200 equal spans.
    pub points: Vec<LimitPoint>,
}

/// Limits in a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitPoint {
    /// Its begin \[ns\].
    pub from_ns: u64,
    /// The lowest of any owner \[count\].
    pub lowest: u32,
    /// The highest of any owner \[count\].
    pub highest: u32,
}

/// What one instance of a service had to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstanceReport {
    /// `payments/3`.
    pub name: String,
    /// Attempts that arrived \[count\].
    pub arrived_total: u64,
    /// Mean share of busy threads; absent when threads are unlimited.
    pub utilisation: Option<Finite>,
    /// Mean number waiting.
    pub mean_queue: Finite,
    /// Mean number waiting or at work.
    pub in_system: Finite,
    /// How it lived, if instances of its service come and go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub life: Option<LifeReport>,
}

/// How an instance lived, in the whole run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LifeReport {
    /// How long it started \[ns\].
    pub starting_ns: u64,
    /// How long it was up \[ns\].
    pub up_ns: u64,
    /// How long it drained \[ns\].
    pub draining_ns: u64,
    /// How long its process was gone, and was to come again \[ns\].
    pub down_ns: u64,
    /// How long its slot was empty \[ns\].
    pub empty_ns: u64,
    /// How long it was out of rotation \[ns\].
    pub out_of_rotation_ns: u64,
    /// How often it was told to stop \[count\].
    pub stops_total: u64,
    /// Of these, how often it was killed, as it had not ended in time \[count\].
    pub kills_total: u64,
    /// How often it died otherwise \[count\].
    pub deaths_total: u64,
    /// How often it started in the run \[count\].
    pub starts_total: u64,
    /// How long it waited for that since its ends \[ns\].
    pub waited_ns: u64,
    /// Operations that died with it \[count\].
    pub lost_total: u64,
    /// Attempts that it turned away because it was told to stop \[count\].
    pub turned_away_total: u64,
}

/// Outlier ejection of a service, in the whole run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EjectionReport {
    /// Callers that judge, each by itself \[count\].
    pub judges: u64,
    /// Instances that each of them may leave out at once \[count\].
    pub most: u32,
    /// The instances that were judged bad, those left out for longest first.
    pub instances: Vec<EjectedReport>,
    /// Instances that are not among them \[count\].
    #[serde(default, skip_serializing_if = "is_none_left_out")]
    pub instances_left_out: u32,
}

/// What ejection did to an instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EjectedReport {
    /// `payments/3`.
    pub name: String,
    /// Times that a caller left it out \[count\].
    pub ejected_total: u64,
    /// By what: `consecutive`, `success_rate`, `failure_share`, `quiet_period`, or another `trial`.
    pub reasons: Vec<CountReport>,
    /// Times that a caller would have left it out, had not too many been out \[count\].
    pub stopped_total: u64,
    /// Attempts that were sent to try it \[count\].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub trials_total: u64,
    /// When it was first left out \[ns\].
    pub first_ns: Option<u64>,
    /// The longest time that a caller left it out \[ns\].
    pub longest_ns: u64,
    /// Mean share of the callers that left it out, over the run.
    pub out_share: Finite,
    /// Callers that left it out at once, at most \[count\].
    pub most_callers: u64,
    /// Its share of the attempts at the service, in `[warmup, duration)`.
    pub attempts_share: Finite,
    /// The mean share of the others.
    pub others_share: Finite,
}

/// Thread time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkReport {
    /// Held by operations that ended, in any way \[ns\].
    pub held_ns: u64,
    /// Of that, for answers nobody waited for, and for work given up \[ns\].
    pub wasted_ns: u64,
    /// Of that, for attempts that lost against another of their hedge \[ns\].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lost_hedges_ns: u64,
    /// Of the time held, lost with a dying instance \[ns\].
    pub lost_ns: u64,
    /// `wasted_ns / held_ns`; absent when there was no work.
    pub wasted_share: Option<Finite>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
const fn is_zero(ns: &u64) -> bool {
    *ns == 0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
const fn is_none_left_out(count: &u32) -> bool {
    *count == 0
}

/// An operation: what became of the attempts that arrived for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperationReport {
    /// `payments.charge`.
    pub name: String,
    /// Arrived \[count\].
    pub arrived_total: u64,
    /// Turned away, by outcome, in the order of the outcome table.
    pub rejected: Vec<CountReport>,
    /// Got a thread \[count\].
    pub started_total: u64,
    /// Answered, by outcome, in the order of the outcome table.
    pub finished: Vec<CountReport>,
    /// Given up without an answer, by reason: `skipped`, `removed`, `stopped`, `expired`.
    pub dropped: Vec<CountReport>,
    /// Died with their instance \[count\].
    pub lost_total: u64,
    /// Answers nobody waited for \[count\].
    pub unwanted_total: u64,
    /// Done once more for a call for which it had been done, though it must not be done twice
    /// \[count\].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub duplicates_total: u64,
    /// Not carried out because the idempotency key was known, by what was done instead: `stored`,
    /// `joined`, `rejected`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<CountReport>,
}

/// A name and how often it occurred.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountReport {
    /// What is counted.
    pub name: String,
    /// How often \[count\].
    pub total: u64,
}
