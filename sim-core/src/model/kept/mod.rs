//! What is kept: things that steps ask for, wait for, hold and give back.
//!
//! Each thing has a machine for each process that uses it, in the room `keeping`; this part hosts them.
//! Steps ask by hand-offs and are told by hand-offs. A machine has one alarm, for whatever it wants to be
//! woken for next. Connections are opened over the network: a *dial* goes there, is let in or turned
//! away, and the news of it comes back.

mod event;
mod machine;
mod queues;

use super::attempt::AttemptIx;
use super::cx::Cx;
use super::delivery::DeliveryIx;
use super::dial::{Dial, DialFor, DialIx};
use super::fact::{AttemptNo, Fact, Observer};
use super::handoff::{Change, Handoff};
use super::ticket::{Hold, TicketIx};
use crate::id::{FaultId, IdMap, InstanceId, KeptId, QueueId};
use crate::keeping::queue::{QueueLevel, QueueSums};
use crate::keeping::{PoolAnswer, PoolDoes, PoolLevel, Refill, Returned};
use crate::kernel::{Class, Timer};
use crate::model::spec::{ModelSpec, PoolSpec};
use crate::policy::{Ending, Outcome, Place};
use crate::random::{Draws, KeySource};
use crate::time::{SimDuration, SimTime};
use machine::Machine;
use queues::Queues;

pub(super) use event::KeptEvent;

/// Everything that is kept.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    machines: Vec<Machine>,
    /// The machine of the first process that uses each thing.
    first: IdMap<KeptId, u32>,
    queues: Queues,
}

