//! One run of a scenario.

use crate::model::fact::Observer;
use crate::model::record::{Recorder, RunRecord, RunStatus};
use crate::model::spec::ModelSpec;
use crate::model::{self, Held, Played, Progress};
use crate::scenario::Scenario;
use crate::time::SimTime;

/// Which run of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Play {
    /// From which all random numbers come.
    pub seed: u64,
    /// Number of the replication, from 0: another one meets other random numbers.
    pub replication: u32,
}

/// Plays one run and keeps its record; `watcher` is told every fact as well. `progress` is told
/// the virtual time and the events so far now and then, and ends the run by returning false.
///
/// The engine is compiled twice, both times here: as fast as it goes for runs that nobody watches,
/// and once for all kinds of watchers.
pub fn simulate<O: Observer>(
    scenario: &Scenario,
    play: Play,
    mut watcher: O,
    progress: Progress<'_>,
) -> (RunRecord, O) {
    let record = if watcher.watches() {
        watched(scenario, play, &mut watcher, progress)
    } else {
        unwatched(scenario, play, progress)
    };
    (record, watcher)
}

fn unwatched(scenario: &Scenario, play: Play, progress: Progress<'_>) -> RunRecord {
    record(scenario, play, (), progress)
}

fn watched(
    scenario: &Scenario,
    play: Play,
    watcher: &mut dyn Observer,
    progress: Progress<'_>,
) -> RunRecord {
    record(scenario, play, watcher, progress)
}

fn record<O: Observer>(
    scenario: &Scenario,
    play: Play,
    watcher: O,
    progress: Progress<'_>,
) -> RunRecord {
    let observer = (Recorder::new(&scenario.model), watcher);
    let replication = u64::from(play.replication);
    record_of(model::run(
        &scenario.model,
        play.seed,
        replication,
        observer,
        progress,
    ))
}

fn record_of<O>(played: Played<(Recorder, O)>) -> RunRecord {
    let (end, (recorder, _)) = (played.end, played.observer);
    recorder.finish(end.at, RunStatus::from(end.stop), Some(played.live))
}

/// A run that nobody watches, held at an instant: see [`Held`].
#[derive(Clone, Debug)]
pub(super) struct HeldRun<'s>(Held<'s, (Recorder, ())>);

impl<'s> HeldRun<'s> {
    /// One that has not begun.
    pub(super) fn begin(model: &'s ModelSpec, play: Play) -> Self {
        let observer = (Recorder::new(model), ());
        let replication = u64::from(play.replication);
        Self(Held::begin(model, play.seed, replication, observer))
    }

    /// Goes on to a later instant.
    pub(super) fn play_until(&mut self, at: SimTime, progress: Progress<'_>) {
        self.0.play_until(at, progress);
    }

    /// Goes on as a run of another model, which was the same until now.
    pub(super) fn go_on_with(&mut self, model: &'s ModelSpec) {
        self.0
            .go_on_with(model, |(recorder, ())| recorder.go_on_with(model));
    }

