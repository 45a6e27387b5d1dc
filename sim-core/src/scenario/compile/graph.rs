//! The call graph: no circles, and no more calls than a machine can count.
//!
//! A call may fan out into several, each of which is tried several times, at every level. The
//! product of all that is the most attempts that one call from outside can cause. It is computed
//! before anything runs, from the last services to the first, so that a scenario which would send
//! a billion attempts per call is refused instead of started.

use super::Compiler;
use crate::id::{Id, LayerId, OperationId, PipelineId, SiteId};
use crate::model::spec::{Caller, EdgeSpec, ModelSpec, Often, StepShape, StepSpec, Times};
use crate::policy::{Layer, OutcomeSet, Overshoot, RetryConfig};
use crate::time::{SimDuration, SimTime};

/// Most attempts that one call from outside may cause.
const MOST_ATTEMPTS: u128 = 1_000_000;
/// What `max_attempts: unlimited` counts as when a scenario is refused: time ends it, not a number.
const ENDLESS: u128 = 1_000;
/// Waits of a retry without end that are looked at one by one; the rest is as long as the last.
const WAITS: u32 = 64;

impl Compiler<'_> {
    pub(super) fn call_graph(&mut self) {
        match callees_first(&self.spec) {
            Ok(order) => self.check_fan_out(&order),
            Err(cycle) => self.refuse_cycle(&cycle),
        }
    }

    fn refuse_cycle(&mut self, cycle: &[SiteId]) {
        let names: Vec<String> = cycle
            .iter()
            .map(|&site| operation_name(&self.spec, self.spec.sites[site].target))
            .collect();
        let first = names.last().cloned().unwrap_or_default();
        let message = format!(
            "operations call each other in a circle: {first} -> {}",
            names.join(" -> ")
        );
        let place = cycle
            .last()
            .and_then(|site| self.places.sites.get(site.index()));
        let diagnostic = crate::scenario::diagnostic::Diagnostic::error(
            "call-cycle",
            place.copied().unwrap_or_default(),
            message,
        );
        self.found
            .push(diagnostic.hint("a call must end somewhere: remove one of these calls"));
    }

    fn check_fan_out(&mut self, order: &[OperationId]) {
        let most = most_attempts(&self.spec, order);
        for client in &self.spec.clients {
            for call in &client.calls {
                let site = &self.spec.sites[call.site];
                let mut made = vec![(call.site, 1)];
                add_fallbacks(&self.spec, &mut made);
                let attempts = made.iter().fold(0_u128, |sum, &(made, times)| {
                    sum.saturating_add(times.saturating_mul(attempts_of(&self.spec, &most, made)))
                });
                if attempts > MOST_ATTEMPTS {
                    let message = format!(
                        "one call to {} can cause {attempts} attempts in the worst case, but at \
                         most {MOST_ATTEMPTS} are allowed",
                        operation_name(&self.spec, site.target),
                    );
                    let place = self.places.sites[call.site.index()];
                    let diagnostic =
                        crate::scenario::diagnostic::Diagnostic::error("fan-out", place, message);
                    let hint = format!(
                        "lower `max_attempts` (`unlimited` counts as {ENDLESS}), `count` or `times` \
                         along the way"
                    );
                    self.found.push(diagnostic.hint(hint));
                }
            }
        }
    }

    /// `caller -> service.operation`.
    pub(super) fn edge_name(&self, edge: &EdgeSpec) -> String {
        edge_name(&self.spec, edge)
    }
}

/// `caller -> service.operation`.
pub(in crate::scenario) fn edge_name(spec: &ModelSpec, edge: &EdgeSpec) -> String {
    let caller = match edge.caller {
        Caller::Client(client) => spec.clients[client].name.clone(),
        Caller::Operation(operation) => operation_name(spec, operation),
        Caller::Checker(_) => spec.caller_name(edge.caller),
    };
    match &edge.block {
        Some(block) => format!("{caller} -> {block}"),
        None => format!("{caller} -> {}", operation_name(spec, edge.target)),
    }
}

/// `service.operation`.
pub(in crate::scenario) fn operation_name(spec: &ModelSpec, operation: OperationId) -> String {
    let Some(operation) = spec.operations.get(operation) else {
        return String::new();
    };
    let service = spec.services.get(operation.service);
    let service = service.map_or("", |service| service.name.as_str());
    format!("{service}.{}", operation.name)
}

