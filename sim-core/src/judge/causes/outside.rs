//! Where a chain begins and ends: load that rose, faults that led to something, what they left behind, what keeps a
//! system down, and recovery.

use super::demand::rises;
use super::link::{Kind, Link, SOON};
use super::load::work_left;
use crate::id::{FaultId, ServiceId};
use crate::judge::case::{Case, ratio};
use crate::judge::cold::{Cold, cold_starts};
use crate::judge::episodes::till;
use crate::judge::recovery::{Recovery, Trigger};
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
pub(super) fn links(case: &Case<'_>, recoveries: &[Recovery], own: &[Link]) -> Vec<Link> {
    let faults = case.spec().faults.iter_enumerated();
    let guilty = faults.filter_map(|(id, fault)| Some((id, fault, consequential(fault, own)?)));
    let led = |link: &Link| leads(link.at, link.until, own);
    let mut links: Vec<Link> = rises(case).filter(led).collect();
    links.extend(colds(case, own));
    let rises_of_load = recoveries.iter().filter(|one| {
        let is_rise = matches!(one.trigger, Trigger::Load(_));
        is_rise && one.of == RecoveryOf::AllClients && leads(one.began, one.ended, own)
    });
    for recovery in rises_of_load {
        links.extend(sustained(case, recovery));
        links.extend(recovered(case, recovery));
    }
    for (id, fault, began) in guilty.take(FAULTS) {
        links.push(begins(case, id, fault, began));
        links.extend(ends(case, id, fault));
        let of = recoveries
            .iter()
            .filter(|one| one.trigger == Trigger::Fault(id) && one.of == RecoveryOf::AllClients);
        for recovery in of {
            links.extend(sustained(case, recovery));
            links.extend(recovered(case, recovery));
        }
    }
    links
}

/// Cold starts during which something holds that may come of them, or after which it soon begins.
fn colds(case: &Case<'_>, own: &[Link]) -> Vec<Link> {
    let mut told: Vec<Cold> = cold_starts(case);
    told.retain(|cold| {
        let soon = cold.until + SOON;
        own.iter()
            .any(|link| link.at < soon && link.until > cold.at)
    });
    told.truncate(FAULTS);
    let link = |cold: &Cold| Link::exactly(cold.at, cold.until, Kind::Fault, cold.text(case));
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

fn begins(case: &Case<'_>, id: FaultId, fault: &FaultSpec, span: usize) -> Link {
    let last = fault.spans[fault.spans.len() - 1].1;
    let more = match fault.spans.len() - 1 - span {
        0 => String::new(),
        1 => format!(", and once more {}", till(case, last)),
        more => format!(", and {more} times more {}", till(case, last)),
    };
    let text = fault_begins(case.spec(), id) + &more;
    Link::exactly(fault.spans[span].0, last, Kind::Fault, text)
}

/// The end of a fault, and the longest queue that it leaves behind.
fn ends(case: &Case<'_>, id: FaultId, fault: &FaultSpec) -> Option<Link> {
    let end = fault.spans.last()?.1;
    if end >= case.record.end {
        return None;
    }
    let width = case.record.series.grid.width();
    // The point that the end lies in, or that ends with it.
    let index = (end.as_ns().saturating_sub(1) / width.as_ns()) as usize;
    let waiting = |service: ServiceId| {
        let points = &case.record.series.services[service];
        let queue = points.get(index)?.queue_at_end;
        (queue >= QUEUE).then_some((queue, service))
    };
    let longest = case.spec().services.ids().filter_map(waiting);
    let left = longest.max_by_key(|one| (one.0, std::cmp::Reverse(one.1)));
    let text = fault_ends(case.spec(), id);
    let text = match left {
        None => text,
        Some((queue, service)) => {
            let points = &case.record.series.services[service];
            let until = next_begin(case, end);
            // What nobody waits for any more may be dropped at no cost.
            let most = match case.spec().services[service].abandoned_work {
                AbandonedWork::Finish => "",
                AbandonedWork::Skip | AbandonedWork::Remove | AbandonedWork::Stop => "at most ",
            };
            let takes = work_left(case, service, index, until).map_or(String::new(), |work| {
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
                case.service(service),
                counted(queue, "operation")
            )
        }
    };
    Some(Link::exactly(end, end, Kind::Over, text))
}

/// When any fault next begins after an instant.
fn next_begin(case: &Case<'_>, after: SimTime) -> SimTime {
    let spans = case.spec().faults.iter().flat_map(|fault| &fault.spans);
    let later = spans.map(|span| span.0).filter(|at| *at > after);
    later.min().unwrap_or(SimTime::NEVER)
}

/// What keeps a metastable system down.
fn sustained(case: &Case<'_>, recovery: &Recovery) -> Option<Link> {
    let effects = &recovery.sustained_by;
    let effects = &effects[..effects.len().min(EFFECTS)];
    (!effects.is_empty()).then(|| {
        let text = format!("what keeps it down: {}", effects.join("; "));
        Link::exactly(recovery.ended, case.record.end, Kind::Sustained, text)
    })
}

fn recovered(case: &Case<'_>, recovery: &Recovery) -> Vec<Link> {
    let lines = recovery_lines(case, std::slice::from_ref(recovery));
    lines
        .into_iter()
        .map(|line| Link::exactly(line.at, line.at, Kind::Recovery, line.text))
        .collect()
}
