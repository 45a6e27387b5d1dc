//! Another instance comes into a slot: what layers knew of the one before is forgotten (rule 48).
//!
//! Passes that hold a permit for the one before, in a backoff between two attempts, hold none from then
//! on: it is neither given back to the new one nor counted against it, and their next attempt asks anew.
//! So no permit needs a number that says whose it is.

use super::Owner;
use super::pipelines::Pipelines;
use crate::id::LayerId;
use crate::policy::{LayerState, Transition};
use crate::time::SimTime;

/// What one caller's layer had come to about an instance that is replaced, and no longer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forgotten {
    /// Whose layer it is.
    pub owner: Owner,
    /// A breaker was not closed, and is.
    pub breaker: Option<Transition>,
    /// A limit had another value: what it was, and what it is.
    pub limit: Option<(u32, u32)>,
}

impl Pipelines {
    /// Another instance comes into a slot. What that changes is said by owner; nothing for a layer that
    /// does not tell instances apart.
    pub fn refill(&mut self, layer: LayerId, slot: u32, now: SimTime) -> Vec<Forgotten> {
        let mut all = Vec::new();
        if !self.layers.guards_instances(layer) {
            return all;
        }
        let slots = self.layers.instances(layer).max(1) as usize;
        let states = self.layers.states_of(layer).skip(slot as usize);
        for (owner, state) in (0..).map(Owner).zip(states.step_by(slots)) {
            let (config, state) = self.layers.state_at_mut(state);
            let Some(fresh) = config.state(now) else {
                continue;
            };
            let from = state.limit(config);
            let before = std::mem::replace(state, fresh);
            let limits = from.zip(state.limit(config));
            let breaker = if let LayerState::Breaker(breaker) = before {
                breaker.replaced(now)
            } else {
                None
            };
            let forgotten = Forgotten {
                owner,
                breaker,
                limit: limits.filter(|(from, to)| from != to),
            };
            if forgotten.breaker.is_some() || forgotten.limit.is_some() {
                all.push(forgotten);
            }
        }
        self.frames.lose_permits(layer, slot);
        all
    }
}
