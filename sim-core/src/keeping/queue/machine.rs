//! The machine: what becomes of each message, and when.

use super::config::{
    Assign, CountsSet, GiveUpTo, GiveUpWhen, HandoutFailure, LateAck, Overflow, QueueConfig,
};
use super::lanes::{LaneBook, NOBODY};
use super::members::{Change, MemberIx, Members};
use super::message::{Entry, Handout, MessageIx, Messages, NewMessage, State};
use super::seen::Seen;
use crate::time::{SimDuration, SimTime};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// What becomes of a message that is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// It is stored.
    Stored(MessageIx),
    /// One of the same identity was stored shortly before: it counts as stored.
    Duplicate,
    /// There is no room.
    Rejected,
    /// It waits until there is room: [`QueueDoes::Stores`] says when.
    Waits,
}

/// What an answer comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It came in time.
    InTime,
    /// It came too late, and was accepted: the message is settled.
    Late,
    /// It came too late, and changes nothing.
    TooLate,
}

/// How a message leaves, other than by an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageEnd {
    /// Its deliveries are used up, or its consumer gives it up.
    GivenUp,
    /// The same, and it stays here, parked.
    Parked,
    /// It made room for another.
    Dropped,
    /// It was too old.
    Expired,
    /// The queue lost it in a crash.
    Lost,
    /// It was taken out, to be put into another queue.
    Redriven,
}

impl MessageEnd {
    /// All, in their order.
    pub const ALL: [Self; 6] = [
        Self::GivenUp,
        Self::Parked,
        Self::Dropped,
        Self::Expired,
        Self::Lost,
        Self::Redriven,
    ];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GivenUp => "given_up",
            Self::Parked => "parked",
            Self::Dropped => "dropped",
            Self::Expired => "expired",
            Self::Lost => "lost",
            Self::Redriven => "redriven",
        }
    }
}

/// A message that leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftMessage {
    /// Its number, which is used again.
    pub message: MessageIx,
    /// What it was.
    pub what: NewMessage,
    /// When it was stored.
    pub stored_at: SimTime,
    /// How often it was handed out; it begins again after the last number.
    pub handed_out: u16,
}

/// What a queue does, to be carried out or told by who runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueDoes {
    /// A message is handed to this consumer.
    HandsOut(Handout, MemberIx),
    /// A hand-out has failed, and the message will be handed out again, after so long at the earliest.
    Returns(Handout, HandoutFailure, SimDuration),
    /// A message leaves.
    Ends(LeftMessage, MessageEnd),
    /// One who waited outside has its message stored.
    Stores(u32, MessageIx),
    /// The owners of lanes have changed.
    Reassigned,
}

/// How full a queue is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueLevel {
    /// Messages that may be handed out, or wait for others of their lane \[count\].
    pub ready: u32,
    /// Messages that are handed out \[count\].
    pub leased: u32,
    /// Messages that wait for their time \[count\].
    pub delayed: u32,
    /// Messages that were given up and stay \[count\].
    pub parked: u32,
    /// Who waits outside \[count\].
    pub waiting: u32,
}

/// What has become of messages so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueSums {
    /// Messages stored \[count\].
    pub stored: u64,
    /// Messages settled by an answer \[count\].
    pub settled: u64,
    /// Messages given up, parked ones that stay left out \[count\].
    pub given_up: u64,
    /// Messages that made room for others \[count\].
    pub dropped: u64,
    /// Messages that were too old \[count\].
    pub expired: u64,
    /// Messages lost in a crash \[count\].
    pub lost: u64,
    /// Messages taken out \[count\].
    pub redriven: u64,
}

impl QueueSums {
    /// Whether every message that was stored is accounted for.
    pub const fn agree_with(&self, level: QueueLevel) -> bool {
        let ended = self.given_up + self.dropped + self.expired + self.lost + self.redriven;
        let gone = self.settled + ended;
        let here =
            level.ready as u64 + level.leased as u64 + level.delayed as u64 + level.parked as u64;
        self.stored == gone + here
    }
}

