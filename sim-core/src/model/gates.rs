//! Gates: who may come in at an instance, and who has (rule 56).
//!
//! A caller protects itself by the layers of its policy; a callee that did nothing of the kind would
//! depend on the good sense of all its callers. So it has guards of its own, the same ones, between
//! the door and the queue. They never let anybody wait: that is what the queue is for.
//!
//! The rule: an attempt first takes a connection of its instance, if those are limited; then the
//! layers of the list are asked, one after another. The first that refuses decides, and what those
//! before it gave goes back, from the inside out. Who is in holds all of it until the callee has
//! nothing more to do with it, however that comes: then the layers learn how it ended, and since when
//! it was there.
//!
//! The record of an attempt is the same with and without a gate; what few attempts have lies beside
//! it, in tables by its number.

use super::attempt::{Attempt, AttemptBook, AttemptFlag, AttemptIx};
use super::key::key_of;
use super::spec::{AdmissionSpec, ModelSpec, Per};
use crate::id::{AdmissionId, IdMap, InstanceId, ServiceId};
use crate::policy::{GuardAnswer, Layer, LayerState, Left, Outcome, Reading, ShedConfig, Visit};
use crate::random::{KeySource, SiteKey, child_key};
use crate::side_table::SideTable;
use crate::time::{SimDuration, SimTime};

/// What the gate of an instance says to an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum AtGate {
    /// It is in.
    In,
    /// There is no connection left for it.
    Refused,
    /// This layer turns it away like this.
    TurnedAway(AdmissionId, Outcome),
}

/// A layer of admission found another limit for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NewLimit {
    pub(crate) layer: AdmissionId,
    pub(crate) instance: InstanceId,
    pub(crate) from: u32,
    pub(crate) to: u32,
}

/// The gates of all instances.
#[derive(Clone, Debug)]
pub(crate) struct Gates {
    /// By service.
    each: IdMap<ServiceId, Gate>,
    /// The layers of all services.
    posts: IdMap<AdmissionId, Post>,
    states: Vec<LayerState>,
    /// Connections in use, by instance \[count\].
    connected: IdMap<InstanceId, u32>,
    /// Of those, connections of pools \[count\].
    pooled: IdMap<InstanceId, u32>,
    /// When the process of each instance last died: older connections are gone.
    died: IdMap<InstanceId, SimTime>,
    /// When those who are in arrived.
    arrived: SideTable<SimTime>,
    /// How many were inside when they had gone in, by number of the learning layer of their service.
    inside: Vec<SideTable<u32>>,
    /// The layers that shed, and the instances of which they want samples.
    samplers: Vec<(AdmissionId, InstanceId)>,
}

/// The gate of the instances of a service.
#[derive(Clone, Copy, Debug)]
struct Gate {
    /// The first of its layers; the others follow.
    first: u32,
    count: u32,
    first_instance: u32,
    /// Connections of an instance \[count\]; `u32::MAX` without a limit.
    connections: u32,
}

impl Gate {
    /// Whether anything is asked at all.
    const fn is_there(self) -> bool {
        self.count > 0 || self.connections < u32::MAX
    }

    /// Its layers, in order.
    fn posts(self) -> impl DoubleEndedIterator<Item = AdmissionId> + use<> {
        (self.first..self.first + self.count).map(AdmissionId)
    }
}

/// A layer as it runs.
#[derive(Clone, Debug)]
struct Post {
    config: Layer,
    /// The first of its states, by instance and then by key.
    base: u32,
    /// States per instance: one for each key \[count\].
    keys: u32,
    shared: bool,
    per: Option<Per>,
    /// Which of the layers of its service that learn it is.
    learns: Option<u8>,
    site: SiteKey,
    /// How much each class matters, the most important 0; empty where that plays no part.
    ranks: Vec<u16>,
}

impl Post {
    /// How much a class matters.
    fn rank(&self, class: u16) -> u16 {
        self.ranks.get(usize::from(class)).copied().unwrap_or(0)
    }

