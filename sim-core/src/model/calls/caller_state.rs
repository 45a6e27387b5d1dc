//! What callers own besides the states of layers.

use super::route::Route;
use crate::id::{IdMap, InstanceId, PipelineId, SiteId};
use crate::model::spec::ModelSpec;
use crate::policy::Balancer;
use crate::policy::pipeline::Owner;

/// What callers own besides the states of layers.
#[derive(Clone, Debug)]
pub(super) struct CallerState {
    /// Balancers of each pipeline, one per process unless shared.
    pub(super) balancers: Vec<Balancer>,
    /// Where calls made at each site go.
    pub(super) sites: IdMap<SiteId, Route>,
    /// Calls in flight at which the run gives up \[count\].
    pub(super) max_in_flight: usize,
    /// Whether there were more.
    pub(super) overflowed: bool,
}

impl CallerState {
    /// Another instance comes into a slot: no balancer keeps what it knew of the one before (rule 48).
    pub(super) fn forget_callee(&mut self, spec: &ModelSpec, instance: InstanceId) {
        let first = spec.services[spec.instances[instance]].first_instance.0;
        for (site, route) in spec.sites.iter().zip(self.sites.iter()) {
            let pipeline = &spec.pipelines[site.pipeline];
            if pipeline.target != spec.instances[instance] {
                continue;
            }
            let (_, processes) = spec.processes(pipeline.callers);
            let count = if route.shared { 1 } else { processes };
            let all = route.first_balancer as usize..(route.first_balancer + count) as usize;
            for balancer in &mut self.balancers[all] {
                balancer.forget(instance.0 - first);
            }
        }
    }

    /// A process has died: it knows nothing of the instances that it called.
    pub(super) fn forget_balancer(&mut self, spec: &ModelSpec, pipeline: PipelineId, owner: Owner) {
        let mut sites = spec.sites.iter().zip(self.sites.iter());
        let route = sites.find(|(site, _)| site.pipeline == pipeline);
        if let Some((_, route)) = route.filter(|(_, route)| !route.shared) {
            self.balancers[(route.first_balancer + owner.0) as usize] = Balancer::new();
        }
    }
}
