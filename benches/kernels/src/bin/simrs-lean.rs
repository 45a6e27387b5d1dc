//! The first two benchmarks for simrs, as lean as the library allows: one component owns all that it
//! changes, so that nothing is looked up in the shared state, and nobody sends anybody an event that
//! takes no time. `simrs.rs` is what the library's documentation teaches.
//!
//! An event cannot be taken back: one that came to nothing is recognised when it comes.

use simrs::{Component, ComponentId, Executor, Fifo, Queue, Scheduler, Simulation, State};
use squall_kernels::{Asked, Times, Uniform, mm1, storm};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// A server and those who come to it.
struct Single {
    between: Times,
    work: Times,
    line: Fifo<Duration>,
    is_busy: bool,
    counted: mm1::Counted,
}

#[derive(Debug)]
enum Customer {
    Arrives,
    /// The one who arrived then is served.
    Leaves { arrived: Duration },
}

impl Single {
    fn begin(&mut self, arrived: Duration, own: ComponentId<Customer>, scheduler: &mut Scheduler) {
        self.is_busy = true;
        let work = Duration::from_secs_f64(self.work.next());
        scheduler.schedule(work, own, Customer::Leaves { arrived });
    }
}

impl Component for SharedSingle {
    type Event = Customer;

    fn process_event(
        &self,
        own: ComponentId<Customer>,
        event: &Customer,
        scheduler: &mut Scheduler,
        _: &mut State,
    ) {
        let single = &mut *self.0.borrow_mut();
        match event {
            Customer::Arrives => {
                single.counted.customers += 1;
                let now = scheduler.time();
                if single.is_busy {
                    single.line.push(now).expect("no limit");
                } else {
                    single.begin(now, own, scheduler);
                }
                let next = Duration::from_secs_f64(single.between.next());
                scheduler.schedule(next, own, Customer::Arrives);
            }
            Customer::Leaves { arrived } => {
                let latency = scheduler.time() - *arrived;
                single.counted.serve(latency.as_secs_f64());
                single.is_busy = false;
                if let Some(arrived) = single.line.pop() {
                    single.begin(arrived, own, scheduler);
                }
            }
        }
    }
}

/// The component, and what is read when the run is over.
#[derive(Clone)]
struct SharedSingle(Rc<RefCell<Single>>);

fn play_mm1(asked: Asked) -> mm1::Counted {
    let shared = SharedSingle(Rc::new(RefCell::new(Single {
        between: Times::new(asked.seed, 0, 1.0 / mm1::RATE),
        work: Times::new(asked.seed, 1, mm1::WORK),
        line: Fifo::default(),
        is_busy: false,
        counted: mm1::Counted::default(),
    })));
    let first = shared.0.borrow_mut().between.next();
    play(asked, shared.clone(), first, Customer::Arrives);
    shared.0.borrow().counted
}

/// Plays a component from its first event on.
fn play<E: std::fmt::Debug + 'static>(
    asked: Asked,
    component: impl Component<Event = E> + 'static,
    first: f64,
    event: E,
) {
    let mut simulation = Simulation::default();
    let component = simulation.add_component(component);
    simulation.schedule(Duration::from_secs_f64(first), component, event);
    let end = Duration::from_secs_f64(asked.seconds);
    simulation.execute(Executor::timed(end));
}

/// A call under way; its place is given to another when it has ended.
#[derive(Clone, Copy, Default)]
struct Call {
    /// Counts the attempts that were ever sent from this place: news of another is old.
    sent: u32,
    /// Attempts of this call so far.
    attempts: u32,
}

/// An attempt: the place of its call, and its number there.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    place: u32,
    number: u32,
}

#[derive(Debug)]
enum Happens {
    Arrival,
    Retry { place: u32 },
    Timeout(Attempt),
    Done(Attempt),
}

/// Callers and the server they call.
struct Retrying {
    between: Times,
    work: Times,
    jitter: Uniform,
    line: Fifo<Attempt>,
    busy: usize,
    calls: Vec<Call>,
    free: Vec<u32>,
    counted: storm::Counted,
}

