//! A part that cannot be read is complained of once: nothing is said of what it seems to lack.

use super::load_text;

const TEXT: &str = "
scenario: one-mistake
run: { duration: 10s }
clients:
  users:
    zones: [a]
    arrivals: { constant: { rate: 1/s } }
    calls: shop.buy
    class: gold
    policy: guarded
policies:
  guarded:
    - circuit_breaker: { consecutive_failures: 5, open_for: 1s }
    - concurrency_limit: { like: aimd }
pools:
  main: { to: db, size: 4, max_wait: 1s }
services:
  shop:
    instances: 3
    zones: [a, b, c]
    threads: 4
    queue: { capacity: 8 }
    memory: { per_call: 1MB, limit: 100MB }
    admission: [{ concurrency_limit: { like: vegas } }]
    health:
      live: { like: kubernetes, check: process, on_fail: { breaker: guarded } }
    operations:
      buy: { steps: [{ with: { pool: main, steps: [{ call: db.find }] } }] }
  db:
    threads: 4
    queue: { capacity: 8, discipline: { priority: { classes: [gold] } } }
    operations: { find: { steps: [{ work: 1ms }] } }
faults:
  lost: { at: 1s, for: 1s, service: shop, zone: b, crash: {} }
  two: { at: 3s, for: 1s, service: shop, instances: 2, pause: {} }
  leak: { at: 5s, for: 1s, service: shop, fill: { memory: 10MB } }
  cut: { at: 7s, for: 1s, from: users, to: shop, zone: c, partition: {} }
expect:
  limit: { limit: { service: shop, at_most: 100 } }
  own-limit: { limit: { policy: guarded, at_most: 100 } }
  memory: { memory: { service: shop, at_most: 90% } }
  waits: { pool_wait: { pool: main, at_most: 1s } }
  found: { detection: { check: shop.live, to: two, within: 10s } }
  edge: { success: { call: users -> shop.buy, at_least: 50% } }
";

/// What is wrong, and only that, with one piece of the text replaced.
fn complaints(from: &str, to: &str) -> Vec<String> {
    assert!(TEXT.contains(from), "{from}");
    let found = load_text(&TEXT.replacen(from, to, 1)).unwrap_err();
    let all = found.all().iter();
    all.map(|it| it.message.clone()).collect()
}

#[test]
fn what_could_not_be_read_is_not_said_to_be_missing() {
    assert!(load_text(TEXT).is_ok(), "{:?}", load_text(TEXT).err());
    for (from, to) in [
        ("instances: 3\n", "instances: none\n"),
        (
            "threads: 4\n    queue: { capacity: 8 }\n",
            "threads: 4\n    queue: { capacity: x }\n",
        ),
        ("per_call: 1MB", "per_call: -1MB"),
        ("like: vegas", "like: vega"),
        ("check: process", "check: processes"),
    ] {
        let found = complaints(from, to);
        assert_eq!(found.len(), 1, "{to}: {found:#?}");
    }
}
