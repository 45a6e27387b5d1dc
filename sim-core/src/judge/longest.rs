//! How long a call can take at most, as far as its policy and its callee say.
//!
//! After a fault, calls that began before its end may still be under way; whether a system has
//! recovered can only be told after they are over (rule 38). The bound follows the policy from the
//! inside out: a timeout cuts, a retry multiplies and adds its delays, a bulkhead adds its wait, a
//! fallback what it calls. Work has no upper limit; ten times its mean stands for it.

use crate::id::{OperationId, SiteId};
use crate::model::spec::{ModelSpec, StepShape, StepSpec, Times, WorkTime};
use crate::time::SimDuration;

/// Work longer than this many means is not waited for \[count\].
const MEANS: u64 = 10;

/// The longest that a client's call can take.
pub fn longest_call(spec: &ModelSpec) -> SimDuration {
    let sites = spec
        .clients
        .iter()
        .flat_map(|client| &client.calls)
        .map(|call| call.site);
    sites.map(|site| call(spec, site)).max().unwrap_or_default()
}

fn call(spec: &ModelSpec, site: SiteId) -> SimDuration {
    around(spec, site, operation(spec, spec.sites[site].target))
}

/// What the policy at a place makes of a pass that takes so long.
fn around(spec: &ModelSpec, id: SiteId, pass: SimDuration) -> SimDuration {
    let site = &spec.sites[id];
    let layers = spec.pipelines[site.pipeline].layers().rev();
    let service = spec.operations[site.target].service;
    let hint = spec.services[service].retry_after;
    let hint = hint.and_then(|hint| hint.after.after());
    layers.fold(pass, |inside, layer| {
        let own = spec.layers[layer].kind.longest(inside, hint);
        let fallback = spec.fallback_call_of(id, layer);
        own + fallback.map_or(SimDuration::ZERO, |it| call(spec, it.call))
    })
}

/// Calls form no cycle, those of fallbacks included, so this ends.
fn operation(spec: &ModelSpec, id: OperationId) -> SimDuration {
    let operation = &spec.operations[id];
    let queue = &spec.services[operation.service].queue;
    let wait = queue
        .max_wait
        .as_ref()
        .map_or(SimDuration::ZERO, |wait| wait.mean().times(MEANS));
    wait + steps(spec, &operation.steps)
}

fn steps(spec: &ModelSpec, list: &[StepSpec]) -> SimDuration {
    list.iter()
        .fold(SimDuration::ZERO, |sum, one| sum + step(spec, one))
}

fn step(spec: &ModelSpec, step: &StepSpec) -> SimDuration {
    match step.shape() {
        StepShape::Work(WorkTime::Drawn(dist)) if dist.is_constant() => dist.mean(),
        StepShape::Work(WorkTime::Drawn(dist)) => dist.mean().times(MEANS),
        StepShape::Work(WorkTime::Sequence(times)) => {
            times.iter().copied().max().unwrap_or_default()
        }
        StepShape::Call { site, .. } => call(spec, site),
        StepShape::AtOnce { branches, .. } => longest(branches.iter().map(|it| steps(spec, it.0))),
        StepShape::OneOf(arms) => longest(arms.iter().map(|it| steps(spec, it.1))),
        StepShape::Again(Times::Exactly(times), body) => steps(spec, body).times(u64::from(times)),
        StepShape::Again(Times::Again(share), body) => {
            let rounds = 1.0 / (1.0 - share.get()).max(1e-3);
            steps(spec, body).times(rounds.ceil() as u64 * MEANS)
        }
        StepShape::Under {
            site,
            steps: inside,
        } => around(spec, site, steps(spec, inside)),
        StepShape::Fail(_) => SimDuration::ZERO,
    }
}

fn longest(ways: impl Iterator<Item = SimDuration>) -> SimDuration {
    ways.max().unwrap_or_default()
}
