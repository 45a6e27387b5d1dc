//! Closed systems: a fixed number of users, or machines, who come back.
//!
//! The intuition: in a closed system load cannot run away. Who waits does not ask again, so
//! throughput levels off at what the busiest station can do, and more users only wait longer.
//!
//! *Mean value analysis* builds the answer user by user: an arrival finds the station as it is on
//! average with one user fewer. Exact for exponential service and for delays of any distribution.
//!
//! Sources: Reiser and Lavenberg, *Mean-value analysis of closed multichain queuing networks*,
//! Journal of the ACM 27 (1980); Lazowska, Zahorjan, Graham and Sevcik, *Quantitative System
//! Performance* (1984), chapter 6; Kleinrock, *Queueing Systems* I (1975), section 3.8, for
//! machine repair.

use super::{chain, mean_over};

/// A place a user passes in each cycle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Station {
    /// Everybody is served at once: thinking, or the latency of a network.
    Delay {
        /// Mean time per cycle (s).
        demand: f64,
    },
    /// Several equal servers with one queue, exponential service.
    Queue {
        /// Mean time in service per cycle (s).
        demand: f64,
        /// Servers, at least 1 (count).
        servers: u32,
    },
}

/// Stations through which a fixed number of users goes round.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ClosedNetwork {
    /// The stations of a cycle; their order does not matter.
    pub(crate) stations: Vec<Station>,
}

/// A closed network with so many users in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Populated {
    /// Cycles completed by all users (1/s).
    pub(crate) throughput: f64,
    /// Mean time per cycle at each station, waiting included (s).
    pub(crate) responses: Vec<f64>,
    /// Mean number of users at each station (count).
    pub(crate) present: Vec<f64>,
}

/// A station as the users before the next one left it.
struct Partial {
    station: Station,
    /// Mean number of users (count).
    present: f64,
    /// Probability of 0, 1, ... users, as long as a server is free.
    with_free_server: Vec<f64>,
}

impl ClosedNetwork {
    /// The means with this many users, exactly.
    pub(crate) fn with_users(&self, users: u32) -> Populated {
        let mut partial: Vec<Partial> = self.stations.iter().copied().map(Partial::empty).collect();
        let mut throughput = 0.0;
        let mut responses = vec![0.0; partial.len()];
        for user in 1..=users {
            responses = partial.iter().map(Partial::response).collect();
            throughput = f64::from(user) / responses.iter().sum::<f64>();
            for (station, response) in partial.iter_mut().zip(&responses) {
                station.add_user(throughput, *response);
            }
        }
        Populated {
            throughput,
            responses,
            present: partial.iter().map(|station| station.present).collect(),
        }
    }
}

impl Partial {
    fn empty(station: Station) -> Self {
        let servers = match station {
            Station::Delay { .. } => 0,
            Station::Queue { servers, .. } => servers as usize,
        };
        let mut with_free_server = vec![0.0; servers];
        if let Some(nobody) = with_free_server.first_mut() {
            *nobody = 1.0;
        }
        Self {
            station,
            present: 0.0,
            with_free_server,
        }
    }

    /// Mean time at the station of one more user (s): with c servers
    /// D/c (1 + Q + the mean number of servers free, less one, counted from none).
    fn response(&self) -> f64 {
        match self.station {
            Station::Delay { demand } => demand,
            Station::Queue { demand, servers } => {
                let servers = f64::from(servers);
                let idle = mean_over(&self.with_free_server, |n| servers - 1.0 - n);
                demand / servers * (1.0 + self.present + idle)
            }
        }
    }

    fn add_user(&mut self, throughput: f64, response: f64) {
        self.present = throughput * response;
        let Station::Queue { demand, servers } = self.station else {
            return;
        };
        let (load, servers) = (throughput * demand, f64::from(servers));
        for n in (1..self.with_free_server.len()).rev() {
            self.with_free_server[n] = load / n as f64 * self.with_free_server[n - 1];
        }
        // The mean number of busy servers is the load; that leaves the probability of nobody.
        self.with_free_server[0] = 0.0;
        let free = mean_over(&self.with_free_server, |n| {
            if n > 0.0 { servers - n } else { 0.0 }
        });
        self.with_free_server[0] = (1.0 - (load + free) / servers).max(0.0);
    }
}

