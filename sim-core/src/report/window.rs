//! The spans that expectations look at: in each, what totals tell of the whole run.

use super::{AttemptOutcomeReport, Finite, OutcomeReport};
use serde::{Deserialize, Serialize};

/// A span of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowReport {
    /// Such as `20s to 60s`.
    pub name: String,
    /// Its beginning \[ns\].
    pub from_ns: u64,
    /// Its end \[ns\].
    pub until_ns: u64,
    /// The calls that expectations look at, by their start.
    pub calls: Vec<WindowCallsReport>,
    /// Attempts by edge, each thing at its own instant; edges on which nothing happened are left out.
    pub edges: Vec<WindowEdgeReport>,
    /// Services, each thing at its own instant; those that had nothing to do are left out.
    pub services: Vec<WindowServiceReport>,
    /// Layers of policies; those that did nothing are left out.
    pub layers: Vec<WindowLayerReport>,
}

/// Calls that start in a span, by their final outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowCallsReport {
    /// Whose calls, such as `all clients` or `calls to payments`.
    pub name: String,
    /// Started \[count\].
    pub started_total: u64,
    /// Under way when the run ended, drain included: left out of shares and latencies \[count\].
    pub unfinished_total: u64,
    /// Useful ones among the ended; absent when none ended.
    pub useful_share: Option<Finite>,
    /// Useful ones per second.
    pub goodput_per_second: Finite,
    /// Attempts per call that sent at least one; absent when none did.
    pub amplification: Option<Finite>,
    /// Each outcome that occurred, with its latency.
    pub outcomes: Vec<OutcomeReport>,
}

/// Attempts on an edge in a span.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowEdgeReport {
    /// `storefront.checkout -> payments.charge`.
    pub name: String,
    /// Sent \[count\].
    pub sent_total: u64,
    /// Sent after the first of their call \[count\].
    pub retries_total: u64,
    /// Ended, by outcome, in the order of the outcome table.
    pub outcomes: Vec<AttemptOutcomeReport>,
}

/// A service in a span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowServiceReport {
    /// Name in the file.
    pub name: String,
    /// Attempts that arrived \[count\].
    pub arrived_total: u64,
    /// Turned away \[count\].
    pub rejected_total: u64,
    /// Operations finished per second, wanted or not.
    pub throughput_per_second: Finite,
    /// Mean share of busy threads; absent when threads are unlimited.
    pub utilisation: Option<Finite>,
    /// Mean number waiting, all instances together.
    pub mean_queue: Finite,
    /// Greatest number waiting in one instance \[count\].
    pub peak_in_one_instance: u32,
    /// Mean number waiting or at work, all instances together.
    pub in_system: Finite,
    /// Share of those that got a thread which had to wait for it; absent when none got one.
    pub waited_share: Option<Finite>,
    /// Share of thread time that was wasted; absent without work.
    pub wasted_share: Option<Finite>,
}

/// A layer of a policy in a span.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowLayerReport {
    /// Such as `guarded of storefront -> payments: retry`.
    pub name: String,
    /// Passes it stopped \[count\].
    pub stopped_total: u64,
    /// Further passes that its retry planned \[count\].
    pub retries_planned_total: u64,
    /// Further passes that its budget refused \[count\].
    pub refused_total: u64,
}
