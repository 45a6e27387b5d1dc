//! Retries at once as a share of all executions.
//!
//! The rule: a retry is refused if retries are already more than `max_rate` of the executions under
//! way, and at least `min_concurrent` of them. An execution is a call in the layer, waiting in a
//! backoff or not, and each retry counts as one more. Unlike [`super::ConcurrentRatio`] the question
//! leaves out the retry that is asked for, so that one more is granted.
//!
//! Source: `budget/budget.go` of failsafe-go (`WithMaxRate`, `WithMinConcurrency`).

use crate::units::Probability;

/// Retries at once as a share of all executions.
///
/// ```
/// use sim_core::policy::{Budget, BudgetConfig, Extra, Outcome, RetryRate, PassResult};
/// use sim_core::time::SimTime;
/// use sim_core::units::Probability;
///
/// let max_rate = Probability::new(0.2).unwrap();
/// let config = BudgetConfig::RetryRate(RetryRate { max_rate, min_concurrent: 3 });
/// let now = SimTime::ZERO;
/// let mut budget = Budget::new(now, &config);
/// for _ in 0..10 {
///     budget.call_started(now, &config);
/// }
/// let mut granted = 0;
/// for _ in 0..10 {
///     budget.settle(now, &config, PassResult::Failure, None);
///     let grant = budget.ask(now, &config, Extra::Retry(Outcome::ErrorUnavailable));
///     granted += u32::from(grant.is_some());
/// }
/// // 0 of 10, 1 of 11, 2 of 12; 3 of 13 are more than a fifth.
/// assert_eq!(granted, 3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryRate {
    /// Share of the executions that may be retries; default 20 %.
    pub max_rate: Probability,
    /// Retries below which nothing is refused \[count\]; default 3.
    pub min_concurrent: u32,
}

impl RetryRate {
    pub(super) fn allows(self, extra: u32, executions: u32) -> bool {
        extra < self.min_concurrent || self.rate_allows(extra, executions)
    }

    /// Whether the rate alone allows one more.
    pub(super) fn rate_allows(self, extra: u32, executions: u32) -> bool {
        f64::from(extra) <= self.max_rate.get() * f64::from(executions)
    }

    /// Retries below the limit of the executions under way \[count\].
    pub(super) fn free(self, extra: u32, executions: u32) -> i64 {
        let by_rate = (self.max_rate.get() * f64::from(executions)).floor() as i64 + 1;
        by_rate.max(self.min_concurrent.into()) - i64::from(extra)
    }
}
