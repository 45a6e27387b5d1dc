//! Backtest: yesterday's calls, played through a policy that was not there.
//!
//! An architect has a call log and asks: would this breaker have opened, and when? Think of a film
//! of the callee's answers. The policy stands in front of the screen and may look away (a call that
//! it rejects), leave early (a timeout) or ask again (a retry); the film does not change.
//!
//! The rules:
//! - a recorded call begins at its recorded start; each of its attempts takes the latency and has
//!   the outcome of the next recorded answer, from the instant at which the policy sends it. Calls
//!   walk through [`Pipelines`](crate::policy::pipeline::Pipelines), the code that the simulator
//!   walks, with its rules: order at one instant (41), permits (6), late results (7), keyed draws
//!   (43; the key of a call is its line);
//! - an attempt of which there is no record (a retry of a call that was tried once) has an answer
//!   that must be supposed: [`Unrecorded`] says which, and the summary counts such attempts;
//! - a call that the policy rejects never reaches the callee: its recorded answer is neither heard
//!   nor counted by any layer. If the answer was useful it is *lost*, else it is *avoided*;
//! - state belongs to each caller and target ([`Scope`](crate::model::spec::Scope)); a target
//!   counts as one instance.
//!
//! What a backtest cannot show: the relief. Fewer attempts would have made the callee faster, and
//! the record knows nothing of that; for it there is the simulator. Where calls get worse because
//! the callee is overloaded, a backtest is the pessimist.
//!
//! Memory: calls under way, states of the policy for each caller and target, and a summary of fixed
//! size. A million calls leave nothing behind.
//!
//! Rejected: an answer by the recorded *time* of a retry (the record has none where the policy asks
//! again at another instant); scaling latencies by the load that is left (a model without data);
//! reordering calls (a log out of order is a mistake to be shown, not one to be guessed away).

mod bind;
mod call;
mod levels;
mod play;
mod recorder;
mod replay_host;
mod strip;
mod summary;
#[cfg(test)]
mod tests;
mod under_way;

pub use bind::LayerUnit;
pub use call::{Answer, Changed, Decided, Decision, Reason, RecordedCall, Unrecorded, Watcher};
pub use play::{Backtest, Refusal, Settings};
pub use strip::Strip;
pub use summary::{
    BreakerSummary, BulkheadSummary, GroupTally, Impact, KeptChange, MOST_CHANGES, Summary,
};
