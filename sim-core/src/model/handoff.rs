//! Hand-offs: how the parts of the world speak to each other.
//!
//! Parts never call each other. A handler puts hand-offs on the work list; the world drains it in
//! order within the event, so what follows without delay happens at once (rule 42).

use super::attempt::AttemptIx;
use super::call::CallIx;
use super::delivery::DeliveryIx;
use super::dial::DialIx;
use super::directory::{InstanceState, Mark, News, ViewIx};
use super::fifo::Fifo;
use super::saga::SagaIx;
use super::ticket::TicketIx;
use crate::id::{CheckId, FaultId, InstanceId, LayerId, ProcessId, ServiceId};
use crate::model::fact::{AttemptNo, Fact, StopWhy, Then};
use crate::model::spec::{CallersSee, SettingChange};
use crate::policy::eject::OnErrors;
use crate::policy::{Ending, HealthVerdict, Outcome};
use crate::time::SimDuration;
use crate::units::Factor;
use std::collections::VecDeque;

/// Something for another part to do within the present event. The kind has a word of its own: so a
/// hand-off need not be decoded, and what it is about is read from where it lies.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub(crate) enum Handoff {
    /// To calls: walk this call through its policy. It is made for this operation, 0 if for none.
    StartCall(CallIx, AttemptNo),
    /// To network: carry the request.
    Send(AttemptIx),
    /// To services: the request is there.
    Arrive(AttemptIx),
    /// To services: a block begins on the thread of its caller.
    Begin(AttemptIx),
    /// To kept: a strand asks for something.
    Ask(TicketIx),
    /// To services: who asked has it, or is turned away.
    Told(TicketIx, Option<Ending>),
    /// To kept: who asked leaves.
    Leave(TicketIx),
    /// To kept: an operation stores a message; its number says whether it is still that one.
    Store(AttemptIx, AttemptNo),
    /// To services: the message is stored, or refused in this way.
    Stored(AttemptIx, Option<Outcome>),
    /// To sources: a message is handed out.
    HandOut(DeliveryIx),
    /// To kept: the work on a message begins.
    Handling(DeliveryIx),
    /// To kept: the request of a hand-out, or the answer to it, was lost on the way.
    Vanished(DeliveryIx),
    /// To kept: a process stands still from now on, or goes on.
    StandsStill(InstanceId, bool),
    /// To kept: what became of that.
    Handled(DeliveryIx, Ending),
    /// To network: carry a connection.
    Dial(DialIx),
    /// To kept: it arrives after this time.
    Carried(DialIx, SimDuration),
    /// To kept: it is refused on the way.
    Refused(DialIx),
    /// To services: a connection arrives.
    Reach(DialIx),
    /// To kept: whether it was let in.
    Reached(DialIx, bool),
    /// To network: the connection of this attempt is older than the process at its other end.
    Reset(AttemptIx),
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
    /// To sources: nobody carries this saga out any more.
    SagaLeft(SagaIx),
    /// To control: a sign of how an instance does.
    Sign(Sign),
    /// To all parts: the world changes from outside, by the next of the changes on the list.
    Apply,
}

const _: () = assert!(size_of::<Handoff>() == 16, "several for each call");

/// A sign of how an instance does, for whoever watches it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sign {
    /// The view in which the verdict acts: it says who watches.
    pub(crate) view: ViewIx,
    pub(crate) slot: u32,
    pub(crate) kind: SignKind,
}

