//! One server: how waiting grows as the server runs out of idle time.
//!
//! The intuition: work arrives at a share rho of what the server can do. Waiting is proportional to
//! rho / (1 - rho), so from 80 % to 90 % busy it more than doubles, and to how irregular the work
//! is: constant work halves the wait of exponential work.
//!
//! Sources: Kleinrock, *Queueing Systems* I (1975), sections 3.2 and 5.5; Harchol-Balter,
//! *Performance Modeling and Design of Computer Systems* (2013), chapters 13, 23 and 30.

use super::power;

/// M/M/1: exponential times between arrivals, exponential service, one server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mm1 {
    /// Arrivals (1/s).
    pub(crate) arrival_rate: f64,
    /// Jobs a busy server completes (1/s).
    pub(crate) service_rate: f64,
}

impl Mm1 {
    /// Share of time in which the server is busy, if below 1: rho.
    pub(crate) fn utilisation(self) -> f64 {
        self.arrival_rate / self.service_rate
    }

    /// Mean waiting time (s): rho / (mu - lambda).
    pub(crate) fn mean_wait(self) -> f64 {
        self.utilisation() * self.mean_response()
    }

    /// Mean response time (s): 1 / (mu - lambda).
    pub(crate) fn mean_response(self) -> f64 {
        if self.utilisation() >= 1.0 {
            return f64::INFINITY;
        }
        1.0 / (self.service_rate - self.arrival_rate)
    }

    /// Second moment of the waiting time, first come first served (s²): 2 rho / (mu - lambda)².
    pub(crate) fn wait_second_moment(self) -> f64 {
        2.0 * self.utilisation() * self.mean_response() * self.mean_response()
    }

    /// The same, last come first served: 1 / (1 - rho) times as much (Takács 1963).
    pub(crate) fn wait_second_moment_newest_first(self) -> f64 {
        self.wait_second_moment() / (1.0 - self.utilisation())
    }

    /// Mean number waiting (count): Lq = rho² / (1 - rho).
    pub(crate) fn mean_waiting(self) -> f64 {
        self.arrival_rate * self.mean_wait()
    }

    /// Mean number waiting or in service (count): L = rho / (1 - rho).
    pub(crate) fn mean_present(self) -> f64 {
        self.arrival_rate * self.mean_response()
    }

    /// Probability that exactly `n` are waiting or in service: (1 - rho) rhoⁿ.
    pub(crate) fn probability_of(self, n: u64) -> f64 {
        let idle = (1.0 - self.utilisation()).max(0.0);
        idle * power(self.utilisation(), n)
    }

    /// The response time (s) that a share p of jobs stays below; the response time is exponential.
    /// Takes ln(1 / (1 - p)): 0.693... for the median, 4.605... for the 99th percentile.
    pub(crate) fn response_percentile(self, ln_of_one_in: f64) -> f64 {
        ln_of_one_in * self.mean_response()
    }
}

/// M/G/1: exponential times between arrivals, any service times, one server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mg1 {
    /// Arrivals (1/s).
    pub(crate) arrival_rate: f64,
    /// Mean service time (s).
    pub(crate) service_mean: f64,
    /// Mean of the squared service time (s²): variance plus squared mean.
    pub(crate) service_second_moment: f64,
}

impl Mg1 {
    /// Share of time in which the server is busy, if below 1: rho.
    pub(crate) fn utilisation(self) -> f64 {
        self.arrival_rate * self.service_mean
    }

    /// Mean waiting time (s), first come, first served: `lambda E[S²] / (2 (1 - rho))`. (Pollaczek
    /// 1930, Khinchine 1932.)
    pub(crate) fn mean_wait(self) -> f64 {
        let idle = 1.0 - self.utilisation();
        if idle <= 0.0 {
            return f64::INFINITY;
        }
        self.arrival_rate * self.service_second_moment / (2.0 * idle)
    }