impl Retrying {
    fn arrival(&mut self, own: ComponentId<Happens>, scheduler: &mut Scheduler) {
        self.counted.calls += 1;
        let place = self.free.pop().unwrap_or_else(|| {
            self.calls.push(Call::default());
            self.calls.len() as u32 - 1
        });
        self.calls[place as usize].attempts = 0;
        self.attempt(place, own, scheduler);
        let next = Duration::from_secs_f64(self.between.next());
        scheduler.schedule(next, own, Happens::Arrival);
    }

    /// Sends an attempt: to a free thread, into the queue, or for nothing.
    fn attempt(&mut self, place: u32, own: ComponentId<Happens>, scheduler: &mut Scheduler) {
        self.counted.attempts += 1;
        let call = &mut self.calls[place as usize];
        call.attempts += 1;
        call.sent += 1;
        let attempt = Attempt {
            place,
            number: call.sent,
        };
        if self.busy < storm::THREADS {
            self.busy += 1;
            self.begin(attempt, own, scheduler);
        } else if self.line.push(attempt).is_err() {
            self.failed(place, own, scheduler);
            return;
        }
        let timeout = Duration::from_secs_f64(storm::TIMEOUT);
        scheduler.schedule(timeout, own, Happens::Timeout(attempt));
    }

    /// An attempt came to nothing: wait and try again, or give up.
    fn failed(&mut self, place: u32, own: ComponentId<Happens>, scheduler: &mut Scheduler) {
        let attempts = self.calls[place as usize].attempts;
        if attempts == storm::ATTEMPTS {
            self.free.push(place);
            return;
        }
        let share = self.jitter.next();
        let wait = Duration::from_secs_f64(share * storm::backoff(attempts));
        scheduler.schedule(wait, own, Happens::Retry { place });
    }

    fn begin(&mut self, attempt: Attempt, own: ComponentId<Happens>, scheduler: &mut Scheduler) {
        let slow = storm::slowness(scheduler.time().as_secs_f64());
        let work = Duration::from_secs_f64(self.work.next() * slow);
        scheduler.schedule(work, own, Happens::Done(attempt));
    }

    /// Whether a caller still waits for this attempt; from now on it does not.
    fn settle(&mut self, attempt: Attempt) -> bool {
        let call = &mut self.calls[attempt.place as usize];
        let waits = call.sent == attempt.number;
        call.sent += u32::from(waits);
        waits
    }
}

#[derive(Clone)]
struct SharedRetrying(Rc<RefCell<Retrying>>);

impl Component for SharedRetrying {
    type Event = Happens;

    fn process_event(
        &self,
        own: ComponentId<Happens>,
        event: &Happens,
        scheduler: &mut Scheduler,
        _: &mut State,
    ) {
        let retrying = &mut *self.0.borrow_mut();
        match *event {
            Happens::Arrival => retrying.arrival(own, scheduler),
            Happens::Retry { place } => retrying.attempt(place, own, scheduler),
            Happens::Timeout(attempt) => {
                if retrying.settle(attempt) {
                    retrying.failed(attempt.place, own, scheduler);
                }
            }
            Happens::Done(attempt) => {
                if retrying.settle(attempt) {
                    retrying.counted.good += 1;
                    retrying.free.push(attempt.place);
                }
                match retrying.line.pop() {
                    Some(next) => retrying.begin(next, own, scheduler),
                    None => retrying.busy -= 1,
                }
            }
        }
    }
}

fn play_storm(asked: Asked) -> storm::Counted {
    let shared = SharedRetrying(Rc::new(RefCell::new(Retrying {
        between: Times::new(asked.seed, 0, 1.0 / storm::RATE),
        work: Times::new(asked.seed, 1, storm::WORK),
        jitter: Uniform::new(asked.seed, 2),
        line: Fifo::bounded(storm::QUEUE),
        busy: 0,
        calls: Vec::new(),
        free: Vec::new(),
        counted: storm::Counted::default(),
    })));
    let first = shared.0.borrow_mut().between.next();
    play(asked, shared.clone(), first, Happens::Arrival);
    shared.0.borrow().counted
}

fn main() {
    squall_kernels::main(play_mm1, play_storm);
}
