//! How products keep messages: what a delivery is, when it ends, and what then becomes of the message.
//!
//! Only what has a key is here; what a product does besides is named beside its version.

use super::table::{Preset, Row, row};

/// All queues of messages, by name.
pub(in crate::scenario) const QUEUES: &[Preset] = &[
    Preset {
        name: "sqs",
        version: "Amazon SQS standard queue, developer guide; left out: long polling, delays, batches",
        rows: SQS,
    },
    Preset {
        name: "rabbitmq-classic",
        version: "RabbitMQ 4.3, classic queue; left out: priorities, memory alarms",
        rows: RABBITMQ_CLASSIC,
    },
    Preset {
        name: "rabbitmq-quorum",
        version: "RabbitMQ 4.3, quorum queue; left out: delayed retry, its copies",
        rows: RABBITMQ_QUORUM,
    },
    Preset {
        name: "kafka-share",
        version: "Apache Kafka 4.0, share group; left out: 200 locks for each partition",
        rows: KAFKA_SHARE,
    },
    Preset {
        name: "jetstream",
        version: "NATS JetStream 2.10, pull consumer; left out: its window of duplicates, backoff",
        rows: JETSTREAM,
    },
    Preset {
        name: "pubsub",
        version: "Google Cloud Pub/Sub, google.pubsub.v1; left out: extensions by client libraries",
        rows: PUBSUB,
    },
    Preset {
        name: "servicebus",
        version: "Azure Service Bus, a queue in PeekLock mode; left out: sessions, prefetch, renewal",
        rows: SERVICEBUS,
    },
];

const ALL: &str = "[nack, reject, lease_end, lost]";

const SQS: &[Row] = &[
    row(
        "lease.for",
        "30s",
        "VisibilityTimeout 30 s: sqs-visibility-timeout",
    ),
    row(
        "lease.late_ack",
        "accepted",
        "a delete with an older receipt handle succeeds, though it may not delete: DeleteMessage",
    ),
    row(
        "max_deliveries",
        "unlimited",
        "without a redrive policy; maxReceiveCount n is n: sqs-dead-letter-queues",
    ),
    row("counts", ALL, "each receive counts: sqs-dead-letter-queues"),
    row(
        "give_up.to",
        "drop",
        "set it to the dead-letter queue of the redrive policy",
    ),
    row(
        "give_up.when",
        "next_receive",
        "moved when it would be received once more: sqs-dead-letter-queues",
    ),
    row(
        "redelivery.place",
        "tail",
        "received three times or more it goes to the back: sqs-available-cloudwatch-metrics",
    ),
    row(
        "lost_consumer.reset",
        "unlimited",
        "leases alone: there is no connection",
    ),
    row(
        "lost_consumer.silent",
        "unlimited",
        "leases alone: there is no connection",
    ),
    row(
        "capacity.leased",
        "120000",
        "in flight at most: quotas-messages",
    ),
    row(
        "ttl",
        "96h",
        "MessageRetentionPeriod 4 days: SetQueueAttributes",
    ),
];

// What both kinds of queue have.
const RABBITMQ_CLOSED: Row = row(
    "lost_consumer.reset",
    "0s",
    "a closed channel requeues at once: docs/confirms",
);
const RABBITMQ_HEARTBEAT: Row = row(
    "lost_consumer.silent",
    "60s",
    "heartbeat 60 s: docs/heartbeats",
);
const RABBITMQ_OVERFLOW: Row = row(
    "capacity.overflow",
    "drop_oldest",
    "overflow drop-head: docs/maxlength",
);
const RABBITMQ_EXPIRES: Row = row("expires", "at_head", "expired at the head: docs/ttl");

const RABBITMQ_CLASSIC: &[Row] = &[
    row(
        "counts",
        "[]",
        "nothing counts: quorum-queues, poison message handling",
    ),
    row(
        "redelivery.place",
        "original",
        "its original place if possible: docs/nack",
    ),
    RABBITMQ_CLOSED,
    RABBITMQ_HEARTBEAT,
    RABBITMQ_OVERFLOW,
    RABBITMQ_EXPIRES,
];

