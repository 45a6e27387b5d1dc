//! The waiting room of an instance: who waits for a thread, for how long, and who is next.

use super::Workplace;
use super::instance::{Instance, ServiceSettings, Waiter};
use crate::id::InstanceId;
use crate::kernel::Class;
use crate::model::arena::{AttemptIx, StrandIx};
use crate::model::attempt::AttemptFlag;
use crate::model::cx::Cx;
use crate::model::fact::{DropReason, Observer};
use crate::model::services::event::ServiceEvent;
use crate::model::spec::AbandonedWork;
use crate::queueing::QueuePlace;
use crate::random::{Draws, Uniforms};
use crate::time::SimTime;

impl Workplace {
    /// An operation waits for a thread.
    #[expect(clippy::inline_always, reason = "for every operation that waits")]
    #[inline(always)]
    pub(crate) fn wait<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let attempt = &mut cx.attempts[ix];
        let host = &mut self.instances[attempt.instance];
        let settings = &self.settings[host.service];
        attempt.wait_at(host.room.push(Waiter::Operation(ix).to_bits()));
        if !host.plain && settings.limits_waits() {
            limit_wait(cx, settings, ix);
        }
    }

    /// The operation that leaves a full room for a newcomer, if one does.
    pub(crate) fn make_room(&mut self, instance: InstanceId) -> Option<AttemptIx> {
        let host = &mut self.instances[instance];
        host.dropped_for_a_newcomer(&self.settings[host.service])
    }

    /// Who gets a free thread next, if there is one and somebody waits; else nobody is given any more.
    #[expect(clippy::inline_always, reason = "for every operation that waited")]
    #[inline(always)]
    pub(crate) fn next_in_line(&mut self, instance: InstanceId) -> Option<Waiter> {
        let host = &mut self.instances[instance];
        if !host.has_free_thread() || host.room.is_empty() {
            host.taking = false;
            return None;
        }
        let discipline = self.settings[host.service].queue.discipline;
        let Instance {
            room,
            pick_draws,
            picks,
            ..
        } = host;
        let next = room.pop(discipline, |n| {
            *picks += 1;
            Draws::new(*pick_draws, *picks).below(n)
        });
        let Some(waiter) = next else {
            unreachable!("somebody waits")
        };
        Some(Waiter::from_bits(waiter))
    }

    /// An operation no longer waits.
    pub(crate) fn leave_room<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let attempt = &cx.attempts[ix];
        let room = &mut self.instances[attempt.instance].room;
        let left = room.remove(attempt.place(), Waiter::Operation(ix).to_bits());
        debug_assert!(left, "a waiting operation has its place");
    }

    /// A strand no longer waits for a thread.
    pub(crate) fn leave_line(&mut self, instance: InstanceId, ix: StrandIx, place: QueuePlace) {
        self.instances[instance]
            .room
            .remove(place, Waiter::Strand(ix).to_bits());
    }

    /// Why an operation need not be done, if its service minds.
    #[inline]
    pub(crate) fn useless<O: Observer>(&self, cx: &Cx<'_, O>, ix: AttemptIx) -> Option<DropReason> {
        let attempt = &cx.attempts[ix];
        let reason = if attempt.flags.has(AttemptFlag::Abandoned) {
            DropReason::Skipped
        } else if cx.now >= cx.attempts.deadlines.of(ix) {
            DropReason::Expired
        } else {
            return None;
        };
        let service = self.instances[attempt.instance].service;
        let minds = self.settings[service].abandoned_work != AbandonedWork::Finish;
        minds.then_some(reason)
    }
}

/// Sets the limit of a wait, if it has one.
#[cold]
fn limit_wait<O: Observer>(cx: &mut Cx<'_, O>, settings: &ServiceSettings, ix: AttemptIx) {
    let mut limit = match settings.abandoned_work {
        AbandonedWork::Remove | AbandonedWork::Stop => cx.attempts.deadlines.of(ix),
        AbandonedWork::Finish | AbandonedWork::Skip => SimTime::NEVER,
    };
    if let Some(max_wait) = &settings.queue.max_wait {
        let mut draws = Draws::new(settings.wait_draws, cx.attempts[ix].key);
        limit = limit.min(cx.now + max_wait.sample(&mut draws));
    }
    if limit < SimTime::NEVER {
        let at = limit.max(cx.now);
        let alarm = cx.schedule(at, Class::Expiry, ServiceEvent::Limit(ix));
        cx.attempts.set_alarm(ix, alarm);
    }
}
