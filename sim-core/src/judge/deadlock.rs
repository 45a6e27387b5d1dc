//! Pools that wait for themselves: all threads of a service are held by operations that wait for an
//! operation of the same service, on a way of calls that leads back to it.
//!
//! At an instant at which that is so, nothing but a timeout or a crash can free a thread. It looks
//! like overload (all threads busy, a queue, callers that give up), and is none: no thread does any
//! work, and less load does not end it.
//!
//! What is known of an instant: how many calls are under way on each edge, at the end of each point
//! of the series. If the operations of a service have as many calls under way on ways back to it as
//! it has threads, all are held so. Services on the way must do nothing but wait, too.

use super::episodes::{ALONE, Episodes};
use super::run_view::RunView;
use crate::id::{EdgeId, Id, OperationId, ServiceId};
use crate::model::record::operations_of;
use crate::model::spec::{
    Caller, Execution, ModelSpec, ServiceSpec, StepShape, StepSpec, TrafficSpec,
};
use std::collections::BTreeSet;

/// All in all it must last so long \[s\]: longer than the calls take that happen to meet.
const LASTS_S: f64 = 5.0;

/// A pool that waited for itself.
pub(super) struct Deadlock {
    /// The service whose threads were held.
    pub(super) service: ServiceId,
    /// The operations from one that held a thread to the one that needed another of them.
    pub(super) way: Vec<OperationId>,
    /// When.
    pub(super) episodes: Episodes,
    /// How many calls its callers can make at once, and how many threads are enough for those
    /// \[count\]; none if the callers have no limit.
    pub(super) enough: Option<(u64, u64)>,
}

/// All pools that waited for themselves for a while.
pub(super) fn deadlocks(view: &RunView<'_>) -> Vec<Deadlock> {
    let services = view.spec().services.ids();
    services.filter_map(|id| deadlock(view, id)).collect()
}

/// Whether a pool waited for itself for a while.
pub(super) fn deadlock(view: &RunView<'_>, service: ServiceId) -> Option<Deadlock> {
    let spec = view.spec();
    let threads = pool(&spec.services[service])?;
    let width_ns = i128::from(view.record.series.grid.width().as_ns());
    let points = &view.record.series.services[service];
    let is_full = |point: usize| points[point].busy_area >= i128::from(threads) * width_ns;
    if !(0..points.len()).any(is_full) {
        return None;
    }
    let circle = Circle::of(spec, service)?;
    let held = circle.held(view, service);
    let waiting: Vec<(ServiceId, Vec<u64>)> = circle
        .others
        .iter()
        .map(|&other| (other, circle.held(view, other)))
        .collect();
    let only_waits = |point: usize| {
        waiting.iter().all(|(other, held)| {
            let busy = view.record.series.services[*other][point].busy_area;
            match spec.services[*other].execution {
                Execution::Blocking => busy <= i128::from(held[point]) * width_ns,
                Execution::Async => busy == 0,
            }
        })
    };
    let is_stuck = |point: usize| {
        point > 0 && is_full(point) && held[point - 1..=point].iter().all(|&n| n >= threads)
    };
    let episodes = Episodes::of(
        view,
        view.record.series.grid.width(),
        |_| ALONE,
        |group| {
            group
                .clone()
                .all(|point| is_stuck(point) && only_waits(point))
        },
    )?;
    let way = circle.busiest_way(view, service, episodes.first())?;
    (episodes.length_s(view) >= LASTS_S).then(|| Deadlock {
        service,
        way,
        enough: circle.enough(service),
        episodes,
    })
}

/// Threads that are held during calls, all instances together \[count\].
fn pool(service: &ServiceSpec) -> Option<u64> {
    let is_held = service.execution == Execution::Blocking;
    let threads = service.threads.filter(|_| is_held)?;
    Some(u64::from(threads) * u64::from(service.instances))
}

/// The operations from which calls lead to a service.
struct Circle<'a> {
    spec: &'a ModelSpec,
    /// By operation: whether a call that it makes leads to the service.
    leads: Vec<bool>,
    target: ServiceId,
    /// The services on the ways from the service back to it, without itself.
    others: Vec<ServiceId>,
}

