//! Queueing theory as the judge: simulated means against closed forms.
//!
//! A mean over independent replications misses the true value by chance. How far it may miss is
//! computed from the spread between the replications (Student's t, 99.9 % on both sides), never
//! chosen. The seeds are fixed, so a test that passes passes always.

mod balance;
pub(crate) mod closed_form;
mod ejection;
mod figures;
mod health;
mod lives;
mod many;
mod one;
mod order;
mod pools;
mod sagas;

use crate::support::model;
use sim_core::model::fact::{Fact, Observer};
use sim_core::model::run;
use sim_core::time::SimTime;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Independent runs of each system [count].
const REPLICATIONS: u64 = 24;
/// How sure an interval is to hold the true mean.
const CONFIDENCE: f64 = 0.999;

/// Sums over one run, of calls and operations after the warm-up.
struct Sums {
    warmup: SimTime,
    end: SimTime,
    /// Calls of the client.
    calls: f64,
    useful: f64,
    rejected: f64,
    response_s: f64,
    attempts: f64,
    /// Operations of the first service.
    started: f64,
    wait_s: f64,
    wait_squared_s2: f64,
    /// Those who got a connection, of these those who waited, and for how long.
    granted: f64,
    waited: f64,
    pool_wait_s: f64,
    pool_wait_squared_s2: f64,
    /// Attempts of the client under way: time-weighted [count × s].
    present: f64,
    present_s: f64,
    since: SimTime,
}

impl Sums {
    fn new(warmup: SimTime, end: SimTime) -> Self {
        Self {
            warmup,
            end,
            calls: 0.0,
            useful: 0.0,
            rejected: 0.0,
            response_s: 0.0,
            attempts: 0.0,
            started: 0.0,
            wait_s: 0.0,
            wait_squared_s2: 0.0,
            granted: 0.0,
            waited: 0.0,
            pool_wait_s: 0.0,
            pool_wait_squared_s2: 0.0,
            present: 0.0,
            present_s: 0.0,
            since: warmup,
        }
    }

    /// Brings the time-weighted sum up to an instant.
    fn advance(&mut self, now: SimTime) {
        if now > self.since {
            self.present_s += self.present * now.since(self.since).as_secs_f64();
            self.since = now;
        }
    }

    fn span_s(&self) -> f64 {
        self.end.since(self.warmup).as_secs_f64()
    }

    /// Time from the start of a call to its outcome, of useful calls.
    fn response(&self) -> f64 {
        self.response_s / self.useful
    }

    /// Waiting time of operations that got a thread.
    fn wait(&self) -> f64 {
        self.wait_s / self.started
    }

    /// Second moment of that.
    fn wait_squared(&self) -> f64 {
        self.wait_squared_s2 / self.started
    }

    /// Wait for a connection, of those who got one.
    fn pool_wait(&self) -> f64 {
        self.pool_wait_s / self.granted
    }

    /// Second moment of that.
    fn pool_wait_squared(&self) -> f64 {
        self.pool_wait_squared_s2 / self.granted
    }

    /// Share of those who waited for their connection.
    fn pool_waiters(&self) -> f64 {
        self.waited / self.granted
    }

    /// Share of calls that were rejected.
    fn blocking(&self) -> f64 {
        self.rejected / self.calls
    }

    /// Share of calls that ended usefully.
    fn success(&self) -> f64 {
        self.useful / self.calls
    }

    /// Useful calls per second.
    fn throughput(&self) -> f64 {
        self.useful / self.span_s()
    }

    fn attempts_per_call(&self) -> f64 {
        self.attempts / self.calls
    }

    /// Time-weighted mean number of the client's attempts under way.
    fn mean_present(&self) -> f64 {
        self.present_s / self.span_s()
    }
}

