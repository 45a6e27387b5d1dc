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

#[test]
fn who_asks_a_pool_waits_as_erlang_says() {
    let theory = Mmc {
        arrival_rate: 50.0,
        service_rate: 25.0,
        servers: 3,
    };
    // Those who wait do so exponentially; served newest first, for a busy period of the whole pool.
    let of_waiters = theory.mean_wait_of_waiters();
    let squared = 2.0 * theory.probability_of_waiting() * of_waiters * of_waiters;
    for (order, seconds, second_moment) in [
        ("fifo", 2400, squared),
        ("lifo", 4000, squared / (1.0 - theory.utilisation())),
    ] {
        agree(
            order,
            &pooled(50, 3, &format!("order: {order}")),
            seconds,
            &[
                (
                    "waiters",
                    Sums::pool_waiters,
                    theory.probability_of_waiting(),
                ),
                ("wait", Sums::pool_wait, theory.mean_wait()),
                ("second moment", Sums::pool_wait_squared, second_moment),
            ],
        );
    }
}

#[test]
#[should_panic(expected = "waiters is")]
fn a_pool_of_another_size_is_found_out() {
    let theory = Mmc {
        arrival_rate: 50.0,
        service_rate: 25.0,
        servers: 3,
    };
    let waiters = theory.probability_of_waiting();
    let claims: [Claim<'_>; 1] = [("waiters", Sums::pool_waiters, waiters)];
    agree("one more", &pooled(50, 4, "order: fifo"), 200, &claims);
}
