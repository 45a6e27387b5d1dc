//! Failures that a system brings about by itself.

use super::{About, Finding};
use crate::id::{EdgeId, OperationId};
use crate::judge::deadlock::deadlocks;
use crate::judge::recovery::{Recovery, collapsed};
use crate::judge::run_view::{RunView, ratio};
use crate::judge::stops::{most_stopped_by, most_turned_away_at, most_waited_for};
use crate::judge::verdict::Severity;
use crate::judge::words::{percent, seconds};
use crate::model::fact::{CauseKind, Place};
use crate::model::record::{CauseCount, edge_name, kept_name, layer_name, operation_name};
use crate::model::spec::Caller;
use crate::policy::{Outcome, OutcomeSet};
use crate::scenario::expect::RecoveryOf;
use std::collections::{BTreeMap, VecDeque};

/// Share of the ended calls of an edge that must have timed out because of something deeper: so
/// many that no percentile from the 90th up can overlook them.
const CASCADING: f64 = 0.1;

/// What helps where calls were stopped before they reached their callee.
pub(super) const STOPPED: &str = "see why it stops them: how low the limit is, or what the breaker \
                                  counts as failures and how long it stays open";
/// What helps where the callee itself turned calls away.
const TURNED_AWAY: &str = "if the service is busy, less load or more instances: turning away what is too \
                           much is right; if it idles, a higher limit";
/// What helps where calls got no connection.
const WAITED: &str = "see who holds the connections (`pool-exhausted`, `pool-deadlock`)";

fn of_all(recoveries: &[Recovery]) -> impl Iterator<Item = &Recovery> {
    recoveries
        .iter()
        .filter(|recovery| recovery.of == RecoveryOf::AllClients)
}

/// Rule 39: the trigger is gone, and the failure stays.
pub(super) fn metastable_failure(view: &RunView<'_>, recoveries: &[Recovery]) -> Vec<Finding> {
    let metastable = of_all(recoveries).filter(|recovery| recovery.metastable);
    let finding = |recovery: &Recovery| {
        let baseline = recovery.baseline.map_or(0.0, |baseline| baseline.share);
        let effects = match recovery.sustained_by.as_slice() {
            [] => {
                "what sustains it shows neither in amplification nor in wasted work nor in kills \
                   nor in calls that policies stop"
                    .to_owned()
            }
            effects => effects[..effects.len().min(2)].join("; "),
        };
        Finding {
            code: "metastable-failure",
            severity: Severity::Critical,
            place: About::trigger(view, recovery.trigger),
            text: format!(
                "{} of calls were useful before the {}; it ended at {}, the load is as before, \
                 and the system stays down: {effects}",
                percent(baseline),
                recovery.trigger.word(),
                seconds(recovery.ended)
            ),
            remedy: if most_stopped_by(view).is_some() {
                STOPPED
            } else {
                "break the loop: fewer attempts, a retry budget, a breaker, or a waiting room that \
                 is worked off within the timeout"
            },
        }
    };
    metastable.map(finding).collect()
}

/// Rule 39: most calls fail at the end of the run.
pub(super) fn collapse(view: &RunView<'_>) -> Option<Finding> {
    let collapse = collapsed(view)?;
    let (by, remedy) = stopped(view).unwrap_or_else(|| {
        let remedy = if deadlocks(view).is_empty() {
            "see what keeps services from answering in time: queues, wasted work, amplification"
        } else {
            "more threads, or others, where a pool waits for itself (`pool-deadlock`)"
        };
        (String::new(), remedy)
    });
    Some(Finding {
        code: "collapsed",
        severity: Severity::Critical,
        place: About::all_clients(),
        text: format!(
            "{} of the calls that started in the last tenth of the run {} useful{}{by}",
            if collapse.share > 0.0 {
                format!("at most {}", percent(collapse.share))
            } else {
                "none".to_owned()
            },
            if collapse.share > 0.0 { "are" } else { "is" },
            match collapse.mistaken {
                0 => "",
                _ => ", error.invalid left out",
            }
        ),
        remedy,
    })
}

/// What most calls were stopped by before they were worked on, and what helps.
fn stopped(view: &RunView<'_>) -> Option<(String, &'static str)> {
    let spec = view.spec();
    if let Some((layer, share)) = most_stopped_by(view) {
        let name = layer_name(spec, layer);
        let by = format!(
            "; {} of all that failed was stopped by {name}",
            percent(share)
        );
        return Some((by, STOPPED));
    }
    if let Some((service, share)) = most_turned_away_at(view) {
        let name = view.service(service);
        let by = format!(
            "; {} of all that failed was turned away by the admission of {name}",
            percent(share)
        );
        return Some((by, TURNED_AWAY));
    }
    let (kept, share) = most_waited_for(view)?;
    let name = kept_name(spec, kept);
    let by = format!(
        "; {} of all that failed waited in vain for a connection of {name}",
        percent(share)
    );
    Some((by, WAITED))
}

