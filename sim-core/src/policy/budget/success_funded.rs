//! Only success earns.
//!
//! The rule: a useful answer adds `per_success` tokens, up to `capacity`; a retry takes one, if a
//! whole one is there. Retries are then a share of what *works*, so that a callee which answers
//! nothing is soon left alone, and time alone brings nothing back. This is the bucket of Marc
//! Brooker's "Fixing retries with token buckets and circuit breakers" (2022), and what the AWS SDK
//! does with unequal prices.
//!
//! Rejected: earning by first passes (that is [`super::TokenBucket`]), and tokens per second.

use super::grant::PassResult;
use super::milli::{MILLI, in_milli};

/// Only success earns.
///
/// ```
/// use sim_core::policy::{Budget, BudgetConfig, Extra, Outcome, SuccessFunded, PassResult};
/// use sim_core::time::SimTime;
///
/// let config = BudgetConfig::SuccessFunded(SuccessFunded {
///     per_success: 0.5,
///     capacity: 10,
///     initial: 0,
/// });
/// let now = SimTime::ZERO;
/// let mut budget = Budget::new(now, &config);
/// let retry = Extra::Retry(Outcome::ErrorUnavailable);
/// for expected in [false, true, false] {
///     budget.call_started(now, &config);
///     budget.settle(now, &config, PassResult::Success, None);
///     budget.call_ended(&config, true, None);
///     assert_eq!(budget.ask(now, &config, retry).is_some(), expected);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SuccessFunded {
    /// Tokens that a useful answer adds, to three decimals; default 0.1.
    pub per_success: f64,
    /// The most there can be \[tokens\]; default 100.
    pub capacity: u32,
    /// How many there are at the start \[tokens\]; default as many as there can be.
    pub initial: u32,
}

impl SuccessFunded {
    /// Thousandths at the start.
    pub(super) fn initial(self) -> i64 {
        i64::from(self.initial.min(self.capacity)) * MILLI
    }

    pub(super) fn settle(self, tokens: &mut i64, verdict: PassResult) {
        if verdict == PassResult::Success {
            let full = i64::from(self.capacity) * MILLI;
            *tokens = (*tokens + in_milli(self.per_success)).min(full);
        }
    }
}
