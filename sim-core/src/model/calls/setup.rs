//! The calls part at the start of a run: layers, their states, balancers.

use super::caller_state::CallerState;
use super::route::{Judged, Route};
use crate::id::{BudgetId, IdMap, LayerId, PipelineId, ServiceId};
use crate::model::directory::ViewPlan;
use crate::model::spec::Watch;
use crate::model::spec::{
    BudgetScope, CallerGroup, EjectionSpec, LayerSpec, ModelSpec, PipelineSpec, RouteSpec, Scope,
    SettingChange, SiteSpec,
};
use crate::policy::eject::EjectionRule;
use crate::policy::pipeline::{BudgetPlace, Budgets, Layers, Pipelines, StateLayout};
use crate::policy::{BalanceWay, Balancer, LeastRule, OutcomeSet, Ring};
use crate::random::{KeySource, SiteKey};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The policies around all calls.
pub(super) fn pipelines(spec: &ModelSpec, keys: &KeySource) -> Pipelines {
    let mut pipelines = Pipelines::default();
    pipelines.layers = layers(spec, keys);
    pipelines
}

/// What callers own besides.
pub(super) fn callers(spec: &ModelSpec, keys: &KeySource) -> CallerState {
    let mut balancers = Vec::new();
    let mut shared = BTreeMap::new();
    let owned: IdMap<PipelineId, Balancing> = spec
        .pipelines
        .iter()
        .map(|pipeline| balancing(spec, keys, pipeline, &mut balancers, &mut shared))
        .collect();
    let sites = spec.sites.iter();
    let views = ViewPlan::new(spec);
    let sites = sites.map(|site| route(spec, site, &owned[site.pipeline], &views));
    CallerState {
        sites: sites.collect(),
        balancers,
        max_in_flight: usize::try_from(spec.max_calls_in_flight).unwrap_or(usize::MAX),
        overflowed: false,
    }
}

/// Pipelines of one policy to one service share a balancer if it says so.
type SharedBalancers = BTreeMap<(String, ServiceId), u32>;

/// The balancers of a pipeline and the key of their draws.
#[derive(Clone)]
struct Balancing {
    first: u32,
    draws: SiteKey,
    ring: Option<Arc<Ring>>,
}

fn route(spec: &ModelSpec, site: &SiteSpec, balancing: &Balancing, views: &ViewPlan) -> Route {
    let pipeline = &spec.pipelines[site.pipeline];
    let (first_process, _) = spec.processes(pipeline.callers);
    let readers = match site.route {
        RouteSpec::Balanced => views.readers(spec, pipeline.target, pipeline.callers),
        RouteSpec::Fixed { .. } | RouteSpec::Own | RouteSpec::Inline => views.nobody(),
    };
    // A block is done by the operation that calls it: as often as that is.
    let watch = match site.route {
        RouteSpec::Inline => Watch::No,
        RouteSpec::Balanced | RouteSpec::Fixed { .. } | RouteSpec::Own => spec.watch(site.target),
    };
    let judged = judged(spec, site, pipeline, views);
    let counts_outstanding = pipeline.balance.compares_loads();
    let hands_down = spec.hands_down();
    let may_lag = site.route == RouteSpec::Balanced && spec.views_may_lag(pipeline.target);
    let is_special = site.route == RouteSpec::Inline
        || hands_down
        || !spec.zones.is_empty()
        || may_lag
        || watch != Watch::No
        || site.over.is_some()
        || counts_outstanding
        || readers.ask_anew
        || judged.sent
        || judged.ends;
    Route {
        how: site.route,
        readers,
        first_instance: spec.services[pipeline.target].first_instance.0,
        first_layer: (pipeline.layer_count > 0).then_some(pipeline.first_layer),
        balance: pipeline.balance.clone(),
        plain: pipeline.balance.is_plain(),
        ring: balancing.ring.clone(),
        homes: spec.zones_of(pipeline.callers).to_vec(),
        has_zones: !spec.zones.is_empty(),
        first_balancer: balancing.first,
        shared: pipeline.balance_shared,
        counts_outstanding,
        first_process,
        other_instance: ever_other_instance(spec, pipeline),
        watch,
        judged,
        by_identity: site.is_within && watch == Watch::Keys,
        hands_down,
        may_lag,
        is_over: site.over.is_some(),
        asks_pool: site.sends != site.edge && site.holds.is_some(),
        is_special,
        draws: balancing.draws,
    }
}

