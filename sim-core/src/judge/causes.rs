//! Why an expectation failed: what the record shows between the trouble's beginning and its end,
//! as sentences in the order of time.
//!
//! Each link is looked for by itself and left out where the record does not show it: a fault, a
//! waiting room that filled, timeouts, attempts per call, breakers that opened, the place that most
//! failures go back to, and what keeps a metastable system down.

use super::case::{Case, ratio};
use super::expect::span_of;
use super::recovery::recovery;
use super::words::{count, factor, fault_text, percent, seconds, span};
use crate::id::{EdgeId, LayerId, ServiceId};
use crate::model::fact::{BreakerState, Why};
use crate::model::record::{ServicePoint, cause_text, edge_name, layer_name, place_name};
use crate::model::spec::ModelSpec;
use crate::policy::Layer;
use crate::scenario::expect::Measure;
use crate::time::{SimDuration, SimTime};

/// Timeouts must be such a share of the attempts to be a link.
const MANY_TIMEOUTS: f64 = 0.1;
/// Attempts per call above this are a link.
const MANY_ATTEMPTS: f64 = 1.2;
/// At most so many links of one kind.
const PER_KIND: usize = 3;

/// A link and when it begins.
type Link = (SimTime, String);

/// The chain of causes of a failed measure.
pub(super) fn causes(case: &Case<'_>, measure: &Measure) -> Vec<String> {
    let (from, until) = span_of(case, measure);
    let mut links = faults(case, from, until);
    let begin = links.first().map_or(from, |link| link.0.min(from));
    links.extend(backlogs(case, begin, until));
    links.extend(full_rooms(case, begin, until));
    links.extend(left_behind(case, begin, until));
    links.extend(timeouts(case, from, until));
    links.extend(amplified(case, from, until));
    links.extend(breakers(case, begin, until));
    // A stable sort: links of one instant stay in the order of the chain.
    links.sort_by_key(|link| link.0);
    let mut texts: Vec<String> = links.into_iter().map(|(_, text)| text).collect();
    texts.extend(first_causes(case));
    texts.extend(sustained(case, measure));
    texts
}

/// Faults that begin before the span ends and end after it begins, or within the minute before.
fn faults(case: &Case<'_>, from: SimTime, until: SimTime) -> Vec<Link> {
    let recent = from.before(SimDuration::from_secs(60));
    let mut links = Vec::new();
    for fault in &case.spec().faults {
        let mut spans = fault.spans.iter();
        if let Some(&(begin, end)) = spans.find(|span| span.0 < until && span.1 > recent) {
            let what = fault_text(case.spec(), fault);
            let end = if end >= case.record.end {
                "the end".to_owned()
            } else {
                seconds(end)
            };
            let text = format!("from {} to {end}, {what} ({})", seconds(begin), fault.name);
            links.push((begin, text));
        }
    }
    links.sort_by_key(|link| link.0);
    links.truncate(PER_KIND);
    links
}

/// The first time that the work waiting at each service is more than its callers have patience
/// for: from then on it works for those who have left.
fn backlogs(case: &Case<'_>, from: SimTime, until: SimTime) -> Vec<Link> {
    let services = case.spec().services.ids();
    let links = services.filter_map(|service| backlog(case, service, from, until));
    links.take(PER_KIND).collect()
}

fn backlog(case: &Case<'_>, service: ServiceId, from: SimTime, until: SimTime) -> Option<Link> {
    let patience = shortest_timeout(case.spec(), service)?;
    let grid = case.record.series.grid;
    let points = case.record.series.services[service].iter().enumerate();
    // What waits, at the pace of this bucket, takes so long to work off.
    let wait = |point: &ServicePoint| {
        let finished = u64::from(point.finished);
        let width_ns = grid.width().as_ns();
        let ns =
            u128::from(point.queue_at_end) * u128::from(width_ns) / u128::from(finished.max(1));
        SimDuration::from_ns(u64::try_from(ns).unwrap_or(u64::MAX))
    };
    let mut within = points.filter(|(index, _)| {
        let end = grid.end_of(*index);
        end > from && end <= until
    });
    let (index, point) = within.find(|(_, point)| wait(point) > patience)?;
    let at = grid.end_of(index);
    let text = format!(
        "at {} {} operations wait at {}: {} of work at its pace, more than the {} its callers wait",
        seconds(at),
        count(point.queue_at_end),
        case.service(service),
        span(wait(point)),
        span(patience)
    );
    Some((at, text))
}

