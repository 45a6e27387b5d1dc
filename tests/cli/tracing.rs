//! `squall trace`: one call, exactly.

use super::binary::Scratch;
use serde_json::Value;

/// Two users at once at a bank with one thread: the second one's first attempt waits too long.
const TWO_STEPS: &str = "\
scenario: two-steps
question: Where does the time of one call go?
run: { duration: 10s, seed: 1 }
network: { latency: 5ms }
clients:
  users:
    users: { count: 2, think_time: 1s, start: at_once }
    calls: shop.buy
    policy: patient
services:
  shop:
    threads: 4
    queue: { capacity: 8 }
    operations:
      buy:
        steps:
          - work: 20ms
          - call: { to: bank.pay, policy: hasty }
  bank:
    threads: 1
    queue: { capacity: 8 }
    operations:
      pay: { idempotent: true, steps: [ { work: 100ms } ] }
policies:
  patient:
    - timeout: 2s
  hasty:
    - retry: { max_attempts: 2, backoff: { constant: 50ms }, jitter: none }
    - timeout: 150ms
";

fn scratch(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.write("steps.yaml", TWO_STEPS);
    scratch
}

fn trace(scratch: &Scratch, args: &[&str], code: i32) -> super::binary::Ended {
    let all = [&["trace", "steps.yaml", "--quiet"][..], args].concat();
    scratch.run(&all).with(code)
}

#[test]
fn every_wait_and_decision_of_a_call_has_its_time() {
    let scratch = scratch("trace");
    let shown = trace(&scratch, &["--slowest", "--ascii"], 0).out;
    assert_eq!(
        shown,
        "\
call 2 of users: users -> shop.buy
started at t=0.000s, ended ok after 340 ms

                                       0                         340 ms
shop.buy: ok                           --------------------------------   340 ms
 1 shop/1: ok                          ###############################.   340 ms
   queue 0 ns, thread 330 ms, answered ok
   bank.pay: ok                          -----------------------------    310 ms
    1 bank/1: timeout.response           qqqqqqqqqq####xxxxx              150 ms
      queue 100 ms, thread 100 ms, answered ok, 55 ms after its caller had left
    +175 ms timeout: the time is up: the pass inside is given up
    +175 ms retry: pass 1 failed: it tries again after 50ms
    2 bank/1: ok                                            ##########    110 ms
      queue 0 ns, thread 100 ms, answered ok

- call  . on the way  q in the queue  # in a thread  x in a thread for nobody
"
    );
    assert_eq!(shown, trace(&scratch, &["--call", "2", "--ascii"], 0).out);
    for args in [
        &["--typical"][..],
        &["--call", "4"],
        &["--slowest", "--client", "users"],
    ] {
        for line in trace(&scratch, args, 0).out.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

#[test]
fn layers_that_could_have_stopped_an_attempt_are_named() {
    let retry = "    - retry: { max_attempts: 2, backoff: { constant: 50ms }, jitter: none }\n";
    let around = "    - circuit_breaker: { consecutive_failures: 3, open_for: 1s }\n";
    let inside = "    - circuit_breaker: { consecutive_failures: 1, open_for: 40ms }\n";
    let bulkhead = "    - bulkhead: { max_concurrent: 4 }\n";
    for (layers, expected) in [
        (
            [around, retry, bulkhead],
            ["circuit_breaker (closed), bulkhead", "bulkhead"],
        ),
        (
            [retry, inside, ""],
            ["circuit_breaker (closed)", "circuit_breaker (half_open)"],
        ),
    ] {
        let scratch = Scratch::new("trace-through");
        scratch.write("steps.yaml", TWO_STEPS.replace(retry, &layers.concat()));
        let shown = trace(&scratch, &["--slowest", "--ascii"], 0).out;
        let through: Vec<&str> = shown
            .lines()
            .filter_map(|line| line.trim().strip_prefix("let through by "))
            .collect();
        assert_eq!(through, expected, "{shown}");
    }
}

#[test]
fn a_call_of_another_replication_is_another_call() {
    let scratch = Scratch::new("trace-replication");
    scratch.write("shop.yaml", super::sample::SHOP);
    let shown = |number: &str| {
        let args = ["trace", "shop.yaml", "--slowest", "--replication", number];
        scratch.run(&args).with(0).out
    };
    assert_ne!(shown("0"), shown("1"));
    let plain = scratch
        .run(&["trace", "shop.yaml", "--slowest"])
        .with(0)
        .out;
    assert_eq!(shown("0"), plain);
}

#[test]
fn a_trace_is_data_too() {
    let scratch = scratch("trace-json");
    let data = |format: &str| -> Value {
        serde_json::from_str(&trace(&scratch, &["--slowest", "--format", format], 0).out).unwrap()
    };
    let trace = data("json");
    assert_eq!(trace["trace_version"], 1);
    let bank = &trace["call"]["attempts"][0]["operation"]["calls"][0];
    assert_eq!(bank["edge"], "shop.buy -> bank.pay");
    let first = &bank["attempts"][0];
    assert_eq!(first["outcome"], "timeout.response");
    assert_eq!(first["operation"]["arrived_at_ns"], 30_000_000);
    assert_eq!(first["operation"]["started_at_ns"], 130_000_000);
    assert_eq!(first["operation"]["ended_at_ns"], 230_000_000);
    assert_eq!(bank["decisions"][1]["waits_ns"], 50_000_000);
    let events = data("perfetto")["traceEvents"].as_array().unwrap().clone();
    let phase = |which: &str| events.iter().filter(|event| event["ph"] == which).count();
    assert_eq!(phase("b"), phase("e"));
    assert_eq!(phase("n"), 2);
}

#[test]
fn what_is_not_there_is_bad_input() {
    let scratch = scratch("trace-missing");
    for (args, words) in [
        (
            &["--call", "99999"][..],
            "makes no call with the number 99999",
        ),
        (&["--first-failure"], "every call that ended was useful"),
        (&["--slowest", "--client", "user"], "did you mean `users`?"),
        (&[], "--first-failure"),
        (&["--slowest", "--typical"], "cannot be used"),
    ] {
        let ended = trace(&scratch, args, 2);
        assert!(ended.err.contains(words), "{args:?}: {}", ended.err);
    }
}

#[test]
fn waits_are_told_in_round_figures() {
    let scratch = Scratch::new("trace-round");
    let jittered = TWO_STEPS.replace("jitter: none", "jitter: full");
    scratch.write("steps.yaml", jittered);
    let shown = trace(&scratch, &["--slowest"], 0).out;
    let (_, wait) = shown.split_once("it tries again after ").unwrap();
    let wait = wait.lines().next().unwrap();
    assert!(wait.len() <= "150ms".len(), "{wait}");
}