/// How often steps inside a step are done at most when it is done so often.
fn at_most(spec: &ModelSpec, times: u128, often: Often) -> u128 {
    match often {
        Often::Passes(site) => times.saturating_mul(tries(spec, spec.sites[site].pipeline)),
        Often::Copies(copies) => times.saturating_mul(u128::from(copies)),
        Often::Chance(_) => times,
        Often::Rounds(rounds) => times.saturating_mul(most_rounds(rounds)),
    }
}

/// Rounds of a `repeat`; by chance there is no most, so ten times the mean stands for it.
fn most_rounds(times: Times) -> u128 {
    match times {
        Times::Exactly(rounds) => u128::from(rounds),
        Times::Again(chance) => (10.0 / (1.0 - chance.get())).ceil() as u128,
    }
}

/// Adds the calls that fallbacks make in the place of those in the list.
pub(in crate::scenario) fn add_fallbacks(spec: &ModelSpec, calls: &mut Vec<(SiteId, u128)>) {
    let mut next = 0;
    while let Some(&(site, times)) = calls.get(next) {
        next += 1;
        let mut passes = times;
        for layer in layers_of(spec, spec.sites[site].pipeline) {
            if let Some(fallback) = spec.fallback_call_of(site, layer) {
                calls.push((fallback.call, passes));
            }
            passes = passes.saturating_mul(passes_of(&spec.layers[layer].kind));
        }
    }
}

/// Attempts that one call at this place can cause, those of its fallbacks apart; `most` are those
/// that each operation can cause.
fn attempts_of(spec: &ModelSpec, most: &[u128], site: SiteId) -> u128 {
    let site = &spec.sites[site];
    most[site.target.index()].saturating_mul(tries(spec, site.pipeline))
}

/// The calls that an operation makes, and its fallbacks: where, and how often at most.
pub(in crate::scenario) fn calls_of(
    spec: &ModelSpec,
    operation: OperationId,
) -> Vec<(SiteId, u128)> {
    let (mut calls, mut blocks) = (Vec::new(), Vec::new());
    if let Some(operation) = spec.operations.get(operation) {
        let inside = |times, often| at_most(spec, times, often);
        StepSpec::visit(
            &operation.steps,
            1,
            &inside,
            &mut |step, times| match step {
                StepShape::Call { site, .. } => calls.push((*site, times)),
                StepShape::Under { site, .. } => blocks.push((*site, times)),
                StepShape::Work(_)
                | StepShape::Fail(_)
                | StepShape::AtOnce { .. }
                | StepShape::OneOf(_)
                | StepShape::Again(..) => {}
            },
        );
    }
    add_fallbacks(spec, &mut calls);
    for block in blocks {
        let mut of_fallbacks = vec![block];
        add_fallbacks(spec, &mut of_fallbacks);
        calls.extend(of_fallbacks.into_iter().skip(1));
    }
    calls
}

/// Operations so that each comes after those that it calls; or a circle of calls.
pub(in crate::scenario) fn callees_first(
    spec: &ModelSpec,
) -> Result<Vec<OperationId>, Vec<SiteId>> {
    let calls: Vec<Vec<SiteId>> = spec
        .operations
        .ids()
        .map(|id| {
            calls_of(spec, id)
                .into_iter()
                .map(|(site, _)| site)
                .collect()
        })
        .collect();
    let mut callers: Vec<Vec<usize>> = vec![Vec::new(); calls.len()];
    let mut open: Vec<usize> = calls.iter().map(Vec::len).collect();
    for (caller, sites) in calls.iter().enumerate() {
        for &site in sites {
            callers[spec.sites[site].target.index()].push(caller);
        }
    }
    let mut order: Vec<usize> = (0..calls.len()).filter(|&id| open[id] == 0).collect();
    let mut next = 0;
    while let Some(&done) = order.get(next) {
        next += 1;
        for &caller in &callers[done] {
            open[caller] -= 1;
            if open[caller] == 0 {
                order.push(caller);
            }
        }
    }
    if order.len() == calls.len() {
        return Ok(order.into_iter().map(OperationId::from_index).collect());
    }
    Err(find_cycle(spec, &calls, &open))
}

