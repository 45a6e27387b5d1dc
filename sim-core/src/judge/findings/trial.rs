//! About the experiment: what the run did not put to the test, or cannot say.

use super::dynamics::STOPPED;
use super::{About, Finding};
use crate::id::{BudgetId, FaultId, LayerId, OperationId};
use crate::judge::calls_by_second::{CallsBySecond, Started};
use crate::judge::recovery::{ENOUGH_CALLS, HEALTHY, Recovery};
use crate::judge::run_view::{RunView, ratio};
use crate::judge::stops::most_stopped_by;
use crate::judge::verdict::{RecoveryVerdict, Severity};
use crate::judge::words::{count, counted, percent, span};
use crate::model::record::{BudgetCounts, LayerCounts, baseline_start, edges_of};
use crate::model::spec::Subject;
use crate::policy::{Applied, Layer, Outcome};
use crate::scenario::expect::{Expectation, Measure, RecoveryOf};
use crate::time::SimTime;
use std::ops::Range;

/// Samples that must lie beyond a percentile for it to mean something \[count\].
const BEYOND: f64 = 10.0;
/// A fault that changes the useful share by less has no effect on it,
const SAME_SHARE: f64 = 0.002;
/// and the latency of half of its points by less than this factor none on latency,
const SAME_LATENCY: f64 = 1.1;
/// unless its worst point is worse than any before it by this one: of many points the worst varies
/// more than half of them do.
const SAME_WORST: f64 = 2.0;

fn note(code: &'static str, place: About, text: String, remedy: &'static str) -> Finding {
    Finding {
        code,
        severity: Severity::Note,
        place,
        text,
        remedy,
    }
}

fn about_all<'a>(
    recoveries: &'a [Recovery],
    holds: impl Fn(&Recovery) -> bool + 'a,
) -> impl Iterator<Item = &'a Recovery> {
    let of_all = recoveries
        .iter()
        .filter(|recovery| recovery.of == RecoveryOf::AllClients);
    of_all.filter(move |recovery| holds(recovery))
}

/// Rule 39: calls were in trouble before the fault.
pub(super) fn saturated_before_fault(view: &RunView<'_>, recoveries: &[Recovery]) -> Vec<Finding> {
    let finding = |recovery: &Recovery| Finding {
        severity: Severity::Warning,
        ..note(
            "saturated-before-fault",
            About::trigger(view, recovery.trigger),
            format!(
                "only {} of calls were useful before the {}, so it says little about recovery",
                percent(recovery.baseline.map_or(0.0, |baseline| baseline.share)),
                recovery.trigger.word()
            ),
            if most_stopped_by(view).is_some() {
                STOPPED
            } else {
                "lower the load or add capacity until the system is well without the fault"
            },
        )
    };
    about_all(recoveries, Recovery::saturated_before)
        .map(finding)
        .collect()
}

/// A layer that did nothing in the whole run, or keys that were never known.
pub(super) fn policy_never_exercised(view: &RunView<'_>) -> Vec<Finding> {
    const CODE: &str = "policy-never-exercised";
    let layers = idle_layers(view).into_iter().map(|idle| {
        let (text, remedy) = why_idle(view, &idle);
        let place = match idle.as_slice() {
            [(id, _)] => About::layer(view, *id),
            several => About::policy(view, several[0].0),
        };
        note(CODE, place, text, remedy)
    });
    let operations = view.record.whole.operations.iter_enumerated();
    let unknown = operations.filter(|(id, counts)| {
        let matched: u64 = counts.keys.iter().sum();
        let has_keys = view.spec().operations[*id].keys.is_some();
        has_keys && counts.arrived > 0 && matched + counts.keys_forgotten == 0
    });
    let operations = unknown.map(|(id, _)| {
        let text = "none of its idempotency keys came twice in the whole run, so the run says \
                    nothing about them"
            .to_owned();
        let remedy = "let callers retry, with a fault that makes them, or leave the keys out";
        note(CODE, About::operation(view, id), text, remedy)
    });
    layers.chain(operations).collect()
}

/// Layers of one policy that did nothing, wherever it is used, with what they counted.
type Idle<'a> = Vec<(LayerId, &'a LayerCounts)>;

