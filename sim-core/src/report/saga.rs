//! Sagas in a report.

use serde::{Deserialize, Serialize};

/// A saga, all root calls together, in the whole run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SagaReport {
    /// The operation whose step it is, and its name there: `shop.buy: saga`.
    pub name: String,
    /// Begun \[count\].
    pub began_total: u64,
    /// Completed \[count\].
    pub completed_total: u64,
    /// Undone \[count\].
    pub compensated_total: u64,
    /// Stuck: something could not be undone \[count\].
    pub stuck_total: u64,
    /// Not over when the run ended \[count\].
    pub open_at_end: u64,
    /// Calls and undos of which nobody knew what came \[count\].
    pub unknown_total: u64,
    /// How often a process died, or was stopped, that carried one out \[count\].
    pub left_total: u64,
    /// How often another went on \[count\].
    pub resumed_total: u64,
    /// The longest of those that are over \[ns\].
    pub longest_ns: u64,
    /// The root call of the first that got stuck: `squall trace --call` shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_stuck: Option<u32>,
    /// Carried out at the end of each point of the series \[count\].
    pub running: Vec<u64>,
    /// Left by a process that died, and not gone on with yet, then \[count\].
    pub left: Vec<u64>,
    /// Completed by then \[count\].
    pub completed: Vec<u64>,
    /// Undone by then \[count\].
    pub compensated: Vec<u64>,
    /// Stuck by then \[count\].
    pub stuck: Vec<u64>,
}
