//! So many retries at once.
//!
//! The simplest budget: retries have places, as the calls of a bulkhead have. It knows nothing of
//! the traffic, so its size fits one load only; Envoy's three are little for a busy cluster and
//! much for an idle one.
//!
//! The rule: a retry is granted while fewer than `max` are unsettled. A place is taken with the
//! decision, kept through the backoff and given back when the retried pass has its result, before
//! the next decision (`resource_manager_impl.h` of Envoy: `max_retries`, by default 3 for each
//! cluster and priority).
//!
//! Rejected: a place that is taken only when the backoff is over, which would let a crowd wait.

/// So many retries at once.
///
/// ```
/// use sim_core::policy::{Budget, BudgetConfig, ConcurrentMax, Extra, Outcome, PassResult};
/// use sim_core::time::SimTime;
///
/// let config = BudgetConfig::ConcurrentMax(ConcurrentMax { max: 1 });
/// let now = SimTime::ZERO;
/// let mut budget = Budget::new(now, &config);
/// let retry = Extra::Retry(Outcome::ErrorUnavailable);
/// // Two calls fail together; the first gets the place, through its backoff.
/// for _ in 0..2 {
///     budget.call_started(now, &config);
/// }
/// budget.settle(now, &config, PassResult::Failure, None);
/// let grant = budget.ask(now, &config, retry);
/// assert!(grant.is_some());
/// budget.settle(now, &config, PassResult::Failure, None);
/// assert_eq!(budget.ask(now, &config, retry), None);
/// budget.call_ended(&config, false, None);
/// // Its pass is made and answered: the place is free again.
/// budget.pass_started();
/// budget.settle(now, &config, PassResult::Success, grant);
/// budget.call_ended(&config, true, grant);
/// assert_eq!(budget.left(&config), 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConcurrentMax {
    /// Retries unsettled at once \[count\]; default 3 (Envoy `max_retries`).
    pub max: u32,
}

impl ConcurrentMax {
    pub(super) const fn allows(self, extra: u32) -> bool {
        extra < self.max
    }
}
