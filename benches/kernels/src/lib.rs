//! What the two benchmarks are, for whichever kernel plays them; `benches/mm1.yaml` and
//! `benches/storm.yaml` say the same for Squall, `benches/simpy` for `SimPy`.
//!
//! Each kernel is given the same generator (PCG) and the same sampling of exponential times, so that
//! what is compared is the kernel. It keeps what is asked of it at the end, two counts and a sum, and
//! nothing else.

use rand::{RngExt, SeedableRng};
use rand_distr::Exp;
use rand_pcg::Pcg64Mcg;
use std::env::args;

/// Exponential times, a stream of their own, for kernels that bring none.
pub struct Times {
    generator: Pcg64Mcg,
    distribution: Exp<f64>,
}

impl Times {
    /// Times of this mean [s].
    pub fn new(seed: u64, stream: u64, mean: f64) -> Self {
        Self {
            generator: generator(seed, stream),
            distribution: Exp::new(1.0 / mean).expect("a mean above 0"),
        }
    }

    /// The next one [s].
    pub fn next(&mut self) -> f64 {
        self.generator.sample(self.distribution)
    }
}

/// Shares from 0 to 1, a stream of their own.
pub struct Uniform(Pcg64Mcg);

impl Uniform {
    /// The stream of this number.
    pub fn new(seed: u64, stream: u64) -> Self {
        Self(generator(seed, stream))
    }

    /// The next one.
    pub fn next(&mut self) -> f64 {
        self.0.random()
    }
}

fn generator(seed: u64, stream: u64) -> Pcg64Mcg {
    Pcg64Mcg::seed_from_u64(seed << 8 | stream)
}

/// Poisson arrivals, one server, exponential work: a utilisation of 0.9.
pub mod mm1 {
    /// Arrivals [1/s].
    pub const RATE: f64 = 9_000.0;
    /// Mean work [s].
    pub const WORK: f64 = 100e-6;

    /// What a run counted.
    #[derive(Clone, Copy, Debug, Default)]
    pub struct Counted {
        /// Customers that arrived.
        pub customers: u64,
        /// Those of them that were served.
        pub served: u64,
        /// The sum of their times from arrival to end [s].
        pub latency: f64,
    }

    impl Counted {
        /// A customer was served after so long [s].
        pub fn serve(&mut self, latency: f64) {
            self.served += 1;
            self.latency += latency;
        }

        /// Prints what `compare.py` reads.
        pub fn print(&self) {
            let mean = self.latency / self.served as f64;
            println!("customers {} mean_latency_s {mean}", self.customers);
        }
    }
}

/// Callers that try up to three times, and a server that works on for those who gave up.
pub mod storm {
    /// Calls [1/s].
    pub const RATE: f64 = 900.0;
    /// Operations at work at a time.
    pub const THREADS: usize = 100;
    /// Operations that may wait for a thread.
    pub const QUEUE: usize = 1_000;
    /// Mean work [s].
    pub const WORK: f64 = 0.1;
    /// How long an attempt is waited for [s].
    pub const TIMEOUT: f64 = 0.5;
    /// Attempts of a call, at most.
    pub const ATTEMPTS: u32 = 3;
    /// The first backoff [s]; each one is twice the last, and full jitter draws from 0 to it.
    pub const BACKOFF: f64 = 0.1;

    /// How much longer work takes that begins at this instant [s].
    pub fn slowness(now: f64) -> f64 {
        if (60.0..90.0).contains(&now) { 10.0 } else { 1.0 }
    }

    /// The longest that a caller waits after this many attempts [s].
    pub fn backoff(attempts: u32) -> f64 {
        BACKOFF * f64::from(1_u32 << (attempts - 1))
    }

    /// What a run counted.
    #[derive(Clone, Copy, Debug, Default)]
    pub struct Counted {
        /// Calls that began.
        pub calls: u64,
        /// Attempts that were sent, those included that found the queue full.
        pub attempts: u64,
        /// Calls that got an answer in time.
        pub good: u64,
    }

    impl Counted {
        /// Prints what `compare.py` reads.
        pub fn print(&self) {
            println!("calls {} attempts {} good {}", self.calls, self.attempts, self.good);
        }
    }
}

/// What is to be played.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The length of the run [s].
    pub seconds: f64,
    /// The luck of the run.
    pub seed: u64,
}

/// Reads `mm1|storm SECONDS SEED` and plays it.
pub fn main(mm1: impl FnOnce(Asked) -> mm1::Counted, storm: impl FnOnce(Asked) -> storm::Counted) {
    let mut words = args().skip(1);
    let mut next = || words.next().expect("mm1|storm SECONDS SEED");
    let benchmark = next();
    let asked = Asked {
        seconds: next().parse().expect("seconds"),
        seed: next().parse().expect("a seed"),
    };
    match benchmark.as_str() {
        "mm1" => mm1(asked).print(),
        "storm" => storm(asked).print(),
        _ => panic!("there is no benchmark {benchmark}"),
    }
}
