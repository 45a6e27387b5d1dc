//! Goodput in words: when useful calls fall below most of what they were before the first fault,
//! and when they are back.

use super::case::Case;
use super::ledger::Ledger;
use super::recovery::HOLD_S;
use super::timeline::Moment;
use super::verdict::TimelineKind;
use super::words::rate;
use crate::id::ClientId;
use crate::model::record::baseline_start;
use crate::scenario::expect::RecoveryOf;
use crate::time::{SimDuration, SimTime};

/// Useful calls are looked at over so many seconds of starts.
const SPAN_S: u64 = 3;
/// Below this share of the usual they have fallen,
const FALLEN: f64 = 0.8;
/// and from this share on they are back.
const BACK: f64 = 0.95;
/// Fewer useful calls per span than this say nothing.
const ENOUGH: f64 = 30.0;

/// A fall goes beyond chance if so many standard deviations of a Poisson count are missing: one
/// such in 30,000 spans is chance.
const BEYOND_CHANCE: f64 = 4.0;

/// The lines of all clients.
pub(super) fn goodput_lines(case: &Case<'_>) -> Vec<Moment> {
    let Some(first) = first_fault(case) else {
        return Vec::new();
    };
    let clients = case.spec().clients.ids();
    clients
        .flat_map(|client| client_lines(case, client, first))
        .collect()
}

/// The clients whose useful calls fell by more than chance, and the first such fall of each.
pub(super) fn falls(case: &Case<'_>) -> Vec<(ClientId, Moment)> {
    let Some(fault) = first_fault(case) else {
        return Vec::new();
    };
    let clients = case.spec().clients.ids();
    let first_fall = |client: ClientId| {
        let ledger = Ledger::of(case.record, RecoveryOf::Client(client));
        let (from, usual) = usual(case, &ledger, fault)?;
        let mut falls = crossings(&ledger, from, usual).into_iter();
        let fall = falls.find(|&(second, is_down)| {
            let calls = ledger.span(second, second + HOLD_S);
            let expected = usual * HOLD_S as f64;
            let missing = expected - calls.useful as f64;
            is_down && missing >= BEYOND_CHANCE * expected.sqrt()
        })?;
        let name = &case.spec().clients[client].name;
        Some((client, line(name, usual, fall)))
    };
    clients.filter_map(first_fall).collect()
}

/// When the first planned fault begins.
fn first_fault(case: &Case<'_>) -> Option<SimTime> {
    // A random fault that lasts as long as the run has nothing before it.
    let planned = case.spec().faults.iter();
    let planned = planned.filter(|fault| fault.random.is_none());
    let faults = planned.flat_map(|fault| &fault.spans);
    faults.map(|span| span.0).min()
}

fn client_lines(case: &Case<'_>, client: ClientId, fault: SimTime) -> Vec<Moment> {
    let ledger = Ledger::of(case.record, RecoveryOf::Client(client));
    let Some((until, usual)) = usual(case, &ledger, fault) else {
        return Vec::new();
    };
    let name = &case.spec().clients[client].name;
    crossings(&ledger, until, usual)
        .into_iter()
        .map(|crossing| line(name, usual, crossing))
        .collect()
}

/// The second of the first fault, and useful calls per second before it, if those are enough.
fn usual(case: &Case<'_>, ledger: &Ledger, fault: SimTime) -> Option<(u64, f64)> {
    let from = baseline_start(fault, case.spec().warmup)
        .as_ns()
        .div_ceil(1_000_000_000);
    let until = fault.as_ns() / 1_000_000_000;
    if until <= from {
        return None;
    }
    let usual = ledger.span(from, until).useful as f64 / (until - from) as f64;
    (usual * SPAN_S as f64 > ENOUGH).then_some((until, usual))
}

/// A second, and whether goodput has fallen there (else it is back).
type Crossing = (u64, bool);

fn crossings(ledger: &Ledger, from: u64, usual: f64) -> Vec<Crossing> {
    let mut found = Vec::new();
    let mut is_down = false;
    for second in from..ledger.len().saturating_sub(SPAN_S - 1) {
        let useful = ledger.span(second, second + SPAN_S).useful as f64 / SPAN_S as f64;
        let crosses = if is_down {
            useful >= usual * BACK
        } else {
            useful < usual * FALLEN
        };
        if crosses {
            is_down = !is_down;
            found.push((second, is_down));
        }
    }
    found
}

fn line(name: &str, usual: f64, (second, is_down): Crossing) -> Moment {
    let usual = rate(usual);
    let text = if is_down {
        format!("goodput of {name} falls below 80% of {usual}")
    } else {
        format!("goodput of {name} is back at {usual}")
    };
    Moment {
        at: SimTime::ZERO + SimDuration::from_secs(second),
        kind: TimelineKind::Goodput,
        text,
    }
}
