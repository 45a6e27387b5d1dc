//! Retries that make things worse.

use super::stretch::longest;
use super::{About, Finding};
use crate::id::ServiceId;
use crate::judge::case::{Case, ratio};
use crate::judge::verdict::Severity;
use crate::judge::words::{count, factor, percent, rate, seconds};
use crate::model::record::edges_to;
use crate::policy::Jitter;
use crate::time::SimDuration;

/// Attempts per original attempt that make a storm: even under the smallest retry, two attempts, it
/// means that four of five calls fail at first; a limit of 2 would be out of its reach,
const STORM: f64 = 1.8;
/// if it lasts so long: longer than the calls take that the beginning of a fault caught in flight.
const STORM_LASTS: SimDuration = SimDuration::from_secs(5);
/// Retries without jitter worth a word: fewer are no herd [count].
const MANY_RETRIES: u64 = 100;

/// A bucket of a service: attempts sent to it, and original ones among them.
#[derive(Clone, Copy, Default)]
struct Sent {
    all: u64,
    originals: u64,
}

impl Sent {
    fn is_storm(&self) -> bool {
        ratio(self.all, self.originals).is_some_and(|attempts| attempts >= STORM)
            || (self.originals == 0 && self.all > 0)
    }
}

/// A service gets a multiple of the attempts it would get without retries, for a while.
pub(super) fn retry_storm(case: &Case<'_>) -> Vec<Finding> {
    case.spec()
        .services
        .ids()
        .filter_map(|service| storm_at(case, service))
        .collect()
}

fn storm_at(case: &Case<'_>, service: ServiceId) -> Option<Finding> {
    let points = sent_to(case, service);
    let stretch = longest(&points, Sent::is_storm)?;
    if stretch.length(case) < STORM_LASTS {
        return None;
    }
    let sum = points[stretch.first..stretch.after]
        .iter()
        .fold(Sent::default(), |sum, point| Sent {
            all: sum.all + point.all,
            originals: sum.originals + point.originals,
        });
    let length_s = stretch.length(case).as_secs_f64();
    let (from, until) = (stretch.from(case), stretch.until(case));
    let attempts = ratio(sum.all, sum.originals)?;
    Some(Finding {
        code: "retry-storm",
        severity: Severity::Critical,
        place: About::service(case, service),
        text: format!(
            "from {} to {} it got {} attempts per original attempt: {} instead of {}",
            seconds(from),
            seconds(until),
            factor(attempts),
            rate(sum.all as f64 / length_s),
            rate(sum.originals as f64 / length_s)
        ),
        remedy: "fewer attempts, retries in one layer only, a retry budget, or a breaker",
    })
}

fn sent_to(case: &Case<'_>, service: ServiceId) -> Vec<Sent> {
    let mut points = vec![Sent::default(); case.record.series.points];
    for edge in edges_to(case.spec(), service) {
        for (sum, point) in points.iter_mut().zip(&case.record.series.edges[edge]) {
            sum.all += u64::from(point.sent);
            sum.originals += u64::from(point.originals);
        }
    }
    points
}

/// Many retries after the same delay: callers that fail together return together.
pub(super) fn synchronised_retries(case: &Case<'_>) -> Vec<Finding> {
    let layers = case.spec().layers.iter_enumerated();
    let unspread = layers.filter_map(|(id, layer)| {
        let retry = layer.kind.retry()?;
        (retry.jitter == Jitter::None).then_some(id)
    });
    let many = unspread.filter_map(|id| {
        let retries = case.record.measured.layers[id].retries_planned;
        (retries >= MANY_RETRIES).then(|| Finding {
            code: "synchronised-retries",
            severity: Severity::Warning,
            place: About::layer(case, id),
            text: format!(
                "{} retries waited without jitter: callers that fail together return together",
                count(retries)
            ),
            remedy: "add `jitter: full`",
        })
    });
    many.collect()
}

/// The share of a service's attempts that are not original, for others to name.
pub(super) fn extra_attempts(case: &Case<'_>, service: ServiceId) -> Option<String> {
    let edges = edges_to(case.spec(), service).map(|edge| &case.record.measured.edges[edge]);
    let (sent, originals) = edges.fold((0, 0), |sum, edge| {
        (sum.0 + edge.sent, sum.1 + edge.originals)
    });
    ratio(sent - originals, sent)
        .filter(|share| *share >= 0.1)
        .map(percent)
}
