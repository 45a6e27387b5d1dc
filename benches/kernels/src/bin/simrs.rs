//! The first two benchmarks for simrs, as its documentation teaches: components answer typed events
//! and send each other some; queues and values are in the state of the simulation.
//!
//! An event cannot be taken back: one that came to nothing is recognised when it comes.

use simrs::{Component, ComponentId, Executor, Fifo, Key, QueueId, Scheduler, Simulation, State};
use squall_kernels::{Asked, Times, Uniform, mm1, storm};
use std::cell::RefCell;
use std::time::Duration;

fn next(times: &RefCell<Times>) -> Duration {
    Duration::from_secs_f64(times.borrow_mut().next())
}

/// A value of the state; nothing takes one out.
fn value<V: 'static>(state: &mut State, key: Key<V>) -> &mut V {
    state.get_mut(key).expect("it stays")
}

#[derive(Debug)]
struct Arrival;

/// Customers arrive, and wake the server if it sleeps.
struct Customers {
    between: RefCell<Times>,
    line: QueueId<Fifo<Duration>>,
    server: ComponentId<Service>,
    idle: Key<bool>,
    counted: Key<mm1::Counted>,
}

#[derive(Debug)]
enum Service {
    /// A customer waits.
    Begin,
    /// The customer who arrived then is served.
    End { arrived: Duration },
}

struct Server {
    work: RefCell<Times>,
    line: QueueId<Fifo<Duration>>,
    idle: Key<bool>,
    counted: Key<mm1::Counted>,
}

impl Component for Customers {
    type Event = Arrival;

    fn process_event(
        &self,
        own: ComponentId<Arrival>,
        _: &Arrival,
        scheduler: &mut Scheduler,
        state: &mut State,
    ) {
        value(state, self.counted).customers += 1;
        state.send(self.line, scheduler.time()).expect("no limit");
        if std::mem::take(value(state, self.idle)) {
            scheduler.schedule_now(self.server, Service::Begin);
        }
        scheduler.schedule(next(&self.between), own, Arrival);
    }
}

impl Component for Server {
    type Event = Service;

    fn process_event(
        &self,
        own: ComponentId<Service>,
        event: &Service,
        scheduler: &mut Scheduler,
        state: &mut State,
    ) {
        if let Service::End { arrived } = event {
            let latency = scheduler.time() - *arrived;
            value(state, self.counted).serve(latency.as_secs_f64());
        }
        match state.recv(self.line) {
            Some(arrived) => scheduler.schedule(next(&self.work), own, Service::End { arrived }),
            None => *value(state, self.idle) = true,
        }
    }
}

fn play_mm1(asked: Asked) -> mm1::Counted {
    let mut simulation = Simulation::default();
    let line = simulation.add_queue(Fifo::default());
    let idle = simulation.state.insert(true);
    let counted = simulation.state.insert(mm1::Counted::default());
    let server = simulation.add_component(Server {
        work: Times::new(asked.seed, 1, mm1::WORK).into(),
        line,
        idle,
        counted,
    });
    let between = RefCell::new(Times::new(asked.seed, 0, 1.0 / mm1::RATE));
    let first = next(&between);
    let customers = simulation.add_component(Customers {
        between,
        line,
        server,
        idle,
        counted,
    });
    simulation.schedule(first, customers, Arrival);
    simulation.execute(Executor::timed(Duration::from_secs_f64(asked.seconds)));
    *value(&mut simulation.state, counted)
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
    place: usize,
    number: u32,
}

#[derive(Default)]
struct Calls {
    places: Vec<Call>,
    free: Vec<usize>,
}

impl Calls {
    fn begin(&mut self) -> usize {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(Call::default());
            self.places.len() - 1
        });
        self.places[place].attempts = 0;
        place
    }

    /// Whether a caller still waits for this attempt; from now on it does not.
    fn settle(&mut self, attempt: Attempt) -> bool {
        let call = &mut self.places[attempt.place];
        let waits = call.sent == attempt.number;
        call.sent += u32::from(waits);
        waits
    }
}

#[derive(Debug)]
enum Happens {
    Arrival,
    Retry { place: usize },
    Timeout(Attempt),
    Answer(Attempt),
}

#[derive(Debug)]
enum Operation {
    /// An attempt waits, and a thread is free.
    Begin,
    End(Attempt),
}

struct Callers {
    between: RefCell<Times>,
    jitter: RefCell<Uniform>,
    line: QueueId<Fifo<Attempt>>,
    threads: ComponentId<Operation>,
    busy: Key<usize>,
    calls: Key<Calls>,
    counted: Key<storm::Counted>,
}

