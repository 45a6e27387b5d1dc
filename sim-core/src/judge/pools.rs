//! Pools of connections that stand still: those who hold one wait for another.
//!
//! At an instant at which that is so, nothing but the end of a wait or of a caller's patience frees a
//! connection. It shows in the points of the series: all connections are in use, somebody waits, none comes
//! back, and the service to which they lead does nothing.

use super::episodes::{ALONE, Episodes};
use super::run_view::RunView;
use crate::id::KeptId;
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
