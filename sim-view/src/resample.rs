//! Series of a chosen length: neighbouring buckets joined until there are few enough.
//!
//! A chart has room for some hundred points, a line of text for some dozen, a scenario may ask for
//! 100,000. Joining `k` neighbours gives the series of a grid `k` times as wide: counts add up,
//! gauges are averaged, shares and amplification are taken over all of them. Percentiles cannot be
//! joined exactly; the highest p99 and the middle p50 of the neighbours stand for them.

use sim_core::report::{
    ClientSeries, EdgeSeries, EnvelopeReport, Finite, InstanceSeries, OutcomeSeries,
    PercentileSeries, SeriesReport, ServiceSeries,
};

/// The same series in at most so many buckets.
pub(super) fn at_most(series: &SeriesReport, buckets: u32) -> SeriesReport {
    let group = series.points.div_ceil(buckets.max(1)).max(1) as usize;
    SeriesReport {
        bucket_ns: series.bucket_ns.saturating_mul(group as u64),
        end_ns: series.end_ns,
        points: series.points.div_ceil(group as u32),
        left_out: series.left_out,
        clients: series
            .clients
            .iter()
            .map(|one| client(one, group))
            .collect(),
        edges: series.edges.iter().map(|one| edge(one, group)).collect(),
        services: series
            .services
            .iter()
            .map(|one| service(one, group))
            .collect(),
    }
}

/// How many neighbours are joined to have at most so many of `points`.
pub(super) fn group(points: usize, at_most: usize) -> usize {
    points.div_ceil(at_most.max(1)).max(1)
}

/// Levels at the end of each bucket, of buckets so many times as wide.
pub(super) fn last_of_each(levels: &[u32], group: usize) -> Vec<u32> {
    let parts = levels.chunks(group.max(1));
    parts.filter_map(|part| part.last().copied()).collect()
}

/// Percentiles over runs as rates per second, in at most so many buckets: joined ones show the mean
/// of their percentiles.
pub(super) fn envelope_rates(all: &EnvelopeReport, counts: &[u64], at_most: usize) -> Vec<f64> {
    let group = group(counts.len(), at_most);
    let width_ns = all.bucket_ns.saturating_mul(group as u64);
    let rate = |(index, part): (usize, &[u64])| {
        let from_ns = width_ns.saturating_mul(index as u64);
        let length_ns = all.end_ns.saturating_sub(from_ns).min(width_ns).max(1);
        part.iter().sum::<u64>() as f64 / (length_ns as f64 / 1e9)
    };
    counts.chunks(group).enumerate().map(rate).collect()
}

/// When the bucket begins, or where the run ends, if it has no such bucket \[ns\].
pub(super) fn start_of(series: &SeriesReport, bucket: usize) -> u64 {
    series
        .bucket_ns
        .saturating_mul(bucket as u64)
        .min(series.end_ns)
}

/// Counts as rates per second. A last bucket of less than half a width says little by itself, so
/// it shows the rate of the last two together.
pub(super) fn per_second(series: &SeriesReport, counts: &[u64]) -> Vec<f64> {
    let seconds = |from: usize, until: usize| {
        let ns = start_of(series, until).saturating_sub(start_of(series, from));
        ns.max(1) as f64 / 1e9
    };
    let rate = |index: usize| {
        let short = seconds(index, index + 1) * 2e9 < series.bucket_ns as f64;
        let from = if short {
            index.saturating_sub(1)
        } else {
            index
        };
        counts[from..=index].iter().sum::<u64>() as f64 / seconds(from, index + 1)
    };
    (0..counts.len()).map(rate).collect()
}

fn client(one: &ClientSeries, group: usize) -> ClientSeries {
    ClientSeries {
        name: one.name.clone(),
        offered: sums(&one.offered, group),
        useful: sums(&one.useful, group),
        outcomes: one
            .outcomes
            .iter()
            .map(|outcome| outcomes(outcome, group))
            .collect(),
        useful_latency: percentiles(&one.useful_latency, group),
        failed_latency: percentiles(&one.failed_latency, group),
    }
}

fn outcomes(one: &OutcomeSeries, group: usize) -> OutcomeSeries {
    OutcomeSeries {
        outcome: one.outcome.clone(),
        calls: sums(&one.calls, group),
    }
}

