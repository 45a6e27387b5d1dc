//! What happened: the only thing that digest, records, traces and reports read.
//!
//! The model tells each fact once, at its instant, in a total order. A fact says what became of a
//! call, an attempt or an operation; it never speaks of timers or events, so another event list
//! tells the same facts.

use crate::id::{BudgetId, FaultId, InstanceId, LayerId, OperationId, ProcessId, SiteId};
use crate::policy::Outcome;
pub use crate::policy::{
    BreakerStateKind as BreakerState, Cause, CauseKind, Detail, Details, Ending, Place, RetryStop,
    Why,
};
use crate::time::{SimDuration, SimTime};

/// Serial number of a call, from 1 in the order of starting.
pub type CallNo = u32;
/// Serial number of an attempt, and of the operation that serves it, from 1 in the order of sending.
pub type AttemptNo = u32;

/// Why an operation ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DropReason {
    /// Nobody waited when it left the queue.
    Skipped,
    /// The news took it out of the queue.
    Removed,
    /// The news ended it while it ran.
    Stopped,
    /// Its deadline had passed.
    Expired,
}

/// What a service answered to an attempt whose key it knew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyAnswer {
    /// The answer that it had kept.
    Stored,
    /// It let it wait for the execution under way.
    Joined,
    /// It turned it away, because of the execution under way.
    Rejected,
}

impl KeyAnswer {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Joined => "joined",
            Self::Rejected => "rejected",
        }
    }
}

