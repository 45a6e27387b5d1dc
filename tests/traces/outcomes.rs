//! How calls end, who is blamed, and what comes first (rules 2, 4, 5, 30, 34, 36, 41 and 42).

use super::*;

fn threads(count: u32) -> String {
    format!("threads: {count}, queue: {{ capacity: 9 }}")
}

#[test]
fn rule_41_a_completion_at_the_deadline_beats_the_timeout() {
    for (limit, expected) in [
        ("10ms", "10ms c1 ok after 10ms"),
        (
            "9.999999ms",
            "9.999999ms c1 timeout.response, AtWork in s.op after 9.999999ms",
        ),
    ] {
        let scenario = system(
            "0ms",
            &format!("timeout: {limit}"),
            &service("s", &threads(1), "work: 10ms"),
        );
        check(limit, &scenario, &[Calls], &["0s c1 wants s.op", expected]);
    }
    // 4 ms there, 2 ms of work, 4 ms back: the answer is there at the limit.
    let scenario = system(
        "0ms",
        "timeout: 10ms",
        &service("s", &threads(1), "work: 2ms"),
    ) + "network: { latency: 4ms }\n";
    check(
        "over the network",
        &scenario,
        &[Calls],
        &["0s c1 wants s.op", "10ms c1 ok after 10ms"],
    );
}

#[test]
fn rule_42_a_hop_of_zero_latency_is_no_event() {
    let services =
        service("s", &threads(1), "call: t.op") + &service("t", &threads(1), "work: 1ms");
    let (_, end) = trace(&system("0ms", "retry: {}", &services), &[]);
    assert_eq!(end.events, 2, "the arrival, and the end of the work");
}

#[test]
fn rule_5_detach_lets_the_attempt_run_on() {
    let s = service("s", &threads(1), "work: 20ms");
    check(
        "the caller moves on at 5 ms, the attempt ends at 20 ms",
        &system("0ms", "timeout: { after: 5ms, on_expiry: detach }", &s),
        &[Calls, Attempts, Operations, Messages],
        &[
            "0s c1 wants s.op",
            "0s c1 sends a1 to s/0",
            "0s a1 starts",
            "5ms c1 timeout.response, AtWork in s.op after 5ms",
            "20ms a1 finishes ok, held 20ms",
            "20ms answer of a1 unwanted",
            "20ms a1 answered: ok",
        ],
    );
}

#[test]
fn rule_35_what_a_detached_pass_brings_is_unwanted_however_deep_it_is() {
    let detach = |after: &str| format!("{{ timeout: {{ after: {after}, on_expiry: detach }} }}");
    let work = service("s", &threads(2), "work: 20ms");
    let elsewhere = service("s", &threads(1), "fail: { share: 100% }")
        + &service("t", &threads(1), "work: 20ms");
    let within = |layer: &str, after: &str| format!("{}, {{ {layer} }}", detach(after));
    let retry = "retry: { max_attempts: 2, backoff: { constant: 30ms }, jitter: none }";
    let instead = "fallback: { answer: { call: { to: t.op, policy: [] } } }";
    let cases: [(&str, String, &str, &[&str]); 5] = [
        (
            "in time",
            within("bulkhead: { max_concurrent: 1 }", "25ms"),
            &work,
            &[],
        ),
        (
            "in a bulkhead",
            within("bulkhead: { max_concurrent: 1 }", "5ms"),
            &work,
            &["20ms answer of a1 unwanted"],
        ),
        (
            "under a retry that has begun another pass",
            format!("{{ {retry} }}, {}", detach("5ms")),
            &work,
            &["20ms answer of a1 unwanted", "55ms answer of a2 unwanted"],
        ),
        (
            "of a retry that begins another for nobody",
            format!("{}, {{ {retry} }}", detach("5ms")),
            &service(
                "s",
                &threads(1),
                "{ work: 20ms }, { fail: { share: 100% } }",
            ),
            &["20ms answer of a1 unwanted", "70ms answer of a2 unwanted"],
        ),
        (
            "of another operation that a fallback asks",
            within(instead, "5ms"),
            &elsewhere,
            &["20ms answer of a2 unwanted"],
        ),
    ];
    for (title, policy, services, unwanted) in cases {
        check(
            title,
            &system("0ms", &policy, services),
            &[Messages],
            unwanted,
        );
    }
}

/// The end of the first call of a chain `s` → `t` with this timeout at the client.
fn first_call(policy: &str, s: &str, t: &str) -> String {
    let services = service("s", &threads(1), s) + &service("t", &threads(1), t);
    let lines = trace(&system("0ms", policy, &services), &[Calls]).0;
    lines
        .into_iter()
        .find(|line| line.contains(" c1 ") && !line.contains("wants"))
        .unwrap()
}

