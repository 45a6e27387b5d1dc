//! Pools of connections, to the instant (rule 66).

use super::*;

/// `s.op` holds a connection of `p` while `t` works 5 ms; a connection takes 2 ms to open.
fn pooled(times: &str, t: &str, pool: &str, more: &str) -> String {
    let s = "threads: 9, queue: { capacity: 9 }";
    let services = service("s", s, "with: { pool: p, steps: [call: t.op] }")
        + &service("t", t, "{ work: 5ms }");
    let pool = format!("pools:\n  p: {{ to: t, {pool} }}\n{more}");
    system(times, "timeout: 1s", &services) + &pool
}

/// Room for all at `t`.
const T: &str = "threads: 9, queue: { capacity: 9 }";

#[test]
fn rule_66_a_return_at_the_limit_of_a_wait_wins() {
    check(
        "opened for the first, given on to the second at its very limit, and the third waits no longer",
        &pooled(
            "0ms, 0ms, 0ms",
            T,
            "size: 1, max_wait: 7ms, open: { time: 2ms }",
            "",
        ),
        &[Keeping],
        &[
            "0s a2 waits for a connection",
            "0s a4 waits for a connection",
            "0s a6 waits for a connection",
            "2ms connection to t/0 opened after 2ms",
            "2ms a2 has a connection after 2ms",
            "7ms a2 gives its connection back",
            "7ms a4 has a connection after 7ms",
            "7ms a6 stopped.pool_timeout after 7ms",
            "12ms a4 gives its connection back",
        ],
    );
}

#[test]
fn rule_66_a_connection_ends_by_age_when_it_comes_back_and_by_boredom_while_it_is_free() {
    check(
        "older than 4 ms at its return: who waits gets another",
        &pooled(
            "0ms, 0ms",
            T,
            "size: 1, max_wait: 1s, max_age: 4ms, open: { time: 2ms }",
            "",
        ),
        &[Keeping],
        &[
            "0s a2 waits for a connection",
            "0s a4 waits for a connection",
            "2ms connection to t/0 opened after 2ms",
            "2ms a2 has a connection after 2ms",
            "7ms a2 gives its connection back",
            "7ms connection to t/0 closed",
            "9ms connection to t/0 opened after 2ms",
            "9ms a4 has a connection after 9ms",
            "14ms a4 gives its connection back",
            "14ms connection to t/0 closed",
        ],
    );
    check(
        "too old while it is free",
        &pooled(
            "0ms",
            T,
            "size: 1, max_wait: 1s, max_age: 6ms, open: { time: 2ms }",
            "",
        ),
        &[Keeping],
        &[
            "0s a2 waits for a connection",
            "2ms connection to t/0 opened after 2ms",
            "2ms a2 has a connection after 2ms",
            "7ms a2 gives its connection back",
            "8ms connection to t/0 closed",
        ],
    );
    check(
        "free for 10 ms, with none to be kept: used at 16 ms it begins anew",
        &pooled(
            "0ms, 16ms",
            T,
            "size: 1, max_wait: 1s, idle: 10ms, open: { time: 2ms }",
            "",
        ),
        &[Keeping],
        &[
            "0s a2 waits for a connection",
            "2ms connection to t/0 opened after 2ms",
            "2ms a2 has a connection after 2ms",
            "7ms a2 gives its connection back",
            "16ms a5 has a connection",
            "21ms a5 gives its connection back",
            "31ms connection to t/0 closed",
        ],
    );
}

#[test]
fn rule_66_a_connection_older_than_the_start_of_its_instance_is_found_by_a_check_or_by_its_user() {
    let crash =
        "faults:\n  boom: { at: 8ms, for: 1ms, service: t, crash: { callers_see: reset } }\n";
    let calls = |check: &str| {
        let pool = format!("size: 1, max_wait: 1s, {check} open: {{ time: 2ms }}");
        trace(&pooled("0ms, 20ms", T, &pool, crash), &[Keeping, Calls]).0
    };
    let with = calls("check: 5ms,");
    let last = with.last().unwrap();
    assert!(last.ends_with("c4 ok after 7ms"), "{with:#?}");
    let without = calls("");
    let last = without.last().unwrap();
    assert!(last.contains("c4 error.dependency"), "{without:#?}");
}