    /// Mean response time (s), first come, first served.
    pub(crate) fn mean_response(self) -> f64 {
        self.mean_wait() + self.service_mean
    }

    /// Mean response time (s) if those present share the server equally: `E[S] / (1 - rho)`,
    /// whatever the distribution of the service time.
    pub(crate) fn mean_response_shared(self) -> f64 {
        self.response_shared(self.service_mean)
    }

    /// Mean response time (s) of a job of this service time (s) if those present share the server
    /// equally: everybody is slowed by the same factor 1 / (1 - rho).
    pub(crate) fn response_shared(self, service: f64) -> f64 {
        let idle = 1.0 - self.utilisation();
        if idle <= 0.0 {
            return f64::INFINITY;
        }
        service / idle
    }
}

/// M/D/1: exponential times between arrivals, constant service, one server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Md1 {
    /// Arrivals (1/s).
    pub(crate) arrival_rate: f64,
    /// Service time of every job (s).
    pub(crate) service: f64,
}

impl Md1 {
    /// Mean waiting time (s): rho S / (2 (1 - rho)), half of M/M/1's.
    pub(crate) fn mean_wait(self) -> f64 {
        self.general().mean_wait()
    }

    /// Mean response time (s).
    pub(crate) fn mean_response(self) -> f64 {
        self.general().mean_response()
    }

    fn general(self) -> Mg1 {
        Mg1 {
            arrival_rate: self.arrival_rate,
            service_mean: self.service,
            service_second_moment: self.service * self.service,
        }
    }
}

mod tests {
    use super::super::assert_close;
    use super::*;

    #[test]
    fn a_server_busy_four_fifths_of_the_time() {
        let queue = Mm1 {
            arrival_rate: 8.0,
            service_rate: 10.0,
        };
        assert_close(queue.utilisation(), 0.8);
        assert_close(queue.mean_wait(), 0.4);
        assert_close(queue.mean_response(), 0.5);
        assert_close(queue.mean_waiting(), 3.2);
        assert_close(queue.mean_present(), 4.0);
        assert_close(queue.probability_of(0), 0.2);
        assert_close(queue.probability_of(2), 0.128);
        // Twice the mean is exceeded by one in e squared.
        assert_close(queue.response_percentile(2.0), 1.0);
    }

    #[test]
    fn irregular_work_waits_longer() {
        let with_second_moment = |service_second_moment| Mg1 {
            arrival_rate: 8.0,
            service_mean: 0.1,
            service_second_moment,
        };
        assert_close(with_second_moment(0.02).mean_wait(), 0.4);
        assert_close(with_second_moment(0.01).mean_wait(), 0.2);
        assert_close(with_second_moment(0.05).mean_wait(), 1.0);
        assert_close(with_second_moment(0.05).mean_response(), 1.1);
        let constant = Md1 {
            arrival_rate: 8.0,
            service: 0.1,
        };
        assert_close(constant.mean_wait(), 0.2);
        assert_close(constant.mean_response(), 0.3);
    }

    #[test]
    fn sharing_does_not_care_how_irregular_work_is() {
        let shared = Mg1 {
            arrival_rate: 8.0,
            service_mean: 0.1,
            service_second_moment: 7.0,
        };
        assert_close(shared.mean_response_shared(), 0.5);
        assert_close(shared.response_shared(1.0), 5.0);
    }

    #[test]
    fn an_overloaded_queue_has_no_mean() {
        let queue = Mm1 {
            arrival_rate: 10.0,
            service_rate: 10.0,
        };
        assert_eq!(queue.mean_response().to_bits(), f64::INFINITY.to_bits());
        let overloaded = Mg1 {
            arrival_rate: 11.0,
            service_mean: 0.1,
            service_second_moment: 0.01,
        };
        assert!(
            overloaded.mean_wait().is_infinite() && overloaded.mean_response_shared().is_infinite()
        );
    }
}