impl<'a> Circle<'a> {
    /// The circle that begins at a service, if there is one.
    fn of(spec: &'a ModelSpec, target: ServiceId) -> Option<Self> {
        let mut circle = Self {
            spec,
            leads: vec![false; spec.operations.len()],
            target,
            others: Vec::new(),
        };
        // Calls form no cycle of operations, so this ends.
        while circle.spread() {}
        let begins: Vec<OperationId> = operations_of(spec, target)
            .filter(|&id| circle.leads_on(id))
            .collect();
        if begins.is_empty() {
            return None;
        }
        let (mut others, mut seen) = (BTreeSet::new(), BTreeSet::new());
        let mut next = begins;
        while let Some(at) = next.pop() {
            for (_, callee) in circle.calls(at) {
                let service = spec.operations[callee].service;
                if service != target && seen.insert(callee) {
                    others.insert(service);
                    next.push(callee);
                }
            }
        }
        circle.others = others.into_iter().collect();
        Some(circle)
    }

    fn leads_on(&self, id: OperationId) -> bool {
        self.leads[id.index()]
    }

    /// Marks callers of what is marked; whether there was one.
    fn spread(&mut self) -> bool {
        let mut grew = false;
        for edge in self.spec.edges.iter().filter(|edge| edge.block.is_none()) {
            let Caller::Operation(caller) = edge.caller else {
                continue;
            };
            let is_on_the_way = self.spec.operations[edge.target].service == self.target
                || self.leads_on(edge.target);
            if is_on_the_way && !self.leads_on(caller) {
                self.leads[caller.index()] = true;
                grew = true;
            }
        }
        grew
    }