/// The layers that did nothing in any place where their policy is used, by policy: each once.
fn idle_layers<'a>(view: &RunView<'a>) -> Vec<Idle<'a>> {
    let spec = view.spec();
    let policy = |id: LayerId| &spec.pipelines[spec.layers[id].pipeline].policy;
    let acted = |id: LayerId| !view.record.whole.layers[id].never_acted();
    let same = |one: LayerId, other: LayerId| {
        policy(one) == policy(other) && spec.layers[one].name == spec.layers[other].name
    };
    let mut found: Vec<Idle<'a>> = Vec::new();
    // A timeout that never acts is as it should be, and nobody is to leave it out.
    let may_idle = |id: &LayerId| spec.layers[*id].kind.timeout().is_none();
    for id in spec.layers.ids().filter(may_idle) {
        if spec
            .layers
            .ids()
            .any(|other| same(id, other) && acted(other))
        {
            continue;
        }
        let counts = &view.record.whole.layers[id];
        let known = found
            .iter_mut()
            .find(|idle| policy(idle[0].0) == policy(id));
        match known {
            Some(idle) if idle.iter().any(|&(other, _)| same(id, other)) => {}
            Some(idle) => idle.push((id, counts)),
            None => found.push(vec![(id, counts)]),
        }
    }
    found
}

/// What kept layers from acting, if a setting or another layer did, and what helps.
fn why_idle(view: &RunView<'_>, idle: &Idle<'_>) -> (String, &'static str) {
    let remedy = if view.spec().faults.is_empty() {
        "add a fault that exercises it, or leave it out"
    } else {
        "add a fault that exercises it, as those there are did not, or leave it out"
    };
    let held = |&(id, counts): &(LayerId, &LayerCounts)| {
        let kind = &view.spec().layers[id].kind;
        held_back(kind, counts).or_else(|| cut_off(view, id))
    };
    if let [one] = idle.as_slice() {
        return held(one).unwrap_or_else(|| {
            let text = "it did nothing in the whole run, so the run says nothing about it";
            (text.to_owned(), remedy)
        });
    }
    let name = |id: LayerId| view.spec().layers[id].name.as_str();
    let idlers = idle.iter().filter(|one| held(one).is_none());
    let idlers: Vec<&str> = idlers.map(|&(id, _)| name(id)).collect();
    let (mut texts, mut remedy_of_first) = (Vec::new(), remedy);
    if !idlers.is_empty() {
        texts.push(format!(
            "{} did nothing in the whole run, so the run says nothing about that",
            idlers.join(", ")
        ));
    }
    let reasons = idle.iter().filter_map(|one| Some((one.0, held(one)?)));
    for (place, (id, (text, helps))) in reasons.enumerate() {
        texts.push(format!("{}: {text}", name(id)));
        remedy_of_first = if place == 0 { helps } else { remedy_of_first };
    }
    (texts.join("; "), remedy_of_first)
}

/// A retry that never came to its turn, for a timeout around it gave up each call before.
fn cut_off(view: &RunView<'_>, id: LayerId) -> Option<(String, &'static str)> {
    let spec = view.spec();
    spec.layers[id].kind.retry()?;
    let layers = spec.pipelines[spec.layers[id].pipeline].layers();
    let mut around =
        layers.filter(|&outer| outer < id && spec.layers[outer].kind.timeout().is_some());
    let given_up = |outer: &LayerId| view.record.whole.layers[*outer].timed_out;
    let outer = around.find(|outer| given_up(outer) > 0)?;
    let text = format!(
        "it never tried again: {} around it gave up {} calls, each in its first attempt",
        spec.layers[outer].name,
        count(given_up(&outer))
    );
    Some((
        text,
        "a timeout of each attempt inside the retry, shorter than the one around it",
    ))
}

