//! Goodput in words: when useful calls fall below most of what they were before the first fault,
//! and when they are back.

use super::case::Case;
use super::ledger::Ledger;
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

/// The lines of all clients.
pub(super) fn goodput_lines(case: &Case<'_>) -> Vec<Moment> {
    // A random fault that lasts as long as the run has nothing before it.
    let planned = case.spec().faults.iter();
    let planned = planned.filter(|fault| fault.random.is_none());
    let faults = planned.flat_map(|fault| &fault.spans);
    let Some(first) = faults.map(|span| span.0).min() else {
        return Vec::new();
    };
    let clients = case.spec().clients.ids();
    clients
        .flat_map(|client| client_lines(case, client, first))
        .collect()
}

fn client_lines(case: &Case<'_>, client: ClientId, fault: SimTime) -> Vec<Moment> {
    let ledger = Ledger::of(case.record, RecoveryOf::Client(client));
    let from = baseline_start(fault, case.spec().warmup)
        .as_ns()
        .div_ceil(1_000_000_000);
    let until = fault.as_ns() / 1_000_000_000;
    if until <= from {
        return Vec::new();
    }
    let usual = ledger.span(from, until).useful as f64 / (until - from) as f64;
    if usual * SPAN_S as f64 <= ENOUGH {
        return Vec::new();
    }
    let name = &case.spec().clients[client].name;
    crossings(&ledger, until, usual)
        .into_iter()
        .map(|crossing| line(name, usual, crossing))
        .collect()
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
