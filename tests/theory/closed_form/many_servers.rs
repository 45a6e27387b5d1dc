//! Several servers and limited rooms: how many threads, how long a queue.
//!
//! The intuition: the *offered load* a is the mean number of servers that would be busy if there
//! were always enough (arrivals per second times seconds of service; Erlang's unit). Without a
//! queue, those who find all servers busy are lost (Erlang B). With an endless one they wait
//! (Erlang C). A limited queue lies between the two.
//!
//! Sources: Erlang, *Solution of some problems in the theory of probabilities of significance in
//! automatic telephone exchanges* (1917); Kleinrock, *Queueing Systems* I (1975), sections 3.4 to
//! 3.7; Harchol-Balter (2013), chapters 14 and 15.

use super::{chain, mean_over};

/// Erlang B: probability that all `servers` are busy when those who find them so go away.
/// `load` is the offered load in Erlangs: arrivals per service time. By the recursion
/// B(c) = a B(c-1) / (c + a B(c-1)), which is stable for any size.
pub(crate) fn erlang_b(servers: u32, load: f64) -> f64 {
    (1..=servers).fold(1.0, |blocked, server| {
        let offered = load * blocked;
        offered / (f64::from(server) + offered)
    })
}

/// Erlang C: probability that an arrival has to wait when everybody waits as long as it takes.
/// `load` is the offered load in Erlangs; from `servers` on everybody waits.
pub(crate) fn erlang_c(servers: u32, load: f64) -> f64 {
    let servers_f64 = f64::from(servers);
    if load >= servers_f64 {
        return 1.0;
    }
    let blocked = erlang_b(servers, load);
    servers_f64 * blocked / (servers_f64 - load * (1.0 - blocked))
}

/// M/M/c: exponential times between arrivals, exponential service, several servers, one queue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mmc {
    /// Arrivals (1/s).
    pub(crate) arrival_rate: f64,
    /// Jobs one busy server completes (1/s).
    pub(crate) service_rate: f64,
    /// Servers (count).
    pub(crate) servers: u32,
}

impl Mmc {
    /// Offered load (Erlang): the mean number of busy servers. In M/M/∞, where nobody ever waits,
    /// this is also the mean number present, and its variance.
    pub(crate) fn load(self) -> f64 {
        self.arrival_rate / self.service_rate
    }

    /// Share of time in which a server is busy, if below 1: rho.
    pub(crate) fn utilisation(self) -> f64 {
        self.load() / f64::from(self.servers)
    }

    /// Probability that an arrival has to wait.
    pub(crate) fn probability_of_waiting(self) -> f64 {
        erlang_c(self.servers, self.load())
    }

    /// Mean waiting time (s), those who do not wait included: C / (c mu - lambda).
    pub(crate) fn mean_wait(self) -> f64 {
        self.probability_of_waiting() * self.mean_wait_of_waiters()
    }

    /// Mean waiting time (s) of those who have to wait; it is exponential.
    pub(crate) fn mean_wait_of_waiters(self) -> f64 {
        if self.utilisation() >= 1.0 {
            return f64::INFINITY;
        }
        1.0 / (f64::from(self.servers) * self.service_rate - self.arrival_rate)
    }

    /// Standard deviation of the waiting time (s), those who do not wait included: the wait is zero
    /// with 1 - C and exponential with C, so its second moment is 2 C / (c mu - lambda)².
    pub(crate) fn deviation_of_wait(self) -> f64 {
        let waits = self.probability_of_waiting();
        (waits * (2.0 - waits)).sqrt() * self.mean_wait_of_waiters()
    }

    /// Mean response time (s).
    pub(crate) fn mean_response(self) -> f64 {
        self.mean_wait() + 1.0 / self.service_rate
    }

    /// Mean number waiting (count): Lq.
    pub(crate) fn mean_waiting(self) -> f64 {
        self.arrival_rate * self.mean_wait()
    }

    /// Mean number waiting or in service (count): L.
    pub(crate) fn mean_present(self) -> f64 {
        self.arrival_rate * self.mean_response()
    }
}

/// M/M/c/K: as M/M/c, with so many places to wait; who finds them taken is rejected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mmck {
    /// Arrivals, rejected ones included (1/s).
    pub(crate) arrival_rate: f64,
    /// Jobs one busy server completes (1/s).
    pub(crate) service_rate: f64,
    /// Servers (count).
    pub(crate) servers: u32,
    /// Places for those who wait, not counting the servers: K - c (count).
    pub(crate) waiting_places: u32,
}

impl Mmck {
    /// Probability of each number present, from 0 to servers and waiting places together.
    pub(crate) fn probabilities(self) -> Vec<f64> {
        let load = self.arrival_rate / self.service_rate;
        chain(
            (1..=self.servers + self.waiting_places).map(|n| load / f64::from(n.min(self.servers))),
        )
    }

