//! `queues` of a service, `consumes` of another, and the step `publish`.

use crate::scenario::layer::{BackoffFile, PolicyRef};
use crate::scenario::like::library_names;
use crate::scenario::read::{At, Limit, choices, file_map};
use crate::scenario::value::{Count, Reference};
use crate::time::SimDuration;
use crate::units::{Probability, Rate};

library_names! {
    /// A product whose queues have a table.
    QueueLike = QUEUES;
}

/// More would not tell one hand-out of a message from another.
type Deliveries = Count<1, 60_000>;

file_map! {
    /// A queue of messages, which one instance of the service keeps: it outlives crashes, and is away while
    /// that instance is down. A step stores a message with `publish: SERVICE.QUEUE`, other services are
    /// handed them by `consumes`.
    MessageQueueFile {
        /// The product whose queues it is like: its settings stand in for the keys that are missing here.
        like: QueueLike, optional;
        /// What must not be overtaken: nothing, or messages of a key. Then the next one of a key waits while
        /// an earlier one is handed out.
        order: OrderFile, default "none";
        /// Whether others of its key go on while a message waits to be handed out again.
        on_failure: OnFailureFile, default "overtake";
        /// How many keys there are. The key of a message is drawn for the call of a client that led to it, so
        /// that all messages that one call leads to have the same, in all queues with as many keys.
        keys: Count<1, 100_000>, optional;
        /// In how many parts the queue is, each with the keys that fall on it. A part has one owner among the
        /// consumers at a time, and what is said of a key holds for a part: `assign` says whose it is.
        partitions: At<Count<1, 100_000>>, optional;
        /// Who is handed what.
        assign: At<AssignFile>, default "shared";
        /// How long it takes to find new owners when a consumer has come or gone, once what is out is
        /// answered. Nothing is handed out meanwhile, or nothing of what gets another owner: see `assign`.
        rebalance: SimDuration, default "0s";
        /// For how long after a message was stored the same is not stored again: what is published again
        /// because its publisher has heard nothing. 0s: it is.
        dedup: SimDuration, default "0s";
        /// How long a message stays handed out to who does not answer; by default until it answers.
        lease: LeaseFile, optional;
        /// How often a message is handed out in all. Products count differently: `max_deliveries: 21` is
        /// `RabbitMQ`'s `delivery-limit: 20`, 5 is 5 of SQS' `maxReceiveCount`.
        max_deliveries: At<Limit<Deliveries>>, default "unlimited";
        /// Which failures count towards it, by default all; a hand-out that ends in another way does not.
        counts: Vec<CountedFile>, optional;
        /// What becomes of a message whose deliveries are used up.
        give_up: GiveUpFile, default "drop";
        /// When and where a message is handed out again.
        redelivery: RedeliveryFile, default "{}";
        /// When the loss of a consumer is noticed, and what it had is handed out again.
        lost_consumer: LostConsumerFile, default "{}";
        /// How many messages there may be.
        capacity: CapacityFile, default "{}";
        /// How old a message may become that is not handed out.
        ttl: Limit<SimDuration>, default "unlimited";
        /// When one that is too old goes.
        expires: ExpiresFile, default "at_once";
    }
}

choices! {
    /// What must not be overtaken.
    OrderFile {
        /// Nothing: messages are handed out in order, but several at once.
        none = None;
        /// Messages of a key, or of a part where parts have owners.
        key = Key;
    }
}

choices! {
    /// Whether others of its key go on while a message waits to be handed out again.
    OnFailureFile {
        /// They do: it is overtaken.
        overtake = Overtake;
        /// They wait until it is done, or given up.
        block = Block;
    }
}

choices! {
    /// Who is handed what.
    AssignFile {
        /// Everything goes to anybody.
        shared = Shared;
        /// Each part has an owner. When a consumer comes or goes, all parts stop, and are dealt out anew.
        eager = Eager;
        /// The same, but as few parts move as can be, and only those stop.
        cooperative = Cooperative;
    }
}

file_map! {
    /// How long a message stays handed out.
    LeaseFile {
        /// For so long: an answer at its very end is in time.
        r#for: At<SimDuration>, required;
        /// Since when.
        from: LeaseFromFile, default "fetch";
        /// How often ends are looked for; 0s: each is noticed at once.
        check_every: SimDuration, default "0s";
        /// What a later answer is worth.
        late_ack: LateAckFile, default "accepted";
    }
}

choices! {
    /// Since when a message is handed out.
    LeaseFromFile {
        /// Since it was handed out: what waits for a thread uses its lease up.
        fetch = Fetch;
        /// Since the work on it began. Until then its consumer has it for as long as it takes.
        start = Start;
    }
}

choices! {
    /// What an answer is worth that comes after the end of the lease.
    LateAckFile {
        /// It settles the message, wherever that is; who works on it meanwhile does so in vain.
        accepted = Accepted;
        /// It changes nothing.
        rejected = Rejected;
    }
}

choices! {
    /// A failure that counts.
    CountedFile {
        /// The handler failed, with `on_error: nack`.
        nack = Nack;
        /// The handler failed, with `on_error: reject`.
        reject = Reject;
        /// The lease ended.
        lease_end = LeaseEnd;
        /// The consumer was lost.
        lost = Lost;
    }
}

