//! How long a breaker stays open, and who notices that the time is over.
//!
//! A callee that was given five seconds and is still ill will hardly be well after five more: some
//! libraries wait longer each time. And the end of the wait is less sharp than it looks: at that
//! very instant one library admits and another rejects, one changes its state when a timer goes off
//! and another when the next call asks, which decides what a late result meets.
//!
//! The rule: the `n`-th opening since the breaker was last closed lasts `wait × factor^(n - 1)`, at
//! most `max`, spread by a jitter whose draw the caller passes in. The end itself admits
//! ([`Expiry::Inclusive`]) unless it is said to be exclusive.
//!
//! Polly 8, opossum, pybreaker, cockatiel and failsafe-go admit at the very end; resilience4j,
//! Hystrix and gobreaker only after it. Rejected: an event for each end, because a lazy look gives
//! the same decisions and [`Transition::at`](super::Transition::at) the true instant.

use crate::time::{SimDuration, SimTime};

/// How long a breaker stays open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OpenRule {
    /// The first wait; resilience4j, gobreaker, pybreaker, failsafe-go: 60 s, opossum and
    /// `circuitbreaker`: 30 s, Polly 8 and Hystrix: 5 s.
    pub wait: SimDuration,
    /// How it grows with each opening in a row.
    pub growth: Option<Growth>,
    /// Whether the end itself admits.
    pub expiry: Expiry,
    /// Who notices the end.
    pub transition: Timing,
}

/// How the wait grows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    /// How many times as long as the last one, at least 1; Linkerd and Finagle: 2, resilience4j:
    /// 1.5 where it is switched on.
    pub factor: f64,
    /// The longest wait; Linkerd: 60 s, Finagle: 300 s.
    pub max: SimDuration,
    /// How it is spread.
    pub jitter: WaitJitter,
    /// Waits are cut to whole multiples of this, at each step (resilience4j: 1 ms); zero: not.
    pub unit: SimDuration,
    /// Whose openings it counts.
    pub per: GrowthPer,
}

/// Whose openings in a row make a wait longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrowthPer {
    /// The breaker's, whatever opened it; the default.
    Breaker,
    /// Those of each condition of the trip rule by itself; of those that hold at one instant the
    /// longest wait counts. An opening by no condition, such as a failed probe that the trip rule is
    /// not asked about, is one of each (Finagle).
    Condition,
}

/// How a wait is spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WaitJitter {
    /// Not at all.
    None,
    /// By so much of itself up or down, the maximum applied afterwards (resilience4j: 0.5).
    PlusMinus(f64),
    /// By up to so much of itself up, never above the maximum (Linkerd: 0.5).
    Additive(f64),
    /// From the second wait on: half of it, and up to the other half, the maximum applied afterwards
    /// (Finagle).
    Equal,
}

impl WaitJitter {
    /// Where growing further changes nothing.
    fn grows_up_to(self, max: SimDuration) -> SimDuration {
        match self {
            Self::None | Self::PlusMinus(_) | Self::Additive(_) => max,
            Self::Equal => max + max,
        }
    }
}

/// Whether the end of the wait itself admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// A call at that instant is the first probe; the default.
    Inclusive,
    /// It is still rejected (resilience4j, Hystrix, gobreaker).
    Exclusive,
}

/// Who notices that the wait is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// The next call; the default.
    NextCall,
    /// The next call or result (gobreaker).
    NextCallOrResult,
    /// A timer, at that very instant (opossum, Linkerd, Finagle).
    Timer,
}

/// Who makes a breaker look at the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedBy {
    /// A call that wants to pass.
    Call,
    /// A result. At the very instant of a timer it comes first (rule 41).
    Result,
    /// Somebody who only wants to know, such as a report at the end of a run.
    Onlooker,
}

impl OpenRule {
    /// Waits this long, every time; the end admits, and the next call notices it.
    pub const fn constant(wait: SimDuration) -> Self {
        Self {
            wait,
            growth: None,
            expiry: Expiry::Inclusive,
            transition: Timing::NextCall,
        }
    }

    /// How long the `opening`-th wait in a row lasts, counted from 1; `draw` is from (0, 1).
    pub fn wait_of(&self, opening: u32, draw: impl FnOnce() -> f64) -> SimDuration {
        match self.growth {
            None => self.wait,
            Some(growth) => growth.wait_of(self.wait, opening, draw),
        }
    }

    /// When a wait that ends at `until` is over for whoever asks; `None` if it is not.
    pub(super) fn over_at(&self, until: SimTime, now: SimTime, asked: AskedBy) -> Option<SimTime> {
        let expired = match self.expiry {
            Expiry::Inclusive => until <= now,
            Expiry::Exclusive => until < now,
        };
        match (self.transition, asked) {
            (Timing::NextCall | Timing::NextCallOrResult, AskedBy::Call)
            | (Timing::NextCallOrResult, AskedBy::Result) => expired.then_some(now),
            (Timing::Timer, asked) => timer_at(until, now, asked),
            (Timing::NextCall, AskedBy::Result)
            | (Timing::NextCall | Timing::NextCallOrResult, AskedBy::Onlooker) => None,
        }
    }
}

/// When a timer went off, if it did before whoever asks came.
pub(super) fn timer_at(until: SimTime, now: SimTime, asked: AskedBy) -> Option<SimTime> {
    let went_off = match asked {
        AskedBy::Call | AskedBy::Onlooker => until <= now,
        AskedBy::Result => until < now,
    };
    went_off.then_some(until)
}

