//! A bench to try settings on: any run of any setting, played when it is asked for.
//!
//! A search asks for runs in rounds, and what it asks next depends on what came of the last round.
//! All runs of a round are played on as many threads as wished and handed back in the order in which
//! they were asked for, so that the search, and with it every byte, is the same at any number of
//! threads. Replication k of a setting meets the same random numbers as replication k of any other.
//!
//! What is kept of a run is a [`Sample`]: all that any search asks of it. Whoever keeps samples can
//! give them back, and the same search goes on where it was stopped.

use super::figures::Figure;
use super::replicate::{Experiment, NeverStops, Replications, Threads, Watcher, collect};
use super::summary::RunSummary;
use super::together::{Family, play_together};
use crate::judge::Verdict;
use crate::model::record::RunStatus;
use crate::scenario::{Draft, Loaded};
use std::collections::BTreeSet;
use std::ops::Range;

/// Values for settings, by path.
pub type Values = Vec<(String, String)>;

/// A scenario to try settings on.
#[derive(Clone, Debug)]
pub struct Stand {
    /// The scenario before anything is tried.
    pub draft: Draft,
    /// What samples call it; two stands have two names.
    pub name: String,
    /// From which its random numbers come.
    pub seed: u64,
    /// What is read off each run.
    pub figures: Vec<Figure>,
}

/// Runs that are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Place of the scenario among the stands.
    pub stand: usize,
    /// What is tried in it.
    pub values: Values,
    /// Numbers of the replications.
    pub runs: Range<u32>,
}

/// What is kept of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Whether it reached its end; if not, nothing else is known.
    pub finished: bool,
    /// Whether under half of the calls at its end are useful (rule 39).
    pub collapsed: bool,
    /// The verdict on each expectation, in the order of the scenario.
    pub expectations: Vec<Verdict>,
    /// The figures of the stand, where the run has them.
    pub values: Vec<Option<f64>>,
    /// Instances of all services \[count\].
    pub instances: u32,
}

impl Sample {
    const UNFINISHED: Self = Self {
        finished: false,
        collapsed: false,
        expectations: Vec::new(),
        values: Vec::new(),
        instances: 0,
    };

    fn of(run: &RunSummary, loaded: &Loaded, places: &[Option<usize>]) -> Self {
        if run.status != RunStatus::Finished {
            return Self::UNFINISHED;
        }
        let value = |place: &Option<usize>| run.figures[(*place)?];
        Self {
            finished: true,
            collapsed: run.collapsed,
            expectations: run.expectations.clone(),
            values: places.iter().map(value).collect(),
            instances: loaded.scenario.model.instances.len() as u32,
        }
    }
}

/// Which run of which setting: its name for those who keep samples.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunName {
    /// Name of the stand, and the values by path.
    pub setting: String,
    /// Number of the replication.
    pub replication: u32,
}

/// Somebody who waits for a search; called from several threads.
pub trait BenchWatcher: Sync {
    /// So many more runs are to be played.
    fn round(&self, _runs: usize) {}
    /// What came of a run earlier, if somebody knows.
    fn known(&self, _run: &RunName) -> Option<Sample> {
        None
    }
    /// A run is done; false ends the search.
    fn run_done(&self, run: &RunName, sample: &Sample) -> bool;
    /// Whether to go on; after the first `false` no run is begun and those under way are dropped.
    fn goes_on(&self) -> bool;
}

impl BenchWatcher for NeverStops {
    fn run_done(&self, _run: &RunName, _sample: &Sample) -> bool {
        true
    }

    fn goes_on(&self) -> bool {
        true
    }
}

/// Why nothing more can be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// Somebody stopped it.
    Stopped,
    /// The values of an ask do not fit together: what is wrong with them.
    Unfit(String),
}

/// Where settings are tried.
#[derive(Clone, Copy)]
pub struct Bench<'a> {
    /// The scenarios.
    pub stands: &'a [Stand],
    /// How many threads play.
    pub threads: Threads,
    /// Who waits.
    pub watcher: &'a dyn BenchWatcher,
}

/// An ask that is ready to be played.
struct Ready<'a> {
    ask: &'a Ask,
    name: String,
    loaded: Loaded,
}

impl Bench<'_> {
    /// Plays what is asked for; the samples are in the order of the asks and of their runs.
    pub fn play(&self, asks: &[Ask]) -> Result<Vec<Vec<Sample>>, Halt> {
        let ready = collect(self.threads, 0..asks.len() as u32, |place| {
            self.ready(&asks[place as usize])
        });
        let ready: Vec<Ready<'_>> = ready.into_iter().collect::<Result<_, _>>()?;
        let round = Round::new(self, &ready);
        let count: usize = asks.iter().map(|ask| ask.runs.len()).sum();
        self.watcher.round(count);
        let tasks = round.tasks(count.div_ceil(self.threads.count()));
        let samples = collect(self.threads, 0..tasks.len() as u32, |number| {
            round.play(&tasks[number as usize])
        });
        let blank = |ask: &Ask| vec![None; ask.runs.len()];
        let mut all: Vec<Vec<Option<Sample>>> = asks.iter().map(blank).collect();
        for (place, run, sample) in samples.into_iter().flatten() {
            all[place][(run - asks[place].runs.start) as usize] = Some(sample);
        }
        let whole = |samples: Vec<Option<Sample>>| samples.into_iter().collect();
        let all: Option<_> = all.into_iter().map(whole).collect();
        all.ok_or(Halt::Stopped)
    }

    fn ready<'k>(&self, ask: &'k Ask) -> Result<Ready<'k>, Halt> {
        let stand = &self.stands[ask.stand];
        let values = ask.values.iter();
        let values = values.map(|(path, value)| (path.as_str(), value.as_str()));
        let loaded = stand.draft.with(values);
        Ok(Ready {
            ask,
            name: setting_name(&stand.name, &ask.values),
            loaded: loaded.map_err(|found| Halt::Unfit(found.to_string()))?,
        })
    }
}