/// A queue.
#[derive(Clone, Debug)]
pub struct Queue {
    messages: Messages,
    lanes: LaneBook,
    members: Members,
    level: QueueLevel,
    sums: QueueSums,
    /// All that were stored, in this order, without those in front that are gone.
    ages: VecDeque<Entry>,
    /// So many of `ages` have been looked at for their age.
    aged: usize,
    /// Ends of leases, in order: all last equally long.
    ends: VecDeque<(SimTime, Entry)>,
    delays: BinaryHeap<Reverse<(SimTime, Entry)>>,
    parked: VecDeque<Entry>,
    /// Who waits outside.
    outside: VecDeque<(u32, NewMessage)>,
    /// Identities of those that were stored.
    seen: Seen,
    did: VecDeque<QueueDoes>,
    /// Nothing is handed out: its process is down or stands still.
    is_closed: bool,
}

impl Queue {
    /// An empty queue without consumers.
    pub fn new(config: &QueueConfig) -> Self {
        Self {
            messages: Messages::default(),
            lanes: LaneBook::new(config.lanes.count()),
            members: Members::new(),
            level: QueueLevel::default(),
            sums: QueueSums::default(),
            ages: VecDeque::new(),
            aged: 0,
            ends: VecDeque::new(),
            delays: BinaryHeap::new(),
            parked: VecDeque::new(),
            outside: VecDeque::new(),
            seen: Seen::default(),
            did: VecDeque::new(),
            is_closed: false,
        }
    }

    /// A consumer that may have so many messages at once: its number. All are there before the first
    /// message, and own lanes at once ([`Self::begin`]).
    pub fn add_member(&mut self, credit: u32) -> MemberIx {
        self.members.add(credit)
    }

    /// All consumers are there.
    pub fn begin(&mut self, config: &QueueConfig) {
        self.assign(config);
    }

    /// How full it is.
    pub fn level(&self) -> QueueLevel {
        self.level
    }

    /// What has become of messages.
    pub fn sums(&self) -> QueueSums {
        self.sums
    }

    /// How old the oldest message is that was not settled; parked ones left out.
    pub fn oldest(&mut self, now: SimTime) -> Option<SimDuration> {
        while let Some(&entry) = self.ages.front() {
            let found = self.messages.get(entry);
            if let Some(message) = found.filter(|it| it.state != State::Parked) {
                return Some(now.since(message.stored_at));
            }
            self.ages.pop_front();
            self.aged = self.aged.saturating_sub(1);
        }
        None
    }

    /// What a message is, and how often it was handed out.
    pub fn message(&self, ix: MessageIx) -> LeftMessage {
        let message = &self.messages[ix];
        LeftMessage {
            message: ix,
            what: NewMessage {
                identity: message.identity,
                key: message.key,
                with: message.with,
            },
            stored_at: message.stored_at,
            handed_out: message.nth,
        }
    }

    /// A message comes, for somebody with this number.
    pub fn publish(
        &mut self,
        config: &QueueConfig,
        now: SimTime,
        who: u32,
        new: NewMessage,
    ) -> Published {
        self.advance(config, now);
        if !config.dedup.is_zero() && self.seen.has(now, new.identity) {
            return Published::Duplicate;
        }
        self.put(config, now, who, new)
    }

    /// The same for one that comes from another queue: it is new here.
    pub fn move_in(
        &mut self,
        config: &QueueConfig,
        now: SimTime,
        who: u32,
        new: NewMessage,
    ) -> Published {
        self.advance(config, now);
        self.put(config, now, who, new)
    }

    /// A message that is not known is stored, if there is room.
    fn put(&mut self, config: &QueueConfig, now: SimTime, who: u32, new: NewMessage) -> Published {
        if self.level.ready >= config.most_ready {
            let how = match config.overflow {
                Overflow::Reject => return Published::Rejected,
                Overflow::Block => {
                    self.outside.push_back((who, new));
                    self.level.waiting += 1;
                    return Published::Waits;
                }
                Overflow::DropOldest => MessageEnd::Dropped,
                Overflow::GiveUpOldest => MessageEnd::GivenUp,
            };
            self.drop_oldest(config, how);
        }
        Published::Stored(self.store(config, now, new))
    }

    /// Who waits outside does so no more.
    pub fn forget(&mut self, who: u32) {
        self.outside.retain(|&(other, _)| other != who);
        self.level.waiting = self.outside.len() as u32;
    }

    fn store(&mut self, config: &QueueConfig, now: SimTime, new: NewMessage) -> MessageIx {
        let entry = self.messages.add(now, new);
        self.sums.stored += 1;
        self.level.ready += 1;
        if !config.dedup.is_zero() {
            self.seen.remember(new.identity, now + config.dedup);
        }
        self.ages.push_back(entry);
        self.lanes.push(config, config.lane_of(new.key), entry);
        entry.ix
    }

