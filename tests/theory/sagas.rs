//! Sagas: how many are undone, left behind and charged for nothing is arithmetic.

use crate::support::model;
use sim_core::id::Id;
use sim_core::keeping::SagaEnd;
use sim_core::model::fact::{Fact, Observer};
use sim_core::model::run;
use sim_core::time::SimTime;

const RUNS: u64 = 20;
/// Arrivals [1/s] and for how long [s].
const RATE: f64 = 50.0;
const LASTS: f64 = 60.0;
/// A charge is given up, also by who goes on with it: e^-3.
const UNKNOWN: f64 = 0.049_787_068_367_863_94;

/// What became of all sagas of some runs.
#[derive(Default)]
struct Told {
    began: u32,
    completed: u32,
    undone: u32,
    left: u32,
    resumed: u32,
    broken: u32,
}

impl Observer for Told {
    fn on_fact(&mut self, _now: SimTime, fact: &Fact) {
        match *fact {
            Fact::SagaBegan { .. } => self.began += 1,
            Fact::SagaLeft { .. } => self.left += 1,
            Fact::SagaResumed { .. } => self.resumed += 1,
            Fact::SagaEnded { how, .. } => match how {
                SagaEnd::Completed => self.completed += 1,
                SagaEnd::Compensated => self.undone += 1,
                SagaEnd::Stuck => panic!("no undo fails"),
            },
            Fact::InvariantBroken { invariant, .. } => {
                assert_eq!(invariant.index(), 0);
                self.broken += 1;
            }
            _ => {}
        }
    }
}

/// A charge works 100 ms on average, exponentially, and is given up after 300 ms; the shop dies at 30 s.
fn told(unknown: &str) -> Told {
    let scenario = format!(
        "scenario: saga
run: {{ duration: 90s }}
clients:
  c: {{ arrivals: {{ poisson: {{ rate: [{{ at: 0s, rate: 50/s }}, {{ at: 60s, rate: 0/s }}] }} }}, calls: shop.buy }}
services:
  shop:
    threads: unlimited
    operations:
      buy:
        steps:
          - saga:
              persist: 1ms
              timeout: 20s
              resume_after: 1s
              unknown: {unknown}
              steps:
                - {{ do: bank.charge, undo: bank.refund, policy: [{{ timeout: 300ms }}] }}
                - {{ do: stock.sell, pivot: true }}
  bank:
    threads: unlimited
    operations:
      charge: {{ idempotency_keys: {{ in_progress: join }}, steps: [{{ work: {{ exponential: {{ mean: 100ms }} }} }}, {{ effect: charged }}] }}
      refund: {{ idempotent: true, steps: [{{ undo: {{ effect: charged, forbids: true }} }}] }}
  stock:
    threads: unlimited
    operations: {{ sell: {{ idempotent: true, steps: [{{ effect: sold }}] }} }}
invariants:
  paid: {{ equal: [charged, sold], within: 10s }}
faults:
  dies: {{ at: 30s, for: 100ms, service: shop, crash: {{}} }}
"
    );
    let spec = model(&scenario);
    (0..RUNS).fold(Told::default(), |told, seed| {
        run(&spec, seed, 0, told, &mut |_, _| true).observer
    })
}

/// A count is what it should be, but for four standard deviations of one that is at most Poisson.
#[track_caller]
fn is_about(what: &str, count: u32, expected: f64) {
    let off = (f64::from(count) - expected).abs();
    assert!(
        off <= 4.0 * expected.sqrt(),
        "{what}: {count}, not {expected:.1}"
    );
}

#[test]
fn rule_88_a_charge_given_up_is_undone_and_nobody_pays_for_nothing() {
    let sagas = RATE * LASTS * RUNS as f64;
    let told = told("undo");
    is_about("begun", told.began, sagas);
    is_about("undone", told.undone, sagas * UNKNOWN);
    assert_eq!(told.completed + told.undone, told.began, "all are over");
    assert_eq!(told.broken, 0);
    // Those written down and not over at 30 s: a charge takes 100 ms (1 - e^-3) on average until it is done
    // or given up, and two more writes 1 ms each; one undone is written once more, one sold as well.
    let under_way = RATE * (0.1 * (1.0 - UNKNOWN) + 0.002) * RUNS as f64;
    is_about("left", told.left, under_way);
    assert_eq!(told.left, told.resumed, "each is gone on with");
}

#[test]
fn rule_88_what_is_taken_for_failed_and_is_not_is_charged_for_nothing() {
    let sagas = RATE * LASTS * RUNS as f64;
    let told = told("ignore");
    is_about("charged for nothing", told.broken, sagas * UNKNOWN);
    is_about("undone", told.undone, f64::from(told.broken));
}
