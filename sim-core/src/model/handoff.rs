//! Hand-offs: how the parts of the world speak to each other.
//!
//! Parts never call each other. A handler puts hand-offs on the work list; the world drains it in
//! order within the event, so what follows without delay happens at once (rule 42).

use super::attempt::AttemptIx;
use super::call::CallIx;
use crate::id::{FaultId, InstanceId};
use crate::model::spec::SettingChange;
use crate::policy::Ending;
use std::collections::VecDeque;

/// Something for another part to do within the present event.
#[derive(Clone, Debug)]
pub(crate) enum Handoff {
    /// To calls: walk this call through its policy.
    StartCall(CallIx),
    /// To network: carry the request.
    Send(AttemptIx),
    /// To services: the request is there.
    Arrive(AttemptIx),
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
    /// To all parts: the world changes from outside.
    Apply(Box<Change>),
}

/// Everything that alters the world from outside.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// A fault begins to act, or ceases.
    Fault { fault: FaultId, active: bool },
    /// An instance dies.
    Down {
        instance: InstanceId,
        callers_see_reset: bool,
    },
    /// An instance comes back, empty.
    Up { instance: InstanceId },
    /// Work of an instance takes so many times as long, until it is set again.
    ColdStart { instance: InstanceId, factor: f64 },
    /// Balancers may choose an instance, or not.
    Rotation {
        instance: InstanceId,
        in_rotation: bool,
    },
    /// A setting is changed.
    Setting(SettingChange),
}

/// The hand-offs of the present event, in order.
pub(crate) type Work = VecDeque<Handoff>;
