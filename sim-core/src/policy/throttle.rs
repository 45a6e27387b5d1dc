//! Throttle: a caller that is turned away often enough does not even ask.
//!
//! A callee that refuses still works for it: it has to read what it refuses. A caller that sees most of
//! its calls refused can save both the trouble, by refusing some itself, at random, so many that a few
//! still get through to say whether things are better.
//!
//! The rule: over a rolling window the throttle counts requests `n` and those that were accepted, `a`.
//! A pass that comes is stopped with a probability that grows with the part that was not:
//!
//! - [`ThrottleRule::Sre`]: `(n - k·a) / (n + 1)`, where `n` counts the passes it stopped itself, too.
//!   With a share of less than `1/k` accepted a trickle is all that is let through, whatever the load.
//! - [`ThrottleRule::Envoy`]: `(n - a/s) / (n + 1)`, to the power of `1/aggression`, at most `max`,
//!   where `n` counts only what was let through, at its end, and `s` is the rate of success wanted.
//!
//! The window is told in buckets that begin when something is counted, and last for a second; Envoy's also
//! begin when it is asked, so that ends which come soon after count as from then. One that is as
//! old as the window counts no more.
//!
//! Rejected: floats for counts, a bucket per request (a window of two minutes may hold millions).

use crate::policy::{Guard, GuardAnswer, Left, Outcome, OutcomeSet, Visit};
use crate::random::detmath::pow;
use crate::time::{SimDuration, SimTime};
use std::collections::VecDeque;

/// A throttle layer.
#[derive(Clone, Debug, PartialEq)]
pub struct ThrottleConfig {
    /// With which probability a pass is stopped; no default.
    pub rule: ThrottleRule,
    /// What is looked at; Google: 2 min, Envoy: 30 s.
    pub window: SimDuration,
    /// Ends that are not accepted; what nobody learned the end of is neither.
    pub failures: OutcomeSet,
}

/// With which probability a throttle stops a pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ThrottleRule {
    /// Google's client-side throttling (Site Reliability Engineering, chapter 21).
    Sre {
        /// How many requests there may be for each that is accepted; Google: 2.
        k: f64,
    },
    /// Envoy's admission control filter.
    Envoy {
        /// From which rate of success on nothing is stopped; Envoy: 0.95.
        success_rate: f64,
        /// The more, the sooner much is stopped; Envoy: 1.
        aggression: f64,
        /// The highest probability; Envoy: 0.8.
        max: f64,
        /// With fewer requests per second in the window nothing is stopped; Envoy: 0.
        min_rate: u32,
    },
}

/// A second of the window.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    begins: SimTime,
    requests: u64,
    accepted: u64,
}

/// What a throttle has counted.
#[derive(Clone, Debug, Default)]
pub struct Throttle {
    /// The oldest first.
    buckets: VecDeque<Bucket>,
    requests: u64,
    accepted: u64,
}

/// How long a bucket is.
const BUCKET: SimDuration = SimDuration::from_secs(1);

impl Throttle {
    /// The newest bucket; what is too old is forgotten.
    fn bucket(&mut self, config: &ThrottleConfig, now: SimTime) -> &mut Bucket {
        self.forget_old(config, now);
        let is_over = |last: &Bucket| now.since(last.begins) >= BUCKET;
        if self.buckets.back().is_none_or(is_over) {
            self.buckets.push_back(Bucket {
                begins: now,
                requests: 0,
                accepted: 0,
            });
        }
        let last = self.buckets.len() - 1;
        &mut self.buckets[last]
    }

    fn forget_old(&mut self, config: &ThrottleConfig, now: SimTime) {
        while let Some(oldest) = self.buckets.front()
            && now.since(oldest.begins) >= config.window
        {
            self.requests -= oldest.requests;
            self.accepted -= oldest.accepted;
            self.buckets.pop_front();
        }
    }

    fn count(&mut self, config: &ThrottleConfig, now: SimTime, requests: u64, accepted: u64) {
        let bucket = self.bucket(config, now);
        bucket.requests += requests;
        bucket.accepted += accepted;
        self.requests += requests;
        self.accepted += accepted;
    }

    /// Whether there are too few requests for Envoy to look at them: its `averageRps`, whole requests per
    /// second of the window, or since the oldest that it has not yet forgotten.
    fn is_below_rate(&self, config: &ThrottleConfig, now: SimTime) -> bool {
        let ThrottleRule::Envoy { min_rate, .. } = config.rule else {
            return false;
        };
        let since = |oldest: &Bucket| now.since(oldest.begins).as_ns();
        let age = self.buckets.front().map_or(0, since);
        let seconds = age.max(config.window.as_ns()) / BUCKET.as_ns();
        self.requests / seconds.max(1) < u64::from(min_rate)
    }