fn edge(one: &EdgeSeries, group: usize) -> EdgeSeries {
    let attempts = sums(&one.attempts, group);
    let retries = sums(&one.retries, group);
    let amplification = if group == 1 {
        one.amplification.clone()
    } else {
        attempts
            .iter()
            .zip(&retries)
            .map(|(&sent, &again)| amplification(sent, again))
            .collect()
    };
    EdgeSeries {
        name: one.name.clone(),
        calls: sums(&one.calls, group),
        attempts,
        retries,
        useful: sums(&one.useful, group),
        failed: sums(&one.failed, group),
        amplification,
        useful_latency: percentiles(&one.useful_latency, group),
        failed_latency: percentiles(&one.failed_latency, group),
    }
}

fn amplification(sent: u64, again: u64) -> Option<Finite> {
    Finite::ratio(sent as f64, sent.saturating_sub(again) as f64)
}

fn service(one: &ServiceSeries, group: usize) -> ServiceSeries {
    ServiceSeries {
        name: one.name.clone(),
        queue_mean: means(&one.queue_mean, group),
        queue_at_end: one
            .queue_at_end
            .chunks(group)
            .map(|part| part[part.len() - 1])
            .collect(),
        utilisation: means(&one.utilisation, group),
        finished: sums(&one.finished, group),
        wanted: sums(&one.wanted, group),
        rejected: sums(&one.rejected, group),
        wasted_share: one
            .wasted_share
            .chunks(group)
            .map(mean_of_present)
            .collect(),
        instances: one.instances.as_ref().map(|it| instances(it, group)),
    }
}

fn instances(one: &InstanceSeries, group: usize) -> InstanceSeries {
    let last = |counts: &[u64]| {
        counts
            .chunks(group)
            .map(|part| part[part.len() - 1])
            .collect()
    };
    InstanceSeries {
        up: last(&one.up),
        serving: last(&one.serving),
        starting: last(&one.starting),
        draining: last(&one.draining),
        down: last(&one.down),
        marked: last(&one.marked),
    }
}

fn sums(counts: &[u64], group: usize) -> Vec<u64> {
    counts.chunks(group).map(|part| part.iter().sum()).collect()
}

fn means(values: &[Finite], group: usize) -> Vec<Finite> {
    let mean = |part: &[Finite]| {
        let sum: f64 = part.iter().map(|value| value.get()).sum();
        Finite::ratio(sum, part.len() as f64).unwrap_or_default()
    };
    values.chunks(group).map(mean).collect()
}

fn mean_of_present(part: &[Option<Finite>]) -> Option<Finite> {
    let present: Vec<f64> = part.iter().flatten().map(|value| value.get()).collect();
    Finite::ratio(present.iter().sum(), present.len() as f64)
}

fn percentiles(one: &PercentileSeries, group: usize) -> PercentileSeries {
    PercentileSeries {
        p50_ns: one.p50_ns.chunks(group).map(middle_of_present).collect(),
        p99_ns: one
            .p99_ns
            .chunks(group)
            .map(|part| part.iter().flatten().max().copied())
            .collect(),
    }
}

fn middle_of_present(part: &[Option<u64>]) -> Option<u64> {
    let mut present: Vec<u64> = part.iter().flatten().copied().collect();
    present.sort_unstable();
    present.get(present.len().saturating_sub(1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn nothing_is_lost_when_buckets_are_joined() {
        let full = fixture::retry_storm().series;
        for buckets in [1, 7, 64, 299, 300, 1000] {
            let few = at_most(&full, buckets);
            assert!(few.points <= buckets.max(1));
            assert_eq!(few.clients[0].offered.len(), few.points as usize);
            assert_eq!(
                total(&few.clients[0].offered),
                total(&full.clients[0].offered)
            );
            assert_eq!(total(&few.edges[1].retries), total(&full.edges[1].retries));
        }
        assert_eq!(at_most(&full, 300), full);
    }

    #[test]
    fn a_short_last_bucket_does_not_exaggerate() {
        let mut series = fixture::retry_storm().series;
        (series.bucket_ns, series.end_ns) = (1_000_000_000, 2_100_000_000);
        assert_eq!(
            per_second(&series, &[900, 900, 3]),
            [900.0, 900.0, 903.0 / 1.1]
        );
    }

    fn total(counts: &[u64]) -> u64 {
        counts.iter().sum()
    }
}
