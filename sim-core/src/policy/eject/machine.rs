//! The watch of one caller over the instances of a service.

use super::config::{EjectionConfig, EjectionRule, Enforced, OnErrors, Outliers, Returns};
use super::host::{Host, State};
use super::quiet::Peer;
use super::step::{EjectBack, EjectStep, EjectStepKind, EjectWhy};
use crate::policy::Outcome;
use crate::time::SimTime;

/// What a watch has to know of the world.
pub trait Others {
    /// Whether the instance in a slot counts: it is a member, and not leaving.
    fn counts(&self, slot: u32) -> bool;

    /// A uniform number from the open interval (0, 1), that of the `number`-th ejection of a slot, from 1.
    fn draw(&self, slot: u32, number: u32) -> f64;

    /// The same for the `number`-th verdict on a slot that may not be carried out, from 1.
    fn lot(&self, slot: u32, number: u32) -> f64;
}

/// What goes with every question: the settings, the instant, the world, and where the answers go.
#[derive(Debug)]
pub struct EjectAsk<'a, O> {
    /// The settings.
    pub config: &'a EjectionConfig,
    /// The instant.
    pub now: SimTime,
    /// The other instances.
    pub others: &'a O,
    /// Answers are appended here, in their order.
    pub out: &'a mut Vec<EjectStep>,
}

impl<O> EjectAsk<'_, O> {
    pub(super) fn say(&mut self, slot: u32, kind: EjectStepKind) {
        self.out.push(EjectStep { slot, kind });
    }
}

/// What one caller remembers of the instances of a service.
#[derive(Clone, Debug, Default)]
pub struct Ejection {
    /// By slot; empty if a quiet period is the rule.
    pub(super) hosts: Vec<Host>,
    /// By slot; empty unless a quiet period is the rule.
    peers: Vec<Peer>,
}

impl Ejection {
    /// A watch over so many slots that has seen nothing.
    pub fn new(config: &EjectionConfig, slots: u32) -> Self {
        let slots = slots as usize;
        match config.rule {
            EjectionRule::Outliers(_) => Self {
                hosts: vec![Host::default(); slots],
                peers: Vec::new(),
            },
            EjectionRule::Quiet(_) => Self {
                hosts: Vec::new(),
                peers: vec![Peer::default(); slots],
            },
        }
    }

    /// A result has arrived, or an attempt was given up for a reason that the instance has to answer for.
    pub fn on_result<O: Others>(&mut self, ask: &mut EjectAsk<'_, O>, slot: u32, outcome: Outcome) {
        if outcome == Outcome::Cancelled {
            return;
        }
        match &ask.config.rule {
            EjectionRule::Outliers(rules) => self.judge_result(ask, rules, slot, outcome),
            EjectionRule::Quiet(rule) => {
                let failed = rule.on.contains(outcome);
                let counting = (0..self.peers.len() as u32).filter(|&it| ask.others.counts(it));
                let alone = failed && counting.take(2).count() < 2;
                let peer = &mut self.peers[slot as usize];
                let kind = if failed {
                    peer.failed(*rule, ask.now, alone)
                } else {
                    peer.succeeded(ask.now)
                };
                if let Some(kind) = kind {
                    ask.say(slot, kind);
                }
            }
        }
    }

    fn judge_result<O: Others>(
        &mut self,
        ask: &mut EjectAsk<'_, O>,
        rules: &Outliers,
        slot: u32,
        outcome: Outcome,
    ) {
        let host = &mut self.hosts[slot as usize];
        if rules.returns == Returns::OneTrial {
            match host.state {
                State::In { .. } => {}
                // Who is shut hears nothing.
                State::Out { .. } => return,
                // The first result decides, of whichever attempt.
                State::OnTrial { first } | State::Tried { first } => {
                    return self.end_trial(ask, rules, slot, outcome, first);
                }
            }
        }
        host.count(rules, outcome);
        for (counter, rule) in rules.consecutive.iter().enumerate() {
            let host = &mut self.hosts[slot as usize];
            if rule.ignores.contains(outcome) {
                continue;
            }
            if !rule.on.contains(outcome) {
                host.runs[counter] = 0;
                continue;
            }
            host.runs[counter] = host.runs[counter].saturating_add(1);
            if host.runs[counter] == rule.failures && !host.is_out() {
                host.runs[counter] = 0;
                if rules.on_errors == OnErrors::Eject {
                    let why = EjectWhy::of_run(counter);
                    self.eject(ask, rules, slot, (why, rule.enforce));
                } else {
                    let how = rules.on_errors;
                    ask.say(slot, EjectStepKind::Suspected { how });
                }
            }
        }
    }

