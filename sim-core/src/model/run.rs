//! A run from its empty start to its end, and on until what is under way has ended.
//!
//! A run that stops with its traffic has seen the short calls of its last seconds and not the long
//! ones, so every mean latency comes out too low. Letting what is under way end takes that away.
//! Only calls keep the run alive, not timers, faults, changes, nor work that nobody waits for.

use super::fact::Observer;
use super::record::Live;
use super::spec::ModelSpec;
use super::world::World;
use crate::kernel::{self, Limits, RunEnd, Stop};
use crate::random::KeySource;
use crate::time::SimTime;

/// A run that is over.
#[derive(Debug)]
pub struct Played<O> {
    /// Why and when it stopped.
    pub end: RunEnd,
    /// What the model counts as under way at that instant.
    pub live: Live,
    /// The observer, which was told everything.
    pub observer: O,
}

/// Plays a model from its empty start to its end. `progress` is told the virtual time and the
/// events so far now and then, and ends the run by returning false.
pub fn run<O: Observer>(
    spec: &ModelSpec,
    seed: u64,
    replication: u64,
    observer: O,
    progress: &mut dyn FnMut(SimTime, u64) -> bool,
) -> Played<O> {
    let mut world = World::new(spec, &KeySource::new(seed, replication), observer);
    world.begin();
    let mut end = kernel::run(&mut world, spec.duration, spec.limits, progress);
    if end.stop == Stop::Horizon && !spec.drain.is_zero() {
        end = drain(&mut world, spec, end, progress);
    }
    world.end(end.at);
    Played {
        end,
        live: world.live(),
        observer: world.into_observer(),
    }
}

/// Goes on from the horizon that a run came to, until no caller waits or the time for that is over.
fn drain<O: Observer>(
    world: &mut World<'_, O>,
    spec: &ModelSpec,
    before: RunEnd,
    progress: &mut dyn FnMut(SimTime, u64) -> bool,
) -> RunEnd {
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
