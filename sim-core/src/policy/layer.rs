//! A layer of a policy, and what others ask of one.
//!
//! Whoever needs one kind asks for it (`layer.timeout()`), and whoever needs to know what layers do to
//! a call asks that (`layer.passes()`): so a new kind is named here, in the pipeline that walks it and
//! in the scenario that writes it, and nowhere else.

use super::{
    Breaker, BreakerConfig, Bulkhead, BulkheadConfig, CauseKind, ConcurrencyLimit,
    ConcurrencyLimitConfig, FallbackConfig, HedgeConfig, LastGood, Outcome, OutcomeSet, RateLimit,
    RateLimitConfig, RecentLatency, RetryConfig, Shed, ShedConfig, Throttle, ThrottleConfig,
    TimeoutConfig,
};
use crate::id::BudgetId;
use crate::time::{SimDuration, SimTime};

/// An unlimited wait is not waited for longer than this.
const LONGEST_WAIT: SimDuration = SimDuration::from_secs(3600);

/// Defines the kinds of layers: `Arm(Settings) = accessor "name"`.
macro_rules! layers {
    ($($(#[$doc:meta])* $kind:ident($config:ty) = $ask:ident $name:literal,)*) => {
        /// A layer of a policy: one arm per kind.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Layer {
            $($(#[$doc])* $kind($config),)*
        }

        impl Layer {
            $(
                #[doc = concat!("Its settings, if it is a `", $name, "`.")]
                pub const fn $ask(&self) -> Option<&$config> {
                    if let Self::$kind(config) = self { Some(config) } else { None }
                }
            )*

            /// The name in scenarios and reports, such as `circuit_breaker`.
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$kind(_) => $name,)* }
            }
        }
    };
}

layers! {
    /// Gives up waiting.
    Timeout(TimeoutConfig) = timeout "timeout",
    /// Tries again.
    Retry(RetryConfig) = retry "retry",
    /// Stops calling what keeps failing.
    Breaker(BreakerConfig) = breaker "circuit_breaker",
    /// Limits what is under way at once.
    Bulkhead(BulkheadConfig) = bulkhead "bulkhead",
    /// Lets in so many in so much time.
    RateLimit(RateLimitConfig) = rate_limit "rate_limit",
    /// Limits what is under way at once, by what it learns.
    ConcurrencyLimit(ConcurrencyLimitConfig) = concurrency_limit "concurrency_limit",
    /// Stops a part of what would be refused anyway.
    Throttle(ThrottleConfig) = throttle "throttle",
    /// Refuses a part of what would be too much.
    Shed(ShedConfig) = shed "shed",
    /// Answers in the place of a failure.
    Fallback(FallbackConfig) = fallback "fallback",
    /// Tries again before the first try has failed.
    Hedge(HedgeConfig) = hedge "hedge",
}

/// What a layer remembers between passes, for one owner: one arm per kind that remembers anything.
#[derive(Clone, Debug)]
pub enum LayerState {
    /// Of a circuit breaker.
    Breaker(Breaker),
    /// Of a bulkhead.
    Bulkhead(Bulkhead),
    /// Of a rate limit.
    RateLimit(RateLimit),
    /// Of a concurrency limit.
    ConcurrencyLimit(ConcurrencyLimit),
    /// Of a throttle.
    Throttle(Throttle),
    /// Of a shedding layer.
    Shed(Shed),
    /// Of a fallback.
    Fallback(LastGood),
    /// Of a hedge.
    Hedge(RecentLatency),
}

/// How a pass goes through a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Under its limit of time.
    Timeout,
    /// Perhaps again.
    Retry,
    /// With an answer in the place of a failure.
    Fallback,
    /// With others beside it.
    Hedge,
    /// With a permit of a breaker, which is given back with the result.
    Breaker,
    /// By leave of a guard.
    Guard,
}

impl Layer {
    /// How a pass goes through it.
    #[inline]
    pub const fn way(&self) -> Way {
        match self {
            Self::Timeout(_) => Way::Timeout,
            Self::Retry(_) => Way::Retry,
            Self::Fallback(_) => Way::Fallback,
            Self::Hedge(_) => Way::Hedge,
            Self::Breaker(_) => Way::Breaker,
            Self::Bulkhead(_)
            | Self::RateLimit(_)
            | Self::ConcurrencyLimit(_)
            | Self::Throttle(_)
            | Self::Shed(_) => Way::Guard,
        }
    }

    /// The memory of an owner that comes into being now; `None`: it remembers nothing.
    pub fn state(&self, now: SimTime) -> Option<LayerState> {
        match self {
            Self::Breaker(_) => Some(LayerState::Breaker(Breaker::made_at(now))),
            Self::Bulkhead(_) => Some(LayerState::Bulkhead(Bulkhead::new())),
            Self::RateLimit(config) => Some(LayerState::RateLimit(RateLimit::new(config, now))),
            Self::ConcurrencyLimit(config) => Some(LayerState::ConcurrencyLimit(
                ConcurrencyLimit::new(config, now),
            )),
            Self::Throttle(_) => Some(LayerState::Throttle(Throttle::default())),
            Self::Shed(_) => Some(LayerState::Shed(Shed::default())),
            Self::Fallback(_) => Some(LayerState::Fallback(LastGood::default())),
            Self::Hedge(_) => Some(LayerState::Hedge(RecentLatency::default())),
            Self::Timeout(_) | Self::Retry(_) => None,
        }
    }

