//! What the pipeline asks of whoever runs it, and what it tells.

use super::handles::{Alarm, FrameIx, HostAttempt, HostCall, Inside, Owner};
use crate::id::{BudgetId, LayerId};
use crate::policy::{
    Applied, AppliedSet, Cause, Ending, Outcome, RetryHint, RetryStop, Transition,
};
use crate::time::{SimDuration, SimTime};

/// Which of two events at one instant comes first (rule 41).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlarmKind {
    /// A limit: timeouts, waits.
    Expiry,
    /// Something begins: a backoff is over.
    Start,
}

/// Why a pass was abandoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbandonReason {
    /// A timeout of the caller, this layer; where what it gave up stood.
    TimedOut(LayerId, Cause),
    /// The caller no longer needs the answer: a decided `parallel`, a stopped operation.
    NotNeeded,
    /// The caller's process died.
    CallerDied,
    /// Another pass of this hedge was better.
    LostHedge(LayerId),
}

/// What a layer decided, for those who keep records.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Note {
    /// A layer answered in the place of what is inside, for these reasons.
    Stopped(Outcome, AppliedSet),
    /// The pass waits to be let in; or in vain, if it is stopped however long it waits.
    Waits(AppliedSet),
    /// A pass that waited so long was let in.
    LetIn(SimDuration),
    /// The pass inside was given up.
    TimedOut,
    /// Another pass after this delay.
    RetryPlanned {
        /// Passes so far.
        passes: u32,
        /// How long it waits.
        delay: SimDuration,
        /// Which settings made it so long.
        by: AppliedSet,
    },
    /// The failure goes out.
    RetryStopped {
        /// Passes made.
        passes: u32,
        /// Why.
        reason: RetryStop,
    },
    /// A budget was asked for another pass.
    BudgetAsked {
        /// Which.
        budget: BudgetId,
        /// Whether it granted the pass.
        granted: bool,
        /// What is left after the answer, by its kind \[count\].
        left: u32,
        /// Whether only its floor allowed the pass, and not its share.
        by_floor: bool,
    },
    /// Answered in the place of this failure.
    FallbackUsed(Outcome),
    /// The answer in the place of a failure was the last full one, this old.
    FallbackAged(SimDuration),
    /// A failure goes out: there is no answer for it, or one that is too old, this much.
    FallbackMissing(Option<SimDuration>),
    /// Another operation that was called in the place of a failure failed as well, like this.
    FallbackFailed(Outcome),
    /// A hedge begins a pass besides the first.
    HedgeSent {
        /// Which pass of its call, from 2.
        pass: u32,
    },
    /// A hedged call of several passes has its answer.
    HedgeDecided {
        /// The pass that answered, from 1; 0 if all failed.
        winner: u32,
        /// Passes that began.
        passes: u32,
        /// Of those, the ones that were still under way.
        lost: u32,
    },
    /// A setting took effect, so many times.
    Applied(Applied, u32),
    /// The next pass of a hedge has its time, or none, by this.
    HedgeDelay(Applied, Option<SimDuration>),
    /// A guard found another limit: from, to; the local number of the instance it guards, if it guards
    /// one.
    Limit(u32, u32, Option<u32>),
    /// A breaker changed its state; the local number of the instance it guards, if it guards one.
    Breaker(Transition, Option<u32>),
}