/// What is asked for at one time.
struct Round<'r> {
    watcher: &'r dyn BenchWatcher,
    ready: &'r [Ready<'r>],
    experiments: Vec<Experiment<'r>>,
    /// By ask: where the figures of its stand are among those of its runs.
    places: Vec<Vec<Option<usize>>>,
    /// Which of them have a beginning in common.
    family: Family,
}

/// The same replication of asks that begin alike: their places.
struct Task {
    replication: u32,
    asks: Vec<usize>,
}

/// Place of an ask, number of a run, and what came of it.
type Found = (usize, u32, Sample);

impl<'r> Round<'r> {
    fn new(bench: &Bench<'r>, ready: &'r [Ready<'r>]) -> Self {
        let stand = |one: &Ready<'_>| &bench.stands[one.ask.stand];
        let experiments: Vec<Experiment<'r>> = ready
            .iter()
            .map(|one| {
                let seed = stand(one).seed;
                Experiment::new(&one.loaded.scenario, seed, Threads::Exactly(1))
            })
            .collect();
        let places = ready.iter().zip(&experiments).map(|(one, experiment)| {
            let all = experiment.figures();
            let place = |figure: &Figure| all.iter().position(|one| one.name == figure.name);
            stand(one).figures.iter().map(place).collect()
        });
        Self {
            watcher: bench.watcher,
            ready,
            places: places.collect(),
            family: Family::of(&experiments),
            experiments,
        }
    }

    /// What one thread plays at a time: at most so many runs.
    fn tasks(&self, most: usize) -> Vec<Task> {
        let runs = self.ready.iter().flat_map(|one| one.ask.runs.clone());
        let replications: BTreeSet<u32> = runs.collect();
        let mut tasks = Vec::new();
        for replication in replications {
            let is_asked = |place: usize| self.ready[place].ask.runs.contains(&replication);
            for group in self.family.groups(most, is_asked) {
                tasks.push(Task {
                    replication,
                    asks: group.iter().map(|member| member.place).collect(),
                });
            }
        }
        tasks
    }

    /// Plays a task; what was stopped is left out.
    fn play(&self, task: &Task) -> Vec<Found> {
        let mut found = Vec::new();
        let mut fresh = BTreeSet::new();
        for &place in &task.asks {
            match self.watcher.known(&self.name(place, task.replication)) {
                Some(known) => self.take(place, task.replication, known, &mut found),
                None => {
                    fresh.insert(place);
                }
            }
        }
        let groups = self
            .family
            .groups(usize::MAX, |place| fresh.contains(&place));
        for members in groups {
            let (all, run) = (&self.experiments, task.replication);
            play_together(
                all,
                &members,
                run,
                &Brake(self.watcher),
                &mut |place, one| {
                    if let Some(sample) = self.sample(place, &one) {
                        self.take(place, run, sample, &mut found);
                    }
                },
            );
        }
        found
    }

    /// Keeps a sample, unless its watcher ends the search with it.
    fn take(&self, place: usize, run: u32, sample: Sample, found: &mut Vec<Found>) {
        if self.watcher.run_done(&self.name(place, run), &sample) {
            found.push((place, run, sample));
        }
    }

    fn name(&self, place: usize, replication: u32) -> RunName {
        RunName {
            setting: self.ready[place].name.clone(),
            replication,
        }
    }

    /// What is kept of a run; none if it was stopped.
    fn sample(&self, place: usize, one: &Replications) -> Option<Sample> {
        if one.is_interrupted() {
            return None;
        }
        let (loaded, places) = (&self.ready[place].loaded, &self.places[place]);
        let run = one.runs.first();
        Some(run.map_or(Sample::UNFINISHED, |run| Sample::of(run, loaded, places)))
    }
}

/// A watcher of single runs.
struct Brake<'w>(&'w dyn BenchWatcher);

impl Watcher for Brake<'_> {
    fn done(&self, _runs: u32) {}

    fn goes_on(&self) -> bool {
        self.0.goes_on()
    }
}

/// A stand with values, in words: equal for equal values, whatever their order.
fn setting_name(stand: &str, values: &Values) -> String {
    let mut words: Vec<String> = values.iter().map(|(p, v)| format!("{p}={v}")).collect();
    words.sort_unstable();
    words.insert(0, stand.to_owned());
    words.join(" ")
}
