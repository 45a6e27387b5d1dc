//! Sagas whose process has died: another one goes on with each, after a while (rule 88).
//!
//! It is asked by a call of its own to a process of the same service: the next one that is up, marked or
//! not, or the first to come. The call goes through the queue and takes a thread; one that is turned away,
//! or dies with its process, is made again after the same time.

use super::event::SourceEvent;
use crate::id::InstanceId;
use crate::kernel::Class;
use crate::model::arena::{CallIx, NONE};
use crate::model::call::{NewCall, Then};
use crate::model::cx::Cx;
use crate::model::directory::InstanceState;
use crate::model::fact::Observer;
use crate::model::handoff::{Change, Handoff};
use crate::model::saga::SagaIx;
use crate::random::child_key;
use crate::time::SimTime;

/// Where the keys of calls that go on with a saga begin: above all numbers of passes and fallbacks.
const RESUMPTIONS: u64 = 1 << 33;

/// Sagas that nobody carries out.
#[derive(Clone, Debug, Default)]
pub(super) struct LeftSagas {
    /// Those that are due while no process of their service is up, in order.
    waiting: Vec<SagaIx>,
}

impl LeftSagas {
    /// Nobody carries a saga out any more.
    pub(super) fn on_left<O: Observer>(cx: &mut Cx<'_, O>, ix: SagaIx) {
        cx.sagas[ix].rounds += 1;
        let after = cx.spec.sagas[cx.sagas[ix].saga].resume_after;
        cx.schedule(cx.now + after, Class::Start, SourceEvent::SagaResumes(ix));
    }

    /// Somebody is to go on with a saga.
    pub(super) fn on_due<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: SagaIx) {
        match next_up(cx, ix) {
            Some(instance) => ask(cx, ix, instance),
            None => self.waiting.push(ix),
        }
    }

    /// Who was asked to go on with a saga has answered. If it never took it up, it is asked again.
    pub(super) fn on_answered<O: Observer>(cx: &mut Cx<'_, O>, ix: SagaIx, call: CallIx) {
        if cx.sagas[ix].asked == call {
            cx.sagas[ix].asked = NONE;
            Self::on_left(cx, ix);
        }
    }

    pub(super) fn apply<O: Observer>(&mut self, cx: &mut Cx<'_, O>, change: &Change) {
        if let Change::Up { instance } = *change {
            let service = cx.spec.instances[instance];
            let is_of = |ix: &SagaIx| cx.spec.instances[cx.sagas[*ix].owner] == service;
            let (due, others) = self.waiting.iter().copied().partition(is_of);
            self.waiting = others;
            let due: Vec<SagaIx> = due;
            for ix in due {
                ask(cx, ix, instance);
            }
        }
        if let Change::Down { instance, .. } = *change {
            // A call dies with the process that makes it, and nobody is told.
            let died: Vec<SagaIx> = cx
                .sagas
                .places()
                .filter(|(_, it)| it.asked != NONE && it.owner == instance)
                .map(|(ix, _)| ix)
                .collect();
            for ix in died {
                cx.sagas[ix].asked = NONE;
                Self::on_left(cx, ix);
            }
        }
    }
}

/// The next process that is up, after the one that had the saga.
fn next_up<O: Observer>(cx: &Cx<'_, O>, ix: SagaIx) -> Option<InstanceId> {
    let owner = cx.sagas[ix].owner;
    let all: Vec<InstanceId> = cx.spec.instances_of(cx.spec.instances[owner]).collect();
    let place = all.iter().position(|&it| it == owner).unwrap_or(0);
    let (before, after) = all.split_at(place + 1);
    let is_up = |it: &&InstanceId| cx.directory.member(**it).state == InstanceState::Up;
    after.iter().chain(before).find(is_up).copied()
}

fn ask<O: Observer>(cx: &mut Cx<'_, O>, ix: SagaIx, instance: InstanceId) {
    let record = &mut cx.sagas[ix];
    record.owner = instance;
    let new = NewCall {
        key: child_key(record.key, RESUMPTIONS, u64::from(record.rounds)),
        site: cx.spec.sagas[record.saga].resumes,
        process: cx.spec.process_of(instance),
        then: Then::Saga(ix),
        labels: record.labels,
        avoid: NONE,
        original: true,
    };
    let lineage = record.lineage;
    let call = cx.calls.open(cx.now, new, SimTime::NEVER);
    cx.calls.lineage.set(call, lineage);
    cx.sagas[ix].asked = call;
    cx.work.push(Handoff::StartCall(call, 0));
}
