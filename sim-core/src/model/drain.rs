//! After the last arrival: the run goes on until every call has its outcome.
//!
//! A run that stops with its traffic has seen the short calls of its last seconds and not the long
//! ones, so every mean latency comes out too low. Letting what is under way end takes that away.
//! Only calls keep the run alive, not timers, faults, changes, nor work that nobody waits for.

use super::fact::Observer;
use super::world::World;
use crate::kernel::{self, Limits, RunEnd, Stop};
use crate::time::SimTime;

/// Goes on from the horizon that a run came to, until no caller waits or the time for that is over.
pub(super) fn drain<O: Observer>(
    world: &mut World<'_, O>,
    before: RunEnd,
    progress: &mut dyn FnMut(SimTime, u64) -> bool,
) -> RunEnd {
    let spec = world.spec();
    world.close();
    if world.is_drained() {
        return before;
    }
    let limits = Limits {
        events: spec.limits.events - before.events,
        ..spec.limits
    };
    let mut told = |now, events| progress(now, before.events + events);
    let end = kernel::run(world, spec.duration + spec.drain, limits, &mut told);
    RunEnd {
        stop: if end.stop == Stop::Halted && world.is_drained() {
            Stop::Horizon
        } else {
            end.stop
        },
        events: before.events + end.events,
        at: end.at.max(before.at),
    }
}