    /// What a pass is told that it does not let in; `None`: it lets in all, so that there is nothing
    /// to guard an instance with.
    pub const fn stops_with(&self) -> Option<Outcome> {
        match self {
            Self::Breaker(_) => Some(Outcome::StoppedBreakerOpen),
            Self::Bulkhead(_) | Self::ConcurrencyLimit(_) => Some(Outcome::StoppedBulkheadFull),
            Self::Throttle(_) | Self::Shed(_) => Some(Outcome::StoppedThrottled),
            Self::RateLimit(_) => Some(Outcome::StoppedRateLimited),
            Self::Timeout(_) | Self::Retry(_) | Self::Fallback(_) | Self::Hedge(_) => None,
        }
    }

    /// Whether it is a guard that counts who is inside.
    pub const fn gives_permits(&self) -> bool {
        match self {
            Self::Bulkhead(_) | Self::ConcurrencyLimit(_) => true,
            Self::RateLimit(_)
            | Self::Throttle(_)
            | Self::Shed(_)
            | Self::Timeout(_)
            | Self::Retry(_)
            | Self::Breaker(_)
            | Self::Fallback(_)
            | Self::Hedge(_) => false,
        }
    }

    /// Whether it is a guard that wants to know of each pass how long it was inside, and with how many.
    pub const fn learns(&self) -> bool {
        match self {
            Self::ConcurrencyLimit(_) | Self::Shed(_) => true,
            Self::Timeout(_)
            | Self::Retry(_)
            | Self::Breaker(_)
            | Self::Bulkhead(_)
            | Self::RateLimit(_)
            | Self::Throttle(_)
            | Self::Fallback(_)
            | Self::Hedge(_) => false,
        }
    }

    /// Whether timers or ticks move what it remembers, so that it is to be told the time before it is asked.
    pub fn has_timers(&self) -> bool {
        match self {
            Self::Breaker(config) => config.has_timers(),
            Self::ConcurrencyLimit(config) => config.has_timers(),
            Self::Timeout(_)
            | Self::Retry(_)
            | Self::Bulkhead(_)
            | Self::RateLimit(_)
            | Self::Throttle(_)
            | Self::Shed(_)
            | Self::Fallback(_)
            | Self::Hedge(_) => false,
        }
    }

    /// What a pass does that waits in it to be let in.
    pub const fn waits_as(&self) -> CauseKind {
        match self.bulkhead() {
            Some(_) => CauseKind::InBulkhead,
            None => CauseKind::InLayer,
        }
    }

    /// How long a pass may wait in it before it goes in; `SimDuration::MAX`: without a limit. Waits
    /// for a probe of a breaker are short, and left out.
    pub fn longest_wait(&self) -> SimDuration {
        match self {
            Self::Bulkhead(config) if config.max_waiting > 0 => config.max_wait,
            Self::RateLimit(config) => config.max_wait,
            Self::Timeout(_)
            | Self::Retry(_)
            | Self::Breaker(_)
            | Self::Bulkhead(_)
            | Self::ConcurrencyLimit(_)
            | Self::Throttle(_)
            | Self::Shed(_)
            | Self::Fallback(_)
            | Self::Hedge(_) => SimDuration::ZERO,
        }
    }

    /// The longest that a pass takes through this layer when one inside takes at most `inside`, and
    /// the callee may ask for a pause of `hint` before a retry. Whoever wants to know how long to
    /// watch, or what a caller is in for, folds this over the layers from the innermost to the
    /// outermost, beginning with what the callee may take.
    pub fn longest(&self, inside: SimDuration, hint: Option<SimDuration>) -> SimDuration {
        if let Some(config) = self.timeout() {
            return inside.min(config.after);
        }
        if let Some(config) = self.retry() {
            return config.longest(inside, config.longest_delays(hint));
        }
        if let Some(config) = self.hedge() {
            return inside + config.longest_delays(inside);
        }
        inside + self.longest_wait().min(LONGEST_WAIT)
    }

    /// Passes that it makes of one at most, the first included \[count\]; `u32::MAX`: without a limit.
    pub fn passes(&self) -> u32 {
        let retries = self.retry().map(|retry| retry.max_attempts);
        let hedges = self.hedge().map(|hedge| hedge.max_hedges.saturating_add(1));
        retries.or(hedges).unwrap_or(1)
    }

    /// Whether it may send more than one attempt for one call.
    pub const fn adds_passes(&self) -> bool {
        self.retry().is_some() || self.hedge().is_some()
    }

    /// Whether its later passes leave out the instances of the earlier ones.
    pub fn other_instance(&self) -> bool {
        self.retry().is_some_and(|retry| retry.other_instance)
            || self.hedge().is_some_and(|hedge| hedge.other_instance)
    }

    /// The outcomes of what is inside that it acts on, if it watches them.
    pub fn watches(&self) -> Option<OutcomeSet> {
        let retried = self.retry().map(|retry| retry.on);
        retried.or_else(|| Some(self.breaker()?.outcomes.failures))
    }

    /// The budget that it asks before it adds a pass.
    pub fn budget(&self) -> Option<BudgetId> {
        let retry = self.retry().and_then(|retry| retry.budget);
        retry.or_else(|| self.hedge().and_then(|hedge| hedge.budget))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::FallbackAnswer;

    #[test]
    fn layers_are_named_as_in_scenarios() {
        let fallback = Layer::Fallback(FallbackConfig {
            on: OutcomeSet::failures(),
            answer: FallbackAnswer::Static,
            enabled: true,
        });
        assert_eq!(fallback.name(), "fallback");
    }
}
