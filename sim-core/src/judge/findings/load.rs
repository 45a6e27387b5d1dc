//! Services with too much to do.

use super::episode::{Episode, longest};
use super::retries::extra_attempts;
use super::{About, Finding};
use crate::id::ServiceId;
use crate::judge::deadlock::deadlock;
use crate::judge::run_view::{ALL_BUSY, RunView, ratio};
use crate::judge::verdict::Severity;
use crate::judge::words::{count, counted, percent, seconds, span};
use crate::model::record::{ServicePoint, edges_to, operations_of};
use crate::policy::{Outcome, OutcomeSet};
use crate::time::SimDuration;

/// Overload must last so long, and a standing queue three times as long: as long as useful calls
/// must hold for a system to count as recovered.
const LASTS: SimDuration = SimDuration::from_secs(10);
/// Such a share of the attempts that end meanwhile must be given up by their callers: one in twenty,
/// as for what a policy does to be told as a cause.
const GIVEN_UP: f64 = 0.05;
/// Wasted work from this share on is worth a word: a fifth less work is what tells a service at
/// 100 % from one at 80 %, where queues are short.
const WASTED: f64 = 0.2;

fn is_busy(view: &RunView<'_>, service: ServiceId, point: &ServicePoint) -> bool {
    view.busy_share(service, point)
        .is_some_and(|share| share >= ALL_BUSY)
}

/// All threads busy, callers giving up, and nobody turned away.
pub(super) fn overload_without_shedding(view: &RunView<'_>) -> Vec<Finding> {
    view.spec()
        .services
        .ids()
        .filter_map(|service| overload_at(view, service))
        .collect()
}

fn overload_at(view: &RunView<'_>, service: ServiceId) -> Option<Finding> {
    if deadlock(view, service).is_some() {
        return None;
    }
    let points = &view.record.series.services[service];
    let holds = |point: &ServicePoint| is_busy(view, service, point) && point.rejected == 0;
    let episode = longest(points, holds)?;
    let (given_up, ended) = given_up(view, service, episode);
    let queue = points[episode.first..episode.after]
        .iter()
        .map(|point| point.queue_at_end)
        .max()?;
    let matters = episode.length(view) >= LASTS
        && queue > 0
        && ratio(given_up, ended).is_some_and(|share| share >= GIVEN_UP);
    matters.then(|| Finding {
        code: "overload-without-shedding",
        severity: Severity::Warning,
        place: About::service(view, service),
        text: format!(
            "all threads were busy from {} to {}, up to {} waited, {} of {} attempts \
             timed out{}, and none was turned away",
            seconds(episode.from(view)),
            seconds(episode.until(view)),
            counted(queue, "operation"),
            count(given_up),
            count(ended),
            extra_attempts(view, service).map_or(String::new(), |share| format!(
                " ({share} of all are extra)"
            ))
        ),
        remedy: "a waiting room that is worked off within the callers' timeout, or a limit on \
                 concurrency in front",
    })
}

/// Attempts at a service that timed out in an episode, and all that ended.
fn given_up(view: &RunView<'_>, service: ServiceId, episode: Episode) -> (u64, u64) {
    let timeouts = OutcomeSet::named("timeout").unwrap_or_default();
    let (mut given_up, mut ended) = (0, 0);
    for edge in edges_to(view.spec(), service) {
        for point in &view.record.series.edges[edge][episode.first..episode.after] {
            for (&outcome, &attempts) in Outcome::ALL.iter().zip(&point.attempts_ended) {
                let is_timeout = timeouts.contains(outcome);
                given_up += if is_timeout { u64::from(attempts) } else { 0 };
                ended += u64::from(attempts);
            }
        }
    }
    (given_up, ended)
}

/// A queue that is never empty, so that everyone pays for it and nobody gains.
pub(super) fn standing_queue(view: &RunView<'_>) -> Vec<Finding> {
    view.spec()
        .services
        .ids()
        .filter_map(|service| standing_at(view, service))
        .collect()
}

fn standing_at(view: &RunView<'_>, service: ServiceId) -> Option<Finding> {
    if deadlock(view, service).is_some() {
        return None;
    }
    let points = &view.record.series.services[service];
    let instances = u64::from(view.spec().services[service].instances);
    let holds = |point: &ServicePoint| point.queue_at_end >= instances;
    let episode = longest(points, holds)?;
    let wait = wait_in(points, episode)?;
    let threshold = LASTS.times(3).max(wait.times(3));
    (episode.length(view) >= threshold).then(|| Finding {
        code: "standing-queue",
        severity: Severity::Warning,
        place: About::service(view, service),
        text: format!(
            "its queue was never empty from {} to {}; each operation waited {} on average",
            seconds(episode.from(view)),
            seconds(episode.until(view)),
            span(wait)
        ),
        remedy: "a shorter waiting room or a limit on the time in it; more threads if work allows",
    })
}

/// Mean waiting time in an episode, by Little's law: area under the queue ÷ operations that left.
fn wait_in(points: &[ServicePoint], episode: Episode) -> Option<SimDuration> {
    let points = &points[episode.first..episode.after];
    let area: i128 = points.iter().map(|point| point.queue_area).sum();
    let left: u64 = points.iter().map(|point| u64::from(point.finished)).sum();
    (left > 0).then(|| SimDuration::from_sampled_ns(area as f64 / left as f64))
}

/// Work for callers who had given up.
pub(super) fn wasted_work(view: &RunView<'_>) -> Vec<Finding> {
    view.spec()
        .services
        .ids()
        .filter_map(|service| waste_at(view, service))
        .collect()
}

/// How much of the waste is due to hedges, if it is worth a word.
fn lost_hedges(hedged: u64, wasted: u64) -> String {
    match ratio(hedged, wasted) {
        Some(share) if hedged > 0 => format!("; {} of that for lost hedges", percent(share)),
        Some(_) | None => String::new(),
    }
}

fn waste_at(view: &RunView<'_>, service: ServiceId) -> Option<Finding> {
    let operations =
        || operations_of(view.spec(), service).map(|id| &view.record.measured.operations[id]);
    let held: u64 = operations().map(|counts| counts.held_ns).sum();
    let wasted: u64 = operations().map(|counts| counts.wasted_ns).sum();
    let hedged: u64 = operations().map(|counts| counts.hedged_ns).sum();
    let unwanted: u64 = operations().map(|counts| counts.unwanted).sum();
    let share = ratio(wasted, held)?.min(1.0);
    (share >= WASTED).then(|| Finding {
        code: "wasted-work",
        severity: Severity::Warning,
        place: About::service(view, service),
        text: format!(
            "{} of its thread time went into answers nobody waited for{}{}",
            percent(share),
            // Work that is broken off answers nobody.
            match unwanted {
                0 => String::new(),
                1 => " (1 answer)".to_owned(),
                several => format!(" ({} answers)", count(several)),
            },
            lost_hedges(hedged, wasted)
        ),
        remedy: "deadlines that travel with the call, `abandoned_work: skip`, a shorter queue, or a \
                 longer timeout",
    })
}
