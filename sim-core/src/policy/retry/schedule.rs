//! The delays of a retry as a table: for given draws, and what they can be at all.
//!
//! "Exponential with full jitter, 100 ms to 2 s" says little until one sees it. With draws given,
//! the delays follow, and can be held against those of a library that was given the same numbers.
//! Without, the least, the mean and the greatest delay before each retry say what to expect.
//!
//! The rule for the ranges: the least and the greatest come from draws at the very ends of their
//! range, each end for the draws before and for this one, since a jitter with a memory can be long
//! because it was short before. A delay that is itself drawn is as short and as long as its
//! distribution can make it, and has no greatest where that has no limit.
//!
//! The mean comes from a Latin hypercube: in each of the draws every one of 4096 equal parts of the
//! range occurs once, so that a delay which is proportional to one draw has its exact mean.
//! Rejected: means by formula (Polly's has none in closed form, and a cap spoils the others).

use super::{BackoffMemory, Jitter, RetryConfig};
use crate::random::{Dist, Uniforms};
use crate::time::SimDuration;

/// Paths from which a mean is made; a power of two \[count\].
const PATHS: u64 = 4_096;
/// Retries before one after which a jitter with a memory has come to its limit \[count\].
const LOOK_BACK: u32 = 1_000;

/// What the delay before one retry can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DelayRange {
    /// Which retry, from 1.
    pub retry: u32,
    /// The least delay.
    pub least: SimDuration,
    /// Its mean.
    pub mean: SimDuration,
    /// The greatest delay; none of one that is drawn without a limit.
    pub greatest: Option<SimDuration>,
}

/// Draws from a list, in order.
struct Listed<'a> {
    draws: &'a [f64],
    next: usize,
}

impl Uniforms for Listed<'_> {
    fn next_u64(&mut self) -> u64 {
        let draw = self.draws.get(self.next).copied().unwrap_or(0.0);
        self.next += 1;
        word(draw)
    }
}

/// The word of which a draw is made.
fn word(draw: f64) -> u64 {
    const CELLS: f64 = (1_u64 << 53) as f64;
    // A cast saturates, so that 1 is the highest word.
    ((draw * CELLS) as u64).min((1 << 53) - 1) << 11
}

/// The same word each time: an end of the range.
struct End(u64);

impl Uniforms for End {
    fn next_u64(&mut self) -> u64 {
        self.0
    }
}

/// One path of the hypercube: its n-th draw lies in another part than that of any other path.
struct Path {
    number: u64,
    draw: u64,
}

impl Uniforms for Path {
    fn next_u64(&mut self) -> u64 {
        const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
        self.draw += 1;
        // An odd factor permutes the numbers of the paths, another one for each draw.
        let factor = self.draw.wrapping_mul(GOLDEN) >> 7 | 1;
        let part = self.number.wrapping_mul(factor).wrapping_add(factor >> 20) % PATHS;
        (2 * part + 1) * (u64::MAX / (2 * PATHS) + 1)
    }
}

impl RetryConfig {
    /// The delays of one call before its first, second, … retry, from these draws in (0, 1), each
    /// of which is used once, in order, when no outcome has a backoff of its own. Ends with the last
    /// retry, or when the draws are used up.
    ///
    /// ```
    /// use sim_core::policy::{Backoff, Jitter, RetryConfig};
    /// use sim_core::time::SimDuration;
    ///
    /// let backoff = Backoff::Exponential {
    ///     initial: SimDuration::from_millis(100),
    ///     factor: 2.0,
    ///     max: SimDuration::from_secs(1),
    /// };
    /// let retry = RetryConfig::new(4, backoff, Jitter::Full);
    /// let delays = retry.schedule(&[0.5, 0.25, 1.0]);
    /// assert_eq!(delays, [50, 50, 400].map(SimDuration::from_millis));
    /// ```
    pub fn schedule(&self, draws: &[f64]) -> Vec<SimDuration> {
        self.schedule_up_to(draws, u32::MAX)
    }

    /// The same, at most so many: a retry without end and without jitter uses no draws up.
    pub fn schedule_up_to(&self, draws: &[f64], at_most: u32) -> Vec<SimDuration> {
        let mut listed = Listed { draws, next: 0 };
        let mut memory = BackoffMemory::default();
        let mut delays = Vec::new();
        for retry in 1..=self.retries(at_most) {
            let delay = self.delay(retry, &mut memory, &mut listed);
            if listed.next > draws.len() {
                break;
            }
            delays.push(delay);
        }
        delays
    }

