//! Traffic and outcomes, by client and by edge. Latency is always split by outcome: fast failures
//! would make any percentile look good.

use super::Finite;
use crate::judge::few_beyond;
use serde::{Deserialize, Serialize};

/// A client's calls that start in `[warmup, duration)`, by their final outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientReport {
    /// Name in the file.
    pub name: String,
    /// Processes \[count\].
    pub processes: u32,
    /// Calls and outcomes.
    pub calls: CallsReport,
}

/// Calls of all clients that carry a label, and start in `[warmup, duration)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelReport {
    /// The tenant or the class; empty for calls without one.
    pub name: String,
    /// Calls and outcomes; without first causes, which are counted by edge.
    pub calls: CallsReport,
}

/// An edge: a caller and an operation it calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EdgeReport {
    /// `storefront.checkout -> payments.charge`.
    pub name: String,
    /// The client or operation that calls.
    pub caller: String,
    /// The operation that is called.
    pub target: String,
    /// The called service.
    pub service: String,
    /// Whether the caller is a client.
    pub from_client: bool,
    /// Calls and outcomes.
    pub calls: CallsReport,
    /// Attempts.
    pub attempts: AttemptsReport,
}

/// Calls that start in `[warmup, duration)`, by their final outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallsReport {
    /// Started \[count\].
    pub started_total: u64,
    /// Ended, before the run did \[count\].
    pub ended_total: u64,
    /// Under way when the run ended, drain included: left out of shares and latencies \[count\].
    pub unfinished_total: u64,
    /// Ended usefully \[count\].
    pub useful_total: u64,
    /// Useful ones among the ended; absent when none ended.
    pub useful_share: Option<Finite>,
    /// Started per second: the offered load.
    pub offered_per_second: Finite,
    /// Useful ones per second: goodput.
    pub goodput_per_second: Finite,
    /// Each outcome that occurred, in the order of the outcome table.
    pub outcomes: Vec<OutcomeReport>,
    /// First causes of what did not end `ok`, most frequent first.
    pub first_causes: Vec<FirstCauseReport>,
}

/// Calls that ended alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutcomeReport {
    /// Name of the outcome, such as `rejected.queue_full`.
    pub outcome: String,
    /// Calls \[count\].
    pub calls_total: u64,
    /// Of the ended calls.
    pub share: Finite,
    /// From the start of the call until its caller learned this outcome.
    pub latency: LatencyReport,
}

/// A distribution of spans \[ns\]; percentiles are nearest ranks, within 0.1 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatencyReport {
    /// Samples \[count\].
    pub count: u64,
    /// Mean \[ns\].
    pub mean_ns: u64,
    /// Standard deviation \[ns\].
    #[serde(default)]
    pub deviation_ns: u64,
    /// Median \[ns\].
    pub p50_ns: u64,
    /// 90th percentile \[ns\].
    pub p90_ns: u64,
    /// 95th percentile \[ns\].
    pub p95_ns: u64,
    /// 99th percentile \[ns\].
    pub p99_ns: u64,
    /// 99.9th percentile \[ns\].
    pub p999_ns: u64,
    /// Longest \[ns\].
    pub max_ns: u64,
}

impl LatencyReport {
    /// Whether fewer than ten samples lie beyond a percentile, so that chance makes its nearest rank.
    pub fn rests_on_few(&self, percentile: f64) -> bool {
        few_beyond(self.count, percentile).is_some()
    }
}

/// Where calls that ended alike first went wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirstCauseReport {
    /// Outcome of the calls.
    pub outcome: String,
    /// Where, such as `payments.charge` or `the network to payments.charge`.
    pub place: String,
    /// What went on there, such as `waiting in the queue`.
    pub doing: String,
    /// Calls \[count\].
    pub calls_total: u64,
}

/// Attempts on an edge, counted when sent in `[warmup, duration)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttemptsReport {
    /// Sent \[count\].
    pub sent_total: u64,
    /// Sent after the first of their call, by retries and hedges \[count\].
    pub retries_total: u64,
    /// Ended with the callee's answer \[count\].
    pub answered_total: u64,
    /// Messages lost on the way, requests and answers \[count\].
    pub messages_lost_total: u64,
    /// Under way when the run ended \[count\].
    pub in_flight: u64,
    /// Attempts per call that sent at least one (rule 36); absent when none was sent.
    pub amplification: Option<Finite>,
    /// Outcomes of attempts, in the order of the outcome table.
    pub outcomes: Vec<AttemptOutcomeReport>,
}

/// Attempts that ended alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptOutcomeReport {
    /// Name of the outcome.
    pub outcome: String,
    /// Attempts \[count\].
    pub attempts_total: u64,
}
