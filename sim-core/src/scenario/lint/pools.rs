//! Thread pools that can wait for each other.
//!
//! Calls form no circle of operations, but services may: `a.x` calls `b.y`, which calls `a.z`. If
//! threads are held during calls, all threads of `a` may wait for `b` and all of `b` for `a`, and
//! then none is left to answer either.
//!
//! That takes enough calls at once to hold all threads of a pool, and a queue to wait in for one: a
//! closed population smaller than the pool, or a queue of capacity 0 that turns calls away, leaves no
//! circle. How many there can be at once is followed from the clients inward.

use super::Lint;
use crate::id::{Id, ServiceId, SiteId};
use crate::model::spec::{Caller, Execution, RouteSpec, StepShape, StepSpec, TrafficSpec};
use crate::scenario::compile::graph::calls_of;

impl Lint<'_> {
    pub(super) fn pools(&mut self) {
        let mut known: Vec<ServiceId> = Vec::new();
        let mut lockable: Option<Vec<bool>> = None;
        for service in self.model.services.ids() {
            if known.contains(&service) {
                continue;
            }
            let Some(circle) = self.circle_from(service) else {
                continue;
            };
            let lockable = lockable.get_or_insert_with(|| self.lockable());
            known.extend(circle.iter().map(|&site| self.callee(site)));
            if circle
                .iter()
                .any(|&site| self.locks(self.callee(site), lockable))
            {
                self.warn_of(&circle);
            }
        }
    }

    fn warn_of(&mut self, circle: &[SiteId]) {
        let [.., last] = circle else { return };
        let name = |service: ServiceId| self.model.services[service].name.as_str();
        let around: Vec<&str> = circle.iter().map(|&site| name(self.callee(site))).collect();
        let (first, way) = (name(self.callee(*last)), around.join(" -> "));
        let message = format!(
            "thread pools can wait for each other: {first} -> {way}, each holding a thread until \
             the next answers; when all are held, only timeouts free them"
        );
        let hint = "use `execution: async`, a service of its own for the inner calls, or no circle";
        self.warn(
            "pools-wait-for-each-other",
            self.site_span(*last),
            message,
            hint,
        );
    }

    /// The calls of a shortest circle of pools that leads from a service back to it.
    fn circle_from(&self, start: ServiceId) -> Option<Vec<SiteId>> {
        let mut seen = vec![false; self.model.services.len()];
        let mut ways: Vec<Vec<SiteId>> = vec![Vec::new()];
        while !ways.is_empty() {
            let mut longer = Vec::new();
            for way in &ways {
                let at = way.last().map_or(start, |&site| self.callee(site));
                for site in self.waits_of(at) {
                    let next = self.callee(site);
                    let way = [way.as_slice(), &[site]].concat();
                    if next == start {
                        return Some(way);
                    }
                    if !std::mem::replace(&mut seen[next.index()], true) {
                        longer.push(way);
                    }
                }
            }
            ways = longer;
        }
        None
    }

    /// Calls during which a service's pool gives up a thread to wait for another's.
    fn waits_of(&self, service: ServiceId) -> Vec<SiteId> {
        if !self.holds_threads(service) {
            return Vec::new();
        }
        let sites = self.model.sites.iter_enumerated();
        let made_here = sites.filter(|(id, site)| {
            let caller = self.model.edges[site.edge].caller;
            let here = matches!(caller, Caller::Operation(operation)
                if self.model.operations[operation].service == service);
            here && site.route != RouteSpec::Inline && self.holds_threads(self.callee(*id))
        });
        made_here.map(|(id, _)| id).collect()
    }

    fn holds_threads(&self, service: ServiceId) -> bool {
        let spec = &self.model.services[service];
        spec.threads.is_some() && spec.execution == Execution::Blocking
    }

    fn callee(&self, site: SiteId) -> ServiceId {
        self.model.operations[self.model.sites[site].target].service
    }

    /// Of each service, whether operations that hold its threads while they wait for a thread
    /// somewhere can be enough to hold all, and others then wait for one.
    fn lockable(&self) -> Vec<bool> {
        let at_once = self.most_at_once();
        let mut holding = vec![0.0; self.model.services.len()];
        for (id, operation) in self.model.operations.iter_enumerated() {
            let waits = self.reached_from(id).into_iter().skip(1);
            let mut pools = waits.map(|inner| self.model.operations[inner].service);
            if pools.any(|pool| self.holds_threads(pool)) {
                holding[operation.service.index()] += at_once[id.index()];
            }
        }
        let services = self.model.services.iter_enumerated();
        let full = services.map(|(id, spec)| {
            let queues = spec.queue.capacity != Some(0);
            let threads = spec.threads.map_or(f64::INFINITY, f64::from);
            self.holds_threads(id) && queues && holding[id.index()] >= threads
        });
        full.collect()
    }

    /// Whether a pool that can be held as a whole waits for itself, through others of that kind.
    fn locks(&self, start: ServiceId, lockable: &[bool]) -> bool {
        if !lockable[start.index()] {
            return false;
        }
        let mut reached = vec![false; lockable.len()];
        let mut open = vec![start];
        while let Some(service) = open.pop() {
            for next in self.waited_for(service) {
                if next == start {
                    return true;
                }
                if lockable[next.index()] && !std::mem::replace(&mut reached[next.index()], true) {
                    open.push(next);
                }
            }
        }
        false
    }

    /// The services of all that is called, at any depth, while a thread of this one is held.
    fn waited_for(&self, service: ServiceId) -> Vec<ServiceId> {
        let operations = self.model.operations.iter_enumerated();
        let own = operations.filter(|(_, operation)| operation.service == service);
        let inner = own.flat_map(|(id, _)| self.reached_from(id).into_iter().skip(1));
        let mut services: Vec<ServiceId> =
            inner.map(|id| self.model.operations[id].service).collect();
        services.sort_unstable();
        services.dedup();
        services
    }

    /// How many executions of each operation there can be at once; none if nobody calls it, without a
    /// limit where calls come whatever became of earlier ones.
    fn most_at_once(&self) -> Vec<f64> {
        let mut most = vec![0.0; self.model.operations.len()];
        for client in &self.model.clients {
            let callers = match &client.traffic {
                TrafficSpec::Arrivals(_) => f64::INFINITY,
                TrafficSpec::Users(users) => f64::from(users.count),
            };
            for call in &client.calls {
                self.add_at_once(call.site, callers, &mut most);
            }
        }
        for &caller in self.order.iter().rev() {
            let callers = most[caller.index()];
            if callers <= 0.0 {
                continue;
            }
            let mut sites: Vec<SiteId> = calls_of(self.model, caller)
                .into_iter()
                .map(|(site, _)| site)
                .collect();
            sites.sort_unstable();
            sites.dedup();
            for site in sites {
                let side_by_side = calls_at_once(&self.model.operations[caller].steps, site);
                self.add_at_once(site, callers * side_by_side.max(1.0), &mut most);
            }
        }
        most
    }

    /// Adds what so many callers at once begin at once. Calls that were given up and run on are left
    /// out: they are what a pool without free threads leads to, and not what fills it.
    fn add_at_once(&self, site: SiteId, callers: f64, most: &mut [f64]) {
        let spec = &self.model.sites[site];
        let layers = self.model.pipelines[spec.pipeline].layers();
        let hedges = layers.filter_map(|layer| self.model.layers[layer].kind.hedge());
        let passes = hedges.fold(1.0, |all, hedge| all * (1.0 + f64::from(hedge.max_hedges)));
        most[spec.target.index()] += callers * passes;
    }
}

/// How many calls at this place steps have under way at once.
fn calls_at_once(steps: &[StepSpec], of: SiteId) -> f64 {
    let each = steps.iter().map(|step| match step.shape() {
        StepShape::Call { site, .. } if site == of => 1.0,
        StepShape::Work(_) | StepShape::Call { .. } | StepShape::Fail(_) => 0.0,
        StepShape::AtOnce { branches, .. } => {
            let sides = branches.into_iter();
            let sides = sides.map(|(steps, copies)| f64::from(copies) * calls_at_once(steps, of));
            sides.fold(0.0, |sum, one| sum + one)
        }
        StepShape::OneOf(arms) => {
            let ways = arms.iter().map(|(_, steps)| calls_at_once(steps, of));
            ways.fold(0.0, f64::max)
        }
        StepShape::Again(_, steps) | StepShape::Under { steps, .. } => calls_at_once(steps, of),
    });
    each.fold(0.0, f64::max)
}