#[test]
fn rule_30_a_timeout_blames_where_the_attempt_stood() {
    let cases = [
        ("at work", "work: 20ms", "work: 1ms", "AtWork in s.op"),
        (
            "at work two tiers down",
            "call: t.op",
            "work: 20ms",
            "AtWork in t.op",
        ),
        (
            "in the backoff of the callee's own call",
            "call: { to: t.op, policy: [{ retry: { backoff: { constant: 50ms }, jitter: none } }] }",
            "fail: { share: 100% }",
            "InBackoff in retry",
        ),
        (
            "at work again after a decided parallel",
            "{ parallel: { branches: [{ work: 1ms }, { call: t.op }], need: any } }, { work: 20ms }",
            "work: 30ms",
            "AtWork in s.op",
        ),
        (
            "at work again while the rest of a parallel runs on",
            "{ parallel: { branches: [{ work: 1ms }, { call: t.op }], need: any, cancel_rest: false } }, { work: 20ms }",
            "work: 30ms",
            "AtWork in s.op",
        ),
        (
            "in the outer parallel's call, when an inner one is decided",
            "parallel: [{ call: t.op }, [{ parallel: { branches: [{ work: 1ms }, { call: t.op }], need: any } }, { work: 20ms }]]",
            "work: 30ms",
            "AtWork in t.op",
        ),
    ];
    for (title, s, t, blamed) in cases {
        let expected = format!("10ms c1 timeout.response, {blamed} after 10ms");
        assert_eq!(first_call("timeout: 10ms", s, t), expected, "{title}");
    }
}

#[test]
fn rule_30_in_a_queue_or_on_the_way() {
    let s = service("s", &threads(1), "work: 20ms");
    check(
        "the second waits for the thread; the attempt says so as well",
        &system("0ms, 1ms", "timeout: 10ms", &s),
        &[Calls, Attempts],
        &[
            "0s c1 wants s.op",
            "0s c1 sends a1 to s/0",
            "1ms c2 wants s.op",
            "1ms c2 sends a2 to s/0",
            "10ms a1 given up: timeout.response, AtWork in s.op",
            "10ms c1 timeout.response, AtWork in s.op after 10ms",
            "11ms a2 given up: timeout.response, InQueue in s.op",
            "11ms c2 timeout.response, InQueue in s.op after 10ms",
        ],
    );
    check(
        "30 ms of latency",
        &(system("0ms", "timeout: 10ms", &s) + "network: { latency: 30ms }\n"),
        &[Calls],
        &[
            "0s c1 wants s.op",
            "10ms c1 timeout.response, OnTheWay in the way to s.op after 10ms",
        ],
    );
}

#[test]
fn rule_30_a_chain_of_failures_keeps_its_first_cause() {
    assert_eq!(
        first_call(
            "fallback: { on: [failed], answer: static }",
            "call: t.op",
            "{ work: 3ms }, { fail: { share: 100%, kind: unavailable } }"
        ),
        "3ms c1 degraded for error.unavailable in t.op after 3ms"
    );
    assert_eq!(
        first_call(
            "timeout: 1s",
            "call: { to: t.op, policy: [timeout: 4ms] }",
            "work: 30ms"
        ),
        "4ms c1 error.dependency, AtWork in t.op after 4ms"
    );
}

#[test]
fn rule_36_four_layers_of_three_attempts_on_a_dead_leaf_give_81() {
    let retry = "{ retry: { max_attempts: 3, backoff: none } }";
    let mut services = String::new();
    for (name, next) in [("s", "t"), ("t", "u"), ("u", "v")] {
        let call = format!("call: {{ to: {next}.op, policy: [{retry}] }}");
        services += &service(name, &threads(1), &call);
    }
    services += &service("v", &threads(1), "fail: { share: 100% }");
    let spec = model(&system("0ms", retry, &services));
    let observer = Leaf {
        spec: &spec,
        attempts: 0,
        originals: 0,
    };
    let leaf = run(&spec, 1, 0, observer, &mut |_, _| true).observer;
    assert_eq!((leaf.attempts, leaf.originals), (81, 1));
}

/// Counts the attempts that go to `v.op`, and how many of them are original.
struct Leaf<'s> {
    spec: &'s ModelSpec,
    attempts: u32,
    originals: u32,
}

impl Observer for Leaf<'_> {
    fn on_fact(&mut self, _now: SimTime, fact: &Fact) {
        if let Fact::AttemptSent { site, original, .. } = *fact
            && self.spec.operation_name(self.spec.sites[site].target) == "v.op"
        {
            self.attempts += 1;
            self.originals += u32::from(original);
        }
    }
}
