//! What became of those who asked for something kept, and how much of it was in use.

use crate::id::{Id, IdMap, InstanceId, KeptId};
use crate::model::spec::ModelSpec;
use crate::observe::Histogram;
use crate::policy::Outcome;
use crate::time::{SimDuration, SimTime};

/// What is kept of a thing, after the warm-up; all processes together, and each.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptRecord {
    /// Waits of those who got it, zero if they did not wait, and of those who were turned away.
    pub waits: Histogram,
    /// By process of its owner.
    pub processes: Vec<KeptProcess>,
    /// Each point of the series.
    pub series: Vec<KeptPoint>,
    /// For how long things were measured.
    pub measured: SimDuration,
}

/// Something kept in one bucket, all processes together \[count\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptPoint {
    /// In use when it ends.
    pub given: u32,
    /// Waiting when it ends.
    pub waiting: u32,
    /// Open when it ends, in use or not.
    pub open: u32,
    /// Came back.
    pub returned: u32,
}

/// What a process did with a thing that it keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptProcess {
    /// Got it, at once or after a wait \[count\].
    pub granted: u64,
    /// Of those, after a wait \[count\].
    pub waited: u64,
    /// Waited too long \[count\].
    pub timed_out: u64,
    /// Failed with an opening \[count\].
    pub failed: u64,
    /// Gave up waiting \[count\].
    pub given_up: u64,
    /// Came back \[count\].
    pub returned: u64,
    /// Of those, of no more use \[count\].
    pub broken: u64,
    /// Opened, could not be opened, closed \[count\].
    pub opened: u64,
    /// Could not be opened \[count\].
    pub not_opened: u64,
    /// Closed \[count\].
    pub closed: u64,
    /// Time to open, all together \[ns\].
    pub opening_ns: u64,
    /// Area under the number in use [count × ns].
    pub given_area: u128,
    /// Area under the number waiting [count × ns].
    pub waiting_area: u128,
    /// Most in use at once \[count\].
    pub most_given: u32,
    /// Most waiting at once \[count\].
    pub most_waiting: u32,
}

impl KeptRecord {
    /// The sum over all processes of one of their counts.
    pub fn sum(&self, of: impl Fn(&KeptProcess) -> u64) -> u64 {
        self.processes.iter().map(of).sum()
    }
}

/// The recorder of what is kept.
#[derive(Clone, Debug)]
pub(super) struct KeptRecorder {
    records: IdMap<KeptId, KeptRecord>,
    /// In use and waiting now, since when; by thing and process.
    levels: IdMap<KeptId, Vec<KeptLevel>>,
    first: IdMap<KeptId, InstanceId>,
    /// Came back since the last point \[count\].
    returned: IdMap<KeptId, u32>,
    span: (SimTime, SimTime),
}

#[derive(Clone, Copy, Debug, Default)]
struct KeptLevel {
    given: u32,
    waiting: u32,
    open: u32,
    since: SimTime,
}

impl KeptRecorder {
    pub(super) fn new(spec: &ModelSpec) -> Self {
        let mut recorder = Self {
            records: IdMap::new(),
            levels: IdMap::new(),
            first: IdMap::new(),
            returned: spec.kept.iter().map(|_| 0).collect(),
            span: (spec.warmup, spec.duration),
        };
        for kept in &spec.kept {
            let owner = &spec.services[kept.owner];
            let processes = owner.instances as usize;
            recorder.records.push(KeptRecord {
                waits: Histogram::fine(),
                processes: vec![KeptProcess::default(); processes],
                series: Vec::new(),
                measured: spec.duration.since(spec.warmup),
            });
            recorder.levels.push(vec![KeptLevel::default(); processes]);
            recorder.first.push(owner.first_instance);
        }
        recorder
    }

    /// Whether totals take what happens now.
    fn counts(&self, now: SimTime) -> bool {
        now >= self.span.0 && now < self.span.1
    }

    /// The level of a process changes.
    fn change(
        &mut self,
        now: SimTime,
        kept: KeptId,
        owner: InstanceId,
        to: impl Fn(&mut KeptLevel),
    ) {
        let place = owner.index() - self.first[kept].index();
        let (from, until) = self.span;
        let level = &mut self.levels[kept][place];
        let process = &mut self.records[kept].processes[place];
        let begin = level.since.max(from);
        let end = now.min(until);
        if end > begin {
            let span = u128::from(end.since(begin).as_ns());
            process.given_area += span * u128::from(level.given);
            process.waiting_area += span * u128::from(level.waiting);
        }
        to(level);
        level.since = now;
        if now < until {
            process.most_given = process.most_given.max(level.given);
            process.most_waiting = process.most_waiting.max(level.waiting);
        }
    }

