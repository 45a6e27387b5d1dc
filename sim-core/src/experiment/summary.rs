//! What is kept of one run among many: as much for an hour of traffic as for a second.
//!
//! A record holds histograms and snapshots, a few hundred kilobytes; a thousand of them would not
//! fit. So each run is judged and reduced to this within its own task, before the next one begins.

use super::figures::Figure;
use super::simulate::Play;
use crate::judge::RunView;
use crate::judge::{
    About, Judgement, Link, RecoveryVerdict, Severity, Trigger, Verdict, collapsed,
};
use crate::model::record::{RunRecord, RunStatus, StartSecond, edges_of};
use crate::model::spec::{ModelSpec, Subject};
use crate::scenario::expect::RecoveryOf;
use crate::time::SimDuration;

/// One run of many.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSummary {
    /// Which run.
    pub play: Play,
    /// How it ended.
    pub status: RunStatus,
    /// The worst verdict of its expectations.
    pub verdict: Verdict,
    /// Useful calls among all that ended; absent if none did.
    pub useful_share: Option<f64>,
    /// The verdict on each expectation, in the order of the scenario.
    pub expectations: Vec<Verdict>,
    /// The figures of the scenario, in their order; absent ones could not be measured.
    pub figures: Vec<Option<f64>>,
    /// What became of each fault, in the order of the judgement.
    pub recoveries: Vec<RecoverySummary>,
    /// Whether under half of the calls at its end are useful (rule 39).
    pub collapsed: bool,
    /// What was noticed.
    pub findings: Vec<FindingSummary>,
    /// Why it went wrong, in the order of time; empty if it did not.
    pub causes: Vec<Link>,
    /// Everything over time.
    pub curves: Curves,
    /// By service: mean number waiting in the first and in the last third of `[warmup, duration)`.
    pub queue_thirds: Vec<(f64, f64)>,
    /// By client: a fingerprint of how many calls start in which second.
    pub arrivals: Vec<u64>,
    /// Fingerprint of everything that happened.
    pub digest: u128,
    /// Facts \[count\].
    pub facts: u64,
}

/// What became of one fault in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoverySummary {
    /// After what.
    pub trigger: Trigger,
    /// Whose calls.
    pub of: RecoveryOf,
    /// Whether it recovered.
    pub verdict: RecoveryVerdict,
    /// From the fault's end to recovery.
    pub time: Option<SimDuration>,
    /// Whether it is metastable (rule 39).
    pub metastable: bool,
}

/// A finding of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingSummary {
    /// Stable name.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about.
    pub place: About,
    /// What was found, with figures.
    pub text: String,
    /// What may help.
    pub remedy: &'static str,
}

/// Sums over the buckets of a run, all clients and all services together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Curves {
    /// Calls started by clients \[count\].
    pub offered: Vec<u32>,
    /// Calls of clients that ended usefully \[count\].
    pub useful: Vec<u32>,
    /// 99th percentile of the latency of useful calls, of the client with the highest \[ns\]; 0 where
    /// none ended.
    pub useful_p99_ns: Vec<u64>,
    /// Area under the number of operations waiting or at work [count × ns].
    pub present_area: Vec<u64>,
}

/// Reduces a run; `figures` are those of its scenario.
pub fn summarise(
    view: &RunView<'_>,
    judgement: &Judgement,
    figures: &[Figure],
    play: Play,
) -> RunSummary {
    let (spec, record) = (view.spec(), view.record);
    let values = figures.iter();
    RunSummary {
        play,
        status: record.status,
        verdict: judgement.verdict,
        useful_share: useful_share(record, spec),
        expectations: judgement
            .expectations
            .iter()
            .map(|one| one.verdict)
            .collect(),
        figures: values
            .map(|figure| figure.value(view, &judgement.expectations))
            .collect(),
        recoveries: recoveries(judgement),
        collapsed: collapsed(view).is_some(),
        findings: findings(judgement),
        causes: judgement.causes.clone(),
        curves: curves(spec, record),
        queue_thirds: queue_thirds(spec, record),
        arrivals: arrivals(record),
        digest: record.digest.value,
        facts: record.digest.facts,
    }
}

