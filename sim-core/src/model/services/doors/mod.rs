//! Doors: who gets in at an instance, and who has been there before.
//!
//! A dead process refuses, or nobody is there to refuse; a paused one keeps callers waiting before the
//! door ([`frozen`]). An operation with idempotency keys asks here whether its call is known ([`keys`]).

mod frozen;
mod gate;
mod keys;
mod leaving;
mod refusals;

pub(super) use frozen::{Frozen, Met};
pub(super) use gate::let_through;
pub(super) use keys::Claimed;
pub(super) use leaving::give_back;
pub(super) use refusals::{drop_waiting, expired, let_go, reject, reject_newcomer};

use crate::id::{IdMap, InstanceId};
use crate::model::arena::AttemptIx;
use crate::model::attempt::{AttemptFlag, Stage};
use crate::model::cx::Cx;
use crate::model::fact::{Fact, Observer};
use crate::model::handoff::Handoff;
use crate::model::spec::{CallersSee, ModelSpec};
use crate::policy::{Ending, Outcome, Place};
use crate::time::SimTime;

/// The doors of all instances.
#[derive(Clone, Debug)]
pub(super) struct Doors {
    each: IdMap<InstanceId, Door>,
    /// Whether any operation has idempotency keys.
    pub(super) keeps_keys: bool,
}

/// The door of an instance.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each holds by itself")]
struct Door {
    /// When its process last began.
    since: SimTime,
    down: bool,
    /// Whether the machine is gone with it, so that nobody refuses what arrives.
    gone: bool,
    paused: bool,
    /// Whether it was told to stop, and is not up again.
    leaving: bool,
    /// Connections that wait during a pause \[count\].
    backlog: usize,
    /// What waits for the end of a pause.
    frozen: Frozen,
}

const _: () = assert!(
    size_of::<Door>() <= 96,
    "a slot has 320 bytes: member, life, door and gate"
);

impl Doors {
    pub(crate) fn new(spec: &ModelSpec) -> Self {
        let door = |&service| Door {
            since: SimTime::ZERO,
            down: false,
            gone: false,
            paused: false,
            leaving: false,
            backlog: spec.services[service]
                .backlog
                .map_or(usize::MAX, |places| places as usize),
            frozen: Frozen::default(),
        };
        Self {
            each: spec.instances.iter().map(door).collect(),
            keeps_keys: spec.operations.iter().any(|it| it.keys.is_some()),
        }
    }

    /// Whether the process of an instance lives and runs.
    #[inline]
    pub(crate) fn is_open(&self, instance: InstanceId) -> bool {
        let door = &self.each[instance];
        !door.down && !door.paused
    }

    /// Whether the process of an instance is dead.
    pub(crate) fn is_down(&self, instance: InstanceId) -> bool {
        self.each[instance].down
    }

    /// An attempt comes to the door: whether it is let in now.
    #[inline]
    pub(crate) fn lets_in<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) -> bool {
        let is_open = self.is_open(cx.attempts[ix].instance);
        if !is_open {
            self.keep_out(cx, ix);
        }
        is_open
    }

    /// An attempt comes to a closed door.
    #[cold]
    fn keep_out<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let door = &mut self.each[cx.attempts[ix].instance];
        if door.down && door.gone {
            cx.attempts[ix].flags.add(AttemptFlag::Unreachable);
            cx.work.push(Handoff::NotThere(ix));
        } else if door.down {
            if door.leaving {
                tell_turned_away(cx, ix);
            }
            let ending = Ending::here(Outcome::ErrorRefused, Place::Network(cx.target(ix)));
            let_go(cx, ix, Some(ending));
        } else if door.frozen.backlog.len() >= door.backlog {
            cx.work.push(Handoff::Knock(ix));
        } else {
            cx.attempts[ix].stage = Stage::InBacklog;
            door.frozen.backlog.push_back(ix);
        }
    }

    /// What waits for the end of the pause, if an instance is paused.
    #[inline]
    pub(crate) fn frozen(&mut self, instance: InstanceId) -> Option<&mut Frozen> {
        let door = &mut self.each[instance];
        door.paused.then_some(&mut door.frozen)
    }

    /// Whether an instance is paused.
    pub(crate) fn is_paused(&self, instance: InstanceId) -> bool {
        self.each[instance].paused
    }

    /// A pause begins, lasts, or is over: what has waited for its end.
    pub(crate) fn set_paused(&mut self, instance: InstanceId, paused: bool) -> Option<Frozen> {
        let door = &mut self.each[instance];
        door.paused = paused;
        let is_over = !paused && !door.frozen.is_empty();
        is_over.then(|| std::mem::take(&mut door.frozen))
    }

    /// A process dies.
    pub(crate) fn shut(&mut self, instance: InstanceId, callers_see: CallersSee) {
        let door = &mut self.each[instance];
        door.down = true;
        door.gone = callers_see == CallersSee::Unreachable;
    }

    /// A process that was told to stop turns away who comes.
    pub(crate) fn refuse(&mut self, instance: InstanceId) {
        self.shut(instance, CallersSee::Reset);
        self.each[instance].leaving = true;
    }

    /// A process is back.
    pub(crate) fn open(&mut self, instance: InstanceId, now: SimTime) {
        let door = &mut self.each[instance];
        (door.down, door.leaving, door.since) = (false, false, now);
    }

    /// When a process last began.
    pub(crate) fn since(&self, instance: InstanceId) -> SimTime {
        self.each[instance].since
    }

    /// Whether a connection is let in: by a process that runs, whatever it has to do. Else what who
    /// comes sees, nothing if it stands still.
    pub(crate) fn answers(&self, instance: InstanceId) -> Result<(), Option<CallersSee>> {
        let door = &self.each[instance];
        match (door.down, door.gone, door.paused) {
            (true, true, _) => Err(Some(CallersSee::Unreachable)),
            (true, false, _) => Err(Some(CallersSee::Reset)),
            (false, _, true) => Err(None),
            (false, _, false) => Ok(()),
        }
    }

    /// A process dies while it is paused: its connections are closed, or nobody tells.
    pub(crate) fn lose_frozen<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        instance: InstanceId,
        callers_see_reset: bool,
    ) {
        let Frozen { backlog, met } = std::mem::take(&mut self.each[instance].frozen);
        for ix in backlog {
            let reset = Ending::here(Outcome::ErrorReset, Place::Network(cx.target(ix)));
            if !callers_see_reset {
                cx.attempts[ix].flags.add(AttemptFlag::Unreachable);
            }
            let_go(cx, ix, callers_see_reset.then_some(reset));
        }
        for what in met {
            if let Met::Abandoned(ix) = what {
                cx.attempts.message_gone(ix);
            }
        }
    }
}

/// Somebody comes who has not heard that an instance is leaving.
fn tell_turned_away<O: Observer>(cx: &mut Cx<'_, O>, ix: AttemptIx) {
    let attempt = &cx.attempts[ix];
    let fact = Fact::TurnedAway {
        attempt: attempt.number,
        operation: cx.targets[attempt.site],
        instance: attempt.instance,
    };
    cx.tell(&fact);
}
