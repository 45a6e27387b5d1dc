//! Bulkhead: a semaphore with a waiting room.

use crate::time::SimDuration;

/// A bulkhead layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkheadConfig {
    /// Passes inside at once [count].
    pub max_concurrent: u32,
    /// Passes that may wait for a permit, first come, first served [count].
    pub max_waiting: u32,
    /// How long one may wait.
    pub max_wait: SimDuration,
}