impl Kept {
    pub(crate) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        let mut kept = Self {
            machines: Vec::new(),
            first: IdMap::new(),
            queues: Queues::new(spec, keys),
        };
        for (id, thing) in spec.kept.iter_enumerated() {
            kept.first.push(kept.machines.len() as u32);
            let owner = &spec.services[thing.owner];
            let draws = keys.site(&["kept", &thing.name, &owner.name], "pool");
            for slot in 0..owner.instances {
                let process = InstanceId(owner.first_instance.0 + slot);
                kept.machines.push(Machine::new(id, process, slot, draws));
            }
        }
        kept
    }

    /// How full each pool is, by what it is and whose.
    pub(crate) fn levels(&self) -> impl Iterator<Item = (KeptId, InstanceId, PoolLevel)> {
        let machines = self.machines.iter();
        machines.map(|it| (it.kept, it.owner, it.pool.level()))
    }

    /// What is to lie there at the start lies there.
    pub(crate) fn begin<O: Observer>(&mut self, cx: &mut Cx<'_, O>) {
        for index in 0..self.machines.len() as u32 {
            self.fill(cx, index);
        }
    }

    pub(crate) fn handle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, event: KeptEvent) {
        match event {
            KeptEvent::Alarm(index) => {
                self.machines[index as usize].alarm = Timer::NONE;
                self.settle(cx, index);
            }
            KeptEvent::Reaches(dial) => cx.work.push(Handoff::Reach(dial)),
            KeptEvent::Succeeds(dial) => self.dialled(cx, dial, Refill::Good),
            KeptEvent::Fails(dial) => self.dialled(cx, dial, Refill::Failed),
            KeptEvent::GivesUp(dial) => self.give_up(cx, dial),
            KeptEvent::Queue(queue) => self.queues.wake(cx, QueueId(queue)),
            KeptEvent::Redrives(fault) => self.queues.redrives(cx, FaultId(fault)),
        }
    }

    /// A strand asks.
    pub(crate) fn ask<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: TicketIx) {
        let ticket = cx.tickets[ix];
        let index = self.machine_of(cx.spec, ticket.kept, ticket.owner);
        let machine = &mut self.machines[index as usize];
        cx.tickets[ix].life = machine.life;
        if ticket.left {
            return;
        }
        let config = &pool_of(cx.spec, ticket.kept).config;
        match machine.pool.ask(config, cx.now, ix) {
            PoolAnswer::Granted(unit) => self.grant(cx, index, ix, unit, false),
            PoolAnswer::Waits(place) => {
                cx.tickets[ix].hold = Hold::Place(place);
                cx.tell(&Fact::KeptWaits {
                    attempt: ticket.number,
                    kept: ticket.kept,
                    owner: ticket.owner,
                });
            }
        }
        self.settle(cx, index);
    }

    /// Who asked leaves: the line, or what it had.
    pub(crate) fn leave<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: TicketIx) {
        let ticket = cx.tickets[ix];
        let index = self.machine_of(cx.spec, ticket.kept, ticket.owner);
        let machine = &mut self.machines[index as usize];
        let lives = ticket.life == machine.life;
        let config = &pool_of(cx.spec, ticket.kept).config;
        let (attempt, kept, owner) = (ticket.number, ticket.kept, ticket.owner);
        match ticket.hold {
            Hold::Nothing => {}
            Hold::Place(place) => {
                if lives {
                    machine.pool.forget(place, ix);
                }
                let waited = cx.now.since(ticket.since);
                cx.tell(&Fact::KeptGivenUp {
                    attempt,
                    kept,
                    owner,
                    waited,
                });
            }
            Hold::Unit(unit) => {
                let broken = ticket.broken || ticket.calls > 0;
                let returned = if broken {
                    Returned::Broken
                } else {
                    Returned::Whole
                };
                if lives {
                    machine.pool.give_back(config, cx.now, unit, returned);
                    if ticket.broken {
                        machine.doubts(cx);
                    }
                }
                let held = cx.now.since(ticket.since);
                cx.tell(&Fact::KeptReturned {
                    attempt,
                    kept,
                    owner,
                    held,
                    broken,
                });
            }
        }
        let over = &mut cx.tickets[ix];
        (over.hold, over.is_over) = (Hold::Nothing, true);
        cx.tickets.close_if_done(ix);
        if lives {
            self.settle(cx, index);
        }
    }

    /// An operation stores a message, unless it has ended meanwhile.
    pub(crate) fn store<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: AttemptIx,
        number: AttemptNo,
    ) {
        self.queues.store(cx, ix, number);
    }

    /// The work on a message begins.
    pub(crate) fn handling<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: DeliveryIx) {
        self.queues.handling(cx, ix);
    }

    /// The request of a hand-out, or the answer to it, was lost on the way.
    pub(crate) fn vanished<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: DeliveryIx) {
        self.queues.vanished(cx, ix);
    }

    /// A process stands still from now on, or goes on.
    pub(crate) fn stands_still<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        instance: InstanceId,
        still: bool,
    ) {
        self.queues.stands_still(cx, instance, still);
    }

    /// The call that handed a message out has its outcome.
    pub(crate) fn handled<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: DeliveryIx,
        ending: Ending,
    ) {
        self.queues.handled(cx, ix, ending);
    }

    /// How full each queue of messages is.
    pub(crate) fn queue_levels(&self) -> impl Iterator<Item = (QueueLevel, QueueSums)> {
        self.queues.levels()
    }

    /// A dial has been carried: it arrives after this time, or was refused on the way.
    pub(crate) fn carried<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: DialIx,
        latency: Option<SimDuration>,
    ) {
        cx.dials[ix].is_under_way = true;
        match latency {
            None => self.dialled(cx, ix, Refill::Failed),
            Some(SimDuration::ZERO) => cx.work.push(Handoff::Reach(ix)),
            Some(latency) => {
                cx.dials[ix].latency = latency;
                cx.schedule(cx.now + latency, Class::Completion, KeptEvent::Reaches(ix));
            }
        }
    }

    /// A dial was let in where it leads, or turned away: the news goes back.
    pub(crate) fn reached<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: DialIx, let_in: bool) {
        let dial = cx.dials[ix];
        let mut after = dial.latency;
        if let_in && matches!(dial.what, DialFor::Opening(_)) {
            let time = &pool_of(cx.spec, dial.kept).open_time;
            after = after + time.sample(&mut Draws::new(self.draws(dial.machine), dial.key));
        }
        let how = if let_in { Refill::Good } else { Refill::Failed };
        if after.is_zero() {
            return self.dialled(cx, ix, how);
        }
        let event = match how {
            Refill::Good => KeptEvent::Succeeds(ix),
            Refill::Failed => KeptEvent::Fails(ix),
        };
        cx.schedule(cx.now + after, Class::Completion, event);
    }

    pub(crate) fn apply<O: Observer>(&mut self, cx: &mut Cx<'_, O>, change: &Change) {
        self.queues.apply(cx, change);
        if self.machines.is_empty() {
            return;
        }
        if let Change::Down { instance, .. } = *change {
            for machine in self.machines.iter_mut().filter(|it| it.owner == instance) {
                let pool = pool_of(cx.spec, machine.kept);
                let (kept, owner) = (machine.kept, machine.owner);
                for (slot, since) in machine.die(cx) {
                    let to = instance_of(cx.spec, pool, slot);
                    cx.gates.close(to, since);
                    cx.tell(&Fact::UnitClosed { kept, owner, to });
                }
            }
        }
        if let Change::Starting {
            instance,
            fills: Some(_),
        } = *change
        {
            let service = cx.spec.instances[instance];
            let slot = cx.directory.member(instance).slot;
            let of = |it: &&mut Machine| pool_of(cx.spec, it.kept).to == service;
            for machine in self.machines.iter_mut().filter(of) {
                machine.balancer.forget(slot);
            }
        }
        if let Change::Up { instance } = *change {
            for index in 0..self.machines.len() as u32 {
                if self.machines[index as usize].owner == instance {
                    self.settle(cx, index);
                }
            }
        }
    }

    fn machine_of(&self, spec: &ModelSpec, kept: KeptId, owner: InstanceId) -> u32 {
        let first = spec.services[spec.kept[kept].owner].first_instance;
        self.first[kept] + owner.0 - first.0
    }

    fn draws(&self, machine: u32) -> crate::random::SiteKey {
        self.machines[machine as usize].draws
    }

    /// Fills a pool as it is after a long calm.
    fn fill<O: Observer>(&mut self, cx: &mut Cx<'_, O>, index: u32) {
        let kept = self.machines[index as usize].kept;
        let pool = pool_of(cx.spec, kept);
        for _ in 0..pool.config.min_idle.min(pool.config.size) {
            let machine = &mut self.machines[index as usize];
            let key = machine.next_key();
            let Some(slot) = machine.choose(cx, key) else {
                return;
            };
            let ends_at = machine.ends_at(cx, key);
            let owner = machine.owner;
            let to = instance_of(cx.spec, pool, slot);
            if !cx.gates.open(cx.spec, to) {
                machine.balancer.on_ended(slot, cx.now, cx.now);
                break;
            }
            machine.pool.begin_with(&pool.config, cx.now, slot, ends_at);
            cx.tell(&Fact::UnitOpened {
                kept,
                owner,
                to,
                took: SimDuration::ZERO,
            });
        }
        self.settle(cx, index);
    }

    /// Carries out what a machine does, until it has nothing more to do, and sets its alarm.
    fn settle<O: Observer>(&mut self, cx: &mut Cx<'_, O>, index: u32) {
        let kept = self.machines[index as usize].kept;
        let pool = pool_of(cx.spec, kept);
        let may_go_on = |cx: &mut Cx<'_, O>| cx.within.go_on();
        while may_go_on(cx)
            && let Some(does) = self.machines[index as usize].next(&pool.config, cx.now)
        {
            match does {
                PoolDoes::Grants(ticket, unit) => self.grant(cx, index, ticket, unit, true),
                PoolDoes::TimesOut(ticket) => refuse(cx, ticket, Outcome::StoppedPoolTimeout),
                PoolDoes::Fails(ticket) => refuse(cx, ticket, Outcome::ErrorRefused),
                PoolDoes::Opens(number) => {
                    self.dial(cx, index, DialFor::Opening(number));
                }
                PoolDoes::Checks(unit, _) => {
                    let since = self.machines[index as usize].pool.unit(unit).1;
                    self.dial(cx, index, DialFor::Check(unit, since));
                }
                PoolDoes::Closes(slot, since) => {
                    let machine = &mut self.machines[index as usize];
                    machine.balancer.on_ended(slot, cx.now, cx.now);
                    let (owner, to) = (machine.owner, instance_of(cx.spec, pool, slot));
                    cx.gates.close(to, since);
                    cx.tell(&Fact::UnitClosed { kept, owner, to });
                }
            }
        }
        self.machines[index as usize].set_alarm(cx, index, &pool.config);
    }

    /// A ticket has its unit.
    fn grant<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        index: u32,
        ix: TicketIx,
        unit: u32,
        had_waited: bool,
    ) {
        let leads = self.machines[index as usize].pool.unit(unit);
        let ticket = &mut cx.tickets[ix];
        let waited = cx.now.since(ticket.since);
        ticket.hold = Hold::Unit(unit);
        ticket.leads = leads;
        ticket.since = cx.now;
        let fact = Fact::KeptGranted {
            attempt: ticket.number,
            kept: ticket.kept,
            owner: ticket.owner,
            waited,
            at_once: !had_waited,
        };
        cx.tell(&fact);
        cx.work.push(Handoff::Told(ix, None));
    }

    /// A connection is dialled: a new one, or one that is to be tried.
    fn dial<O: Observer>(&mut self, cx: &mut Cx<'_, O>, index: u32, what: DialFor) {
        let machine = &mut self.machines[index as usize];
        let pool = pool_of(cx.spec, machine.kept);
        let key = machine.next_key();
        let slot = match what {
            DialFor::Check(unit, _) => machine.pool.unit(unit).0,
            DialFor::Opening(number) => match machine.choose(cx, key) {
                Some(slot) => slot,
                None => return machine.pool.opening_failed(&pool.config, cx.now, number),
            },
        };
        let instance = instance_of(cx.spec, pool, slot);
        let ix = cx.dials.insert(Dial {
            kept: machine.kept,
            machine: index,
            life: machine.life,
            instance,
            is_former: matches!(what, DialFor::Opening(_)) && machine.means_former(cx, instance),
            site: pool.site,
            key,
            what,
            since: cx.now,
            let_in_at: cx.now,
            latency: SimDuration::ZERO,
            given_up: Timer::NONE,
            is_under_way: false,
            over: false,
        });
        let at = cx.now + pool.open_timeout;
        if at < SimTime::NEVER {
            cx.dials[ix].given_up = cx.schedule(at, Class::Expiry, KeptEvent::GivesUp(ix));
        }
        cx.work.push(Handoff::Dial(ix));
    }

    /// A dial has taken too long.
    fn give_up<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: DialIx) {
        let dial = &mut cx.dials[ix];
        (dial.given_up, dial.over) = (Timer::NONE, true);
        let dial = *dial;
        if !dial.is_under_way {
            cx.dials.remove(ix);
        }
        self.ends(cx, &dial, Refill::Failed);
    }

    /// The news of a dial is back.
    fn dialled<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: DialIx, how: Refill) {
        let dial = cx.dials[ix];
        cx.events.cancel(dial.given_up);
        cx.dials.remove(ix);
        let lives = self.machines[dial.machine as usize].life == dial.life;
        let is_new = matches!(dial.what, DialFor::Opening(_)) && how == Refill::Good;
        if is_new && (dial.over || !lives) {
            cx.gates.close(dial.instance, dial.let_in_at);
        }
        if !dial.over {
            self.ends(cx, &dial, how);
        }
    }

    /// A dial has ended in this way, as far as who dialled knows.
    fn ends<O: Observer>(&mut self, cx: &mut Cx<'_, O>, dial: &Dial, how: Refill) {
        let pool = pool_of(cx.spec, dial.kept);
        let machine = &mut self.machines[dial.machine as usize];
        if machine.life != dial.life {
            return;
        }
        let (kept, owner, to) = (dial.kept, machine.owner, dial.instance);
        let first = cx.spec.services[pool.to].first_instance;
        let slot = to.0 - first.0;
        match (dial.what, how) {
            (DialFor::Opening(number), Refill::Good) => {
                let ends_at = machine.ends_at(cx, dial.key);
                let leads = (slot, dial.let_in_at);
                machine
                    .pool
                    .opened(&pool.config, cx.now, number, leads, ends_at);
                let took = cx.now.since(dial.since);
                cx.tell(&Fact::UnitOpened {
                    kept,
                    owner,
                    to,
                    took,
                });
            }
            (DialFor::Opening(number), Refill::Failed) => {
                machine.balancer.on_ended(slot, cx.now, cx.now);
                machine.pool.opening_failed(&pool.config, cx.now, number);
                machine.doubts(cx);
                cx.tell(&Fact::UnitFailed { kept, owner, to });
            }
            (DialFor::Check(unit, _), how) => {
                machine.pool.checked(&pool.config, cx.now, unit, how);
            }
        }
        self.settle(cx, dial.machine);
    }
}

/// One who waited is turned away.
fn refuse<O: Observer>(cx: &mut Cx<'_, O>, ix: TicketIx, outcome: Outcome) {
    let ticket = &mut cx.tickets[ix];
    ticket.hold = Hold::Nothing;
    let fact = Fact::KeptRefused {
        attempt: ticket.number,
        kept: ticket.kept,
        owner: ticket.owner,
        outcome,
        waited: cx.now.since(ticket.since),
    };
    let ending = Ending::here(outcome, Place::Kept(ticket.kept));
    cx.tell(&fact);
    cx.work.push(Handoff::Told(ix, Some(ending)));
}

/// The settings of a pool.
const fn pool_spec(spec: &crate::model::spec::KeptKind) -> &PoolSpec {
    match spec {
        crate::model::spec::KeptKind::Pool(pool) => pool,
    }
}

fn pool_of(spec: &ModelSpec, kept: KeptId) -> &PoolSpec {
    pool_spec(&spec.kept[kept].kind)
}

/// The instance at a slot of the service to which a pool leads.
fn instance_of(spec: &ModelSpec, pool: &PoolSpec, slot: u32) -> InstanceId {
    InstanceId(spec.services[pool.to].first_instance.0 + slot)
}
