//! The settings of a queue: each key of products in one closed word.

use crate::time::SimDuration;

/// What is kept in order, and so shares a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lanes {
    /// All messages stand in one.
    One,
    /// Messages of a key, which is a small number: there are so many keys \[count\].
    PerKey(u32),
    /// Messages of a partition, which is the key modulo so many \[count\].
    PerPartition(u32),
}

impl Lanes {
    /// How many there are \[count\].
    pub const fn count(self) -> u32 {
        match self {
            Self::One => 1,
            Self::PerKey(count) | Self::PerPartition(count) => count,
        }
    }

    /// The lane of a key.
    pub const fn of(self, key: u32) -> u32 {
        key % self.count()
    }
}

/// What holds the next one of a lane back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Nothing: several of a lane are handed out at once.
    Nothing,
    /// One that is handed out (`on_failure: overtake`: one that waits to be handed out again does not).
    Leased,
    /// One that is handed out, or delayed after a failure (`on_failure: block`).
    Unsettled,
}

/// Who gets the messages of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assign {
    /// Any consumer.
    Shared,
    /// Its owner; all lanes stop while owners change.
    Eager,
    /// Its owner; lanes that get another stop.
    Cooperative,
}

/// What becomes of an answer whose lease is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LateAck {
    /// It settles the message, wherever that is.
    Accepted,
    /// It changes nothing.
    Rejected,
}

/// How long a message stays handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseConfig {
    /// An answer after exactly so long is in time.
    pub lasts: SimDuration,
    /// Whether it begins when the handler starts ([`renew`](super::Queue::renew) says when), and not
    /// with the hand-out.
    pub from_start: bool,
    /// Ends are noticed at multiples of this; zero: at once.
    pub check_every: SimDuration,
    /// What becomes of later answers.
    pub late_ack: LateAck,
}

/// How a hand-out fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandoutFailure {
    /// The consumer asks for it to be handed out again.
    Nack,
    /// The consumer refuses it.
    Reject,
    /// Its lease has ended.
    LeaseEnd,
    /// Its consumer is lost.
    Lost,
}

impl HandoutFailure {
    /// All, in their order.
    pub const ALL: [Self; 4] = [Self::Nack, Self::Reject, Self::LeaseEnd, Self::Lost];

    /// The name in scenarios and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nack => "nack",
            Self::Reject => "reject",
            Self::LeaseEnd => "lease_end",
            Self::Lost => "lost",
        }
    }
}

/// Which failures count towards `max_deliveries`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountsSet(u8);

impl CountsSet {
    /// None.
    pub const NONE: Self = Self(0);
    /// All: each hand-out counts, whatever comes of it.
    pub const ALL: Self = Self(15);

    /// These and one more.
    #[must_use]
    pub const fn with(self, failure: HandoutFailure) -> Self {
        Self(self.0 | 1 << failure as u8)
    }

    /// Whether one is among them.
    pub const fn has(self, failure: HandoutFailure) -> bool {
        self.0 & 1 << failure as u8 != 0
    }
}

/// When a message whose deliveries are used up is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiveUpWhen {
    /// With the failure.
    AtOnce,
    /// When it would be handed out once more: until then it counts as ready.
    NextReceive,
}

/// What becomes of a message that is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiveUpTo {
    /// It is gone from here: dropped, or put into another queue by whoever runs this one.
    Leaves,
    /// It stays, and is handed out no more until it is redriven.
    Parks,
}

/// Where a message stands when it is handed out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnPlace {
    /// Where it was.
    Original,
    /// Before all that were never handed out, behind those that came back before it.
    Head,
    /// Behind all.
    Tail,
}

/// What becomes of a message for which there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// It takes the place of the oldest one that is ready.
    DropOldest,
    /// The same; the oldest one is given up.
    GiveUpOldest,
    /// It is turned away.
    Reject,
    /// It waits outside.
    Block,
}

/// When the consumer's loss is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LostConsumer {
    /// So long after its connection was reset.
    pub reset: SimDuration,
    /// So long after it fell silent; none: never.
    pub silent: Option<SimDuration>,
}

/// The settings of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueConfig {
    /// What is kept in order.
    pub lanes: Lanes,
    /// Marks of messages fall on so many keys \[count\].
    pub keys: u32,
    /// What holds the next one back.
    pub holds: Holds,
    /// Who gets what.
    pub assign: Assign,
    /// How long a change of owners takes once nothing is out.
    pub rebalance: SimDuration,
    /// How long a message stays handed out; none: until it is answered.
    pub lease: Option<LeaseConfig>,
    /// Hand-outs of a message in all \[count\]; `u32::MAX`: no limit.
    pub max_deliveries: u32,
    /// Which failures count.
    pub counts: CountsSet,
    /// When it is given up.
    pub give_up_when: GiveUpWhen,
    /// What becomes of it.
    pub give_up_to: GiveUpTo,
    /// Where it stands when it is handed out again.
    pub place: ReturnPlace,
    /// When a lost consumer is noticed.
    pub lost: LostConsumer,
    /// Most messages that are ready \[count\].
    pub most_ready: u32,
    /// Most messages that are handed out \[count\].
    pub most_leased: u32,
    /// What becomes of one more that is ready.
    pub overflow: Overflow,
    /// How old a message may become that is not handed out; none: as old as it likes.
    pub ttl: Option<SimDuration>,
    /// Whether one that is too old goes only when it is the next one (else at once).
    pub expires_at_head: bool,
    /// For so long another message of the same identity is not stored; zero: never so.
    pub dedup: SimDuration,
}

impl QueueConfig {
    /// The lane of a message with this mark.
    pub const fn lane_of(&self, mark: u32) -> u32 {
        self.lanes.of(mark % self.keys)
    }

    /// One lane, handed out in order, as often as it takes, until it is answered.
    pub const PLAIN: Self = Self {
        lanes: Lanes::One,
        keys: u32::MAX,
        holds: Holds::Nothing,
        assign: Assign::Shared,
        rebalance: SimDuration::ZERO,
        lease: None,
        max_deliveries: u32::MAX,
        counts: CountsSet::ALL,
        give_up_when: GiveUpWhen::AtOnce,
        give_up_to: GiveUpTo::Leaves,
        place: ReturnPlace::Original,
        lost: LostConsumer {
            reset: SimDuration::ZERO,
            silent: None,
        },
        most_ready: u32::MAX,
        most_leased: u32::MAX,
        overflow: Overflow::Reject,
        ttl: None,
        expires_at_head: false,
        dedup: SimDuration::ZERO,
    };
}
