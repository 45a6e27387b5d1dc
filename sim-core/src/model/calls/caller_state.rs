//! What callers own besides the states of layers.

use super::route::Route;
use crate::id::{IdMap, PipelineId, SiteId};
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
    /// A process has died: it knows nothing of the instances that it called.
    pub(super) fn forget_balancer(&mut self, spec: &ModelSpec, pipeline: PipelineId, owner: Owner) {
        let mut sites = spec.sites.iter().zip(self.sites.iter());
        let route = sites.find(|(site, _)| site.pipeline == pipeline);
        if let Some((_, route)) = route.filter(|(_, route)| !route.shared) {
            self.balancers[(route.first_balancer + owner.0) as usize] = Balancer::new();
        }
    }
}
