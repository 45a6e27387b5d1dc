//! Failures cost, successes earn, and below half full there are no retries.
//!
//! It does not count retries at all but the health of the server: while most attempts succeed the
//! tokens stay near the top, whatever is retried. Ten failures in a row shut all retries off, and it
//! takes many successes to allow them again.
//!
//! The rule: tokens start at `max_tokens`. Each attempt that fails in a way worth retrying takes one,
//! never below zero; each that succeeds adds `token_ratio`, never above the start. A retry or hedge
//! is made only while there are *more* than half of `max_tokens`. First attempts always go. Tokens
//! are kept in thousandths, to which the service configuration rounds `token_ratio`.
//!
//! Source: gRFC A6, `retryThrottling`; there one for each server name.

use super::grant::PassResult;
use super::milli::{MILLI, in_milli};

/// Failures cost, successes earn.
///
/// ```
/// use sim_core::policy::{Budget, BudgetConfig, Extra, GrpcTokens, Outcome, PassResult};
/// use sim_core::time::SimTime;
///
/// let config = BudgetConfig::GrpcTokens(GrpcTokens { max_tokens: 10, token_ratio: 0.1 });
/// let now = SimTime::ZERO;
/// let mut budget = Budget::new(now, &config);
/// let mut granted = Vec::new();
/// for _ in 0..6 {
///     budget.call_started(now, &config);
///     budget.settle(now, &config, PassResult::Failure, None);
///     let grant = budget.ask(now, &config, Extra::Retry(Outcome::ErrorUnavailable));
///     granted.push(grant.is_some());
/// }
/// // 9, 8, 7, 6 tokens are more than five; five are not.
/// assert_eq!(granted, [true, true, true, true, false, false]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GrpcTokens {
    /// Tokens at the start, and the most there can be \[count\], 1 to 1000; gRPC has no default.
    pub max_tokens: u32,
    /// Tokens that a success adds, above 0, to three decimals; gRPC has no default.
    pub token_ratio: f64,
}

impl GrpcTokens {
    /// As many thousandths as there can be.
    pub(super) fn full(self) -> i64 {
        i64::from(self.max_tokens) * MILLI
    }

    pub(super) fn allows(self, tokens: i64) -> bool {
        tokens > self.full() / 2
    }

    pub(super) fn settle(self, tokens: &mut i64, verdict: PassResult) {
        let change = match verdict {
            PassResult::Success => in_milli(self.token_ratio),
            PassResult::Failure => -MILLI,
            PassResult::Neither => 0,
        };
        *tokens = (*tokens + change).clamp(0, self.full());
    }
}