/// Who judges the called instances by what comes back; of calls that see what traffic sees.
fn judged(spec: &ModelSpec, site: &SiteSpec, pipeline: &PipelineSpec, views: &ViewPlan) -> Judged {
    let ejection = spec.services[pipeline.target].ejection.as_ref();
    match ejection.filter(|_| site.route.meets_admission()) {
        None => Judged {
            ends: false,
            cuts: None,
            sent: false,
            readers: views.nobody(),
        },
        Some(ejection) => Judged {
            ends: true,
            cuts: cuts(spec, pipeline, ejection),
            sent: ejection.config.has_trials(),
            readers: if ejection.shared {
                ViewPlan::as_one(spec, pipeline.target)
            } else {
                views.readers(spec, pipeline.target, pipeline.callers)
            },
        },
    }
}

/// Which failures take weight from an instance (nginx): where turns are smooth, nobody is in a ramp, and no
/// instance is alone.
fn cuts(
    spec: &ModelSpec,
    pipeline: &PipelineSpec,
    ejection: &EjectionSpec,
) -> Option<(OutcomeSet, u32)> {
    let EjectionRule::Quiet(rule) = &ejection.config.rule else {
        return None;
    };
    let balance = &pipeline.balance;
    let turns = matches!(
        balance.way,
        BalanceWay::Smooth | BalanceWay::WeightedLeast(LeastRule::PerWeight)
    );
    let is_smooth = turns && balance.slow_start.is_none();
    let is_alone = spec.services[pipeline.target].instances < 2;
    (rule.cuts_weight && is_smooth && !is_alone).then_some((rule.on, rule.failures))
}

/// Whether a retry or hedge of a pipeline leaves out instances, now or after a change of its settings.
fn ever_other_instance(spec: &ModelSpec, pipeline: &PipelineSpec) -> bool {
    let changed = |change: &SettingChange| match change {
        SettingChange::Layers { layers, kind } => {
            kind.other_instance() && pipeline.layers().any(|layer| layers.contains(&layer))
        }
        SettingChange::Admission(..)
        | SettingChange::Budget(..)
        | SettingChange::Threads(..)
        | SettingChange::Cores(..)
        | SettingChange::Queue(..)
        | SettingChange::AbandonedWork(..) => false,
    };
    pipeline
        .layers()
        .any(|layer| spec.layers[layer].kind.other_instance())
        || spec.setting_changes().any(changed)
}

fn balancing(
    spec: &ModelSpec,
    keys: &KeySource,
    pipeline: &PipelineSpec,
    balancers: &mut Vec<Balancer>,
    shared: &mut SharedBalancers,
) -> Balancing {
    let (_, processes) = spec.processes(pipeline.callers);
    let count = if pipeline.balance_shared {
        1
    } else {
        processes
    };
    let mut add = || {
        let first = balancers.len() as u32;
        balancers.extend(std::iter::repeat_with(Balancer::new).take(count as usize));
        first
    };
    let first = if pipeline.balance_shared {
        *shared
            .entry((pipeline.policy.clone(), pipeline.target))
            .or_insert_with(add)
    } else {
        add()
    };
    Balancing {
        first,
        draws: keys.site(&path(spec, pipeline), "route"),
        ring: ring(spec, keys, pipeline),
    }
}

/// All callers of a service with the same settings have the same ring.
fn ring(spec: &ModelSpec, keys: &KeySource, pipeline: &PipelineSpec) -> Option<Arc<Ring>> {
    let config = pipeline.balance.way.ring()?;
    let service = &spec.services[pipeline.target];
    let key = keys.site(&["service", &service.name], "ring");
    let weights = &pipeline.balance.weights;
    Some(Arc::new(Ring::new(config, weights, service.instances, key)))
}

