//! Hand-offs: how the parts of the world speak to each other.
//!
//! Parts never call each other. A handler puts hand-offs on the work list; the world drains it in
//! order within the event, so what follows without delay happens at once (rule 42).

use super::attempt::AttemptIx;
use super::call::CallIx;
use super::directory::Mark;
use super::fifo::Fifo;
use crate::id::{FaultId, InstanceId};
use crate::model::fact::{AttemptNo, Fact};
use crate::model::spec::{CallersSee, SettingChange};
use crate::policy::Ending;
use crate::units::Factor;
use std::collections::VecDeque;

/// Something for another part to do within the present event.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Handoff {
    /// To calls: walk this call through its policy. It is made for this operation, 0 if for none.
    StartCall(CallIx, AttemptNo),
    /// To network: carry the request.
    Send(AttemptIx),
    /// To services: the request is there.
    Arrive(AttemptIx),
    /// To network: the request found no machine.
    NotThere(AttemptIx),
    /// To network: the request found a paused instance with a full backlog.
    Knock(AttemptIx),
    /// To network: carry the answer.
    Answer(AttemptIx, Ending),
    /// To calls: the answer is there.
    Answered(AttemptIx, Ending),
    /// To network: tell the callee that nobody waits.
    Abandon(AttemptIx),
    /// To services: nobody waits for this.
    Abandoned(AttemptIx),
    /// To clients or services, by the call's `then`: the call has its outcome.
    CallEnded(CallIx, Ending),
    /// To calls: the outcome is no longer needed.
    AbandonCall(CallIx),
    /// To all parts: the world changes from outside, by the next of the changes on the list.
    Apply,
}

/// Everything that alters the world from outside.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// A fault begins to act, or ceases.
    Fault { fault: FaultId, active: bool },
    /// A random fault is about to act on an instance, or to cease: that is told before what follows.
    Strikes(Strike),
    /// A random fault begins to act on an instance, or ceases.
    Struck(Strike),
    /// An instance dies.
    Down {
        instance: InstanceId,
        callers_see: CallersSee,
    },
    /// An instance comes back, empty.
    Up { instance: InstanceId },
    /// Work of an instance takes so many times as long, until it is set again.
    ColdStart {
        instance: InstanceId,
        factor: Factor,
    },
    /// A member of a service has a mark from now on, or no longer.
    Mark {
        instance: InstanceId,
        mark: Mark,
        holds: bool,
    },
    /// A setting is changed.
    Setting(SettingChange),
}

/// A random fault and the instance that it strikes, or leaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strike {
    /// The number of their up-down cycle.
    pub(crate) cycle: u32,
    pub(crate) fault: FaultId,
    pub(crate) instance: InstanceId,
    /// Whether it strikes.
    pub(crate) active: bool,
}

impl Strike {
    /// What is told of it.
    pub(crate) const fn fact(self) -> Fact {
        let Self {
            fault, instance, ..
        } = self;
        if self.active {
            Fact::FaultStruck { fault, instance }
        } else {
            Fact::FaultLifted { fault, instance }
        }
    }
}

/// The hand-offs of the present event, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Work {
    handoffs: Fifo<Handoff>,
    /// What the hand-offs [`Handoff::Apply`] stand for, in the same order.
    changes: VecDeque<Change>,
}

impl Work {
    /// Appends a hand-off.
    #[inline]
    pub(crate) fn push(&mut self, handoff: Handoff) {
        self.handoffs.push_back(handoff);
    }

    /// Appends a change of the world.
    pub(crate) fn push_change(&mut self, change: Change) {
        self.changes.push_back(change);
        self.push(Handoff::Apply);
    }

    /// Whether nothing is left to be handed off.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.handoffs.is_empty()
    }

    /// Takes the next hand-off.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Handoff> {
        self.handoffs.pop_front()
    }

    /// Takes the change that a [`Handoff::Apply`] just taken stands for.
    pub(crate) fn pop_change(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }
}