    /// What the delays before the first retries can be, at most so many.
    pub fn delay_ranges(&self, at_most: u32) -> Vec<DelayRange> {
        let retries = 1..=self.retries(at_most);
        let mut ranges: Vec<DelayRange> = retries.map(|retry| self.ends(retry)).collect();
        let mut sums = vec![0_u128; ranges.len()];
        for number in 0..PATHS {
            let mut path = Path { number, draw: 0 };
            let mut memory = BackoffMemory::default();
            for (retry, sum) in (1..).zip(&mut sums) {
                *sum += u128::from(self.delay(retry, &mut memory, &mut path).as_ns());
            }
        }
        for (range, sum) in ranges.iter_mut().zip(sums) {
            let mean = (sum + u128::from(PATHS / 2)) / u128::from(PATHS);
            range.mean = SimDuration::from_ns(u64::try_from(mean).unwrap_or(u64::MAX));
        }
        ranges
    }

    /// The least that the delays before the first retries can be, at most so many, whichever backoff
    /// they follow.
    pub fn least_delays(&self, at_most: u32) -> Vec<SimDuration> {
        let least = |retry: &Self, number| retry.ends(number).least;
        let other = self.after_others();
        let delay = |number| {
            let usual = least(self, number);
            other
                .as_ref()
                .map_or(usual, |other| usual.min(least(other, number)))
        };
        (1..=self.retries(at_most)).map(delay).collect()
    }

    /// The same retry with the backoff that it has after the outcomes of [`Self::after`] in the place
    /// of its own; none if it has no such backoff.
    #[must_use]
    pub fn after_others(&self) -> Option<Self> {
        let after = self.after.as_ref()?;
        Some(Self {
            backoff: after.backoff.clone(),
            after: None,
            ..self.clone()
        })
    }

    /// Retries that there can be \[count\], of at most so many.
    fn retries(&self, at_most: u32) -> u32 {
        self.max_attempts.saturating_sub(1).min(at_most)
    }

    /// The ends of a range; its mean is still missing.
    fn ends(&self, retry: u32) -> DelayRange {
        let least = self.extremes(retry, Dist::least).into_iter().min();
        DelayRange {
            retry,
            least: least.unwrap_or_default(),
            mean: SimDuration::ZERO,
            greatest: self.greatest_delay(retry),
        }
    }

    /// The greatest delay before this retry; none if it is drawn without a limit.
    pub(super) fn greatest_delay(&self, retry: u32) -> Option<SimDuration> {
        if self.is_without_limit(retry) {
            return None;
        }
        // A part without a limit has no say in this delay.
        let greatest = |dist: &Dist| dist.greatest().unwrap_or(SimDuration::MAX);
        self.extremes(retry, greatest).into_iter().max()
    }

    /// Whether the delay before this retry has no greatest value. The decorrelated jitter goes on
    /// from the delays before.
    fn is_without_limit(&self, retry: u32) -> bool {
        let is_open = |retry: u32| {
            let dist = self.backoff.dist(retry);
            !self.follows_at_once(retry) && dist.is_some_and(|dist| dist.greatest().is_none())
        };
        let goes_on = self.jitter == Jitter::Decorrelated;
        is_open(retry) || (goes_on && (1..retry.min(LOOK_BACK)).any(is_open))
    }

