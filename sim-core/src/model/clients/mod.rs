//! Clients: who starts calls from outside.
//!
//! An open-loop client starts calls whatever became of earlier ones; a closed loop of users thinks,
//! calls, waits for the outcome, and thinks again. The root key of a call comes from its client and
//! number, so that a policy changes no draw of any other call (rule 43).

mod choice;
mod event;

use super::arena::NONE;
use super::call::{NewCall, Then};
use super::cx::Cx;
use super::fact::Observer;
use super::handoff::{Change, Handoff};
use crate::id::{ClientId, Id, IdMap, ProcessId};
use crate::kernel::{Class, Timer};
use crate::model::spec::{ClientFault, ClientSpec, FaultKind, ModelSpec, TrafficSpec, UsersSpec};
use crate::random::{Draws, KeySource, SiteKey, Stream, child_key};
use crate::time::SimTime;
use crate::traffic::ArrivalProcess;
use crate::units::Factor;
use choice::Choice;

pub(super) use event::ClientEvent;

/// All clients.
#[derive(Clone, Debug)]
pub(crate) struct Clients {
    each: IdMap<ClientId, Client>,
    users: Vec<User>,
    /// Faults that act now, one flag for each of the scenario.
    active: Vec<bool>,
    /// Whether nobody begins a call any more.
    closed: bool,
}

#[derive(Clone, Debug)]
struct Client {
    choice: Choice,
    /// Root keys of calls come from this and a number.
    calls: SiteKey,
    think: SiteKey,
    open: Option<OpenLoop>,
    first_user: u32,
}

#[derive(Clone, Debug)]
struct OpenLoop {
    process: ArrivalProcess,
    stream: Stream,
    /// Calls of the arrival that comes next.
    batch: u32,
    timer: Timer,
    /// Calls started so far.
    started: u64,
}

#[derive(Clone, Debug)]
struct User {
    client: ClientId,
    iterations: u64,
}

impl Clients {
    pub(crate) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        let mut users = Vec::new();
        let clients = spec
            .clients
            .iter_enumerated()
            .map(|(id, client)| Client::new(id, client, keys, &mut users))
            .collect();
        Self {
            each: clients,
            users,
            active: vec![false; spec.faults.len()],
            closed: false,
        }
    }

    /// Schedules the first arrivals and the users' first thoughts.
    pub(crate) fn begin<O: Observer>(&mut self, cx: &mut Cx<'_, O>) {
        for id in self.each.ids() {
            self.schedule_next(cx, id);
        }
        for user in 0..self.users.len() as u32 {
            let spec = self.users_spec(cx.spec, user);
            let at = if spec.think_first {
                cx.now + self.think(cx.spec, user)
            } else {
                cx.now
            };
            cx.schedule(at, Class::Start, ClientEvent::ThinkOver(user));
        }
    }

    /// Nobody begins a call any more: nothing arrives, and users who have thought go.
    pub(crate) fn close<O: Observer>(&mut self, cx: &mut Cx<'_, O>) {
        self.closed = true;
        for client in &mut self.each {
            if let Some(open) = &mut client.open {
                cx.events
                    .cancel(std::mem::replace(&mut open.timer, Timer::NONE));
            }
        }
    }

    pub(crate) fn handle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, event: ClientEvent) {
        match event {
            ClientEvent::Arrival(client) => self.on_arrival(cx, ClientId(client)),
            ClientEvent::ThinkOver(_) if self.closed => {}
            ClientEvent::ThinkOver(user) => self.on_think_over(cx, user),
        }
    }

    /// A user's call has its outcome: the user thinks, and calls again.
    pub(crate) fn on_call_ended<O: Observer>(&mut self, cx: &mut Cx<'_, O>, user: u32) {
        let limit = self.users_spec(cx.spec, user).iterations;
        let had_enough = limit.is_some_and(|limit| self.users[user as usize].iterations >= limit);
        if had_enough || self.closed {
            return;
        }
        let at = cx.now + self.think(cx.spec, user);
        cx.schedule(at, Class::Start, ClientEvent::ThinkOver(user));
    }

    pub(crate) fn apply<O: Observer>(&mut self, cx: &mut Cx<'_, O>, change: &Change) {
        if let Change::Fault { fault, active } = *change {
            self.active[fault.index()] = active;
            if self.closed {
                return;
            }
            if let FaultKind::Client(client, _) = cx.spec.faults[fault].kind {
                self.set_load(cx, client);
            }
        }
    }

    fn on_arrival<O: Observer>(&mut self, cx: &mut Cx<'_, O>, id: ClientId) {
        let client = &mut self.each[id];
        let Some(open) = &mut client.open else {
            unreachable!("users do not arrive")
        };
        let first = open.started;
        open.started += u64::from(open.batch);
        for number in first..open.started {
            client.start_call(cx, id, number);
        }
        self.schedule_next(cx, id);
    }

    #[inline]
    fn schedule_next<O: Observer>(&mut self, cx: &mut Cx<'_, O>, id: ClientId) {
        let Some(open) = &mut self.each[id].open else {
            return;
        };
        open.timer = Timer::NONE;
        if let Some((at, batch)) = open.process.next(&mut open.stream) {
            open.batch = batch;
            open.timer = cx.schedule_arrival(at, ClientEvent::Arrival(id.0));
        }
    }

    fn on_think_over<O: Observer>(&mut self, cx: &mut Cx<'_, O>, user: u32) {
        let User { client, iterations } = &mut self.users[user as usize];
        let id = *client;
        let client = &self.each[id];
        let number = child_key(
            client.calls.0,
            u64::from(user - client.first_user),
            *iterations,
        );
        *iterations += 1;
        client.start_user_call(cx, id, user, number);
    }

    fn think(&self, spec: &ModelSpec, user: u32) -> crate::time::SimDuration {
        let User { client, iterations } = &self.users[user as usize];
        let client = &self.each[*client];
        let key = child_key(
            client.think.0,
            u64::from(user - client.first_user),
            *iterations,
        );
        self.users_spec(spec, user)
            .think_time
            .sample(&mut Draws::new(client.think, key))
    }

    fn users_spec<'a>(&self, spec: &'a ModelSpec, user: u32) -> &'a UsersSpec {
        match &spec.clients[self.users[user as usize].client].traffic {
            TrafficSpec::Users(users) => users,
            TrafficSpec::Arrivals(_) => unreachable!("an open-loop client has no users"),
        }
    }

    /// The factors of all load faults that act on a client multiply (rule 23).
    fn set_load<O: Observer>(&mut self, cx: &mut Cx<'_, O>, id: ClientId) {
        let acting = cx.spec.faults.iter().zip(&self.active);
        let factors = acting
            .filter(|&(_, &active)| active)
            .filter_map(|(fault, _)| fault.kind.on_client(id))
            .map(|fault| match fault {
                ClientFault::Load(factor) => *factor,
            });
        let factor = factors.fold(Factor::ONE, Factor::times);
        let Some(open) = &mut self.each[id].open else {
            return;
        };
        open.process.set_load_factor(cx.now, factor);
        cx.events
            .cancel(std::mem::replace(&mut open.timer, Timer::NONE));
        if let Some(at) = open.process.reschedule(cx.now) {
            open.batch = open.process.pending_batch();
            open.timer = cx.schedule_arrival(at, ClientEvent::Arrival(id.0));
        }
    }
}

