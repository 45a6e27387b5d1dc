//! How an instance that was told to stop comes to its end (rule 49).
//!
//! Past its `drain` it turns away who comes, and finishes what it has. It has nothing left when no operation
//! waits, runs or is to be accepted there; calls that its operations left behind are not waited for.

use super::Services;
use crate::id::InstanceId;
use crate::model::attempt::Stage;
use crate::model::cx::Cx;
use crate::model::fact::Observer;
use crate::model::handoff::Change;

impl Services {
    /// An instance turns away who comes from now on.
    pub(super) fn refuse<O: Observer>(&mut self, cx: &mut Cx<'_, O>, id: InstanceId) {
        self.doors.refuse(id);
        self.places.instances[id].closing = true;
        self.note_plain(id);
        self.note_if_idle(cx, id);
    }

    /// Says so when an instance that is about to end has nothing left.
    #[inline]
    pub(super) fn note_if_idle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, id: InstanceId) {
        if self.places.instances[id].closing {
            self.look_if_idle(cx, id);
        }
    }

    #[cold]
    fn look_if_idle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, id: InstanceId) {
        let host = &mut self.places.instances[id];
        if host.busy > 0 || !host.room.is_empty() {
            return;
        }
        let there = |stage| match stage {
            Stage::InBacklog | Stage::Waiting | Stage::Running => true,
            Stage::OnTheWay | Stage::Knocking | Stage::Over => false,
        };
        let mut all = cx.attempts.places();
        if !all.any(|(_, attempt)| attempt.instance == id && there(attempt.stage)) {
            host.closing = false;
            cx.work.push_change(Change::Idle { instance: id });
        }
    }
}
