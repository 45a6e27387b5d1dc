//! Breakers in words: what many owners did close together is one line, and a breaker that goes on
//! and on is summed up.

use super::moment::{Moment, TOGETHER};
use super::run_view::RunView;
use super::verdict::TimelineKind;
use super::words::{count, counted, seconds, span};
use crate::id::{Id, LayerId};
use crate::model::fact::{Applied, BreakerState, Why};
use crate::model::record::{BreakerChange, group_name, layer_name};
use crate::model::spec::{CallerGroup, Scope};
use crate::policy::{Layer, Outcome, OutcomeSet};
use crate::time::{SimDuration, SimTime};

/// So many lines per breaker layer are told one by one.
const ONE_BY_ONE: usize = 10;

/// Changes of one layer to one state, close together.
struct Group {
    first: BreakerChange,
    owners: u64,
    /// The longest wait among them.
    longest: SimDuration,
}

/// All lines about breakers.
pub(super) fn breaker_lines(view: &RunView<'_>) -> Vec<Moment> {
    let mut by_layer: Vec<Vec<Group>> = view.spec().layers.iter().map(|_| Vec::new()).collect();
    for change in &view.record.breaker_changes {
        gather(&mut by_layer[change.layer.index()], change);
    }
    let ids = view.spec().layers.ids();
    ids.zip(by_layer)
        .flat_map(|(layer, groups)| layer_lines(view, layer, groups))
        .collect()
}

/// The first time that a breaker opened, with all that opened then.
pub(super) fn first_opening(view: &RunView<'_>, layer: LayerId) -> Option<Moment> {
    let mut groups = Vec::new();
    let changes = view.record.breaker_changes.iter();
    for change in changes.filter(|change| change.layer == layer) {
        gather(&mut groups, change);
    }
    let first = groups
        .iter()
        .find(|group| group.first.to == BreakerState::Open);
    first.map(|group| line(view, layer, group))
}

fn gather(groups: &mut Vec<Group>, change: &BreakerChange) {
    let recent = groups.iter_mut().rev();
    let mut recent = recent.take_while(|group| change.at.since(group.first.at) <= TOGETHER);
    match recent.find(|group| group.first.to == change.to) {
        Some(group) => {
            group.owners += 1;
            group.longest = group.longest.max(change.wait);
        }
        None => groups.push(Group {
            first: *change,
            owners: 1,
            longest: change.wait,
        }),
    }
}

fn layer_lines(view: &RunView<'_>, layer: LayerId, mut groups: Vec<Group>) -> Vec<Moment> {
    let rest = groups.split_off(groups.len().min(ONE_BY_ONE));
    let mut lines: Vec<Moment> = groups
        .iter()
        .map(|group| line(view, layer, group))
        .collect();
    if let Some(last) = rest.last() {
        let opens = rest
            .iter()
            .filter(|group| group.first.to == BreakerState::Open);
        let opens: u64 = opens.map(|group| group.owners).sum();
        let changes: u64 = rest.iter().map(|group| group.owners).sum();
        let text = format!(
            "breaker {} changes its state {} until {}, {}, and is {} then",
            layer_name(view.spec(), layer),
            more_times(changes),
            seconds(last.first.at),
            match opens {
                0 => "without opening".to_owned(),
                1 => "once to open".to_owned(),
                opens => format!("{} times to open", count(opens)),
            },
            state_words(last.first.to),
        );
        lines.push(moment(rest[0].first.at, text));
    }
    lines
}

fn more_times(changes: u64) -> String {
    match changes {
        1 => "once more".to_owned(),
        changes => format!("{} more times", count(changes)),
    }
}

const fn state_words(state: BreakerState) -> &'static str {
    match state {
        BreakerState::Closed => "closed",
        BreakerState::Open => "open",
        BreakerState::HalfOpen => "half open",
    }
}

fn moment(at: SimTime, text: String) -> Moment {
    Moment {
        at,
        kind: TimelineKind::Breaker,
        text,
    }
}

fn line(view: &RunView<'_>, layer: LayerId, group: &Group) -> Moment {
    let (verb, why) = match group.first.to {
        BreakerState::Open => ("opens", failures(view, &group.first) + &stays_open(group)),
        BreakerState::HalfOpen => ("lets probes pass", String::new()),
        BreakerState::Closed => ("closes", closing(&group.first)),
    };
    let name = layer_name(view.spec(), layer);
    let on = owners(view, layer, group.owners);
    moment(group.first.at, format!("breaker {name} {verb}{on}{why}"))
}

/// `; it stays open for 20s`, where its waits grow.
fn stays_open(group: &Group) -> String {
    let by = group.first.by;
    let at_maximum = if by.has(Applied::OpenAtMaximum) {
        ", the longest"
    } else {
        ""
    };
    match (by.is_empty(), group.owners) {
        (true, _) => String::new(),
        (false, 1) => format!("; it stays open for {}{at_maximum}", span(group.longest)),
        (false, _) => format!("; they stay open for up to {}", span(group.longest)),
    }
}