    fn drop_oldest(&mut self, config: &QueueConfig, how: MessageEnd) {
        let Some(oldest) = self.oldest_ready() else {
            return;
        };
        if how == MessageEnd::GivenUp {
            self.take_out(config, oldest.ix);
            self.given_up(config, oldest);
        } else {
            self.end(config, oldest.ix, how);
        }
    }

    fn oldest_ready(&self) -> Option<Entry> {
        let mut ages = self.ages.iter();
        let is_ready = |entry: &&Entry| {
            let found = self.messages.get(**entry);
            found.is_some_and(|it| it.state == State::Ready)
        };
        ages.find(is_ready).copied()
    }

    /// Which life of a consumer this is: its answers are known by it.
    pub fn life(&mut self, member: MemberIx) -> u16 {
        self.members.get(member).life
    }

    /// A consumer has one less than it had, whatever that is worth for the message: it may have another.
    /// What was handed to it in another life is none of its any more.
    pub fn lets_go(&mut self, member: MemberIx, life: u16) {
        let of = self.members.get(member);
        if of.life == life {
            of.out -= 1;
        }
    }

    /// A hand-out is answered: the message is settled.
    pub fn ack(&mut self, config: &QueueConfig, handout: Handout) -> Answered {
        if let Some(entry) = self.current(handout) {
            self.take_back(config, entry.ix);
            self.settle(entry.ix);
            return Answered::InTime;
        }
        let entry = Entry {
            seq: handout.seq,
            ix: handout.message,
        };
        let late = config.lease.map_or(LateAck::Rejected, |it| it.late_ack);
        let is_there = self
            .messages
            .get(entry)
            .is_some_and(|it| it.state != State::Parked);
        if late == LateAck::Rejected || !is_there {
            return Answered::TooLate;
        }
        self.take_out(config, entry.ix);
        self.settle(entry.ix);
        Answered::Late
    }

    /// A hand-out has failed; the message may be handed out again after `delay`. False: it is not this
    /// hand-out's any more.
    pub fn fail(
        &mut self,
        config: &QueueConfig,
        now: SimTime,
        handout: Handout,
        failure: HandoutFailure,
        delay: SimDuration,
    ) -> bool {
        let Some(entry) = self.current(handout) else {
            return false;
        };
        self.take_back(config, entry.ix);
        self.return_it(config, now, entry, failure, delay);
        true
    }

    /// Whoever has a message gives it up for good. False: it is not this hand-out's any more.
    pub fn give_up(&mut self, config: &QueueConfig, handout: Handout) -> bool {
        let Some(entry) = self.current(handout) else {
            return false;
        };
        self.take_back(config, entry.ix);
        self.given_up(config, entry);
        true
    }

    /// The lease of a hand-out begins now, or anew. False: it is over.
    pub fn renew(&mut self, config: &QueueConfig, now: SimTime, handout: Handout) -> bool {
        let Some(entry) = self.current(handout) else {
            return false;
        };
        self.begin_lease(config, now, entry, true);
        true
    }

    /// A consumer is gone: its connection was reset (`told`), or it is silent from now on.
    pub fn gone(&mut self, config: &QueueConfig, now: SimTime, member: MemberIx, told: bool) {
        let of = self.members.get(member);
        of.is_here = false;
        if !of.belongs {
            return;
        }
        if of.is_leaving {
            of.belongs = false;
            return self.regroup(config, now);
        }
        of.noticed_at = if told {
            now + config.lost.reset
        } else {
            config.lost.silent.map_or(SimTime::NEVER, |it| now + it)
        };
        self.advance(config, now);
    }

    /// A consumer is told to stop: it gets nothing more, and answers for what it has.
    pub fn leaves(&mut self, member: MemberIx) {
        let of = self.members.get(member);
        (of.is_here, of.is_leaving) = (false, true);
    }

    /// Whether the loss of a consumer in this life is still to be noticed, if it is ever.
    pub fn is_to_be_noticed(&mut self, member: MemberIx, life: u16) -> bool {
        let of = self.members.get(member);
        of.life == life && !of.is_leaving
    }

    /// A hand-out has reached nobody: it counts for nothing, and the message may be handed out again after
    /// `delay`. False: it is not this hand-out's any more.
    pub fn not_reached(
        &mut self,
        config: &QueueConfig,
        now: SimTime,
        handout: Handout,
        delay: SimDuration,
    ) -> bool {
        let uncounted = QueueConfig {
            counts: CountsSet::NONE,
            ..*config
        };
        self.fail(&uncounted, now, handout, HandoutFailure::Lost, delay)
    }

