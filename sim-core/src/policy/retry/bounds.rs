//! How much time the delays of a retry can take in all.
//!
//! Whether a system has *not recovered* or was only not watched for long enough depends on how
//! long one call can last (rule 38). The passes have their timeouts; this is the rest.
//!
//! The rule: the sum of the largest possible delays before each of the `max_attempts - 1` retries.
//! A drawn delay counts as the first multiple of its mean that it never exceeds (a constant 1, a
//! uniform one 2), and one without a limit as ten times its mean, which an exponential delay
//! exceeds once in 22 000 times. Past the thousandth retry each counts as much as the last, which
//! is exact once the delays have reached their `max`.
//!
//! Who asks what the waits can be at all, and not how long to watch, takes
//! [`RetryConfig::greatest_delays`].
//!
//! Rejected: an exact bound for each distribution (infinite for most, so nothing could ever be
//! judged), and `max_elapsed` as part of it: that limits the passes too, so whoever adds them up
//! takes the smaller of the two sums.

use super::jitter::longest;
use super::{Backoff, RetryAfter, RetryConfig};
use crate::random::Dist;
use crate::time::SimDuration;

/// How many means stand for the largest value of a distribution without a limit \[count\].
const MEANS: u64 = 10;
/// Retries whose delays are added up one by one \[count\].
const ONE_BY_ONE: u32 = 1_000;

impl RetryConfig {
    /// The sum of the largest delays before all retries, when the callee may ask for `hint`;
    /// saturates.
    pub fn longest_delays(&self, hint: Option<SimDuration>) -> SimDuration {
        let sum = self.added_up(|retry| Some(self.longest_wait(retry, hint)));
        sum.unwrap_or(SimDuration::MAX)
    }

    /// The same where the callee asks for nothing and a drawn delay counts as the greatest that there
    /// can be: `None` where it has no limit.
    pub fn greatest_delays(&self) -> Option<SimDuration> {
        if !self.backoffs().any(Backoff::is_drawn) {
            return Some(self.longest_delays(None));
        }
        let other = self.after_others();
        self.added_up(|retry| {
            let usual = self.greatest_delay(retry)?;
            match &other {
                Some(other) => Some(usual.max(other.greatest_delay(retry)?)),
                None => Some(usual),
            }
        })
    }

    /// The longest that all passes and delays take when a pass takes at most `inside` and all delays
    /// together at most `delays`.
    pub fn longest(&self, inside: SimDuration, delays: SimDuration) -> SimDuration {
        let passes = inside.times(u64::from(self.max_attempts));
        (passes + delays).min(self.max_elapsed + inside)
    }

    /// The sum of these longest waits before all retries; none if one has no limit.
    fn added_up(&self, wait: impl Fn(u32) -> Option<SimDuration>) -> Option<SimDuration> {
        let retries = self.max_attempts.saturating_sub(1);
        let counted = retries.min(ONE_BY_ONE);
        let (mut sum, mut each) = (SimDuration::ZERO, SimDuration::ZERO);
        for retry in 1..=counted {
            each = self.or_again(each, wait(retry)?);
            sum = sum + each;
        }
        let rest = u64::from(retries - counted);
        if rest == 0 {
            return Some(sum);
        }
        Some(sum + self.or_again(each, wait(retries)?).times(rest))
    }

    /// The longest of a wait and of the one before it: a backoff that may begin anew may come to any
    /// of its earlier delays again.
    fn or_again(&self, before: SimDuration, wait: SimDuration) -> SimDuration {
        match self.retry_after {
            RetryAfter::Pushback => wait.max(before),
            RetryAfter::Ignore | RetryAfter::Raise { .. } | RetryAfter::Replace => wait,
        }
    }

    /// The longest wait before the `retry`-th retry: not every failure brings the hint.
    fn longest_wait(&self, retry: u32, hint: Option<SimDuration>) -> SimDuration {
        let delay = self.longest_delay(retry);
        self.wait(delay, hint).max(delay)
    }

    /// The largest delay before the `retry`-th retry, counted from 1.
    fn longest_delay(&self, retry: u32) -> SimDuration {
        if self.follows_at_once(retry) {
            return SimDuration::ZERO;
        }
        let delays = self.backoffs().map(|it| self.longest_by(it, retry));
        delays.max().unwrap_or_default()
    }

    fn longest_by(&self, backoff: &Backoff, retry: u32) -> SimDuration {
        let Some(base) = backoff.base(retry, self.grain, longest_draw) else {
            return SimDuration::ZERO;
        };
        let base = base.capped(self.cap).at_least(self.min_wait);
        let longest = longest(self.jitter, base, retry) + self.grain.reach();
        longest.min(base.max).max(base.min)
    }
}

/// What stands for the largest value of a delay that may be drawn: the first multiple of its mean
/// that it never exceeds, or the last one looked at.
fn longest_draw(dist: &Dist) -> SimDuration {
    let mean = dist.mean();
    let never_exceeded = |&n: &u64| dist.cdf(mean.times(n)) >= 1.0;
    let means = (1..MEANS).find(never_exceeded).unwrap_or(MEANS);
    mean.times(means)
}