/// The shortest timeout of those who call a service.
fn shortest_timeout(spec: &ModelSpec, service: ServiceId) -> Option<SimDuration> {
    let layers = spec.layers.iter();
    let around = layers.filter(|layer| spec.pipelines[layer.pipeline].target == service);
    let timeouts = around.filter_map(|layer| {
        if let Layer::Timeout(timeout) = &layer.kind {
            Some(timeout.after)
        } else {
            None
        }
    });
    timeouts.min()
}

/// What waits at services when a fault ends, and goes on after it.
fn left_behind(case: &Case<'_>, from: SimTime, until: SimTime) -> Vec<Link> {
    let ends = case
        .spec()
        .faults
        .iter()
        .filter_map(|fault| fault.spans.last());
    let ends = ends
        .map(|span| span.1)
        .filter(|end| (from..until).contains(end));
    let Some(end) = ends.min() else {
        return Vec::new();
    };
    let grid = case.record.series.grid;
    let index = (end.as_ns() / grid.width().as_ns()) as usize;
    let waiting = |service: ServiceId| {
        let point = case.record.series.services[service].get(index)?;
        let wasted = ratio(point.wasted_ns, point.held_ns)
            .unwrap_or(0.0)
            .min(1.0);
        (point.queue_at_end > 0).then_some((service, point.queue_at_end, wasted))
    };
    let mut left: Vec<_> = case.spec().services.ids().filter_map(waiting).collect();
    left.sort_by_key(|one| std::cmp::Reverse(one.1));
    let sentence = |(service, queue, wasted): (ServiceId, u64, f64)| {
        let text = format!(
            "at {} the fault ends; the queue of {} holds {} operations, and {} of its work then is \
             for callers who are gone",
            seconds(end),
            case.service(service),
            count(queue),
            percent(wasted)
        );
        (end, text)
    };
    left.into_iter().take(1).map(sentence).collect()
}

/// The first time that each waiting room was full.
fn full_rooms(case: &Case<'_>, from: SimTime, until: SimTime) -> Vec<Link> {
    let link = |service: ServiceId| {
        let spells = case.record.full_spells.iter();
        let within: Vec<_> = spells
            .filter(|spell| spell.service == service && spell.from < until && spell.last >= from)
            .collect();
        let first = within.first()?;
        let rejected: u64 = within.iter().map(|spell| spell.rejected).sum();
        let text = format!(
            "at {} the queue of {} was full; {} were turned away",
            seconds(first.from),
            case.service(service),
            count(rejected)
        );
        Some((first.from, text))
    };
    case.spec()
        .services
        .ids()
        .filter_map(link)
        .take(PER_KIND)
        .collect()
}

/// Edges by a share of theirs, the greatest first.
fn worst_edges(
    case: &Case<'_>,
    least: f64,
    share: impl Fn(EdgeId) -> Option<f64>,
) -> Vec<(EdgeId, f64)> {
    let edges = case.spec().edges.ids();
    let mut worst: Vec<(EdgeId, f64)> = edges
        .filter_map(|edge| share(edge).map(|share| (edge, share)))
        .filter(|&(_, share)| share >= least)
        .collect();
    worst.sort_by(|a, b| b.1.total_cmp(&a.1));
    worst.truncate(PER_KIND);
    worst
}

fn timeouts(case: &Case<'_>, from: SimTime, until: SimTime) -> Vec<Link> {
    let share = |edge| {
        let mark = case.record.marks.edge(edge, from, until);
        ratio(mark.timed_out, mark.attempts_ended)
    };
    let sentence = |(edge, share)| {
        let name = edge_name(case.spec(), edge);
        let text = format!("{} of the attempts {name} timed out", percent(share));
        (from, text)
    };
    worst_edges(case, MANY_TIMEOUTS, share)
        .into_iter()
        .map(sentence)
        .collect()
}