    /// A consumer is there again: if its loss was not noticed before, it is now, unless leases alone say
    /// what is lost.
    pub fn joins(&mut self, config: &QueueConfig, now: SimTime, member: MemberIx) {
        if self.members.get(member).is_here {
            return;
        }
        let of = self.members.get(member);
        let by_lease = config.lost.silent.is_none() && now + config.lost.reset >= SimTime::NEVER;
        if of.belongs && !of.is_leaving && !by_lease {
            self.lost(config, now, member);
        }
        let of = self.members.get(member);
        of.begin_anew();
        of.is_leaving = false;
        (of.is_here, of.belongs, of.noticed_at) = (true, true, SimTime::NEVER);
        self.regroup(config, now);
    }

    /// A consumer that has fallen silent goes on: if its loss was not noticed, it has what it had.
    pub fn goes_on(&mut self, config: &QueueConfig, now: SimTime, member: MemberIx) {
        let of = self.members.get(member);
        if !of.belongs {
            return self.joins(config, now, member);
        }
        (of.is_here, of.noticed_at) = (true, SimTime::NEVER);
    }

    /// Its process is down, or stands still: nothing is handed out. What is due meanwhile is once it is
    /// open again.
    pub fn close(&mut self) {
        self.is_closed = true;
    }

    /// Its process is there again.
    pub fn open(&mut self) {
        self.is_closed = false;
    }

    /// Its process has died: leases are over, and what was stored later than `kept` is lost.
    pub fn crash(&mut self, config: &QueueConfig, now: SimTime, kept: Option<SimTime>) {
        self.close();
        for ix in 0..self.messages.places() {
            let message = &self.messages[ix];
            if message.state == State::Gone {
                continue;
            }
            let entry = Entry {
                seq: message.seq,
                ix,
            };
            let is_lost = kept.is_none_or(|kept| message.stored_at > kept);
            let was_leased = message.state == State::Leased;
            if was_leased {
                self.take_back(config, ix);
            }
            if is_lost {
                if !was_leased {
                    self.take_out(config, ix);
                }
                self.leave(ix, MessageEnd::Lost);
            } else if was_leased {
                self.return_it(config, now, entry, HandoutFailure::Lost, SimDuration::ZERO);
            }
        }
        self.outside.clear();
        self.level.waiting = 0;
        for member in 0..self.members.count() {
            self.members.get(member).begin_anew();
        }
    }

    /// The oldest message that was given up, or else is ready, is taken out: what it was.
    pub fn redrive(&mut self, config: &QueueConfig, now: SimTime) -> Option<NewMessage> {
        self.advance(config, now);
        let parked = self.parked.front().copied();
        let ix = match parked {
            Some(entry) => entry.ix,
            None => self.oldest_ready()?.ix,
        };
        let what = self.message(ix).what;
        self.end(config, ix, MessageEnd::Redriven);
        Some(what)
    }

    /// The oldest message that is parked is handed out again, as if it had just come.
    pub fn unpark(&mut self, config: &QueueConfig, now: SimTime) -> Option<MessageIx> {
        let entry = self.parked.pop_front()?;
        self.level.parked -= 1;
        self.level.ready += 1;
        let entry = self.messages.renumber(now, entry.ix);
        self.messages[entry.ix].state = State::Ready;
        self.ages.push_back(entry);
        let key = self.messages[entry.ix].key;
        self.lanes.push(config, config.lane_of(key), entry);
        Some(entry.ix)
    }

    /// What it does next; none: nothing before [`Self::due`].
    pub fn next(&mut self, config: &QueueConfig, now: SimTime) -> Option<QueueDoes> {
        self.advance(config, now);
        if let Some(did) = self.did.pop_front() {
            return Some(did);
        }
        self.let_in(config, now);
        if self.did.is_empty() {
            self.hand_out(config, now);
        }
        self.did.pop_front()
    }