/// What the pipeline needs from whoever runs it.
pub trait Host {
    /// The present instant.
    fn now(&self) -> SimTime;
    /// Wakes [`super::Pipelines::on_alarm`] for this frame at that instant.
    fn set_alarm(&mut self, at: SimTime, kind: AlarmKind, frame: FrameIx) -> Alarm;
    /// Forgets an alarm that has not gone off.
    fn clear_alarm(&mut self, alarm: Alarm);
    /// The same for a limit that was kept: what comes back mostly does so in time.
    #[inline]
    fn clear_limit(&mut self, alarm: Alarm) {
        self.clear_alarm(alarm);
    }
    /// Whose state the layers of this call use.
    fn owner(&self, call: HostCall) -> Owner;
    /// The key from which the draws of this call come (rule 43).
    fn key(&self, call: HostCall) -> u64;
    /// What the call is in from now on; it lasts as long as the call.
    fn entered(&mut self, call: HostCall, top: Inside);
    /// What the call asks for: its operation. Asked only where a fallback keeps answers.
    fn subject(&self, call: HostCall) -> u32;
    /// Chooses an instance for an attempt, by its local number, among those in rotation that the
    /// layers around it allow; `None` when there is none.
    fn choose(&mut self, choice: Choice<'_>) -> Option<u32>;
    /// Whether an instance in rotation satisfies `allowed`.
    fn any_in_rotation(&self, call: HostCall, allowed: &dyn Fn(u32) -> bool) -> bool;
    /// Sends an attempt, to an instance of the host's choice if none is chosen; `None` when there is
    /// none. Without a frame around it the call is in the attempt from now on.
    fn send(&mut self, request: SendRequest) -> Option<HostAttempt>;
    /// Begins a call of another operation in the place of one that failed, and says which layer is
    /// its outermost, if it has any. Its end is told to [`super::Pipelines::on_fallback_call`]. `None`: there is
    /// nothing to call.
    fn call_fallback(&mut self, fallback: FallbackCall) -> Option<(HostCall, Option<LayerId>)>;
    /// What a call is in.
    fn top(&self, call: HostCall) -> Inside;
    /// Nobody waits any more for a call made by [`Self::call_fallback`]; whether it has not ended yet.
    fn orphan(&mut self, call: HostCall) -> bool;
    /// Ends such a call, in which nothing is under way any more.
    fn end_orphan(&mut self, call: HostCall, reason: AbandonReason);
    /// Lets go of an attempt, which ends as a timeout or as cancelled.
    fn abandon(&mut self, attempt: HostAttempt, reason: AbandonReason);
    /// An attempt lost a race and runs on: its answer is for nobody.
    fn lost(&mut self, attempt: HostAttempt);
    /// Where an attempt stands now.
    fn standing(&self, attempt: HostAttempt) -> Standing;
    /// How an attempt ends for which no instance is in rotation.
    fn unavailable(&self, call: HostCall) -> Ending;
    /// Whether the called operation may be done twice for this call without harm. Asked only where
    /// a retry leaves alone what may not.
    fn repeatable(&self, call: HostCall) -> bool;
    /// What the callee that ended a pass like this asks its callers for. Asked only where a retry
    /// minds.
    fn retry_after(&self, call: HostCall, ending: Ending) -> Option<RetryHint>;
    /// The result of the call.
    fn answer(&mut self, call: HostCall, ending: Ending);
    /// A pass goes on although its call may end before it; if it is an attempt already, its result
    /// goes to [`FrameIx::DETACHED`] from now on.
    fn detached(&mut self, call: HostCall, attempt: Option<HostAttempt>);
    /// A detached pass has ended.
    fn detached_ended(&mut self, call: HostCall);
    /// A pass begins at the instant at which the one before it failed; whether another one may do so
    /// at once. Else it waits until what else is due at this instant has had its turn.
    fn may_go_on(&mut self) -> bool {
        true
    }
    /// A layer decided something.
    fn note(&mut self, call: HostCall, layer: LayerId, note: Note);
}

/// A call in the place of one that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FallbackCall {
    /// The one that failed.
    pub call: HostCall,
    /// How.
    pub because: Outcome,
    /// The fallback.
    pub layer: LayerId,
    /// The frame that waits for it.
    pub frame: FrameIx,
    /// Which pass of the failed call it is made for.
    pub lane: u32,
    /// The earliest deadline of the layers around the fallback that propagate theirs.
    pub deadline: SimTime,
}

/// The choice of an instance.
#[derive(Clone, Copy)]
pub struct Choice<'a> {
    /// The call it is made for.
    pub call: HostCall,
    /// Which pass of its call it is.
    pub lane: u32,
    /// Whether instances that the call has tried are left out while another is left.
    pub other_instance: bool,
    /// Which instances the layers around it let through; `None`: all.
    pub allowed: Option<&'a dyn Fn(u32) -> bool>,
}

/// Where an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// At this place.
    Here(Cause),
    /// Its operation waits for a call, which is in here.
    InCall(Inside),
}

/// An attempt that leaves the innermost layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendRequest {
    /// The call it is made for.
    pub call: HostCall,
    /// The frame to which its result goes.
    pub outer: FrameIx,
    /// Which pass of its call it is: folds the numbers of all passes around it.
    pub lane: u32,
    /// The instance it goes to, by its local number, if layers had a say in the choice.
    pub instance: Option<u32>,
    /// Whether instances that the call has tried are left out of the choice while another is left.
    pub other_instance: bool,
    /// The earliest deadline of the layers that propagate theirs; `SimTime::NEVER` if none does.
    pub deadline: SimTime,
}

impl SendRequest {
    /// The choice that is left to the host.
    #[inline]
    pub fn choice(&self) -> Choice<'static> {
        Choice {
            call: self.call,
            lane: self.lane,
            other_instance: self.other_instance,
            allowed: None,
        }
    }
}
