//! Tables of (time, event, what is said), for the rules of each product.

mod algebra;
mod enforcing;
mod envoy;
mod grpc;
mod nginx;
mod sequences;
mod trials;

use super::*;
use crate::policy::{Outcome, OutcomeSet};
use crate::time::{SimDuration, SimTime};
use crate::units::Probability;
use std::fmt::Write as _;

pub(super) fn secs(s: u64) -> SimDuration {
    SimDuration::from_secs(s)
}

pub(super) fn share(percent: f64) -> Probability {
    Probability::new(percent / 100.0).unwrap()
}

pub(super) fn failures() -> OutcomeSet {
    OutcomeSet::failures()
}

/// All members count; every draw is the middle.
pub(super) struct All;

impl Others for All {
    fn counts(&self, _: u32) -> bool {
        true
    }

    fn draw(&self, _: u32, _: u32) -> f64 {
        0.5
    }

    fn lot(&self, _: u32, number: u32) -> f64 {
        f64::from(number) / 10.0
    }
}

/// What happens.
#[derive(Clone, Copy)]
pub(super) enum On {
    /// So many results of this kind from an instance.
    Results(u32, u32, Outcome),
    /// An attempt goes to it.
    Sent(u32),
    /// It passes a check.
    Check(u32),
    /// A sweep.
    Sweep,
    /// The end of some time.
    Due,
    /// The caller dies.
    Dies,
}

pub(super) fn bad(slot: u32, times: u32) -> On {
    On::Results(slot, times, Outcome::ErrorInternal)
}

pub(super) fn good(slot: u32, times: u32) -> On {
    On::Results(slot, times, Outcome::Ok)
}

/// A watch, and what it said.
pub(super) struct Watch {
    config: EjectionConfig,
    pub(super) ejection: Ejection,
}

impl Watch {
    pub(super) fn new(config: EjectionConfig, slots: u32) -> Self {
        let ejection = Ejection::new(&config, slots);
        Self { config, ejection }
    }

    /// Does something at an instant \[ms\]; what is said, in words.
    pub(super) fn at(&mut self, ms: u64, on: On) -> String {
        let mut out = Vec::new();
        let mut ask = EjectAsk {
            config: &self.config,
            now: SimTime::ZERO + SimDuration::from_millis(ms),
            others: &All,
            out: &mut out,
        };
        let it = &mut self.ejection;
        match on {
            On::Results(slot, times, outcome) => {
                for _ in 0..times {
                    it.on_result(&mut ask, slot, outcome);
                }
            }
            On::Sent(slot) => it.on_sent(&mut ask, slot),
            On::Check(slot) => it.on_check_passed(&mut ask, slot),
            On::Sweep => it.sweep(&mut ask),
            On::Due => it.on_due(&mut ask),
            On::Dies => it.forget_all(&mut ask),
        }
        words(&out)
    }

    /// Every row is (ms, event, what is said).
    pub(super) fn plays(&mut self, rows: &[(u64, On, &str)]) {
        for (row, &(ms, on, said)) in rows.iter().enumerate() {
            assert_eq!(self.at(ms, on), said, "row {} at {ms} ms", row + 1);
        }
    }

    /// When something is due next \[ms\].
    pub(super) fn due(&self) -> Option<u64> {
        let due = self.ejection.due(&self.config);
        due.map(|at| at.as_ns() / 1_000_000)
    }
}

fn words(steps: &[EjectStep]) -> String {
    let mut said = String::new();
    for EjectStep { slot, kind } in steps {
        if !said.is_empty() {
            said.push_str(", ");
        }
        let _ = match kind {
            EjectStepKind::Out { why, k, until } => {
                let until = until.map_or("never".to_owned(), |at| {
                    format!("{}", at.since(SimTime::ZERO))
                });
                write!(said, "{slot} out by {} k={k} until {until}", why.name())
            }
            EjectStepKind::Stopped { why } => write!(said, "{slot} stopped by {}", why.name()),
            EjectStepKind::Suspected { how } => write!(said, "{slot} suspected: {how:?}"),
            EjectStepKind::OnTrial => write!(said, "{slot} on trial"),
            EjectStepKind::Tried => write!(said, "{slot} tried"),
            EjectStepKind::Back { by, after } => {
                write!(said, "{slot} back by {} after {after}", by.name())
            }
        };
    }
    said
}

/// Envoy's settings, with this ceiling \[%\].
pub(super) fn envoy(max: f64) -> EjectionConfig {
    EjectionConfig {
        rule: EjectionRule::Outliers(Outliers {
            consecutive: vec![Consecutive {
                failures: 5,
                on: failures(),
                ignores: OutcomeSet::EMPTY,
                enforce: Enforced::ALWAYS,
            }],
            on_errors: OnErrors::Eject,
            success_rate: Some(SuccessRate {
                below_sd: 1.9,
                min_instances: 5,
                min_calls: 100,
                on: failures(),
                ignores: OutcomeSet::EMPTY,
                enforce: Enforced::ALWAYS,
            }),
            failure_share: None,
            sweep: Some(secs(10)),
            time: EjectTime {
                base: secs(30),
                growth: EjectGrowth::Linear,
                max: secs(300),
                jitter: EjectJitter::Span(SimDuration::ZERO),
            },
            returns: Returns::AtSweep,
        }),
        most: MaxEjected::new(share(max), Rounding::NotBeyond),
    }
}

/// gRPC's settings, with this ceiling \[%\].
pub(super) fn grpc(max: f64) -> EjectionConfig {
    let mut config = envoy(max);
    change(&mut config, |rules| {
        rules.consecutive.clear();
        rules.failure_share = Some(FailureShare {
            at: ShareAt::above(share(85.0)),
            min_instances: 5,
            min_calls: 50,
            on: failures(),
            ignores: OutcomeSet::EMPTY,
            enforce: Enforced::ALWAYS,
        });
    });
    config.most.rounding = Rounding::MayExceed;
    config
}

pub(super) fn change(config: &mut EjectionConfig, change: impl FnOnce(&mut Outliers)) {
    match &mut config.rule {
        EjectionRule::Outliers(rules) => change(rules),
        EjectionRule::Quiet(_) => panic!("there are no such settings"),
    }
}
