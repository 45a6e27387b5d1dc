//! Breakers in words: what many owners did close together is one line, and a breaker that goes on
//! and on is summed up.

use super::case::Case;
use super::timeline::{Moment, TOGETHER};
use super::verdict::TimelineKind;
use super::words::{count, seconds, span};
use crate::id::{Id, LayerId};
use crate::model::fact::{BreakerState, Detail, Why};
use crate::model::record::{BreakerChange, group_name, layer_name};
use crate::model::spec::{CallerGroup, Scope};
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
pub(super) fn breaker_lines(case: &Case<'_>) -> Vec<Moment> {
    let mut by_layer: Vec<Vec<Group>> = case.spec().layers.iter().map(|_| Vec::new()).collect();
    for change in &case.record.breaker_changes {
        gather(&mut by_layer[change.layer.index()], change);
    }
    let ids = case.spec().layers.ids();
    ids.zip(by_layer)
        .flat_map(|(layer, groups)| layer_lines(case, layer, groups))
        .collect()
}

/// The first time that a breaker opened, with all that opened then.
pub(super) fn first_opening(case: &Case<'_>, layer: LayerId) -> Option<Moment> {
    let mut groups = Vec::new();
    let changes = case.record.breaker_changes.iter();
    for change in changes.filter(|change| change.layer == layer) {
        gather(&mut groups, change);
    }
    let first = groups
        .iter()
        .find(|group| group.first.to == BreakerState::Open);
    first.map(|group| line(case, layer, group))
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

fn layer_lines(case: &Case<'_>, layer: LayerId, mut groups: Vec<Group>) -> Vec<Moment> {
    let rest = groups.split_off(groups.len().min(ONE_BY_ONE));
    let mut lines: Vec<Moment> = groups
        .iter()
        .map(|group| line(case, layer, group))
        .collect();
    if let Some(last) = rest.last() {
        let opens = rest
            .iter()
            .filter(|group| group.first.to == BreakerState::Open);
        let opens: u64 = opens.map(|group| group.owners).sum();
        let changes: u64 = rest.iter().map(|group| group.owners).sum();
        let text = format!(
            "breaker {} changes its state {} until {}, {}, and is {} then",
            layer_name(case.spec(), layer),
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

fn line(case: &Case<'_>, layer: LayerId, group: &Group) -> Moment {
    let (verb, why) = match group.first.to {
        BreakerState::Open => ("opens", failures(&group.first) + &stays_open(group)),
        BreakerState::HalfOpen => ("lets probes pass", String::new()),
        BreakerState::Closed => ("closes", closing(&group.first)),
    };
    let name = layer_name(case.spec(), layer);
    let on = owners(case, layer, group.owners);
    moment(group.first.at, format!("breaker {name} {verb}{on}{why}"))
}

/// `; it stays open for 20s`, where its waits grow.
fn stays_open(group: &Group) -> String {
    let by = group.first.by;
    let at_maximum = if by.has(Detail::OpenAtMaximum) {
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
fn failures(change: &BreakerChange) -> String {
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
        Why::Run => format!(": {failures} {calls} in a row failed"),
        Why::ProbesTooLong => ": its probes took too long".to_owned(),
        Why::Unsaid => ": a probe was cancelled".to_owned(),
        Why::FailureRate
        | Why::Failures
        | Why::Expression
        | Why::ProbeFailed
        | Why::ProbesSucceeded
        | Why::WaitOver
        | Why::LateSuccess => match results {
            0 => String::new(),
            results => format!(": {failures} of {results} {calls} failed"),
        },
    }
}

/// What made it close, where it was not that its probes did well.
fn closing(change: &BreakerChange) -> String {
    match change.why {
        Why::ProbesTooLong => ": its probes took too long".to_owned(),
        Why::Unsaid => ": a probe was cancelled".to_owned(),
        Why::LateSuccess => ": a call from before it opened succeeded".to_owned(),
        Why::FailureRate
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
fn owners(case: &Case<'_>, layer: LayerId, changed: u64) -> String {
    let spec = case.spec();
    let group = spec.pipelines[spec.layers[layer].pipeline].callers;
    let processes = match group {
        CallerGroup::Client(id) => spec.clients[id].processes,
        CallerGroup::Service(id) => spec.services[id].instances,
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
            format!(" {} times", count(changed))
        }
    }
}
