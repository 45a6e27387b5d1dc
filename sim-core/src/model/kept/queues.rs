//! Queues of messages: one machine each, in the process of one instance (rules 79 to 85, 98).
//!
//! Operations of the service store messages by hand-offs; the machine says who gets them, and the
//! hand-out is a call that `sources` makes. Its outcome is the answer. A message that is given up goes to
//! another queue within the same event.

use super::event::KeptEvent;
use crate::id::{ConsumerId, FaultId, Id, IdMap, InstanceId, QueueId};
use crate::keeping::queue::{
    Answered, Handout, HandoutFailure, LeftMessage, MemberIx, MessageEnd, NewMessage, Published,
    Queue, QueueDoes, QueueLevel, QueueSums, Seen,
};
use crate::kernel::{Class, Timer};
use crate::model::arena::Arena;
use crate::model::attempt::AttemptIx;
use crate::model::call::Labels;
use crate::model::cx::Cx;
use crate::model::delivery::{Delivery, DeliveryIx};
use crate::model::fact::{AttemptNo, Fact, Observer};
use crate::model::handoff::{Change, Handoff};
use crate::model::lineage::Lineage;
use crate::model::spec::{
    CallersSee, FaultKind, KeptFault, MessageQueueSpec, ModelSpec, OnHandlerError,
};
use crate::policy::{Ending, Outcome, Place};
use crate::random::{Draws, KeySource, SiteKey, uniform};
use crate::time::{SimDuration, SimTime};

/// All queues.
#[derive(Clone, Debug)]
pub(super) struct Queues {
    all: IdMap<QueueId, Host>,
    /// What each kind of consumers has done: it outlives them.
    inboxes: IdMap<ConsumerId, Seen>,
    /// Messages that were given up, on their way to another queue.
    moving: Vec<(QueueId, NewMessage)>,
    /// Draws of faults that poison messages.
    poison: IdMap<FaultId, SiteKey>,
    /// When a fault moves the next message, if it moves any.
    redrives: IdMap<FaultId, Timer>,
}

/// Who moves a message from one queue to another: nobody waits for it.
const MOVES: u32 = u32::MAX;

/// A queue and what belongs to it.
#[derive(Clone, Debug)]
struct Host {
    queue: Queue,
    /// The instance that keeps it.
    home: InstanceId,
    /// Whom each member is.
    members: Vec<(ConsumerId, InstanceId)>,
    alarm: Timer,
    alarm_at: SimTime,
    told: QueueLevel,
    /// Operations that wait until there is room for their message, by the number they wait under.
    outside: Arena<(AttemptIx, AttemptNo)>,
    /// Draws for delays.
    draws: SiteKey,
    /// Faults that poison messages now.
    poisoned_by: Vec<FaultId>,
}

