//! The first two benchmarks for odem-rs: the server of the first, each call and each thread of the
//! second are processes, written as `async` functions that wait for what they need.

use odem_rs::core::ops::waker;
use odem_rs::prelude::*;
use odem_rs::rand_distr::Exp;
use odem_rs::sync::channel::ArrayBuf;
use odem_rs::sync::channel::shared::{Receiver, Sender};
use odem_rs::util::random::DefaultRng;
use squall_kernels::{Asked, mm1, storm};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::Waker;

fn exponential(mean: f64) -> Exp<f64> {
    Exp::new(1.0 / mean).expect("a mean above 0")
}

#[derive(Config, Default)]
struct Single {
    /// When those who wait arrived, and the work they bring [s].
    line: RefCell<VecDeque<(f64, f64)>>,
    /// Wakes the server, if it sleeps.
    sleeper: Cell<Option<Waker>>,
    counted: Cell<mm1::Counted>,
}

impl Single {
    fn arrive(&self, now: f64, work: f64) {
        self.line.borrow_mut().push_back((now, work));
        if let Some(server) = self.sleeper.take() {
            server.wake();
        }
    }

    fn count(&self, one: impl FnOnce(&mut mm1::Counted)) {
        let mut counted = self.counted.get();
        one(&mut counted);
        self.counted.set(counted);
    }
}

/// Serves who is first in the line, and sleeps when nobody is: as in the library's own M/M/1.
struct Server;

impl Behavior<Single> for Server {
    type Output = ();

    async fn actions(&self, sim: &Sim<Single>) {
        let single = sim.global();
        loop {
            let first = single.line.borrow_mut().pop_front();
            let Some((arrived, work)) = first else {
                single.sleeper.set(Some(waker().await));
                sleep().await;
                continue;
            };
            sim.advance(work).await;
            single.count(|counted| counted.serve(sim.now() - arrived));
        }
    }
}

fn play_mm1(asked: Asked) -> mm1::Counted {
    let streams: RngStream = RngStream::from_seed(asked.seed);
    let (mut arrivals, mut works) = (streams.next_rng(), streams.next_rng());
    let (between, work) = (exponential(1.0 / mm1::RATE), exponential(mm1::WORK));
    let simulator = Simulator::new(Single::default());
    simulator
        .run(async |sim: &Sim<Single>| {
            sim.spawn(Server);
            sim.fork(async {
                loop {
                    sim.advance(arrivals.sample(between)).await;
                    sim.global().count(|counted| counted.customers += 1);
                    sim.global().arrive(sim.now(), works.sample(work));
                }
            })
            .or(sim.advance(asked.seconds))
            .await;
        })
        .expect("arrivals never cease");
    simulator.inner().counted.get()
}

#[derive(Config)]
struct Retrying {
    line: Sender<Operation>,
    jitter: RefCell<DefaultRng>,
    works: RefCell<DefaultRng>,
    counted: Cell<storm::Counted>,
}

impl Retrying {
    fn count(&self, one: impl FnOnce(&mut storm::Counted)) {
        let mut counted = self.counted.get();
        one(&mut counted);
        self.counted.set(counted);
    }
}

/// What an attempt asks for: set when it is done, whether somebody still waits or not.
type Operation = Rc<Control<bool>>;

/// Takes what waits, one after another.
struct Thread(Receiver<Operation>);

impl Behavior<Retrying> for Thread {
    type Output = ();

    async fn actions(&self, sim: &Sim<Retrying>) {
        let work = exponential(storm::WORK);
        while let Ok(operation) = self.0.recv().await {
            let drawn = sim.global().works.borrow_mut().sample(work);
            sim.advance(drawn * storm::slowness(sim.now())).await;
            operation.set(true);
        }
    }
}

/// Tries up to three times.
struct Call;

impl Behavior<Retrying> for Call {
    type Output = ();

    async fn actions(&self, sim: &Sim<Retrying>) {
        let storm = sim.global();
        storm.count(|counted| counted.calls += 1);
        for attempt in 1..=storm::ATTEMPTS {
            storm.count(|counted| counted.attempts += 1);
            let done = Rc::new(Control::new(false));
            if storm.line.try_send(Rc::clone(&done)).is_ok() {
                let is_good = sim
                    .fork(async {
                        let done = &*done;
                        until!(done).await;
                        true
                    })
                    .or(async {
                        sim.advance(storm::TIMEOUT).await;
                        false
                    })
                    .await;
                if is_good {
                    storm.count(|counted| counted.good += 1);
                    return;
                }
            }
            if attempt < storm::ATTEMPTS {
                let share: f64 = storm.jitter.borrow_mut().random();
                sim.advance(share * storm::backoff(attempt)).await;
            }
        }
    }
}

fn play_storm(asked: Asked) -> storm::Counted {
    let streams: RngStream = RngStream::from_seed(asked.seed);
    let mut arrivals = streams.next_rng();
    let between = exponential(1.0 / storm::RATE);
    let (line, taken) = channel(ArrayBuf::<{ storm::QUEUE }, _>::new());
    let simulator = Simulator::new(Retrying {
        line,
        jitter: streams.next_rng().into(),
        works: streams.next_rng().into(),
        counted: Cell::default(),
    });
    simulator
        .run(async |sim: &Sim<Retrying>| {
            for _ in 0..storm::THREADS {
                sim.spawn(Thread(taken.clone()));
            }
            sim.arrivals(|| arrivals.sample(between))
                .during(asked.seconds)
                .spawn(|| Call)
                .await;
        })
        .expect("arrivals never cease");
    simulator.inner().counted.get()
}

fn main() {
    squall_kernels::main(play_mm1, play_storm);
}
