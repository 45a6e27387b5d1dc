//! Cumulative counters: they only grow.
//!
//! The hot path adds to one set of counters and nothing else. Whatever is asked about a span of
//! time is the difference of two snapshots of them, so totals after the warm-up, windows and the
//! points of a series cost nothing per fact.

use super::checks::CheckCounts;
use crate::id::{AdmissionId, BudgetId, CheckId, EdgeId, Id, IdMap, LayerId, OperationId, Sparse};
use crate::model::fact::{BreakerState, DropReason, KeyAnswer, RetryStop};
use crate::model::spec::ModelSpec;
use crate::observe::counters;
use crate::policy::{Applied, AppliedSet, Ending, Outcome, OutcomeSet};
use crate::time::SimDuration;

/// How often each outcome occurred, indexed by the outcome.
pub type ByOutcome = [u64; Outcome::COUNT];

/// What the callee answers without doing anything.
const TURNED_AWAY: OutcomeSet = OutcomeSet::of(&[
    Outcome::RejectedQueueFull,
    Outcome::RejectedQueueTimeout,
    Outcome::RejectedRateLimited,
    Outcome::RejectedShed,
]);

/// How many of the counted outcomes lie in a set.
pub fn count_in(counts: &ByOutcome, set: OutcomeSet) -> u64 {
    set.iter().map(|outcome| counts[outcome as usize]).sum()
}

counters! {
    /// What happened on an edge \[count\].
    pub struct EdgeCounts {
        /// Calls started.
        started;
        /// Calls ended.
        ended[Outcome];
        /// Attempts sent.
        sent;
        /// Of those, after the first of their call.
        retries;
        /// Of those sent, original ones (rule 36).
        originals;
        /// Attempts ended.
        attempts_ended[Outcome];
        /// Of those, ended by the callee's answer.
        answered;
        /// Of the answers, those of operations that got through, to callers that waited: no
        /// rejections, and nothing that the network says in the place of the callee.
        wanted;
        /// Messages lost, requests and answers.
        messages_lost;
    }

    /// What became of the attempts that arrived for an operation [count, ns].
    pub struct OperationCounts {
        /// Arrived.
        arrived;
        /// Turned away.
        rejected[Outcome];
        /// Got a thread.
        started;
        /// Of those, not at once.
        waited;
        /// Answered.
        finished[Outcome];
        /// Given up.
        dropped[DropReason];
        /// Died with their instance.
        lost;
        /// Answers nobody waited for.
        unwanted;
        /// Carried out once more for a call for which they had taken effect.
        duplicates;
        /// Not carried out because their key was known.
        keys[KeyAnswer] "";
        /// Carried out although their key had been known: it is kept no longer.
        keys_forgotten "forgotten";
        /// Thread time of all that ended after it got a thread \[ns\].
        held_ns;
        /// Of that, for unwanted answers and for work given up \[ns\].
        wasted_ns;
        /// Of that, for attempts that lost against another of their hedge \[ns\].
        hedged_ns;
        /// Of the time held, lost with an instance \[ns\].
        lost_ns;
    }

    /// What a layer did \[count\].
    pub struct LayerCounts {
        /// Answered in the place of what is inside.
        stopped "stopped";
        /// Let a pass wait for a permit, not in vain from the beginning.
        waited "waited";
        /// Gave up a pass.
        timed_out "timed_out";
        /// Of those, passes that could not connect in time.
        timed_out_connect "timed_out.connect";
        /// Planned another pass.
        retries_planned "retries_planned";
        /// Waits planned before those passes \[ns\].
        backoff_ns;
        /// Let a failure out.
        gave_up[RetryStop] "gave_up.";
        /// Answered in the place of a failure.
        fallbacks "fallbacks";
        /// Let a failure out because no answer was kept, or one that is too old.
        fallbacks_missing "fallbacks_missing";
        /// Of those, the ones for which an answer was kept.
        fallbacks_too_old "fallbacks_missing.too_old";
        /// Called another operation in the place of a failure.
        fallbacks_called "fallbacks_called";
        /// Of those calls, the ones that failed as well.
        fallbacks_failed "fallbacks_failed";
        /// Passes besides the first that a hedge began.
        hedges_sent "hedges_sent";
        /// Passes that its budget refused, of a retry or a hedge.
        refused "hedges_refused";
        /// Of the hedges, the ones that answered their call.
        hedges_won "hedges_won";
        /// Passes, the first or others, that were under way when another answered.
        hedges_lost "hedges_lost";
        /// Delays by a percentile, or by its fallback \[ns\].
        hedge_delay_ns;
        /// Went to open.
        opened "opened";
        /// Limits it found that were higher than the one before.
        limit_raised "limit_raised";
        /// Limits it found that were lower than the one before.
        limit_lowered "limit_lowered";
        /// Went to half-open.
        half_opened "half_opened";
        /// Went to closed.
        closed "closed";
        /// Settings that took effect.
        details[Applied] "";
    }

    /// What a layer of admission did \[count\].
    pub struct AdmissionCounts {
        /// Attempts it turned away.
        refused;
        /// Limits it found that were higher than the one before.
        raised;
        /// Limits it found that were lower than the one before.
        lowered;
    }

    /// What a budget answered \[count\].
    pub struct BudgetCounts {
        /// Passes it allowed.
        granted;
        /// Of those, the ones that only its floor allowed.
        by_floor;
        /// Passes it refused.
        refused;
    }
}