    /// When it wants to be asked again.
    pub fn due(&mut self, config: &QueueConfig) -> Option<SimTime> {
        let mut due = self.members.due();
        if let Change::Takes(until) = self.members.change {
            due = due.min(until);
        }
        while let Some(&(at, entry)) = self.ends.front() {
            if self.is_end(at, entry) {
                due = due.min(noticed(config, at));
                break;
            }
            self.ends.pop_front();
        }
        while let Some(&Reverse((at, entry))) = self.delays.peek() {
            let found = self.messages.get(entry);
            if found.is_some_and(|it| it.state == State::Delayed && it.at == at) {
                due = due.min(at);
                break;
            }
            self.delays.pop();
        }
        if let Some(at) = self.next_expiry(config) {
            due = due.min(at);
        }
        (due < SimTime::NEVER && !self.is_closed).then_some(due)
    }

    fn is_end(&self, at: SimTime, entry: Entry) -> bool {
        let found = self.messages.get(entry);
        found.is_some_and(|it| it.state == State::Leased && it.at == at)
    }

    fn next_expiry(&mut self, config: &QueueConfig) -> Option<SimTime> {
        let ttl = config.ttl?;
        if config.expires_at_head {
            let heads = (0..self.lanes.count()).filter_map(|lane| {
                let head = self.lanes.head(config, &self.messages, lane)?;
                Some(self.messages[head.ix].stored_at + ttl)
            });
            return heads.min();
        }
        while let Some(&entry) = self.ages.get(self.aged) {
            match self.messages.get(entry) {
                Some(message) => return Some(message.stored_at + ttl),
                None => self.aged += 1,
            }
        }
        None
    }

    /// All that is due by now: losses noticed, ends of leases, delays, ages, changes of owners.
    fn advance(&mut self, config: &QueueConfig, now: SimTime) {
        if self.is_closed {
            return;
        }
        self.notice_losses(config, now);
        while let Some(&(at, entry)) = self.ends.front()
            && (noticed(config, at) <= now || !self.is_end(at, entry))
        {
            self.ends.pop_front();
            if self.is_end(at, entry) {
                self.take_back(config, entry.ix);
                let zero = SimDuration::ZERO;
                self.return_it(config, now, entry, HandoutFailure::LeaseEnd, zero);
            }
        }
        while let Some(&Reverse((at, entry))) = self.delays.peek()
            && at <= now
        {
            self.delays.pop();
            let found = self.messages.get(entry);
            if found.is_some_and(|it| it.state == State::Delayed && it.at == at) {
                self.take_out(config, entry.ix);
                self.is_ready_again(config, now, entry);
            }
        }
        self.expire(config, now);
        self.go_on_changing(config, now);
    }

    fn notice_losses(&mut self, config: &QueueConfig, now: SimTime) {
        if self.members.due() > now {
            return;
        }
        for member in 0..self.members.count() {
            if self.members.get(member).noticed_at <= now {
                self.lost(config, now, member);
                self.members.get(member).belongs = false;
                self.regroup(config, now);
            }
        }
    }

    /// The queue notices that a consumer is gone: what it had is ready again, in the order of hand-outs.
    fn lost(&mut self, config: &QueueConfig, now: SimTime, member: MemberIx) {
        self.members.get(member).noticed_at = SimTime::NEVER;
        self.members.get(member).begin_anew();
        for ix in 0..self.messages.places() {
            let message = &self.messages[ix];
            if message.state == State::Leased && message.member == member {
                let seq = message.seq;
                self.take_back(config, ix);
                let zero = SimDuration::ZERO;
                self.return_it(config, now, Entry { seq, ix }, HandoutFailure::Lost, zero);
            }
        }
    }

    fn expire(&mut self, config: &QueueConfig, now: SimTime) {
        while let Some(at) = self.next_expiry(config)
            && at <= now
        {
            if config.expires_at_head {
                for lane in 0..self.lanes.count() {
                    let head = self.lanes.head(config, &self.messages, lane);
                    if let Some(head) = head
                        && self.is_too_old(config, now, head.ix)
                    {
                        self.end(config, head.ix, MessageEnd::Expired);
                    }
                }
                continue;
            }
            let entry = self.ages[self.aged];
            self.aged += 1;
            match self.messages[entry.ix].state {
                State::Ready => self.end(config, entry.ix, MessageEnd::Expired),
                State::Leased | State::Delayed => self.messages[entry.ix].too_old = true,
                State::Parked | State::Gone => {}
            }
        }
    }

    fn is_too_old(&self, config: &QueueConfig, now: SimTime, ix: MessageIx) -> bool {
        let stored_at = self.messages[ix].stored_at;
        config.ttl.is_some_and(|ttl| stored_at + ttl <= now)
    }