    /// With which probability a pass is stopped that comes now, once the rate is enough.
    pub fn probability(&self, config: &ThrottleConfig) -> f64 {
        let (requests, accepted) = (self.requests as f64, self.accepted as f64);
        match config.rule {
            ThrottleRule::Sre { k } => ((requests - k * accepted) / (requests + 1.0)).max(0.0),
            ThrottleRule::Envoy {
                success_rate,
                aggression,
                max,
                min_rate: _,
            } => {
                let plain = (requests - accepted / success_rate) / (requests + 1.0);
                if plain <= 0.0 {
                    0.0
                } else {
                    pow(plain, 1.0 / aggression).min(max)
                }
            }
        }
    }
}

impl Guard for Throttle {
    type Config = ThrottleConfig;

    /// Nobody knows: each pass has a draw of its own.
    fn admits(&self, _config: &ThrottleConfig, _now: SimTime) -> bool {
        true
    }

    fn enter(&mut self, config: &ThrottleConfig, now: SimTime, visit: Visit) -> GuardAnswer {
        if self.is_below_rate(config, now) {
            return GuardAnswer::Admitted;
        }
        self.forget_old(config, now);
        let probability = self.probability(config);
        match config.rule {
            ThrottleRule::Sre { .. } => self.count(config, now, 1, 0),
            // Envoy's `requestCounts` opens a bucket before anything is counted in it.
            ThrottleRule::Envoy { .. } => {
                self.bucket(config, now);
            }
        }
        if probability > 0.0 && visit.chance() < probability {
            GuardAnswer::Stopped(Outcome::StoppedThrottled)
        } else {
            GuardAnswer::Admitted
        }
    }

