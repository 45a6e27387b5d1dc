//! Many runs of one scenario that differ in nothing but their luck.
//!
//! Replication k of a seed draws from keys of its own (rule 43), so it is the same run wherever and
//! whenever it is played: alone, among ten or among a thousand. Runs share nothing, so they are
//! played on as many threads as wished; what comes out is collected by number and folded in that
//! order, which makes the number of threads invisible. Seeds are not counted up: neighbouring seeds
//! would share their replications.

use super::figures::{Figure, figures};
use super::simulate::{Play, simulate};
use super::summary::{RunSummary, summarise};
use crate::judge::{RunView, judge, longest_call};
use crate::model::record::{RunRecord, RunStatus};
use crate::scenario::Scenario;
use crate::time::SimDuration;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};

/// How many threads play.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Threads {
    /// One for each processor.
    #[default]
    All,
    /// So many, at least one.
    Exactly(u32),
}

impl Threads {
    /// How many that is \[count\].
    pub(super) fn count(self) -> usize {
        match self {
            Self::Exactly(threads) => threads.max(1) as usize,
            #[cfg(feature = "parallel")]
            Self::All => rayon::current_num_threads(),
            #[cfg(not(feature = "parallel"))]
            Self::All => 1,
        }
    }
}

/// Somebody who waits for many runs; called from several threads.
pub trait Watcher: Sync {
    /// So many runs are planned for now, those included that are done.
    fn planned(&self, _runs: u32) {}
    /// So many runs are done by now.
    fn done(&self, runs: u32);
    /// Whether to go on; after the first `false` no run is begun and those under way are dropped.
    fn goes_on(&self) -> bool;
}

/// A watcher that lets everything run to its end.
#[derive(Clone, Copy, Debug, Default)]
pub struct NeverStops;

impl Watcher for NeverStops {
    fn done(&self, _runs: u32) {}

    fn goes_on(&self) -> bool {
        true
    }
}

/// A run that came to no end of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which run.
    pub play: Play,
    /// What the simulator said when it broke.
    pub message: String,
}

/// Many runs of one scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replications {
    /// Those that were played, by number.
    pub runs: Vec<RunSummary>,
    /// Those that broke, by number. That is a defect of the simulator, and touches no other run.
    pub failures: Vec<Failure>,
    /// Those that were not played because somebody stopped it \[count\].
    pub missing: u32,
}

impl Replications {
    /// Whether somebody stopped it.
    pub fn is_interrupted(&self) -> bool {
        self.missing > 0
    }

    /// How many were asked for \[count\].
    pub fn asked(&self) -> u32 {
        self.runs.len() as u32 + self.failures.len() as u32 + self.missing
    }

    /// The values of a figure, by its place among those of the scenario, over all runs that reached
    /// their end and have it.
    pub fn values(&self, figure: usize) -> Vec<f64> {
        let finished = self
            .runs
            .iter()
            .filter(|run| run.status == RunStatus::Finished);
        finished.filter_map(|run| run.figures[figure]).collect()
    }

    pub(super) fn fold(&mut self, end: End) {
        match end {
            End::Played(run) => self.runs.push(*run),
            End::Broken(failure) => self.failures.push(failure),
            End::Stopped => self.missing += 1,
        }
    }
}

/// How one of many runs ended.
pub(super) enum End {
    Played(Box<RunSummary>),
    Broken(Failure),
    Stopped,
}

/// A scenario that is played many times.
#[derive(Clone, Debug)]
pub struct Experiment<'a> {
    scenario: &'a Scenario,
    seed: u64,
    threads: Threads,
    figures: Vec<Figure>,
    longest_call: SimDuration,
}

impl<'a> Experiment<'a> {
    /// The replications of a seed.
    pub fn new(scenario: &'a Scenario, seed: u64, threads: Threads) -> Self {
        Self {
            scenario,
            seed,
            threads,
            figures: figures(scenario),
            longest_call: longest_call(&scenario.model),
        }
    }

