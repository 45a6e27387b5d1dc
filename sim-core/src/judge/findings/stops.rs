//! Calls that fail although nobody has too much to do: pools that wait for themselves, limiters and
//! breakers that stop what their callee could take.

use super::{About, Finding};
use crate::judge::deadlock::{Deadlock, deadlocks};
use crate::judge::run_view::RunView;
use crate::judge::stops::{Idling, idling};
use crate::judge::verdict::Severity;
use crate::judge::words::{count, percent, seconds};
use crate::model::record::operation_name;
use crate::time::SimDuration;

/// A layer must stop calls for so long: as long as useful calls must hold for a system to count as
/// recovered.
const LASTS: SimDuration = SimDuration::from_secs(10);

/// Pools whose threads are all held by those who wait for one of them.
pub(super) fn pool_deadlock(view: &RunView<'_>) -> Vec<Finding> {
    deadlocks(view)
        .into_iter()
        .map(|one| deadlocked(view, &one))
        .collect()
}

fn deadlocked(view: &RunView<'_>, one: &Deadlock) -> Finding {
    let spec = &view.spec().services[one.service];
    let per_instance = if spec.instances > 1 {
        " per instance"
    } else {
        ""
    };
    let enough = one.enough.map_or(String::new(), |(calls, threads)| {
        format!(
            "; {} threads{per_instance} are enough as long as no more than {} calls come at once, \
             which is what its callers can make",
            count(threads),
            count(calls)
        )
    });
    Finding {
        code: "pool-deadlock",
        severity: Severity::Critical,
        place: About::service(view, one.service),
        text: format!(
            "from {} {}, {}; only timeouts end that{enough}",
            seconds(one.episodes.from(view)),
            one.episodes.till(view),
            held_by(view, one)
        ),
        remedy: "more threads than waiting calls can hold, a service of its own for what they wait \
                 for, or `execution: async`",
    }
}

/// `all its threads were held by pool.order, which waits for another of them: pool.order ->
/// pool.number`.
fn held_by(view: &RunView<'_>, one: &Deadlock) -> String {
    let names = one.way.iter().map(|&id| operation_name(view.spec(), id));
    let names: Vec<String> = names.collect();
    format!(
        "all its threads were held by operations that wait for another of them ({})",
        names.join(" -> ")
    )
}

/// Limiters and breakers that stop many calls while their callee idles.
pub(super) fn stops_while_idle(view: &RunView<'_>) -> Vec<Finding> {
    let layers = view.spec().layers.ids();
    let idling = layers.filter_map(|layer| idling(view, layer, LASTS));
    idling.map(|one| stops(view, &one)).collect()
}

fn stops(view: &RunView<'_>, one: &Idling) -> Finding {
    let is_breaker = view.spec().layers[one.layer].kind.breaker().is_some();
    let (stopped, all) = one.stopped;
    Finding {
        code: "stops-while-callee-idles",
        severity: Severity::Warning,
        place: About::layer(view, one.layer),
        text: format!(
            "from {} {} it stopped {} of {} calls, while {} had {} of its threads busy",
            seconds(one.episodes.from(view)),
            one.episodes.till(view),
            count(stopped),
            count(all),
            view.service(one.callee),
            percent(one.busy)
        ),
        remedy: if is_breaker {
            "let the breaker count what says something about the callee alone (what a limit of the \
             caller's own stops does not), or stay open for less long"
        } else {
            "a higher limit, if the callee may be asked more often"
        },
    }
}
