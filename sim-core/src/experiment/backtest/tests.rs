//! Tables of recorded calls and of what a policy makes of them.

mod equality;
mod tables;

use super::{
    Answer, Backtest, Changed, Decided, RecordedCall, Settings, Summary, Unrecorded, Watcher,
};
use crate::policy::Outcome;
use crate::scenario::{Policy, Source, load_policies};
use crate::time::{SimDuration, SimTime};

/// The only policy of a text.
pub(super) fn policy(layers: &str) -> Policy {
    let source = Source {
        name: "policy.yaml".to_owned(),
        text: format!("policies:\n  p: {layers}\n"),
    };
    let read = load_policies(&source, &[], &|_| Err("no files".to_owned()));
    let mut policies = read.unwrap_or_else(|found| panic!("{found}"));
    policies.remove(0)
}

pub(super) fn ms(ms: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_millis(ms)
}

/// An answer after so many milliseconds.
pub(super) const fn answer(latency_ms: u64, outcome: Outcome) -> Answer {
    Answer::new(SimDuration::from_millis(latency_ms), outcome)
}

/// Keeps a line for everything that happens.
#[derive(Debug, Default)]
pub(super) struct Log(pub(super) Vec<String>);

impl Watcher for Log {
    fn decided(&mut self, call: &Decided<'_>) {
        let layer = call
            .layer
            .map_or_else(String::new, |name| format!(" by {name}"));
        self.0.push(format!(
            "{} call {} {} {}{layer}, {} sent",
            call.start + call.latency,
            call.line,
            call.decision.name(),
            call.outcome,
            call.attempts
        ));
    }

    fn changed(&mut self, change: &Changed<'_>) {
        let owner = change
            .caller
            .map_or_else(String::new, |caller| format!(" of {caller}"));
        let target = change
            .target
            .map_or_else(String::new, |target| format!(" for {target}"));
        let it = change.transition;
        self.0.push(format!(
            "{} call {} {}{owner}{target} {} -> {} ({} of {})",
            change.at,
            change.line,
            change.layer,
            it.from.name(),
            it.to.name(),
            it.failures,
            it.results
        ));
    }
}

/// A call of a table: start \[ms\], caller, target, answers.
pub(super) type Row<'a> = (u64, &'a str, &'a str, &'a [Answer]);

/// Plays a table.
pub(super) fn play(
    layers: &str,
    unrecorded: Unrecorded,
    rows: &[Row<'_>],
) -> (Summary, Vec<String>) {
    let settings = Settings {
        seed: 1,
        unrecorded,
    };
    let mut backtest = Backtest::new(&policy(layers), settings, Log::default());
    for (line, &(start, caller, target, answers)) in (1..).zip(rows) {
        let call = RecordedCall {
            line,
            start: ms(start),
            caller,
            target,
            class: "",
            idempotent: true,
            answers,
        };
        backtest.play(&call).unwrap();
    }
    let (summary, log) = backtest.finish().unwrap();
    (summary, log.0)
}