/// What made it open, where there is a figure or a reason that one would not guess.
fn failures(view: &RunView<'_>, change: &BreakerChange) -> String {
    let BreakerChange {
        failures, results, ..
    } = change;
    let calls = match (change.from, results) {
        (BreakerState::HalfOpen, _) => "probes",
        (BreakerState::Closed | BreakerState::Open, _) => "calls",
    };
    match change.why {
        Why::ProbeFailed if *results == 1 => ": its probe failed".to_owned(),
        Why::SlowRate => format!(": {failures} of {results} {calls} were slow"),
        Why::Run => {
            let alike = failed_alike(view, change);
            let all = alike.map_or(String::new(), |outcome| format!(", all {outcome}"));
            format!(": {failures} {calls} in a row failed{all}")
        }
        Why::ProbesTooLong => ": its probes took too long".to_owned(),
        Why::Ignored => ": a probe was cancelled".to_owned(),
        Why::CheckFailed => ": a health check holds it open".to_owned(),
        Why::CheckPassed | Why::Replaced => String::new(),
        Why::FailureRate
        | Why::Failures
        | Why::Expression
        | Why::ProbeFailed
        | Why::ProbesSucceeded
        | Why::WaitOver
        | Why::LateSuccess => match results {
            0 => String::new(),
            results => {
                let alike = failed_alike(view, change);
                let all = alike.map_or(String::new(), |outcome| format!(", all {outcome}"));
                format!(": {failures} of {results} {calls} failed{all}")
            }
        },
    }
}

/// How everything failed that a breaker may have counted, if all of that failed in one way: what ended
/// inside it since the last time that one of its kind closed.
fn failed_alike(view: &RunView<'_>, change: &BreakerChange) -> Option<Outcome> {
    let spec = view.spec();
    let layer = &spec.layers[change.layer];
    let counted = layer.kind.breaker()?.outcomes.failures;
    let series = &view.record.series;
    let changes = view.record.breaker_changes.iter();
    let closed = changes
        .filter(|one| one.layer == change.layer && one.to == BreakerState::Closed)
        .map(|one| one.at)
        .filter(|at| *at < change.at);
    let since = closed.max().unwrap_or(SimTime::ZERO);
    let point = |at: SimTime| (at.as_ns() / series.grid.width().as_ns()) as usize;
    let points = point(since)..(point(change.at) + 1).min(series.points);
    let mut failed = OutcomeSet::EMPTY;
    for edge in view.edges_around(change.layer) {
        for one in &series.edges[edge][points.clone()] {
            let ended = Outcome::ALL.iter().zip(&one.attempts_ended);
            for (&outcome, _) in ended.filter(|(_, count)| **count > 0) {
                failed = failed.with(outcome);
            }
        }
    }
    let layers = spec.pipelines[layer.pipeline].layers();
    let inner: Vec<LayerId> = layers.filter(|&inner| inner > change.layer).collect();
    let some_wait = inner
        .iter()
        .any(|&inner| spec.layers[inner].kind.longest_wait() > SimDuration::ZERO);
    for inner in inner {
        let acts = if spec.layers[inner].kind.timeout().is_some() {
            some_wait && view.record.whole.layers[inner].timed_out > 0
        } else {
            let mut here = series.layers[inner][points.clone()].iter();
            here.any(|one| one.stopped > 0)
        };
        failed = failed.union(answers_of(&spec.layers[inner].kind, acts)?);
    }
    let mut counted = failed.iter().filter(|&outcome| counted.contains(outcome));
    let first = counted.next()?;
    counted.next().is_none().then_some(first)
}

/// What a layer answered besides what ended inside it, if it did; none if that cannot be told.
fn answers_of(kind: &Layer, acts: bool) -> Option<OutcomeSet> {
    if kind.fallback().is_some() {
        None
    } else if !acts {
        Some(OutcomeSet::EMPTY)
    } else if kind.timeout().is_some() {
        // What it gives up while that waits to be let in is no attempt.
        OutcomeSet::named("timeout")
    } else if kind.bulkhead().is_some() {
        OutcomeSet::named("stopped")
    } else {
        let stopped = kind.stops_with().map(|outcome| OutcomeSet::of(&[outcome]));
        Some(stopped.unwrap_or(OutcomeSet::EMPTY))
    }
}

/// What made it close, where it was not that its probes did well.
fn closing(change: &BreakerChange) -> String {
    match change.why {
        Why::ProbesTooLong => ": its probes took too long".to_owned(),
        Why::Ignored => ": a probe was cancelled".to_owned(),
        Why::LateSuccess => ": a call from before it opened succeeded".to_owned(),
        Why::CheckPassed => ": the health check passes".to_owned(),
        Why::Replaced => ": another instance has come in the place of that one".to_owned(),
        Why::CheckFailed
        | Why::FailureRate
        | Why::SlowRate
        | Why::Failures
        | Why::Run
        | Why::Expression
        | Why::ProbeFailed
        | Why::ProbesSucceeded
        | Why::WaitOver => String::new(),
    }
}

/// ` on 4 of 6 processes`, where there is more than one owner.
fn owners(view: &RunView<'_>, layer: LayerId, changed: u64) -> String {
    let spec = view.spec();
    let group = spec.pipelines[spec.layers[layer].pipeline].callers;
    let processes = match group {
        CallerGroup::Client(id) => spec.clients[id].processes,
        CallerGroup::Service(id) => spec.services[id].instances,
        CallerGroup::Nodes => 1,
    };
    match spec.layers[layer].scope {
        Scope::Shared => String::new(),
        Scope::Caller | Scope::Named(_) if processes == 1 => String::new(),
        Scope::Caller | Scope::Named(_) if changed <= u64::from(processes) => {
            format!(
                " on {changed} of {processes} processes of {}",
                group_name(spec, group)
            )
        }
        Scope::Caller | Scope::Named(_) | Scope::TargetInstance => {
            format!(" {}", counted(changed, "time"))
        }
    }
}