impl EdgeCounts {
    #[inline]
    pub(super) fn attempt_ended(&mut self, ending: Ending, answered: bool, wanted: bool) {
        let outcome = ending.outcome();
        let got_through = ending.is_by_operation() && !TURNED_AWAY.contains(outcome);
        self.attempts_ended[outcome as usize] += 1;
        if answered {
            self.answered += 1;
        }
        if wanted & got_through {
            self.wanted += 1;
        }
    }

    /// Calls ended in any way.
    pub fn ended_total(&self) -> u64 {
        self.ended.iter().sum()
    }

    /// Attempts ended in any way.
    pub fn attempts_ended_total(&self) -> u64 {
        self.attempts_ended.iter().sum()
    }
}

impl LayerCounts {
    pub(super) fn on_new_limit(&mut self, from: u32, to: u32) {
        self.limit_raised += u64::from(to > from);
        self.limit_lowered += u64::from(to < from);
    }
}

impl AdmissionCounts {
    pub(super) fn on_new_limit(&mut self, from: u32, to: u32) {
        self.raised += u64::from(to > from);
        self.lowered += u64::from(to < from);
    }
}

impl OperationCounts {
    /// Turned away in any way.
    pub fn rejected_total(&self) -> u64 {
        self.rejected.iter().sum()
    }

    /// Answered in any way.
    pub fn finished_total(&self) -> u64 {
        self.finished.iter().sum()
    }

    /// Given up for any reason.
    pub fn dropped_total(&self) -> u64 {
        self.dropped.iter().sum()
    }
}

/// What the notes of a pipeline count: for a run and for a backtest alike.
impl LayerCounts {
    /// Whether it did nothing at all. Letting a failure out that is not to be retried is nothing, nor
    /// is letting out the last one: without an earlier retry it was the only one.
    pub fn never_acted(&self) -> bool {
        let all: u64 = self.gave_up.iter().sum();
        let gave_up_trying = all
            - self.gave_up[RetryStop::NotRetryable as usize]
            - self.gave_up[RetryStop::AttemptsUsedUp as usize];
        let acts = self.stopped + self.waited + self.timed_out + self.retries_planned;
        acts + gave_up_trying
            + self.fallbacks
            + self.fallbacks_missing
            + self.fallbacks_called
            + self.hedges_sent
            + self.refused
            + self.opened
            == 0
    }

    /// How often a setting took effect.
    pub fn times(&self, detail: Applied) -> u64 {
        self.details[detail as usize]
    }

    #[inline]
    pub(crate) fn on_stopped(&mut self, by: AppliedSet) {
        self.stopped += 1;
        self.took_effect(by);
    }

    #[inline]
    pub(crate) fn on_waits(&mut self, by: AppliedSet) {
        self.waited += u64::from(by.is_empty());
        self.took_effect(by);
    }

    #[inline]
    pub(crate) fn on_timed_out(&mut self, connect: bool) {
        self.timed_out += 1;
        self.timed_out_connect += u64::from(connect);
    }

    #[inline]
    pub(crate) fn on_retry_planned(&mut self, delay: SimDuration, by: AppliedSet) {
        self.retries_planned += 1;
        self.backoff_ns = self.backoff_ns.saturating_add(delay.as_ns());
        self.took_effect(by);
    }

    #[inline]
    pub(crate) fn on_retry_stopped(&mut self, reason: RetryStop) {
        self.gave_up[reason as usize] += 1;
    }

