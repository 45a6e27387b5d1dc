//! Services with too much to do.

use super::episode::{Episode, longest};
use super::retries::extra_attempts;
use super::{About, Finding};
use crate::id::ServiceId;
use crate::judge::case::{ALL_BUSY, Case, ratio};
use crate::judge::deadlock::deadlock;
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

fn is_busy(case: &Case<'_>, service: ServiceId, point: &ServicePoint) -> bool {
    case.busy_share(service, point)
        .is_some_and(|share| share >= ALL_BUSY)
}

/// All threads busy, callers giving up, and nobody turned away.
pub(super) fn overload_without_shedding(case: &Case<'_>) -> Vec<Finding> {
    case.spec()
        .services
        .ids()
        .filter_map(|service| overload_at(case, service))
        .collect()
}

fn overload_at(case: &Case<'_>, service: ServiceId) -> Option<Finding> {
    if deadlock(case, service).is_some() {
        return None;
    }
    let points = &case.record.series.services[service];
    let holds = |point: &ServicePoint| is_busy(case, service, point) && point.rejected == 0;
    let episode = longest(points, holds)?;
    let (given_up, ended) = given_up(case, service, episode);
    let queue = points[episode.first..episode.after]
        .iter()
        .map(|point| point.queue_at_end)
        .max()?;
    let matters = episode.length(case) >= LASTS
        && queue > 0
        && ratio(given_up, ended).is_some_and(|share| share >= GIVEN_UP);
    matters.then(|| Finding {
        code: "overload-without-shedding",
        severity: Severity::Warning,
        place: About::service(case, service),
        text: format!(
            "all threads were busy from {} to {}, up to {} waited, {} of {} attempts \
             timed out{}, and none was turned away",
            seconds(episode.from(case)),
            seconds(episode.until(case)),
            counted(queue, "operation"),
            count(given_up),
            count(ended),
            extra_attempts(case, service).map_or(String::new(), |share| format!(
                " ({share} of all are extra)"
            ))
        ),
        remedy: "a waiting room that is worked off within the callers' timeout, or a limit on \
                 concurrency in front",
    })
}

/// Attempts at a service that timed out in an episode, and all that ended.
fn given_up(case: &Case<'_>, service: ServiceId, episode: Episode) -> (u64, u64) {
    let timeouts = OutcomeSet::named("timeout").unwrap_or_default();
    let (mut given_up, mut ended) = (0, 0);
    for edge in edges_to(case.spec(), service) {
        for point in &case.record.series.edges[edge][episode.first..episode.after] {
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
pub(super) fn standing_queue(case: &Case<'_>) -> Vec<Finding> {
    case.spec()
        .services
        .ids()
        .filter_map(|service| standing_at(case, service))
        .collect()
}

fn standing_at(case: &Case<'_>, service: ServiceId) -> Option<Finding> {
    if deadlock(case, service).is_some() {
        return None;
    }
    let points = &case.record.series.services[service];
    let instances = u64::from(case.spec().services[service].instances);
    let holds = |point: &ServicePoint| point.queue_at_end >= instances;
    let episode = longest(points, holds)?;
    let wait = wait_in(points, episode)?;
    let threshold = LASTS.times(3).max(wait.times(3));
    (episode.length(case) >= threshold).then(|| Finding {
        code: "standing-queue",
        severity: Severity::Warning,
        place: About::service(case, service),
        text: format!(
            "its queue was never empty from {} to {}; each operation waited {} on average",
            seconds(episode.from(case)),
            seconds(episode.until(case)),
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
pub(super) fn wasted_work(case: &Case<'_>) -> Vec<Finding> {
    case.spec()
        .services
        .ids()
        .filter_map(|service| waste_at(case, service))
        .collect()
}

/// How much of the waste is due to hedges, if it is worth a word.
fn lost_hedges(hedged: u64, wasted: u64) -> String {
    match ratio(hedged, wasted) {
        Some(share) if hedged > 0 => format!("; {} of that for lost hedges", percent(share)),
        Some(_) | None => String::new(),
    }
}

fn waste_at(case: &Case<'_>, service: ServiceId) -> Option<Finding> {
    let operations =
        || operations_of(case.spec(), service).map(|id| &case.record.measured.operations[id]);
    let held: u64 = operations().map(|counts| counts.held_ns).sum();
    let wasted: u64 = operations().map(|counts| counts.wasted_ns).sum();
    let hedged: u64 = operations().map(|counts| counts.hedged_ns).sum();
    let unwanted: u64 = operations().map(|counts| counts.unwanted).sum();
    let share = ratio(wasted, held)?.min(1.0);
    (share >= WASTED).then(|| Finding {
        code: "wasted-work",
        severity: Severity::Warning,
        place: About::service(case, service),
        text: format!(
            "{} of its thread time went into answers nobody waited for ({} answers){}",
            percent(share),
            count(unwanted),
            lost_hedges(hedged, wasted)
        ),
        remedy: "deadlines that travel with the call, `abandoned_work: skip`, a shorter queue, or a \
                 longer timeout",
    })
}