file_map! {
    /// What becomes of a message whose deliveries are used up.
    GiveUpFile short to {
        /// `drop`: it is gone; `park`: it stays, and is handed out no more; or the queue, `SERVICE.QUEUE`,
        /// into which it goes.
        to: At<Reference>, required;
        /// When.
        when: GiveUpWhenFile, default "at_once";
    }
}

choices! {
    /// When a message is given up.
    GiveUpWhenFile {
        /// With the last failure.
        at_once = AtOnce;
        /// When it would be handed out once more: until then it counts as ready (SQS).
        next_receive = NextReceive;
    }
}

file_map! {
    /// When and where a message is handed out again.
    RedeliveryFile {
        /// Where it stands.
        place: ReturnPlaceFile, default "original";
        /// How long it waits after a `nack` or `reject`, by the number of its hand-outs.
        backoff: BackoffFile, default "none";
    }
}

choices! {
    /// Where a message stands that comes back.
    ReturnPlaceFile {
        /// Where it was.
        original = Original;
        /// Before all that were never handed out, behind those that came back before it.
        head = Head;
        /// Behind all.
        tail = Tail;
    }
}

file_map! {
    /// When the loss of a consumer is noticed; at the latest when it is up again.
    LostConsumerFile {
        /// So long after a crash that resets its connections.
        reset: Limit<SimDuration>, default "0s";
        /// So long after a crash that tells nobody.
        silent: Limit<SimDuration>, default "unlimited";
    }
}

file_map! {
    /// How many messages there may be.
    CapacityFile short ready {
        /// That are ready.
        ready: Limit<Count<1, 4_000_000_000>>, default "unlimited";
        /// That are handed out: with so many nobody gets another.
        leased: Limit<Count<1, 4_000_000_000>>, default "unlimited";
        /// What becomes of one more that is ready.
        overflow: OverflowFile, default "reject";
    }
}

choices! {
    /// What becomes of a message for which there is no room.
    OverflowFile {
        /// Its publisher gets `rejected.queue_full`.
        reject = Reject;
        /// It is stored, and the oldest one that is ready is dropped.
        drop_oldest = DropOldest;
        /// The same, and that one is given up as `give_up` says.
        dead_letter = DeadLetter;
        /// Its publisher waits until there is room, on a thread of the service that keeps the queue.
        block = Block;
    }
}

choices! {
    /// When a message goes that is too old.
    ExpiresFile {
        /// At once.
        at_once = AtOnce;
        /// When it is the next one.
        at_head = AtHead;
    }
}

file_map! {
    /// Messages that are handed to the instances of this service: each is a call of `operation`, made by
    /// the instance that keeps the queue, to an instance that is up and has room, in turn; it takes a
    /// thread, or waits for one in the service's queue. A useful outcome is the answer that it is done.
    ConsumeFile {
        /// The queue: `SERVICE.QUEUE`.
        from: At<Reference>, required;
        /// The operation that handles a message.
        operation: At<Reference>, required;
        /// Most messages that an instance has at once, those included that wait for a thread in the service's
        /// queue; default: as many as it has threads. One whose lease is over takes its place until it is
        /// done.
        prefetch: Count<1, 1_000_000>, optional;
        /// For how long the consumers remember together what they have done, crashes or not: such a message
        /// is settled when it would be handed out again. 0s: not at all.
        inbox: SimDuration, default "0s";
        /// When a message is settled.
        ack: AckFile, default "after";
        /// What a handler says that has failed. One that was not reached, or died, says nothing: the
        /// message is lost with it, and comes back.
        on_error: OnErrorFile, default "nack";
    }
}

choices! {
    /// When a message is settled.
    AckFile {
        /// When the work on it is done.
        after = After;
        /// When the work on it begins: if that fails, or its process dies, the message is lost.
        before = Before;
    }
}

file_map! {
    /// Some of the messages that are stored while it lasts can never be worked on: the operation that is to
    /// answers `error.internal` at once, each time.
    PoisonFile {
        /// The queue: `SERVICE.QUEUE`.
        queue: At<Reference>, required;
        /// How many messages, each by a draw of its own.
        share: Probability, required;
    }
}

file_map! {
    /// While it lasts, messages go from a queue to the tail of another, first those that were given up and
    /// parked, then those that are ready, the oldest first. There they are as new.
    RedriveFile {
        /// From which queue: `SERVICE.QUEUE`.
        from: At<Reference>, required;
        /// To which queue: `SERVICE.QUEUE`.
        to: At<Reference>, required;
        /// How many per second; `unlimited`: all that are there when it begins, at once.
        rate: Limit<Rate>, default "unlimited";
    }
}

choices! {
    /// What a handler says that has failed.
    OnErrorFile {
        /// Hand it out again.
        nack = Nack;
        /// Hand it out again; it is the message's fault (`RabbitMQ`'s `basic.reject`).
        reject = Reject;
        /// Nothing: it is handed out again when its lease ends.
        leave = Leave;
        /// That it is done all the same.
        ack = Ack;
        /// Give it up at once.
        dead_letter = DeadLetter;
    }
}

file_map! {
    /// Stores a message in a queue: a call to the service that keeps it, which ends when the message is
    /// stored.
    PublishFile short to {
        /// The queue: `SERVICE.QUEUE`.
        to: At<Reference>, required;
        /// The policy around it.
        policy: PolicyRef, optional;
        /// Whether its failure is forgiven: the answer is then `degraded`.
        optional: bool, default "false";
    }
}
