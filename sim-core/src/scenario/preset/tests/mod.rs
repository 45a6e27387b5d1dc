//! The breakers of libraries, moment by moment: what each decides at which instant, as read in its
//! source or seen in its traces.

mod dotnet;
mod go;
mod habits;
mod javascript;
mod jvm;
mod mesh;
mod pipelines;
mod python;
mod retries;

use super::{BREAKERS, Preset};
use crate::policy::{Admission, AskedBy, Breaker, BreakerConfig, Outcome, Permit, Transition};
use crate::scenario::{Loaded, Source, breaker_preset, expand, load};
use crate::time::{SimDuration, SimTime};
use std::collections::BTreeMap;

/// A breaker, its clock, and the calls that are out.
struct Stage {
    config: BreakerConfig,
    breaker: Breaker,
    out: BTreeMap<String, Permit>,
    said: Vec<String>,
}

impl Stage {
    fn told(&mut self, now: SimTime, change: Transition) {
        let at = if change.at == now {
            String::new()
        } else {
            format!("@{}", change.at)
        };
        let (from, to) = (change.from.name(), change.to.name());
        self.said.push(format!("{from}>{to}{at}"));
    }

    fn advance(&mut self, now: SimTime, asked: AskedBy) {
        while let Some(change) = self.breaker.advance(now, &self.config, asked, |_| 0.5) {
            self.told(now, change);
        }
    }

    fn ask(&mut self, now: SimTime, name: &str) {
        self.advance(now, AskedBy::Call);
        let word = match self.breaker.try_acquire(now, &self.config) {
            Admission::Admit(permit) => {
                self.out.insert(name.to_owned(), permit);
                "admit"
            }
            Admission::Reject => "reject",
            Admission::Wait(_) => "wait",
        };
        self.said.push(word.to_owned());
    }

    fn answer(&mut self, now: SimTime, name: &str, outcome: Outcome) {
        self.advance(now, AskedBy::Result);
        let permit = self.out.remove(name).expect("the call is out");
        let config = &self.config;
        let change = self
            .breaker
            .on_result(now, config, permit, outcome, |_| 0.5);
        if let Some(change) = change {
            self.told(now, change);
        }
    }

    /// `NAME asks`, `NAME ok`, `NAME fails`, `NAME cancelled`, `NAME invalid`, or `COUNT calls ok` and
    /// `COUNT calls fail`: calls that begin and end at once, of which only changes are told.
    fn play(&mut self, now: SimTime, event: &str) {
        let words: Vec<&str> = event.split(' ').collect();
        match words.as_slice() {
            [name, "asks"] => self.ask(now, name),
            [name, "ok"] => self.answer(now, name, Outcome::Ok),
            [name, "fails"] => self.answer(now, name, Outcome::ErrorInternal),
            [name, "invalid"] => self.answer(now, name, Outcome::ErrorInvalid),
            [name, "cancelled"] => self.answer(now, name, Outcome::Cancelled),
            [count, "calls", how] => {
                for _ in 0..count.parse().expect("a count") {
                    self.ask(now, "one");
                    assert_eq!(self.said.pop().as_deref(), Some("admit"), "{event}");
                    let failed = *how == "fail";
                    let outcome = if failed {
                        Outcome::ErrorInternal
                    } else {
                        Outcome::Ok
                    };
                    self.answer(now, "one", outcome);
                }
            }
            _ => panic!("no such event: {event}"),
        }
    }
}

/// Plays a table of (milliseconds, event, what is said).
fn check_config(config: BreakerConfig, table: &[(u64, &str, &str)]) {
    let mut stage = Stage {
        config,
        breaker: Breaker::new(),
        out: BTreeMap::new(),
        said: Vec::new(),
    };
    for &(ms, event, expected) in table {
        stage.play(SimTime::ZERO + SimDuration::from_millis(ms), event);
        let said = std::mem::take(&mut stage.said).join(" ");
        assert_eq!(said, expected, "at {ms} ms: {event}");
    }
}

fn check(name: &str, table: &[(u64, &str, &str)]) {
    check_config(breaker_preset(name).expect("a preset"), table);
}

/// A preset with other settings beside it.
fn with(name: &str, settings: &str) -> BreakerConfig {
    let layer = format!("circuit_breaker: {{ like: {name}, {settings} }}");
    let loaded = load_layer(&layer).unwrap_or_else(|problem| panic!("{problem}"));
    let mut layers = loaded.scenario.model.layers.iter();
    let breaker = layers.find_map(|layer| layer.kind.breaker().cloned());
    breaker.expect("a breaker")
}

