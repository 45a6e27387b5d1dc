//! Thread pools that can wait for each other.
//!
//! Calls form no circle of operations, but services may: `a.x` calls `b.y`, which calls `a.z`. If
//! threads are held during calls, all threads of `a` may wait for `b` and all of `b` for `a`, and
//! then none is left to answer either.

use super::Lint;
use crate::id::{Id, ServiceId, SiteId};
use crate::model::spec::{Caller, Execution};

impl Lint<'_> {
    pub(super) fn pools(&mut self) {
        let mut known: Vec<ServiceId> = Vec::new();
        for service in self.model.services.ids() {
            if known.contains(&service) {
                continue;
            }
            if let Some(circle) = self.circle_from(service) {
                known.extend(circle.iter().map(|&site| self.callee(site)));
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
            here && self.holds_threads(self.callee(*id))
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
}
