//! Retries that make things worse.

use super::{About, Finding};
use crate::id::{LayerId, ServiceId};
use crate::judge::episodes::Episodes;
use crate::judge::run_view::{RunView, ratio};
use crate::judge::verdict::Severity;
use crate::judge::waves::Wave;
use crate::judge::words::{count, factor, percent, rates, seconds, span};
use crate::model::record::edges_to;
use crate::policy::Jitter;
use crate::time::SimDuration;
use std::ops::Range;

/// Attempts per original attempt that make a storm: even under the smallest retry, two attempts, it
/// means that four of five calls fail at first; a limit of 2 would be out of its reach,
const STORM: f64 = 1.8;
/// if it lasts so long: longer than the calls take that the beginning of a fault caught in flight.
const STORM_LASTS: SimDuration = SimDuration::from_secs(5);
/// Points are looked at in groups of so many attempts: in fewer, chance alone makes calm and storm.
const GROUP: u64 = 100;

/// A service gets a multiple of the attempts it would get without retries, for a while.
pub(super) fn retry_storm(view: &RunView<'_>) -> Vec<Finding> {
    view.spec()
        .services
        .ids()
        .filter_map(|service| storm_at(view, service))
        .collect()
}

fn storm_at(view: &RunView<'_>, service: ServiceId) -> Option<Finding> {
    let is_storm = |group: &Range<usize>| {
        let (all, originals) = view.sent_to(service, group);
        all > 0 && all as f64 >= originals as f64 * STORM
    };
    let weight = |point: usize| view.sent_to(service, &(point..=point)).0;
    let episodes = Episodes::of_heavy(view, SimDuration::ZERO, GROUP, weight, is_storm)?;
    let storm = episodes.longer_than(view, STORM_LASTS)?.longest();
    let (all, originals) = view.sent_to(service, &storm.points());
    let attempts = ratio(all, originals)?;
    let length_s = storm.length_s(view);
    let (is, would_be) = rates(all as f64 / length_s, originals as f64 / length_s);
    let (by, remedy) = if hedges_alone(view) {
        (
            ", the others all hedges",
            "a longer `delay` of the hedge, fewer hedges, or a budget for them",
        )
    } else {
        (
            "",
            "fewer attempts, retries in one layer only, a retry budget, or a breaker",
        )
    };
    Some(Finding {
        code: "retry-storm",
        severity: Severity::Critical,
        place: About::service(view, service),
        text: format!(
            "from {} to {} it got {} attempts per original attempt{by}: {is} instead of {would_be}",
            seconds(storm.from(view)),
            seconds(storm.until(view)),
            factor(attempts)
        ),
        remedy,
    })
}

/// Whether nobody retried in the whole run, so that what is not original is a hedge.
fn hedges_alone(view: &RunView<'_>) -> bool {
    let layers = || view.record.whole.layers.iter();
    layers().all(|layer| layer.retries_planned == 0) && layers().any(|layer| layer.hedges_sent > 0)
}

/// Retries without jitter that come in waves: callers that failed together return together.
pub(super) fn synchronised_retries(view: &RunView<'_>) -> Vec<Finding> {
    let layers = view.spec().layers.iter_enumerated();
    let unspread = layers.filter_map(|(id, layer)| {
        let retry = layer.kind.retry()?;
        (retry.jitter == Jitter::None).then_some(id)
    });
    unspread.filter_map(|id| synchronised(view, id)).collect()
}

fn synchronised(view: &RunView<'_>, layer: LayerId) -> Option<Finding> {
    let edges = view.edges_around(layer).into_iter();
    let waves = edges.filter_map(|edge| Wave::highest(view, edge));
    let wave = waves.max_by_key(|wave| wave.retries)?;
    let grid = view.record.series.grid;
    Some(Finding {
        code: "synchronised-retries",
        severity: Severity::Warning,
        place: About::layer(view, layer),
        text: format!(
            "{} retries came within {} after {}, {} times the average: callers that fail together \
             return together",
            count(u64::from(wave.retries)),
            span(grid.width()),
            seconds(grid.start_of(wave.peak)),
            factor(wave.times)
        ),
        remedy: "add `jitter: full`",
    })
}

/// The share of a service's attempts that are not original, for others to name.
pub(super) fn extra_attempts(view: &RunView<'_>, service: ServiceId) -> Option<String> {
    let edges = edges_to(view.spec(), service).map(|edge| &view.record.measured.edges[edge]);
    let (sent, originals) = edges.fold((0, 0), |sum, edge| {
        (sum.0 + edge.sent, sum.1 + edge.originals)
    });
    ratio(sent - originals, sent)
        .filter(|share| *share >= 0.1)
        .map(percent)
}
