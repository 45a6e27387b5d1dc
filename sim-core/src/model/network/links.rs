//! What becomes of a message on its edge: latency, loss, partition.

use crate::id::{EdgeId, FaultId, Id, IdMap, InstanceId, SiteId};
use crate::model::attempt::Attempt;
use crate::model::spec::{
    Caller, CallerGroup, EdgeFault, EdgeSpec, EdgeTarget, FaultKind, ModelSpec,
};
use crate::random::{Draws, KeySource, SiteKey, uniform};
use crate::time::SimDuration;
use crate::units::Probability;

/// The three kinds of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// Caller to callee.
    Request,
    /// Callee to caller.
    Answer,
    /// The cancel signal, caller to callee: nobody waits.
    Cancel,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It arrives after this time.
    At(SimDuration),
    /// It vanishes.
    Lost,
    /// It is refused at once.
    Refused,
    /// It finds no way: no connection comes about.
    CutOff,
}

/// One link per edge.
#[derive(Clone, Debug)]
pub(super) struct Links {
    /// Whether messages of calls made at each site arrive at once, as things stand.
    quiet: IdMap<SiteId, bool>,
    /// Whether all of them do.
    all_quiet: bool,
    each: IdMap<EdgeId, Link>,
    /// Of each fault: for the latency it adds, and for which messages.
    fault_draws: Vec<(SiteKey, SiteKey)>,
    active: Vec<bool>,
}

#[derive(Clone, Debug)]
struct Link {
    /// Keys for losses and latencies, by kind of message.
    loss: [SiteKey; 3],
    latency: [SiteKey; 3],
    requests: Direction,
    answers: Direction,
}

/// How things stand in one direction of a link.
#[derive(Clone, Debug)]
struct Direction {
    loss: Probability,
    cut: bool,
    refused: bool,
    /// Faults that add latency.
    slower: Vec<FaultId>,
    /// Partitions and losses that act on some instances only.
    of_some: Vec<FaultId>,
}

impl Links {
    pub(super) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        let links = spec
            .edges
            .iter()
            .map(|edge| Link::new(spec, edge, keys))
            .collect();
        let fault_draws = spec
            .faults
            .iter()
            .map(|fault| {
                let site = |purpose| keys.site(&["fault", &fault.name], purpose);
                (site("latency"), site("delayed"))
            })
            .collect();
        let mut all = Self {
            quiet: spec.sites.iter().map(|_| false).collect(),
            all_quiet: false,
            each: links,
            fault_draws,
            active: vec![false; spec.faults.len()],
        };
        all.settle(spec);
        all
    }

    pub(super) fn set_fault(&mut self, spec: &ModelSpec, fault: usize, active: bool) {
        self.active[fault] = active;
        self.settle(spec);
    }

    /// Whether every message arrives at once, as things stand.
    #[inline]
    pub(super) fn all_quiet(&self) -> bool {
        self.all_quiet
    }

    #[inline]
    pub(super) fn fate(
        &self,
        spec: &ModelSpec,
        attempt: &Attempt,
        home: Option<u16>,
        message: Message,
    ) -> Fate {
        if self.quiet[attempt.site] {
            return Fate::At(SimDuration::ZERO);
        }
        let sent = (attempt.site, attempt.instance, attempt.key);
        self.drawn_fate(spec, sent, home, message)
    }

    /// The same, of something that is no attempt: where calls like it are made, to whom it goes, and the
    /// key of its draws.
    pub(super) fn fate_of(
        &self,
        spec: &ModelSpec,
        sent: (SiteId, InstanceId, u64),
        home: Option<u16>,
        message: Message,
    ) -> Fate {
        if self.quiet[sent.0] {
            return Fate::At(SimDuration::ZERO);
        }
        self.drawn_fate(spec, sent, home, message)
    }

    fn drawn_fate(
        &self,
        spec: &ModelSpec,
        (site, instance, draw_key): (SiteId, InstanceId, u64),
        home: Option<u16>,
        message: Message,
    ) -> Fate {
        let edge = spec.sites[site].sends;
        let link = &self.each[edge];
        let direction = link.direction(message);
        let (mut loss, mut cut, mut refused) = (direction.loss, direction.cut, direction.refused);
        for &fault in &direction.of_some {
            if let Some((target, kind)) = edge_of(&spec.faults[fault].kind)
                && acts_on(spec, target, home, instance)
            {
                (loss, cut, refused) = met(kind, (loss, cut, refused));
            }
        }
        if refused && message == Message::Request {
            return Fate::Refused;
        }
        if cut && message == Message::Request {
            return Fate::CutOff;
        }
        let kind = message as usize;
        if cut || loss.hit(uniform(link.loss[kind], draw_key)) {
            return Fate::Lost;
        }
        let mut draws = Draws::new(link.latency[kind], draw_key);
        let network = &spec.edges[edge].network;
        let between = network.other_zone.as_ref().filter(|_| {
            let there = spec.zone_of(instance);
            home.is_some() && there.is_some() && home != there
        });
        let mut latency = between.unwrap_or(&network.latency).sample(&mut draws);
        for &fault in &direction.slower {
            latency = latency + self.added(spec, fault, (instance, draw_key), home, kind);
        }
        Fate::At(latency)
    }

    /// What a latency fault adds to a message of this kind.
    fn added(
        &self,
        spec: &ModelSpec,
        fault: FaultId,
        (instance, draw_key): (InstanceId, u64),
        home: Option<u16>,
        kind: usize,
    ) -> SimDuration {
        let Some((target, EdgeFault::Latency { add, share })) = edge_of(&spec.faults[fault].kind)
        else {
            return SimDuration::ZERO;
        };
        let (SiteKey(added), SiteKey(delayed)) = self.fault_draws[fault.index()];
        let site = |key: u64| SiteKey(key.wrapping_add(kind as u64));
        let is_hit = *share == Probability::ONE || share.hit(uniform(site(delayed), draw_key));
        if !is_hit || !acts_on(spec, target, home, instance) {
            return SimDuration::ZERO;
        }
        add.sample(&mut Draws::new(site(added), draw_key))
    }

    /// Works out how things stand on each edge: latencies add, shares combine as independent.
    fn settle(&mut self, spec: &ModelSpec) {
        for (id, edge) in spec.edges.iter_enumerated() {
            let mut requests = Direction::calm(edge);
            let mut answers = Direction::calm(edge);
            for (fault, fault_spec) in spec.faults.iter_enumerated() {
                if let Some((target, kind)) = edge_of(&fault_spec.kind)
                    && self.active[fault.index()]
                    && hits(spec, edge, *target)
                {
                    for (direction, hit) in [
                        (&mut requests, target.requests),
                        (&mut answers, target.answers),
                    ] {
                        if hit {
                            direction.add(fault, target, kind);
                        }
                    }
                }
            }
            let latency = &edge.network.latency;
            let at_once = latency.is_constant() && latency.mean().is_zero();
            let same = edge.network.other_zone.is_none();
            let is_quiet = at_once && same && requests.is_quiet() && answers.is_quiet();
            for (site, quiet) in spec.sites.iter().zip(self.quiet.iter_mut()) {
                if site.sends == id {
                    *quiet = is_quiet || !site.route.meets_network();
                }
            }
            let link = &mut self.each[id];
            (link.requests, link.answers) = (requests, answers);
        }
        self.all_quiet = spec.zones.is_empty() && self.quiet.iter().all(|&quiet| quiet);
    }
}