fn useful_share(record: &RunRecord, spec: &ModelSpec) -> Option<f64> {
    let edges = edges_of(spec, Subject::AllClients);
    let count = edges.iter().fold((0, 0), |(useful, total), &edge| {
        let calls = &record.calls[edge];
        (useful + calls.useful(), total + calls.total())
    });
    (count.1 > 0).then(|| count.0 as f64 / count.1 as f64)
}

fn recoveries(judgement: &Judgement) -> Vec<RecoverySummary> {
    let all = judgement.recoveries.iter();
    all.map(|one| RecoverySummary {
        trigger: one.trigger,
        of: one.of,
        verdict: one.verdict,
        time: one.time(),
        metastable: one.metastable,
    })
    .collect()
}

fn findings(judgement: &Judgement) -> Vec<FindingSummary> {
    let all = judgement.findings.iter();
    all.map(|one| FindingSummary {
        code: one.code,
        severity: one.severity,
        place: one.place.clone(),
        text: one.text.clone(),
        remedy: one.remedy,
    })
    .collect()
}

fn curves(spec: &ModelSpec, record: &RunRecord) -> Curves {
    let series = &record.series;
    let mut curves = Curves {
        offered: vec![0; series.points],
        useful: vec![0; series.points],
        useful_p99_ns: vec![0; series.points],
        present_area: present_area(record),
    };
    for points in &series.clients {
        for (highest, point) in curves.useful_p99_ns.iter_mut().zip(points) {
            let p99_ns = point.useful.map_or(0, |latency| latency.p99_ns);
            *highest = p99_ns.max(*highest);
        }
    }
    for edge in edges_of(spec, Subject::AllClients) {
        for (bucket, point) in series.edges[edge].iter().enumerate() {
            curves.offered[bucket] += point.started;
            curves.useful[bucket] += point.useful();
        }
    }
    curves
}

/// Area under the number of operations waiting or at work, in each bucket [count × ns].
pub(super) fn present_area(record: &RunRecord) -> Vec<u64> {
    let mut sums = vec![0_u64; record.series.points];
    for (_, points) in record.series.services.touched() {
        for (sum, point) in sums.iter_mut().zip(points) {
            let area = (point.queue_area + point.busy_area).max(0);
            *sum = sum.saturating_add(area as u64);
        }
    }
    sums
}

/// Early and late queues, from the whole buckets of the first and the last third.
fn queue_thirds(spec: &ModelSpec, record: &RunRecord) -> Vec<(f64, f64)> {
    let (grid, points) = (record.series.grid, record.series.points);
    let first = (0..points)
        .find(|&bucket| grid.start_of(bucket) >= spec.warmup)
        .unwrap_or(points);
    let third = (points - first) / 3;
    let mean = |areas: &[crate::model::record::ServicePoint]| {
        let area = areas.iter().fold(0, |sum, point| sum + point.queue_area);
        area as f64 / (third.max(1) as f64 * grid.width().as_ns_f64())
    };
    let services = record.series.services.iter();
    services
        .map(|points| {
            let measured = &points[first.min(points.len())..];
            let late = measured.len().saturating_sub(third);
            (
                mean(&measured[..third.min(measured.len())]),
                mean(&measured[late..]),
            )
        })
        .collect()
}

/// FNV-1a over the counts of calls by the second of their start: two designs that meet the same
/// traffic have the same.
fn arrivals(record: &RunRecord) -> Vec<u64> {
    const PRIME: u64 = 0x0100_0000_01b3;
    let of_client = |seconds: &Vec<StartSecond>| {
        let (mut hash, mut next) = (0xcbf2_9ce4_8422_2325_u64, 0);
        for it in seconds {
            // Seconds in which nothing started count as zeros.
            hash = hash.wrapping_mul(power(PRIME, it.second - next));
            hash = (hash ^ u64::from(it.started)).wrapping_mul(PRIME);
            next = it.second + 1;
        }
        hash
    };
    record.seconds.iter().map(of_client).collect()
}

/// `base` to the power of `exponent`, modulo 2^64.
fn power(base: u64, exponent: u64) -> u64 {
    let low = base.wrapping_pow(exponent as u32);
    let high = base
        .wrapping_pow(1 << 31)
        .wrapping_pow(2)
        .wrapping_pow((exponent >> 32) as u32);
    low.wrapping_mul(high)
}
