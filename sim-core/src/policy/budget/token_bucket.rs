//! Calls pay in, retries draw out, and what was saved stays.
//!
//! The budget of the textbooks, and of most that are written by hand: retries are a share of the
//! calls, and a bucket that is full at the start lets a short trouble pass by. Unlike
//! [`super::TokenRatio`] nothing expires; unlike [`super::SuccessFunded`] a callee that answers
//! nothing is still asked again by that share.
//!
//! The rule: each first pass adds `per_call` tokens, up to `burst`; a retry takes one, if a whole one
//! is there. It is full at the start.
//!
//! Source: Marc Brooker, "Fixing retries with token buckets and circuit breakers" (2022), and the
//! retry budgets of "Site Reliability Engineering" (2016), chapter 21, 10 % of the calls.

use super::milli::{MILLI, in_milli};

/// Calls pay in, retries draw out, up to a burst.
///
/// ```
/// use sim_core::policy::{Budget, BudgetConfig, Extra, Outcome, TokenBucket};
/// use sim_core::time::SimTime;
///
/// let config = BudgetConfig::TokenBucket(TokenBucket { per_call: 0.5, burst: 1 });
/// let now = SimTime::ZERO;
/// let mut budget = Budget::new(now, &config);
/// let retry = Extra::Retry(Outcome::ErrorUnavailable);
/// for expected in [true, false, true, false] {
///     budget.call_started(now, &config);
///     assert_eq!(budget.ask(now, &config, retry).is_some(), expected);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenBucket {
    /// Tokens that a first pass adds, to three decimals; default 0.1.
    pub per_call: f64,
    /// The most there can be, and what there is at the start \[tokens\]; default 100.
    pub burst: u32,
}

impl TokenBucket {
    /// Thousandths of a full bucket.
    pub(super) fn full(self) -> i64 {
        i64::from(self.burst) * MILLI
    }

    pub(super) fn deposit(self, tokens: &mut i64) {
        *tokens = (*tokens + in_milli(self.per_call)).min(self.full());
    }
}
