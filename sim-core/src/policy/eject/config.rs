//! The settings of ejection. There are no defaults here: the scenario owns them.

use crate::policy::OutcomeSet;
use crate::time::SimDuration;
use crate::units::Probability;

/// Who is left out, for how long, and how many at once.
#[derive(Clone, Debug, PartialEq)]
pub struct EjectionConfig {
    /// By what an instance is judged.
    pub rule: EjectionRule,
    /// How many may be out at once.
    pub most: MaxEjected,
}

impl EjectionConfig {
    /// Whether an instance comes back by an attempt that tries it, so that it matters when one is sent.
    pub fn has_trials(&self) -> bool {
        match &self.rule {
            EjectionRule::Outliers(rules) => rules.returns == Returns::OneTrial,
            EjectionRule::Quiet(_) => true,
        }
    }
}

/// By what an instance is judged.
#[derive(Clone, Debug, PartialEq)]
pub enum EjectionRule {
    /// By failures in a row, or in comparison with others.
    Outliers(Outliers),
    /// By failures without a quiet period between them (nginx).
    Quiet(QuietPeriod),
}

/// Judgement by failures in a row, or in comparison with others.
#[derive(Clone, Debug, PartialEq)]
pub struct Outliers {
    /// So many failures in a row, each at the result; at most [`Self::RUNS`] counters.
    pub consecutive: Vec<Consecutive>,
    /// What follows from these.
    pub on_errors: OnErrors,
    /// Worse than the others, at a sweep.
    pub success_rate: Option<SuccessRate>,
    /// Too many failures, at a sweep.
    pub failure_share: Option<FailureShare>,
    /// The time between two sweeps; Envoy and gRPC 10 s. `None`: there are none.
    pub sweep: Option<SimDuration>,
    /// How long an instance is out.
    pub time: EjectTime,
    /// What brings it back.
    pub returns: Returns,
}

impl Outliers {
    /// Counters of failures in a row that an instance may have \[count\]: Envoy's 5xx, gateway and
    /// local-origin failures.
    pub const RUNS: usize = 3;
}

/// What follows from so many failures in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnErrors {
    /// The instance is out.
    Eject,
    /// The next health check comes sooner (`HAProxy`'s `fastinter`), as after all that follow.
    FastCheck,
    /// It counts as one failed health check (`HAProxy`'s default, `fail-check`).
    FailCheck,
    /// The same, and one more failed check is enough (`sudden-death`).
    SuddenDeath,
    /// The health check has failed (`mark-down`).
    MarkDown,
}

/// So many failures in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consecutive {
    /// How many \[results\], at least 1; Envoy 5, Linkerd 7, `HAProxy` 10.
    pub failures: u32,
    /// What counts; everything else but `cancelled` ends the row.
    pub on: OutcomeSet,
    /// What neither counts nor ends the row.
    pub ignores: OutcomeSet,
    /// How often a verdict is carried out; Envoy 100 %, of gateway errors 0 %.
    pub enforce: Enforced,
}

/// How often a verdict is carried out: of the others nothing follows but that what led to them is
/// forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enforced {
    billionths: u64,
}

impl Enforced {
    /// Each is.
    pub const ALWAYS: Self = Self {
        billionths: BILLION,
    };

    /// This share of them.
    pub fn of(share: Probability) -> Self {
        Self {
            billionths: billionths(share),
        }
    }

    /// Whether one is, by a uniform draw that is asked for if needed.
    pub(super) fn is_due(self, draw: impl FnOnce() -> f64) -> bool {
        match self.billionths {
            0 => false,
            BILLION => true,
            most => draw() * (BILLION as f64) < most as f64,
        }
    }
}

/// Worse than the mean by so many standard deviations of the population.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SuccessRate {
    /// How many; Envoy and gRPC 1.9.
    pub below_sd: f64,
    /// With fewer instances that had enough calls nobody is judged \[instances\]; Envoy and gRPC 5.
    pub min_instances: u32,
    /// With fewer calls since the last sweep an instance is not looked at \[calls\], at least 1; Envoy
    /// and gRPC 100.
    pub min_calls: u32,
    /// What is no success.
    pub on: OutcomeSet,
    /// What is not looked at.
    pub ignores: OutcomeSet,
    /// As in [`Consecutive::enforce`].
    pub enforce: Enforced,
}

/// A share of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureShare {
    /// From where on; Envoy and gRPC 85 %, which Envoy includes and gRPC does not.
    pub at: ShareAt,
    /// As in [`SuccessRate::min_instances`]; Envoy and gRPC 5.
    pub min_instances: u32,
    /// As in [`SuccessRate::min_calls`]; Envoy and gRPC 50.
    pub min_calls: u32,
    /// What is a failure.
    pub on: OutcomeSet,
    /// What is not looked at.
    pub ignores: OutcomeSet,
    /// As in [`Consecutive::enforce`]; Envoy 0 %.
    pub enforce: Enforced,
}

/// A share that is compared exactly, in thousand millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareAt {
    billionths: u64,
    /// Whether the share itself is not enough.
    strictly: bool,
}

const BILLION: u64 = 1_000_000_000;

fn billionths(share: Probability) -> u64 {
    (share.get() * 1e9).round() as u64
}

impl ShareAt {
    /// This share or more.
    pub fn at_least(share: Probability) -> Self {
        Self {
            billionths: billionths(share),
            strictly: false,
        }
    }