/// It had recovered, and fell again without a fault.
pub(super) fn relapse(view: &RunView<'_>, recoveries: &[Recovery]) -> Vec<Finding> {
    let relapses =
        of_all(recoveries).filter_map(|recovery| Some((recovery, recovery.relapsed_at?)));
    relapses
        .map(|(recovery, at)| Finding {
            code: "relapse",
            severity: Severity::Critical,
            place: About::trigger(view, recovery.trigger),
            text: format!(
                "useful calls fell again at {}, without a fault",
                seconds(at)
            ),
            remedy: "look for a backlog that came back: queues, breakers that close together",
        })
        .collect()
}

/// Calls time out on an edge because of a service further down.
pub(super) fn cascading_timeouts(view: &RunView<'_>) -> Vec<Finding> {
    view.spec()
        .edges
        .ids()
        .filter_map(|edge| cascading_edge(view, edge))
        .collect()
}

fn cascading_edge(view: &RunView<'_>, edge: EdgeId) -> Option<Finding> {
    let timeouts = OutcomeSet::named("timeout")?;
    let deeper = |cause: &&CauseCount| {
        let place = cause.cause.place;
        let timed_out = timeouts.contains(cause.outcome) && is_deeper(view, edge, place);
        timed_out || (was_given_up(cause) && way_down(view, edge, place).len() > 2)
    };
    let causes = || view.record.causes[edge].as_slice().iter().filter(deeper);
    let cascaded: u64 = causes().map(|cause| cause.calls).sum();
    let share = ratio(cascaded, view.record.calls[edge].total())?;
    let top = causes().max_by_key(|cause| cause.calls)?;
    let name = edge_name(view.spec(), edge);
    (share >= CASCADING).then(|| Finding {
        code: "cascading-timeouts",
        severity: Severity::Critical,
        text: format!(
            "{} of the calls {name} failed because callers below gave up waiting: {}",
            percent(share),
            chain(view, edge, top.cause.place)
        ),
        place: About::edge(view, edge),
        remedy: "give outer calls more time than inner ones need with their retries, or isolate \
                 the slow dependency with a bulkhead or a breaker",
    })
}

/// Whether a first cause lies beyond the service that an edge leads to.
fn is_deeper(view: &RunView<'_>, edge: EdgeId, place: Place) -> bool {
    let spec = view.spec();
    let target = spec.operations[spec.edges[edge].target].service;
    match place {
        // The way to a service belongs to the call, the way beyond it does not.
        Place::Operation(id) | Place::Network(id) => spec.operations[id].service != target,
        Place::Layer(_) | Place::Kept(_) => false,
    }
}

/// Whether a call failed because somewhere below it a caller lost patience.
fn was_given_up(cause: &CauseCount) -> bool {
    let stood = match cause.cause.kind {
        CauseKind::InQueue | CauseKind::AtWork | CauseKind::OnTheWay | CauseKind::NotAccepted => {
            true
        }
        CauseKind::Ended(_)
        | CauseKind::InBulkhead
        | CauseKind::InLayer
        | CauseKind::InBreaker
        | CauseKind::InBackoff
        | CauseKind::InPool
        | CauseKind::Unreachable => false,
    };
    stood && cause.outcome == Outcome::ErrorDependency
}

/// `shop.buy -> stock.reserve -> database.query`: the calls from an edge down to where most of them
/// stood.
fn chain(view: &RunView<'_>, edge: EdgeId, place: Place) -> String {
    let way = way_down(view, edge, place);
    if way.is_empty() {
        return deeper_name(view, place);
    }
    let names = way.iter().map(|&id| operation_name(view.spec(), id));
    names.collect::<Vec<_>>().join(" -> ")
}

/// The shortest way of calls from the operation of an edge down to a place; empty if none leads
/// there.
fn way_down(view: &RunView<'_>, edge: EdgeId, place: Place) -> Vec<OperationId> {
    let (Place::Operation(last) | Place::Network(last)) = place else {
        return Vec::new();
    };
    let spec = view.spec();
    let first = spec.edges[edge].target;
    let mut callers: BTreeMap<OperationId, OperationId> = BTreeMap::new();
    let mut next = VecDeque::from([first]);
    while let Some(at) = next.pop_front().filter(|&at| at != last) {
        let edges = spec.edges.iter();
        let made = edges.filter(|edge| edge.caller == Caller::Operation(at));
        for callee in made.map(|edge| edge.target) {
            callers.entry(callee).or_insert_with(|| {
                next.push_back(callee);
                at
            });
        }
    }
    let mut way = vec![last];
    while let Some(&at) = way.last().filter(|&&at| at != first) {
        match callers.get(&at) {
            Some(&caller) => way.push(caller),
            None => return Vec::new(),
        }
    }
    way.reverse();
    way
}

fn deeper_name(view: &RunView<'_>, place: Place) -> String {
    match place {
        Place::Operation(id) | Place::Network(id) => operation_name(view.spec(), id),
        Place::Layer(id) => layer_name(view.spec(), id),
        Place::Kept(id) => kept_name(view.spec(), id),
    }
}
