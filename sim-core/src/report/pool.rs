//! Pools of connections in a report.

use super::number::Finite;
use super::traffic::LatencyReport;
use serde::{Deserialize, Serialize};

/// A pool of connections, as the processes of one service used it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PoolReport {
    /// Its name in the file.
    pub name: String,
    /// The service whose processes keep it.
    pub owner: String,
    /// The service to which it leads.
    pub to: String,
    /// Most connections of a process \[count\]; absent without a limit.
    pub size: Option<u32>,
    /// Askers who got a connection \[count\].
    pub granted_total: u64,
    /// Of those, after a wait \[count\].
    pub waited_total: u64,
    /// Askers who waited too long \[count\].
    pub timed_out_total: u64,
    /// Askers who failed with an opening \[count\].
    pub failed_total: u64,
    /// Askers who gave up \[count\].
    pub given_up_total: u64,
    /// Connections that came back broken \[count\].
    pub broken_total: u64,
    /// Connections opened \[count\].
    pub opened_total: u64,
    /// Connections that could not be opened \[count\].
    pub not_opened_total: u64,
    /// Connections closed \[count\].
    pub closed_total: u64,
    /// Waits of those who got one or were turned away, zero if they did not wait.
    pub wait: LatencyReport,
    /// Connections in use on average, of a process \[count\].
    pub in_use_mean: Option<Finite>,
    /// Waiting on average, at a process \[count\].
    pub waiting_mean: Option<Finite>,
    /// Each process, the first ones if there are many.
    pub processes: Vec<PoolProcessReport>,
    /// Connections in use at the end of each point of the series, all processes together \[count\].
    pub in_use: Vec<u32>,
    /// Waiting then \[count\].
    pub waiting: Vec<u32>,
    /// Open then, in use or not \[count\].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<u32>,
}

/// What a process did with its pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PoolProcessReport {
    /// Its name, such as `shop/2`.
    pub name: String,
    /// Askers who got a connection \[count\].
    pub granted_total: u64,
    /// Askers who waited too long \[count\].
    pub timed_out_total: u64,
    /// Most connections in use at once \[count\].
    pub in_use_max: u32,
    /// Most waiting at once \[count\].
    pub waiting_max: u32,
}
