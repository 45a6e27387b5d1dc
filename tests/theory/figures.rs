//! The figures that reports give of runs, against the same theory.
//!
//! How far a mean may miss follows from its standard error over the replications, as reports give
//! it.

use super::closed_form::{Mm1, Mmc};
use super::*;
use crate::support::from_text;
use sim_core::experiment::estimate::mean_interval;
use sim_core::experiment::{NeverStops, Replications, Threads, figures, replicate};

/// The values of figures in many runs of a system.
struct Figures {
    names: Vec<String>,
    runs: Replications,
}

impl Figures {
    /// Plays a system for `seconds` each time after a tenth of it, with these keys of `run` besides.
    fn of(system: &str, seconds: u64, run: &str) -> Self {
        let warmup = seconds / 10;
        let text = format!(
            "scenario: theory\nrun: {{ duration: {}s, warmup: {warmup}s, limits: {{ calls_in_flight: 1000000 }}{run} }}\n{system}",
            seconds + warmup
        );
        let scenario = from_text("theory", &text, &[]).scenario;
        let names = figures(&scenario).into_iter().map(|one| one.name);
        Self {
            names: names.collect(),
            runs: replicate(
                &scenario,
                42,
                REPLICATIONS as u32,
                Threads::Exactly(2),
                &NeverStops,
            ),
        }
    }

    fn values(&self, name: &str) -> Vec<f64> {
        let place = self.names.iter().position(|known| known == name);
        let Some(place) = place else {
            panic!("there is no {name} among {:?}", self.names)
        };
        let values = self.runs.values(place);
        assert_eq!(values.len() as u64, REPLICATIONS, "{name}");
        values
    }

    fn agree(&self, title: &str, claims: &[(&str, f64)]) {
        for &(name, expected) in claims {
            holds(title, name, &self.values(name), expected);
        }
    }
}

/// Whether the mean of values over runs may be this.
fn holds(title: &str, name: &str, values: &[f64], expected: f64) {
    let interval = mean_interval(values).unwrap();
    let error = interval.standard_error.unwrap();
    let t = StudentsT::new(0.0, 1.0, values.len() as f64 - 1.0).unwrap();
    let half_width = t.inverse_cdf(1.0 - (1.0 - CONFIDENCE) / 2.0) * error;
    let mean = interval.mean;
    assert!(
        (mean - expected).abs() <= half_width,
        "{title}: {name} is {mean} ± {half_width}, not {expected}"
    );
    assert!(
        half_width < 0.25 * expected.abs().max(mean.abs()) || expected == 0.0,
        "{title}: {name} is too uncertain: {mean} ± {half_width}"
    );
}

const S: f64 = 1e9;

#[test]
fn one_thread() {
    let theory = Mm1 {
        arrival_rate: 70.0,
        service_rate: 100.0,
    };
    let alike = Mmc {
        arrival_rate: 70.0,
        service_rate: 100.0,
        servers: 1,
    };
    let s = service("s", "threads: 1", "work: { exponential: { mean: 10ms } }");
    let runs = Figures::of(&open(70, PATIENT, &s), 400, ", drain: 1h");
    runs.agree(
        "M/M/1",
        &[
            ("waited share of s", theory.utilisation()),
            ("utilisation of s", theory.utilisation()),
            ("throughput of s", 70.0),
            ("mean wait of s", theory.mean_wait() * S),
            ("deviation of wait of s", alike.deviation_of_wait() * S),
            ("in system of s", theory.mean_present()),
            ("mean queue of s", theory.mean_waiting()),
            ("mean latency of c", theory.mean_response() * S),
            // It is exponential.
            ("deviation of latency of c", theory.mean_response() * S),
            ("calls left out of latency of c", 0.0),
        ],
    );
    little(&runs);
}

#[test]
fn many_threads() {
    let theory = Mmc {
        arrival_rate: 320.0,
        service_rate: 100.0,
        servers: 4,
    };
    let s = service("s", "threads: 4", "work: { exponential: { mean: 10ms } }");
    let runs = Figures::of(&open(320, PATIENT, &s), 120, ", drain: 1h");
    runs.agree(
        "M/M/4",
        &[
            ("waited share of s", theory.probability_of_waiting()),
            ("mean wait of s", theory.mean_wait() * S),
            ("deviation of wait of s", theory.deviation_of_wait() * S),
            ("in system of s", theory.mean_present()),
            ("mean latency of c", theory.mean_response() * S),
        ],
    );
    little(&runs);
}

/// Little's law in every run: who is there is who comes per second times how long they stay.
fn little(runs: &Figures) {
    let there = runs.values("in system of s");
    let latency = runs.values("mean latency of c");
    let passes = runs.values("throughput of s");
    let differences: Vec<f64> = (0..there.len())
        .map(|run| there[run] - passes[run] * latency[run] / S)
        .collect();
    holds("Little", "difference", &differences, 0.0);
}

#[test]
fn an_asynchronous_service_holds_who_waits_for_others() {
    let services = service(
        "s",
        "threads: 1, execution: async",
        "{ work: { exponential: { mean: 10ms } } }, { call: { to: t.op, policy: [timeout: 1h] } }",
    ) + &service(
        "t",
        "threads: unlimited",
        "work: { exponential: { mean: 100ms } }",
    );
    let runs = Figures::of(&open(60, PATIENT, &services), 200, ", drain: 1h");
    little(&runs);
    runs.agree("two in a row", &[("in system of t", 6.0)]);
}

/// Work of 1 s in 200 s: without a drain the calls of the last seconds are known by the short ones
/// among them.
#[test]
fn a_drain_takes_the_bias_out_of_latencies() {
    let s = service(
        "s",
        "threads: unlimited",
        "work: { exponential: { mean: 1s } }",
    );
    let system = open(60, PATIENT, &s);
    let (cut, whole) = (
        Figures::of(&system, 200, ""),
        Figures::of(&system, 200, ", drain: 1h"),
    );
    let latency = "mean latency of c";
    whole.agree(
        "drained",
        &[(latency, S), ("calls left out of latency of c", 0.0)],
    );
    // By Little's law.
    cut.agree("cut off", &[("calls left out of latency of c", 60.0)]);
    let (short, all) = (cut.values(latency), whole.values(latency));
    assert!(short.iter().zip(&all).all(|(short, all)| short < all));
    // Who comes t before the end is left out with e^-t, and stays t + 1 s on average: that is 2 s each
    // for 60 calls of 12,000; the other 11,940 last 11,880 s together.
    let bias: Vec<f64> = short
        .iter()
        .zip(&all)
        .map(|(short, all)| all - short)
        .collect();
    holds("cut off", "bias", &bias, S / 199.0);
}