impl Growth {
    fn wait_of(self, first: SimDuration, opening: u32, draw: impl FnOnce() -> f64) -> SimDuration {
        let enough = self.jitter.grows_up_to(self.max);
        let mut wait = first;
        for _ in 1..opening {
            let next = self.cut(wait.scaled(self.factor));
            if next == wait || next >= enough {
                wait = next;
                break;
            }
            wait = next;
        }
        let spread = match self.jitter {
            WaitJitter::PlusMinus(share) => {
                let width = wait.scaled(2.0 * share) + self.unit;
                self.cut(wait.scaled(1.0 - share) + width.scaled(draw()))
            }
            WaitJitter::Additive(share) => {
                let wait = wait.min(self.max);
                wait + wait.scaled(share * draw())
            }
            WaitJitter::Equal if opening > 1 => {
                let half = wait.scaled(0.5);
                half + half.scaled(draw())
            }
            WaitJitter::None | WaitJitter::Equal => wait,
        };
        spread.min(self.max)
    }

    fn cut(self, wait: SimDuration) -> SimDuration {
        match self.unit.as_ns() {
            0 => wait,
            unit => SimDuration::from_ns(wait.as_ns() / unit * unit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(jitter: WaitJitter, unit_ms: u64, draw: f64) -> Vec<u64> {
        let rule = OpenRule {
            growth: Some(Growth {
                factor: 1.5,
                max: SimDuration::from_millis(6_000),
                jitter,
                unit: SimDuration::from_millis(unit_ms),
                per: GrowthPer::Breaker,
            }),
            ..OpenRule::constant(SimDuration::from_millis(1_001))
        };
        let wait = |opening| rule.wait_of(opening, || draw).as_ns() / 1_000;
        (1..=6).map(wait).collect()
    }

    #[test]
    fn waits_grow_up_to_their_maximum() {
        let exact = [
            1_001_000, 1_501_500, 2_252_250, 3_378_375, 5_067_562, 6_000_000,
        ];
        assert_eq!(waits(WaitJitter::None, 0, 0.5), exact);
        let cut = [
            1_001_000, 1_501_000, 2_251_000, 3_376_000, 5_064_000, 6_000_000,
        ];
        assert_eq!(waits(WaitJitter::None, 1, 0.5), cut);
    }

    #[test]
    fn jitter_spreads_as_its_library_does() {
        assert_eq!(
            waits(WaitJitter::PlusMinus(0.5), 1, 0.0)[..2],
            [500_000, 750_000]
        );
        assert_eq!(
            waits(WaitJitter::PlusMinus(0.5), 1, 0.999_999)[0],
            1_502_000
        );
        assert_eq!(waits(WaitJitter::Additive(0.5), 0, 0.5)[0], 1_251_250);
        assert_eq!(waits(WaitJitter::Additive(0.5), 0, 0.5)[5], 6_000_000);
        assert_eq!(waits(WaitJitter::Equal, 0, 0.0)[..2], [1_001_000, 750_750]);
    }

    /// Finagle from 5 s to 300 s: half of the seventh wait is 160 s, of the eighth 320 s.
    #[test]
    fn equal_jitter_reaches_its_maximum_by_its_half() {
        let rule = OpenRule {
            growth: Some(Growth {
                factor: 2.0,
                max: SimDuration::from_secs(300),
                jitter: WaitJitter::Equal,
                unit: SimDuration::ZERO,
                per: GrowthPer::Breaker,
            }),
            ..OpenRule::constant(SimDuration::from_secs(5))
        };
        let secs = |opening, draw| rule.wait_of(opening, || draw).as_ns() / 1_000_000_000;
        let check = |opening, least, most| {
            assert_eq!((secs(opening, 0.0), secs(opening, 1.0)), (least, most));
        };
        check(1, 5, 5);
        check(2, 5, 10);
        check(6, 80, 160);
        check(7, 160, 300);
        check(8, 300, 300);
        check(9, 300, 300);
    }

    #[test]
    fn the_end_admits_or_not() {
        let at = SimTime::from_ns;
        let rule = |expiry, transition| OpenRule {
            expiry,
            transition,
            ..OpenRule::constant(SimDuration::ZERO)
        };
        let check = |expiry, transition, asked, now, expected: Option<u64>| {
            let over = rule(expiry, transition).over_at(at(100), at(now), asked);
            assert_eq!(
                over,
                expected.map(at),
                "{expiry:?} {transition:?} {asked:?} {now}"
            );
        };
        let (inclusive, exclusive) = (Expiry::Inclusive, Expiry::Exclusive);
        check(inclusive, Timing::NextCall, AskedBy::Call, 99, None);
        check(inclusive, Timing::NextCall, AskedBy::Call, 100, Some(100));
        check(exclusive, Timing::NextCall, AskedBy::Call, 100, None);
        check(exclusive, Timing::NextCall, AskedBy::Call, 101, Some(101));
        check(inclusive, Timing::NextCall, AskedBy::Result, 500, None);
        check(
            exclusive,
            Timing::NextCallOrResult,
            AskedBy::Result,
            101,
            Some(101),
        );
        check(inclusive, Timing::Timer, AskedBy::Result, 100, None);
        check(inclusive, Timing::Timer, AskedBy::Result, 101, Some(100));
        check(inclusive, Timing::Timer, AskedBy::Onlooker, 500, Some(100));
        check(inclusive, Timing::NextCall, AskedBy::Onlooker, 500, None);
    }
}
