//! Cumulative counters: they only grow.
//!
//! The hot path adds to one set of counters and nothing else. Whatever is asked about a span of
//! time is the difference of two photographs of them, so totals after the warm-up, windows and the
//! points of a series cost nothing per fact.

use crate::id::{BudgetId, EdgeId, Id, IdMap, LayerId, OperationId, Sparse};
use crate::model::fact::{BreakerState, DropReason, RetryStop};
use crate::model::spec::ModelSpec;
use crate::policy::{Detail, Details, Ending, Outcome, OutcomeSet};
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

/// What happened on an edge \[count\].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EdgeCounts {
    /// Calls started.
    pub started: u64,
    /// Calls ended.
    pub ended: ByOutcome,
    /// Attempts sent.
    pub sent: u64,
    /// Of those, after the first of their call.
    pub retries: u64,
    /// Of those sent, original ones (rule 36).
    pub originals: u64,
    /// Attempts ended.
    pub attempts_ended: ByOutcome,
    /// Of those, ended by the callee's answer.
    pub answered: u64,
    /// Of the answers, those of operations that got through, to callers that waited: no rejections,
    /// and nothing that the network says in the place of the callee.
    pub wanted: u64,
    /// Messages lost, requests and answers.
    pub messages_lost: u64,
}

impl EdgeCounts {
    #[inline]
    pub(super) fn attempt_ended(&mut self, ending: Ending, answered: bool, wanted: bool) {
        let outcome = ending.outcome();
        let got_through = ending.is_by_operation() && !TURNED_AWAY.contains(outcome);
        self.attempts_ended[outcome as usize] += 1;
        self.answered += u64::from(answered);
        self.wanted += u64::from(wanted & got_through);
    }

    /// Calls ended in any way.
    pub fn ended_total(&self) -> u64 {
        self.ended.iter().sum()
    }

    /// Attempts ended in any way.
    pub fn attempts_ended_total(&self) -> u64 {
        self.attempts_ended.iter().sum()
    }

    /// What happened since an earlier photograph.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            started: self.started - earlier.started,
            ended: differences(&self.ended, &earlier.ended),
            sent: self.sent - earlier.sent,
            retries: self.retries - earlier.retries,
            originals: self.originals - earlier.originals,
            attempts_ended: differences(&self.attempts_ended, &earlier.attempts_ended),
            answered: self.answered - earlier.answered,
            wanted: self.wanted - earlier.wanted,
            messages_lost: self.messages_lost - earlier.messages_lost,
        }
    }
}

/// What became of the attempts that arrived for an operation [count, ns].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperationCounts {
    /// Arrived.
    pub arrived: u64,
    /// Turned away.
    pub rejected: ByOutcome,
    /// Got a thread.
    pub started: u64,
    /// Of those, not at once.
    pub waited: u64,
    /// Answered.
    pub finished: ByOutcome,
    /// Given up, by [`DropReason`] in its order.
    pub dropped: [u64; 4],
    /// Died with their instance.
    pub lost: u64,
    /// Answers nobody waited for.
    pub unwanted: u64,
    /// Carried out once more for a call for which they had taken effect.
    pub duplicates: u64,
    /// Not carried out because their key was known, by [`crate::model::fact::KeyAnswer`].
    pub keys: [u64; 3],
    /// Carried out although their key had been known: it is kept no longer.
    pub keys_forgotten: u64,
    /// Thread time of all that ended after it got a thread \[ns\].
    pub held_ns: u64,
    /// Of that, for unwanted answers and for work given up \[ns\].
    pub wasted_ns: u64,
    /// Of that, for attempts that lost against another of their hedge \[ns\].
    pub hedged_ns: u64,
    /// Of the time held, lost with an instance \[ns\].
    pub lost_ns: u64,
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

    /// What happened since an earlier photograph.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            arrived: self.arrived - earlier.arrived,
            rejected: differences(&self.rejected, &earlier.rejected),
            started: self.started - earlier.started,
            waited: self.waited - earlier.waited,
            finished: differences(&self.finished, &earlier.finished),
            dropped: differences(&self.dropped, &earlier.dropped),
            lost: self.lost - earlier.lost,
            unwanted: self.unwanted - earlier.unwanted,
            duplicates: self.duplicates - earlier.duplicates,
            keys: differences(&self.keys, &earlier.keys),
            keys_forgotten: self.keys_forgotten - earlier.keys_forgotten,
            held_ns: self.held_ns - earlier.held_ns,
            wasted_ns: self.wasted_ns.saturating_sub(earlier.wasted_ns),
            hedged_ns: self.hedged_ns - earlier.hedged_ns,
            lost_ns: self.lost_ns - earlier.lost_ns,
        }
    }

    /// Adds what happened elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.arrived += other.arrived;
        add_all(&mut self.rejected, &other.rejected);
        self.started += other.started;
        self.waited += other.waited;
        add_all(&mut self.finished, &other.finished);
        add_all(&mut self.dropped, &other.dropped);
        self.lost += other.lost;
        self.unwanted += other.unwanted;
        self.duplicates += other.duplicates;
        add_all(&mut self.keys, &other.keys);
        self.keys_forgotten += other.keys_forgotten;
        self.held_ns = self.held_ns.saturating_add(other.held_ns);
        self.wasted_ns = self.wasted_ns.saturating_add(other.wasted_ns);
        self.hedged_ns = self.hedged_ns.saturating_add(other.hedged_ns);
        self.lost_ns = self.lost_ns.saturating_add(other.lost_ns);
    }
}