/// Attempts per call, and since when they are many.
fn amplified(case: &Case<'_>, from: SimTime, until: SimTime) -> Vec<Link> {
    let attempts = |edge| {
        let mark = case.record.marks.edge(edge, from, until);
        ratio(mark.sent, mark.sent - mark.retries)
    };
    let sentence = |(edge, attempts)| {
        let name = edge_name(case.spec(), edge);
        let began = amplified_since(case, edge, from, until);
        let text = format!(
            "from {} each call {name} sent many attempts, {} on average",
            seconds(began),
            factor(attempts)
        );
        (began, text)
    };
    worst_edges(case, MANY_ATTEMPTS, attempts)
        .into_iter()
        .map(sentence)
        .collect()
}

/// The first bucket in which calls of an edge send many attempts.
fn amplified_since(case: &Case<'_>, edge: EdgeId, from: SimTime, until: SimTime) -> SimTime {
    let grid = case.record.series.grid;
    let points = case.record.series.edges[edge].iter().enumerate();
    let mut within = points.filter(|(index, _)| {
        let start = grid.start_of(*index);
        start >= from && start < until
    });
    let many = |sent: u32, retries: u32| {
        ratio(u64::from(sent), u64::from(sent - retries.min(sent)))
            .map_or(sent > 0, |attempts| attempts >= MANY_ATTEMPTS)
    };
    let first = within.find(|(_, point)| many(point.sent, point.retries));
    first.map_or(from, |(index, _)| grid.start_of(index))
}

/// The first opening of each breaker layer.
fn breakers(case: &Case<'_>, from: SimTime, until: SimTime) -> Vec<Link> {
    let link = |layer: LayerId| {
        let changes = case.record.breaker_changes.iter();
        let mut opens = changes.filter(|change| {
            change.layer == layer
                && change.to == BreakerState::Open
                && (from..until).contains(&change.at)
        });
        let first = opens.next()?;
        let text = format!(
            "at {} the breaker {} opened: {} of {} calls {}; breakers like it opened {} times",
            seconds(first.at),
            layer_name(case.spec(), layer),
            first.failures,
            first.results,
            if first.why == Why::SlowRate {
                "had been slow"
            } else {
                "had failed"
            },
            count(opens.count() as u64 + 1)
        );
        Some((first.at, text))
    };
    case.spec()
        .layers
        .ids()
        .filter_map(link)
        .take(PER_KIND)
        .collect()
}

/// Where most failed calls of each client go back to.
fn first_causes(case: &Case<'_>) -> Vec<String> {
    let spec = case.spec();
    let mut from_clients = spec.edges.ids();
    let from_clients = from_clients
        .by_ref()
        .filter(|&edge| spec.edges[edge].client().is_some());
    from_clients
        .filter_map(|edge| first_cause(case, edge))
        .take(PER_KIND)
        .collect()
}

fn first_cause(case: &Case<'_>, edge: EdgeId) -> Option<String> {
    let causes = case.record.causes[edge].as_slice().iter();
    let failed = || causes.clone().filter(|cause| !cause.outcome.is_useful());
    let all: u64 = failed().map(|cause| cause.calls).sum();
    let top = failed().max_by_key(|cause| cause.calls)?;
    let spec = case.spec();
    Some(format!(
        "{} of the failed calls {} ended {} because of {}: {}",
        percent(ratio(top.calls, all)?),
        edge_name(spec, edge),
        top.outcome,
        place_name(spec, top.cause.place),
        cause_text(top.cause.kind)
    ))
}

fn sustained(case: &Case<'_>, measure: &Measure) -> Vec<String> {
    match *measure {
        Measure::Recovery { fault, of } | Measure::NotRecovered { fault, of } => {
            let mut effects = recovery(case, fault, of).sustained_by;
            effects.truncate(PER_KIND);
            effects
        }
        Measure::Share { .. }
        | Measure::Latency { .. }
        | Measure::Goodput { .. }
        | Measure::Amplification { .. }
        | Measure::PathAmplification { .. }
        | Measure::WastedWork { .. }
        | Measure::Utilisation { .. }
        | Measure::QueuePeak { .. }
        | Measure::BreakerOpens { .. }
        | Measure::BreakerFlaps { .. }
        | Measure::BreakerReaction { .. }
        | Measure::Fairness { .. }
        | Measure::Collapse
        | Measure::Finding { .. }
        | Measure::Answered { .. }
        | Measure::Duplicates { .. }
        | Measure::Staleness { .. } => Vec::new(),
    }
}