    /// Goes on to the end.
    pub(super) fn finish(self, progress: Progress<'_>) -> RunRecord {
        record_of(self.0.finish(progress))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::{Drain, RunLimit};
    use crate::policy::Outcome;
    use crate::scenario::{Source, load};
    use crate::time::SimDuration;

    /// A run of ten seconds of a service with these settings and steps, called at these instants.
    fn played(run: &str, client: &str, steps: &str, more: &str) -> RunRecord {
        let text = format!(
            "scenario: drain\nrun: {{ duration: 10s{run} }}\nclients:\n  c: {{ {client}, calls: s.op }}\n\
             services:\n  s: {{ threads: 1, queue: {{ capacity: 100 }}, operations: {{ op: {{ steps: [{steps}] }} }} }}\n{more}"
        );
        let source = Source {
            name: "drain.yaml".to_owned(),
            text,
        };
        let scenario = match load(&source, &[], &|name| Err(name.to_owned())) {
            Ok(loaded) => loaded.scenario,
            Err(found) => panic!("{found}"),
        };
        let play = Play {
            seed: 1,
            replication: 0,
        };
        simulate(&scenario, play, (), &mut |_, _| true).0
    }

    fn at(times: &str) -> String {
        format!("arrivals: {{ recorded: {{ times: [{times}] }} }}")
    }

    fn drain(took_ms: u64, under_way: u64, unfinished: u64) -> Drain {
        Drain {
            took: SimDuration::from_ns(took_ms * 1_000_000),
            under_way,
            unfinished,
        }
    }

    fn latencies_ms(record: &RunRecord) -> Vec<u64> {
        let calls = record.calls.iter().next();
        let ok = calls.map(|calls| calls.latency[Outcome::Ok as usize].buckets());
        let all = ok.into_iter().flatten();
        all.map(|(least, _, count)| (least / 1_000_000, count))
            .flat_map(|(ms, count)| std::iter::repeat_n(ms, count as usize))
            .collect()
    }

    #[test]
    fn calls_under_way_at_the_end_are_counted_by_how_they_end() {
        // One thread: 8 s to 9 s, 9 s to 10.5 s, 10.5 s to 12 s.
        let times = at("7.5s, 9s, 9.5s");
        let cut = played("", &times, "work: 1500ms", "");
        assert_eq!((cut.drain, latencies_ms(&cut).len()), (None, 1));
        let whole = played(", drain: 1m", &times, "work: 1500ms", "");
        assert_eq!(whole.drain, Some(drain(2_000, 2, 0)));
        assert_eq!(latencies_ms(&whole).len(), 3);
        // What is measured ends as before: a thread was busy for 1.5 s and for 1 s of two calls.
        assert_eq!((cut.end, whole.end), (cut.end, cut.end));
        assert_eq!(whole.measured, cut.measured);
        assert_eq!(whole.waiting_at_end, cut.waiting_at_end);
        assert_eq!(whole.series.points, cut.series.points);
        assert!(whole.digest.facts > cut.digest.facts);
        assert_eq!(whole.waits.iter().next(), cut.waits.iter().next());
    }

    #[test]
    fn a_drain_of_nothing_is_no_drain() {
        let times = at("1s, 9s");
        let (without, with) = (
            played("", &times, "work: 2s", ""),
            played(", drain: 0s", &times, "work: 2s", ""),
        );
        assert_eq!(without.digest, with.digest);
        assert_eq!(with.drain, None);
        // Nothing is under way: it takes no time.
        let idle = played(", drain: 5s", &at("1s"), "work: 2s", "");
        assert_eq!(idle.drain, Some(drain(0, 0, 0)));
        assert_eq!(
            idle.digest.value,
            played("", &at("1s"), "work: 2s", "").digest.value
        );
    }

    #[test]
    fn a_drain_too_short_says_what_it_leaves_out() {
        let record = played(", drain: 1s", &at("9s, 9.5s"), "work: 1500ms", "");
        assert_eq!(record.drain, Some(drain(1_000, 2, 1)));
        assert_eq!(record.status, RunStatus::Finished);
        assert!(record.is_conserved());
    }

    #[test]
    fn users_faults_and_timers_do_not_keep_a_run_alive() {
        let users = "users: { count: 3, think_time: 0s }";
        let faults = "faults:\n  blip: { every: 1s, for: 100ms, service: s, slow: { factor: 1 } }\n  late: { at: 11s, for: 1h, client: d, load: { factor: 2 } }\n";
        let more = format!(
            "  t: {{ threads: 1, queue: {{ capacity: 100 }}, operations: {{ op: {{ steps: [work: 1ms] }} }} }}\n{faults}"
        );
        let client = format!(
            "{users}, calls: s.op }}\n  d: {{ arrivals: {{ constant: {{ rate: 1/s }} }}, calls: t.op }}\n  e: {{ users: {{ count: 1, think_time: 1h }}"
        );
        let record = played(", drain: 1h", &client, "work: 700ms", &more);
        // Three users share a thread: those at 9.8 s, 10.5 s and 11.2 s are the last.
        assert_eq!(record.drain, Some(drain(1_900, 3, 0)));
        let started: u64 = record.whole.edges.iter().map(|edge| edge.started).sum();
        let measured: u64 = record.measured.edges.iter().map(|edge| edge.started).sum();
        assert_eq!(started, measured);
        let last = record.events.last().map(|(at, _)| *at);
        assert!(last < Some(record.end), "{last:?}");
    }

    #[test]
    fn a_fault_acts_on_the_last_calls_too() {
        let slow = "faults:\n  slow: { at: 5s, service: s, slow: { factor: 3 } }\n";
        let record = played(
            ", drain: 1m",
            &at("9s"),
            "{ call: { to: t.op } }, { work: 1s }",
            &format!(
                "  t: {{ threads: 1, queue: {{ capacity: 100 }}, operations: {{ op: {{ steps: [work: 2s] }} }} }}\n{slow}"
            ),
        );
        assert_eq!(record.drain, Some(drain(4_000, 1, 0)));
        assert!(record.is_conserved());
    }

    #[test]
    fn limits_hold_in_the_drain() {
        let run = ", drain: 1h, limits: { events: 40 }";
        let retries = "arrivals: { recorded: { times: [9s] } }, policy: [retry: { max_attempts: 1000, backoff: { constant: 1s } }]";
        let record = played(run, retries, "fail: { share: 100% }", "");
        assert_eq!(record.status, RunStatus::Limit(RunLimit::Events));
        assert_eq!(record.drain.map(|drain| drain.unfinished), Some(1));
    }
}