fn held_back(layer: &Layer, counts: &LayerCounts) -> Option<(String, &'static str)> {
    let times = |detail| Some(counts.times(detail)).filter(|&times| times > 0);
    if layer.fallback().is_some_and(|it| !it.enabled) {
        let text = "it is turned off (`enabled: false`), so the run says nothing about it";
        return Some((text.to_owned(), "turn it on, or leave it out"));
    }
    if layer.retry().is_some_and(|it| it.max_attempts < 2) {
        let text = "it allows no more than the first attempt, so it never retries";
        return Some((text.to_owned(), "raise `max_attempts`, or leave it out"));
    }
    if let Some(looks) = times(Applied::HeldBackByMinimum) {
        let text = format!(
            "it never opened: what opens it held at {} looks, but it had seen fewer than \
             `minimum_calls`",
            count(looks)
        );
        return Some((
            text,
            "lower `minimum_calls`, or let its window reach further",
        ));
    }
    if let Some(late) = times(Applied::LateResultIgnored) {
        let text = format!(
            "it never opened: {} results came when its window had been emptied since, and were \
             ignored",
            count(late)
        );
        return Some((
            text,
            "a longer window than its calls take, or other `late_results`",
        ));
    }
    if let Some(uncounted) = times(Applied::UncountedResult) {
        let text = format!(
            "it never opened: {} results were not counted, for it ignores them or they were \
             cancelled",
            count(uncounted)
        );
        return Some((text, "count them as failures, or leave it out"));
    }
    let samples = times(Applied::NoDelayYet)?;
    let text = format!(
        "it began no pass: {} there were too few samples for its percentile, and no fallback",
        counted(samples, "time")
    );
    let remedy = "a `fallback` for its delay, fewer `minimum_samples`, or a longer run";
    Some((text, remedy))
}

/// A budget that refused nothing in the whole run.
pub(super) fn budget_never_refused(view: &RunView<'_>) -> Vec<Finding> {
    let budgets = view.record.whole.budgets.iter_enumerated();
    let idle = budgets.filter(|(_, counts)| counts.refused == 0);
    let finding = |(id, counts): (BudgetId, &BudgetCounts)| {
        let retries = match counts.granted {
            1 => "1 retry".to_owned(),
            granted => format!("{} retries", count(granted)),
        };
        let text = format!(
            "it granted {retries} and refused none in the whole run, so the run says nothing about it"
        );
        let place = About::budget(view, id);
        let remedy = "add a fault that exercises it, make it smaller, or leave it out";
        note("budget-never-refused", place, text, remedy)
    };
    idle.map(finding).collect()
}

/// A fault that neither outcomes nor latencies nor queues of messages show.
pub(super) fn fault_without_effect(view: &RunView<'_>) -> Vec<Finding> {
    view.spec()
        .faults
        .ids()
        .filter_map(|fault| without_effect(view, fault))
        .collect()
}

fn without_effect(view: &RunView<'_>, id: FaultId) -> Option<Finding> {
    let fault = &view.spec().faults[id];
    if fault.random.is_some() && view.record.outages[id].struck == 0 {
        return Some(note(
            "fault-without-effect",
            About::fault(view, id),
            "it is random, and struck no instance in this run".to_owned(),
            "run longer, try other seeds, or lower `up`",
        ));
    }
    // An order to stop, or a rollout, is meant to go unnoticed.
    if fault.kind.stops().is_some() {
        return None;
    }
    let &(began, ended) = fault.spans.first()?;
    let by_second = CallsBySecond::of(view.record, RecoveryOf::AllClients);
    let second = |at: SimTime| at.as_ns().div_ceil(1_000_000_000);
    let from = second(baseline_start(began, view.spec().warmup));
    let before = by_second.span(from, second(began));
    let during = by_second.span(second(began), second(ended.min(view.record.end)));
    if before.started < ENOUGH_CALLS || during.started < ENOUGH_CALLS {
        return None;
    }
    // Of all that started: a fault may make the caller's mistakes more frequent.
    let share = |calls: Started| ratio(calls.useful, calls.started);
    let (was, is) = (share(before)?, share(during)?);
    let same_load = {
        let per_second = |calls: u64, length: u64| calls as f64 / length.max(1) as f64;
        let was = per_second(before.started, second(began) - from);
        let is = per_second(
            during.started,
            second(ended.min(view.record.end)) - second(began),
        );
        (is - was).abs() <= was * 0.1
    };
    // Where hardly anything was well, nothing can show.
    let unchanged = was >= HEALTHY
        && was - is < SAME_SHARE
        && same_load
        && !is_slower(view, began, ended)
        && !is_lesser(view, began, ended)
        && !holds_up_messages(view, began, ended);
    unchanged.then(|| {
        let text = format!(
            "{} of calls were useful before and {} while it lasted, about as fast as before",
            percent(was),
            percent(is)
        );
        note(
            "fault-without-effect",
            About::fault(view, id),
            text,
            "make it stronger, longer, or aim it elsewhere; where something is meant to contain it, \
             `compare` shows what it would do without",
        )
    })
}

