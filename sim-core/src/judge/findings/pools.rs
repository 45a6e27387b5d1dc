//! Pools of connections that stand still, or of which all is always given out.

use super::{About, Finding};
use crate::id::{EdgeId, KeptId};
use crate::judge::pools::{held_most, standstills};
use crate::judge::run_view::{RunView, ratio};
use crate::judge::verdict::Severity;
use crate::judge::words::{count, percent, seconds};
use crate::model::record::edge_name;
use crate::model::spec::{KeptKind, PoolSpec};

/// Such a share of those who ask must get none: as many as must fail on an edge to be told as a cause.
const IN_VAIN: f64 = 0.1;
/// So many must ask, that a tenth of them is no accident \[count\].
const ASKED: u64 = 100;
/// Connections in use to this share are all in use.
const ALL_IN_USE: f64 = 0.9;
/// Who holds connections for such a share of the time in use is named.
const HOLDS: f64 = 0.5;

/// Pools of connections whose holders wait for another one.
pub(super) fn pool_standstill(view: &RunView<'_>) -> Vec<Finding> {
    let all = standstills(view).into_iter();
    all.map(|one| {
        let spec = view.spec();
        let kept = &spec.kept[one.kept];
        let KeptKind::Pool(pool) = &kept.kind;
        let owner = &spec.services[kept.owner];
        let enough = owner.threads.map_or(String::new(), |threads| {
            format!(
                "; {} are enough for {threads} threads that hold up to {} at once",
                count(u64::from(threads) * u64::from(one.holds - 1) + 1),
                one.holds
            )
        });
        Finding {
            code: "pool-deadlock",
            severity: Severity::Critical,
            place: About::kept(view, one.kept),
            text: format!(
                "from {} {}, all its {} connections were held by operations that wait for another of \
                 them; only the ends of waits end that{enough}",
                seconds(one.episodes.from(view)),
                one.episodes.till(view),
                pool.config.size
            ),
            remedy: "more connections than waiting operations can hold, one connection for all that an \
                     operation does, or fewer threads",
        }
    })
    .collect()
}

/// Pools whose connections are nearly all in use on average, so that many who ask get none in time.
pub(super) fn pool_exhausted(view: &RunView<'_>) -> Vec<Finding> {
    let stand_still: Vec<KeptId> = standstills(view).iter().map(|one| one.kept).collect();
    let kept = view.spec().kept.ids();
    kept.filter(|id| !stand_still.contains(id))
        .filter_map(|id| exhausted(view, id))
        .collect()
}

fn exhausted(view: &RunView<'_>, id: KeptId) -> Option<Finding> {
    let KeptKind::Pool(pool) = &view.spec().kept[id].kind;
    let record = &view.record.kept[id];
    let got = record.sum(|process| process.granted);
    let in_vain = record.sum(|process| process.timed_out + process.given_up);
    let asked = got + in_vain + record.sum(|process| process.failed);
    let share = ratio(in_vain, asked)?;
    let in_use = mean_in_use(view, id);
    if asked < ASKED || share < IN_VAIN || in_use < f64::from(pool.config.size) * ALL_IN_USE {
        return None;
    }
    Some(Finding {
        code: "pool-exhausted",
        severity: Severity::Warning,
        place: About::kept(view, id),
        text: format!(
            "{} of {} that asked for a connection got none in time ({}): {} of {} were in use on \
             average{}{}",
            count(in_vain),
            count(asked),
            percent(share),
            format_args!("{in_use:.1}"),
            pool.config.size,
            held_by(view, id),
            callee_idles(view, pool)
        ),
        remedy: "a pool of their own for those who hold connections for long, or fewer of these at once \
                 (a bulkhead); shorter work; a larger pool only if the callee has threads to spare",
    })
}

/// Connections in use on average, of each process.
fn mean_in_use(view: &RunView<'_>, id: KeptId) -> f64 {
    let record = &view.record.kept[id];
    let area: u128 = record.processes.iter().map(|it| it.given_area).sum();
    let time = record.measured.as_ns_f64() * record.processes.len() as f64;
    if time > 0.0 { area as f64 / time } else { 0.0 }
}

/// `, for 92% of that time by analysts -> db.scan`.
fn held_by(view: &RunView<'_>, id: KeptId) -> String {
    let named = |(edge, share): (EdgeId, f64)| {
        let name = edge_name(view.spec(), edge);
        format!(", for {} of that time by {name}", percent(share))
    };
    let most = held_most(view, id).filter(|held| held.1 >= HOLDS);
    most.map_or(String::new(), named)
}

/// `, while db had 12% of its threads busy`.
fn callee_idles(view: &RunView<'_>, pool: &PoolSpec) -> String {
    let (from, until) = (view.spec().warmup, view.spec().duration);
    let busy = view.utilisation(pool.to, from, until);
    busy.map_or(String::new(), |share| {
        let name = view.service(pool.to);
        format!(", while {name} had {} of its threads busy", percent(share))
    })
}