impl Queues {
    pub(super) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        let all = spec.queues.iter_enumerated();
        Self {
            all: all.map(|(id, of)| Host::new(spec, keys, id, of)).collect(),
            inboxes: spec.consumers.iter().map(|_| Seen::default()).collect(),
            moving: Vec::new(),
            poison: spec
                .faults
                .iter()
                .map(|fault| keys.site(&["fault", &fault.name], "poison"))
                .collect(),
            redrives: spec.faults.iter().map(|_| Timer::NONE).collect(),
        }
    }

    /// How full each is, and what has become of its messages.
    pub(super) fn levels(&self) -> impl Iterator<Item = (QueueLevel, QueueSums)> {
        let all = self.all.iter();
        all.map(|host| (host.queue.level(), host.queue.sums()))
    }

    /// Something is due.
    pub(super) fn wake<O: Observer>(&mut self, cx: &mut Cx<'_, O>, id: QueueId) {
        self.all[id].alarm = Timer::NONE;
        self.settle(cx, id);
    }

    /// An operation stores a message, unless it has ended meanwhile.
    pub(super) fn store<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: AttemptIx,
        number: AttemptNo,
    ) {
        let attempt = &cx.attempts[ix];
        let stores = cx.spec.operations[cx.targets[attempt.site]].stores;
        let Some(id) = stores.filter(|_| attempt.number == number) else {
            return;
        };
        let lineage = cx.attempts.lineage.of(ix);
        let new = NewMessage {
            identity: lineage.identity,
            key: lineage.mark,
            with: together(lineage, attempt.labels) | self.poisons(cx.spec, id, lineage.identity),
        };
        let who = self.all[id].outside.insert((ix, number));
        match self.publish(cx, id, number, who, new) {
            Published::Waits => {}
            Published::Stored(_) | Published::Duplicate => self.answer(cx, id, who, None),
            Published::Rejected => {
                self.answer(cx, id, who, Some(Outcome::RejectedQueueFull));
            }
        }
        self.settle(cx, id);
    }

    /// Whether a message that is stored now can never be worked on, as a mark in what goes with it.
    fn poisons(&self, spec: &ModelSpec, queue: QueueId, identity: u64) -> u64 {
        let hit = self.all[queue].poisoned_by.iter().any(|&fault| {
            let FaultKind::Kept(KeptFault::Poison { share, .. }) = spec.faults[fault].kind else {
                return false;
            };
            share.hit(uniform(self.poison[fault], identity))
        });
        if hit { POISON } else { 0 }
    }

    /// Who stores a message is told how that went, unless the operation has ended meanwhile.
    fn answer<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        queue: QueueId,
        who: u32,
        refused: Option<Outcome>,
    ) {
        let outside = &mut self.all[queue].outside;
        let (attempt, number) = outside[who];
        outside.remove(who);
        if cx.attempts[attempt].number == number {
            cx.work.push(Handoff::Stored(attempt, refused));
        }
    }

    fn publish<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        queue: QueueId,
        attempt: AttemptNo,
        who: u32,
        new: NewMessage,
    ) -> Published {
        let config = &cx.spec.queues[queue].config;
        let machine = &mut self.all[queue].queue;
        let published = if who == MOVES {
            machine.move_in(config, cx.now, who, new)
        } else {
            machine.publish(config, cx.now, who, new)
        };
        match published {
            Published::Stored(_) => cx.tell(&Fact::MessageStored { queue, attempt }),
            Published::Duplicate => cx.tell(&Fact::MessageKnown { queue, attempt }),
            Published::Rejected => cx.tell(&Fact::MessageRefused { queue, attempt }),
            Published::Waits => {}
        }
        published
    }

    /// The work on a message begins: its lease may begin then, or it is settled.
    pub(super) fn handling<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: DeliveryIx) {
        let delivery = cx.deliveries[ix];
        let config = &cx.spec.queues[delivery.queue].config;
        if config.lease.is_some_and(|lease| lease.from_start) {
            let machine = &mut self.all[delivery.queue].queue;
            machine.renew(config, cx.now, delivery.handout);
        }
        if cx.spec.consumers[delivery.consumer].ack_before {
            cx.deliveries[ix].settled = true;
            return self.ack(cx, delivery);
        }
        self.settle(cx, delivery.queue);
    }

    /// The call that handed a message out has its outcome.
    pub(super) fn handled<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: DeliveryIx,
        ending: Ending,
    ) {
        let outcome = ending.outcome();
        let delivery = cx.deliveries[ix];
        cx.deliveries.remove(ix);
        if delivery.vanished {
            return;
        }
        let Delivery { queue, handout, .. } = delivery;
        let spec = &cx.spec.queues[queue];
        let host = &mut self.all[queue];
        host.queue.lets_go(delivery.member, delivery.life);
        if delivery.settled {
            if !outcome.is_useful() {
                let age = cx.now.since(delivery.stored_at);
                cx.tell(&Fact::MessageUnfinished { queue, age });
            }
            return self.settle(cx, queue);
        }
        let (config, now) = (&spec.config, cx.now);
        let on_error = cx.spec.consumers[delivery.consumer].on_error;
        let delay = || host.delay(spec, delivery.lineage.identity, handout);
        let is_current = match (said(ending), on_error) {
            (Said::Done, _) => {
                let inbox = cx.spec.consumers[delivery.consumer].inbox;
                if !inbox.is_zero() {
                    let known = &mut self.inboxes[delivery.consumer];
                    known.remember(delivery.lineage.identity, now + inbox);
                }
                return self.ack(cx, delivery);
            }
            (Said::Reset, _) => {
                // Its process has died: that is noticed when such a loss is noticed.
                let machine = &mut host.queue;
                if machine.is_to_be_noticed(delivery.member, delivery.life) {
                    true
                } else {
                    let zero = SimDuration::ZERO;
                    machine.fail(config, now, handout, HandoutFailure::Lost, zero)
                }
            }
            (Said::NotReached, _) => host.queue.not_reached(config, now, handout, ASKS_AGAIN),
            (Said::Failed, OnHandlerError::Ack) => return self.ack(cx, delivery),
            (Said::Failed, OnHandlerError::Nack) => {
                let (delay, nack) = (delay(), HandoutFailure::Nack);
                host.queue.fail(config, now, handout, nack, delay)
            }
            (Said::Failed, OnHandlerError::Reject) => {
                let (delay, reject) = (delay(), HandoutFailure::Reject);
                host.queue.fail(config, now, handout, reject, delay)
            }
            (Said::Failed, OnHandlerError::DeadLetter) => host.queue.give_up(config, handout),
            (Said::Failed, OnHandlerError::Leave) => true,
        };
        if !is_current {
            cx.tell(&Fact::AnswerTooLate { queue });
        }
        self.settle(cx, queue);
    }

    /// The request of a hand-out, or the answer to it, was lost on the way. The consumer may have another
    /// message; this one comes back at the end of its lease, or once the silence is noticed.
    pub(super) fn vanished<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: DeliveryIx) {
        let delivery = cx.deliveries[ix];
        if std::mem::replace(&mut cx.deliveries[ix].vanished, true) {
            return;
        }
        let queue = delivery.queue;
        let config = &cx.spec.queues[queue].config;
        let machine = &mut self.all[queue].queue;
        machine.lets_go(delivery.member, delivery.life);
        if let (false, Some(after)) = (delivery.settled, config.lost.silent) {
            let lost = HandoutFailure::Lost;
            machine.fail(config, cx.now, delivery.handout, lost, after);
        }
        self.settle(cx, queue);
    }

    fn ack<O: Observer>(&mut self, cx: &mut Cx<'_, O>, delivery: Delivery) {
        let queue = delivery.queue;
        let host = &mut self.all[queue];
        let answered = host
            .queue
            .ack(&cx.spec.queues[queue].config, delivery.handout);
        let age = cx.now.since(delivery.stored_at);
        match answered {
            Answered::InTime | Answered::Late => cx.tell(&Fact::MessageSettled {
                queue,
                late: answered == Answered::Late,
                age,
            }),
            Answered::TooLate => cx.tell(&Fact::AnswerTooLate { queue }),
        }
        self.settle(cx, queue);
    }

    pub(super) fn apply<O: Observer>(&mut self, cx: &mut Cx<'_, O>, change: &Change) {
        if let Change::Down {
            instance,
            callers_see,
        } = *change
        {
            self.process_changes(cx, instance, Some(callers_see == CallersSee::Reset));
        }
        if let Change::Up { instance } = *change {
            self.process_changes(cx, instance, None);
        }
        if let Change::Draining { instance } = *change {
            for host in &mut self.all {
                for member in 0..host.members.len() {
                    if host.members[member].1 == instance {
                        host.queue.leaves(member as MemberIx);
                    }
                }
            }
        }
        if let Change::Fault { fault, active } = *change {
            self.fault(cx, fault, active);
        }
    }

    /// A process stands still from now on, or goes on: one that keeps a queue hands nothing out meanwhile, and
    /// a consumer is silent.
    pub(super) fn stands_still<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        instance: InstanceId,
        still: bool,
    ) {
        for index in 0..self.all.len() {
            let id = QueueId::from_index(index);
            let config = &cx.spec.queues[id].config;
            let host = &mut self.all[id];
            let mut concerns = host.home == instance;
            match still {
                true if concerns => host.queue.close(),
                false if concerns => host.queue.open(),
                true | false => {}
            }
            for member in 0..host.members.len() {
                if host.members[member].1 != instance {
                    continue;
                }
                concerns = true;
                let member = member as MemberIx;
                if still {
                    host.queue.gone(config, cx.now, member, false);
                } else {
                    host.queue.goes_on(config, cx.now, member);
                }
            }
            if concerns {
                self.settle(cx, id);
            }
        }
    }

    /// A fault on messages begins or ends.
    fn fault<O: Observer>(&mut self, cx: &mut Cx<'_, O>, fault: FaultId, active: bool) {
        match cx.spec.faults[fault].kind {
            FaultKind::Kept(KeptFault::Poison { queue, .. }) => {
                let by = &mut self.all[queue].poisoned_by;
                by.retain(|&other| other != fault);
                if active {
                    by.push(fault);
                }
            }
            FaultKind::Kept(KeptFault::Redrive { .. }) if active => self.redrives(cx, fault),
            FaultKind::Kept(KeptFault::Redrive { .. }) => {
                let timer = std::mem::replace(&mut self.redrives[fault], Timer::NONE);
                cx.events.cancel(timer);
            }
            FaultKind::Work(..)
            | FaultKind::Edge(..)
            | FaultKind::Client(..)
            | FaultKind::Life(..)
            | FaultKind::Setting(_) => {}
        }
    }

    /// A fault moves the oldest message of a queue to another one, or all that are there.
    pub(super) fn redrives<O: Observer>(&mut self, cx: &mut Cx<'_, O>, fault: FaultId) {
        self.redrives[fault] = Timer::NONE;
        let FaultKind::Kept(KeptFault::Redrive { from, to, every }) = cx.spec.faults[fault].kind
        else {
            return;
        };
        let config = &cx.spec.queues[from].config;
        let level = self.all[from].queue.level();
        let most = if every.is_zero() {
            level.ready + level.parked
        } else {
            1
        };
        for _ in 0..most {
            let Some(message) = self.all[from].queue.redrive(config, cx.now) else {
                break;
            };
            self.moving.push((to, message));
        }
        // The oldest goes first.
        self.moving.reverse();
        self.settle(cx, from);
        if !every.is_zero() {
            let timer = cx.schedule(cx.now + every, Class::Change, KeptEvent::Redrives(fault.0));
            self.redrives[fault] = timer;
        }
    }

    /// A process has died, and its connections were reset (`told`) or not; or it has come up.
    fn process_changes<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        instance: InstanceId,
        told: Option<bool>,
    ) {
        for index in 0..self.all.len() {
            let id = QueueId::from_index(index);
            let config = &cx.spec.queues[id].config;
            let host = &mut self.all[id];
            let is_home = host.home == instance;
            match told {
                Some(_) if is_home => {
                    host.queue.crash(config, cx.now, Some(cx.now));
                    host.outside = Arena::default();
                }
                None if is_home => host.queue.open(),
                Some(_) | None => {}
            }
            let mut concerns = is_home;
            for member in 0..host.members.len() {
                if host.members[member].1 != instance {
                    continue;
                }
                concerns = true;
                let member = member as MemberIx;
                match told {
                    Some(told) => host.queue.gone(config, cx.now, member, told),
                    None => host.queue.joins(config, cx.now, member),
                }
            }
            if concerns {
                self.settle(cx, id);
            }
        }
    }

    /// A queue does what it has to do, and says when it wants to be woken; so do those to which that
    /// leads.
    fn settle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, id: QueueId) {
        self.settle_one(cx, id);
        while let Some((to, message)) = self.moving.pop() {
            self.publish(cx, to, 0, MOVES, message);
            self.settle_one(cx, to);
        }
    }

    fn settle_one<O: Observer>(&mut self, cx: &mut Cx<'_, O>, id: QueueId) {
        let config = &cx.spec.queues[id].config;
        while let Some(does) = self.all[id].queue.next(config, cx.now) {
            match does {
                QueueDoes::HandsOut(handout, member) => self.hand_out(cx, id, handout, member),
                QueueDoes::Returns(_, why, delay) => cx.tell(&Fact::HandoutFailed {
                    queue: id,
                    why,
                    delay,
                }),
                QueueDoes::Ends(message, how) => self.ended(cx, id, message, how),
                QueueDoes::Stores(who, _) => self.let_in(cx, id, who),
                QueueDoes::Reassigned => cx.tell(&Fact::LanesReassigned { queue: id }),
            }
        }
        let host = &mut self.all[id];
        host.tell_level(cx, id);
        host.set_alarm(cx, id);
    }

    /// There is room for the message of one who has waited.
    fn let_in<O: Observer>(&mut self, cx: &mut Cx<'_, O>, queue: QueueId, who: u32) {
        let is_moved = who == MOVES;
        let attempt = if is_moved {
            0
        } else {
            self.all[queue].outside[who].1
        };
        cx.tell(&Fact::MessageStored { queue, attempt });
        if !is_moved {
            self.answer(cx, queue, who, None);
        }
    }

    fn hand_out<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        queue: QueueId,
        handout: Handout,
        member: MemberIx,
    ) {
        let host = &mut self.all[queue];
        let (consumer, to) = host.members[usize::from(member)];
        let message = host.queue.message(handout.message);
        let life = host.queue.life(member);
        let identity = message.what.identity;
        let has_inbox = !cx.spec.consumers[consumer].inbox.is_zero();
        if has_inbox && self.inboxes[consumer].has(cx.now, identity) {
            host.queue.ack(&cx.spec.queues[queue].config, handout);
            host.queue.lets_go(member, life);
            let age = cx.now.since(message.stored_at);
            return cx.tell(&Fact::MessageAbsorbed { queue, age });
        }
        let (lineage, labels) = apart(message.what);
        let delivery = cx.deliveries.insert(Delivery {
            lineage,
            labels,
            stored_at: message.stored_at,
            queue,
            consumer,
            to,
            member,
            life,
            handout,
            poison: message.what.with & POISON != 0,
            vanished: false,
            settled: false,
        });
        cx.work.push(Handoff::HandOut(delivery));
    }

    fn ended<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        queue: QueueId,
        message: LeftMessage,
        how: MessageEnd,
    ) {
        let age = cx.now.since(message.stored_at);
        cx.tell(&Fact::MessageEnded { queue, how, age });
        let dead_letters = cx.spec.queues[queue].dead_letters;
        if let (MessageEnd::GivenUp, Some(to)) = (how, dead_letters) {
            self.moving.push((to, message.what));
        }
    }
}