const RABBITMQ_QUORUM: &[Row] = &[
    row(
        "lease.for",
        "30m",
        "consumer_timeout 1800000: consumer_timeouts.md",
    ),
    row(
        "lease.check_every",
        "60s",
        "looked at each minute: docs/consumers",
    ),
    row(
        "lease.late_ack",
        "rejected",
        "timed-out messages are returned: consumer_timeouts.md",
    ),
    row(
        "max_deliveries",
        "21",
        "delivery-limit 20: given up when the count exceeds it, rabbit_fifo.erl",
    ),
    row(
        "counts",
        "[reject, lost]",
        "since 4.3 neither a nack nor a timeout: docs/quorum-queues",
    ),
    row(
        "give_up.to",
        "drop",
        "without a dead-letter exchange: docs/quorum-queues",
    ),
    row("give_up.when", "at_once", "return_one: rabbit_fifo.erl"),
    row(
        "redelivery.place",
        "head",
        "the returns queue is served first: rabbit_fifo.erl",
    ),
    RABBITMQ_CLOSED,
    RABBITMQ_HEARTBEAT,
    RABBITMQ_OVERFLOW,
    RABBITMQ_EXPIRES,
];

const KAFKA_SHARE: &[Row] = &[
    row(
        "lease.for",
        "30s",
        "group.share.record.lock.duration.ms 30000: ShareGroupConfig",
    ),
    row(
        "lease.late_ack",
        "rejected",
        "InvalidRecordStateException: AcknowledgementCommitCallback",
    ),
    row(
        "max_deliveries",
        "5",
        "group.share.delivery.count.limit 5: ShareGroupConfig",
    ),
    row("counts", ALL, "each acquisition: SharePartition"),
    row("give_up.to", "drop", "archived: SharePartition"),
    row(
        "give_up.when",
        "at_once",
        "archived when it is released: SharePartition",
    ),
    row(
        "lost_consumer.reset",
        "0s",
        "the session is closed, its locks are released: KIP-932",
    ),
    row("lost_consumer.silent", "unlimited", "the lock alone"),
];

const JETSTREAM: &[Row] = &[
    row("lease.for", "30s", "ack_wait 30 s: consumer.go"),
    row(
        "lease.late_ack",
        "accepted",
        "also while another has it: nats-server issues 4786, 6937",
    ),
    row("max_deliveries", "unlimited", "max_deliver -1: consumer.go"),
    row("counts", ALL, "each delivery: consumer.go"),
    row(
        "give_up.to",
        "park",
        "it stays in the stream: hasMaxDeliveries of consumer.go",
    ),
    row("give_up.when", "at_once", "hasMaxDeliveries of consumer.go"),
    row(
        "redelivery.place",
        "head",
        "the redelivery queue comes first: getNextMsg of consumer.go",
    ),
    row(
        "lost_consumer.reset",
        "unlimited",
        "ack_wait alone: nats-server issue 4627",
    ),
    row(
        "lost_consumer.silent",
        "unlimited",
        "ack_wait alone: nats-server issue 4627",
    ),
    row(
        "capacity.leased",
        "1000",
        "max_ack_pending 1000: consumer.go",
    ),
];

const PUBSUB: &[Row] = &[
    row(
        "lease.for",
        "10s",
        "ack_deadline_seconds 10: google.pubsub.v1 Subscription",
    ),
    row(
        "lease.late_ack",
        "accepted",
        "without exactly-once delivery: google.pubsub.v1 AcknowledgeRequest",
    ),
    row(
        "max_deliveries",
        "unlimited",
        "without a dead-letter policy; max_delivery_attempts n is about n",
    ),
    row(
        "counts",
        "[nack, lease_end]",
        "1 + nacks + deadlines that ran out: DeadLetterPolicy",
    ),
    row("give_up.to", "drop", "set it to the dead-letter topic"),
    row("lost_consumer.reset", "unlimited", "the deadline alone"),
    row("lost_consumer.silent", "unlimited", "the deadline alone"),
    row(
        "ttl",
        "168h",
        "message_retention_duration 7 days: subscription-properties",
    ),
];

const SERVICEBUS: &[Row] = &[
    row(
        "lease.for",
        "60s",
        "lock duration 1 minute: message-transfers-locks-settlement",
    ),
    row(
        "lease.late_ack",
        "rejected",
        "MessageLockLost: message-transfers-locks-settlement",
    ),
    row(
        "max_deliveries",
        "10",
        "MaxDeliveryCount 10: service-bus-dead-letter-queues",
    ),
    row(
        "counts",
        "[nack, lease_end]",
        "abandoned, or the lock ran out: service-bus-dead-letter-queues",
    ),
    row(
        "give_up.to",
        "park",
        "the dead-letter sub-queue is always there: service-bus-dead-letter-queues",
    ),
    row("lost_consumer.reset", "unlimited", "the lock alone"),
    row("lost_consumer.silent", "unlimited", "the lock alone"),
];
