//! Hedging: the same call once more before the first has failed, and the first useful answer wins.
//!
//! Ask a second librarian when the first has not come back after a while. Most calls are quick and
//! never ask twice; the few that hang on one slow instance are answered by another. The price is
//! extra load, and it is highest when everything is slow: a hedge that helps against a slow tail
//! feeds an overload.
//!
//! The rule (10): a pass begins; after [`HedgeConfig::delay`] without an answer the next one begins,
//! up to [`HedgeConfig::max_hedges`] of them. The first useful result answers for all, and what is
//! still running has lost. A failed pass does not answer while another is running or due;
//! [`OnFailure::AtOnce`] brings the next one forward. When all have failed, the last failure goes
//! out. A failure that is not in [`HedgeConfig::on`] answers at once, as a success does.
//!
//! - [`Race`] decides: pure, one for each call; whoever asks it holds the passes and the timer.
//! - [`RecentLatency`] estimates the percentile that [`HedgeDelay::Percentile`] waits for: one for
//!   each owner.
//!
//! What libraries do, in these words:
//!
//! | | delay | `max_hedges` | `on_failure` | `losers` | `on` |
//! |---|---|---|---|---|---|
//! | The Tail at Scale (Dean, Barroso 2013) | p95 | 1 | wait | cancel | all |
//! | Finagle `BackupRequestFilter` | p(1 - extra load), of 30 s | 1 | wait | cancel (`sendInterrupts`) or leave | all |
//! | gRPC `hedgingPolicy` | fixed; 0: all at once | `maxAttempts` - 1, at most 4 | at once | cancel | `nonFatalStatusCodes`; others are fatal |
//! | Polly `Hedging` | 2 s; 0: all at once; negative: a delay longer than the call | 1 (at most 9) | at once | await: it cancels the losers and returns when they have ended; `cancel` if they heed it | `ShouldHandle` |
//! | Envoy `hedge_on_per_try_timeout` | the per-try timeout | `num_retries` | at once | cancel | `retry_on` |
//!
//! Envoy's is a hedge and no retry, because the pass that took too long is not given up: put the
//! hedge inside the route's total timeout, with no timeout inside it. (3 attempts in 500 ms with a
//! per-try timeout of 200 ms: at 0, 200 and 400 ms.)
//!
//! Where it stands matters: outside a breaker, bulkhead or attempt timeout each pass goes through
//! them by itself (Microsoft's standard hedging pipeline); outside a retry each pass may retry.
//!
//! A budget is asked when a pass is to begin, and a refusal holds for the rest of the race (gRPC's
//! Java client calls that frozen): the passes under way go on. Each pass is settled when it ends, or
//! when another has answered, though with [`Losers::Leave`] it may run on. The call leaves the budget
//! with its answer, and the pass that gave it counts as its last one.
//!
//! Defaults: one hedge, `on_failure: wait`, `losers: cancel`, another instance, all failures but
//! `invalid`; a percentile needs 100 results before it is believed. Rejected: a default delay (2 s
//! of Polly never acts for a call of 20 ms, and a smaller one doubles the load of a slow service).

mod race;
mod recent;
#[cfg(test)]
mod tests;

pub use race::{Race, RaceStep};
pub use recent::RecentLatency;

use crate::id::BudgetId;
use crate::policy::{Applied, Outcome, OutcomeSet, PassResult};
use crate::random::{Dist, Draws};
use crate::time::SimDuration;

/// A hedge layer.
#[derive(Clone, Debug, PartialEq)]
pub struct HedgeConfig {
    /// How long after the beginning of one pass the next begins; no default.
    pub delay: HedgeDelay,
    /// Passes besides the first, at most \[count\]; default 1.
    pub max_hedges: u32,
    /// Failures that leave the other passes their chance; the rest answers at once. Default: all
    /// but `error.invalid`.
    pub on: OutcomeSet,
    /// What a failure does to the pass that is due; default [`OnFailure::Wait`].
    pub on_failure: OnFailure,
    /// What becomes of passes that lost; default [`Losers::Cancel`].
    pub losers: Losers,
    /// Whether instances that the call has tried are left out while another is left; default yes.
    pub other_instance: bool,
    /// Which budget has to grant each pass besides the first; default none.
    pub budget: Option<BudgetId>,
}