/// Walks calls among operations that are left over until one comes again.
fn find_cycle(spec: &ModelSpec, calls: &[Vec<SiteId>], open: &[usize]) -> Vec<SiteId> {
    let mut at = open.iter().position(|&left| left > 0).unwrap_or(0);
    let mut seen_at: Vec<Option<usize>> = vec![None; calls.len()];
    let mut walked = Vec::new();
    while seen_at[at].is_none() {
        seen_at[at] = Some(walked.len());
        let onward = |site: &&SiteId| open[spec.sites[**site].target.index()] > 0;
        let Some(&site) = calls[at].iter().find(onward) else {
            break;
        };
        walked.push(site);
        at = spec.sites[site].target.index();
    }
    walked.split_off(seen_at[at].unwrap_or(0))
}

/// Attempts that one execution of each operation can cause, itself included.
fn most_attempts(spec: &ModelSpec, order: &[OperationId]) -> Vec<u128> {
    let mut most = vec![1_u128; spec.operations.len()];
    for &operation in order {
        let mut total = 1_u128;
        for (site, times) in calls_of(spec, operation) {
            let each = attempts_of(spec, &most, site).saturating_mul(times);
            total = total.saturating_add(each);
        }
        most[operation.index()] = total;
    }
    most
}

/// Attempts that one call can become through its own policy.
fn tries(spec: &ModelSpec, pipeline: PipelineId) -> u128 {
    layers_of(spec, pipeline)
        .map(|layer| passes_of(&spec.layers[layer].kind))
        .fold(1, u128::saturating_mul)
}

/// The same, where a retry without end makes as many as its waits leave time for in a run, within
/// the timeouts around it; [`u128::MAX`] if its waits may be nothing.
pub(in crate::scenario) fn tries_in_time(spec: &ModelSpec, pipeline: PipelineId) -> u128 {
    let mut time = spec.duration.since(SimTime::ZERO);
    let mut tries = 1_u128;
    let layers: Vec<LayerId> = layers_of(spec, pipeline).collect();
    for (index, &layer) in layers.iter().enumerate() {
        let kind = &spec.layers[layer].kind;
        if let Some(timeout) = kind.timeout() {
            time = time.min(timeout.after);
        }
        let passes = match kind.retry().filter(|it| it.max_attempts == u32::MAX) {
            Some(retry) => {
                // Where that is allowed, a wait may end after `max_elapsed`, and one more try follows.
                let late = retry.max_elapsed < time && retry.overshoot == Overshoot::Allow;
                let each = least_try(spec, retry, &layers[index + 1..]);
                passes_in_time(retry, each, time.min(retry.max_elapsed))
                    .saturating_add(u128::from(late))
            }
            None => passes_of(kind),
        };
        tries = tries.saturating_mul(passes);
    }
    tries
}

/// The least time after which a try is tried again: that of the timeouts inside where nothing else is
/// tried again, else none.
fn least_try(spec: &ModelSpec, retry: &RetryConfig, inside: &[LayerId]) -> SimDuration {
    let timeouts = OutcomeSet::named("timeout").unwrap_or(OutcomeSet::EMPTY);
    if retry.on.minus(timeouts) != OutcomeSet::EMPTY {
        return SimDuration::ZERO;
    }
    let limits = inside
        .iter()
        .filter_map(|&id| spec.layers[id].kind.timeout());
    let least = limits.map(|it| it.connect.map_or(it.after, |connect| connect.min(it.after)));
    least.min().unwrap_or_default()
}

/// How many passes a retry without end can begin in this time, if each takes at least so long.
fn passes_in_time(retry: &RetryConfig, each: SimDuration, time: SimDuration) -> u128 {
    let mut left = u128::from(time.as_ns());
    let mut passes = 1;
    let waits = retry.least_delays(WAITS);
    for wait in &waits {
        match left.checked_sub(u128::from((*wait + each).as_ns())) {
            Some(rest) => (left, passes) = (rest, passes + 1),
            None => return passes,
        }
    }
    match waits.last() {
        Some(last) if !(*last + each).is_zero() => {
            passes + left / u128::from((*last + each).as_ns())
        }
        Some(_) | None => u128::MAX,
    }
}

/// Passes that a layer makes of one.
fn passes_of(layer: &Layer) -> u128 {
    match layer.passes() {
        u32::MAX => ENDLESS,
        passes => u128::from(passes),
    }
}

/// The layers of a pipeline, outermost first.
pub(in crate::scenario) fn layers_of(
    spec: &ModelSpec,
    pipeline: PipelineId,
) -> impl DoubleEndedIterator<Item = LayerId> + use<> {
    spec.pipelines[pipeline].layers()
}
