//! Where a chain begins and ends: load that rose, faults that led to something, what they left behind, what keeps a
//! system down, and recovery.

use super::demand::rises;
use super::link::{Kind, Link, SOON};
use super::load::work_left;
use crate::id::{FaultId, ServiceId};
use crate::judge::cold::{Cold, cold_starts};
use crate::judge::episodes::till;
use crate::judge::recovery::{Recovery, Trigger};
use crate::judge::run_view::{RunView, ratio};
use crate::judge::timeline::{fault_begins, fault_ends, recovery_lines};
use crate::judge::words::{counted, percent, span};
use crate::model::spec::{AbandonedWork, FaultSpec};
use crate::scenario::expect::RecoveryOf;
use crate::time::SimTime;

/// At most so many faults are told.
const FAULTS: usize = 4;
/// At most so many effects that keep a system down are told.
const EFFECTS: usize = 2;
/// Fewer operations than this are no queue \[count\].
const QUEUE: u64 = 10;
/// Less wasted work than this is not named.
const WASTED: f64 = 0.1;

/// The links around those that a system made itself.
pub(super) fn links(view: &RunView<'_>, recoveries: &[Recovery], own: &[Link]) -> Vec<Link> {
    let faults = view.spec().faults.iter_enumerated();
    let guilty = faults.filter_map(|(id, fault)| Some((id, fault, consequential(fault, own)?)));
    let led = |link: &Link| leads(link.at, link.until, own);
    let mut links: Vec<Link> = rises(view).filter(led).collect();
    links.extend(colds(view, own));
    let rises_of_load = recoveries.iter().filter(|one| {
        let is_rise = matches!(one.trigger, Trigger::Load(_));
        is_rise && one.of == RecoveryOf::AllClients && leads(one.began, one.ended, own)
    });
    for recovery in rises_of_load {
        links.extend(sustained(view, recovery));
        links.extend(recovered(view, recovery));
    }
    for (id, fault, began) in guilty.take(FAULTS) {
        links.push(begins(view, id, fault, began));
        links.extend(ends(view, id, fault));
        let of = recoveries
            .iter()
            .filter(|one| one.trigger == Trigger::Fault(id) && one.of == RecoveryOf::AllClients);
        for recovery in of {
            links.extend(sustained(view, recovery));
            links.extend(recovered(view, recovery));
        }
    }
    links
}

/// Cold starts during which something holds that may come of them, or after which it soon begins.
fn colds(view: &RunView<'_>, own: &[Link]) -> Vec<Link> {
    let mut told: Vec<Cold> = cold_starts(view);
    told.retain(|cold| {
        let soon = cold.until + SOON;
        own.iter()
            .any(|link| link.at < soon && link.until > cold.at)
    });
    told.truncate(FAULTS);
    let link = |cold: &Cold| Link::exactly(cold.at, cold.until, Kind::Fault, cold.text(view));
    told.iter().map(link).collect()
}

/// Which span of a fault first led to something: another link begins within it or soon after.
fn consequential(fault: &FaultSpec, own: &[Link]) -> Option<usize> {
    let led = |&(begin, end): &(SimTime, SimTime)| leads(begin, end, own);
    fault.spans.iter().position(led)
}

/// Whether a link begins while something lasts or soon after.
fn leads(begin: SimTime, end: SimTime, own: &[Link]) -> bool {
    let soon = end + SOON;
    own.iter().any(|link| begin <= link.at && link.at < soon)
}

fn begins(view: &RunView<'_>, id: FaultId, fault: &FaultSpec, span: usize) -> Link {
    let last = fault.spans[fault.spans.len() - 1].1;
    let more = match fault.spans.len() - 1 - span {
        0 => String::new(),
        1 => format!(", and once more {}", till(view, last)),
        more => format!(", and {more} times more {}", till(view, last)),
    };
    let text = fault_begins(view.spec(), id) + &more;
    Link::exactly(fault.spans[span].0, last, Kind::Fault, text)
}

/// The end of a fault, and the longest queue that it leaves behind.
fn ends(view: &RunView<'_>, id: FaultId, fault: &FaultSpec) -> Option<Link> {
    let end = fault.spans.last()?.1;
    if end >= view.record.end {
        return None;
    }
    let width = view.record.series.grid.width();
    // The point that the end lies in, or that ends with it.
    let index = (end.as_ns().saturating_sub(1) / width.as_ns()) as usize;
    let waiting = |service: ServiceId| {
        let points = &view.record.series.services[service];
        let queue = points.get(index)?.queue_at_end;
        (queue >= QUEUE).then_some((queue, service))
    };
    let longest = view.spec().services.ids().filter_map(waiting);
    let left = longest.max_by_key(|one| (one.0, std::cmp::Reverse(one.1)));
    let text = fault_ends(view.spec(), id);
    let text = match left {
        None => text,
        Some((queue, service)) => {
            let points = &view.record.series.services[service];
            let until = next_begin(view, end);
            // What nobody waits for any more may be dropped at no cost.
            let most = match view.spec().services[service].abandoned_work {
                AbandonedWork::Finish => "",
                AbandonedWork::Skip | AbandonedWork::Remove | AbandonedWork::Stop => "at most ",
            };
            let takes = work_left(view, service, index, until).map_or(String::new(), |work| {
                format!(", {most}{} of work", span(work))
            });
            let point = &points[index];
            let wasted = ratio(point.wasted_ns, point.held_ns).map_or(0.0, |share| share.min(1.0));
            let gone = if wasted >= WASTED {
                format!(
                    "; {} of its work then is for callers who are gone",
                    percent(wasted)
                )
            } else {
                String::new()
            };
            format!(
                "{text}, and the queue of {} still holds {}{takes}{gone}",
                view.service(service),
                counted(queue, "operation")
            )
        }
    };
    Some(Link::exactly(end, end, Kind::Over, text))
}

/// When any fault next begins after an instant.
fn next_begin(view: &RunView<'_>, after: SimTime) -> SimTime {
    let spans = view.spec().faults.iter().flat_map(|fault| &fault.spans);
    let later = spans.map(|span| span.0).filter(|at| *at > after);
    later.min().unwrap_or(SimTime::NEVER)
}

/// What keeps a metastable system down.
fn sustained(view: &RunView<'_>, recovery: &Recovery) -> Option<Link> {
    let effects = &recovery.sustained_by;
    let effects = &effects[..effects.len().min(EFFECTS)];
    (!effects.is_empty()).then(|| {
        let text = format!("what keeps it down: {}", effects.join("; "));
        Link::exactly(recovery.ended, view.record.end, Kind::Sustained, text)
    })
}

fn recovered(view: &RunView<'_>, recovery: &Recovery) -> Vec<Link> {
    let lines = recovery_lines(view, std::slice::from_ref(recovery));
    lines
        .into_iter()
        .map(|line| Link::exactly(line.at, line.at, Kind::Recovery, line.text))
        .collect()
}
