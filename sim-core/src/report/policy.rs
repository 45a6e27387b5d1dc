//! What each layer of each policy did, and the states of breakers over time.

use super::{CountReport, LatencyReport, LimitReport};
use crate::policy::BreakerStateKind;
use serde::{Deserialize, Serialize};

/// A layer of a policy, as bound to one group of callers and one called service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerReport {
    /// Name of the policy.
    pub policy: String,
    /// Name of the layer in it: `retry`, `timeout[2]`.
    pub layer: String,
    /// Kind of the layer: its key in the scenario, such as `timeout` or `circuit_breaker`.
    pub kind: String,
    /// The calling client or service.
    pub caller: String,
    /// The called service.
    pub target: String,
    /// What it did in `[warmup, duration)`, whatever is not zero: `stopped`, `waited` (a pass, not in
    /// vain from the beginning), `timed_out`, `timed_out.connect` (of those, on connecting),
    /// `retries_planned`, `gave_up.attempts_used_up`, `gave_up.not_retryable`,
    /// `gave_up.elapsed_too_long`, `gave_up.wait_too_long` (the wait would end too late),
    /// `gave_up.not_idempotent`, `gave_up.budget`, `gave_up.pushback`, `fallbacks`, `fallbacks_missing` (no answer was
    /// kept, or one too old), `fallbacks_missing.too_old` (of those, the latter), `fallbacks_called`
    /// (another operation) and `fallbacks_failed` (that failed too), `hedges_sent`, `hedges_refused`
    /// (by the budget), `hedges_won` (answered before the passes that began earlier), `hedges_lost`
    /// (passes still under way when another answered), `opened`, `half_opened`, `closed`; and which
    /// settings took effect, how often:
    /// - of a retry `backoff_at_maximum`, `raised_to_min_wait`, `raised_by_retry_after`,
    ///   `replaced_by_retry_after`, `backoff_after` (that gave the wait);
    /// - of a rate limit, of the passes it stopped: `refused.line_full` (`max_waiting`),
    ///   `refused.wait_too_long` (`max_wait`), `refused.after_wait` (`refusal`);
    /// - of a breaker `held_back_by_minimum_calls` (what opens it held at so many looks),
    ///   `late_results_used`, `late_results_ignored`, `uncounted_results`, `open_grown` and
    ///   `open_at_maximum` (openings with a longer wait);
    /// - of a hedge `delay_from_percentile`, `delay_from_fallback` and `no_delay_yet` (for want of
    ///   samples), `ended_by_fatal_failure` (races that a failure outside `on` ended).
    pub acts: Vec<CountReport>,
    /// How old the kept answers were that a fallback gave; absent if it gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_age: Option<LatencyReport>,
    /// How long passes had waited that it let in in `[warmup, duration)`; absent if none had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<LatencyReport>,
    /// The limit that it found for itself, over time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitReport>,
    /// All waits that a retry planned in `[warmup, duration)` \[ns\]; one that a timeout outside cuts
    /// short counts in full. Absent if it planned none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backoff_total_ns: Option<u64>,
    /// Mean of the delays that a percentile, or its fallback, gave a hedge \[ns\]; absent if none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hedge_delay_mean_ns: Option<u64>,
    /// Whether it did nothing in the whole run, so that the run says nothing about it.
    pub never_acted: bool,
    /// Whether it acted in the warm-up alone, so that no figure shows it; absent if it did not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub acted_in_warmup_only: bool,
}

/// A budget, all its owners together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetReport {
    /// Name in the scenario.
    pub name: String,
    /// Kind: `concurrent_max`, `concurrent_ratio`, `retry_rate`, `token_ratio`, `grpc_tokens`,
    /// `aws_quota`, `success_funded`, `token_bucket`.
    pub kind: String,
    /// Who owns its states: `caller`, `process`, `shared`.
    pub scope: String,
    /// The layers that ask it.
    pub asked_by: Vec<String>,
    /// Retries and hedges it granted in `[warmup, duration)` \[count\].
    pub granted_total: u64,
    /// Of those, the ones that only its floor allowed, and not its share (`min`, `min_concurrent`,
    /// `min_per_second`) \[count\]; absent if none.
    #[serde(default, skip_serializing_if = "is_none")]
    pub granted_by_floor_total: u64,
    /// Retries and hedges it suppressed in `[warmup, duration)` \[count\].
    pub refused_total: u64,
    /// The least that was left of one of its states in the whole run \[count\]: free places
    /// (`concurrent_*`, `retry_rate`), retries that are paid for (`token_ratio`,
    /// `success_funded`, `token_bucket`) or whole tokens (`grpc_tokens`, `aws_quota`); nothing if nobody asked.
    pub least_left: Option<u32>,
    /// Whether it refused nothing in the whole run, so that the run says nothing about it.
    pub never_refused: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_none(count: &u64) -> bool {
    *count == 0
}

/// A breaker layer, and its owners that changed their state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakerReport {
    /// Name of the policy.
    pub policy: String,
    /// Name of the layer in it.
    pub layer: String,
    /// The calling client or service.
    pub caller: String,
    /// The called service.
    pub target: String,
    /// How often breakers opened in the whole run, all owners together \[count\].
    pub opened_total: u64,
    /// Owners that ever changed their state \[count\].
    pub owners_changed: u32,
    /// Of those, the ones whose spans follow, in the order of their first change.
    pub owners: Vec<BreakerOwnerReport>,
}

/// One breaker: its states, without a gap, from the start to the end of the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakerOwnerReport {
    /// The process that owns it, such as `storefront/3`, from 1.
    pub owner: String,
    /// The instance it guards, if it guards one alone.
    pub guards: Option<String>,
    /// Its states in order.
    pub spans: Vec<BreakerSpan>,
}

/// A state and how long it lasted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakerSpan {
    /// The state.
    pub state: BreakerStateName,
    /// From this instant \[ns\],
    pub from_ns: u64,
    /// until before this one \[ns\].
    pub until_ns: u64,
    /// What made it enter the state: `failure_rate`, `slow_call_rate`, `failures`,
    /// `consecutive_failures`, `expression`, `probe_failed`, `probes_succeeded`, `wait_over`,
    /// `probes_too_long`, `uncounted_probe`, `late_success`; absent for the first state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Failures, or slow calls where these decided, of the results looked at \[count\]; absent where no
    /// result decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failures: Option<u32>,
    /// Results looked at \[count\]; absent where no result decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<u32>,
    /// How long it was to stay open when it opened \[ns\]; absent for other states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_ns: Option<u64>,
}

/// The state of a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerStateName {
    /// Calls pass.
    Closed,
    /// Calls are rejected.
    Open,
    /// Some calls pass as probes.
    HalfOpen,
}

impl From<BreakerStateKind> for BreakerStateName {
    fn from(kind: BreakerStateKind) -> Self {
        match kind {
            BreakerStateKind::Closed => Self::Closed,
            BreakerStateKind::Open => Self::Open,
            BreakerStateKind::HalfOpen => Self::HalfOpen,
        }
    }
}