/// M/M/c//N, machine repair: so many machines that fail and repairers who mend them. Also users who
/// think and threads that serve them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MachineRepair {
    /// Machines (count).
    pub(crate) machines: u32,
    /// Repairers (count).
    pub(crate) repairers: u32,
    /// Failures of one working machine (1/s).
    pub(crate) failure_rate: f64,
    /// Repairs of one busy repairer (1/s).
    pub(crate) repair_rate: f64,
}

impl MachineRepair {
    /// Probability of each number of broken machines, from none to all.
    pub(crate) fn probabilities(self) -> Vec<f64> {
        chain((1..=self.machines).map(|broken| {
            let working = f64::from(self.machines - broken + 1);
            let busy = f64::from(broken.min(self.repairers));
            working * self.failure_rate / (busy * self.repair_rate)
        }))
    }

    /// Mean number of machines waiting or in repair (count).
    pub(crate) fn mean_broken(self) -> f64 {
        mean_over(&self.probabilities(), |broken| broken)
    }

    /// Repairs completed, and so failures (1/s).
    pub(crate) fn throughput(self) -> f64 {
        self.failure_rate * (f64::from(self.machines) - self.mean_broken())
    }

    /// Mean time from failure to the end of the repair (s), by Little's law.
    pub(crate) fn mean_response(self) -> f64 {
        self.mean_broken() / self.throughput()
    }

    /// Mean time from failure to the beginning of the repair (s).
    pub(crate) fn mean_wait(self) -> f64 {
        self.mean_response() - 1.0 / self.repair_rate
    }
}

mod tests {
    use super::super::assert_close;
    use super::*;

    fn queue(demand: f64) -> Station {
        Station::Queue { demand, servers: 1 }
    }

    #[test]
    fn two_users_and_two_stations_by_hand() {
        let network = ClosedNetwork {
            stations: vec![queue(1.0), queue(2.0)],
        };
        assert_close(network.with_users(1).throughput, 1.0 / 3.0);
        let two = network.with_users(2);
        // The states (2, 0), (1, 1), (0, 2) weigh 1, 2 and 4.
        assert_close(two.throughput, 3.0 / 7.0);
        assert_close(two.present[0], 4.0 / 7.0);
        assert_close(two.present[1], 10.0 / 7.0);
        assert_close(two.responses[0], 4.0 / 3.0);
        assert_close(two.responses[1], 10.0 / 3.0);
    }

    #[test]
    fn nobody_does_nothing() {
        let network = ClosedNetwork {
            stations: vec![queue(1.0)],
        };
        let empty = network.with_users(0);
        assert_eq!((empty.throughput.to_bits(), empty.present), (0, vec![0.0]));
    }

    #[test]
    fn many_users_are_limited_by_the_busiest_station() {
        let network = ClosedNetwork {
            stations: vec![Station::Delay { demand: 5.0 }, queue(0.5), queue(0.2)],
        };
        assert_close(network.with_users(200).throughput, 2.0);
    }

    #[test]
    fn thinking_users_are_failing_machines() {
        for (machines, repairers) in [(1, 1), (5, 1), (10, 3), (40, 4), (7, 9)] {
            let repair = MachineRepair {
                machines,
                repairers,
                failure_rate: 0.2,
                repair_rate: 1.0,
            };
            let thinking = Station::Delay { demand: 5.0 };
            let serving = Station::Queue {
                demand: 1.0,
                servers: repairers,
            };
            let network = ClosedNetwork {
                stations: vec![thinking, serving],
            };
            let users = network.with_users(machines);
            assert_close(users.throughput, repair.throughput());
            assert_close(users.responses[1], repair.mean_response());
            assert_close(users.present[1], repair.mean_broken());
        }
    }

    #[test]
    fn two_machines_and_one_repairer_by_hand() {
        // Ratios 2 × 0.5 and 1 × 0.5: the numbers broken weigh 1, 1 and 0.5.
        let repair = MachineRepair {
            machines: 2,
            repairers: 1,
            failure_rate: 0.5,
            repair_rate: 1.0,
        };
        assert_close(repair.mean_broken(), 0.8);
        assert_close(repair.throughput(), 0.6);
        assert_close(repair.mean_response(), 0.8 / 0.6);
        assert_close(repair.mean_wait(), 0.8 / 0.6 - 1.0);
    }
}