    /// The message of a hand-out, if it is still that one's.
    fn current(&self, handout: Handout) -> Option<Entry> {
        let entry = Entry {
            seq: handout.seq,
            ix: handout.message,
        };
        let message = self.messages.get(entry)?;
        let is_its = message.state == State::Leased && message.nth == handout.nth;
        is_its.then_some(entry)
    }

    fn lane_of(&self, config: &QueueConfig, ix: MessageIx) -> u32 {
        config.lane_of(self.messages[ix].key)
    }

    /// A message is leased no more.
    fn take_back(&mut self, config: &QueueConfig, ix: MessageIx) {
        debug_assert_eq!(self.messages[ix].state, State::Leased);
        let lane = self.lane_of(config, ix);
        self.level.leased -= 1;
        self.lanes.lane(lane).leased -= 1;
        self.lanes.open(config, lane);
    }

    /// A message stands no more where it stood.
    fn take_out(&mut self, config: &QueueConfig, ix: MessageIx) {
        let lane = self.lane_of(config, ix);
        match self.messages[ix].state {
            State::Ready => {
                self.level.ready -= 1;
                self.lanes.lane(lane).ready -= 1;
            }
            State::Delayed => {
                self.level.delayed -= 1;
                self.lanes.lane(lane).delayed -= 1;
                self.lanes.open(config, lane);
            }
            State::Leased => self.take_back(config, ix),
            State::Parked => {
                self.level.parked -= 1;
                self.parked.retain(|it| it.ix != ix);
            }
            State::Gone => {}
        }
    }

    fn settle(&mut self, ix: MessageIx) {
        self.sums.settled += 1;
        self.messages.remove(ix);
    }

    /// A message that is ready leaves.
    fn end(&mut self, config: &QueueConfig, ix: MessageIx, how: MessageEnd) {
        self.take_out(config, ix);
        self.leave(ix, how);
    }

    fn leave(&mut self, ix: MessageIx, how: MessageEnd) {
        let sum = match how {
            MessageEnd::GivenUp => &mut self.sums.given_up,
            MessageEnd::Dropped => &mut self.sums.dropped,
            MessageEnd::Expired => &mut self.sums.expired,
            MessageEnd::Lost => &mut self.sums.lost,
            MessageEnd::Redriven => &mut self.sums.redriven,
            MessageEnd::Parked => unreachable!("what is parked stays"),
        };
        *sum += 1;
        self.did.push_back(QueueDoes::Ends(self.message(ix), how));
        self.messages.remove(ix);
    }

    fn given_up(&mut self, config: &QueueConfig, entry: Entry) {
        match config.give_up_to {
            GiveUpTo::Leaves => self.leave(entry.ix, MessageEnd::GivenUp),
            GiveUpTo::Parks => {
                self.messages[entry.ix].state = State::Parked;
                self.level.parked += 1;
                self.parked.push_back(entry);
                let left = self.message(entry.ix);
                self.did
                    .push_back(QueueDoes::Ends(left, MessageEnd::Parked));
            }
        }
    }

    /// A hand-out that was taken back has failed.
    fn return_it(
        &mut self,
        config: &QueueConfig,
        now: SimTime,
        entry: Entry,
        failure: HandoutFailure,
        delay: SimDuration,
    ) {
        let message = &mut self.messages[entry.ix];
        if !config.counts.has(failure) {
            message.count -= 1;
        }
        let is_used_up = u32::from(message.count) >= config.max_deliveries;
        if is_used_up && config.give_up_when == GiveUpWhen::AtOnce {
            return self.given_up(config, entry);
        }
        let handout = Handout {
            message: entry.ix,
            seq: entry.seq,
            nth: message.nth,
        };
        self.did
            .push_back(QueueDoes::Returns(handout, failure, delay));
        if delay.is_zero() {
            return self.is_ready_again(config, now, entry);
        }
        (message.state, message.at) = (State::Delayed, now + delay);
        self.delays.push(Reverse((now + delay, entry)));
        self.level.delayed += 1;
        let lane = self.lane_of(config, entry.ix);
        self.lanes.lane(lane).delayed += 1;
    }

    fn is_ready_again(&mut self, config: &QueueConfig, now: SimTime, entry: Entry) {
        let message = &mut self.messages[entry.ix];
        if message.too_old {
            return self.leave(entry.ix, MessageEnd::Expired);
        }
        (message.state, message.at) = (State::Ready, now);
        self.level.ready += 1;
        let lane = self.lane_of(config, entry.ix);
        self.lanes.give_back(config, lane, entry);
    }

