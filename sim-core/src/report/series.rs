//! Everything over time, on one axis.
//!
//! Bucket `i` is `[i × bucket_ns, (i + 1) × bucket_ns)`; all lists are equally long; the last
//! bucket ends with the run and may be shorter. Each thing counts at its own instant: a call at its
//! start, an attempt when sent, an outcome when the caller learns it, an operation when it finishes
//! (rule 32). Counts are per bucket, not per second.

use super::Finite;
use serde::{Deserialize, Serialize};

/// All series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesReport {
    /// Width of a bucket \[ns\].
    pub bucket_ns: u64,
    /// End of the last bucket \[ns\].
    pub end_ns: u64,
    /// Buckets \[count\].
    pub points: u32,
    /// Edges and services that have no series here, being less busy than those that do.
    #[serde(default, skip_serializing_if = "LeftOut::is_nothing")]
    pub left_out: LeftOut,
    /// Per client, in the order of the file.
    pub clients: Vec<ClientSeries>,
    /// Per edge: those of clients, and of a large system the busiest of the others.
    pub edges: Vec<EdgeSeries>,
    /// Per service, in the order of the file; of a large system the busiest.
    pub services: Vec<ServiceSeries>,
}

/// How much has no series \[count\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Edges.
    pub edges: u32,
    /// Services.
    pub services: u32,
}

impl LeftOut {
    /// Whether all have series.
    pub const fn is_nothing(&self) -> bool {
        self.edges == 0 && self.services == 0
    }
}

/// A client over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientSeries {
    /// Name of the client.
    pub name: String,
    /// Calls started: offered load [calls per bucket].
    pub offered: Vec<u64>,
    /// Calls ended usefully: goodput [calls per bucket].
    pub useful: Vec<u64>,
    /// Calls ended, for each outcome that occurred, in the order of the outcome table.
    pub outcomes: Vec<OutcomeSeries>,
    /// Latency of useful calls.
    pub useful_latency: PercentileSeries,
    /// Latency of calls that failed.
    pub failed_latency: PercentileSeries,
}

/// Calls that ended alike, over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeSeries {
    /// Name of the outcome.
    pub outcome: String,
    /// Calls ended like this [calls per bucket].
    pub calls: Vec<u64>,
}

/// Percentiles per bucket, within 3 %; absent where nothing ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PercentileSeries {
    /// Median \[ns\].
    pub p50_ns: Vec<Option<u64>>,
    /// 99th percentile \[ns\].
    pub p99_ns: Vec<Option<u64>>,
}

/// An edge over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EdgeSeries {
    /// `storefront.checkout -> payments.charge`.
    pub name: String,
    /// Calls started [calls per bucket].
    pub calls: Vec<u64>,
    /// Attempts sent [attempts per bucket].
    pub attempts: Vec<u64>,
    /// Of those, sent after the first of their call [attempts per bucket].
    pub retries: Vec<u64>,
    /// Calls ended usefully [calls per bucket].
    pub useful: Vec<u64>,
    /// Calls ended in any other way [calls per bucket].
    pub failed: Vec<u64>,
    /// Attempts per first attempt; absent where no first attempt was sent.
    pub amplification: Vec<Option<Finite>>,
    /// Latency of useful calls.
    pub useful_latency: PercentileSeries,
    /// Latency of calls that failed.
    pub failed_latency: PercentileSeries,
}

/// A service over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceSeries {
    /// Name of the service.
    pub name: String,
    /// Mean number waiting for a thread, all instances together.
    pub queue_mean: Vec<Finite>,
    /// Number waiting just before the bucket ends, all instances together \[count\].
    pub queue_at_end: Vec<u64>,
    /// Mean share of busy threads; empty when threads are unlimited.
    pub utilisation: Vec<Finite>,
    /// Operations finished: throughput [operations per bucket].
    pub finished: Vec<u64>,
    /// Answers that reached a caller who still waited: goodput [answers per bucket].
    pub wanted: Vec<u64>,
    /// Operations turned away [operations per bucket].
    pub rejected: Vec<u64>,
    /// Thread time wasted, as a share of the thread time that ended in the bucket; absent where
    /// none ended.
    pub wasted_share: Vec<Option<Finite>>,
    /// Its instances just before each bucket ends, if they come and go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instances: Option<InstanceSeries>,
}

/// The instances of a service over time, just before each bucket ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstanceSeries {
    /// Up \[count\].
    pub up: Vec<u64>,
    /// Of these, in rotation \[count\].
    pub serving: Vec<u64>,
    /// Starting \[count\].
    pub starting: Vec<u64>,
    /// Draining \[count\].
    pub draining: Vec<u64>,
    /// Gone, and to come again \[count\].
    pub down: Vec<u64>,
    /// Out of rotation, of those that are listed: those with marks \[count\].
    pub marked: Vec<u64>,
}