fn scenario(layer: &str) -> Source {
    Source {
        name: "test.yaml".to_owned(),
        text: format!(
            "scenario: test\nrun: {{ duration: 1s }}\n\
             clients: {{ c: {{ arrivals: {{ poisson: {{ rate: 1/s }} }}, calls: s.x, policy: p }} }}\n\
             services: {{ s: {{ threads: unlimited, operations: {{ x: {{ steps: [] }} }} }} }}\n\
             policies:\n  p:\n    - {layer}\n"
        ),
    }
}

fn load_layer(layer: &str) -> Result<Loaded, String> {
    let loaded = load(&scenario(layer), &[], &|_| Err(String::new()));
    loaded.map_err(|found| found.to_string())
}

#[test]
fn every_preset_compiles() {
    for Preset { name, .. } in BREAKERS {
        assert!(breaker_preset(name).is_some(), "{name}");
    }
    assert_eq!(breaker_preset("resilience5j"), None);
}

#[test]
fn keys_beside_like_override() {
    let plain = breaker_preset("resilience4j").unwrap();
    assert_eq!(with("resilience4j", "failure_rate: 50%"), plain);
    assert_ne!(with("resilience4j", "failure_rate: 51%"), plain);
    assert_eq!(with("resilience4j", "half_open: { then: open }"), plain);
    let run = with("hystrix", "consecutive_failures: 3");
    assert_eq!(run.trip.conditions().len(), 1);
    assert_eq!(run.window, crate::policy::Window::Consecutive);
}

/// Fails unless a scenario with everything of a library written out is the same.
fn written_out_is_the_same(source: &Source) {
    let text = expand(source, &[]).unwrap();
    assert!(!text.contains("like"), "{text}");
    let expanded = Source {
        text,
        ..source.clone()
    };
    let model = |source: &Source| match load(source, &[], &|_| Err(String::new())) {
        Ok(loaded) => format!("{:?}", loaded.scenario.model),
        Err(found) => panic!("{found}\n{}", source.text),
    };
    assert_eq!(model(&expanded), model(source), "{}", expanded.text);
}

#[test]
fn what_is_written_out_is_the_same() {
    for preset in BREAKERS {
        let layer = format!("circuit_breaker: {{ like: {} }}", preset.name);
        written_out_is_the_same(&scenario(&layer));
    }
}

#[test]
fn mistakes_are_named() {
    let refused = |layer: &str| match load_layer(layer) {
        Ok(_) => panic!("accepted: {layer}"),
        Err(problem) => problem,
    };
    let check = |settings: &str, part: &str| {
        let problem = refused(&format!("circuit_breaker: {{ {settings} }}"));
        assert!(problem.contains(part), "{settings}: {problem}");
    };
    check("like: resiliance4j", "did you mean `resilience4j`?");
    check("consecutive_failures: 1", "has no `open_for`");
    check("open_for: 1s", "needs something to open by");
    check(
        "like: pybreaker, half_open: { closes: success_rate }",
        "has no `failure_rate`",
    );
    check(
        "like: polly, window: { buckets: 3, calls: 9 }",
        "only a window of `time` has",
    );
    check(
        "like: polly, window: { calls: 9, time: 1s }",
        "can be only one of",
    );
    check("like: polly, window: { time: 0s }", "holds no time");
    check(
        "like: polly, failure_rate: none",
        "needs something to open by",
    );
    check(
        "like: polly, minimum_rate: 1/s, minimum_calls: 5",
        "are both given",
    );
    check(
        "like: resilience4j, minimum_rate: 1/s",
        "needs a window of `time`",
    );
    check(
        "like: polly, window: { keeps: calls }",
        "needs buckets aligned",
    );
    check(
        "like: polly, evaluate: { ticks: 0s }",
        "ticks need an interval",
    );
    check(
        "like: polly, open_growth: { factor: 0.5 }",
        "must be at least 1",
    );
    check("like: dapr, expression: failures > 5", "at its character 1");
    check(
        "like: resilience4j, counts: started",
        "needs a window of `time`",
    );
    check(
        "like: cockatiel, scope: target_instance",
        "go to another instance",
    );
    check(
        "slow_call_rate: 5%, window: { calls: 9 }, open_for: 1s",
        "what slow is",
    );
}