    /// Those who wait outside come in while there is room.
    fn let_in(&mut self, config: &QueueConfig, now: SimTime) {
        while self.level.ready < config.most_ready
            && let Some((who, new)) = self.outside.pop_front()
        {
            self.level.waiting -= 1;
            let message = self.store(config, now, new);
            self.did.push_back(QueueDoes::Stores(who, message));
        }
    }

    fn hand_out(&mut self, config: &QueueConfig, now: SimTime) {
        if self.is_closed || self.level.leased >= config.most_leased {
            return;
        }
        let is_shared = config.assign == Assign::Shared;
        let stops = config.assign == Assign::Eager && self.members.change != Change::None;
        if stops || (is_shared && !self.members.may_have_more(config, NOBODY)) {
            return;
        }
        let members = &self.members;
        let may = |owner| members.may_have_more(config, owner);
        let Some(lane) = self.lanes.next(config, may) else {
            return;
        };
        let Some(entry) = self.lanes.head(config, &self.messages, lane) else {
            return;
        };
        self.lanes.take_head(lane, entry);
        self.take_out(config, entry.ix);
        let message = &mut self.messages[entry.ix];
        if u32::from(message.count) >= config.max_deliveries {
            return self.given_up(config, entry);
        }
        let owner = match config.assign {
            Assign::Shared => self.members.next(),
            Assign::Eager | Assign::Cooperative => Some(self.lanes.lane(lane).owner),
        };
        let Some(member) = owner else {
            return;
        };
        message.nth = message.nth.wrapping_add(1);
        message.count = message.count.saturating_add(1);
        (message.state, message.member) = (State::Leased, member);
        let handout = Handout {
            message: entry.ix,
            seq: entry.seq,
            nth: message.nth,
        };
        self.members.get(member).out += 1;
        self.level.leased += 1;
        self.lanes.lane(lane).leased += 1;
        self.begin_lease(config, now, entry, false);
        self.did.push_back(QueueDoes::HandsOut(handout, member));
    }

    fn begin_lease(&mut self, config: &QueueConfig, now: SimTime, entry: Entry, starts: bool) {
        let until = match config.lease {
            Some(lease) if starts || !lease.from_start => now + lease.lasts,
            Some(_) | None => SimTime::NEVER,
        };
        self.messages[entry.ix].at = until;
        if until < SimTime::NEVER {
            self.ends.push_back((until, entry));
        }
    }

    /// The consumers are others than before: lanes may get other owners.
    fn regroup(&mut self, config: &QueueConfig, now: SimTime) {
        if config.assign == Assign::Shared {
            return;
        }
        self.members.change = Change::Empties;
        let owners = self.members.owners(config, &self.lanes);
        for lane in 0..self.lanes.count() {
            let of = self.lanes.lane(lane);
            of.moves = config.assign == Assign::Cooperative && of.owner != owners[lane as usize];
        }
        self.go_on_changing(config, now);
    }

    /// A change of owners goes on: what is out must be answered, then it takes its time.
    fn go_on_changing(&mut self, config: &QueueConfig, now: SimTime) {
        if self.members.change == Change::Empties {
            let eager = config.assign == Assign::Eager;
            let mut lanes = self.lanes.all();
            if lanes.any(|it| (eager || it.moves) && it.leased > 0) {
                return;
            }
            self.members.change = Change::Takes(now + config.rebalance);
        }
        if let Change::Takes(until) = self.members.change
            && until <= now
        {
            self.members.change = Change::None;
            self.assign(config);
            self.did.push_back(QueueDoes::Reassigned);
        }
    }

    fn assign(&mut self, config: &QueueConfig) {
        if config.assign == Assign::Shared {
            return;
        }
        let owners = self.members.owners(config, &self.lanes);
        for lane in 0..self.lanes.count() {
            let of = self.lanes.lane(lane);
            (of.owner, of.moves) = (owners[lane as usize], false);
            self.lanes.open(config, lane);
        }
    }
}

/// When the end of a lease is noticed.
fn noticed(config: &QueueConfig, at: SimTime) -> SimTime {
    let every = config.lease.map_or(SimDuration::ZERO, |it| it.check_every);
    match every.as_ns() {
        0 => at,
        every => SimTime::from_ns(at.as_ns().next_multiple_of(every)),
    }
}