/// What a layer did \[count\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LayerCounts {
    /// Answered in the place of what is inside.
    pub stopped: u64,
    /// Let a pass wait for a permit, not in vain from the beginning.
    pub waited: u64,
    /// Gave up a pass.
    pub timed_out: u64,
    /// Of those, passes that could not connect in time.
    pub timed_out_connect: u64,
    /// Planned another pass.
    pub retries_planned: u64,
    /// Waits planned before those passes \[ns\].
    pub backoff_ns: u64,
    /// Let a failure out, by [`RetryStop`] in its order.
    pub gave_up: [u64; STOPS],
    /// Answered in the place of a failure.
    pub fallbacks: u64,
    /// Let a failure out because no answer was kept, or one that is too old.
    pub fallbacks_missing: u64,
    /// Of those, the ones for which an answer was kept.
    pub fallbacks_too_old: u64,
    /// Called another operation in the place of a failure.
    pub fallbacks_called: u64,
    /// Of those calls, the ones that failed as well.
    pub fallbacks_failed: u64,
    /// Passes besides the first that a hedge began.
    pub hedges_sent: u64,
    /// Passes that its budget refused, of a retry or a hedge.
    pub refused: u64,
    /// Of the hedges, the ones that answered their call.
    pub hedges_won: u64,
    /// Passes, the first or others, that were under way when another answered.
    pub hedges_lost: u64,
    /// Delays by a percentile, or by its fallback \[ns\].
    pub hedge_delay_ns: u64,
    /// Went to open, half-open and closed.
    pub opened: u64,
    /// Went to half-open.
    pub half_opened: u64,
    /// Went to closed.
    pub closed: u64,
    /// Settings that took effect, by [`Detail`].
    pub details: [u64; Detail::COUNT],
}

impl LayerCounts {
    /// Whether it did nothing at all. Letting a failure out that is not to be retried is nothing, nor
    /// is letting out the last one: without an earlier retry it was the only one.
    pub fn never_acted(&self) -> bool {
        let all: u64 = self.gave_up.iter().sum();
        let gave_up_trying = all
            - self.gave_up[stop_index(RetryStop::NotRetryable)]
            - self.gave_up[stop_index(RetryStop::AttemptsUsedUp)];
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

    /// What happened since an earlier photograph.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            stopped: self.stopped - earlier.stopped,
            waited: self.waited - earlier.waited,
            timed_out: self.timed_out - earlier.timed_out,
            timed_out_connect: self.timed_out_connect - earlier.timed_out_connect,
            retries_planned: self.retries_planned - earlier.retries_planned,
            backoff_ns: self.backoff_ns.saturating_sub(earlier.backoff_ns),
            gave_up: differences(&self.gave_up, &earlier.gave_up),
            fallbacks: self.fallbacks - earlier.fallbacks,
            fallbacks_missing: self.fallbacks_missing - earlier.fallbacks_missing,
            fallbacks_too_old: self.fallbacks_too_old - earlier.fallbacks_too_old,
            fallbacks_called: self.fallbacks_called - earlier.fallbacks_called,
            fallbacks_failed: self.fallbacks_failed - earlier.fallbacks_failed,
            hedges_sent: self.hedges_sent - earlier.hedges_sent,
            refused: self.refused - earlier.refused,
            hedges_won: self.hedges_won - earlier.hedges_won,
            hedges_lost: self.hedges_lost - earlier.hedges_lost,
            hedge_delay_ns: self.hedge_delay_ns.saturating_sub(earlier.hedge_delay_ns),
            opened: self.opened - earlier.opened,
            half_opened: self.half_opened - earlier.half_opened,
            closed: self.closed - earlier.closed,
            details: differences(&self.details, &earlier.details),
        }
    }

    pub(crate) fn gave_up(&mut self, reason: RetryStop) {
        self.gave_up[stop_index(reason)] += 1;
    }

    /// How often a setting took effect.
    pub fn times(&self, detail: Detail) -> u64 {
        self.details[detail as usize]
    }

    pub(crate) fn detail(&mut self, detail: Detail, times: u32, after: Option<SimDuration>) {
        self.details[detail as usize] += u64::from(times);
        let after = after.map_or(0, SimDuration::as_ns);
        self.hedge_delay_ns = self.hedge_delay_ns.saturating_add(after);
    }

    #[inline]
    pub(crate) fn took_effect(&mut self, by: Details) {
        if !by.is_empty() {
            by.iter().for_each(|it| self.details[it as usize] += 1);
        }
    }

    pub(crate) fn waits(&mut self, by: Details) {
        self.waited += u64::from(by.is_empty());
        self.took_effect(by);
    }

    #[inline]
    pub(crate) fn retry_planned(&mut self, delay: SimDuration, by: Details) {
        self.retries_planned += 1;
        self.backoff_ns = self.backoff_ns.saturating_add(delay.as_ns());
        self.took_effect(by);
    }

    pub(crate) fn fallback_missing(&mut self, age: Option<SimDuration>) {
        self.fallbacks_missing += 1;
        self.fallbacks_too_old += u64::from(age.is_some());
    }

    pub(crate) fn hedge_decided(&mut self, winner: u32, lost: u32) {
        self.hedges_won += u64::from(winner > 1);
        self.hedges_lost += u64::from(lost);
    }

    pub(crate) fn breaker_changed(&mut self, to: BreakerState) {
        match to {
            BreakerState::Open => self.opened += 1,
            BreakerState::HalfOpen => self.half_opened += 1,
            BreakerState::Closed => self.closed += 1,
        }
    }
}

