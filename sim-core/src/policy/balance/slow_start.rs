//! The ramp of an instance that has come up: its weight grows to what it is.
//!
//! An instance that has just started has cold caches and no compiled code; its full share at once may
//! bring it down. So for some time a balancer lets it weigh less. That is the balancer's ramp, apart
//! from how fast the instance itself gets warm.
//!
//! The rule (52): the factor is `max(from, (t / for)^(1 / aggression))`, t since it came up, in
//! 1/65536, cut; at `for` and later it is one. Envoy's `slow_start_config`, whose t is at least 1 ms.
//!
//! Rejected: steps of whole seconds (`HAProxy`), which need a timer for each instance.

use super::rotation::Rotation;
use super::weights::Weights;
use crate::random::detmath::pow;
use crate::time::{SimDuration, SimTime};

/// One, in the unit of weights.
pub(super) const ONE: u64 = 65_536;

/// How instances that have come up work their way up to their weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SlowStart {
    /// How long it takes \[ns\], more than nothing.
    pub time: SimDuration,
    /// 1 is a straight line; more is steeper at first, less later. More than 0.
    pub aggression: f64,
    /// The least share of its weight, from 0 to 1.
    pub from: f64,
    /// Which moments it begins at.
    pub begins: Begins,
}

/// From which moments ramps run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begins {
    /// When an instance comes up for the first time.
    pub join: bool,
    /// When it comes back after checks had failed.
    pub check_passed: bool,
}

impl SlowStart {
    /// The factor on a weight so long after the beginning, in 1/65536 \[1 to 65536\].
    pub fn factor(&self, since: SimDuration) -> u64 {
        if since >= self.time {
            return ONE;
        }
        let at_least_1_ms = since.max(SimDuration::from_millis(1));
        let passed = at_least_1_ms.as_ns() as f64 / self.time.as_ns() as f64;
        #[expect(clippy::float_cmp, reason = "a straight line is written as 1")]
        let share = if self.aggression == 1.0 {
            passed
        } else {
            pow(passed, 1.0 / self.aggression)
        };
        let factor = (share.max(self.from) * ONE as f64) as u64;
        factor.clamp(1, ONE)
    }
}

/// What each instance weighs at an instant.
#[derive(Clone, Copy)]
pub(super) struct Scales<'a> {
    pub(super) weights: &'a Weights,
    pub(super) slow_start: Option<&'a SlowStart>,
    /// When ramps may have begun.
    pub(super) rotation: Rotation<'a>,
}

impl Scales<'_> {
    /// The weight of a slot in 1/65536, at least 1 (rule 52).
    #[inline]
    pub(super) fn of(&self, slot: u32) -> u64 {
        let weight = u64::from(self.weights.of(slot));
        let Some(ramp) = self.slow_start else {
            return weight * ONE;
        };
        let since = self.since(ramp, slot);
        if since == SimTime::ZERO {
            return weight * ONE;
        }
        weight * ramp.factor(self.rotation.now.since(since))
    }

    /// When the ramp of a slot began; the beginning of the run is none.
    fn since(&self, ramp: &SlowStart, slot: u32) -> SimTime {
        let Rotation { joined, passed, .. } = self.rotation;
        let at = |began: bool, moments: &[SimTime]| match moments.get(slot as usize) {
            Some(&moment) if began => moment,
            Some(_) | None => SimTime::ZERO,
        };
        at(ramp.begins.join, joined).max(at(ramp.begins.check_passed, passed))
    }

    /// When the last ramp of these slots is over.
    pub(super) fn ramps_until(&self, slots: &[u32]) -> SimTime {
        let Some(ramp) = self.slow_start else {
            return SimTime::ZERO;
        };
        let began = slots.iter().map(|&slot| self.since(ramp, slot));
        let last = began.filter(|&since| since > SimTime::ZERO).max();
        last.map_or(SimTime::ZERO, |since| since + ramp.time)
    }

    /// Whether any two of these slots differ in weight.
    pub(super) fn differ(&self, slots: &[u32]) -> bool {
        let first = self.of(slots[0]);
        slots.iter().any(|&slot| self.of(slot) != first)
    }
}