    /// The calls of an operation that lead to the service.
    fn calls(&self, from: OperationId) -> impl Iterator<Item = (EdgeId, OperationId)> + '_ {
        let edges = self.spec.edges.iter_enumerated();
        edges
            .filter(move |(_, edge)| edge.caller == Caller::Operation(from))
            .filter(|(_, edge)| edge.block.is_none())
            .map(|(id, edge)| (id, edge.target))
            .filter(|&(_, callee)| {
                self.spec.operations[callee].service == self.target || self.leads_on(callee)
            })
    }

    /// How many operations of a service surely wait for calls that lead on, at the end of each point.
    fn held(&self, view: &RunView<'_>, service: ServiceId) -> Vec<u64> {
        let series = &view.record.series;
        let mut sum = vec![0; series.points];
        for operation in operations_of(self.spec, service) {
            let at_once = calls_at_once(&self.spec.operations[operation].steps).max(1);
            for (edge, _) in self.calls(operation) {
                for (sum, calls) in sum.iter_mut().zip(under_way(view, edge)) {
                    *sum += calls / at_once;
                }
            }
        }
        sum
    }

    /// From the operation with most calls under way at the end of a point to the one that it waits
    /// for.
    fn busiest_way(
        &self,
        view: &RunView<'_>,
        service: ServiceId,
        point: usize,
    ) -> Option<Vec<OperationId>> {
        let all = operations_of(self.spec, service).flat_map(|from| {
            self.calls(from)
                .map(move |(edge, callee)| (edge, from, callee))
        });
        let (_, from, callee) = all.max_by_key(|&(edge, ..)| under_way(view, edge)[point])?;
        let mut way = vec![from, callee];
        while let Some(&at) = way.last()
            && self.spec.operations[at].service != service
        {
            let (_, callee) = self.calls(at).next()?;
            way.push(callee);
        }
        Some(way)
    }

    /// The calls that can come from outside at once, and one thread more than all of those can hold
    /// while they wait.
    fn enough(&self, service: ServiceId) -> Option<(u64, u64)> {
        let outer: Vec<OperationId> = operations_of(self.spec, service)
            .filter(|&id| self.leads_on(id))
            .collect();
        let mut callers = BTreeSet::new();
        for edge in self.spec.edges.iter().filter(|edge| edge.block.is_none()) {
            if outer.contains(&edge.target) {
                callers.insert(self.source(edge.caller)?);
            }
        }
        let calls = callers.iter().filter_map(|source| source.1).sum::<u64>();
        let each = outer.iter().map(|&id| self.held_by(id)).max()?;
        (calls > 0).then(|| (calls, calls * each + 1))
    }

    /// Who calls, and how often at once; nothing for what is called within the circle. None if there
    /// is no limit.
    fn source(&self, caller: Caller) -> Option<(Caller, Option<u64>)> {
        match caller {
            Caller::Client(id) => match &self.spec.clients[id].traffic {
                TrafficSpec::Users(users) => Some((caller, Some(u64::from(users.count)))),
                TrafficSpec::Arrivals(_) => None,
            },
            Caller::Checker(_) => None,
            Caller::Operation(id) => {
                let service = self.spec.operations[id].service;
                if service == self.target || self.others.contains(&service) {
                    return Some((caller, None));
                }
                let at_once = calls_at_once(&self.spec.operations[id].steps).max(1);
                let calls = pool(&self.spec.services[service])?.checked_mul(at_once)?;
                Some((caller, Some(calls)))
            }
        }
    }

    /// Threads of the service that one call of an operation can hold while it waits for another of
    /// them \[count\].
    fn held_by(&self, id: OperationId) -> u64 {
        if !self.leads_on(id) {
            return 0;
        }
        let own = u64::from(self.spec.operations[id].service == self.target);
        own + self.held_in(&self.spec.operations[id].steps)
    }

    fn held_in(&self, steps: &[StepSpec]) -> u64 {
        most(steps, &|step| match step.shape() {
            StepShape::Call { site, .. } => self.held_by(self.spec.sites[site].target),
            StepShape::AtOnce { branches, .. } => {
                let sides = branches.into_iter();
                let held = sides.map(|(steps, copies)| self.held_in(steps) * u64::from(copies));
                held.sum()
            }
            StepShape::OneOf(arms) => {
                let arms = arms.iter().map(|(_, arm)| self.held_in(arm));
                arms.max().unwrap_or(0)
            }
            StepShape::Again(_, steps) | StepShape::Under { steps, .. } => self.held_in(steps),
            StepShape::Work(_) | StepShape::Fail(_) => 0,
        })
    }
}

/// Calls that an operation can have under way at once \[count\]; `u64::MAX`: any number, for some go on
/// when it no longer waits for them.
fn calls_at_once(steps: &[StepSpec]) -> u64 {
    most(steps, &|step| match step.shape() {
        StepShape::Call { .. } => 1,
        StepShape::AtOnce {
            cancel_rest: false, ..
        } => u64::MAX,
        StepShape::AtOnce { branches, .. } => branches.iter().fold(0, |sum, &(steps, copies)| {
            sum.saturating_add(calls_at_once(steps).saturating_mul(u64::from(copies)))
        }),
        StepShape::OneOf(arms) => {
            let arms = arms.iter().map(|(_, arm)| calls_at_once(arm));
            arms.max().unwrap_or(0)
        }
        StepShape::Again(_, steps) | StepShape::Under { steps, .. } => calls_at_once(steps),
        StepShape::Work(_) | StepShape::Fail(_) => 0,
    })
}

/// The most of any step: they come one after another.
fn most(steps: &[StepSpec], of: &dyn Fn(&StepSpec) -> u64) -> u64 {
    steps.iter().map(of).max().unwrap_or(0)
}

/// Calls under way on an edge at the end of each point \[count\].
fn under_way(view: &RunView<'_>, edge: EdgeId) -> Vec<u64> {
    let mut now = 0_u64;
    let points = view.record.series.edges[edge].iter();
    points
        .map(|point| {
            let ended = point.ended.iter().copied().map(u64::from).sum::<u64>();
            now = (now + u64::from(point.started)).saturating_sub(ended);
            now
        })
        .collect()
}
