//! Health checks: how long until a hang is found, and how often a healthy instance is taken for bad.

use super::{CONFIDENCE, model};
use sim_core::model::fact::{Fact, HealthVerdict, Observer};
use sim_core::model::{run, spec::ModelSpec};
use sim_core::time::SimTime;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Every verdict and every check, in order.
#[derive(Default)]
struct Told(Vec<(SimTime, u32, Option<HealthVerdict>)>);

impl Observer for Told {
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        match *fact {
            Fact::Checked { instance, .. } => self.0.push((now, instance.0, None)),
            Fact::HealthJudged {
                instance,
                verdict: Some(verdict),
                ..
            } => self.0.push((now, instance.0, Some(verdict))),
            _ => {}
        }
    }
}

fn told(spec: &ModelSpec, replication: u64) -> Vec<(SimTime, u32, Option<HealthVerdict>)> {
    run(spec, 3, replication, Told::default(), &mut |_, _| true)
        .observer
        .0
}

fn system(seconds: u32, instances: u32, check: &str, more: &str) -> ModelSpec {
    model(&format!(
        "
scenario: checks
run: {{ duration: {seconds}s }}
clients: {{ users: {{ arrivals: {{ constant: {{ rate: 1/s }} }}, calls: s.op, policy: [ {{ timeout: 1s }} ] }} }}
services:
  s:
    instances: {instances}
    threads: 1
    queue: {{ capacity: 10 }}
    health: {{ c: {{ {check} }} }}
    operations: {{ op: {{ steps: [ {{ work: 1ms }} ] }} }}
{more}"
    ))
}

/// The mean of samples lies within what chance allows around the expected one.
fn agrees(what: &str, samples: &[f64], expected: f64) {
    let n = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / n;
    let variance = samples
        .iter()
        .map(|it| (it - mean) * (it - mean))
        .sum::<f64>()
        / (n - 1.0);
    let t = StudentsT::new(0.0, 1.0, n - 1.0).unwrap();
    let reach = t.inverse_cdf(f64::midpoint(1.0, CONFIDENCE)) * (variance / n).sqrt();
    assert!(
        (mean - expected).abs() <= reach,
        "{what}: {mean} is not {expected} +- {reach}"
    );
}

/// How long until each of 40 instances that hang at 100 s is found [s].
fn detection(check: &str) -> Vec<f64> {
    let hang = "faults: { hang: { at: 100s, service: s, pause: {} } }";
    let spec = system(200, 40, check, hang);
    let mut times = Vec::new();
    for replication in 0..6 {
        let found = told(&spec, replication).into_iter();
        let found = found.filter(|it| it.2 == Some(HealthVerdict::Fails));
        let began = SimTime::from_ns(100_000_000_000);
        times.extend(found.map(|it| it.0.since(began).as_secs_f64()));
    }
    assert_eq!(times.len(), 240, "each is found once");
    times
}

#[test]
fn a_hang_is_found_after_the_time_that_the_schedule_takes() {
    // Ticks: U(0, P) + (k - 1) max(P, T) + T; after the end: U(0, P) + (k - 1)(P + T) + T.
    for (check, least, spread) in [
        ("like: kubernetes", 21.0, 10.0),
        ("like: kubernetes, every: 4s, timeout: 6s", 18.0, 4.0),
        ("like: kubernetes, schedule: after_end", 23.0, 10.0),
        (
            "like: haproxy, scope: shared, timeout: 1s, every: 8s, every_pending: 2s",
            7.0,
            8.0,
        ),
    ] {
        let times = detection(check);
        let all_in = times
            .iter()
            .all(|&it| (least..least + spread).contains(&it));
        assert!(all_in, "{check}: {times:?}");
        agrees(check, &times, least + spread / 2.0);
    }
}

#[test]
fn a_healthy_instance_is_taken_for_bad_after_so_many_checks() {
    // A check passes if neither message is lost: p = 1 - 0.7^2.
    let loss = "network: { loss: 30% }";
    let p: f64 = 0.51;
    for fails in 1..=3 {
        let check = format!(
            "check: process, scope: caller, every: 100ms, timeout: 50ms, fails: {fails}, passes: 1"
        );
        let spec = system(150, 10, &check, loss);
        let mut checks = Vec::new();
        let mut since = [0; 10];
        let mut counts = [false; 10];
        for (_, instance, verdict) in told(&spec, 0) {
            let it = instance as usize;
            match verdict {
                None => since[it] += 1,
                Some(HealthVerdict::Passes) => (since[it], counts[it]) = (0, true),
                Some(HealthVerdict::Fails) if counts[it] => checks.push(f64::from(since[it])),
                Some(HealthVerdict::Fails) => {}
            }
        }
        let in_a_row = (0..fails).fold(1.0, |row, _| row * p);
        let expected = (1.0 / in_a_row - 1.0) / (1.0 - p);
        agrees(&format!("{fails} in a row"), &checks, expected);
    }
}