/// The buckets of the series before a fault, and while it lasts.
fn buckets_around(
    view: &RunView<'_>,
    began: SimTime,
    ended: SimTime,
) -> (Range<usize>, Range<usize>) {
    let series = &view.record.series;
    let width_ns = series.grid.width().as_ns();
    let first = (began.as_ns() / width_ns) as usize;
    let after = ended.as_ns().div_ceil(width_ns) as usize;
    let (first, after) = (first.min(series.points), after.min(series.points));
    let earliest =
        first.saturating_sub((crate::model::record::BASELINE.as_ns() / width_ns).max(1) as usize);
    (earliest..first, first..after)
}

/// Whether more of the clients' calls got a lesser or a negative answer during a fault than before.
fn is_lesser(view: &RunView<'_>, began: SimTime, ended: SimTime) -> bool {
    let edges = edges_of(view.spec(), Subject::AllClients);
    let lesser = |buckets: Range<usize>| {
        let (mut lesser, mut all) = (0_u64, 0_u64);
        for &edge in &edges {
            for point in &view.record.series.edges[edge][buckets.clone()] {
                lesser += u64::from(point.useful() - point.ended[Outcome::Ok as usize]);
                all += point
                    .ended
                    .iter()
                    .map(|&ended| u64::from(ended))
                    .sum::<u64>();
            }
        }
        lesser as f64 / all.max(1) as f64
    };
    let (before, during) = buckets_around(view, began, ended);
    lesser(during) - lesser(before) >= SAME_SHARE
}

/// Whether messages of any queue were given up during a fault, or its worst point is worse than any before
/// it: who publishes does not wait for that.
fn holds_up_messages(view: &RunView<'_>, began: SimTime, ended: SimTime) -> bool {
    let (before, during) = buckets_around(view, began, ended);
    view.record.queues.iter().any(|queue| {
        let points = |buckets: &Range<usize>| queue.series.get(buckets.clone()).unwrap_or_default();
        let most = |buckets| {
            let points = points(buckets).iter();
            points.fold(0, |most, point| most.max(point.inside()))
        };
        let dead = |buckets| points(buckets).last().map(|point| point.dead);
        let usual = most(&before).max(1) as f64;
        dead(&during) > dead(&before).or(Some(0)) || most(&during) as f64 > SAME_WORST * usual
    })
}

/// Whether useful calls of any client were slower during a fault than in the buckets before it.
fn is_slower(view: &RunView<'_>, began: SimTime, ended: SimTime) -> bool {
    let (before, during) = buckets_around(view, began, ended);
    view.record.series.clients.iter().any(|points| {
        let latencies = |buckets: Range<usize>| {
            let useful = points[buckets].iter().filter_map(|point| point.useful);
            let mut all: Vec<u64> = useful.map(|it| it.p50_ns + it.p99_ns).collect();
            all.sort_unstable();
            (all.get(all.len() / 2).copied()).zip(all.last().copied())
        };
        let (Some((usual, worst)), Some((is_usual, is_worst))) =
            (latencies(before.clone()), latencies(during.clone()))
        else {
            return false;
        };
        let by = |factor: f64, was: u64, is: u64| is as f64 > was as f64 * factor;
        by(SAME_LATENCY, usual, is_usual) || by(SAME_WORST, worst, is_worst)
    })
}

/// Operations that nobody calls are named up to this many; the last one says how many there are besides.
const IDLE_NAMED: usize = 10;

