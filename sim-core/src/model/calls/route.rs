//! Routes: how a call finds its instance.
//!
//! Every attempt chooses anew among the slots of a view, by the balancer of its process (rule 24). Ways
//! without a choice (a fixed instance, the own one) will stand beside it here.

use crate::id::{LayerId, ProcessId};
use crate::model::call::Call;
use crate::model::directory::ViewIx;
use crate::model::spec::Watch;
use crate::policy::pipeline::Choice;
use crate::policy::{BalanceConfig, Balancer};
use crate::random::{Draws, SiteKey, child_key};

/// Where calls made at a site go, gathered from the specification for the hot path.
#[derive(Clone, Debug)]
pub(super) struct Route {
    /// Where its callers look for instances.
    pub(super) view: ViewIx,
    /// The first instance of the called service: slot 0.
    pub(super) first_instance: u32,
    /// The outermost layer around the calls.
    pub(super) first_layer: Option<LayerId>,
    pub(super) balance: BalanceConfig,
    pub(super) first_balancer: u32,
    /// Whether one balancer serves all processes.
    pub(super) shared: bool,
    /// Whether its balancer has to know how many attempts are outstanding.
    pub(super) counts_outstanding: bool,
    /// The first process of its callers.
    pub(super) first_process: ProcessId,
    /// Whether a retry leaves out instances that its call has tried.
    pub(super) other_instance: bool,
    /// How far the executions of each call are told apart.
    pub(super) watch: Watch,
    pub(super) draws: SiteKey,
}

impl Route {
    /// The balancer of a process.
    #[inline]
    pub(super) fn balancer(&self, process: ProcessId) -> usize {
        let local = if self.shared {
            0
        } else {
            process.0 - self.first_process.0
        };
        (self.first_balancer + local) as usize
    }
}

/// Chooses where there is a choice, or a layer has its say.
#[inline(never)]
pub(super) fn choose_of_many(
    balancer: &mut Balancer,
    call: &Call,
    route: &Route,
    rotation: &[u32],
    avoid: &[u32],
    choice: Choice<'_>,
) -> Option<u32> {
    let mut draws = Draws::new(route.draws, child_key(call.key, choice.lane.into(), 0));
    if avoid.is_empty() && choice.allowed.is_none() {
        return balancer.choose(route.balance, rotation, |_| true, &mut draws);
    }
    let admits = |i: u32| choice.allowed.is_none_or(|allowed| allowed(i));
    let unused = |i: u32| !avoid.contains(&i) && admits(i);
    if !avoid.is_empty() && rotation.iter().any(|&i| unused(i)) {
        return balancer.choose(route.balance, rotation, unused, &mut draws);
    }
    balancer.choose(route.balance, rotation, admits, &mut draws)
}