    /// The place of the state that is asked at an instance for a key.
    const fn state(&self, local: u32, key: u32) -> usize {
        let instance = if self.shared { 0 } else { local };
        (self.base + instance * self.keys + key) as usize
    }
}

impl Gates {
    /// The gates at the start of a run: nobody is in.
    pub(crate) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        let mut gates = Self {
            each: IdMap::new(),
            posts: IdMap::new(),
            states: Vec::new(),
            connected: spec.instances.iter().map(|_| 0).collect(),
            pooled: spec.instances.iter().map(|_| 0).collect(),
            died: spec.instances.iter().map(|_| SimTime::ZERO).collect(),
            arrived: SideTable::default(),
            inside: Vec::new(),
            samplers: Vec::new(),
        };
        for service in &spec.services {
            gates.each.push(Gate {
                first: gates.posts.len() as u32,
                count: service.admission.len() as u32,
                first_instance: service.first_instance.0,
                connections: service.connections.unwrap_or(u32::MAX),
            });
            let mut learners = 0;
            for &id in &service.admission {
                let layer = &spec.admission[id];
                let learns = layer.kind.learns().then(|| {
                    learners += 1;
                    learners - 1
                });
                let path = ["service", &service.name, "admission", &layer.name];
                gates.add_post(spec, layer, learns, keys.site(&path, "admit"));
            }
        }
        gates
    }

    fn add_post(
        &mut self,
        spec: &ModelSpec,
        layer: &AdmissionSpec,
        learns: Option<u8>,
        site: SiteKey,
    ) {
        let keys = layer.per.map_or(1, |per| keys_of(spec, per));
        let instances = spec.services[layer.service].instances;
        let count = if layer.shared { keys } else { keys * instances };
        let base = self.states.len() as u32;
        if let Some(fresh) = layer.kind.state(SimTime::ZERO) {
            self.states
                .extend(std::iter::repeat_n(fresh, count as usize));
        }
        if let Some(number) = learns
            && self.inside.len() <= usize::from(number)
        {
            self.inside.push(SideTable::default());
        }
        let id = AdmissionId(self.posts.len() as u32);
        if layer.kind.shed().is_some() {
            let first = spec.services[layer.service].first_instance.0;
            let all = (first..first + instances).map(InstanceId);
            self.samplers.extend(all.map(|instance| (id, instance)));
        }
        self.posts.push(Post {
            config: layer.kind.clone(),
            base,
            keys,
            shared: layer.shared,
            per: layer.per,
            learns,
            site,
            ranks: layer
                .kind
                .shed()
                .map_or_else(Vec::new, |shed| ranks(spec, shed)),
        });
    }

    /// An attempt comes to the gate of its instance.
    pub(crate) fn enter(
        &mut self,
        spec: &ModelSpec,
        now: SimTime,
        attempts: &mut AttemptBook,
        ix: AttemptIx,
    ) -> AtGate {
        let attempt = &mut attempts[ix];
        let gate = self.each[spec.instances[attempt.instance]];
        if !gate.is_there() || !spec.sites[attempt.site].route.meets_admission() {
            return AtGate::In;
        }
        // What comes over a connection that was opened before needs none of its own.
        let is_over = spec.sites[attempt.site].over.is_some();
        if !is_over && !self.connect(gate, attempt.instance) {
            return AtGate::Refused;
        }
        let (labels, local) = (attempt.labels, attempt.instance.0 - gate.first_instance);
        for id in gate.posts() {
            let post = &self.posts[id];
            let key = post
                .per
                .map_or(0, |per| key_of(spec, attempt.site, labels, per));
            let state = &mut self.states[post.state(local, key)];
            let visit = Visit {
                who: ix,
                class: post.rank(labels.class),
                site: post.site,
                key: attempt.key,
            };
            let told = state.enter(&post.config, now, visit);
            let outcome = match told {
                Some(GuardAnswer::Admitted) | None => {
                    if let Some(number) = post.learns {
                        let (inside, _) = state.held(&post.config);
                        self.inside[usize::from(number)].set(ix, inside);
                    }
                    continue;
                }
                Some(GuardAnswer::Stopped(outcome)) => turned_away(outcome),
                Some(GuardAnswer::Waits { .. } | GuardAnswer::Until { .. }) => {
                    unreachable!("nobody waits at a gate")
                }
            };
            self.arrived.set(ix, now);
            let before = gate.first..id.0;
            self.give_back(spec, now, attempts, ix, before, outcome, |_| {});
            return AtGate::TurnedAway(id, outcome);
        }
        self.arrived.set(ix, now);
        attempt.flags.add(AttemptFlag::Admitted);
        AtGate::In
    }

    /// The callee has nothing more to do with an attempt that is in: what it holds goes back.
    pub(crate) fn leave(
        &mut self,
        spec: &ModelSpec,
        now: SimTime,
        attempts: &mut AttemptBook,
        (ix, outcome): (AttemptIx, Outcome),
        tell: impl FnMut(NewLimit),
    ) {
        let attempt = &mut attempts[ix];
        attempt.flags.remove(AttemptFlag::Admitted);
        let gate = self.each[spec.instances[attempt.instance]];
        let all = gate.first..gate.first + gate.count;
        self.give_back(spec, now, attempts, ix, all, outcome, tell);
    }

    /// These layers get back what an attempt holds, from the inside out, and then its connection.
    #[expect(clippy::too_many_arguments, reason = "all that is known of an end")]
    fn give_back(
        &mut self,
        spec: &ModelSpec,
        now: SimTime,
        attempts: &AttemptBook,
        ix: AttemptIx,
        posts: std::ops::Range<u32>,
        outcome: Outcome,
        mut tell: impl FnMut(NewLimit),
    ) {
        let attempt = &attempts[ix];
        let instance = attempt.instance;
        let gate = self.each[spec.instances[instance]];
        let local = instance.0 - gate.first_instance;
        for id in posts.rev().map(AdmissionId) {
            let post = &self.posts[id];
            let key = post
                .per
                .map_or(0, |per| key_of(spec, attempt.site, attempt.labels, per));
            let place = post.state(local, key);
            let state = &mut self.states[place];
            let Some(number) = post.learns else {
                state.leave(&post.config, now, Left::with(outcome));
                continue;
            };
            let before = state.limit(&post.config);
            let left = Left {
                outcome,
                entered: self.arrived.of(ix),
                inside: self.inside[usize::from(number)].of(ix),
                own: SiteKey(child_key(
                    post.site.0,
                    (place - post.base as usize) as u64,
                    1,
                )),
            };
            state.leave(&post.config, now, left);
            if let (Some(from), Some(to)) = (before, state.limit(&post.config))
                && from != to
            {
                tell(NewLimit {
                    layer: id,
                    instance,
                    from,
                    to,
                });
            }
        }
        if spec.sites[attempt.site].over.is_none() {
            self.disconnect(instance);
        }
    }

    /// A connection is opened that is to be used again and again, if one is left.
    pub(crate) fn open(&mut self, spec: &ModelSpec, instance: InstanceId) -> bool {
        let is_open = self.connect(self.each[spec.instances[instance]], instance);
        self.pooled[instance] += u32::from(is_open);
        is_open
    }

    /// A connection is closed that was let in at this instant.
    pub(crate) fn close(&mut self, instance: InstanceId, opened_at: SimTime) {
        // One that was let in at the very instant of the death may have been before it.
        if opened_at >= self.died[instance] && self.pooled[instance] > 0 {
            self.pooled[instance] -= 1;
            self.disconnect(instance);
        }
    }

    /// A connection of an instance is taken, if one is left.
    fn connect(&mut self, gate: Gate, instance: InstanceId) -> bool {
        let connected = &mut self.connected[instance];
        let is_left = *connected < gate.connections;
        *connected += u32::from(is_left);
        is_left
    }

    /// A connection of an instance is free again.
    fn disconnect(&mut self, instance: InstanceId) {
        let connected = &mut self.connected[instance];
        debug_assert!(*connected > 0, "a connection came back twice");
        *connected = connected.saturating_sub(1);
    }

    /// The process of an instance has died, and all in it are gone: its guards have learned nothing.
    pub(crate) fn forget(&mut self, spec: &ModelSpec, instance: InstanceId, now: SimTime) {
        let gate = self.each[spec.instances[instance]];
        self.connected[instance] = 0;
        self.pooled[instance] = 0;
        self.died[instance] = now;
        for id in gate.posts() {
            let post = &self.posts[id];
            if post.shared {
                continue;
            }
            let first = post.state(instance.0 - gate.first_instance, 0);
            if let Some(fresh) = post.config.state(now) {
                self.states[first..first + post.keys as usize].fill(fresh);
            }
        }
    }

    /// Who wants samples, by number, and when the first: each layer that sheds, at each instance.
    pub(crate) fn samplers(&self) -> impl Iterator<Item = (u32, SimDuration)> {
        let all = (0..).zip(&self.samplers);
        all.filter_map(|(number, &(layer, _))| {
            Some((number, self.posts[layer].config.shed()?.every))
        })
    }

    /// The instance of which a sample is wanted.
    pub(crate) fn sampled(&self, sampler: u32) -> InstanceId {
        self.samplers[sampler as usize].1
    }

    /// A sample for a layer that sheds; when it wants the next.
    pub(crate) fn sample(
        &mut self,
        spec: &ModelSpec,
        sampler: u32,
        reading: Reading,
    ) -> SimDuration {
        let (layer, instance) = self.samplers[sampler as usize];
        let gate = self.each[spec.instances[instance]];
        let post = &self.posts[layer];
        let place = post.state(instance.0 - gate.first_instance, 0);
        let (Layer::Shed(config), LayerState::Shed(shed)) = (&post.config, &mut self.states[place])
        else {
            unreachable!("only what sheds asks for samples")
        };
        shed.sample(config, reading);
        config.every
    }

    /// A layer has other settings from now on; who is in stays in (rule 22).
    pub(crate) fn reconfigure(&mut self, layer: AdmissionId, config: &Layer) {
        self.posts[layer].config = config.clone();
    }

    /// Permits and connections given and not got back \[count\], for checks.
    pub(crate) fn gave(&self) -> u64 {
        // Those of pools are held by no attempt.
        let all = self.connected.iter().zip(&self.pooled);
        let mut sum = all.map(|(all, pooled)| u64::from(all - pooled)).sum();
        let ends = self.posts.iter().skip(1).map(|post| post.base as usize);
        let ends = ends.chain([self.states.len()]);
        for (post, end) in self.posts.iter().zip(ends) {
            for state in &self.states[post.base as usize..end] {
                sum += u64::from(state.held(&post.config).0);
            }
        }
        sum
    }

    /// What an attempt holds of that \[count\], for checks.
    pub(crate) fn held_by(&self, spec: &ModelSpec, attempt: &Attempt) -> u64 {
        if !attempt.flags.has(AttemptFlag::Admitted) {
            return 0;
        }
        let gate = self.each[spec.instances[attempt.instance]];
        let gives = |&id: &AdmissionId| self.posts[id].config.gives_permits();
        let own = u64::from(spec.sites[attempt.site].over.is_none());
        own + gate.posts().filter(gives).count() as u64
    }
}

/// How much each class of a model matters to a layer that sheds.
fn ranks(spec: &ModelSpec, shed: &ShedConfig) -> Vec<u16> {
    let rank = |class: &String| {
        let place = shed.classes.iter().position(|it| it == class);
        place.unwrap_or(shed.classes.len()) as u16
    };
    spec.classes.iter().map(rank).collect()
}

/// What a callee says whose guard says this.
const fn turned_away(stopped: Outcome) -> Outcome {
    if matches!(stopped, Outcome::StoppedRateLimited) {
        Outcome::RejectedRateLimited
    } else {
        Outcome::RejectedShed
    }
}

/// How many kinds of attempts there are \[count\].
fn keys_of(spec: &ModelSpec, per: Per) -> u32 {
    let keys = match per {
        Per::Tenant => spec.tenants.len(),
        Per::Client => spec.clients.len() + spec.services.len(),
        Per::Class => spec.classes.len(),
    };
    keys as u32
}