    #[inline]
    pub(crate) fn on_budget_asked(&mut self, granted: bool) {
        self.refused += u64::from(!granted);
    }

    #[inline]
    pub(crate) fn on_fallback_used(&mut self) {
        self.fallbacks += 1;
    }

    #[inline]
    pub(crate) fn on_fallback_missing(&mut self, age: Option<SimDuration>) {
        self.fallbacks_missing += 1;
        self.fallbacks_too_old += u64::from(age.is_some());
    }

    #[inline]
    pub(crate) fn on_fallback_called(&mut self) {
        self.fallbacks_called += 1;
    }

    #[inline]
    pub(crate) fn on_fallback_failed(&mut self) {
        self.fallbacks_failed += 1;
    }

    #[inline]
    pub(crate) fn on_hedge_sent(&mut self) {
        self.hedges_sent += 1;
    }

    #[inline]
    pub(crate) fn on_hedge_decided(&mut self, winner: u32, lost: u32) {
        self.hedges_won += u64::from(winner > 1);
        self.hedges_lost += u64::from(lost);
    }

    #[inline]
    pub(crate) fn on_breaker_changed(&mut self, to: BreakerState) {
        match to {
            BreakerState::Open => self.opened += 1,
            BreakerState::HalfOpen => self.half_opened += 1,
            BreakerState::Closed => self.closed += 1,
        }
    }

    #[inline]
    pub(crate) fn on_detail(&mut self, detail: Applied, times: u32, after: Option<SimDuration>) {
        self.details[detail as usize] += u64::from(times);
        let after = after.map_or(0, SimDuration::as_ns);
        self.hedge_delay_ns = self.hedge_delay_ns.saturating_add(after);
    }

    #[inline]
    pub(crate) fn took_effect(&mut self, by: AppliedSet) {
        if !by.is_empty() {
            by.iter().for_each(|it| self.details[it as usize] += 1);
        }
    }
}

/// All counters of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// By edge.
    pub edges: Sparse<EdgeId, EdgeCounts>,
    /// By operation.
    pub operations: Sparse<OperationId, OperationCounts>,
    /// By layer.
    pub layers: Sparse<LayerId, LayerCounts>,
    /// By layer of admission.
    pub admission: Sparse<AdmissionId, AdmissionCounts>,
    /// By budget.
    pub budgets: IdMap<BudgetId, BudgetCounts>,
    /// By health check.
    pub checks: IdMap<CheckId, CheckCounts>,
}

impl Counts {
    pub(super) fn new(spec: &ModelSpec) -> Self {
        Self {
            edges: Sparse::new(spec.edges.len(), EdgeCounts::default()),
            operations: Sparse::new(spec.operations.len(), OperationCounts::default()),
            layers: Sparse::new(spec.layers.len(), LayerCounts::default()),
            admission: Sparse::new(spec.admission.len(), AdmissionCounts::default()),
            budgets: spec
                .budgets
                .iter()
                .map(|_| BudgetCounts::default())
                .collect(),
            checks: spec.checks.iter().map(|_| CheckCounts::default()).collect(),
        }
    }

    /// What happened since an earlier snapshot.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            edges: differ(&self.edges, &earlier.edges, EdgeCounts::since),
            operations: differ(
                &self.operations,
                &earlier.operations,
                OperationCounts::since,
            ),
            layers: differ(&self.layers, &earlier.layers, LayerCounts::since),
            admission: differ(&self.admission, &earlier.admission, AdmissionCounts::since),
            budgets: self
                .budgets
                .iter()
                .zip(earlier.budgets.iter())
                .map(|(now, earlier)| now.since(earlier))
                .collect(),
            checks: self
                .checks
                .iter()
                .zip(earlier.checks.iter())
                .map(|(now, earlier)| now.since(earlier))
                .collect(),
        }
    }

    /// Becomes equal to a later snapshot of the same run.
    pub(super) fn follow(&mut self, later: &Self) {
        self.edges.follow(&later.edges);
        self.operations.follow(&later.operations);
        self.layers.follow(&later.layers);
        self.admission.follow(&later.admission);
        self.budgets.clone_from(&later.budgets);
        self.checks.clone_from(&later.checks);
    }
}

fn differ<I: Id, T: Default>(
    now: &Sparse<I, T>,
    earlier: &Sparse<I, T>,
    since: impl Fn(&T, &T) -> T,
) -> Sparse<I, T> {
    now.map(|id, item| since(item, &earlier[id]), T::default())
}
