//! What keeps a metastable system down: the same figure before the fault and after it.

use super::run_view::{RunView, ratio};
use super::words::{factor, percent};
use crate::id::{LayerId, ServiceId};
use crate::model::fact::HealthVerdict;
use crate::model::record::{baseline_start, layer_name};
use crate::model::spec::OnFail;
use crate::time::SimTime;

/// Attempts per original attempt must have grown by so much to be named.
const GROWN: f64 = 1.2;
/// Wasted work must have grown by such a share to be named.
const WASTED_MORE: f64 = 0.1;
/// Calls that a layer stops must have grown by such a share to be named.
const STOPPED_MORE: f64 = 0.1;
/// So many kills are no accident of a single instance \[count\].
const KILLED: usize = 3;
/// Kills must have grown by such a factor to be named.
const KILLED_MORE: f64 = 2.0;

/// The effects of a trigger from `began` to `ended`, each as a sentence with its figure before and
/// after; the strongest first.
pub(super) fn sustaining_effects(
    view: &RunView<'_>,
    began: SimTime,
    ended: SimTime,
) -> Vec<String> {
    let from = baseline_start(began, view.spec().warmup);
    let before = (from, began);
    let after = (ended, view.spec().duration);
    let mut found: Vec<(f64, String)> = Vec::new();
    for service in view.spec().services.ids() {
        found.extend(killed(view, service, before, after));
        found.extend(amplification(view, service, before, after));
        found.extend(wasted_work(view, service, before, after));
    }
    for layer in view.spec().layers.ids() {
        found.extend(stopped(view, layer, before, after));
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().map(|(_, text)| text).collect()
}

type Span = (SimTime, SimTime);

fn amplification(
    view: &RunView<'_>,
    id: ServiceId,
    before: Span,
    after: Span,
) -> Option<(f64, String)> {
    let was = view.amplification(id, before.0, before.1)?;
    let is = view.amplification(id, after.0, after.1)?;
    let text = format!(
        "{} gets {} attempts per original attempt, before the fault {}",
        view.service(id),
        factor(is),
        factor(was)
    );
    (is >= was * GROWN).then_some((is / was, text))
}

fn wasted_work(
    view: &RunView<'_>,
    id: ServiceId,
    before: Span,
    after: Span,
) -> Option<(f64, String)> {
    let was = view.wasted_share(id, before.0, before.1).unwrap_or(0.0);
    let is = view.wasted_share(id, after.0, after.1)?;
    let text = format!(
        "{} of the work of {} is for callers who gave up, before the fault {}",
        percent(is),
        view.service(id),
        percent(was)
    );
    (is >= was + WASTED_MORE).then_some((1.0 + is - was, text))
}

/// Checks that kill who is busy keep a system down by themselves: each kill makes the others busier.
fn killed(view: &RunView<'_>, id: ServiceId, before: Span, after: Span) -> Option<(f64, String)> {
    let per_minute = |(from, until): Span| {
        let kills = kills_between(view, id, from, until);
        (kills, kills as f64 / from.until(until).as_secs_f64() * 60.0)
    };
    let ((_, was), (kills, is)) = (per_minute(before), per_minute(after));
    let text = format!(
        "checks kill an instance of {} {is:.1} times a minute, before the fault {was:.1} times",
        view.service(id)
    );
    let instances = f64::from(view.spec().services[id].instances);
    (kills >= KILLED && is >= was * KILLED_MORE).then_some((1.0 + kills as f64 / instances, text))
}

/// How often a check that restarts found an instance of a service bad \[count\].
fn kills_between(view: &RunView<'_>, id: ServiceId, from: SimTime, until: SimTime) -> usize {
    let kills = view.record.health_changes.iter().filter(|change| {
        let check = &view.spec().checks[change.check];
        let is_kill = check.service == id
            && check.on_fail == OnFail::Restart
            && change.verdict == Some(HealthVerdict::Fails);
        is_kill && change.at >= from && change.at < until
    });
    kills.count()
}

/// A breaker that stays open, or a bulkhead that stays full, keeps a system down by itself.
fn stopped(view: &RunView<'_>, id: LayerId, before: Span, after: Span) -> Option<(f64, String)> {
    let was = stopped_share(view, id, before).unwrap_or(0.0);
    let is = stopped_share(view, id, after)?;
    let text = format!(
        "{} stops {} of its calls, before the fault {}",
        layer_name(view.spec(), id),
        percent(is),
        percent(was)
    );
    (is >= was + STOPPED_MORE).then_some((1.0 + is - was, text))
}

/// Share of the calls around a layer that it stops, by the points within a span.
fn stopped_share(view: &RunView<'_>, id: LayerId, (from, until): Span) -> Option<f64> {
    let series = &view.record.series;
    let width_ns = series.grid.width().as_ns();
    let first = from.as_ns().div_ceil(width_ns) as usize;
    let after = ((until.as_ns() / width_ns) as usize).min(series.points);
    let points = || first..after.max(first);
    let stopped = points().map(|point| u64::from(series.layers[id][point].stopped));
    let edges = view.edges_around(id);
    let started = edges
        .iter()
        .flat_map(|&edge| points().map(move |at| (edge, at)));
    let started = started.map(|(edge, at)| u64::from(series.edges[edge][at].started));
    ratio(stopped.sum(), started.sum()).map(|share| share.min(1.0))
}