/// How long after the beginning of one pass the next begins.
#[derive(Clone, Debug, PartialEq)]
pub enum HedgeDelay {
    /// So long, drawn for each.
    Fixed(Dist),
    /// A percentile of the latencies of recent passes.
    Percentile {
        /// Which, above 0 and below 100.
        percentile: f64,
        /// What holds before there are enough results; `None`: no hedge.
        fallback: Option<Dist>,
        /// Results that make it believable \[count\]; default 100.
        minimum_samples: u32,
    },
}

/// What a failure does to the pass that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// Nothing: it begins when its delay is over (Finagle).
    Wait,
    /// It begins at once (gRPC, Polly, Envoy).
    AtOnce,
}

/// What becomes of passes that lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Losers {
    /// They are abandoned, as a closed connection does.
    Cancel,
    /// They run to their ends, and the call returns only then: Polly around work that does not heed
    /// its cancellation.
    Await,
    /// They run on unobserved, and keep what they hold (Finagle with `sendInterrupts = false`).
    Leave,
}

impl HedgeConfig {
    /// Failures that leave the other passes their chance unless told otherwise.
    pub fn default_on() -> OutcomeSet {
        OutcomeSet::failed().minus(OutcomeSet::of(&[Outcome::ErrorInvalid, Outcome::Cancelled]))
    }

    /// How long from now the next pass begins; `None`: it does not.
    pub fn delay(&self, recent: &mut RecentLatency, draws: &mut Draws) -> Option<SimDuration> {
        self.delay_and_why(recent, draws).0
    }

    /// The same, and what it comes from where that may be one thing or another.
    pub fn delay_and_why(
        &self,
        recent: &mut RecentLatency,
        draws: &mut Draws,
    ) -> (Option<SimDuration>, Option<Applied>) {
        let (percentile, fallback, minimum_samples) = match &self.delay {
            HedgeDelay::Fixed(delay) => return (Some(delay.sample(draws)), None),
            HedgeDelay::Percentile {
                percentile,
                fallback,
                minimum_samples,
            } => (*percentile, fallback, *minimum_samples),
        };
        match (recent.percentile(percentile, minimum_samples), fallback) {
            (Some(delay), _) => (Some(delay), Some(Applied::DelayFromPercentile)),
            (None, Some(delay)) => (Some(delay.sample(draws)), Some(Applied::DelayFromFallback)),
            (None, None) => (None, Some(Applied::NoDelayYet)),
        }
    }

    /// How long after the first pass the last one begins at most, if a pass takes this long inside;
    /// by the mean, where the delay is drawn.
    pub fn longest_delays(&self, inside: SimDuration) -> SimDuration {
        let each = match &self.delay {
            HedgeDelay::Fixed(delay) => delay.mean(),
            HedgeDelay::Percentile { fallback, .. } => {
                let known = fallback.as_ref().map_or(inside, Dist::mean);
                known.max(inside)
            }
        };
        each.times(u64::from(self.max_hedges))
    }

    /// What the end of a pass tells the budget: a failure is one that leaves the others their chance.
    pub fn verdict(&self, outcome: Outcome) -> PassResult {
        if outcome.is_useful() {
            PassResult::Success
        } else if self.on.contains(outcome) {
            PassResult::Failure
        } else {
            PassResult::Neither
        }
    }

    /// Whether the latency of a pass that ended like this belongs to the percentile: answers and
    /// timeouts do, quick failures would only lower it (as in Finagle).
    pub fn measures(&self, outcome: Outcome) -> bool {
        let timeouts = OutcomeSet::of(&[
            Outcome::TimeoutConnect,
            Outcome::TimeoutResponse,
            Outcome::TimeoutDeadline,
        ]);
        matches!(self.delay, HedgeDelay::Percentile { .. })
            && (outcome.is_useful() || timeouts.contains(outcome))
    }
}