/// What a fault does to messages, and to which.
const fn edge_of(kind: &FaultKind) -> Option<(&EdgeTarget, &EdgeFault)> {
    match kind {
        FaultKind::Edge(target, fault) => Some((target, fault)),
        FaultKind::Work(..)
        | FaultKind::Client(..)
        | FaultKind::Life(..)
        | FaultKind::Setting(_)
        | FaultKind::Kept(_) => None,
    }
}

/// What a loss or a partition makes of the share of messages lost, and of whether they are cut off and
/// refused: shares combine as independent (rule 23).
fn met(
    kind: &EdgeFault,
    (loss, cut, refused): (Probability, bool, bool),
) -> (Probability, bool, bool) {
    match kind {
        EdgeFault::Loss { share } => (loss.or(*share), cut, refused),
        EdgeFault::Partition { refused: also } => (loss, true, refused | also),
        EdgeFault::Latency { .. } => (loss, cut, refused),
    }
}

/// Whether a network fault acts on messages to and from an instance of the service that it names.
fn acts_on(spec: &ModelSpec, target: &EdgeTarget, home: Option<u16>, instance: InstanceId) -> bool {
    let crosses = |zone| (home == Some(zone)) != (spec.zone_of(instance) == Some(zone));
    if !target.zone.is_none_or(crosses) {
        return false;
    }
    let first = spec.services[spec.instances[instance]].first_instance;
    target
        .instances
        .is_none_or(|hit| instance.0 - first.0 < hit)
}

/// Whether a network fault acts on an edge.
fn hits(spec: &ModelSpec, edge: &EdgeSpec, target: EdgeTarget) -> bool {
    let from = match edge.caller {
        Caller::Client(client) => CallerGroup::Client(client),
        Caller::Operation(operation) => CallerGroup::Service(spec.operations[operation].service),
        Caller::Checker(group) => group,
    };
    let to = spec.operations[edge.target].service;
    target.from.is_none_or(|group| group == from) && target.to.is_none_or(|service| service == to)
}

impl Link {
    fn new(spec: &ModelSpec, edge: &EdgeSpec, keys: &KeySource) -> Self {
        let caller = spec.caller_name(edge.caller);
        let target = spec.operation_name(edge.target);
        let path = ["edge", caller.as_str(), target.as_str()];
        // Part of the keys of draws, so these words stay.
        let kinds = ["request", "answer", "news"];
        Self {
            loss: kinds.map(|kind| keys.site(&path, &format!("loss of {kind}"))),
            latency: kinds.map(|kind| keys.site(&path, &format!("latency of {kind}"))),
            requests: Direction::calm(edge),
            answers: Direction::calm(edge),
        }
    }

    fn direction(&self, message: Message) -> &Direction {
        match message {
            Message::Request | Message::Cancel => &self.requests,
            Message::Answer => &self.answers,
        }
    }
}

impl Direction {
    fn calm(edge: &EdgeSpec) -> Self {
        Self {
            loss: edge.network.loss,
            cut: false,
            refused: false,
            slower: Vec::new(),
            of_some: Vec::new(),
        }
    }

    /// A fault acts in this direction.
    fn add(&mut self, fault: FaultId, target: &EdgeTarget, kind: &EdgeFault) {
        if let EdgeFault::Latency { .. } = kind {
            self.slower.push(fault);
        } else if target.instances.is_some() || target.zone.is_some() {
            self.of_some.push(fault);
        } else {
            let before = (self.loss, self.cut, self.refused);
            (self.loss, self.cut, self.refused) = met(kind, before);
        }
    }

    fn is_quiet(&self) -> bool {
        self.loss == Probability::ZERO
            && !self.cut
            && self.slower.is_empty()
            && self.of_some.is_empty()
    }
}