impl Observer for Sums {
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        match *fact {
            // Sites are numbered from the client's only entry on, instances from the first service.
            Fact::CallEnded {
                site,
                started_at,
                attempts,
                ending,
                ..
            } if site.0 == 0 && started_at >= self.warmup => {
                let rejected = ending.outcome().name().starts_with("rejected");
                self.calls += 1.0;
                self.attempts += f64::from(attempts);
                self.rejected += f64::from(u8::from(rejected));
                if ending.outcome().is_useful() {
                    self.useful += 1.0;
                    self.response_s += now.since(started_at).as_secs_f64();
                }
            }
            Fact::OperationStarted {
                instance, waited, ..
            } if instance.0 == 0 && now >= self.warmup => {
                self.started += 1.0;
                self.wait_s += waited.as_secs_f64();
                self.wait_squared_s2 += waited.as_secs_f64() * waited.as_secs_f64();
            }
            Fact::KeptGranted {
                waited, at_once, ..
            } if now >= self.warmup => {
                self.granted += 1.0;
                self.waited += f64::from(u8::from(!at_once));
                self.pool_wait_s += waited.as_secs_f64();
                self.pool_wait_squared_s2 += waited.as_secs_f64() * waited.as_secs_f64();
            }
            Fact::AttemptSent { site, .. } if site.0 == 0 => {
                self.advance(now);
                self.present += 1.0;
            }
            Fact::AttemptEnded { site, .. } if site.0 == 0 => {
                self.advance(now);
                self.present -= 1.0;
            }
            _ => {}
        }
    }
}

/// A mean and what theory says of it.
type Claim<'a> = (&'a str, fn(&Sums) -> f64, f64);

/// Plays a system again and again, for `seconds` each time after a tenth of it, and holds its means
/// against theory.
fn agree(title: &str, system: &str, seconds: u64, claims: &[Claim<'_>]) {
    let warmup = seconds / 10;
    let text = format!(
        "scenario: theory\nrun: {{ duration: {}s, limits: {{ calls_in_flight: 1000000 }} }}\n{system}",
        seconds + warmup
    );
    let spec = model(&text);
    let warmup = SimTime::from_ns(warmup * 1_000_000_000);
    let runs: Vec<Sums> = (0..REPLICATIONS)
        .map(|replication| {
            let sums = Sums::new(warmup, spec.duration);
            let mut sums = run(&spec, 42, replication, sums, &mut |_, _| true).observer;
            sums.advance(spec.duration);
            sums
        })
        .collect();
    for &(name, of, expected) in claims {
        let values: Vec<f64> = runs.iter().map(of).collect();
        let (mean, half_width) = interval(&values);
        assert!(
            half_width < 0.06 * mean,
            "{title}: {name} is too uncertain: {mean} ± {half_width}"
        );
        assert!(
            (mean - expected).abs() <= half_width,
            "{title}: {name} is {mean} ± {half_width}, not {expected}"
        );
    }
}

/// Mean and half the width of its confidence interval.
fn interval(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    let t = StudentsT::new(0.0, 1.0, n - 1.0).unwrap();
    let quantile = t.inverse_cdf(1.0 - (1.0 - CONFIDENCE) / 2.0);
    (mean, quantile * (squares / (n - 1.0) / n).sqrt())
}

/// A Poisson client of `s.op` with this policy, and services.
fn open(rate: u32, policy: &str, services: &str) -> String {
    format!(
        "clients:\n  c: {{ arrivals: {{ poisson: {{ rate: {rate}/s }} }}, calls: s.op, policy: [{policy}] }}\nservices:\n{services}"
    )
}

/// A service with one operation, `op`, and an unlimited queue.
fn service(name: &str, settings: &str, steps: &str) -> String {
    let queue = if settings.contains("queue:") {
        ""
    } else {
        ", queue: { capacity: unlimited }"
    };
    format!(
        "  {name}: {{ {settings}{queue}, operations: {{ op: {{ idempotent: true, steps: [{steps}] }} }} }}\n"
    )
}

/// No timeout that could ever matter.
const PATIENT: &str = "timeout: 1h";

#[test]
fn an_interval_is_students() {
    // Table value: t for 4 degrees of freedom and 99.9 % on both sides is 8.610.
    let (mean, half_width) = interval(&[1.0, 2.0, 3.0, 4.0, 5.0]);
    assert!((mean - 3.0).abs() < 1e-12);
    assert!((half_width - 8.610 * 0.5_f64.sqrt()).abs() < 1e-3);
}

#[test]
#[should_panic(expected = "wait is")]
fn a_wrong_theory_is_found_out() {
    let s = service("s", "threads: 1", "work: { exponential: { mean: 10ms } }");
    agree(
        "M/M/1",
        &open(70, PATIENT, &s),
        200,
        &[("wait", Sums::wait, 0.0233 * 1.2)],
    );
}
