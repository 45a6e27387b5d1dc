//! From facts to the record of a run.
//!
//! The [`Recorder`] watches a run and keeps counters; at chosen instants it takes snapshots of them.
//! From counters and snapshots come totals, windows, series and the sums of conservation: the
//! [`RunRecord`], from which everything later is computed by pure functions.

mod another;
mod calls;
mod checks;
mod conservation;
mod counts;
mod deeds;
mod ejections;
mod episodes;
mod failing;
mod finish;
#[cfg(test)]
pub(crate) mod fixture;
mod kept;
mod level;
mod lives;
mod memories;
mod on_fact;
mod outages;
mod points;
mod queues;
mod recorder;
mod run;
mod sagas;
mod snapshots;
mod tee;
#[cfg(test)]
mod tests;

pub use super::names::{
    admission_name, caller_name, cause_text, cause_word, edge_name, group_name, instance_name,
    kept_name, label_name, layer_name, operation_name, pipeline_name, place_name, process_name,
    queue_name, saga_name,
};
pub use calls::{Calls, CauseCount, Causes, StartSecond, edges_of, edges_to, operations_of};
pub use checks::{CheckCause, CheckCounts, HealthChange, MAX_HEALTH_CHANGES};
pub use counts::{
    BudgetCounts, ByOutcome, Counts, EdgeCounts, LayerCounts, OperationCounts, count_in,
};
pub use deeds::{BrokenCase, DeedRecord, EffectCounts, InvariantRecord};
pub use ejections::{EjectionCounts, EjectionVerdict, Ejections, VerdictKind};
pub use failing::{FailingEpisode, FailingSpells};
pub use kept::{KeptPoint, KeptProcess, KeptRecord};
pub use lives::{CountsOverTime, InstanceCounts, InstanceLife};
pub use memories::{Memories, MemoryKill};
pub use outages::Outages;
pub use points::{EdgePoint, LatencyPair, LayerPoint, Percentiles, Series, ServicePoint};
pub use queues::{MessageSums, QueuePoint, QueueRecord};
pub use recorder::{MAX_BREAKER_CHANGES, Recorder};
pub use run::{
    BreakerChange, Conservation, DigestRecord, Drain, FullEpisode, InstanceLoad, LimitChange,
    LimitedBy, Live, RunLimit, RunRecord, RunStatus, WindowRecord, WorldEvent,
};
pub use sagas::{SagaCounts, SagaPoint, SagaRecords};
pub(crate) use snapshots::boundaries;
pub use snapshots::{
    BASELINE, EdgeSnapshot, LayerSnapshot, LevelSnapshot, OperationSnapshot, Snapshot, Snapshots,
    baseline_start,
};
