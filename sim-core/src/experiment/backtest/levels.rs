//! How long breakers were in which state, and how full bulkheads were.

use super::bind::Unit;
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
    /// For each layer: breakers open and half-open, or passes inside and waiting.
    layers: Vec<LayerLevel>,
}

/// Two levels of a layer, all its states together.
#[derive(Clone, Debug)]
struct LayerLevel {
    now: [u64; 2],
    since: SimTime,
    strip: Strip<2>,
}

impl LayerLevel {
    fn advance(&mut self, now: SimTime) {
        for (which, level) in self.now.into_iter().enumerate() {
            self.strip.add_span(self.since, now, which, level);
        }
        self.since = now;
    }

    fn change(&mut self, now: SimTime, which: usize, from: u32, to: u32) {
        if from != to {
            self.advance(now);
            self.now[which] = self.now[which] + u64::from(to) - u64::from(from);
        }
    }
}

impl Levels {
    /// For a policy with so many layers.
    pub(super) fn new(from: SimTime, depth: usize) -> Self {
        let level = LayerLevel {
            now: [0; 2],
            since: from,
            strip: Strip::new(from),
        };
        Self {
            from,
            gauges: Vec::new(),
            layers: vec![level; depth],
        }
    }

    /// A state came into being.
    pub(super) fn watch(&mut self, kind: &Layer) {
        self.gauges.push(match kind {
            Layer::Breaker(_) => Gauge::Breaker {
                state: BreakerStateKind::Closed,
                since: self.from,
                held: [SimDuration::ZERO; 3],
                openings: 0,
            },
            Layer::Bulkhead(_) => Gauge::Bulkhead {
                in_use: Box::default(),
                waiting: 0,
                waiting_max: 0,
            },
            Layer::Timeout(_) | Layer::Retry(_) | Layer::Fallback(_) | Layer::Hedge(_) => {
                Gauge::Nothing
            }
        });
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
        let from = std::mem::replace(state, to);
        *since = now;
        let level = &mut self.layers[place as usize];
        for (which, kind) in [BreakerStateKind::Open, BreakerStateKind::HalfOpen]
            .into_iter()
            .enumerate()
        {
            level.change(now, which, u32::from(from == kind), u32::from(to == kind));
        }
    }

    /// A bulkhead holds so many now.
    pub(super) fn filled(&mut self, now: SimTime, place: u32, unit: u32, filling: (u32, u32)) {
        let Gauge::Bulkhead {
            in_use,
            waiting,
            waiting_max,
        } = &mut self.gauges[unit as usize]
        else {
            return;
        };
        let before = (in_use.current() as u32, *waiting);
        if before == filling {
            return;
        }
        in_use.set(now, i64::from(filling.0));
        *waiting = filling.1;
        *waiting_max = filling.1.max(*waiting_max);
        let level = &mut self.layers[place as usize];
        level.change(now, 0, before.0, filling.0);
        level.change(now, 1, before.1, filling.1);
    }

    /// What was measured until the end.
    pub(super) fn finish(mut self, end: SimTime, units: &[Unit]) -> Measured {
        let mut measured = Measured::default();
        let from = self.from;
        for (gauge, &unit) in self.gauges.into_iter().zip(units) {
            match gauge {
                Gauge::Breaker {
                    state,
                    since,
                    mut held,
                    openings,
                } => {
                    held[index(state)] = held[index(state)] + end.since(since);
                    measured.breakers.push(BreakerSummary {
                        unit,
                        held,
                        openings,
                        state,
                    });
                }
                Gauge::Bulkhead {
                    in_use,
                    waiting: _,
                    waiting_max,
                } => measured.bulkheads.push(BulkheadSummary {
                    unit,
                    in_use_mean: in_use.mean_since(TimeWeighted::new().mark(from), end),
                    in_use_max: in_use.max() as u32,
                    waiting_max,
                }),
                Gauge::Nothing => {}
            }
        }
        for level in &mut self.layers {
            level.advance(end);
        }
        measured.strips = self.layers.into_iter().map(|level| level.strip).collect();
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

/// A breaker's state as an index.
const fn index(state: BreakerStateKind) -> usize {
    match state {
        BreakerStateKind::Closed => 0,
        BreakerStateKind::Open => 1,
        BreakerStateKind::HalfOpen => 2,
    }
}