    fn end_trial<O: Others>(
        &mut self,
        ask: &mut EjectAsk<'_, O>,
        rules: &Outliers,
        slot: u32,
        outcome: Outcome,
        first: SimTime,
    ) {
        if rules.consecutive.iter().any(|it| it.on.contains(outcome)) {
            return self.put_out(ask, rules, slot, EjectWhy::Trial, first);
        }
        self.hosts[slot as usize].k = 0;
        self.bring_back(ask, slot, EjectBack::Trial);
    }

    /// Ejects an instance that is in, unless too many are out; or does not, if that verdict is not always
    /// carried out. Envoy asks in that order.
    pub(super) fn eject<O: Others>(
        &mut self,
        ask: &mut EjectAsk<'_, O>,
        rules: &Outliers,
        slot: u32,
        (why, enforce): (EjectWhy, Enforced),
    ) {
        let (ejected, members) = self.ejected_of(ask.others);
        if !ask.config.most.allows(ejected, members) {
            return ask.say(slot, EjectStepKind::Stopped { why });
        }
        let verdicts = &mut self.hosts[slot as usize].verdicts;
        let carries_out = enforce.is_due(|| {
            *verdicts += 1;
            ask.others.lot(slot, *verdicts)
        });
        if carries_out {
            self.put_out(ask, rules, slot, why, ask.now);
        }
    }

    /// How many are out, of how many that count.
    fn ejected_of(&self, others: &impl Others) -> (u32, u32) {
        let slots = (0..).zip(&self.hosts);
        let counting = slots.filter(|&(slot, _)| others.counts(slot));
        counting.fold((0, 0), |(out, all), (_, host)| {
            (out + u32::from(host.is_out()), all + 1)
        })
    }

    fn put_out<O: Others>(
        &mut self,
        ask: &mut EjectAsk<'_, O>,
        rules: &Outliers,
        slot: u32,
        why: EjectWhy,
        first: SimTime,
    ) {
        let host = &mut self.hosts[slot as usize];
        host.grow(rules, ask.config.most.rounding);
        host.times = host.times.saturating_add(1);
        let (k, times, at) = (host.k, host.times, ask.now);
        let span = rules.time.span(k, || ask.others.draw(slot, times));
        host.state = State::Out { first, at, span };
        let until = (rules.returns != Returns::ByCheck).then(|| at + span);
        ask.say(slot, EjectStepKind::Out { why, k, until });
    }

    /// An attempt goes to an instance.
    #[inline]
    pub fn on_sent<O>(&mut self, ask: &mut EjectAsk<'_, O>, slot: u32) {
        let tried = match &ask.config.rule {
            EjectionRule::Outliers(_) => {
                let state = &mut self.hosts[slot as usize].state;
                if let State::OnTrial { first } = *state {
                    *state = State::Tried { first };
                    true
                } else {
                    false
                }
            }
            EjectionRule::Quiet(rule) => self.peers[slot as usize].chosen(*rule, ask.now),
        };
        if tried {
            ask.say(slot, EjectStepKind::Tried);
        }
    }

    /// A check of the caller's says that an instance is well.
    pub fn on_check_passed<O>(&mut self, ask: &mut EjectAsk<'_, O>, slot: u32) {
        let EjectionRule::Outliers(rules) = &ask.config.rule else {
            return;
        };
        match rules.returns {
            Returns::AtSweep | Returns::ByCheck => self.bring_back(ask, slot, EjectBack::Check),
            Returns::Exact | Returns::OneTrial => {}
        }
    }

