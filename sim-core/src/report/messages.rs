//! Queues of messages in a report.

use super::traffic::LatencyReport;
use serde::{Deserialize, Serialize};

/// A queue of messages, in the whole run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MessageQueueReport {
    /// `bus.orders`.
    pub name: String,
    /// Messages stored \[count\].
    pub stored_total: u64,
    /// Of those, messages that another queue had given up \[count\].
    pub moved_in_total: u64,
    /// Messages refused, since there was no room \[count\].
    pub refused_total: u64,
    /// Hand-outs \[count\].
    pub handed_out_total: u64,
    /// Of those, after the first of their message \[count\].
    pub again_total: u64,
    /// Hand-outs that failed and were followed by another, by how \[count\].
    pub failed: Vec<HandoutsFailed>,
    /// Messages settled by an answer \[count\].
    pub settled_total: u64,
    /// Of those, by one that came after the end of its lease \[count\].
    pub settled_late_total: u64,
    /// Of those, before they were worked on, and the work then failed \[count\].
    #[serde(default, skip_serializing_if = "is_none")]
    pub unfinished_total: u64,
    /// Of those, because consumers had done them before: they were not handed out again \[count\].
    #[serde(default, skip_serializing_if = "is_none")]
    pub absorbed_total: u64,
    /// Messages that were published again and not stored, since they were known \[count\].
    #[serde(default, skip_serializing_if = "is_none")]
    pub known_total: u64,
    /// Times at which partitions got their owners, after consumers had come or gone \[count\].
    #[serde(default, skip_serializing_if = "is_none")]
    pub reassigned_total: u64,
    /// Answers that came too late and changed nothing \[count\].
    pub too_late_total: u64,
    /// Messages given up: dropped for that, parked, or moved to another queue \[count\].
    pub dead_total: u64,
    /// Messages that made room for others \[count\].
    pub dropped_total: u64,
    /// Messages that were too old \[count\].
    pub expired_total: u64,
    /// Messages lost in a crash \[count\].
    pub lost_total: u64,
    /// Messages moved to another queue by a `redrive` \[count\].
    #[serde(default, skip_serializing_if = "is_none")]
    pub redriven_total: u64,
    /// Most that were ready at once \[count\].
    pub ready_max: u32,
    /// How old messages were when they were handed out, after the warm-up.
    pub age: LatencyReport,
    /// Waiting to be handed out when each bucket ends \[count\].
    pub ready: Vec<u64>,
    /// Handed out when each bucket ends \[count\].
    pub leased: Vec<u64>,
    /// Waiting for their time when each bucket ends \[count\].
    pub delayed: Vec<u64>,
    /// Given up until each bucket ends \[count\].
    pub dead: Vec<u64>,
    /// Age of the oldest that was not given up when each bucket ends; absent if there was none \[ns\].
    pub oldest_ns: Vec<Option<u64>>,
}

/// Hand-outs that failed in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoutsFailed {
    /// `nack`, `reject`, `lease_end` or `lost`.
    pub how: String,
    /// How many \[count\].
    pub total: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_none(count: &u64) -> bool {
    *count == 0
}
