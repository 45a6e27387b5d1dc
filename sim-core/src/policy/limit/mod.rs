//! Concurrency limit: a bulkhead that finds out by itself how wide it may be.
//!
//! Nobody knows how many calls at once a service can take, and tomorrow it is another number. But the
//! calls tell: while there is room they take as long as ever, and when they begin to queue they take
//! longer. So a limit that watches how long they take can grow until they do, and shrink before they
//! take for ever. What differs is what a rule compares with what ([`LimitRule`]), and each is fooled in
//! its own way: a latency that is always bad looks normal to all that compare it with itself.
//!
//! The rule: fewer than the limit inside, and one more goes in; else it is stopped. Nobody waits. When
//! a pass ends usefully, or as one of `drops`, its time inside and how many were inside with it at its
//! entry are a sample; other ends are none. After each sample, or after each window of them, the rule
//! works out the limit anew.
//!
//! Of passes that are stopped nothing is learned, and where less than half of the limit is in use it
//! does not grow: it would say nothing.
//!
//! Floats: the rules are sums and products in the order of their sources, so they have the same bits
//! everywhere; logarithms are of whole numbers.
//!
//! Rejected: waiting for a permit (Netflix has a `BlockingLimiter` around any limit: a line in front of
//! a limit that is learned from latency makes that latency), timers (what Envoy does by timer is done
//! when somebody asks: nobody can tell), and one formula with many knobs (each library's users know it
//! by name and by its quirks).

mod config;
mod envoy;
mod netflix;
#[cfg(test)]
mod tests;

pub use config::{ConcurrencyLimitConfig, LimitRule, SampleWindow};

use crate::policy::{Guard, GuardAnswer, Left, Outcome, Visit};
use crate::time::{SimDuration, SimTime};
use envoy::{Controller, Gradient};
use netflix::{Gradient2, LongMean, OpenWindow, Sample, Vegas};

/// Who is inside, and how many may be.
///
/// ```
/// use sim_core::policy::{
///     ConcurrencyLimit, ConcurrencyLimitConfig, Guard, GuardAnswer, Left, LimitRule, Outcome,
///     OutcomeSet, Visit,
/// };
/// use sim_core::time::{SimDuration, SimTime};
///
/// let config = ConcurrencyLimitConfig {
///     rule: LimitRule::Aimd { backoff_ratio: 0.9, timeout: SimDuration::from_secs(5) },
///     initial: 1,
///     min: 1,
///     max: 200,
///     drops: OutcomeSet::named("timeout").unwrap_or_default(),
///     window: None,
/// };
/// let mut limit = ConcurrencyLimit::new(&config, SimTime::ZERO);
/// assert_eq!(limit.enter(&config, SimTime::ZERO, Visit::of(7)), GuardAnswer::Admitted);
/// let full = GuardAnswer::Stopped(Outcome::StoppedBulkheadFull);
/// assert_eq!(limit.enter(&config, SimTime::ZERO, Visit::of(8)), full);
/// let left = Left { inside: 1, ..Left::with(Outcome::Ok) };
/// limit.leave(&config, SimTime::from_ns(5), left);
/// assert_eq!(limit.limit(), Some(2));
/// ```
#[derive(Clone, Debug)]
pub struct ConcurrencyLimit {
    in_use: u32,
    /// The limit, of which the whole part counts.
    estimate: f64,
    window: OpenWindow,
    learned: Learned,
}

/// What a rule remembers besides its limit.
#[derive(Clone, Debug)]
enum Learned {
    Nothing,
    Vegas(Vegas),
    Gradient2(LongMean),
    Gradient(Box<Controller>),
}

impl ConcurrencyLimit {
    /// A limit that has seen nothing yet.
    pub fn new(config: &ConcurrencyLimitConfig, now: SimTime) -> Self {
        let learned = match config.rule {
            LimitRule::Aimd { .. } => Learned::Nothing,
            LimitRule::Vegas { .. } => Learned::Vegas(Vegas::default()),
            LimitRule::Gradient2 { .. } => Learned::Gradient2(LongMean::default()),
            LimitRule::Gradient { update_every, .. } => {
                Learned::Gradient(Box::new(Controller::new(now, update_every)))
            }
        };
        let initial = match learned {
            Learned::Gradient(_) => config.min,
            Learned::Nothing | Learned::Vegas(_) | Learned::Gradient2(_) => config.initial,
        };
        Self {
            in_use: 0,
            estimate: f64::from(initial),
            window: OpenWindow::default(),
            learned,
        }
    }

