//! What lets calls not through: limiters, open breakers, admission, pools of which all is given out; and
//! whether it is load at all that fails calls.

use super::episodes::Episodes;
use super::run_view::{RunView, ratio};
use crate::id::{EdgeId, KeptId, LayerId, ServiceId};
use crate::model::fact::{Cause, CauseKind, Place};
use crate::model::record::edges_to;
use crate::policy::{Layer, Outcome};
use crate::time::SimDuration;
use std::ops::Range;

/// From this share of the failed calls on it is what stopped them that is to be looked at.
const MOST: f64 = 0.5;
/// A callee with fewer of its threads busy idles.
const IDLE: f64 = 0.5;
/// A layer that stops such a share of the calls around it stops many: where a fifth is turned away
/// while half of the threads are free, the callee could have taken them all.
const MANY: f64 = 0.2;
/// A callee is well if it fails fewer of the attempts that reach it.
const WELL: f64 = 0.1;

/// Whether a layer is one that stops calls by a rule of its own: a full bulkhead is a sign of load.
const fn stops_by_rule(kind: &Layer) -> bool {
    kind.breaker().is_some() || kind.rate_limit().is_some()
}

/// The limiter or breaker that most of the clients' failed calls go back to, and their share.
pub(super) fn most_stopped_by(view: &RunView<'_>) -> Option<(LayerId, f64)> {
    let spec = view.spec();
    most_fail_by(view, |cause| {
        let stopped = match cause.kind {
            CauseKind::Ended(_) | CauseKind::InLayer | CauseKind::InBreaker => true,
            CauseKind::InQueue
            | CauseKind::AtWork
            | CauseKind::OnTheWay
            | CauseKind::InBulkhead
            | CauseKind::InBackoff
            | CauseKind::InPool
            | CauseKind::NotAccepted
            | CauseKind::Unreachable => false,
        };
        match cause.place {
            Place::Layer(layer) if stopped && stops_by_rule(&spec.layers[layer].kind) => {
                Some(layer)
            }
            Place::Layer(_) | Place::Operation(_) | Place::Network(_) | Place::Kept(_) => None,
        }
    })
}

/// The service whose own admission turned most of the clients' failed calls away, and their share.
pub(super) fn most_turned_away_at(view: &RunView<'_>) -> Option<(ServiceId, f64)> {
    let spec = view.spec();
    let admits = |service: ServiceId| spec.admission.iter().any(|it| it.service == service);
    most_fail_by(view, |cause| match (cause.place, cause.kind) {
        (
            Place::Operation(operation),
            CauseKind::Ended(Outcome::RejectedShed | Outcome::RejectedRateLimited),
        ) => Some(spec.operations[operation].service).filter(|&service| admits(service)),
        _ => None,
    })
}

/// The pool whose connections most of the clients' failed calls waited for in vain, and their share.
pub(super) fn most_waited_for(view: &RunView<'_>) -> Option<(KeptId, f64)> {
    most_fail_by(view, |cause| match (cause.place, cause.kind) {
        (Place::Kept(kept), CauseKind::InPool | CauseKind::Ended(Outcome::StoppedPoolTimeout)) => {
            Some(kept)
        }
        _ => None,
    })
}

/// What most of the clients' failed calls go back to, and their share of all failed calls.
fn most_fail_by<T: PartialEq + Copy>(
    view: &RunView<'_>,
    by: impl Fn(Cause) -> Option<T>,
) -> Option<(T, f64)> {
    let spec = view.spec();
    let mut failed = 0;
    let mut sums: Vec<(T, u64)> = Vec::new();
    let edges = spec.traffic_edges();
    for edge in edges.filter(|&edge| spec.edges[edge].client().is_some()) {
        let causes = view.record.causes[edge].as_slice().iter();
        for count in causes.filter(|count| !count.outcome.is_useful()) {
            failed += count.calls;
            let Some(one) = by(count.cause) else {
                continue;
            };
            match sums.iter_mut().find(|sum| sum.0 == one) {
                Some(sum) => sum.1 += count.calls,
                None => sums.push((one, count.calls)),
            }
        }
    }
    let (one, calls) = sums.into_iter().rev().max_by_key(|sum| sum.1)?;
    let share = ratio(calls, failed)?;
    (share >= MOST).then_some((one, share))
}

