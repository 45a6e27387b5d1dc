//! A paused instance: a process that is stopped, on a machine that is not.
//!
//! A stopped process accepts nothing and refuses nothing. Its machine goes on connecting callers until
//! the listen backlog is full, and takes what is sent on those connections; so an attempt that comes
//! waits there, unseen, for as long as its caller does. Beyond the backlog the machine drops the first
//! packet without a word, and the caller's machine sends it again later (`network/connect`).
//!
//! What reaches the process in another way waits too: results of its calls, the cancel signals
//! of callers, limits of waits. When it goes on, it meets all this in the order in which it came, and then
//! accepts the backlog in order. Those in the backlog whose callers have gone are accepted like the
//! others: a service that minds abandoned work drops them then, another works for nobody.
//!
//! If the process dies instead, its machine closes what was connected. What is in the backlog counts
//! as under way, not as arrived (rule 31).
//!
//! The timers of the policies around its own calls run on, as if their library was elsewhere.

use super::strand::{StrandIx, Wait};
use super::{Services, drop_waiting, let_go};
use crate::id::InstanceId;
use crate::model::attempt::{AttemptFlag, AttemptIx, Stage};
use crate::model::cx::Cx;
use crate::model::fact::{AttemptNo, Observer};
use crate::model::handoff::Handoff;
use crate::policy::{Ending, Outcome, Place};
use std::collections::VecDeque;

/// An attempt that may be over when its turn comes: its place may then be another one's.
type Who = (AttemptIx, AttemptNo);

/// Something that happened to a paused instance.
#[derive(Clone, Copy, Debug)]
enum Met {
    /// A call of a strand ended: it goes on, or fails with this.
    CallEnded(StrandIx, Who, Option<Ending>),
    /// A strand may go on: the same work of another has ended.
    Woken(StrandIx, Who),
    /// The limit of a wait, or a deadline, has come.
    Limit(Who),
    /// Nobody waits for an attempt. Its record is kept until this is dealt with.
    Abandoned(AttemptIx),
}

/// What waits for the end of a pause.
#[derive(Debug, Default)]
pub(super) struct Frozen {
    /// Connections, in order.
    backlog: VecDeque<AttemptIx>,
    /// What happened, in order.
    met: Vec<Met>,
}

impl Frozen {
    pub(super) fn is_empty(&self) -> bool {
        self.backlog.is_empty() && self.met.is_empty()
    }

    pub(super) fn call_ended(&mut self, strand: StrandIx, of: Who, failed: Option<Ending>) {
        self.met.push(Met::CallEnded(strand, of, failed));
    }

    pub(super) fn woken(&mut self, strand: StrandIx, of: Who) {
        self.met.push(Met::Woken(strand, of));
    }

    pub(super) fn limit(&mut self, ix: AttemptIx, number: AttemptNo) {
        self.met.push(Met::Limit((ix, number)));
    }

    pub(super) fn abandoned(&mut self, ix: AttemptIx) {
        self.met.push(Met::Abandoned(ix));
    }
}

impl Services {
    /// An attempt comes to a paused instance.
    #[cold]
    pub(super) fn hold_back<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let attempt = &mut cx.attempts[ix];
        let host = &mut self.instances[attempt.instance];
        if host.frozen.backlog.len() >= self.settings[host.service].backlog {
            cx.work.push(Handoff::Knock(ix));
            return;
        }
        attempt.stage = Stage::InBacklog;
        host.frozen.backlog.push_back(ix);
    }

    /// A pause is over.
    #[cold]
    pub(super) fn thaw<O: Observer>(&mut self, cx: &mut Cx<'_, O>, id: InstanceId) {
        let Frozen { backlog, met } = std::mem::take(&mut self.instances[id].frozen);
        for what in met {
            self.meet(cx, what);
        }
        self.run_ready(cx);
        for ix in backlog {
            self.accept_late(cx, ix);
        }
    }

    fn meet<O: Observer>(&mut self, cx: &mut Cx<'_, O>, what: Met) {
        match what {
            Met::CallEnded(strand, of, failed) => {
                if !self.unfreeze(cx, strand, of) {
                    return;
                }
                if let Some(ending) = failed {
                    return self.fail_with(cx, strand, ending);
                }
                self.strands[strand].advance();
                self.ready.push_back(strand);
            }
            Met::Woken(strand, of) => {
                if self.unfreeze(cx, strand, of) {
                    self.ready.push_back(strand);
                }
            }
            Met::Limit(of) => {
                let stage = cx.attempts[of.0].stage;
                if is_still(cx, of) && matches!(stage, Stage::Waiting | Stage::Running) {
                    self.on_limit(cx, of.0);
                }
            }
            Met::Abandoned(ix) => self.on_abandoned(cx, ix),
        }
    }

    /// Whether a strand still waits for the end of the pause: something that came before may have
    /// ended its operation, or this branch of it.
    fn unfreeze<O: Observer>(&mut self, cx: &Cx<'_, O>, ix: StrandIx, of: Who) -> bool {
        let strand = &mut self.strands[ix];
        let waits = strand.attempt == of.0 && strand.wait() == Wait::Frozen;
        let frozen = waits && is_still(cx, of);
        if frozen {
            strand.wait_for(Wait::Nothing);
        }
        frozen
    }

    /// An attempt in the backlog is accepted.
    fn accept_late<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        self.accept(cx, ix);
        // Where it would wait although its caller is known to have gone, it need not.
        if cx.attempts[ix].stage == Stage::Waiting
            && let Some(reason) = self.useless(cx, ix)
        {
            self.leave_room(cx, ix);
            drop_waiting(cx, ix, reason);
        }
    }

    /// A process dies while it is paused: its connections are closed, or nobody tells.
    pub(super) fn lose_frozen<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        id: InstanceId,
        callers_see_reset: bool,
    ) {
        let Frozen { backlog, met } = std::mem::take(&mut self.instances[id].frozen);
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

/// Whether a place still holds the same attempt.
fn is_still<O: Observer>(cx: &Cx<'_, O>, (ix, number): Who) -> bool {
    cx.attempts[ix].number == number
}
