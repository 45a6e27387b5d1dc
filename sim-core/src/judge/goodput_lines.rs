//! Goodput in words: when useful calls fall below most of what they were before the first fault,
//! and when they are back.

use super::calls_by_second::CallsBySecond;
use super::moment::Moment;
use super::recovery::HOLD_S;
use super::rise::rises;
use super::run_view::RunView;
use super::verdict::TimelineKind;
use super::words::rate;
use crate::id::ClientId;
use crate::model::record::baseline_start;
use crate::random::detmath;
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
/// In fewer than this share of runs chance alone makes a line.
const BY_CHANCE: f64 = 0.01;

/// A fall goes beyond chance if so many standard deviations of a Poisson count are missing: one
/// such in 30,000 spans is chance.
const BEYOND_CHANCE: f64 = 4.0;

/// The lines of all clients.
pub(super) fn goodput_lines(view: &RunView<'_>) -> Vec<Moment> {
    let Some(first) = first_fault(view) else {
        return Vec::new();
    };
    let clients = view.spec().clients.ids();
    let chances = view.spec().clients.len();
    clients
        .flat_map(|client| client_lines(view, client, first, chances))
        .collect()
}

/// The clients whose useful calls fell by more than chance, and the first such fall of each.
pub(super) fn falls(view: &RunView<'_>) -> Vec<(ClientId, Moment)> {
    let Some(fault) = first_fault(view) else {
        return Vec::new();
    };
    let clients = view.spec().clients.ids();
    let chances = view.spec().clients.len();
    let first_fall = |client: ClientId| {
        let by_second = CallsBySecond::of(view.record, RecoveryOf::Client(client));
        let Usual {
            from,
            useful: usual,
            fallen,
        } = usual(view, &by_second, fault, chances)?;
        let mut falls = crossings(&by_second, from, usual, fallen).into_iter();
        let fall = falls.find(|&(second, is_down)| {
            let calls = by_second.span(second, second + HOLD_S);
            let expected = usual * HOLD_S as f64;
            let missing = expected - calls.useful as f64;
            is_down && missing >= BEYOND_CHANCE * expected.sqrt()
        })?;
        let name = &view.spec().clients[client].name;
        Some((client, line(name, usual, fall)))
    };
    clients.filter_map(first_fall).collect()
}

/// When the first planned fault begins, or the first rise in load.
fn first_fault(view: &RunView<'_>) -> Option<SimTime> {
    // A random fault that lasts as long as the run has nothing before it.
    let planned = view.spec().faults.iter();
    let planned = planned.filter(|fault| fault.random.is_none());
    let faults = planned.flat_map(|fault| &fault.spans).map(|span| span.0);
    faults
        .chain(rises(view).iter().map(|rise| rise.began))
        .min()
}

fn client_lines(
    view: &RunView<'_>,
    client: ClientId,
    fault: SimTime,
    chances: usize,
) -> Vec<Moment> {
    let by_second = CallsBySecond::of(view.record, RecoveryOf::Client(client));
    let Some(before) = usual(view, &by_second, fault, chances) else {
        return Vec::new();
    };
    let name = &view.spec().clients[client].name;
    crossings(&by_second, before.from, before.useful, before.fallen)
        .into_iter()
        .map(|crossing| line(name, before.useful, crossing))
        .collect()
}

/// Useful calls before the first fault.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Usual {
    /// The second of the fault.
    from: u64,
    /// Per second.
    useful: f64,
    /// Below so many per second they have fallen.
    fallen: f64,
}

/// Useful calls before the first fault, if those are enough; `chances` clients are looked at.
fn usual(
    view: &RunView<'_>,
    by_second: &CallsBySecond,
    fault: SimTime,
    chances: usize,
) -> Option<Usual> {
    let from = baseline_start(fault, view.spec().warmup)
        .as_ns()
        .div_ceil(1_000_000_000);
    let until = fault.as_ns() / 1_000_000_000;
    if until <= from {
        return None;
    }
    let useful = by_second.span(from, until).useful as f64 / (until - from) as f64;
    let spans = by_second.len().saturating_sub(until).max(1) * chances.max(1) as u64;
    let fallen = (useful * FALLEN).min(beyond_chance(by_second, from, until, spans));
    (useful * SPAN_S as f64 > ENOUGH).then_some(Usual {
        from: until,
        useful,
        fallen,
    })
}