#[test]
fn rule_66_beyond_the_connections_of_an_instance_an_opening_fails() {
    let t = "threads: 9, queue: { capacity: 9 }, connections: 1";
    check(
        "whose it was fails with it; the next is his who comes back first",
        &pooled(
            "0ms, 0ms, 3ms",
            t,
            "size: 2, max_wait: 1s, open: { time: 2ms, on_failure: fail, serves: asker }",
            "",
        ),
        &[Keeping],
        &[
            "0s a2 waits for a connection",
            "0s a4 waits for a connection",
            "0s connection to t/0 not opened",
            "0s a4 error.refused",
            "2ms connection to t/0 opened after 2ms",
            "2ms a2 has a connection after 2ms",
            "3ms a7 waits for a connection",
            "3ms connection to t/0 not opened",
            "3ms a7 error.refused",
            "7ms a2 gives its connection back",
        ],
    );
}

#[test]
fn rule_66_of_a_dead_process_no_connection_is_left() {
    let crash =
        "faults:\n  boom: { at: 4ms, for: 1ms, service: s, crash: { callers_see: reset } }\n";
    check(
        "what it held is closed, and its next life begins with nothing",
        &pooled(
            "0ms, 6ms",
            T,
            "size: 1, max_wait: 1s, open: { time: 2ms }",
            crash,
        ),
        &[Keeping],
        &[
            "0s a2 waits for a connection",
            "2ms connection to t/0 opened after 2ms",
            "2ms a2 has a connection after 2ms",
            "4ms connection to t/0 closed",
            "4ms a2 gives its connection back broken",
            "6ms a5 waits for a connection",
            "8ms connection to t/0 opened after 2ms",
            "8ms a5 has a connection after 2ms",
            "13ms a5 gives its connection back",
        ],
    );
}

#[test]
fn rule_66_who_outlives_the_block_finds_its_connection_closed() {
    let policy = "{ hedge: { delay: 0s, losers: leave } }, { retry: { max_attempts: 2, backoff: none, on: [failed] } }";
    let hold = format!("with: {{ pool: p, steps: [call: {{ to: t.op, policy: [{policy}] }}] }}");
    let services = service("s", T, &hold)
        + &service(
            "t",
            "threads: 1, queue: { capacity: 9 }",
            "{ work: 5ms }, { fail: { sequence: [ok, unavailable] } }",
        );
    let pool = "pools:\n  p: { to: t, size: 1, max_wait: 1s, open: { time: 0s } }\n";
    check(
        "the first wins and the block is over; the loser fails, asks again, and is reset at once",
        &(system("0ms", "timeout: 1s", &services) + pool),
        &[Show::Attempts, Keeping],
        &[
            "0s c1 sends a1 to s/0",
            "0s c2 sends a2 to s/0",
            "0s a2 waits for a connection",
            "0s connection to t/0 opened",
            "0s a2 has a connection",
            "0s c3 sends a3 to t/0",
            "0s c3 sends a4 to t/0",
            "5ms a3 answered: ok",
            // The other call over it is still under way.
            "5ms a2 gives its connection back broken",
            "5ms connection to t/0 closed",
            "5ms a2 answered: ok",
            "5ms a1 answered: ok",
            "10ms a4 answered: error.unavailable",
            "10ms c3 sends a5 to t/0",
            "10ms a5 answered: error.reset",
        ],
    );
}

#[test]
fn rule_66_attempts_of_a_pooled_call_are_those_that_sent_something() {
    let s = service(
        "s",
        "threads: 9, queue: { capacity: 9 }",
        "call: { to: t.op, pool: p, policy: [{ retry: { max_attempts: 3, on: [stopped.pool_timeout], backoff: none } }] }",
    );
    let t = service("t", T, "{ work: 5ms }");
    let pool = "pools:\n  p: { to: t, size: 1, min_idle: 1, max_wait: 3ms }\n";
    let scenario = system("0ms, 0ms", "timeout: 1s", &(s + &t)) + pool;
    let spec = model(&scenario);
    let observer = Attempts(Vec::new());
    let all = run(&spec, 1, 0, observer, &mut |_, _| true).observer.0;
    // Of the client, of `s` to `t`, and over the connection; the second was in vain once before.
    assert_eq!(all, [1; 6]);
}

/// Attempts of each call that has ended.
struct Attempts(Vec<u32>);

impl Observer for Attempts {
    fn on_fact(&mut self, _: SimTime, fact: &Fact) {
        if let Fact::CallEnded { attempts, .. } = *fact {
            self.0.push(attempts);
        }
    }
}
