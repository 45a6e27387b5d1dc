//! Retries at once as a share of the passes under way.
//!
//! What [`super::ConcurrentMax`] lacks is the size of the traffic. Here the number of places grows
//! and shrinks with what is under way at the very moment of the question.
//!
//! The rule: a retry is granted while fewer than `max(min, ratio × active)` are unsettled, where
//! `active` are the passes sent or waiting inside (Envoy: active requests and pending ones). The
//! pass that just failed is no longer among them, and a retry in its backoff not yet. So a mass
//! failure shrinks the base while it is being decided: of 40 calls that fail together at 20 %, seven
//! are retried and not eight.
//!
//! Source: `RetryBudgetImpl` in `resource_manager_impl.h` of Envoy (`budget_percent`,
//! `min_retry_concurrency`).

use crate::units::Probability;

/// Retries at once as a share of the passes under way.
///
/// ```
/// use sim_core::policy::{Budget, BudgetConfig, ConcurrentRatio, Extra, Outcome, Verdict};
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
///     budget.settle(&config, Verdict::Failure, None);
///     let grant = budget.ask(now, &config, Extra::Retry(Outcome::ErrorUnavailable));
///     granted += u32::from(grant.is_some());
/// }
/// assert_eq!(granted, 7);
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
    fn limit(self, active: u32) -> f64 {
        (self.ratio.get() * f64::from(active)).max(f64::from(self.min))
    }

    /// Whether the share alone allows one more.
    pub(super) fn share_allows(self, extra: u32, active: u32) -> bool {
        f64::from(extra) < self.ratio.get() * f64::from(active)
    }

    pub(super) fn allows(self, extra: u32, active: u32) -> bool {
        f64::from(extra) < self.limit(active)
    }

    /// Retries that would be granted now, one after another \[count\].
    pub(super) fn free(self, extra: u32, active: u32) -> i64 {
        self.limit(active).ceil() as i64 - i64::from(extra)
    }
}
