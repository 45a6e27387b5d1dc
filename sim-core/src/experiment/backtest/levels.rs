//! How long breakers were in which state, and how full bulkheads were.

use super::bind::LayerUnit;
use super::strip::Strip;
use super::summary::{BreakerSummary, BulkheadSummary};
use crate::observe::TimeWeighted;
use crate::policy::{BreakerStateKind, Layer};
use crate::time::{SimDuration, SimTime};

/// What is known of one state.
#[derive(Clone, Debug)]
enum Gauge {
    /// A breaker: its state, since when, the time in each, and how often it opened.
    Breaker {
        state: BreakerStateKind,
        since: SimTime,
        held: [SimDuration; 3],
        openings: u64,
    },
    /// A bulkhead: passes inside and waiting.
    Bulkhead {
        in_use: Box<TimeWeighted>,
        waiting: u32,
        since: SimTime,
        waiting_max: u32,
    },
    /// Nothing to be measured.
    Nothing,
}

/// All states, and their sums over time for each layer of the policy.
#[derive(Clone, Debug)]
pub(super) struct Levels {
    /// Start of the first call.
    from: SimTime,
    gauges: Vec<Gauge>,
    /// For each layer, all its states together: breakers open and half-open, or passes inside and
    /// waiting [count × ns].
    strips: Vec<Strip<2>>,
}

impl Levels {
    /// For a policy with so many layers.
    pub(super) fn new(from: SimTime, depth: usize) -> Self {
        Self {
            from,
            gauges: Vec::new(),
            strips: vec![Strip::new(from); depth],
        }
    }

    /// A state came into being.
    pub(super) fn watch(&mut self, kind: &Layer) {
        let gauge = if kind.breaker().is_some() {
            Gauge::Breaker {
                state: BreakerStateKind::Closed,
                since: self.from,
                held: [SimDuration::ZERO; 3],
                openings: 0,
            }
        } else if kind.bulkhead().is_some() {
            Gauge::Bulkhead {
                in_use: Box::default(),
                waiting: 0,
                since: self.from,
                waiting_max: 0,
            }
        } else {
            Gauge::Nothing
        };
        self.gauges.push(gauge);
    }

    /// How many states are watched.
    pub(super) fn len(&self) -> usize {
        self.gauges.len()
    }

    /// A breaker changed its state.
    pub(super) fn changed(&mut self, now: SimTime, place: u32, unit: u32, to: BreakerStateKind) {
        let Gauge::Breaker {
            state,
            since,
            held,
            openings,
        } = &mut self.gauges[unit as usize]
        else {
            return;
        };
        held[index(*state)] = held[index(*state)] + now.since(*since);
        *openings += u64::from(to == BreakerStateKind::Open);
        let strip = &mut self.strips[place as usize];
        add_state(strip, *state, *since, now);
        (*state, *since) = (to, now);
    }

    /// A bulkhead holds so many now.
    pub(super) fn filled(&mut self, now: SimTime, place: u32, unit: u32, filling: (u32, u32)) {
        let Gauge::Bulkhead {
            in_use,
            waiting,
            since,
            waiting_max,
        } = &mut self.gauges[unit as usize]
        else {
            return;
        };
        let before = (in_use.current() as u32, *waiting);
        if before == filling {
            return;
        }
        let strip = &mut self.strips[place as usize];
        add_filling(strip, before, *since, now);
        in_use.set(now, i64::from(filling.0));
        (*waiting, *since) = (filling.1, now);
        *waiting_max = filling.1.max(*waiting_max);
    }

    /// What was measured until the end.
    pub(super) fn finish(mut self, end: SimTime, units: &[LayerUnit]) -> Measured {
        let mut measured = Measured::default();
        let from = self.from;
        for (gauge, &unit) in self.gauges.into_iter().zip(units) {
            let strip = &mut self.strips[unit.place as usize];
            match gauge {
                Gauge::Breaker {
                    state,
                    since,
                    mut held,
                    openings,
                } => {
                    held[index(state)] = held[index(state)] + end.since(since);
                    add_state(strip, state, since, end);
                    measured.breakers.push(BreakerSummary {
                        unit,
                        held,
                        openings,
                        state,
                    });
                }
                Gauge::Bulkhead {
                    in_use,
                    waiting,
                    since,
                    waiting_max,
                } => {
                    add_filling(strip, (in_use.current() as u32, waiting), since, end);
                    measured.bulkheads.push(BulkheadSummary {
                        unit,
                        in_use_mean: in_use.mean_since(from, end),
                        in_use_max: in_use.max() as u32,
                        waiting_max,
                    });
                }
                Gauge::Nothing => {}
            }
        }
        measured.strips = self.strips;
        measured
    }
}

/// What was measured.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured {
    pub(super) breakers: Vec<BreakerSummary>,
    pub(super) bulkheads: Vec<BulkheadSummary>,
    pub(super) strips: Vec<Strip<2>>,
}

/// A breaker was in this state all the time.
fn add_state(strip: &mut Strip<2>, state: BreakerStateKind, from: SimTime, until: SimTime) {
    match state {
        BreakerStateKind::Closed => {}
        BreakerStateKind::Open => strip.add_span(from, until, 0, 1),
        BreakerStateKind::HalfOpen => strip.add_span(from, until, 1, 1),
    }
}

/// A bulkhead held so many all the time.
fn add_filling(strip: &mut Strip<2>, filling: (u32, u32), from: SimTime, until: SimTime) {
    strip.add_span(from, until, 0, filling.0.into());
    strip.add_span(from, until, 1, filling.1.into());
}

/// A breaker's state as an index.
const fn index(state: BreakerStateKind) -> usize {
    match state {
        BreakerStateKind::Closed => 0,
        BreakerStateKind::Open => 1,
        BreakerStateKind::HalfOpen => 2,
    }
}
