//! How a balancer chooses: what a scenario says, checked.

use super::kept::Sticky;
use super::peak_ewma::PeakEwma;
use super::ring::RingConfig;
use super::slow_start::SlowStart;
use super::weights::Weights;
use super::zones::{ZoneMap, ZoneRule};

/// How an instance is chosen among those in rotation.
#[derive(Clone, Debug, PartialEq)]
pub struct BalanceConfig {
    /// The rule.
    pub way: BalanceWay,
    /// What each instance weighs; nothing of it is asked by ways that know no weights.
    pub weights: Weights,
    /// How instances that have come up work their way up to their weight.
    pub slow_start: Option<SlowStart>,
    /// Whom a caller sends to by zone.
    pub zone: ZoneRule,
    /// Who is in which zone; nothing where zones do not count.
    pub zones: ZoneMap,
    /// Whether who belongs together stays with the instance that was chosen first.
    pub sticky: Option<Sticky>,
}

/// The rule by which an instance is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BalanceWay {
    /// In turn, starting anywhere; the default. Where weights differ, by earliest deadline (Envoy).
    RoundRobin,
    /// Any, each as likely as it weighs.
    Random,
    /// The one with the fewest outstanding attempts of this balancer's owner.
    LeastRequests,
    /// The least loaded of so many drawn at random.
    PowerOfChoices {
        /// How many are compared \[instances\], at least 2; default 2 (Envoy, Finagle, Linkerd).
        choices: u32,
        /// Whether the same one may be drawn twice (Envoy, gRPC); else all are distinct.
        replace: bool,
    },
    /// In turn by weight, the turns of each spread as evenly as can be (nginx).
    Smooth,
    /// In turn by weight, in strides through the instances (gRPC).
    Stride,
    /// By outstanding attempts and weight.
    WeightedLeast(LeastRule),
    /// By how long answers take and how many are outstanding (Finagle, Linkerd).
    PeakEwma(PeakEwma),
    /// By a key on a hash ring.
    Ring(RingConfig),
}

/// How outstanding attempts and weight come to one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LeastRule {
    /// Envoy: in turn by earliest deadline, each next one after a span that goes by what is
    /// outstanding at that moment; where all weigh the same, the least loaded of some.
    Deadlines {
        /// The power of outstanding attempts, at least 0; Envoy: 1.
        bias: f64,
        /// How many are compared where all weigh the same \[instances\]; Envoy: 2.
        choices: u32,
    },
    /// nginx: the least outstanding for its weight; ties go in turn by weight.
    PerWeight,
    /// `HAProxy`: the same with the attempt to be sent counted in, but 0 where none is outstanding;
    /// ties go to the one that changed longest ago.
    WithNext,
}

impl BalanceConfig {
    /// A way alone: all weigh the same, from their first moment.
    pub fn of(way: BalanceWay) -> Self {
        Self {
            way,
            weights: Weights::default(),
            slow_start: None,
            zone: ZoneRule::Any,
            zones: ZoneMap::default(),
            sticky: None,
        }
    }

    /// Whether it compares how many attempts are outstanding, so that they have to be counted.
    pub const fn compares_loads(&self) -> bool {
        self.way.compares_loads()
    }

    /// Whether the rotation and what is outstanding are all that it looks at, so that
    /// [`super::Balancer::choose`] does.
    pub fn is_plain(&self) -> bool {
        if self.zone != ZoneRule::Any || self.sticky.is_some() {
            return false;
        }
        let is_even = self.weights.are_even() && self.slow_start.is_none();
        self.way.plain().is_some() && (is_even || !self.way.knows_weights())
    }
}

/// What a way comes to that looks at nothing but the rotation and what is outstanding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plain {
    InTurn,
    Any,
    Least,
    OfSome { choices: u32, replace: bool },
}

impl BalanceWay {
    /// What it does where all weigh the same, if it looks at nothing else.
    #[inline]
    pub(super) const fn plain(self) -> Option<Plain> {
        match self {
            Self::RoundRobin => Some(Plain::InTurn),
            Self::Random => Some(Plain::Any),
            Self::LeastRequests => Some(Plain::Least),
            Self::PowerOfChoices { choices, replace } => Some(Plain::OfSome { choices, replace }),
            Self::Smooth
            | Self::Stride
            | Self::WeightedLeast(_)
            | Self::PeakEwma(_)
            | Self::Ring(_) => None,
        }
    }

    /// Whether it compares how many attempts are outstanding.
    pub const fn compares_loads(&self) -> bool {
        match self {
            Self::RoundRobin | Self::Random | Self::Smooth | Self::Stride => false,
            Self::Ring(ring) => ring.bounded.is_some(),
            Self::LeastRequests
            | Self::PowerOfChoices { .. }
            | Self::WeightedLeast(_)
            | Self::PeakEwma(_) => true,
        }
    }

    /// The ring, if it goes by one.
    pub const fn ring(&self) -> Option<&RingConfig> {
        match self {
            Self::Ring(ring) => Some(ring),
            Self::RoundRobin
            | Self::Random
            | Self::LeastRequests
            | Self::PowerOfChoices { .. }
            | Self::Smooth
            | Self::Stride
            | Self::WeightedLeast(_)
            | Self::PeakEwma(_) => None,
        }
    }

    /// Whether weights and ramps mean anything to it.
    pub const fn knows_weights(&self) -> bool {
        match self {
            Self::LeastRequests | Self::PowerOfChoices { .. } | Self::PeakEwma(_) => false,
            Self::RoundRobin
            | Self::Random
            | Self::Smooth
            | Self::Stride
            | Self::WeightedLeast(_)
            | Self::Ring(_) => true,
        }
    }
}