/// How many reasons a retry has to stop.
const STOPS: usize = 7;

/// The place of a reason in [`LayerCounts::gave_up`].
const fn stop_index(reason: RetryStop) -> usize {
    match reason {
        RetryStop::AttemptsUsedUp => 0,
        RetryStop::NotRetryable => 1,
        RetryStop::ElapsedTooLong => 2,
        RetryStop::NotIdempotent => 3,
        RetryStop::Budget => 4,
        RetryStop::Pushback => 5,
        RetryStop::WaitTooLong => 6,
    }
}

/// The place of a reason in [`OperationCounts::dropped`].
pub(super) const fn drop_index(reason: DropReason) -> usize {
    match reason {
        DropReason::Skipped => 0,
        DropReason::Removed => 1,
        DropReason::Stopped => 2,
        DropReason::Expired => 3,
    }
}

/// What a budget answered \[count\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BudgetCounts {
    /// Passes it allowed.
    pub granted: u64,
    /// Of those, the ones that only its floor allowed.
    pub by_floor: u64,
    /// Passes it refused.
    pub refused: u64,
}

impl BudgetCounts {
    /// What happened since an earlier photograph.
    #[must_use]
    pub const fn since(&self, earlier: &Self) -> Self {
        Self {
            granted: self.granted - earlier.granted,
            by_floor: self.by_floor - earlier.by_floor,
            refused: self.refused - earlier.refused,
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
    /// By budget.
    pub budgets: IdMap<BudgetId, BudgetCounts>,
}

impl Counts {
    pub(super) fn new(spec: &ModelSpec) -> Self {
        Self {
            edges: Sparse::new(spec.edges.len(), EdgeCounts::default()),
            operations: Sparse::new(spec.operations.len(), OperationCounts::default()),
            layers: Sparse::new(spec.layers.len(), LayerCounts::default()),
            budgets: spec
                .budgets
                .iter()
                .map(|_| BudgetCounts::default())
                .collect(),
        }
    }

    /// What happened since an earlier photograph.
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
            budgets: self
                .budgets
                .iter()
                .zip(earlier.budgets.iter())
                .map(|(now, earlier)| now.since(earlier))
                .collect(),
        }
    }

    /// Becomes equal to a later photograph of the same run.
    pub(super) fn follow(&mut self, later: &Self) {
        self.edges.follow(&later.edges);
        self.operations.follow(&later.operations);
        self.layers.follow(&later.layers);
        self.budgets.clone_from(&later.budgets);
    }
}

fn differ<I: Id, T: Default>(
    now: &Sparse<I, T>,
    earlier: &Sparse<I, T>,
    since: impl Fn(&T, &T) -> T,
) -> Sparse<I, T> {
    now.map(|id, item| since(item, &earlier[id]), T::default())
}

pub(super) fn differences<const N: usize>(now: &[u64; N], earlier: &[u64; N]) -> [u64; N] {
    std::array::from_fn(|index| now[index] - earlier[index])
}

pub(super) fn sums<const N: usize>(one: &[u64; N], other: &[u64; N]) -> [u64; N] {
    std::array::from_fn(|index| one[index] + other[index])
}

fn add_all<const N: usize>(sums: &mut [u64; N], more: &[u64; N]) {
    for (sum, add) in sums.iter_mut().zip(more) {
        *sum += add;
    }
}