    fn count(
        &mut self,
        now: SimTime,
        kept: KeptId,
        owner: InstanceId,
        to: impl Fn(&mut KeptProcess),
    ) {
        if self.counts(now) {
            let place = owner.index() - self.first[kept].index();
            to(&mut self.records[kept].processes[place]);
        }
    }

    pub(super) fn waits(&mut self, now: SimTime, kept: KeptId, owner: InstanceId) {
        self.change(now, kept, owner, |level| level.waiting += 1);
    }

    pub(super) fn granted(
        &mut self,
        now: SimTime,
        (kept, owner): (KeptId, InstanceId),
        waited: SimDuration,
        at_once: bool,
    ) {
        self.change(now, kept, owner, |level| {
            level.given += 1;
            level.waiting -= u32::from(!at_once);
        });
        if self.counts(now) {
            self.records[kept].waits.record(waited.as_ns());
        }
        self.count(now, kept, owner, |process| {
            process.granted += 1;
            process.waited += u64::from(!at_once);
        });
    }

    pub(super) fn refused(
        &mut self,
        now: SimTime,
        (kept, owner): (KeptId, InstanceId),
        waited: SimDuration,
        how: Outcome,
    ) {
        if self.counts(now) {
            self.records[kept].waits.record(waited.as_ns());
        }
        self.change(now, kept, owner, |level| level.waiting -= 1);
        self.count(now, kept, owner, |process| {
            if how == Outcome::StoppedPoolTimeout {
                process.timed_out += 1;
            } else {
                process.failed += 1;
            }
        });
    }

    pub(super) fn given_up(&mut self, now: SimTime, kept: KeptId, owner: InstanceId) {
        self.change(now, kept, owner, |level| level.waiting -= 1);
        self.count(now, kept, owner, |process| process.given_up += 1);
    }

    pub(super) fn returned(&mut self, now: SimTime, kept: KeptId, owner: InstanceId, broken: bool) {
        self.change(now, kept, owner, |level| level.given -= 1);
        self.returned[kept] += 1;
        self.count(now, kept, owner, |process| {
            process.returned += 1;
            process.broken += u64::from(broken);
        });
    }

    pub(super) fn opened(
        &mut self,
        now: SimTime,
        kept: KeptId,
        owner: InstanceId,
        took: SimDuration,
    ) {
        self.change(now, kept, owner, |level| level.open += 1);
        self.count(now, kept, owner, |process| {
            process.opened += 1;
            process.opening_ns = process.opening_ns.saturating_add(took.as_ns());
        });
    }

    pub(super) fn not_opened(&mut self, now: SimTime, kept: KeptId, owner: InstanceId) {
        self.count(now, kept, owner, |process| process.not_opened += 1);
    }

    pub(super) fn closed(&mut self, now: SimTime, kept: KeptId, owner: InstanceId) {
        self.change(now, kept, owner, |level| level.open -= 1);
        self.count(now, kept, owner, |process| process.closed += 1);
    }

    /// A point of the series ends.
    pub(super) fn take_point(&mut self) {
        for (kept, levels) in self.levels.iter_enumerated() {
            let sum = |of: fn(&KeptLevel) -> u32| levels.iter().map(of).sum();
            self.records[kept].series.push(KeptPoint {
                given: sum(|level| level.given),
                waiting: sum(|level| level.waiting),
                open: sum(|level| level.open),
                returned: std::mem::take(&mut self.returned[kept]),
            });
        }
    }

    /// The run is over.
    pub(super) fn finish(mut self, end: SimTime) -> IdMap<KeptId, KeptRecord> {
        let all: Vec<(KeptId, usize)> = self
            .levels
            .iter_enumerated()
            .flat_map(|(kept, levels)| (0..levels.len()).map(move |place| (kept, place)))
            .collect();
        for (kept, place) in all {
            let owner = InstanceId::from_index(self.first[kept].index() + place);
            self.change(end, kept, owner, |_| {});
        }
        let measured = end.min(self.span.1).max(self.span.0).since(self.span.0);
        for record in &mut self.records {
            record.measured = measured;
        }
        self.records
    }
}
