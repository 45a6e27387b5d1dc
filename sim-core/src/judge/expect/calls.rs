//! What calls became: shares of outcomes, fairness, latency, goodput, attempts per call.

use super::measured::Measured;
use crate::id::{EdgeId, WindowId};
use crate::judge::run_view::{RunView, ratio};
use crate::model::record::{EdgeSnapshot, WindowRecord, count_in, edges_of};
use crate::policy::OutcomeSet;
use crate::time::{SimDuration, SimTime};

pub(super) fn share(window: &WindowRecord, of: OutcomeSet) -> Measured {
    let (hits, unfinished) = (window.calls.count(of), window.unfinished());
    let Some(value) = ratio(hits, window.calls.total()) else {
        return nothing_ended(window);
    };
    let started = window.started as f64;
    let highest = (hits + unfinished) as f64 / started;
    Measured::within(value, hits as f64 / started, highest, unfinished)
}

/// The least share of useful calls over the greatest: one if all get the same, even nothing.
pub(super) fn fairness(view: &RunView<'_>, windows: &[WindowId]) -> Measured {
    let useful = OutcomeSet::useful();
    let windows = windows.iter().map(|&id| &view.record.windows[id]);
    let unfinished = windows.clone().map(WindowRecord::unfinished).sum();
    let shares: Vec<Measured> = windows.map(|window| share(window, useful)).collect();
    let values = shares.iter().map(|share| share.value);
    let Some(values) = values.collect::<Option<Vec<f64>>>() else {
        return Measured::nothing("one of those compared had no call that ended in this time");
    };
    let lowest: Vec<f64> = shares.iter().map(|share| share.lowest).collect();
    let highest: Vec<f64> = shares.iter().map(|share| share.highest).collect();
    Measured::within(
        least_over_greatest(&values, &values),
        least_over_greatest(&lowest, &highest),
        least_over_greatest(&highest, &lowest),
        unfinished,
    )
}

/// The least of some shares over the greatest of others, at most one.
fn least_over_greatest(shares: &[f64], others: &[f64]) -> f64 {
    let least = shares.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = others.iter().copied().fold(0.0, f64::max);
    if greatest > 0.0 {
        (least / greatest).min(1.0)
    } else {
        1.0
    }
}

fn nothing_ended(window: &WindowRecord) -> Measured {
    Measured::nothing(if window.started == 0 {
        "no call started in this time"
    } else {
        "no call that started in this time had ended when the run did"
    })
}

/// The unfinished calls may turn out faster than all others, or slower.
pub(super) fn latency(window: &WindowRecord, percentile: f64, of: OutcomeSet) -> Measured {
    let histogram = window.calls.latency_of(of);
    let Some(value) = histogram.percentile(percentile) else {
        return Measured::nothing("no call of this time ended like that");
    };
    let (known, unfinished) = (histogram.count(), window.unfinished());
    let rank = (percentile / 100.0 * (known + unfinished) as f64).ceil() as u64;
    // The middle of a rank, so that rounding cannot reach its neighbour.
    let at = |rank: u64| histogram.percentile((rank as f64 - 0.5) / known as f64 * 100.0);
    let highest = if rank > known {
        f64::INFINITY
    } else {
        at(rank.max(1)).map_or(f64::INFINITY, |ns| ns as f64)
    };
    let lowest = match rank.saturating_sub(unfinished) {
        0 => 0.0,
        rank => at(rank).map_or(0.0, |ns| ns as f64),
    };
    Measured::within(value as f64, lowest, highest, unfinished)
}

/// An unfinished call may end otherwise, at once, or take as long as its policies allow.
pub(super) fn mean_latency(view: &RunView<'_>, window: &WindowRecord, of: OutcomeSet) -> Measured {
    let histogram = window.calls.latency_of(of);
    let Some(value) = histogram.mean_ns() else {
        return Measured::nothing("no call of this time ended like that");
    };
    let unfinished = window.unfinished();
    let all = (histogram.count() + unfinished) as f64;
    let sum = histogram.sum() as f64;
    let highest = if unfinished == 0 {
        value
    } else if view.longest_call == SimDuration::MAX {
        f64::INFINITY
    } else {
        (sum + unfinished as f64 * view.longest_call.as_ns_f64()) / all
    };
    Measured::within(value, sum / all, highest, unfinished)
}

/// With a call that is unfinished there may be any.
pub(super) fn latency_deviation(window: &WindowRecord, of: OutcomeSet) -> Measured {
    let Some(value) = window.calls.latency_of(of).deviation_ns() else {
        return Measured::nothing("no call of this time ended like that");
    };
    match window.unfinished() {
        0 => Measured::exactly(value),
        unfinished => Measured::within(value, 0.0, f64::INFINITY, unfinished),
    }
}

/// Attempts that end in the time, whenever their calls began.
pub(super) fn attempts(
    view: &RunView<'_>,
    window: WindowId,
    of: OutcomeSet,
    from: SimTime,
    until: SimTime,
) -> Measured {
    let edges = edges_of(view.spec(), view.spec().windows[window].of);
    let snapshots = edges.into_iter();
    let snapshots = snapshots.map(|edge| view.record.snapshots.edge(edge, from, until));
    let sum = snapshots.fold(EdgeSnapshot::default(), |sum, snapshot| sum.plus(&snapshot));
    let value = ratio(count_in(&sum.outcomes, of), sum.attempts_ended);
    Measured::maybe(value, "no attempt ended in this time")
}

pub(super) fn goodput(view: &RunView<'_>, id: WindowId) -> Measured {
    let (window, record) = (view.spec().windows[id], &view.record.windows[id]);
    let span_s = window
        .from
        .until(window.until.min(view.spec().duration))
        .as_secs_f64();
    if span_s <= 0.0 {
        return Measured::nothing("the time has no length");
    }
    let (useful, unfinished) = (record.calls.useful(), record.unfinished());
    let lowest = useful as f64 / span_s;
    Measured::within(
        lowest,
        lowest,
        (useful + unfinished) as f64 / span_s,
        unfinished,
    )
}

/// An unfinished call may have sent nothing, or all that its policy allows.
pub(super) fn amplification(view: &RunView<'_>, edge: EdgeId, id: WindowId) -> Measured {
    let window = &view.record.windows[id];
    let (attempts, calls) = (window.calls.attempts, window.calls.with_attempts);
    let Some(value) = ratio(attempts, calls) else {
        return Measured::nothing("no call of this time sent an attempt");
    };
    let unfinished = window.unfinished();
    let most = most_attempts(view, edge);
    let all = (calls + unfinished) as f64;
    let lowest = (attempts + unfinished) as f64 / all;
    let highest = (attempts + unfinished * most) as f64 / all;
    Measured::within(value, lowest, highest, unfinished)
}

/// The attempts that one call on an edge may send.
fn most_attempts(view: &RunView<'_>, edge: EdgeId) -> u64 {
    let spec = view.spec();
    let sites = spec.sites.iter().filter(|site| site.edge == edge);
    let most = sites.map(|site| {
        let layers = spec.pipelines[site.pipeline].layers();
        let passes = layers.map(|layer| u64::from(spec.layers[layer].kind.passes()));
        passes.fold(1, u64::saturating_mul)
    });
    most.max().unwrap_or(1)
}
