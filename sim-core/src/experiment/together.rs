//! Runs that have a beginning in common: it is played once.
//!
//! Settings are often tried that act from some instant on: the length of a fault, its factor, its time.
//! With the same random numbers their runs are one and the same run until then
//! ([`same_until`]). So it is played once, held at that instant, and copied; each copy goes on with its
//! own setting. Common beginnings form a tree: where branches part, the copies go on one after
//! another and the largest branch goes on with the run itself, so that few worlds exist at a time.
//!
//! What comes of a run is the same to the byte as if it had been played from its start.

use super::replicate::{End, Experiment, Replications, Watcher};
use super::simulate::{HeldRun, Play};
use crate::model::spec::ModelSpec;
use crate::model::{Beginning, same_until};
use crate::time::SimTime;
use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A common beginning shorter than this part of a run is not worth a copy: the part of one.
const WORTHWHILE: u64 = 32;

/// Experiments in an order in which those that have much in common are neighbours.
#[derive(Clone, Debug)]
pub(super) struct Family {
    members: Vec<Member>,
}

/// One of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// Its place among those that the family was made of.
    pub(super) place: usize,
    /// Until when its runs are those of the member before it.
    shared: SimTime,
}

impl Family {
    /// The family of these experiments, by place.
    pub(super) fn of(experiments: &[Experiment<'_>]) -> Self {
        let mut members = Vec::new();
        if let [_] = experiments {
            members.push(Member::alone(0));
        } else {
            // Other seeds meet other random numbers.
            let mut by_seed: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
            for (place, one) in experiments.iter().enumerate() {
                by_seed.entry(one.seed()).or_default().push(place);
            }
            let all: Vec<Beginning<'_>> = experiments
                .iter()
                .map(|one| Beginning::of(&one.scenario().model))
                .collect();
            for places in by_seed.into_values() {
                arrange(&all, &places, SimTime::ZERO, &mut members);
            }
        }
        Self { members }
    }

    /// Those of its members that are wanted, in groups that begin alike, at most so many in each.
    pub(super) fn groups(
        &self,
        most: usize,
        is_wanted: impl Fn(usize) -> bool,
    ) -> Vec<Vec<Member>> {
        let mut shared = SimTime::NEVER;
        let mut groups: Vec<Vec<Member>> = Vec::new();
        for member in &self.members {
            shared = shared.min(member.shared);
            if !is_wanted(member.place) {
                continue;
            }
            let place = member.place;
            match groups.last_mut() {
                Some(group) if shared > SimTime::ZERO && group.len() < most => {
                    group.push(Member { place, shared });
                }
                _ => groups.push(vec![Member::alone(place)]),
            }
            shared = SimTime::NEVER;
        }
        groups
    }
}

impl Member {
    /// One that has nothing in common with those before.
    const fn alone(place: usize) -> Self {
        Self {
            place,
            shared: SimTime::ZERO,
        }
    }
}

/// Arranges members that share a beginning among themselves: the first, after those that part from it
/// earlier. The first of all has `shared` in common with the member before.
fn arrange(all: &[Beginning<'_>], places: &[usize], shared: SimTime, into: &mut Vec<Member>) {
    let Some((&first, others)) = places.split_first() else {
        return;
    };
    let with_first = |&place: &usize| (worthwhile(&all[first], &all[place]), place);
    let mut others: Vec<(SimTime, usize)> = others.iter().map(with_first).collect();
    others.sort_by_key(|&(until, _)| until);
    let mut shared = shared;
    for part in others.chunk_by(|one, other| one.0 == other.0) {
        let places: Vec<usize> = part.iter().map(|other| other.1).collect();
        arrange(all, &places, shared, into);
        shared = part[0].0;
    }
    let place = first;
    into.push(Member { place, shared });
}

/// How long two are the same; zero if a copy is not worth it.
fn worthwhile(one: &Beginning<'_>, other: &Beginning<'_>) -> SimTime {
    let until = same_until(one, other);
    if until.as_ns() < one.duration().as_ns() / WORTHWHILE {
        SimTime::ZERO
    } else {
        until
    }
}

/// Plays the same replication of the experiments of a group. What came of each is told with its
/// place, each as soon as it is known; the watcher is told of each by itself.
pub(super) fn play_together<'a>(
    experiments: &'a [Experiment<'a>],
    members: &[Member],
    replication: u32,
    watcher: &dyn Watcher,
    told: &mut dyn FnMut(usize, Replications),
) {
    let alone = |member: &Member, told: &mut dyn FnMut(usize, Replications)| {
        let mut one = Replications::default();
        experiments[member.place].play(replication..replication + 1, watcher, &mut one);
        told(member.place, one);
    };
    if let [member] = members {
        return alone(member, told);
    }
    let mut is_done = vec![false; members.len()];
    let mut group = Group {
        experiments,
        members,
        watcher,
        replication,
        told: &mut |number, end| {
            is_done[number] = true;
            watcher.done(1);
            let mut one = Replications::default();
            one.fold(end);
            told(members[number].place, one);
        },
    };
    let played = catch_unwind(AssertUnwindSafe(|| group.play()));
    // Where a common run breaks, each of its runs would have broken: each says so itself.
    if played.is_err() {
        let left = members.iter().zip(&is_done).filter(|(_, done)| !**done);
        left.for_each(|(member, _)| alone(member, told));
    }
}