    /// The delay before this retry at the ends of the draws before and of its own, with `read` in the
    /// place of drawing the delay of the backoff.
    fn extremes(&self, retry: u32, read: impl Fn(&Dist) -> SimDuration) -> [SimDuration; 4] {
        let delay = |retry: u32, memory: &mut BackoffMemory, end: u64| {
            let retry = self.place(retry, *memory);
            let raw = self.backoff.base(retry, self.grain, &read);
            match raw.filter(|_| !self.follows_at_once(retry)) {
                Some(raw) => self.delay_from(raw, retry, memory, &mut End(end)).0,
                None => SimDuration::ZERO,
            }
        };
        // Without a memory those before have no say.
        let first = if self.jitter.walks() {
            retry.saturating_sub(LOOK_BACK).max(1)
        } else {
            retry
        };
        [(0, 0), (0, u64::MAX), (u64::MAX, 0), (u64::MAX, u64::MAX)].map(|(before, last)| {
            let mut memory = BackoffMemory::default();
            for earlier in first..retry {
                delay(earlier, &mut memory, before);
            }
            delay(retry, &mut memory, last)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Backoff, BackoffAfter, Outcome, OutcomeSet};

    fn retry(jitter: Jitter) -> RetryConfig {
        let backoff = Backoff::Exponential {
            initial: SimDuration::from_millis(100),
            factor: 2.0,
            max: SimDuration::from_millis(300),
        };
        RetryConfig::new(5, backoff, jitter)
    }

    #[track_caller]
    fn check(jitter: Jitter, expected: [[&str; 3]; 4]) {
        let ranges = retry(jitter).delay_ranges(10);
        let shown = ranges.iter().map(|it| {
            [Some(it.least), Some(it.mean), it.greatest].map(|span| span.unwrap().to_string())
        });
        assert_eq!(shown.collect::<Vec<_>>(), expected, "{jitter:?}");
    }

    #[test]
    fn ranges_of_jitters_without_a_memory() {
        check(
            Jitter::None,
            [["100ms"; 3], ["200ms"; 3], ["300ms"; 3], ["300ms"; 3]],
        );
        check(
            Jitter::Full,
            [
                ["0s", "50ms", "100ms"],
                ["0s", "100ms", "200ms"],
                ["0s", "150ms", "300ms"],
                ["0s", "150ms", "300ms"],
            ],
        );
        check(
            Jitter::Equal,
            [
                ["50ms", "75ms", "100ms"],
                ["100ms", "150ms", "200ms"],
                ["150ms", "225ms", "300ms"],
                ["150ms", "225ms", "300ms"],
            ],
        );
    }

    #[test]
    fn a_memory_widens_the_range() {
        let ranges = retry(Jitter::Decorrelated).delay_ranges(10);
        let ends = |n: usize| {
            let greatest = ranges[n].greatest.unwrap();
            (ranges[n].least.to_string(), greatest.to_string())
        };
        assert_eq!(ends(0), ("100ms".to_owned(), "300ms".to_owned()));
        assert_eq!(ends(3), ("100ms".to_owned(), "300ms".to_owned()));
        assert_eq!(ranges[0].mean.to_string(), "200ms");
        // Polly's second delay is longest after the shortest first one.
        let polly = RetryConfig {
            backoff: Backoff::Exponential {
                initial: SimDuration::from_secs(1),
                factor: 2.0,
                max: SimDuration::MAX,
            },
            ..retry(Jitter::PollyV2)
        };
        let second = polly.delay_ranges(2)[1];
        assert_eq!(Some(polly.schedule(&[0.0, 1.0])[1]), second.greatest);
        assert_eq!(polly.schedule(&[1.0, 0.0])[1], second.least);
    }

    #[test]
    fn a_memory_of_drawn_delays_goes_on_from_the_longest() {
        let ms = SimDuration::from_millis;
        let decorrelated = |first: Dist| {
            let backoff = Backoff::List(vec![first, ms(10).into()]);
            let ranges = RetryConfig::new(3, backoff, Jitter::Decorrelated).delay_ranges(9);
            ranges
                .iter()
                .map(|it| (it.least, it.greatest))
                .collect::<Vec<_>>()
        };
        let bounded = decorrelated(Dist::uniform(ms(50), ms(150)).unwrap());
        assert_eq!(
            bounded,
            [(ms(50), Some(ms(450))), (ms(10), Some(ms(1_350)))]
        );
        let unbounded = decorrelated(Dist::exponential(ms(50)).unwrap());
        assert_eq!(unbounded, [(ms(0), None), (ms(10), None)]);
    }

    #[test]
    fn the_least_delays_are_those_of_either_backoff() {
        let ms = SimDuration::from_millis;
        assert_eq!(
            retry(Jitter::Equal).least_delays(9),
            [50, 100, 150, 150].map(ms)
        );
        let with_another = RetryConfig {
            after: Some(BackoffAfter {
                on: OutcomeSet::of(&[Outcome::RejectedShed]),
                backoff: Backoff::Constant(ms(80).into()),
            }),
            ..retry(Jitter::None)
        };
        assert_eq!(with_another.least_delays(2), [80, 80].map(ms));
    }

    #[test]
    fn a_schedule_without_end_has_one_all_the_same() {
        let for_ever = RetryConfig {
            max_attempts: u32::MAX,
            ..retry(Jitter::None)
        };
        assert_eq!(for_ever.schedule_up_to(&[], 7).len(), 7);
    }

    #[test]
    fn another_backoff_takes_the_place_of_the_first_with_its_jitter() {
        assert_eq!(retry(Jitter::Full).after_others(), None);
        let with_another = RetryConfig {
            after: Some(BackoffAfter {
                on: OutcomeSet::of(&[Outcome::RejectedShed]),
                backoff: Backoff::Exponential {
                    initial: SimDuration::from_secs(1),
                    factor: 3.0,
                    max: SimDuration::from_secs(5),
                },
            }),
            ..retry(Jitter::Full)
        };
        let other = with_another.after_others().unwrap();
        let waits = [500, 1_500, 2_500, 2_500].map(SimDuration::from_millis);
        assert_eq!(other.schedule(&[0.5; 4]), waits);
        assert_eq!(other.after_others(), None);
    }

    #[test]
    fn draws_are_used_in_order_and_end_the_schedule() {
        let full = retry(Jitter::Full);
        let shown = |draws: &[f64]| {
            full.schedule(draws)
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        assert_eq!(shown(&[0.1, 0.5, 0.9]), ["10ms", "100ms", "270ms"]);
        assert_eq!(shown(&[]), Vec::<String>::new());
        assert_eq!(shown(&[0.5; 9]).len(), 4);
        // Without jitter nothing is drawn.
        assert_eq!(retry(Jitter::None).schedule(&[]).len(), 4);
    }
}