    fn leave(&mut self, config: &ThrottleConfig, now: SimTime, left: Left) {
        let failed = left.outcome == Outcome::Cancelled || config.failures.contains(left.outcome);
        let requests = match config.rule {
            ThrottleRule::Sre { .. } => 0,
            ThrottleRule::Envoy { .. } => 1,
        };
        self.count(config, now, requests, u64::from(!failed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{SiteKey, child_key};

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    fn config(rule: ThrottleRule, window: u64) -> ThrottleConfig {
        ThrottleConfig {
            rule,
            window: SimDuration::from_secs(window),
            failures: OutcomeSet::failures(),
        }
    }

    const SRE: ThrottleRule = ThrottleRule::Sre { k: 2.0 };
    const ENVOY: ThrottleRule = ThrottleRule::Envoy {
        success_rate: 0.95,
        aggression: 1.0,
        max: 0.8,
        min_rate: 0,
    };

    /// Passes that all end at once like this, however many are stopped: how many are let in.
    fn play(
        throttle: &mut Throttle,
        config: &ThrottleConfig,
        now: SimTime,
        ends: &[Outcome],
    ) -> u64 {
        let mut passes = 0;
        for (number, &outcome) in ends.iter().enumerate() {
            let visit = Visit {
                site: SiteKey(3),
                key: child_key(now.as_ns(), number as u64, 0),
                ..Visit::of(number as u32)
            };
            if throttle.enter(config, now, visit) == GuardAnswer::Admitted {
                passes += 1;
                throttle.leave(config, now, Left::with(outcome));
            }
        }
        passes
    }

    #[test]
    fn the_formulas_are_those_of_their_sources() {
        let table = [
            (SRE, 10, 10, 0.0),
            (SRE, 10, 5, 0.0),
            (SRE, 10, 4, 2.0 / 11.0),
            (SRE, 10, 0, 10.0 / 11.0),
            (ENVOY, 100, 95, 0.0),
            (ENVOY, 100, 50, (100.0 - 50.0 / 0.95) / 101.0),
            (ENVOY, 100, 0, 0.8),
        ];
        for (rule, requests, accepted, expected) in table {
            let throttle = Throttle {
                requests,
                accepted,
                ..Throttle::default()
            };
            let found = throttle.probability(&config(rule, 30));
            assert!(
                (found - expected).abs() < 1e-12,
                "{rule:?} {found} {expected}"
            );
        }
    }

    #[test]
    fn below_one_in_k_a_trickle_is_left_whatever_the_load() {
        // With a = 0.25 accepted, of n requests since the beginning 2√n - 2 are let through, 280 on
        // average, times what the luck of the first ones has made of it.
        let rule = config(SRE, 120);
        let mut throttle = Throttle::default();
        let ends: Vec<Outcome> = (0..20_000)
            .map(|n| {
                if n % 4 == 0 {
                    Outcome::Ok
                } else {
                    Outcome::RejectedShed
                }
            })
            .collect();
        let passes = play(&mut throttle, &rule, at(1), &ends);
        assert!((100..1_000).contains(&passes), "{passes}");
        assert_eq!(throttle.requests, 20_000);
    }

    #[test]
    fn envoy_counts_what_it_lets_through_and_stops_four_of_five() {
        let rule = config(ENVOY, 30);
        let mut throttle = Throttle::default();
        let passes = play(
            &mut throttle,
            &rule,
            at(1),
            &[Outcome::ErrorInternal; 10_000],
        );
        assert_eq!(throttle.requests, passes);
        assert!((1_900..2_150).contains(&passes), "{passes}");
    }

    #[test]
    fn below_its_rate_envoy_does_not_look_and_forgets_nothing() {
        let ms = |ms| SimTime::ZERO + SimDuration::from_millis(ms);
        let rule = ThrottleRule::Envoy {
            success_rate: 0.95,
            aggression: 1.0,
            max: 0.8,
            min_rate: 2,
        };
        let rule = config(rule, 3);
        let mut throttle = Throttle::default();
        // (time, failures that end, whether it is below 2 per second of the window, buckets once asked)
        let table = [
            (0, 0, true, 0),
            (0, 5, true, 1),
            // 6 in 3 s: asked, and a second later a bucket is opened.
            (999, 1, false, 1),
            (1_000, 0, false, 2),
            (2_999, 0, false, 3),
            // As old as the window, and as many: forgotten when it is asked.
            (3_000, 0, false, 2),
            (3_000, 0, true, 2),
            (5_500, 9, false, 2),
            (5_999, 0, false, 1),
            // 9 in the 5 s since the oldest.
            (10_500, 0, true, 1),
        ];
        for (at, failures, below, buckets) in table {
            for _ in 0..failures {
                throttle.leave(&rule, ms(at), Left::with(Outcome::ErrorInternal));
            }
            assert_eq!(throttle.is_below_rate(&rule, ms(at)), below, "at {at} ms");
            let _ = throttle.enter(&rule, ms(at), Visit::of(0));
            assert_eq!(throttle.buckets.len(), buckets, "at {at} ms");
        }
        assert_eq!(throttle.requests, 9);
    }

    #[test]
    fn asking_opens_a_bucket_of_envoys() {
        let ms = |ms| SimTime::ZERO + SimDuration::from_millis(ms);
        let rule = config(ENVOY, 3);
        let mut throttle = Throttle::default();
        // (time, whether somebody asks or else a failure ends, requests after it, buckets after it)
        let table = [
            // The first bucket is that of the asking, 400 ms before the end.
            (0, true, 0, 1),
            (400, false, 1, 1),
            (999, false, 2, 1),
            // As old as a second: the next one. Who asks within it opens none.
            (1_000, true, 2, 2),
            (1_700, true, 2, 2),
            (1_999, false, 3, 2),
            (2_500, true, 3, 3),
            (2_999, true, 3, 3),
            // The first is as old as the window, though its last end is 2,001 ms old.
            (3_000, true, 1, 2),
            (3_400, false, 2, 2),
            (3_999, true, 2, 3),
            (4_000, true, 1, 2),
            (9_000, true, 0, 1),
        ];
        for (at, asks, requests, buckets) in table {
            if asks {
                let _ = throttle.enter(&rule, ms(at), Visit::of(0));
            } else {
                throttle.leave(&rule, ms(at), Left::with(Outcome::ErrorInternal));
            }
            let found = (throttle.requests, throttle.buckets.len());
            assert_eq!(found, (requests, buckets), "at {at} ms");
        }
    }

    #[test]
    fn what_is_as_old_as_the_window_counts_no_more() {
        let rule = config(SRE, 10);
        let mut throttle = Throttle::default();
        let _ = play(&mut throttle, &rule, at(0), &[Outcome::ErrorInternal; 3]);
        let _ = play(&mut throttle, &rule, at(5), &[Outcome::Ok; 2]);
        throttle.forget_old(&rule, at(9));
        assert_eq!(throttle.requests, 5);
        throttle.forget_old(&rule, at(10));
        assert_eq!(throttle.requests, 2);
        throttle.forget_old(&rule, at(15));
        assert_eq!((throttle.requests, throttle.accepted), (0, 0));
    }
}