/// Members that are played together.
struct Group<'a, 'g> {
    experiments: &'a [Experiment<'a>],
    members: &'g [Member],
    watcher: &'g dyn Watcher,
    replication: u32,
    /// Told how the run of a member ended.
    told: &'g mut dyn FnMut(usize, End),
}

impl<'a> Group<'a, '_> {
    /// All of them begin alike.
    fn play(&mut self) {
        let run = HeldRun::begin(self.model(0), self.play_of(0));
        self.branch(run, 0..self.members.len());
    }

    /// Members whose runs are all the same so far.
    fn branch(&mut self, mut run: HeldRun<'a>, mut all: Range<usize>) {
        let watcher = self.watcher;
        let progress = &mut |_, _| watcher.goes_on();
        while let Some(at) = self.parting(all.clone()) {
            run.play_until(at, progress);
            let mut parts = self.parts(all, at);
            let largest = (0..parts.len()).max_by_key(|&part| parts[part].len());
            all = parts.swap_remove(largest.unwrap_or(0));
            for part in parts {
                let mut copy = run.clone();
                copy.go_on_with(self.model(part.start));
                self.branch(copy, part);
            }
            run.go_on_with(self.model(all.start));
        }
        let play = self.play_of(all.start);
        let record = run.finish(progress);
        let end = self.experiment(all.start).end_of(play, &record);
        (self.told)(all.start, end);
    }

    /// When the first of them part from the others; none if there is but one.
    fn parting(&self, all: Range<usize>) -> Option<SimTime> {
        let shared = self.members[all].iter().skip(1);
        shared.map(|member| member.shared).min()
    }

    /// Those who have more in common than until this instant.
    fn parts(&self, all: Range<usize>, at: SimTime) -> Vec<Range<usize>> {
        let mut parts: Vec<Range<usize>> = Vec::new();
        for number in all {
            match parts.last_mut() {
                Some(part) if self.members[number].shared > at => part.end = number + 1,
                _ => parts.push(number..number + 1),
            }
        }
        parts
    }

    fn experiment(&self, number: usize) -> &'a Experiment<'a> {
        &self.experiments[self.members[number].place]
    }

    fn model(&self, number: usize) -> &'a ModelSpec {
        &self.experiment(number).scenario().model
    }

    fn play_of(&self, number: usize) -> Play {
        Play {
            seed: self.experiment(number).seed(),
            replication: self.replication,
        }
    }
}

#[cfg(test)]
mod tests;