impl Host {
    fn new(spec: &ModelSpec, keys: &KeySource, id: QueueId, of: &MessageQueueSpec) -> Self {
        let mut queue = Queue::new(&of.config);
        let mut members = Vec::new();
        let consumers = spec.consumers.iter_enumerated();
        for (consumer, it) in consumers.filter(|(_, it)| it.queue == id) {
            for instance in spec.instances_of(it.service) {
                queue.add_member(it.credit);
                members.push((consumer, instance));
            }
        }
        queue.begin(&of.config);
        let service = &spec.services[of.service];
        Self {
            queue,
            home: InstanceId(service.first_instance.0 + of.home),
            members,
            alarm: Timer::NONE,
            alarm_at: SimTime::NEVER,
            told: QueueLevel::default(),
            outside: Arena::default(),
            poisoned_by: Vec::new(),
            draws: keys.site(&["service", &service.name, "queues", &of.name], "delay"),
        }
    }

    /// How long a message waits after this hand-out of it has failed.
    fn delay(&self, spec: &MessageQueueSpec, identity: u64, handout: Handout) -> SimDuration {
        let nth = u32::from(handout.nth);
        let draws = SiteKey(self.draws.0.rotate_left(nth % 64));
        spec.backoff.wait(nth, &mut Draws::new(draws, identity))
    }