/// Useful calls per second that none of so many spans has fewer of by chance, but for one run in a
/// hundred.
///
/// Chance moves the count of a span, and the mean of the seconds before the fault that it is held
/// against; both by as much as those seconds differ from each other, and no less than Poisson's
/// counts do. The tail beyond z standard deviations is at most exp(-z²/2) / 2.
fn beyond_chance(by_second: &CallsBySecond, from: u64, until: u64, spans: u64) -> f64 {
    let length = (until - from) as f64;
    let mean = by_second.span(from, until).useful as f64 / length;
    let squares = (from..until).fold(0.0, |sum, second| {
        let apart = by_second.span(second, second + 1).useful as f64 - mean;
        sum + apart * apart
    });
    let variance = (squares / (length - 1.0).max(1.0)).max(mean);
    let deviation = detmath::sqrt(variance * (1.0 / SPAN_S as f64 + 1.0 / length));
    let tail = (spans as f64 / (2.0 * BY_CHANCE)).max(1.0);
    mean - detmath::sqrt(2.0 * detmath::ln(tail)) * deviation
}

/// A second, and whether goodput has fallen there (else it is back).
type Crossing = (u64, bool);

fn crossings(by_second: &CallsBySecond, from: u64, usual: f64, fallen: f64) -> Vec<Crossing> {
    let mut found = Vec::new();
    let mut is_down = false;
    let end = by_second.len().saturating_sub(SPAN_S - 1);
    for second in by_second
        .turns(from, SPAN_S)
        .into_iter()
        .filter(|&it| it < end)
    {
        let calls = by_second.span(second, second + SPAN_S);
        let per_second = |calls: u64| calls as f64 / SPAN_S as f64;
        // What is under way at the end of a run has not failed.
        let under_way = calls.started - calls.ended;
        let crosses = if is_down {
            per_second(calls.useful) >= usual * BACK
        } else {
            per_second(calls.useful + under_way) < fallen
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::calls_by_second::Started;

    /// Poisson counts with a mean of 50, from a plain generator of numbers in (0, 1).
    fn counts(seed: u64, seconds: usize) -> Vec<Started> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut uniform = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
        };
        let mut poisson = || {
            let (least, mut count) = (detmath::exp(-50.0), 0);
            let mut product = uniform();
            while product > least {
                product *= uniform();
                count += 1;
            }
            count
        };
        (0..seconds)
            .map(|_| {
                let useful = poisson();
                Started {
                    started: useful,
                    ended: useful,
                    useful,
                    mistaken: 0,
                }
            })
            .collect()
    }

    /// 300 s at 50/s with a fault at 60 s that does nothing: a fixed 80 % is crossed in most runs.
    #[test]
    fn chance_makes_a_line_in_fewer_than_one_run_in_a_hundred() {
        const RUNS: u64 = 400;
        let (mut told, mut by_a_fixed_share) = (0, 0);
        for seed in 1..=RUNS {
            let by_second = CallsBySecond::from_seconds(&counts(seed, 300));
            let useful = by_second.span(30, 60).useful as f64 / 30.0;
            let fallen = (useful * FALLEN).min(beyond_chance(&by_second, 30, 60, 240));
            told += u64::from(!crossings(&by_second, 60, useful, fallen).is_empty());
            let fixed = crossings(&by_second, 60, useful, useful * FALLEN);
            by_a_fixed_share += u64::from(!fixed.is_empty());
        }
        assert!(told * 100 <= RUNS, "{told} of {RUNS}");
        assert!(by_a_fixed_share * 2 > RUNS, "{by_a_fixed_share} of {RUNS}");
    }

    #[test]
    fn a_fall_to_half_is_told_at_fifty_a_second() {
        let mut seconds = counts(7, 300);
        for second in &mut seconds[100..120] {
            second.useful /= 2;
        }
        let by_second = CallsBySecond::from_seconds(&seconds);
        let useful = by_second.span(30, 60).useful as f64 / 30.0;
        let fallen = (useful * FALLEN).min(beyond_chance(&by_second, 30, 60, 240));
        let found = crossings(&by_second, 60, useful, fallen);
        assert!((97..=103).contains(&found[0].0), "{found:?}");
    }
}
