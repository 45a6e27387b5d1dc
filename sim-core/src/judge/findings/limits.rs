//! Limits that learned the wrong thing, or nothing.

use super::{About, Finding};
use crate::judge::limit_lines::{limit_config, limit_lines, limited};
use crate::judge::recovery::ENOUGH_CALLS;
use crate::judge::run_view::RunView;
use crate::judge::verdict::Severity;
use crate::judge::words::{count, percent, seconds};
use crate::model::record::{LimitedBy, edges_to};
use crate::policy::{Outcome, OutcomeSet};
use crate::time::SimTime;

/// A limit is stuck at a bound if it stands there for so much of the time: half, so that it is rather
/// there than not.
const STUCK: f64 = 0.5;
/// Growth during a fault that failed calls makes it learned overload: by half, which no noise is.
const LEARNED: f64 = 1.5;
/// So large a share of failed attempts is overload.
const OVERLOAD: f64 = 0.5;

/// What a guard turned away after the warm-up \[count\].
fn refused(view: &RunView<'_>, by: LimitedBy) -> u64 {
    match by {
        LimitedBy::Layer(id) => view.record.measured.layers[id].stopped,
        LimitedBy::Admission(id) => view.record.measured.admission[id].refused,
    }
}

fn service_of(view: &RunView<'_>, by: LimitedBy) -> crate::id::ServiceId {
    let spec = view.spec();
    match by {
        LimitedBy::Layer(id) => spec.pipelines[spec.layers[id].pipeline].target,
        LimitedBy::Admission(id) => spec.admission[id].service,
    }
}

fn about(view: &RunView<'_>, by: LimitedBy) -> About {
    match by {
        LimitedBy::Layer(id) => About::layer(view, id),
        LimitedBy::Admission(_) => About::service(view, service_of(view, by)),
    }
}

/// A limit that stays at its lowest and turns calls away, or at its highest and protects nothing.
pub(super) fn stuck_limits(view: &RunView<'_>) -> Vec<Finding> {
    let all = limited(view.spec()).into_iter();
    all.filter_map(|by| stuck(view, by)).collect()
}

fn stuck(view: &RunView<'_>, by: LimitedBy) -> Option<Finding> {
    let config = limit_config(view.spec(), by)?;
    let (from, until) = (
        view.spec().warmup,
        view.spec().duration.min(view.record.end),
    );
    if until <= from || config.min == config.max {
        return None;
    }
    let lines = limit_lines(view.spec(), view.record, by);
    let share = |bound: u32| {
        let sum: f64 = lines
            .iter()
            .map(|line| line.share_at(bound, from, until))
            .sum();
        sum / lines.len() as f64
    };
    let (floor, ceiling) = (share(config.min), share(config.max));
    let refused = refused(view, by);
    // One that never moved was not put to the test.
    let moved = lines.iter().any(|line| line.steps.len() > 1);
    if floor >= STUCK && refused > 0 {
        return Some(Finding {
            code: "limit-stuck-at-floor",
            severity: Severity::Warning,
            place: about(view, by),
            text: format!(
                "the limit stood at its lowest, {}, for {} of the time and turned {} calls away",
                config.min,
                percent(floor),
                count(refused)
            ),
            remedy: "look for what makes calls slow, or lower `min`: below it the limit protects \
                     nothing",
        });
    }
    (ceiling >= STUCK && moved).then(|| Finding {
        code: "limit-stuck-at-ceiling",
        severity: Severity::Warning,
        place: about(view, by),
        text: format!(
            "the limit stood at its highest, {}, for {} of the time: it has not found what the \
             callee can take",
            config.max,
            percent(ceiling)
        ),
        remedy: "lower `max` to what the callee can work on, or take a rule that looks at drops",
    })
}

/// A limit that grew while calls failed: it took overload for normal.
pub(super) fn learned_overload(view: &RunView<'_>) -> Vec<Finding> {
    let all = limited(view.spec()).into_iter();
    all.filter_map(|by| learned(view, by)).collect()
}

fn learned(view: &RunView<'_>, by: LimitedBy) -> Option<Finding> {
    let spec = view.spec();
    let spans = spec
        .faults
        .iter()
        .flat_map(|fault| fault.spans.iter().copied());
    let mut spans = spans.filter(|&(from, until)| from < until && from < view.record.end);
    spans.find_map(|(from, until)| {
        let until = until.min(view.record.end);
        let failed = failed_share(view, by, from, until)?;
        if failed < OVERLOAD {
            return None;
        }
        let lines = limit_lines(view.spec(), view.record, by);
        let grown = lines.iter().map(|line| {
            let before = line.at(from);
            (before, line.bounds(from, until).1)
        });
        let (before, after) = grown.max_by_key(|&(before, after)| after - before.min(after))?;
        (f64::from(after) >= f64::from(before) * LEARNED).then(|| Finding {
            code: "limit-learned-overload",
            severity: Severity::Warning,
            place: about(view, by),
            text: format!(
                "from {} to {} the limit grew from {before} to {after}, though {} of the attempts \
                 that it let in failed",
                seconds(from),
                seconds(until),
                percent(failed)
            ),
            remedy: "a rule that shrinks by drops (`aimd`, `vegas`), or a highest limit that the \
                     callee can work on",
        })
    })
}

/// The share of the attempts at a guarded service that ended in timeouts or errors in a span; those that a
/// guard turned away are left out, for they say nothing about what it let in.
fn failed_share(view: &RunView<'_>, by: LimitedBy, from: SimTime, until: SimTime) -> Option<f64> {
    let failed = OutcomeSet::failed();
    let turned_away = OutcomeSet::of(&[Outcome::RejectedShed, Outcome::RejectedRateLimited]);
    let series = &view.record.series;
    let (mut bad, mut all) = (0_u64, 0_u64);
    for edge in edges_to(view.spec(), service_of(view, by)) {
        for (place, point) in series.edges[edge].iter().enumerate() {
            let (begins, ends) = (series.grid.start_of(place), series.grid.end_of(place));
            if begins < from || ends > until {
                continue;
            }
            for (outcome, &ended) in Outcome::ALL.iter().zip(&point.attempts_ended) {
                if turned_away.contains(*outcome) {
                    continue;
                }
                all += u64::from(ended);
                if failed.contains(*outcome) {
                    bad += u64::from(ended);
                }
            }
        }
    }
    (all >= ENOUGH_CALLS).then(|| bad as f64 / all as f64)
}
