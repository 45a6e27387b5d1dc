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
use super::replicate::{Experiment, Replications, Threads, Watcher, collect};
use super::summary::RunSummary;
use crate::judge::Verdict;
use crate::model::record::RunStatus;
use crate::scenario::{Draft, Loaded};
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
        let experiments: Vec<(Experiment<'_>, Vec<Option<usize>>)> =
            ready.iter().map(|one| self.experiment(one)).collect();
        let runs: Vec<(usize, u32)> = (0..asks.len())
            .flat_map(|place| asks[place].runs.clone().map(move |run| (place, run)))
            .collect();
        self.watcher.round(runs.len());
        let samples = collect(self.threads, 0..runs.len() as u32, |number| {
            let (place, run) = runs[number as usize];
            let (experiment, places) = &experiments[place];
            self.run(&ready[place], experiment, places, run)
        });
        let mut all: Vec<Vec<Sample>> = vec![Vec::new(); asks.len()];
        for ((place, _), sample) in runs.into_iter().zip(samples) {
            all[place].push(sample.ok_or(Halt::Stopped)?);
        }
        Ok(all)
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

    fn experiment<'r>(&self, ready: &'r Ready<'_>) -> (Experiment<'r>, Vec<Option<usize>>) {
        let stand = &self.stands[ready.ask.stand];
        let experiment = Experiment::new(&ready.loaded.scenario, stand.seed, Threads::Exactly(1));
        let all = experiment.figures();
        let place = |figure: &Figure| all.iter().position(|one| one.name == figure.name);
        let places = stand.figures.iter().map(place).collect();
        (experiment, places)
    }

    /// One run; none if it was stopped.
    fn run(
        &self,
        ready: &Ready<'_>,
        experiment: &Experiment<'_>,
        places: &[Option<usize>],
        number: u32,
    ) -> Option<Sample> {
        let name = RunName {
            setting: ready.name.clone(),
            replication: number,
        };
        let sample = match self.watcher.known(&name) {
            Some(known) => known,
            None => self.fresh(&ready.loaded, experiment, places, number)?,
        };
        self.watcher.run_done(&name, &sample).then_some(sample)
    }

    fn fresh(
        &self,
        loaded: &Loaded,
        experiment: &Experiment<'_>,
        places: &[Option<usize>],
        number: u32,
    ) -> Option<Sample> {
        let mut one = Replications::default();
        experiment.play(number..number + 1, &Brake(self.watcher), &mut one);
        if one.is_interrupted() {
            return None;
        }
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
