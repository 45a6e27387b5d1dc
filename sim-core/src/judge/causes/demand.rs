//! More than the usual: calls of clients, attempts beyond those that calls need, and retries that come
//! together.

use super::calls::{CALM, most};
use super::link::{Kind, Link};
use crate::id::{ClientId, EdgeId, ServiceId};
use crate::judge::episodes::{Episodes, first_point, since, till, until};
use crate::judge::recovery::ENOUGH_CALLS;
use crate::judge::run_view::{RunView, ratio};
use crate::judge::waves::Wave;
use crate::judge::words::{count, factor, rates, span};
use crate::model::record::{edge_name, edges_of};
use crate::model::spec::{FaultSpec, Subject, TrafficSpec};
use crate::policy::Jitter;
use std::ops::Range;

/// Attempts per original attempt from this on are a link.
const EXTRA: f64 = 1.2;
/// A client calls more than before from this factor on: six standard deviations of the calls that a
/// rate is taken from.
const RISEN: f64 = 1.3;

pub(super) fn links(view: &RunView<'_>) -> Vec<Link> {
    let mut links = most(view.spec().services.ids().filter_map(|id| extra(view, id)));
    links.extend(most(
        view.spec().traffic_edges().filter_map(|id| wave(view, id)),
    ));
    links
}

/// Clients that call more often than before, of themselves.
pub(super) fn rises(view: &RunView<'_>) -> impl Iterator<Item = Link> {
    view.spec().clients.ids().filter_map(|id| rise(view, id))
}

fn rise(view: &RunView<'_>, client: ClientId) -> Option<Link> {
    let spec = view.spec();
    let by_fault = |fault: &FaultSpec| fault.kind.on_client(client).is_some();
    let is_open = matches!(spec.clients[client].traffic, TrafficSpec::Arrivals(_));
    if !is_open || spec.faults.iter().any(by_fault) {
        return None;
    }
    let edges = edges_of(spec, Subject::Client(client));
    let calls = |points: Range<usize>| -> u64 {
        let of = |edge: &EdgeId| view.record.series.edges[*edge][points.clone()].iter();
        edges
            .iter()
            .flat_map(of)
            .map(|point| u64::from(point.started))
            .sum()
    };
    let width_s = view.record.series.grid.width().as_secs_f64();
    let per_second = |points: Range<usize>| {
        let length_s = points.len() as f64 * width_s;
        calls(points) as f64 / length_s
    };
    let first = first_point(view);
    let episodes = |usual: &dyn Fn(usize) -> Option<f64>| {
        let weight = |point| calls(point..point + 1);
        Episodes::of_heavy(view, CALM, ENOUGH_CALLS, weight, |group| {
            let usual = usual(group.start);
            usual.is_some_and(|usual| per_second(group.clone()) >= usual * RISEN)
        })
    };
    let before = |point: usize| {
        let is_known = calls(first..point) >= ENOUGH_CALLS;
        is_known.then(|| per_second(first..point))
    };
    let usual = before(episodes(&before)?.first())?;
    let shows = |point: usize| point >= first && per_second(point..point + 1) >= usual * RISEN;
    let risen = episodes(&|_| Some(usual))?.since_first_sign(shows);
    let all: u64 = risen.points().map(|point| calls(point..point + 1)).sum();
    let (is, was) = rates(all as f64 / risen.length_s(view), usual);
    let text = format!(
        "load of {} is {is} {}, before {was}",
        spec.clients[client].name,
        risen.till(view)
    );
    Some(Link::of(view, &risen, Kind::Fault, text))
}

/// A service that gets more attempts than calls need.
fn extra(view: &RunView<'_>, service: ServiceId) -> Option<(u64, Link)> {
    let weight = |point: usize| view.sent_to(service, &(point..=point)).0;
    let episodes = Episodes::of(view, CALM, weight, |group| {
        let (sent, originals) = view.sent_to(service, group);
        sent > originals && sent as f64 >= originals as f64 * EXTRA
    })?;
    let (all, originals) = view.sent_to(service, &episodes.points());
    let attempts = ratio(all, originals).filter(|attempts| *attempts >= EXTRA)?;
    let (before, before_originals) = view.sent_to(service, &(first_point(view)..episodes.first()));
    let was = ratio(before, before_originals)
        .map_or(String::new(), |was| format!(", before {}", factor(was)));
    let length_s = episodes.length_s(view);
    let (is, would_be) = rates(all as f64 / length_s, originals as f64 / length_s);
    let text = format!(
        "{} gets {} attempts per original attempt {}{was}: {is} instead of {would_be}",
        view.service(service),
        factor(attempts),
        episodes.till(view)
    );
    Some((
        all - originals,
        Link::of(view, &episodes, Kind::Extra, text),
    ))
}

/// Retries without jitter that come together: callers that failed together return together.
fn wave(view: &RunView<'_>, edge: EdgeId) -> Option<(u64, Link)> {
    let spec = view.spec();
    let mut sites = spec.sites.iter().filter(|site| site.edge == edge);
    let unspread = sites.any(|site| {
        let mut layers = spec.pipelines[site.pipeline].layers();
        layers.any(|id| {
            let retry = spec.layers[id].kind.retry();
            retry.is_some_and(|retry| retry.jitter == Jitter::None)
        })
    });
    let wave = Wave::highest(view, edge).filter(|_| unspread)?;
    let grid = view.record.series.grid;
    let end = until(view, wave.last + 1);
    let text = format!(
        "{} retries {} come within {}, {} times the average {}",
        count(u64::from(wave.retries)),
        edge_name(view.spec(), edge),
        span(grid.width()),
        factor(wave.times),
        till(view, end)
    );
    let link = Link {
        at: since(view, wave.peak),
        before: grid.end_of(wave.peak),
        until: end,
        kind: Kind::Extra,
        text,
    };
    Some((u64::from(wave.retries), link))
}