/// An operation that no attempt reached.
pub(super) fn operation_never_called(view: &RunView<'_>) -> Vec<Finding> {
    let operations = view.record.whole.operations.iter_enumerated();
    // What nobody publishes to may get what another queue gives up; a saga that is never left needs nobody
    // to go on with it.
    let is_named = |id: &OperationId| {
        let operation = &view.spec().operations[*id];
        let mut sagas = view.spec().sagas.iter();
        let resumes = sagas.any(|saga| saga.resumed == *id);
        operation.check.is_none() && operation.stores.is_none() && !resumes
    };
    let named = operations.filter(|(id, _)| is_named(id));
    let idle = named.filter(|(_, counts)| counts.arrived == 0);
    let idle: Vec<_> = idle.map(|(id, _)| id).collect();
    let more = idle.len().saturating_sub(IDLE_NAMED);
    let finding = |(place, &id): (usize, &_)| {
        let others = if more > 0 && place + 1 == IDLE_NAMED {
            format!(", nor {}", counted(more as u64, "other operation"))
        } else {
            String::new()
        };
        let text = format!("no attempt reached it in the whole run{others}");
        let remedy = "call it, or leave it out";
        note(
            "operation-never-called",
            About::operation(view, id),
            text,
            remedy,
        )
    };
    let named = idle.iter().take(IDLE_NAMED).enumerate();
    named.map(finding).collect()
}

/// A percentile with hardly anything beyond it.
pub(super) fn too_few_samples(view: &RunView<'_>) -> Vec<Finding> {
    view.scenario
        .expectations
        .iter()
        .enumerate()
        .filter_map(|(number, expectation)| few_samples(view, number, expectation))
        .collect()
}

/// How many of some samples lie beyond a percentile, at least one, if they are too few for its
/// nearest rank to mean something: p99 takes 1,000 samples.
pub fn few_beyond(samples: u64, percentile: f64) -> Option<u64> {
    let beyond = samples as f64 * (1.0 - percentile / 100.0);
    // Rounded, so that p99 of 1,000 calls has ten beyond it.
    let few = samples > 0 && percentile < 100.0 && (beyond * 1e6).round() < BEYOND * 1e6;
    few.then(|| ((beyond * 1e6).round() / 1e6).ceil() as u64)
        .map(|beyond| beyond.max(1))
}

fn few_samples(view: &RunView<'_>, number: usize, expectation: &Expectation) -> Option<Finding> {
    let Measure::Latency {
        percentile,
        of,
        window,
    } = expectation.measure
    else {
        return None;
    };
    let samples = view.record.windows[window].calls.count(of);
    few_beyond(samples, percentile).map(|beyond| {
        let text = format!(
            "p{percentile} of {} calls rests on {} of them",
            count(samples),
            count(beyond)
        );
        let remedy = "a longer window, several replications, or a lower percentile";
        note(
            "too-few-samples",
            About::expectation(view, number),
            text,
            remedy,
        )
    })
}

/// The run ends before recovery can be judged.
pub(super) fn too_short_to_judge(view: &RunView<'_>, recoveries: &[Recovery]) -> Vec<Finding> {
    let too_short = |recovery: &Recovery| recovery.verdict == RecoveryVerdict::TooShortToJudge;
    let finding = |recovery: &Recovery| {
        let observed = recovery.ended.until(view.record.end);
        let text = format!(
            "the run ends {} after the {}, too soon to say that it did not recover",
            span(observed),
            recovery.trigger.word()
        );
        let place = About::trigger(view, recovery.trigger);
        let remedy =
            "run longer: 60s, five times the hold and three times the longest call after the fault";
        note("too-short-to-judge", place, text, remedy)
    };
    about_all(recoveries, too_short).map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::few_beyond;

    #[test]
    fn a_percentile_takes_ten_samples_beyond_it() {
        for (samples, percentile, few) in [
            (1_000, 99.0, None),
            (999, 99.0, Some(10)),
            (500, 99.0, Some(5)),
            (1, 99.0, Some(1)),
            (0, 99.0, None),
            (9_999, 99.9, Some(10)),
            (10_000, 99.9, None),
            (100, 90.0, None),
            (99, 90.0, Some(10)),
            (19, 50.0, Some(10)),
            (20, 50.0, None),
            (5, 100.0, None),
        ] {
            assert_eq!(
                few_beyond(samples, percentile),
                few,
                "p{percentile} of {samples}"
            );
        }
    }
}
