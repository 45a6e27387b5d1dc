//! Retries cost by their kind, and success refunds.
//!
//! The rule: the quota starts full. A retry costs by the failure before it: one price for a callee
//! that turned the call away, one for a timeout, one for all else; if the quota does not cover it,
//! the call fails with what it has. A call that succeeds after retries gets back the cost of its
//! last one, a call that succeeds at once adds a little; never above the start.
//!
//! Source: `botocore/retries/{standard,quota}.py`: 500 for each client; since 2026 (botocore 1.44) 14
//! for a retry and 5 after throttling, so that 35 transient failures empty it; before that 5, and 10
//! after a timeout. One is added by a clean success.

use super::grant::{Extra, Grant};
use crate::policy::Outcome;

/// Retries cost by their kind, success refunds.
///
/// ```
/// use sim_core::policy::{AwsQuota, Budget, BudgetConfig, Extra, Outcome};
/// use sim_core::time::SimTime;
///
/// let config = BudgetConfig::AwsQuota(AwsQuota::of_2026());
/// let now = SimTime::ZERO;
/// let mut budget = Budget::new(now, &config);
/// let transient = Extra::Retry(Outcome::ErrorUnavailable);
/// let granted = (0..100).filter(|_| budget.ask(now, &config, transient).is_some());
/// assert_eq!(granted.count(), 35);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AwsQuota {
    /// Tokens at the start, and the most there can be \[count\]; default 500.
    pub capacity: u16,
    /// What a retry costs \[tokens\]; default 14 (before 2026: 5).
    pub cost: u16,
    /// What it costs after the callee turned the call away \[tokens\]; default 5.
    pub throttled_cost: u16,
    /// What it costs after a timeout \[tokens\]; default 14 (before 2026: 10).
    pub timeout_cost: u16,
    /// What a call adds that succeeds at once \[tokens\]; default 1.
    pub clean_success: u16,
}

impl AwsQuota {
    /// As in botocore 1.44 and later.
    pub const fn of_2026() -> Self {
        Self {
            capacity: 500,
            cost: 14,
            throttled_cost: 5,
            timeout_cost: 14,
            clean_success: 1,
        }
    }

    /// As before.
    pub const fn legacy() -> Self {
        Self {
            cost: 5,
            timeout_cost: 10,
            ..Self::of_2026()
        }
    }

    fn cost_of(self, extra: Extra) -> u16 {
        let Extra::Retry(outcome) = extra else {
            return self.cost;
        };
        match outcome {
            Outcome::RejectedQueueFull
            | Outcome::RejectedQueueTimeout
            | Outcome::RejectedRateLimited
            | Outcome::RejectedShed => self.throttled_cost,
            Outcome::TimeoutConnect | Outcome::TimeoutResponse | Outcome::TimeoutDeadline => {
                self.timeout_cost
            }
            Outcome::Ok
            | Outcome::Degraded
            | Outcome::ErrorInternal
            | Outcome::ErrorUnavailable
            | Outcome::ErrorInvalid
            | Outcome::ErrorDependency
            | Outcome::ErrorRefused
            | Outcome::ErrorReset
            | Outcome::StoppedBreakerOpen
            | Outcome::StoppedBulkheadFull
            | Outcome::StoppedBulkheadTimeout
            | Outcome::StoppedRateLimited
            | Outcome::StoppedThrottled
            | Outcome::StoppedPoolTimeout
            | Outcome::Cancelled
            | Outcome::Negative => self.cost,
        }
    }

    pub(super) fn take(self, tokens: &mut i64, extra: Extra) -> Option<Grant> {
        let cost = self.cost_of(extra);
        if *tokens < i64::from(cost) {
            return None;
        }
        *tokens -= i64::from(cost);
        Some(Grant::of(cost))
    }

    pub(super) fn refund(self, tokens: &mut i64, last: Option<Grant>) {
        let refund = last.map_or(self.clean_success, |grant| grant.cost.get());
        *tokens = (*tokens + i64::from(refund)).min(self.capacity.into());
    }
}
