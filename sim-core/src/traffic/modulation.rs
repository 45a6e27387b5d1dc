//! A rate that jumps between states at random: the clock of modulated arrivals.
//!
//! The path of the states must not depend on how many arrivals there were, or a load factor would
//! change the bursts themselves. So the path has draws of its own, keyed by the number of the visit:
//! one word of the arrival stream, taken at the start, becomes their site key. The first state is
//! drawn stationary; each visit lasts an exponential time (at least 1 ns); the next state is uniform
//! among the others, which for two states means that they take turns.

use super::arrivals::{Modulated, ModulatedState};
use crate::random::detmath::ln;
use crate::random::{Draws, SiteKey, Uniforms, uniform};
use crate::time::{SimDuration, SimTime};

/// Changes of state after which an arrival counts as never to come.
const MAX_CHANGES: u64 = 10_000_000;

/// The path of the states, at one visit.
#[derive(Clone, Debug)]
pub(super) struct Modulation {
    states: Vec<ModulatedState>,
    site: SiteKey,
    /// The visit in which the latest arrival or change of load fell.
    visit: Visit,
}

/// One stay in one state.
#[derive(Clone, Debug)]
struct Visit {
    number: u64,
    state: usize,
    start: SimTime,
    end: SimTime,
    /// Arrivals expected before it \[count\].
    before: f64,
}

impl Modulation {
    /// A path that depends on `word` alone.
    pub(super) fn new(modulated: &Modulated, word: u64) -> Self {
        let states = modulated.states.clone();
        let site = SiteKey(word);
        let state = stationary(&states, uniform(site, u64::MAX));
        let end = SimTime::ZERO + stay(&states[state], uniform(site, 0));
        let visit = Visit {
            number: 0,
            state,
            start: SimTime::ZERO,
            end,
            before: 0.0,
        };
        Self {
            states,
            site,
            visit,
        }
    }

    fn rate(&self, visit: &Visit) -> f64 {
        self.states[visit.state].rate.get()
    }

    fn cumulative_in(&self, visit: &Visit, by: SimTime) -> f64 {
        visit.before + self.rate(visit) * by.since(visit.start).as_secs_f64()
    }

    /// The next visit: draw 0 of its number is its length, the ones after it the choice of state.
    fn after(&self, visit: &Visit) -> Visit {
        let number = visit.number + 1;
        let mut draws = Draws::new(self.site, number);
        let length = draws.open01();
        let other = draws.below(self.states.len() as u64 - 1) as usize;
        let state = if other < visit.state {
            other
        } else {
            other + 1
        };
        Visit {
            number,
            state,
            start: visit.end,
            end: visit.end + stay(&self.states[state], length),
            before: self.cumulative_in(visit, visit.end),
        }
    }

    /// The first visit from the current one on that `is_it`, if so many changes or the end of time
    /// do not come first.
    fn find(&self, max_changes: u64, is_it: impl Fn(&Visit) -> bool) -> Option<Visit> {
        let mut visit = self.visit.clone();
        for _ in 0..max_changes {
            if is_it(&visit) {
                return Some(visit);
            }
            if visit.end == SimTime::NEVER {
                return None;
            }
            visit = self.after(&visit);
        }
        None
    }

    fn visit_of(&self, cumulative: f64) -> Option<Visit> {
        if cumulative.is_infinite() {
            return None;
        }
        self.find(MAX_CHANGES, |visit| {
            self.cumulative_in(visit, visit.end) >= cumulative
        })
    }

    /// The earliest instant by which this many arrivals are expected, not before the current visit.
    pub(super) fn time_of(&self, cumulative: f64) -> Option<SimTime> {
        let visit = self.visit_of(cumulative)?;
        let missing = (cumulative - visit.before).max(0.0);
        if missing > 0.0 {
            let offset = SimDuration::from_sampled_ns(missing / self.rate(&visit) * 1e9);
            return Some((visit.start + offset).min(visit.end));
        }
        Some(visit.start)
    }

    /// Arrivals expected until `by`, not before the current visit \[count\].
    pub(super) fn cumulative(&self, by: SimTime) -> f64 {
        let visit = self.find(u64::MAX, |visit| by <= visit.end);
        visit.map_or(f64::INFINITY, |visit| self.cumulative_in(&visit, by))
    }

    /// Forgets the visits before the one in which this many arrivals are expected.
    pub(super) fn advance_to(&mut self, cumulative: f64) {
        if let Some(visit) = self.visit_of(cumulative) {
            self.visit = visit;
        }
    }
}

/// The state in which a share `u` of all time falls.
fn stationary(states: &[ModulatedState], u: f64) -> usize {
    let span = |state: &ModulatedState| state.mean_duration.as_ns_f64();
    let total = states.iter().fold(0.0, |sum, state| sum + span(state));
    let mut upto = 0.0;
    let found = states.iter().position(|state| {
        upto += span(state);
        u * total < upto
    });
    found.unwrap_or(states.len() - 1)
}

/// How long a visit lasts if longer ones have probability `u`.
fn stay(state: &ModulatedState, u: f64) -> SimDuration {
    let drawn = SimDuration::from_sampled_ns(-state.mean_duration.as_ns_f64() * ln(u));
    drawn.max(SimDuration::from_ns(1))
}