    fn tell_level<O: Observer>(&mut self, cx: &mut Cx<'_, O>, queue: QueueId) {
        let level = self.queue.level();
        if level == self.told {
            return;
        }
        self.told = level;
        cx.tell(&Fact::QueueFilled {
            queue,
            ready: level.ready,
            leased: level.leased,
            delayed: level.delayed,
            parked: level.parked,
            oldest: self.queue.oldest(cx.now),
        });
    }

    fn set_alarm<O: Observer>(&mut self, cx: &mut Cx<'_, O>, id: QueueId) {
        let due = self.queue.due(&cx.spec.queues[id].config);
        if self.alarm != Timer::NONE && due == Some(self.alarm_at) {
            return;
        }
        cx.events
            .cancel(std::mem::replace(&mut self.alarm, Timer::NONE));
        if let Some(at) = due {
            self.alarm_at = at;
            self.alarm = cx.schedule(at.max(cx.now), Class::Expiry, KeptEvent::Queue(id.0));
        }
    }
}

/// Who has turned a message away is asked again after so long.
const ASKS_AGAIN: SimDuration = SimDuration::from_millis(100);

/// What the end of the call says by which a message was handed out.
enum Said {
    /// That it is done.
    Done,
    /// That the handler has failed.
    Failed,
    /// That it was not let in, or the way there failed.
    NotReached,
    /// That the connection is gone, and perhaps the consumer.
    Reset,
}