fn path<'a>(spec: &'a ModelSpec, pipeline: &'a PipelineSpec) -> [&'a str; 4] {
    let target = &spec.services[pipeline.target].name;
    [
        "policy",
        &pipeline.policy,
        spec.group_name(pipeline.callers),
        target,
    ]
}

/// The states of budgets, by whom they belong to.
type BudgetBases = BTreeMap<(BudgetId, Option<CallerGroup>, Option<ServiceId>), u32>;

/// Where the states lie of the budget that a layer asks.
fn budget_place(
    spec: &ModelSpec,
    layer: &LayerSpec,
    budgets: &mut Budgets,
    bases: &mut BudgetBases,
) -> Option<BudgetPlace> {
    let budget = layer.kind.budget()?;
    let pipeline = &spec.pipelines[layer.pipeline];
    let (_, processes) = spec.processes(pipeline.callers);
    let (group, target, per_process, count) = match spec.budgets[budget].scope {
        BudgetScope::Caller => (Some(pipeline.callers), Some(pipeline.target), 1, processes),
        BudgetScope::Process => (Some(pipeline.callers), None, 1, processes),
        BudgetScope::Shared => (None, None, 0, 1),
    };
    let base = *bases
        .entry((budget, group, target))
        .or_insert_with(|| budgets.add_states(budget, count));
    Some(BudgetPlace {
        budget,
        base,
        per_process,
    })
}

/// Layers that have the same owner key share their states.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum OwnerKey {
    /// All processes of all callers, by policy, target, and place in the policy.
    Shared(String, ServiceId, u32),
    /// All layers of a kind with this name in the processes of a group.
    Named(CallerGroup, &'static str, String),
    /// This layer alone.
    Own(LayerId),
}

fn layers(spec: &ModelSpec, keys: &KeySource) -> Layers {
    let mut layers = Layers::default();
    let mut bases = BTreeMap::new();
    let mut budget_bases = BudgetBases::new();
    for budget in &spec.budgets {
        layers.budgets.push(budget.kind.clone());
    }
    for (id, layer) in spec.layers.iter_enumerated() {
        let pipeline = &spec.pipelines[layer.pipeline];
        let (_, processes) = spec.processes(pipeline.callers);
        let instances = spec.services[pipeline.target].instances;
        let (per_process, per_instance, count) = match layer.scope {
            Scope::Caller | Scope::Named(_) => (1, false, processes),
            Scope::Shared => (0, false, 1),
            Scope::TargetInstance => (instances, true, instances * processes),
        };
        let next = layers.states();
        let base = *bases.entry(owner_key(spec, id, layer)).or_insert(next);
        let state = StateLayout {
            base,
            per_process,
            per_instance,
        };
        let innermost = id.0 + 1 == pipeline.first_layer.0 + pipeline.layer_count;
        let mut path = path(spec, pipeline).to_vec();
        path.push(&layer.name);
        layers.push(
            layer.kind.clone(),
            state,
            count,
            innermost,
            keys.site(&path, "layer"),
        );
        if let Some(place) = budget_place(spec, layer, &mut layers.budgets, &mut budget_bases) {
            layers.bind_budget(id, place);
        }
    }
    for change in spec.setting_changes() {
        if let SettingChange::Layers { kind, .. } = change {
            layers.expect(kind);
        }
    }
    layers
}

fn owner_key(spec: &ModelSpec, id: LayerId, layer: &LayerSpec) -> OwnerKey {
    let pipeline = &spec.pipelines[layer.pipeline];
    match &layer.scope {
        Scope::Caller | Scope::TargetInstance => OwnerKey::Own(id),
        Scope::Shared => {
            let place = id.0 - pipeline.first_layer.0;
            OwnerKey::Shared(pipeline.policy.clone(), pipeline.target, place)
        }
        Scope::Named(name) => OwnerKey::Named(pipeline.callers, layer.kind.name(), name.clone()),
    }
}
