//! placeholder
/// Where a run gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// events in total
    pub events: u64,
    /// events at one instant
    pub at_one_instant: u64,
}
