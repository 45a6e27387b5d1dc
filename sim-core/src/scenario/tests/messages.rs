//! Queues of messages and their consumers: what is refused.

use super::{load_text, normalised_is_the_same, refused};

fn shop(queue: &str, consumer: &str, publish: &str) -> String {
    format!(
        "scenario: s
run: {{ duration: 60s }}
clients:
  c: {{ arrivals: {{ poisson: {{ rate: 1/s }} }}, calls: shop.buy }}
services:
  shop:
    threads: unlimited
    operations: {{ buy: {{ idempotent: true, steps: [ {{ publish: {publish} }} ] }} }}
  bus:
    threads: unlimited
    queues: {{ orders: {queue}, dead: {{}} }}
    operations: {{}}
  mail:
    threads: 3
    queue: {{ capacity: 9 }}
    consumes: {{ orders: {consumer} }}
    operations: {{ send: {{ idempotent: true, steps: [ {{ work: 10ms }} ] }} }}
"
    )
}

const CONSUMER: &str = "{ from: bus.orders, operation: send }";

#[test]
#[expect(clippy::too_many_lines, reason = "a row for each mistake")]
fn misused_queues_are_refused() {
    for (queue, consumer, publish, expected) in [
        (
            "{ lease: { for: 0s } }",
            CONSUMER,
            "bus.orders",
            "never worked on",
        ),
        (
            "{ lease: { for: 5 } }",
            CONSUMER,
            "bus.orders",
            "carries its unit",
        ),
        ("{ order: key }", CONSUMER, "bus.orders", "has no `keys`"),
        (
            "{ partitions: 5 }",
            CONSUMER,
            "bus.orders",
            "anybody gets anything",
        ),
        (
            "{ assign: eager }",
            CONSUMER,
            "bus.orders",
            "has no `partitions`",
        ),
        (
            "{ on_failure: block }",
            CONSUMER,
            "bus.orders",
            "`order` is `none`",
        ),
        ("{ prefetch: 5 }", CONSUMER, "bus.orders", "prefetch"),
        (
            "{ give_up: bus.dread }",
            CONSUMER,
            "bus.orders",
            "did you mean `bus.dead`?",
        ),
        (
            "{ max_deliveries: 0 }",
            CONSUMER,
            "bus.orders",
            "max_deliveries",
        ),
        (
            "{ like: rabbitmq }",
            CONSUMER,
            "bus.orders",
            "rabbitmq-quorum",
        ),
        ("{}", CONSUMER, "bus.order", "did you mean `bus.orders`?"),
        ("{}", CONSUMER, "orders", "`service.queue`"),
        (
            "{}",
            "{ from: bus.orders, operation: sent }",
            "bus.orders",
            "did you mean `send`?",
        ),
        (
            "{}",
            "{ from: bus.oders, operation: send }",
            "bus.orders",
            "did you mean `bus.orders`?",
        ),
        (
            "{}",
            "{ from: bus.orders, operation: send, on_error: leave }",
            "bus.orders",
            "handed out for ever",
        ),
    ] {
        let text = shop(queue, consumer, publish);
        let found = refused(&text);
        assert!(found.contains(expected), "{queue} {consumer}: {found}");
    }
}

#[test]
fn every_product_can_be_written_out() {
    for (like, deliveries) in [
        ("sqs", u32::MAX),
        ("rabbitmq-classic", u32::MAX),
        ("rabbitmq-quorum", 21),
        ("kafka-share", 5),
        ("jetstream", u32::MAX),
        ("pubsub", u32::MAX),
        ("servicebus", 10),
    ] {
        let text = shop(&format!("{{ like: {like} }}"), CONSUMER, "bus.orders");
        let loaded = load_text(&text).unwrap();
        let queue = loaded.scenario.model.queues.iter().next().unwrap();
        assert_eq!(queue.config.max_deliveries, deliveries, "{like}");
        normalised_is_the_same(&loaded);
    }
    let text = shop(
        "{ like: rabbitmq-quorum, max_deliveries: 3 }",
        CONSUMER,
        "bus.orders",
    );
    let loaded = load_text(&text).unwrap();
    let queue = loaded.scenario.model.queues.iter().next().unwrap();
    assert_eq!(queue.config.max_deliveries, 3);
}