    /// Probability that an arrival is rejected.
    pub(crate) fn blocking(self) -> f64 {
        self.probabilities().last().copied().unwrap_or(1.0)
    }

    /// Jobs completed (1/s).
    pub(crate) fn throughput(self) -> f64 {
        self.arrival_rate * (1.0 - self.blocking())
    }

    /// Mean number waiting (count).
    pub(crate) fn mean_waiting(self) -> f64 {
        let servers = f64::from(self.servers);
        mean_over(&self.probabilities(), |n| (n - servers).max(0.0))
    }

    /// Mean waiting time (s) of those who were not rejected, by Little's law.
    pub(crate) fn mean_wait(self) -> f64 {
        self.mean_waiting() / self.throughput()
    }

    /// Mean response time (s) of those who were not rejected.
    pub(crate) fn mean_response(self) -> f64 {
        self.mean_wait() + 1.0 / self.service_rate
    }
}

mod tests {
    use super::super::{Mm1, assert_close, power};
    use super::*;

    /// To the digits that tables print.
    fn assert_table(actual: f64, printed: f64, digit: f64) {
        assert!(
            (actual - printed).abs() <= digit / 2.0,
            "{actual} instead of {printed}"
        );
    }

    #[test]
    fn erlang_b_agrees_with_hand_and_table() {
        assert_close(erlang_b(0, 3.0), 1.0);
        assert_close(erlang_b(1, 1.0), 0.5);
        assert_close(erlang_b(2, 1.0), 0.2);
        assert_close(erlang_b(3, 2.0), 4.0 / 19.0);
        // Traffic tables: 10 lines carry 4.461 Erlang at 1 % and 5.084 at 2 % loss.
        assert_table(erlang_b(10, 4.461), 0.01, 1e-5);
        assert_table(erlang_b(10, 5.084), 0.02, 1e-5);
        assert_table(erlang_b(100, 84.06), 0.01, 1e-4);
    }

    #[test]
    fn two_servers_busy_four_fifths_of_the_time() {
        let queue = Mmc {
            arrival_rate: 16.0,
            service_rate: 10.0,
            servers: 2,
        };
        // For two servers C = 2 rho² / (1 + rho).
        assert_close(queue.probability_of_waiting(), 1.28 / 1.8);
        assert_close(queue.mean_wait(), 1.28 / 1.8 / 4.0);
        assert_close(queue.mean_response(), 0.1 / 0.36);
        assert_close(queue.mean_waiting(), 16.0 * 1.28 / 1.8 / 4.0);
        assert_close(queue.mean_present(), queue.mean_waiting() + queue.load());
    }

    #[test]
    fn one_of_many_is_one() {
        let (arrival_rate, service_rate) = (8.0, 10.0);
        let many = Mmc {
            arrival_rate,
            service_rate,
            servers: 1,
        };
        let one = Mm1 {
            arrival_rate,
            service_rate,
        };
        assert_close(many.probability_of_waiting(), 0.8);
        assert_close(many.mean_wait(), one.mean_wait());
        assert_close(many.mean_response(), one.mean_response());
    }

    #[test]
    fn a_room_for_one_server_has_a_closed_form() {
        let (rho, places) = (0.8, 4);
        let room = Mmck {
            arrival_rate: 8.0,
            service_rate: 10.0,
            servers: 1,
            waiting_places: places - 1,
        };
        let blocking = (1.0 - rho) * power(rho, 4) / (1.0 - power(rho, 5));
        assert_close(room.blocking(), blocking);
        assert_close(room.throughput(), 8.0 * (1.0 - blocking));
        // Waiting: 1 of state 2, 2 of state 3, 3 of state 4; all over 1 + 0.8 + ... + 0.8^4.
        let waiting = (0.64 + 2.0 * 0.512 + 3.0 * 0.4096) / 3.3616;
        assert_close(room.mean_waiting(), waiting);
        assert_close(room.mean_wait(), waiting / room.throughput());
        assert_close(room.mean_response(), room.mean_wait() + 0.1);
    }

    #[test]
    fn a_room_lies_between_loss_and_endless_waiting() {
        let room = |waiting_places| Mmck {
            arrival_rate: 16.0,
            service_rate: 10.0,
            servers: 2,
            waiting_places,
        };
        assert_close(room(0).blocking(), erlang_b(2, 1.6));
        let endless = Mmc {
            arrival_rate: 16.0,
            service_rate: 10.0,
            servers: 2,
        };
        assert_close(room(500).mean_wait(), endless.mean_wait());
    }

    #[test]
    fn an_overloaded_room_is_always_full() {
        let room = Mmck {
            arrival_rate: 1e6,
            service_rate: 1.0,
            servers: 2,
            waiting_places: 100,
        };
        assert_close(room.blocking(), 1.0 - 2e-6);
        assert!(erlang_c(2, 2.0) >= 1.0);
    }
}
