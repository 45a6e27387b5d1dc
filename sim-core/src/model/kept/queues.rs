//! Queues of messages: one machine each, in the process of one instance (rules 79 to 85, 98).
//!
//! Operations of the service store messages by hand-offs; the machine says who gets them, and the
//! hand-out is a call that `sources` makes. Its outcome is the answer. A message that is given up goes to
//! another queue within the same event.

use super::event::KeptEvent;
use crate::id::{ConsumerId, Id, IdMap, InstanceId, QueueId};
use crate::keeping::queue::{
    Answered, Handout, HandoutFailure, LeftMessage, MemberIx, MessageEnd, NewMessage, Published,
    Queue, QueueDoes, QueueLevel, QueueSums,
};
use crate::kernel::{Class, Timer};
use crate::model::attempt::AttemptIx;
use crate::model::cx::Cx;
use crate::model::delivery::{Delivery, DeliveryIx};
use crate::model::fact::{AttemptNo, Fact, Observer};
use crate::model::handoff::{Change, Handoff};
use crate::model::spec::{CallersSee, MessageQueueSpec, ModelSpec, OnHandlerError};
use crate::policy::Outcome;
use crate::random::{Draws, KeySource, SiteKey};
use crate::time::{SimDuration, SimTime};

/// All queues.
#[derive(Clone, Debug)]
pub(super) struct Queues {
    all: IdMap<QueueId, Host>,
    /// Messages that were given up, on their way to another queue.
    moving: Vec<(QueueId, NewMessage)>,
}

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
    /// Draws for delays.
    draws: SiteKey,
}

impl Queues {
    pub(super) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        let all = spec.queues.iter_enumerated();
        Self {
            all: all.map(|(id, of)| Host::new(spec, keys, id, of)).collect(),
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
        let new = NewMessage {
            identity: attempt.key,
            key: 0,
        };
        let is_stored = self.publish(cx, id, number, new);
        let refused = (!is_stored).then_some(Outcome::RejectedQueueFull);
        cx.work.push(Handoff::Stored(ix, refused));
        self.settle(cx, id);
    }

    fn publish<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        queue: QueueId,
        attempt: AttemptNo,
        new: NewMessage,
    ) -> bool {
        let config = &cx.spec.queues[queue].config;
        let host = &mut self.all[queue];
        match host.queue.publish(config, cx.now, 0, new) {
            Published::Stored(_) => {
                cx.tell(&Fact::MessageStored { queue, attempt });
                true
            }
            Published::Duplicate => true,
            Published::Rejected | Published::Waits => {
                cx.tell(&Fact::MessageRefused { queue, attempt });
                false
            }
        }
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
        let (config, now) = (&spec.config, cx.now);
        let on_error = cx.spec.consumers[delivery.consumer].on_error;
        let is_current = match (outcome.is_useful(), on_error) {
            (true, _) | (false, OnHandlerError::Ack) => return self.ack(cx, delivery),
            _ if is_lost(outcome) => {
                let zero = SimDuration::ZERO;
                let lost = HandoutFailure::Lost;
                host.queue.fail(config, now, handout, lost, zero)
            }
            (false, OnHandlerError::Nack) => {
                let delay = host.delay(spec, delivery.identity, handout);
                let nack = HandoutFailure::Nack;
                host.queue.fail(config, now, handout, nack, delay)
            }
            (false, OnHandlerError::Reject) => {
                let delay = host.delay(spec, delivery.identity, handout);
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
                Some(_) if is_home => host.queue.crash(config, cx.now, Some(cx.now)),
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
            self.publish(cx, to, 0, message);
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
                QueueDoes::Stores(..) | QueueDoes::Reassigned => {}
            }
        }
        let host = &mut self.all[id];
        host.tell_level(cx, id);
        host.set_alarm(cx, id);
    }

    fn hand_out<O: Observer>(
        &self,
        cx: &mut Cx<'_, O>,
        queue: QueueId,
        handout: Handout,
        member: MemberIx,
    ) {
        let host = &self.all[queue];
        let (consumer, to) = host.members[usize::from(member)];
        let message = host.queue.message(handout.message);
        let delivery = cx.deliveries.insert(Delivery {
            identity: message.what.identity,
            stored_at: message.stored_at,
            queue,
            consumer,
            to,
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