/// A layer that stops many calls for long although their callee idles.
pub(super) struct Idling {
    pub(super) layer: LayerId,
    pub(super) callee: ServiceId,
    pub(super) episodes: Episodes,
    /// Calls that it stopped meanwhile, and all that came to it \[count\].
    pub(super) stopped: (u64, u64),
    /// Mean share of busy threads of the callee meanwhile.
    pub(super) busy: f64,
}

/// Whether a layer stops many calls while their callee idles and is well, for at least so long.
pub(super) fn idling(view: &RunView<'_>, layer: LayerId, lasts: SimDuration) -> Option<Idling> {
    let spec = view.spec();
    let it = &spec.layers[layer];
    if !stops_by_rule(&it.kind) {
        return None;
    }
    let callee = spec.pipelines[it.pipeline].target;
    let points = &view.record.series.layers[layer];
    let edges = view.edges_around(layer);
    let stopped = |point: usize| u64::from(points[point].stopped);
    let wanted = |point: usize| {
        let started = |edge: &EdgeId| u64::from(view.record.series.edges[*edge][point].started);
        edges.iter().map(started).sum::<u64>().max(stopped(point))
    };
    let busy = |group: &Range<usize>| mean_busy(view, callee, group.clone());
    let calm = view.record.series.grid.width();
    let episodes = Episodes::of(view, calm, wanted, |group| {
        let all: u64 = group.clone().map(wanted).sum();
        let some: u64 = group.clone().map(stopped).sum();
        ratio(some, all).is_some_and(|share| share >= MANY)
            && busy(group).is_some_and(|share| share < IDLE)
            && is_well(view, callee, group)
    })?
    .longer_than(view, lasts)?;
    let sum = |of: &dyn Fn(usize) -> u64| episodes.points().map(of).sum::<u64>();
    Some(Idling {
        layer,
        callee,
        stopped: (sum(&stopped), sum(&wanted)),
        busy: mean_busy(view, callee, episodes.points())?,
        episodes,
    })
}

fn mean_busy(
    view: &RunView<'_>,
    service: ServiceId,
    points: impl Iterator<Item = usize>,
) -> Option<f64> {
    let series = &view.record.series.services[service];
    let (mut sum, mut count) = (0.0, 0_u32);
    for point in points {
        sum += view.busy_share(service, &series[point])?;
        count += 1;
    }
    (count > 0).then(|| sum / f64::from(count))
}

/// Whether no fault acts on anything in some points, and the attempts that reach a service succeed.
fn is_well(view: &RunView<'_>, service: ServiceId, points: &Range<usize>) -> bool {
    let grid = view.record.series.grid;
    let (from, until) = (grid.start_of(points.start), grid.end_of(points.end - 1));
    let mut acting = view.spec().faults.iter().filter(|it| it.kind.harms());
    if acting.any(|fault| {
        fault
            .spans
            .iter()
            .any(|span| span.0 < until && from < span.1)
    }) {
        return false;
    }
    let (mut ended, mut useful) = (0_u64, 0_u64);
    for edge in edges_to(view.spec(), service) {
        for point in &view.record.series.edges[edge][points.clone()] {
            let of = |outcome: Outcome| u64::from(point.attempts_ended[outcome as usize]);
            useful += of(Outcome::Ok) + of(Outcome::Degraded);
            ended += point
                .attempts_ended
                .iter()
                .copied()
                .map(u64::from)
                .sum::<u64>()
                - of(Outcome::Cancelled);
        }
    }
    ratio(ended - useful, ended).is_none_or(|share| share < WELL)
}