    /// What is played.
    pub fn scenario(&self) -> &'a Scenario {
        self.scenario
    }

    /// From which all random numbers come.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The figures of each run, in order.
    pub fn figures(&self) -> &[Figure] {
        &self.figures
    }

    /// How many threads play.
    pub(super) fn threads(&self) -> Threads {
        self.threads
    }

    /// Plays the replications with these numbers, after those that are there already.
    pub fn play(&self, numbers: Range<u32>, watcher: &dyn Watcher, into: &mut Replications) {
        let done = AtomicU32::new(into.runs.len() as u32 + into.failures.len() as u32);
        let told = |end| {
            watcher.done(done.fetch_add(1, Ordering::Relaxed) + 1);
            end
        };
        let ends = collect(self.threads, numbers, |number| {
            told(self.guarded_one(number, watcher))
        });
        for end in ends {
            into.fold(end);
        }
    }

    /// Plays replications with any numbers, in this order; the watcher is not told of each.
    pub(super) fn play_each(
        &self,
        numbers: &[u32],
        watcher: &dyn Watcher,
        into: &mut Replications,
    ) {
        let ends = collect(self.threads, 0..numbers.len() as u32, |place| {
            self.guarded_one(numbers[place as usize], watcher)
        });
        for end in ends {
            into.fold(end);
        }
    }

    fn guarded_one(&self, replication: u32, watcher: &dyn Watcher) -> End {
        let play = Play {
            seed: self.seed,
            replication,
        };
        guarded(play, || self.one(play, watcher))
    }

    fn one(&self, play: Play, watcher: &dyn Watcher) -> End {
        if !watcher.goes_on() {
            return End::Stopped;
        }
        let (record, ()) = simulate(self.scenario, play, (), &mut |_, _| watcher.goes_on());
        self.end_of(play, &record)
    }

    /// What is kept of a run.
    pub(super) fn end_of(&self, play: Play, record: &RunRecord) -> End {
        if record.status == RunStatus::Interrupted {
            return End::Stopped;
        }
        let judgement = judge(self.scenario, record, self.longest_call);
        let view = RunView {
            scenario: self.scenario,
            record,
            longest_call: self.longest_call,
        };
        let summary = summarise(&view, &judgement, &self.figures, play);
        End::Played(Box::new(summary))
    }
}

/// Plays `count` replications of a seed.
pub fn replicate(
    scenario: &Scenario,
    seed: u64,
    count: u32,
    threads: Threads,
    watcher: &dyn Watcher,
) -> Replications {
    let mut all = Replications::default();
    Experiment::new(scenario, seed, threads).play(0..count, watcher, &mut all);
    all
}

/// A run that breaks is that run's failure, and nobody else's.
fn guarded(play: Play, run: impl FnOnce() -> End) -> End {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        End::Broken(Failure {
            play,
            message: text.unwrap_or_else(|| "it panicked".to_owned()),
        })
    })
}

/// One value for each number, in their order, whoever computes which.
#[cfg(feature = "parallel")]
pub(super) fn collect<T: Send>(
    threads: Threads,
    numbers: Range<u32>,
    one: impl Fn(u32) -> T + Sync,
) -> Vec<T> {
    use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
    let wanted = match threads {
        Threads::Exactly(1) => return numbers.map(one).collect(),
        Threads::Exactly(threads) => threads as usize,
        Threads::All => 0,
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(wanted).build();
    match pool {
        // Runs differ in length, so each is handed out by itself.
        Ok(pool) => pool.install(|| numbers.into_par_iter().with_max_len(1).map(&one).collect()),
        // A system without threads plays them one after another.
        Err(_) => numbers.map(one).collect(),
    }
}

/// One value for each number, in their order.
#[cfg(not(feature = "parallel"))]
pub(super) fn collect<T: Send>(
    _threads: Threads,
    numbers: Range<u32>,
    one: impl Fn(u32) -> T + Sync,
) -> Vec<T> {
    numbers.map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_in_the_order_of_their_numbers() {
        for threads in [1, 2, 3, 8] {
            let squares = collect(Threads::Exactly(threads), 3..50, |n| n * n);
            assert!(squares.into_iter().eq((3..50).map(|n| n * n)), "{threads}");
        }
    }

    #[test]
    fn a_run_that_breaks_takes_no_other_with_it() {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        for threads in [1, 3] {
            let ends = collect(Threads::Exactly(threads), 0..9, |replication| {
                let play = Play {
                    seed: 1,
                    replication,
                };
                guarded(play, || {
                    assert!(replication != 4, "run {replication} broke");
                    End::Stopped
                })
            });
            let mut all = Replications::default();
            for end in ends {
                all.fold(end);
            }
            assert_eq!((all.missing, all.asked()), (8, 9));
            assert_eq!(all.failures[0].play.replication, 4);
            assert_eq!(all.failures[0].message, "run 4 broke");
        }
        std::panic::set_hook(hook);
    }
}