    /// The whole part of the limit.
    const fn whole(&self) -> u32 {
        self.estimate as u32
    }

    /// Tells a rule with timers the time.
    fn pass_time(&mut self, config: &ConcurrencyLimitConfig, now: SimTime, inclusive: bool) {
        if let (Learned::Gradient(controller), Some(settings)) =
            (&mut self.learned, gradient(&config.rule))
        {
            let limit = self.estimate;
            self.estimate = controller.advance(config, settings, now, inclusive, limit);
        }
    }

    fn learn(&mut self, config: &ConcurrencyLimitConfig, now: SimTime, left: Left) {
        let sample = Sample {
            latency: now.since(left.entered),
            inside: left.inside,
            dropped: config.drops.contains(left.outcome),
        };
        let told = match &config.window {
            Some(window) => self.window.add(window, now, sample),
            // What is refused behind it at once took some time all the same.
            None => Some(Sample {
                latency: sample.latency.max(SimDuration::from_ns(1)),
                ..sample
            }),
        };
        let Some(sample) = told else {
            return;
        };
        let limit = self.estimate;
        self.estimate = match (&config.rule, &mut self.learned) {
            (
                &LimitRule::Aimd {
                    backoff_ratio,
                    timeout,
                },
                Learned::Nothing,
            ) => netflix::aimd(config, (backoff_ratio, timeout), limit, sample),
            (
                &LimitRule::Vegas {
                    smoothing,
                    probe_multiplier,
                },
                Learned::Vegas(vegas),
            ) => vegas.update(
                config,
                (smoothing, probe_multiplier),
                limit,
                sample,
                left.own,
            ),
            (
                &LimitRule::Gradient2 {
                    queue,
                    tolerance,
                    smoothing,
                    long_window,
                },
                Learned::Gradient2(long),
            ) => {
                let settings = Gradient2 {
                    queue,
                    tolerance,
                    smoothing,
                    long_window,
                };
                long.update(config, settings, limit, sample)
            }
            (
                LimitRule::Aimd { .. }
                | LimitRule::Vegas { .. }
                | LimitRule::Gradient2 { .. }
                | LimitRule::Gradient { .. },
                _,
            ) => limit,
        };
    }
}

/// The settings of Envoy's rule, if it is that.
const fn gradient(rule: &LimitRule) -> Option<Gradient> {
    match *rule {
        LimitRule::Gradient {
            update_every,
            percentile,
            measure_every,
            jitter,
            measure_samples,
            buffer,
        } => Some(Gradient {
            update_every,
            percentile,
            measure_every,
            jitter,
            measure_samples,
            buffer,
        }),
        LimitRule::Aimd { .. } | LimitRule::Vegas { .. } | LimitRule::Gradient2 { .. } => None,
    }
}

impl Guard for ConcurrencyLimit {
    type Config = ConcurrencyLimitConfig;

    fn advance(&mut self, config: &ConcurrencyLimitConfig, now: SimTime) {
        self.pass_time(config, now, true);
    }

    fn admits(&self, _config: &ConcurrencyLimitConfig, _now: SimTime) -> bool {
        self.in_use < self.whole()
    }

    fn enter(
        &mut self,
        config: &ConcurrencyLimitConfig,
        now: SimTime,
        _visit: Visit,
    ) -> GuardAnswer {
        self.pass_time(config, now, true);
        if self.in_use < self.whole() {
            self.in_use += 1;
            GuardAnswer::Admitted
        } else {
            GuardAnswer::Stopped(Outcome::StoppedBulkheadFull)
        }
    }

    /// # Panics
    /// When nobody is inside: a permit came back twice.
    fn leave(&mut self, config: &ConcurrencyLimitConfig, now: SimTime, left: Left) {
        assert!(self.in_use > 0, "a permit of a limit came back twice");
        self.in_use -= 1;
        self.pass_time(config, now, false);
        if !left.outcome.is_useful() && !config.drops.contains(left.outcome) {
            return;
        }
        if let (Learned::Gradient(controller), Some(settings)) =
            (&mut self.learned, gradient(&config.rule))
        {
            let (times, limit) = ((left.entered, now), self.estimate);
            self.estimate = controller.sample(settings, times, limit, left.own, config.min);
            return;
        }
        self.learn(config, now, left);
    }

    fn limit(&self) -> Option<u32> {
        Some(self.whole())
    }

    fn held(&self) -> (u32, u32) {
        (self.in_use, 0)
    }
}
