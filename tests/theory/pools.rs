//! Pools of connections: a pool of c whose connections are held for an exponential time is M/M/c.

use super::closed_form::Mmc;
use super::*;

/// `s` holds a connection of this pool while `t`, which has threads for all, works 40 ms on average.
fn pooled(rate: u32, size: u32, more: &str) -> String {
    let s = service(
        "s",
        "threads: unlimited",
        "with: { pool: p, steps: [call: t.op] }",
    );
    let t = service(
        "t",
        "threads: unlimited",
        "work: { exponential: { mean: 40ms } }",
    );
    let pool = format!(
        "pools:\n  p: {{ to: t, size: {size}, min_idle: {size}, max_wait: unlimited, {more} }}\n"
    );
    open(rate, PATIENT, &(s + &t)) + &pool
}

/// Three connections that are two thirds in use.
fn erlang() -> Mmc {
    Mmc {
        arrival_rate: 50.0,
        service_rate: 25.0,
        servers: 3,
    }
}

/// Who waits does so for an exponential time if the line is served in order; if the newest comes first, for
/// a busy period of the whole pool: the same mean, and a second moment that is greater by 1 / (1 - ρ).
fn agrees_with_erlang(order: &str, seconds: u64, more: f64) {
    let theory = erlang();
    let waits = theory.probability_of_waiting();
    let of_waiters = theory.mean_wait_of_waiters();
    let squared = 2.0 * waits * of_waiters * of_waiters * more;
    agree(
        order,
        &pooled(50, 3, &format!("order: {order}")),
        seconds,
        &[
            ("waiters", Sums::pool_waiters, waits),
            ("wait", Sums::pool_wait, theory.mean_wait()),
            ("second moment", Sums::pool_wait_squared, squared),
        ],
    );
}

#[test]
fn who_asks_a_pool_waits_as_erlang_says() {
    agrees_with_erlang("fifo", 2200, 1.0);
}

#[test]
fn newest_first_waits_as_long_on_average_and_varies_more() {
    let more = 1.0 / (1.0 - erlang().utilisation());
    agrees_with_erlang("lifo", 4000, more);
}

#[test]
#[should_panic(expected = "waiters is")]
fn a_pool_of_another_size_is_found_out() {
    let waiters = erlang().probability_of_waiting();
    let claims: [Claim<'_>; 1] = [("waiters", Sums::pool_waiters, waiters)];
    agree("one more", &pooled(50, 4, "order: fifo"), 200, &claims);
}
