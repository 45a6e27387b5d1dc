//! A run from its empty start to its end, and on until what is under way has ended; all at once or held
//! on the way.
//!
//! A run that stops with its traffic has seen the short calls of its last seconds and not the long
//! ones, so every mean latency comes out too low. Letting what is under way end takes that away.
//! Only calls keep the run alive, not timers, faults, changes, nor work that nobody waits for.
//!
//! A run that is held can be copied, and the copy can go on as a run of another model that was the same
//! until then ([`super::same_until`]): so what many runs have in common is played once. Nobody can
//! tell such a run from one that was played from the start; tests hold that by their digests.

use super::fact::Observer;
use super::record::Live;
use super::spec::ModelSpec;
use super::world::World;
use crate::kernel::{self, EventCount, Limits, RunEnd, Stop};
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

/// Told the virtual time and the events so far now and then; ends the run by returning false.
pub type Progress<'p> = &'p mut dyn FnMut(SimTime, u64) -> bool;

/// Plays a model from its empty start to its end.
pub fn run<O: Observer>(
    spec: &ModelSpec,
    seed: u64,
    replication: u64,
    observer: O,
    progress: Progress<'_>,
) -> Played<O> {
    Held::begin(spec, seed, replication, observer).finish(progress)
}

/// A run that is held at an instant: what lies before it has happened.
#[derive(Clone, Debug)]
pub struct Held<'s, O> {
    spec: &'s ModelSpec,
    world: World<'s, O>,
    count: EventCount,
    /// How it ended, if it did before the instant at which it was to be held.
    ended: Option<RunEnd>,
}

impl<'s, O: Observer> Held<'s, O> {
    /// A run that has not begun.
    pub fn begin(spec: &'s ModelSpec, seed: u64, replication: u64, observer: O) -> Self {
        let mut world = World::new(spec, &KeySource::new(seed, replication), observer);
        world.begin();
        Self {
            spec,
            world,
            count: EventCount::new(spec.limits),
            ended: None,
        }
    }

    /// Goes on to a later instant, at most to that at which traffic ends.
    pub fn play_until(&mut self, at: SimTime, progress: Progress<'_>) {
        if self.ended.is_none() {
            let end = kernel::go_on(&mut self.world, at, &mut self.count, progress);
            self.ended = Some(end).filter(|end| end.stop != Stop::Horizon);
        }
    }

    /// Goes on as a run of another model, which was the same until now; `of_observer` tells the
    /// observer.
    pub fn go_on_with(&mut self, spec: &'s ModelSpec, of_observer: impl FnOnce(&mut O)) {
        self.spec = spec;
        self.world.go_on_with(spec, of_observer);
    }

    /// Goes on to the end.
    pub fn finish(mut self, progress: Progress<'_>) -> Played<O> {
        self.play_until(self.spec.duration, progress);
        let mut world = self.world;
        let end = self.ended.unwrap_or_else(|| {
            let end = RunEnd {
                stop: Stop::Horizon,
                events: self.count.events(),
                at: self.spec.duration,
            };
            if self.spec.drain.is_zero() {
                end
            } else {
                drain(&mut world, self.spec, end, progress)
            }
        });
        world.end(end.at);
        Played {
            end,
            live: world.live(),
            observer: world.into_observer(),
        }
    }
}

/// Goes on from the horizon that a run came to, until no caller waits or the time for that is over.
fn drain<O: Observer>(
    world: &mut World<'_, O>,
    spec: &ModelSpec,
    before: RunEnd,
    progress: Progress<'_>,
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
