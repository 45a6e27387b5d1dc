//! Retries at once as a share of the passes under way.
//!
//! What [`super::ConcurrentMax`] lacks is the size of the traffic. Here the number of places grows
//! and shrinks with what is under way at the very moment of the question.
//!
//! The rule: a retry is granted while fewer than `max(min, ratio × active)` are unsettled, where
//! `active` are the passes sent or waiting inside (Envoy: active requests and pending ones), and the
//! product is cut to a whole number first: below five passes 20 % are none. The pass that has just
//! failed is still among them, those that failed before are not, and a retry in its backoff not yet.
//! So a mass failure shrinks the base while it is being decided: of 40 calls that fail together at
//! 20 %, six are retried and not eight.
//!
//! Source: `RetryBudgetImpl` in `resource_manager_impl.h` of Envoy (`budget_percent`,
//! `min_retry_concurrency`).

use crate::units::Probability;

/// Retries at once as a share of the passes under way.
///
/// ```
/// use sim_core::policy::{Budget, BudgetConfig, ConcurrentRatio, Extra, Outcome, PassResult};
/// use sim_core::time::SimTime;
/// use sim_core::units::Probability;
///
/// let ratio = Probability::new(0.2).unwrap();
/// let config = BudgetConfig::ConcurrentRatio(ConcurrentRatio { ratio, min: 3 });
/// let now = SimTime::ZERO;
/// let mut budget = Budget::new(now, &config);
/// for _ in 0..40 {
///     budget.call_started(now, &config);
/// }
/// let mut granted = 0;
/// for _ in 0..40 {
///     budget.settle(now, &config, PassResult::Failure, None);
///     let grant = budget.ask(now, &config, Extra::Retry(Outcome::ErrorUnavailable));
///     granted += u32::from(grant.is_some());
/// }
/// assert_eq!(granted, 6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConcurrentRatio {
    /// Share of the passes under way that may be retries besides; default 20 % (Envoy
    /// `budget_percent`).
    pub ratio: Probability,
    /// Retries that are always allowed \[count\]; default 3 (Envoy `min_retry_concurrency`).
    pub min: u32,
}

impl ConcurrentRatio {
    /// Whole retries that the share allows: `budget_percent / 100.0 * active` as a `uint64_t`.
    fn share(self, active: u32) -> u32 {
        (self.ratio.get() * f64::from(active)) as u32
    }

    /// Whether the share alone allows one more.
    pub(super) fn share_allows(self, extra: u32, active: u32) -> bool {
        extra < self.share(active)
    }

    pub(super) fn allows(self, extra: u32, active: u32) -> bool {
        extra < self.share(active).max(self.min)
    }

    /// Retries below the limit of what is active \[count\].
    pub(super) fn free(self, extra: u32, active: u32) -> i64 {
        i64::from(self.share(active).max(self.min)) - i64::from(extra)
    }
}
