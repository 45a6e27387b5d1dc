//! Queues of messages: one machine each, in the process of one instance (rules 79 to 85, 98).
//!
//! Operations of the service store messages by hand-offs; the machine says who gets them, and the
//! hand-out is a call that `sources` makes. Its outcome is the answer. A message that is given up goes to
//! another queue within the same event.

use super::event::KeptEvent;
use crate::id::{ConsumerId, Id, IdMap, InstanceId, QueueId};
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
use crate::model::spec::{CallersSee, MessageQueueSpec, ModelSpec, OnHandlerError};
use crate::policy::Outcome;
use crate::random::{Draws, KeySource, SiteKey};
use crate::time::{SimDuration, SimTime};

/// All queues.
#[derive(Clone, Debug)]
pub(super) struct Queues {
    all: IdMap<QueueId, Host>,
    /// What each kind of consumers has done: it outlives them.
    inboxes: IdMap<ConsumerId, Seen>,
    /// Messages that were given up, on their way to another queue.
    moving: Vec<(QueueId, NewMessage)>,
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
}

impl Queues {
    pub(super) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        let all = spec.queues.iter_enumerated();
        Self {
            all: all.map(|(id, of)| Host::new(spec, keys, id, of)).collect(),
            inboxes: spec.consumers.iter().map(|_| Seen::default()).collect(),
            moving: Vec::new(),
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
            with: together(lineage, attempt.labels),
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
        let published = self.all[queue].queue.publish(config, cx.now, who, new);
        match published {
            Published::Stored(_) => cx.tell(&Fact::MessageStored { queue, attempt }),
            Published::Duplicate => cx.tell(&Fact::MessageKnown { queue, attempt }),
            Published::Rejected => cx.tell(&Fact::MessageRefused { queue, attempt }),
            Published::Waits => {}
        }
        published
    }

    /// The call that handed a message out has its outcome.
    pub(super) fn handled<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: DeliveryIx,
        outcome: Outcome,
    ) {
        let delivery = cx.deliveries[ix];
        cx.deliveries.remove(ix);
        let Delivery { queue, handout, .. } = delivery;
        let spec = &cx.spec.queues[queue];
        let host = &mut self.all[queue];
        host.queue.lets_go(delivery.member, delivery.life);
        let (config, now) = (&spec.config, cx.now);
        let on_error = cx.spec.consumers[delivery.consumer].on_error;
        let is_current = match (outcome.is_useful(), on_error) {
            (true, _) => {
                let inbox = cx.spec.consumers[delivery.consumer].inbox;
                if !inbox.is_zero() {
                    let known = &mut self.inboxes[delivery.consumer];
                    known.remember(delivery.lineage.identity, now + inbox);
                }
                return self.ack(cx, delivery);
            }
            (false, OnHandlerError::Ack) => return self.ack(cx, delivery),
            _ if is_lost(outcome) => {
                let zero = SimDuration::ZERO;
                let lost = HandoutFailure::Lost;
                host.queue.fail(config, now, handout, lost, zero)
            }
            (false, OnHandlerError::Nack) => {
                let delay = host.delay(spec, delivery.lineage.identity, handout);
                let nack = HandoutFailure::Nack;
                host.queue.fail(config, now, handout, nack, delay)
            }
            (false, OnHandlerError::Reject) => {
                let delay = host.delay(spec, delivery.lineage.identity, handout);
                let reject = HandoutFailure::Reject;
                host.queue.fail(config, now, handout, reject, delay)
            }
            (false, OnHandlerError::DeadLetter) => host.queue.give_up(config, handout),
            (false, OnHandlerError::Leave) => true,
        };
        if !is_current {
            cx.tell(&Fact::AnswerTooLate { queue });
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

/// Whether an outcome says that the consumer was not reached, or is gone.
const fn is_lost(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::ErrorReset
            | Outcome::ErrorRefused
            | Outcome::ErrorUnavailable
            | Outcome::TimeoutConnect
    )
}

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
        class: (message.with >> 16) as u16,
        tenant: message.with as u16,
    };
    (lineage, labels)
}