impl Callers {
    /// Sends an attempt: to a free thread, into the queue, or for nothing.
    fn attempt(
        &self,
        own: ComponentId<Happens>,
        place: usize,
        scheduler: &mut Scheduler,
        state: &mut State,
    ) {
        value(state, self.counted).attempts += 1;
        let call = &mut value(state, self.calls).places[place];
        call.attempts += 1;
        call.sent += 1;
        let attempt = Attempt {
            place,
            number: call.sent,
        };
        if state.send(self.line, attempt).is_err() {
            self.failed(own, place, scheduler, state);
            return;
        }
        let timeout = Duration::from_secs_f64(storm::TIMEOUT);
        scheduler.schedule(timeout, own, Happens::Timeout(attempt));
        let busy = value(state, self.busy);
        if *busy < storm::THREADS {
            *busy += 1;
            scheduler.schedule_now(self.threads, Operation::Begin);
        }
    }

    /// An attempt came to nothing: wait and try again, or give up.
    fn failed(
        &self,
        own: ComponentId<Happens>,
        place: usize,
        scheduler: &mut Scheduler,
        state: &mut State,
    ) {
        let calls = value(state, self.calls);
        let attempts = calls.places[place].attempts;
        if attempts == storm::ATTEMPTS {
            calls.free.push(place);
            return;
        }
        let share = self.jitter.borrow_mut().next();
        let wait = Duration::from_secs_f64(share * storm::backoff(attempts));
        scheduler.schedule(wait, own, Happens::Retry { place });
    }
}

impl Component for Callers {
    type Event = Happens;

    fn process_event(
        &self,
        own: ComponentId<Happens>,
        event: &Happens,
        scheduler: &mut Scheduler,
        state: &mut State,
    ) {
        match *event {
            Happens::Arrival => {
                value(state, self.counted).calls += 1;
                let place = value(state, self.calls).begin();
                self.attempt(own, place, scheduler, state);
                scheduler.schedule(next(&self.between), own, Happens::Arrival);
            }
            Happens::Retry { place } => self.attempt(own, place, scheduler, state),
            Happens::Timeout(attempt) => {
                if value(state, self.calls).settle(attempt) {
                    self.failed(own, attempt.place, scheduler, state);
                }
            }
            Happens::Answer(attempt) => {
                let calls = value(state, self.calls);
                if calls.settle(attempt) {
                    calls.free.push(attempt.place);
                    value(state, self.counted).good += 1;
                }
            }
        }
    }
}

struct Threads {
    work: RefCell<Times>,
    line: QueueId<Fifo<Attempt>>,
    callers: Key<Option<ComponentId<Happens>>>,
    busy: Key<usize>,
}

impl Component for Threads {
    type Event = Operation;

    fn process_event(
        &self,
        own: ComponentId<Operation>,
        event: &Operation,
        scheduler: &mut Scheduler,
        state: &mut State,
    ) {
        if let Operation::End(attempt) = event {
            let callers = value(state, self.callers).expect("they were added");
            scheduler.schedule_now(callers, Happens::Answer(*attempt));
        }
        match state.recv(self.line) {
            Some(attempt) => {
                let slow = storm::slowness(scheduler.time().as_secs_f64());
                let work = next(&self.work).mul_f64(slow);
                scheduler.schedule(work, own, Operation::End(attempt));
            }
            None => *value(state, self.busy) -= 1,
        }
    }
}

fn play_storm(asked: Asked) -> storm::Counted {
    let mut simulation = Simulation::default();
    let line = simulation.add_queue(Fifo::bounded(storm::QUEUE));
    let busy = simulation.state.insert(0);
    let calls = simulation.state.insert(Calls::default());
    let counted = simulation.state.insert(storm::Counted::default());
    let callers = simulation.state.insert(None);
    let threads = simulation.add_component(Threads {
        work: Times::new(asked.seed, 1, storm::WORK).into(),
        line,
        callers,
        busy,
    });
    let between = RefCell::new(Times::new(asked.seed, 0, 1.0 / storm::RATE));
    let first = next(&between);
    let own = simulation.add_component(Callers {
        between,
        jitter: Uniform::new(asked.seed, 2).into(),
        line,
        threads,
        busy,
        calls,
        counted,
    });
    *value(&mut simulation.state, callers) = Some(own);
    simulation.schedule(first, own, Happens::Arrival);
    simulation.execute(Executor::timed(Duration::from_secs_f64(asked.seconds)));
    *value(&mut simulation.state, counted)
}

fn main() {
    squall_kernels::main(play_mm1, play_storm);
}
