//! What happened: the only thing that digest, records, traces and reports read.
//!
//! The model tells each fact once, at its instant, in a total order. A fact says what became of a
//! call, an attempt or an operation; it never speaks of timers or events, so another event list
//! tells the same facts.
//!
//! A fact is a row of one of the tables below (`table` says how a row reads). The row
//! gives its arm of [`Fact`], its line in a log of facts, and its words for the digest.

#[macro_use]
mod table;
#[macro_use]
mod calls;
#[macro_use]
mod deeds;
#[macro_use]
mod kept;
#[macro_use]
mod layers;
mod line;
#[macro_use]
mod members;
#[macro_use]
mod operations;
#[macro_use]
mod sagas;
mod values;
#[macro_use]
mod queues;
#[macro_use]
mod verdicts;
mod words;

pub use values::{
    Applied, AppliedSet, AttemptNo, BreakerState, CallNo, Cause, CauseKind, DeedDone, DeedUndone,
    DropReason, Ending, HealthVerdict, InstanceState, KeyAnswer, Mark, Place, RetryStop, StopWhy,
    Then, Why,
};

use super::spec::ModelSpec;
use crate::id::{
    AdmissionId, BudgetId, CheckId, EffectId, FaultId, InstanceId, InvariantId, KeptId, LayerId,
    OperationId, ProcessId, QueueId, SagaId, ServiceId, SiteId,
};
use crate::keeping::queue::{HandoutFailure, MessageEnd};
use crate::keeping::{SagaCallEnd, SagaEnd};
use crate::observe::Digest;
use crate::policy::Outcome;
use crate::policy::eject::{EjectBack, EjectWhy};
use crate::time::{SimDuration, SimTime};
use line::{Line, Written};
use words::{are_distinct, change, drop_code, head, labels, mix, pair, rotation, stopping, word};

about_calls! { [ about_layers about_operations about_members about_verdicts about_kept about_deeds about_queues about_sagas facts ] }

/// Reads facts as they happen. Never draws, never schedules.
pub trait Observer {
    /// A fact, at its instant; instants never go back.
    fn on_fact(&mut self, now: SimTime, fact: &Fact);

    /// Two facts of one instant, the second right after the first.
    #[expect(
        clippy::inline_always,
        reason = "the kinds of facts are known where they are told"
    )]
    #[inline(always)]
    fn on_facts(&mut self, now: SimTime, first: &Fact, second: &Fact) {
        self.on_fact(now, first);
        self.on_fact(now, second);
    }

    /// Whether it looks at facts at all; a run is played without one that does not.
    fn watches(&self) -> bool {
        true
    }
}
