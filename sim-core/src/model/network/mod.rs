//! The network: carries requests, answers and the cancel signals of callers who wait no more.
//!
//! Each message takes its edge's latency and may be lost. Faults act on a message at the instant it
//! is sent (rule 21). A hop of zero latency is no event (rule 42).

mod connect;
mod event;
mod links;

use super::attempt::{AttemptFlag, AttemptIx};
use super::cx::Cx;
use super::dial::{Dial, DialIx};
use super::fact::Observer;
use super::handoff::{Change, Handoff};
use crate::id::{Id, IdMap, ServiceId};
use crate::kernel::Class;
use crate::model::spec::{AbandonedWork, ModelSpec, SettingChange};
use crate::policy::{Ending, Outcome, Place};
use crate::random::KeySource;
use crate::time::SimDuration;
use connect::{ConnectLimits, again, lose};
use links::{Fate, Links, Message};

pub(super) use event::NetworkEvent;

/// The network between all processes.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    links: Links,
    /// How long attempts may take to connect.
    connect: ConnectLimits,
    /// Whether a service ever minds that nobody waits, now or after a change of its settings.
    minds: IdMap<ServiceId, bool>,
    /// Answers under way, by attempt.
    answers: Vec<Option<Ending>>,
}

impl Network {
    pub(crate) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        Self {
            links: Links::new(spec, keys),
            connect: ConnectLimits::new(spec),
            minds: spec.services.ids().map(|id| ever_minds(spec, id)).collect(),
            answers: Vec::new(),
        }
    }

    pub(crate) fn handle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, event: NetworkEvent) {
        match event {
            NetworkEvent::Request(ix) => {
                cx.work.push(Handoff::Arrive(ix));
                cx.attempts.message_gone(ix);
            }
            NetworkEvent::Answer(ix) => {
                let Some(ending) = self.answers[ix as usize].take() else {
                    unreachable!("an answer under way has an ending")
                };
                cx.work.push(Handoff::Answered(ix, ending));
            }
            NetworkEvent::Cancel(ix) => cx.work.push(Handoff::Abandoned(ix)),
            NetworkEvent::NoConnection(ix) => self.connect.no_connection(cx, ix),
            NetworkEvent::Again(ix) => again(cx, ix),
        }
    }

    /// Carries a request. Whether it arrives at once; the world then hands it on.
    #[inline]
    pub(crate) fn send<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) -> bool {
        if self.links.all_quiet() {
            return true;
        }
        let fate = self.links.fate(
            cx.spec,
            &cx.attempts[ix],
            cx.attempts.home(ix),
            Message::Request,
        );
        let at_once = fate == Fate::At(SimDuration::ZERO);
        if !at_once {
            self.send_on_its_way(cx, ix, fate);
        }
        at_once
    }

    fn send_on_its_way<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx, fate: Fate) {
        match fate {
            Fate::At(latency) => {
                cx.attempts.message_sent(ix);
                cx.schedule(cx.now + latency, Class::Start, NetworkEvent::Request(ix));
            }
            Fate::Lost => {
                lose(cx, ix, false);
                cx.attempts.callee_leaves(ix);
            }
            Fate::CutOff => self.not_there(cx, ix),
            Fate::Refused => {
                let operation = cx.target(ix);
                cx.attempts.message_sent(ix);
                cx.attempts.callee_leaves(ix);
                let ending = Ending::here(Outcome::ErrorRefused, Place::Network(operation));
                self.carry_answer(cx, ix, ending, SimDuration::ZERO);
            }
        }
    }

    /// Carries a connection to where it leads.
    #[cold]
    pub(crate) fn dial<O: Observer>(&self, cx: &mut Cx<'_, O>, ix: DialIx) {
        let Dial {
            site,
            instance,
            key,
            ..
        } = cx.dials[ix];
        let fate = match site {
            Some(site) => {
                // A pool is in no zone of its own: it dials as from next door.
                let home = cx.spec.zone_of(instance);
                let sent = (site, instance, key);
                self.links.fate_of(cx.spec, sent, home, Message::Request)
            }
            None => Fate::At(SimDuration::ZERO),
        };
        match fate {
            Fate::At(latency) => cx.work.push(Handoff::Carried(ix, latency)),
            Fate::Refused => cx.work.push(Handoff::Refused(ix)),
            Fate::Lost | Fate::CutOff => {}
        }
    }

    /// Sends a request to a process that is no more, over a connection that is older than the one there
    /// now, or by the address of the instance that was there before: it comes back.
    #[cold]
    pub(crate) fn reset<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let home = cx.attempts.home(ix);
        let there = self
            .links
            .fate(cx.spec, &cx.attempts[ix], home, Message::Request);
        let Fate::At(there) = there else {
            return self.send_on_its_way(cx, ix, there);
        };
        let back = self
            .links
            .fate(cx.spec, &cx.attempts[ix], home, Message::Answer);
        let Fate::At(back) = back else {
            return self.send_on_its_way(cx, ix, Fate::Lost);
        };
        let is_former = cx.attempts[ix].flags.has(AttemptFlag::Former);
        let outcome = if is_former {
            Outcome::ErrorRefused
        } else {
            Outcome::ErrorReset
        };
        let ending = Ending::here(outcome, Place::Network(cx.target(ix)));
        cx.attempts.message_sent(ix);
        cx.attempts.callee_leaves(ix);
        self.carry_answer(cx, ix, ending, there + back);
    }

    /// A request found nobody.
    pub(crate) fn not_there<O: Observer>(&self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        self.connect.not_there(cx, ix);
    }

    /// A request found a paused instance whose backlog is full.
    #[cold]
    pub(crate) fn knock<O: Observer>(&self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        self.connect.knock(cx, ix);
    }

    /// Carries an answer; the callee has let go of the attempt, whose record waits for the caller.
    /// Whether it arrives at once; the world then hands it on.
    #[inline]
    pub(crate) fn answer<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: AttemptIx,
        ending: Ending,
    ) -> bool {
        if self.links.all_quiet() {
            return true;
        }
        let fate = self.links.fate(
            cx.spec,
            &cx.attempts[ix],
            cx.attempts.home(ix),
            Message::Answer,
        );
        let at_once = fate == Fate::At(SimDuration::ZERO);
        if !at_once {
            self.answer_on_its_way(cx, ix, ending, fate);
        }
        at_once
    }

    fn answer_on_its_way<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: AttemptIx,
        ending: Ending,
        fate: Fate,
    ) {
        match fate {
            Fate::At(latency) => self.carry_answer(cx, ix, ending, latency),
            Fate::Lost | Fate::Refused | Fate::CutOff => {
                lose(cx, ix, true);
                cx.attempts.message_gone(ix);
            }
        }
    }

    /// Carries the cancel signal to a callee that may mind it and is not done.
    pub(crate) fn abandon<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: AttemptIx) {
        let attempt = &cx.attempts[ix];
        let service = cx.spec.operations[cx.targets[attempt.site]].service;
        if !self.minds[service] {
            cx.attempts.message_gone(ix);
            return;
        }
        match self
            .links
            .fate(cx.spec, attempt, cx.attempts.home(ix), Message::Cancel)
        {
            Fate::Lost | Fate::Refused | Fate::CutOff => cx.attempts.message_gone(ix),
            Fate::At(SimDuration::ZERO) => cx.work.push(Handoff::Abandoned(ix)),
            Fate::At(latency) => {
                cx.schedule(cx.now + latency, Class::Expiry, NetworkEvent::Cancel(ix));
            }
        }
    }

    pub(crate) fn apply<O: Observer>(&mut self, cx: &mut Cx<'_, O>, change: &Change) {
        if let Change::Fault { fault, active } = *change {
            self.links.set_fault(cx.spec, fault.index(), active);
        }
        if let Change::Setting(SettingChange::Layers { layers, kind }) = change {
            self.connect.change(cx.spec, layers, kind);
        }
    }

    fn carry_answer<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: AttemptIx,
        ending: Ending,
        latency: SimDuration,
    ) {
        if latency.is_zero() {
            cx.work.push(Handoff::Answered(ix, ending));
            return;
        }
        let needed = ix as usize + 1;
        if self.answers.len() < needed {
            self.answers.resize(needed, None);
        }
        self.answers[ix as usize] = Some(ending);
        cx.schedule(
            cx.now + latency,
            Class::Completion,
            NetworkEvent::Answer(ix),
        );
    }
}

fn ever_minds(spec: &ModelSpec, service: ServiceId) -> bool {
    let to_mind = |change: &SettingChange| match change {
        SettingChange::AbandonedWork(of, what) => *of == service && *what != AbandonedWork::Finish,
        SettingChange::Layers { .. }
        | SettingChange::Admission(..)
        | SettingChange::Budget(..)
        | SettingChange::Threads(..)
        | SettingChange::Cores(..)
        | SettingChange::Queue(..) => false,
    };
    spec.services[service].abandoned_work != AbandonedWork::Finish
        || spec.setting_changes().any(to_mind)
}