    /// More than this share.
    pub fn above(share: Probability) -> Self {
        Self {
            billionths: billionths(share),
            strictly: true,
        }
    }

    /// Whether so many of all are enough.
    pub fn is_reached(self, count: u32, all: u32) -> bool {
        let have = u128::from(count) * u128::from(BILLION);
        let needed = u128::from(all) * u128::from(self.billionths);
        if self.strictly {
            have > needed
        } else {
            have >= needed
        }
    }
}

/// How many may be out at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxEjected {
    billionths: u64,
    /// What is compared.
    pub rounding: Rounding,
    /// Whether one may be out whatever the share (Envoy's `always_eject_one_host`).
    pub at_least_one: bool,
}

/// How the ceiling is compared, and which of the two orders a sweep has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// The share with one more out must not be beyond it (Envoy since 1.28): 33 % of 3 is nobody.
    NotBeyond,
    /// The share must be below it before (gRPC): 10 % of 3 is one, 67 % all of them.
    MayExceed,
}

impl MaxEjected {
    /// No limit.
    pub const UNLIMITED: Self = Self {
        billionths: BILLION,
        rounding: Rounding::NotBeyond,
        at_least_one: false,
    };

    /// This share of the instances; Envoy, gRPC and Istio 10 %.
    pub fn new(share: Probability, rounding: Rounding) -> Self {
        Self {
            billionths: billionths(share),
            rounding,
            at_least_one: false,
        }
    }

    /// Whether another may be ejected when so many of `members` are.
    pub fn allows(self, ejected: u32, members: u32) -> bool {
        if self.at_least_one && ejected == 0 {
            return true;
        }
        let most = u128::from(members) * u128::from(self.billionths);
        let out = |count: u64| u128::from(count) * u128::from(BILLION);
        match self.rounding {
            Rounding::NotBeyond => out(u64::from(ejected) + 1) <= most,
            Rounding::MayExceed => out(ejected.into()) < most,
        }
    }

    /// The same, but one may be out whatever the share.
    #[must_use]
    pub const fn or_one(self) -> Self {
        Self {
            at_least_one: true,
            ..self
        }
    }

    /// How many of `members` may be out at once \[instances\].
    pub fn of(self, members: u32) -> u32 {
        (0..members)
            .take_while(|&out| self.allows(out, members))
            .count() as u32
    }
}

/// How long an instance is out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EjectTime {
    /// The first time; Envoy and gRPC 30 s, Linkerd 1 s.
    pub base: SimDuration,
    /// How it grows.
    pub growth: EjectGrowth,
    /// At most so long, before `jitter`; Envoy and gRPC 300 s, Linkerd 60 s.
    pub max: SimDuration,
    /// What is added by chance.
    pub jitter: EjectJitter,
}

/// How the time grows with the number k of ejections that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EjectGrowth {
    /// Not at all.
    None,
    /// k times as long (Envoy, gRPC).
    Linear,
    /// 2^(k-1) times as long (Linkerd, Finagle).
    Exponential,
}

/// What is added to the time by chance, uniformly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EjectJitter {
    /// Up to this, beyond the maximum too (Envoy); 0: nothing.
    Span(SimDuration),
    /// Up to this share of the time, within the maximum (Linkerd: 50 %).
    Share(Probability),
}

impl EjectTime {
    /// The time of an instance with this k, at least 1; `u` is a uniform draw, asked for if needed.
    pub(super) fn span(&self, k: u32, u: impl FnOnce() -> f64) -> SimDuration {
        let times = match self.growth {
            EjectGrowth::None => 1,
            EjectGrowth::Linear => u64::from(k),
            EjectGrowth::Exponential => 1_u64.checked_shl(k.saturating_sub(1)).unwrap_or(u64::MAX),
        };
        let base = self.base.as_ns().saturating_mul(times);
        let time = SimDuration::from_ns(base).min(self.max);
        let by_chance = |most: f64, u: f64| SimDuration::from_sampled_ns(most * u);
        match self.jitter {
            EjectJitter::Span(SimDuration::ZERO) => time,
            EjectJitter::Span(most) => time + by_chance(most.as_ns() as f64, u()),
            EjectJitter::Share(share) => {
                let most = time.as_ns() as f64 * share.get();
                (time + by_chance(most, u())).min(self.max)
            }
        }
    }
}

/// What brings an instance back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returns {
    /// The first sweep at which its time is over, or a check that it passes (Envoy, gRPC, Istio).
    AtSweep,
    /// The end of its time.
    Exact,
    /// A check that it passes (`HAProxy`).
    ByCheck,
    /// One attempt, sent when its time is over: a failure leaves it out for longer (Linkerd).
    OneTrial,
}

/// Failures that no success after a quiet period has forgiven (nginx).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietPeriod {
    /// How many leave it out \[results\], at least 1; nginx' `max_fails`, 1.
    pub failures: u32,
    /// Both how long it is quiet and how long it is left out, in whole seconds \[s\]; nginx'
    /// `fail_timeout`, 10.
    pub seconds: u32,
    /// What is a failure; nginx: errors and timeouts, statuses as `proxy_next_upstream` says.
    pub on: OutcomeSet,
    /// Whether each takes weight / [`Self::failures`] from an instance in smooth turns, cut to a whole number;
    /// nginx: yes.
    pub cuts_weight: bool,
}