impl Client {
    fn new(id: ClientId, spec: &ClientSpec, keys: &KeySource, users: &mut Vec<User>) -> Self {
        let path = ["client", &spec.name];
        let first_user = users.len() as u32;
        let open = match &spec.traffic {
            TrafficSpec::Arrivals(arrivals) => {
                let mut stream = keys.stream(&path, "arrivals");
                let process = ArrivalProcess::new(arrivals, &mut stream);
                Some(OpenLoop {
                    process,
                    stream,
                    batch: 0,
                    timer: Timer::NONE,
                    started: 0,
                })
            }
            TrafficSpec::Users(population) => {
                let new = || User {
                    client: id,
                    iterations: 0,
                };
                users.extend(std::iter::repeat_with(new).take(population.count as usize));
                None
            }
        };
        Self {
            choice: Choice::new(spec, keys),
            calls: keys.site(&path, "calls"),
            think: keys.site(&path, "think"),
            open,
            first_user,
        }
    }

    /// Starts call number `number` of an open-loop client; its process is drawn (rule 27).
    #[inline]
    fn start_call<O: Observer>(&self, cx: &mut Cx<'_, O>, id: ClientId, number: u64) {
        let key = child_key(self.calls.0, number, 0);
        let spec = &cx.spec.clients[id];
        let process = ProcessId(spec.first_process.0 + self.choice.process(spec, key));
        self.start(cx, id, key, process, Then::Nobody);
    }

    /// Starts a user's call; user *i* belongs to process *i* mod processes (rule 27).
    fn start_user_call<O: Observer>(&self, cx: &mut Cx<'_, O>, id: ClientId, user: u32, key: u64) {
        let spec = &cx.spec.clients[id];
        let process = spec.first_process.0 + (user - self.first_user) % spec.processes;
        self.start(cx, id, key, ProcessId(process), Then::User(user));
    }

    #[expect(
        clippy::inline_always,
        reason = "open loops and users start calls alike"
    )]
    #[inline(always)]
    fn start<O: Observer>(
        &self,
        cx: &mut Cx<'_, O>,
        id: ClientId,
        key: u64,
        process: ProcessId,
        then: Then,
    ) {
        let (site, labels) = self.choice.call(&cx.spec.clients[id], key);
        let call = cx.calls.open(
            cx.now,
            NewCall {
                key,
                site,
                process,
                then,
                labels,
                avoid: NONE,
                original: true,
            },
            SimTime::NEVER,
        );
        if cx.hands_down {
            cx.begin_root(call);
        }
        cx.work.push(Handoff::StartCall(call, 0));
    }
}
