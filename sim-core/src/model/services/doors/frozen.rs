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

use crate::model::arena::{AttemptIx, StrandIx};
use crate::model::fact::AttemptNo;
use crate::policy::Ending;
use std::collections::VecDeque;

/// An attempt that may be over when its turn comes: its place may then be another one's.
pub(crate) type Who = (AttemptIx, AttemptNo);

/// Something that happened to a paused instance.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Met {
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
#[derive(Clone, Debug, Default)]
pub(crate) struct Frozen {
    /// Connections, in order.
    pub(crate) backlog: VecDeque<AttemptIx>,
    /// What happened, in order.
    pub(crate) met: Vec<Met>,
}

impl Frozen {
    pub(crate) fn is_empty(&self) -> bool {
        self.backlog.is_empty() && self.met.is_empty()
    }

    pub(crate) fn call_ended(&mut self, strand: StrandIx, of: Who, failed: Option<Ending>) {
        self.met.push(Met::CallEnded(strand, of, failed));
    }

    pub(crate) fn woken(&mut self, strand: StrandIx, of: Who) {
        self.met.push(Met::Woken(strand, of));
    }

    pub(crate) fn limit(&mut self, ix: AttemptIx, number: AttemptNo) {
        self.met.push(Met::Limit((ix, number)));
    }

    pub(crate) fn abandoned(&mut self, ix: AttemptIx) {
        self.met.push(Met::Abandoned(ix));
    }
}