/// What the sign is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SignKind {
    /// An attempt goes to it.
    Sent,
    /// An attempt at it has ended.
    Ended(Outcome),
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
    /// A member of a service has a mark from now on, or no longer: for all, who hear of it when they do;
    /// or as the verdict of one caller process, in whose view alone it acts, at once.
    Mark {
        instance: InstanceId,
        mark: Mark,
        holds: bool,
        /// Whose verdict it is; `None`: it holds for all.
        view: Option<ProcessId>,
    },
    /// A view hears that a member has a mark, or no longer.
    Heard { view: ViewIx, news: News },
    /// An instance is told to stop (rule 49).
    Stop {
        instance: InstanceId,
        then: Then,
        why: StopWhy,
    },
    /// An instance dies, and starts again when its service says so: what no fault holds down.
    Kill {
        instance: InstanceId,
        callers_see: CallersSee,
    },
    /// A service gets one instance more, in the lowest empty slot, once there is one (rule 48).
    Create { service: ServiceId },
    /// An instance begins to drain.
    Draining { instance: InstanceId },
    /// An instance that was told to stop turns away who comes from now on.
    Refusing { instance: InstanceId },
    /// An instance that refuses has nothing left to do.
    Idle { instance: InstanceId },
    /// A process starts; with a number, as a new incarnation.
    Starting {
        instance: InstanceId,
        fills: Option<u32>,
    },
    /// An instance has ended for good.
    Ended { instance: InstanceId },
    /// Who watches an instance by a health check takes it for well or not from now on.
    Judged {
        check: CheckId,
        instance: InstanceId,
        /// Who asked.
        process: ProcessId,
        /// Whether it is taken for well.
        is_in: bool,
        /// A verdict; `None`: nothing is known, since it has just started.
        verdict: Option<HealthVerdict>,
    },
    /// A check of an instance passed, and whoever made it takes it for well: told where the service has an
    /// ejection, which may end by it.
    Passed {
        instance: InstanceId,
        /// Who asked.
        process: ProcessId,
    },
    /// An instance failed too often in a row, which the checks of the same owner are to know.
    Suspected {
        instance: InstanceId,
        /// Whose checks.
        process: ProcessId,
        how: OnErrors,
    },
    /// Breakers are held open for an instance from now on, or no longer: those of one caller process, or of
    /// all.
    Hold {
        layer: LayerId,
        instance: InstanceId,
        process: Option<ProcessId>,
        holds: bool,
    },
    /// A setting is changed.
    Setting(SettingChange),
}

impl Change {
    /// Whether an instance may go down by it that is in the middle of its work.
    pub(crate) const fn may_end_process(&self) -> bool {
        matches!(
            self,
            Self::Kill { .. } | Self::Idle { .. } | Self::Stop { .. }
        )
    }

    /// Which instance is in which state from now on, if it says that.
    pub(crate) const fn state(&self) -> Option<(InstanceId, InstanceState)> {
        match *self {
            Self::Down { instance, .. } => Some((instance, InstanceState::Down)),
            Self::Up { instance } => Some((instance, InstanceState::Up)),
            Self::Draining { instance } => Some((instance, InstanceState::Draining)),
            Self::Starting { instance, .. } => Some((instance, InstanceState::Starting)),
            Self::Ended { instance } => Some((instance, InstanceState::Empty)),
            Self::Fault { .. }
            | Self::Strikes(_)
            | Self::Struck(_)
            | Self::ColdStart { .. }
            | Self::Mark { .. }
            | Self::Judged { .. }
            | Self::Hold { .. }
            | Self::Passed { .. }
            | Self::Suspected { .. }
            | Self::Heard { .. }
            | Self::Stop { .. }
            | Self::Kill { .. }
            | Self::Create { .. }
            | Self::Refusing { .. }
            | Self::Idle { .. }
            | Self::Setting(_) => None,
        }
    }
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

    /// Puts a hand-off before all others.
    pub(crate) fn push_first(&mut self, handoff: Handoff) {
        self.handoffs.push_front(handoff);
    }

    /// Puts a change of the world before all else.
    pub(crate) fn push_change_first(&mut self, change: Change) {
        self.changes.push_front(change);
        self.push_first(Handoff::Apply);
    }

    /// Appends a change of the world.
    pub(crate) fn push_change(&mut self, change: Change) {
        self.changes.push_back(change);
        self.push(Handoff::Apply);
    }

    /// Whether other hand-offs than changes are left.
    pub(crate) fn is_amid(&self) -> bool {
        self.handoffs.len() > self.changes.len()
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
