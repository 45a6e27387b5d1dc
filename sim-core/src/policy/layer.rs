//! A layer of a policy, and what others ask of one.
//!
//! Whoever needs one kind asks for it (`layer.timeout()`), and whoever needs to know what layers do to
//! a call asks that (`layer.passes()`): so a new kind is named here, in the pipeline that walks it and
//! in the scenario that writes it, and nowhere else.

use super::{
    BreakerConfig, BulkheadConfig, FallbackConfig, HedgeConfig, OutcomeSet, RetryConfig,
    TimeoutConfig,
};
use crate::id::BudgetId;

/// A layer of a policy: one arm per kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// Gives up waiting.
    Timeout(TimeoutConfig),
    /// Tries again.
    Retry(RetryConfig),
    /// Stops calling what keeps failing.
    Breaker(BreakerConfig),
    /// Limits what is under way at once.
    Bulkhead(BulkheadConfig),
    /// Answers in the place of a failure.
    Fallback(FallbackConfig),
    /// Tries again before the first try has failed.
    Hedge(HedgeConfig),
}

impl Layer {
    /// Its settings, if it is a timeout.
    pub const fn timeout(&self) -> Option<&TimeoutConfig> {
        if let Self::Timeout(config) = self {
            Some(config)
        } else {
            None
        }
    }

    /// Its settings, if it is a retry.
    pub const fn retry(&self) -> Option<&RetryConfig> {
        if let Self::Retry(config) = self {
            Some(config)
        } else {
            None
        }
    }

    /// Its settings, if it is a breaker.
    pub const fn breaker(&self) -> Option<&BreakerConfig> {
        if let Self::Breaker(config) = self {
            Some(config)
        } else {
            None
        }
    }

    /// Its settings, if it is a bulkhead.
    pub const fn bulkhead(&self) -> Option<&BulkheadConfig> {
        if let Self::Bulkhead(config) = self {
            Some(config)
        } else {
            None
        }
    }

    /// Its settings, if it is a fallback.
    pub const fn fallback(&self) -> Option<&FallbackConfig> {
        if let Self::Fallback(config) = self {
            Some(config)
        } else {
            None
        }
    }

    /// Its settings, if it is a hedge.
    pub const fn hedge(&self) -> Option<&HedgeConfig> {
        if let Self::Hedge(config) = self {
            Some(config)
        } else {
            None
        }
    }

    /// Passes that it makes of one at most, the first included [count]; `u32::MAX`: without a limit.
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

    /// The name in scenarios and reports, such as `circuit_breaker`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Timeout(_) => "timeout",
            Self::Retry(_) => "retry",
            Self::Breaker(_) => "circuit_breaker",
            Self::Bulkhead(_) => "bulkhead",
            Self::Fallback(_) => "fallback",
            Self::Hedge(_) => "hedge",
        }
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