    /// Brings back who is out.
    pub(super) fn bring_back<O>(&mut self, ask: &mut EjectAsk<'_, O>, slot: u32, by: EjectBack) {
        let host = &mut self.hosts[slot as usize];
        if let Some(first) = host.state.out_since() {
            host.come_back(ask.now);
            let after = ask.now.since(first);
            ask.say(slot, EjectStepKind::Back { by, after });
        }
    }

    /// When [`Self::on_due`] has something to do next, sweeps apart.
    pub fn due(&self, config: &EjectionConfig) -> Option<SimTime> {
        match &config.rule {
            EjectionRule::Outliers(rules) => match rules.returns {
                Returns::AtSweep | Returns::ByCheck => None,
                Returns::Exact | Returns::OneTrial => {
                    let ends = self.hosts.iter().filter_map(|host| end_of(host.state));
                    ends.min()
                }
            },
            EjectionRule::Quiet(rule) => self.peers.iter().filter_map(|it| it.due(*rule)).min(),
        }
    }

    /// The time of some instances may be over.
    pub fn on_due<O>(&mut self, ask: &mut EjectAsk<'_, O>) {
        match &ask.config.rule {
            EjectionRule::Outliers(rules) => {
                for slot in 0..self.hosts.len() as u32 {
                    self.end_time(ask, rules, slot);
                }
            }
            EjectionRule::Quiet(rule) => {
                for (slot, peer) in (0..).zip(&mut self.peers) {
                    if peer.end_time(*rule, ask.now) {
                        ask.say(slot, EjectStepKind::OnTrial);
                    }
                }
            }
        }
    }

    fn end_time<O>(&mut self, ask: &mut EjectAsk<'_, O>, rules: &Outliers, slot: u32) {
        let state = self.hosts[slot as usize].state;
        let (State::Out { first, .. }, Some(until)) = (state, end_of(state)) else {
            return;
        };
        if until > ask.now {
            return;
        }
        match rules.returns {
            Returns::Exact => self.bring_back(ask, slot, EjectBack::Time),
            Returns::OneTrial => {
                self.hosts[slot as usize].state = State::OnTrial { first };
                ask.say(slot, EjectStepKind::OnTrial);
            }
            Returns::AtSweep | Returns::ByCheck => {}
        }
    }

    /// Another instance comes into a slot: nothing is known of it.
    pub fn forget<O>(&mut self, ask: &mut EjectAsk<'_, O>, slot: u32) {
        let at = slot as usize;
        let host = self.hosts.get_mut(at).map(std::mem::take);
        let peer = self.peers.get_mut(at).map(std::mem::take);
        let first = host.and_then(|host| host.state.out_since());
        if let Some(first) = first.or(peer.and_then(|peer| peer.out_since())) {
            let (by, after) = (EjectBack::Forgotten, ask.now.since(first));
            ask.say(slot, EjectStepKind::Back { by, after });
        }
    }

    /// The caller has died, and all that it knew.
    pub fn forget_all<O>(&mut self, ask: &mut EjectAsk<'_, O>) {
        for slot in 0..self.hosts.len().max(self.peers.len()) as u32 {
            self.forget(ask, slot);
        }
    }

    /// Whether an instance is out: not to be chosen, unless it is on trial.
    pub fn is_out(&self, slot: u32) -> bool {
        let at = slot as usize;
        self.hosts.get(at).is_some_and(Host::is_out)
            || self
                .peers
                .get(at)
                .is_some_and(|peer| peer.out_since().is_some())
    }
}

/// When the time of an instance that is out is over.
fn end_of(state: State) -> Option<SimTime> {
    match state {
        State::Out { at, span, .. } => Some(at + span),
        State::In { .. } | State::OnTrial { .. } | State::Tried { .. } => None,
    }
}
