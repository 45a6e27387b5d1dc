//! Pools of connections: those that stand still, since who holds one waits for another; and who holds most.
//!
//! At an instant at which that is so, nothing but the end of a wait or of a caller's patience frees a
//! connection. It shows in the points of the series: all connections are in use, somebody waits, none comes
//! back, and the service to which they lead does nothing.

use super::episodes::{ALONE, Episodes};
use super::run_view::RunView;
use crate::id::{EdgeId, KeptId};
use crate::model::record::operations_of;
use crate::model::spec::KeptKind;

/// A pool that stood still.
pub(super) struct Standstill {
    pub(super) kept: KeptId,
    /// How many connections an operation holds at once \[count\].
    pub(super) holds: u32,
    pub(super) episodes: Episodes,
}

/// All pools that stood still for a while.
pub(super) fn standstills(view: &RunView<'_>) -> Vec<Standstill> {
    let kept = view.spec().kept.ids();
    kept.filter_map(|id| standstill(view, id)).collect()
}

fn standstill(view: &RunView<'_>, kept: KeptId) -> Option<Standstill> {
    let spec = view.spec();
    let KeptKind::Pool(pool) = &spec.kept[kept].kind;
    let owner = spec.kept[kept].owner;
    let operations = operations_of(spec, owner);
    let held = operations.map(|id| spec.most_held(id, kept));
    let holds = held.max().unwrap_or(0);
    if holds < 2 || pool.config.size == u32::MAX {
        return None;
    }
    let all = pool
        .config
        .size
        .saturating_mul(spec.services[owner].instances);
    let points = &view.record.kept[kept].series;
    let callee = &view.record.series.services[pool.to];
    let stands = |point: usize| {
        points.get(point).is_some_and(|it| {
            it.given >= all && it.waiting > 0 && it.returned == 0 && callee[point].busy_area == 0
        })
    };
    let episodes = Episodes::of(
        view,
        view.record.series.grid.width(),
        |_| ALONE,
        |group| group.clone().all(stands),
    )?;
    Some(Standstill {
        kept,
        holds,
        episodes,
    })
}

/// The edge whose calls held a pool's connections for most of the time that they were in use, and its share;
/// none if none was held for a single call.
pub(super) fn held_most(view: &RunView<'_>, kept: KeptId) -> Option<(EdgeId, f64)> {
    let sites = view.spec().sites.iter();
    let mut edges: Vec<EdgeId> = sites
        .filter(|site| site.over == Some(kept))
        .map(|site| site.edge)
        .collect();
    edges.sort_unstable();
    edges.dedup();
    let held = edges.iter().map(|&edge| (edge, time_of(view, edge)));
    let (edge, most) = held.max_by(|a, b| a.1.total_cmp(&b.1))?;
    let record = &view.record.kept[kept];
    let all: u128 = record.processes.iter().map(|it| it.given_area).sum();
    (all > 0).then(|| (edge, (most / all as f64).min(1.0)))
}

/// How long the calls of an edge took, all together \[ns\].
fn time_of(view: &RunView<'_>, edge: EdgeId) -> f64 {
    let latency = view.record.calls[edge].latency.iter();
    let times = latency.map(|it| it.mean_ns().unwrap_or(0.0) * it.count() as f64);
    times.sum()
}