/// Something that happened.
///
/// The kind has a byte of its own: hidden in the unused values of a field, it would have to be
/// decoded by every observer even where it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(u8)]
pub enum Fact {
    /// A caller wants something done.
    CallStarted {
        /// The call.
        call: CallNo,
        /// Where it is made.
        site: SiteId,
        /// The process that makes it.
        process: ProcessId,
        /// The operation it is made for; 0 for a client's.
        parent: AttemptNo,
        /// Its class.
        class: u16,
        /// Its tenant.
        tenant: u16,
    },
    /// The caller learned the outcome.
    CallEnded {
        /// The call.
        call: CallNo,
        /// Where it was made.
        site: SiteId,
        /// When it started.
        started_at: SimTime,
        /// Attempts that it sent.
        attempts: u32,
        /// Its class.
        class: u16,
        /// Its tenant.
        tenant: u16,
        /// How it ended.
        ending: Ending,
    },
    /// A layer answered in the place of what is inside: breaker open, bulkhead full.
    LayerStopped {
        /// The call.
        call: CallNo,
        /// The layer.
        layer: LayerId,
        /// What it answered.
        outcome: Outcome,
        /// For which reasons, where there are several. The digest leaves them out.
        by: Details,
    },
    /// A pass waits to be let in by a layer.
    LayerWaits {
        /// The call.
        call: CallNo,
        /// The layer.
        layer: LayerId,
        /// If it waits in vain, for which reasons. The digest leaves them out.
        by: Details,
    },
    /// A layer let in a pass that had waited. The digest leaves it out.
    LayerLetIn {
        /// The call.
        call: CallNo,
        /// The layer.
        layer: LayerId,
        /// How long the pass had waited.
        waited: SimDuration,
    },
    /// A setting of a layer took effect. The digest leaves it out.
    LayerDetail {
        /// The call.
        call: CallNo,
        /// The layer.
        layer: LayerId,
        /// Which.
        detail: Detail,
        /// How often since it was last told \[count\].
        times: u32,
        /// How long the layer now waits by it, if it does.
        after: Option<SimDuration>,
    },
    /// A timeout gave up the pass inside.
    TimedOut {
        /// The call.
        call: CallNo,
        /// The layer.
        layer: LayerId,
        /// Whether it was the limit on connecting. The digest leaves it out.
        connect: bool,
    },
    /// A retry waits before its next pass.
    RetryPlanned {
        /// The call.
        call: CallNo,
        /// The layer.
        layer: LayerId,
        /// Passes so far.
        passes: u32,
        /// How long it waits.
        delay: SimDuration,
        /// Which settings made it so long. The digest leaves them out.
        by: Details,
    },
    /// A retry lets a failure out.
    RetryStopped {
        /// The call.
        call: CallNo,
        /// The layer.
        layer: LayerId,
        /// Passes made.
        passes: u32,
        /// Why.
        reason: RetryStop,
    },
    /// A retry or a hedge asked its budget for another pass.
    BudgetAsked {
        /// The call.
        call: CallNo,
        /// The layer that asked.
        layer: LayerId,
        /// The budget.
        budget: BudgetId,
        /// Whether it granted the pass.
        granted: bool,
        /// What is left after the answer: free places, retries that are paid for, or whole tokens,
        /// by its kind \[count\].
        left: u32,
        /// Whether only its floor allowed the pass, and not its share. The digest leaves it out.
        by_floor: bool,
    },
    /// A fallback answered in the place of a failure.
    FallbackUsed {
        /// The call.
        call: CallNo,
        /// The layer.
        layer: LayerId,
        /// The failure.
        instead_of: Outcome,
    },
    /// The answer in the place of a failure was the last full one.
    FallbackAged {
        /// The call.
        call: CallNo,
        /// The layer.
        layer: LayerId,
        /// How old it was.
        age: SimDuration,
    },
    /// A failure went out: there was no answer for it, or one that was too old.
    FallbackMissing {
        /// The call.
        call: CallNo,
        /// The layer.
        layer: LayerId,
        /// How old, if there was one.
        age: Option<SimDuration>,
    },
    /// A fallback calls another operation in the place of a failure.
    FallbackCalled {
        /// The call that failed.
        call: CallNo,
        /// The layer.
        layer: LayerId,
        /// The failure.
        instead_of: Outcome,
        /// The call that it makes.
        other: CallNo,
    },
    /// A fallback's own call failed as well, and that goes out.
    FallbackFailed {
        /// The call that failed first.
        call: CallNo,
        /// The layer.
        layer: LayerId,
        /// How the fallback's call ended.
        outcome: Outcome,
    },
    /// A hedge begins a pass besides the first.
    HedgeSent {
        /// The call.
        call: CallNo,
        /// The layer.
        layer: LayerId,
        /// Which pass, from 2.
        pass: u32,
    },
    /// A hedged call of several passes has its answer.
    HedgeDecided {
        /// The call.
        call: CallNo,
        /// The layer.
        layer: LayerId,
        /// The pass that answered, from 1; 0 if all failed.
        winner: u32,
        /// Passes that began.
        passes: u32,
        /// Of those, the ones that were still under way.
        lost: u32,
    },
    /// A breaker changed its state.
    BreakerChanged {
        /// The layer.
        layer: LayerId,
        /// The process that owns it.
        process: ProcessId,
        /// The instance it guards, if it guards one.
        instance: Option<InstanceId>,
        /// Old state.
        from: BreakerState,
        /// New state.
        to: BreakerState,
        /// When: now, or earlier if a timer or a tick did it and nobody asked since.
        at: SimTime,
        /// What made it change.
        why: Why,
        /// Failures, or slow calls, that decided, of the results looked at.
        failures: u32,
        /// Results looked at.
        results: u32,
        /// How long it is to stay open; zero when it did not open. The digest leaves it out.
        wait: SimDuration,
        /// Which settings made that so long. The digest leaves them out.
        by: Details,
    },
    /// One try went over the network.
    AttemptSent {
        /// The attempt.
        attempt: AttemptNo,
        /// Its call.
        call: CallNo,
        /// Where the call is made.
        site: SiteId,
        /// The instance it goes to.
        instance: InstanceId,
        /// Which attempt of its call, from 1.
        number: u32,
        /// Whether it and all it was made for are first attempts (rule 36).
        original: bool,
    },
    /// The caller learned the outcome of a try, or gave it up.
    AttemptEnded {
        /// The attempt.
        attempt: AttemptNo,
        /// Its call.
        call: CallNo,
        /// Where the call is made.
        site: SiteId,
        /// The instance it went to.
        instance: InstanceId,
        /// When it was sent.
        sent_at: SimTime,
        /// Whether the callee's answer ended it.
        answered: bool,
        /// How it ended.
        ending: Ending,
    },
    /// A message vanished.
    MessageLost {
        /// The attempt it belonged to.
        attempt: AttemptNo,
        /// Where the call is made.
        site: SiteId,
        /// Whether it was the answer (else the request).
        answer: bool,
    },
    /// An attempt reached an instance.
    OperationArrived {
        /// The attempt that asks for it.
        attempt: AttemptNo,
        /// The operation.
        operation: OperationId,
        /// Where.
        instance: InstanceId,
    },
    /// An operation was turned away, on arrival or after waiting too long.
    OperationRejected {
        /// The attempt that asks for it.
        attempt: AttemptNo,
        /// The operation.
        operation: OperationId,
        /// Where.
        instance: InstanceId,
        /// How.
        outcome: Outcome,
        /// How long it had waited.
        waited: SimDuration,
    },
    /// An operation got a thread for the first time.
    OperationStarted {
        /// The attempt that asks for it.
        attempt: AttemptNo,
        /// The operation.
        operation: OperationId,
        /// Where.
        instance: InstanceId,
        /// Waiting time.
        waited: SimDuration,
    },
    /// An operation sent its answer.
    OperationFinished {
        /// The attempt that asks for it.
        attempt: AttemptNo,
        /// The operation.
        operation: OperationId,
        /// Where.
        instance: InstanceId,
        /// What it answered.
        outcome: Outcome,
        /// Thread time it took.
        held: SimDuration,
    },
    /// An operation was given up without an answer.
    OperationDropped {
        /// The attempt that asked for it.
        attempt: AttemptNo,
        /// The operation.
        operation: OperationId,
        /// Where.
        instance: InstanceId,
        /// Why.
        reason: DropReason,
        /// Thread time it took.
        held: SimDuration,
        /// Whether it was running (else waiting).
        running: bool,
        /// Whether its attempt had lost against another of its hedge.
        lost_race: bool,
    },
    /// An operation died with its instance.
    OperationLost {
        /// The attempt that asked for it.
        attempt: AttemptNo,
        /// The operation.
        operation: OperationId,
        /// Where.
        instance: InstanceId,
        /// Thread time it took.
        held: SimDuration,
        /// Whether it was running (else waiting).
        running: bool,
    },
    /// An answer came to a caller that no longer waited for it.
    AnswerUnwanted {
        /// The attempt that had asked for it.
        attempt: AttemptNo,
        /// The operation.
        operation: OperationId,
        /// Where it came from.
        instance: InstanceId,
        /// Thread time it took.
        held: SimDuration,
        /// Whether its attempt had lost against another of its hedge.
        lost_race: bool,
    },
    /// A service knew the key of an attempt, and did not carry it out.
    KeyMatched {
        /// The attempt.
        attempt: AttemptNo,
        /// The operation.
        operation: OperationId,
        /// Where.
        instance: InstanceId,
        /// What it did instead.
        answer: KeyAnswer,
    },
    /// An attempt is carried out although its key was known: what was kept is kept no longer. The
    /// digest leaves it out.
    KeyForgotten {
        /// The attempt.
        attempt: AttemptNo,
        /// The operation.
        operation: OperationId,
        /// Where.
        instance: InstanceId,
    },
    /// What must not be done twice was done once more for the same call. This follows from other
    /// facts, so the digest leaves it out.
    EffectRepeated {
        /// The attempt that was carried out once too often.
        attempt: AttemptNo,
        /// The operation.
        operation: OperationId,
        /// Where.
        instance: InstanceId,
        /// Whether its caller still waited for it.
        wanted: bool,
    },
    /// A strand of an asynchronous service got a thread again, after a call or a wait.
    ThreadTaken {
        /// The attempt it works for.
        attempt: AttemptNo,
        /// Where.
        instance: InstanceId,
    },
    /// A strand of an asynchronous service gave its thread back.
    ThreadReturned {
        /// The attempt it works for.
        attempt: AttemptNo,
        /// Where.
        instance: InstanceId,
    },
    /// A fault begins.
    FaultStarted {
        /// Which.
        fault: FaultId,
    },
    /// A fault ends.
    FaultEnded {
        /// Which.
        fault: FaultId,
    },
    /// A random fault begins to act on an instance.
    FaultStruck {
        /// Which.
        fault: FaultId,
        /// Whom.
        instance: InstanceId,
    },
    /// A random fault ceases to act on an instance.
    FaultLifted {
        /// Which.
        fault: FaultId,
        /// From whom.
        instance: InstanceId,
    },
    /// An instance died.
    InstanceDown {
        /// Which.
        instance: InstanceId,
    },
    /// An instance came back, empty.
    InstanceUp {
        /// Which.
        instance: InstanceId,
    },
    /// An instance left the rotation, or came back into it.
    RotationChanged {
        /// Which.
        instance: InstanceId,
        /// Whether balancers may choose it.
        in_rotation: bool,
    },
}

/// Reads facts as they happen. Never draws, never schedules.
pub trait Observer {
    /// A fact, at its instant; instants never go back.
    fn on_fact(&mut self, now: SimTime, fact: &Fact);

    /// Whether it looks at facts at all; a run is played without one that does not.
    fn watches(&self) -> bool {
        true
    }
}