fn said(ending: Ending) -> Said {
    let outcome = ending.outcome();
    if outcome.is_useful() {
        return Said::Done;
    }
    let turned_away = matches!(
        outcome,
        Outcome::RejectedQueueFull
            | Outcome::RejectedQueueTimeout
            | Outcome::RejectedShed
            | Outcome::RejectedRateLimited
    );
    match ending.by() {
        _ if turned_away => Said::NotReached,
        Place::Operation(_) | Place::Kept(_) => Said::Failed,
        Place::Network(_) if outcome == Outcome::ErrorReset => Said::Reset,
        Place::Network(_) | Place::Layer(_) => Said::NotReached,
    }
}

/// The mark of a message that can never be worked on, in what goes with it: no scenario has so many classes.
const POISON: u64 = 1 << 31;

/// What goes with a message besides its identity and its mark.
const fn together(lineage: Lineage, labels: Labels) -> u64 {
    (lineage.root as u64) << 32 | (labels.class as u64) << 16 | labels.tenant as u64
}

/// For what a message was published, and the labels of who did so.
const fn apart(message: NewMessage) -> (Lineage, Labels) {
    let lineage = Lineage {
        root: (message.with >> 32) as u32,
        mark: message.key,
        identity: message.identity,
    };
    let labels = Labels {
        class: (message.with >> 16) as u16 & !(1 << 15),
        tenant: message.with as u16,
    };
    (lineage, labels)
}
