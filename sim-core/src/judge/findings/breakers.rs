//! Breakers that do not settle: open and closed again and again, or half open for ever.

use super::{About, Finding};
use crate::id::{InstanceId, LayerId, ProcessId};
use crate::judge::recovery::HOLD_S;
use crate::judge::run_view::RunView;
use crate::judge::verdict::Severity;
use crate::judge::words::{count, counted, seconds};
use crate::model::fact::BreakerState;
use crate::model::record::BreakerChange;
use crate::model::spec::{CallerGroup, Scope};
use crate::policy::Neutral;
use crate::time::{SimDuration, SimTime};
use std::collections::BTreeMap;

/// Openings from the closed state, per owner that opened, that make a breaker flap: one belongs to
/// the fault, a second may be bad luck with the probes \[count\].
const FLAPS: u64 = 3;
/// Calls per owner that must have come while it was half open: with so many on average, an owner
/// that got none of them is one in 500 million \[count\].
const CALLED: f64 = 20.0;

/// Who has a breaker: a process, perhaps for one instance.
type Owner = (ProcessId, Option<InstanceId>);

fn changes_of<'a>(view: &RunView<'a>, layer: LayerId) -> impl Iterator<Item = &'a BreakerChange> {
    let changes = view.record.breaker_changes.iter();
    changes.filter(move |change| change.layer == layer)
}

fn owner(change: &BreakerChange) -> Owner {
    (change.process, change.instance)
}

/// Breakers that open again and again after they had closed.
pub(super) fn flapping(view: &RunView<'_>) -> Vec<Finding> {
    let layers = view.spec().layers.ids();
    layers
        .filter_map(|layer| flapping_layer(view, layer))
        .collect()
}

fn flapping_layer(view: &RunView<'_>, layer: LayerId) -> Option<Finding> {
    // Opening again from half open, while the fault lasts, is what a breaker is for.
    let opens: Vec<&BreakerChange> = changes_of(view, layer)
        .filter(|change| (change.from, change.to) == (BreakerState::Closed, BreakerState::Open))
        .collect();
    let mut owners: Vec<Owner> = opens.iter().map(|change| owner(change)).collect();
    owners.sort_unstable();
    owners.dedup();
    let opened = opens.len() as u64;
    let per_owner = opened.checked_div(owners.len() as u64)?;
    let (first, last) = (opens.first()?.at, opens.last()?.at);
    (per_owner >= FLAPS).then(|| Finding {
        code: "flapping-breaker",
        severity: Severity::Warning,
        place: About::layer(view, layer),
        text: format!(
            "opened {} on {} between {} and {}, each time after it had closed",
            counted(opened, "time"),
            counted(owners.len() as u64, "owner"),
            seconds(first),
            seconds(last)
        ),
        remedy: "raise the threshold or the number of calls it looks at, or let it stay open longer",
    })
}

/// Breakers that stay half open although calls come: their probes do not end.
pub(super) fn wedged(view: &RunView<'_>) -> Vec<Finding> {
    if view.record.breaker_changes_left_out > 0 {
        return Vec::new();
    }
    let layers = view.spec().layers.ids();
    layers
        .filter_map(|layer| wedged_layer(view, layer))
        .collect()
}

fn wedged_layer(view: &RunView<'_>, layer: LayerId) -> Option<Finding> {
    let last: BTreeMap<Owner, &BreakerChange> = changes_of(view, layer)
        .map(|change| (owner(change), change))
        .collect();
    let patience = view.longest_call.max(SimDuration::from_secs(HOLD_S));
    let stuck = last.values().filter(|change| {
        change.to == BreakerState::HalfOpen
            && change.at.until(view.record.end) > patience
            && calls_per_owner(view, layer, change.at) >= CALLED
    });
    let stuck: Vec<SimTime> = stuck.map(|change| change.at).collect();
    let first = stuck.iter().min()?;
    let (why, remedy) = why_wedged(view, layer);
    Some(Finding {
        code: "wedged-half-open",
        severity: Severity::Warning,
        place: About::layer(view, layer),
        text: format!(
            "half open from {} to the end on {} owners, though calls came: {why}",
            seconds(*first),
            count(stuck.len() as u64)
        ),
        remedy,
    })
}

/// Why a breaker stays half open, and what helps.
fn why_wedged(view: &RunView<'_>, layer: LayerId) -> (&'static str, &'static str) {
    let spec = view.spec();
    let breaker = spec.layers[layer].kind.breaker();
    let too_few = breaker.is_some_and(|it| it.half_open.never_closes());
    let keeps = breaker.is_some_and(|it| it.outcomes.neutral == Neutral::Keep);
    let mut inside = spec.pipelines[spec.layers[layer].pipeline].layers();
    let limit = |inner: LayerId| spec.layers[inner].kind.timeout()?.limit();
    let has_timeout = inside.any(|inner| inner > layer && limit(inner).is_some());
    if keeps && !too_few {
        (
            "probes whose results are not counted keep their permits",
            "`uncounted: release` or `failure`, or a limit on the time half open",
        )
    } else if has_timeout && !too_few {
        (
            "no probe decides, though a timeout inside it ends each",
            "a limit on the time half open",
        )
    } else if too_few {
        (
            "fewer probes are let through than have to succeed, so that it waits for one that never \
             comes",
            "as many `half_open_calls` as `half_open.closes` asks for, or more",
        )
    } else {
        (
            "probes do not end",
            "a timeout inside the breaker, or a limit on the time half open",
        )
    }
}

/// Calls that came to each breaker of a layer after an instant, on average \[count\].
fn calls_per_owner(view: &RunView<'_>, layer: LayerId, from: SimTime) -> f64 {
    let spec = view.spec();
    let pipeline = &spec.pipelines[spec.layers[layer].pipeline];
    let width_ns = view.record.series.grid.width().as_ns();
    let first = from.as_ns().div_ceil(width_ns) as usize;
    let calls: u64 = view
        .edges_around(layer)
        .into_iter()
        .flat_map(|edge| view.record.series.edges[edge].iter().skip(first))
        .map(|point| u64::from(point.started))
        .sum();
    let processes = match pipeline.callers {
        CallerGroup::Client(id) => spec.clients[id].processes,
        CallerGroup::Service(id) => spec.services[id].instances,
        CallerGroup::Nodes => 1,
    };
    let owners = match spec.layers[layer].scope {
        Scope::Shared => 1,
        Scope::Caller | Scope::Named(_) => processes,
        Scope::TargetInstance => processes * spec.services[pipeline.target].instances,
    };
    calls as f64 / f64::from(owners)
}
