//! The waiting room of an instance: who waits for a thread, for how long, and who is next.

use super::Workplace;
use super::instance::{Instance, ServiceSettings, Waiter};
use crate::id::{InstanceId, ServiceId};
use crate::kernel::Class;
use crate::model::arena::{AttemptIx, StrandIx};
use crate::model::attempt::AttemptFlag;
use crate::model::cx::Cx;
use crate::model::fact::{DropReason, Observer};
use crate::model::key::group_of;
use crate::model::services::event::ServiceEvent;
use crate::model::spec::AbandonedWork;
use crate::queueing::{Joins, QueuePlace, QueueStanding, Taken};
use crate::random::{Draws, Uniforms};
use crate::time::{SimDuration, SimTime};

impl Workplace {
    /// An operation waits for a thread.
    pub(crate) fn wait<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let attempt = &mut cx.attempts[ix];
        let host = &mut self.instances[attempt.instance];
        if host.plain {
            host.seat(ix, attempt);
        } else {
            self.wait_specially(cx, ix);
        }
    }

    /// The same where its wait may have a limit, or where it stands is no matter of arrival alone.
    #[inline(never)]
    pub(crate) fn wait_specially<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let deadline = cx.attempts.deadline(ix, &cx.attempts[ix]);
        let attempt = &mut cx.attempts[ix];
        let host = &mut self.instances[attempt.instance];
        let settings = &self.settings[host.service];
        if settings.queue.is_simple() {
            host.seat(ix, attempt);
        } else {
            host.found_by_a_newcomer();
            let standing = QueueStanding {
                since: cx.now,
                deadline,
                group: group_of(
                    cx.spec,
                    attempt.site,
                    attempt.labels,
                    &settings.queue.groups,
                ),
            };
            attempt.wait_at(
                host.room
                    .join(Waiter::Operation(ix).to_bits(), Joins::Begins(standing)),
            );
        }
        if settings.limits_waits() {
            limit_wait(cx, settings, ix);
        }
    }

    /// The waiting rooms of a service are arranged by its settings, which have changed.
    pub(crate) fn arrange_service<O: Observer>(&mut self, cx: &Cx<'_, O>, service: ServiceId) {
        for id in cx.spec.instances_of(service) {
            let host = &mut self.instances[id];
            host.arrange(&self.settings[service].queue, |groups, ix| {
                let attempt = &cx.attempts[ix];
                let mut clock = attempt.clock;
                clock.stop(cx.now);
                QueueStanding {
                    since: cx.now.before(clock.sum()),
                    deadline: cx.attempts.deadline(ix, attempt),
                    group: group_of(cx.spec, attempt.site, attempt.labels, groups),
                }
            });
        }
    }

    /// Whether an operation that is about to get a thread is dropped for having waited too long
    /// (rule 58).
    pub(crate) fn has_waited_too_long<O: Observer>(
        &mut self,
        cx: &Cx<'_, O>,
        ix: AttemptIx,
    ) -> bool {
        let attempt = &cx.attempts[ix];
        let host = &mut self.instances[attempt.instance];
        let Some(codel) = &mut host.codel else {
            return false;
        };
        let Some(config) = &self.settings[host.service].queue.codel else {
            return false;
        };
        let mut clock = attempt.clock;
        clock.stop(cx.now);
        let waited = clock.sum();
        let joined = cx.now.before(waited);
        let taken = Taken {
            waited,
            left: host.room.beginning(),
            busy_before: SimDuration::from_ns(
                joined
                    .as_ns()
                    .saturating_sub(host.room.busy_since().as_ns()),
            ),
        };
        codel.drops(config, cx.now, taken)
    }

    /// The operation that leaves a full room for a newcomer, if one does.
    pub(crate) fn make_room(&mut self, instance: InstanceId) -> Option<AttemptIx> {
        let host = &mut self.instances[instance];
        host.dropped_for_a_newcomer(&self.settings[host.service])
    }

    /// Who gets a free thread next, if there is one and somebody waits; else nobody is given any more.
    #[expect(clippy::inline_always, reason = "for every operation that waited")]
    #[inline(always)]
    pub(crate) fn next_in_line(&mut self, now: SimTime, instance: InstanceId) -> Option<Waiter> {
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
        let next = room.pop(now, discipline, |n| {
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
        let host = &mut self.instances[instance];
        let left = host.room.remove(place, Waiter::Strand(ix).to_bits());
        host.strands_waiting -= u32::from(left);
    }

    /// Why an operation need not be done, if its service minds.
    #[inline]
    pub(crate) fn useless<O: Observer>(&self, cx: &Cx<'_, O>, ix: AttemptIx) -> Option<DropReason> {
        let attempt = &cx.attempts[ix];
        let reason = if attempt.flags.has(AttemptFlag::Abandoned) {
            DropReason::Skipped
        } else if cx.now >= cx.attempts.deadline(ix, attempt) {
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
        AbandonedWork::Remove | AbandonedWork::Stop => cx.attempts.deadline(ix, &cx.attempts[ix]),
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
