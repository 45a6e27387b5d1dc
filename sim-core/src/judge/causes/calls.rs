//! Attempts and calls that fail.

use super::link::{Kind, Link};
use crate::id::{ClientId, EdgeId, IdMap, OperationId};
use crate::judge::episodes::Episodes;
use crate::judge::moment::Moment;
use crate::judge::recovery::HOLD_S;
use crate::judge::run_view::{RunView, ratio};
use crate::judge::words::percent;
use crate::model::fact::{Cause, CauseKind};
use crate::model::record::{EdgePoint, cause_text, edge_name, place_name};
use crate::model::spec::{Caller, ModelSpec};
use crate::policy::{Outcome, OutcomeSet};
use crate::time::SimDuration;

/// Such a share of attempts or calls must fail to be a link.
const MANY: f64 = 0.1;
/// At most so many links of one kind.
const PER_KIND: usize = 4;
/// Outcomes of such a share are named,
const NAMED: f64 = 0.025;
/// at most so many of them \[count\].
const OUTCOMES: usize = 2;
/// The calm that ends an episode.
pub(super) const CALM: SimDuration = SimDuration::from_secs(HOLD_S);

pub(super) fn links(view: &RunView<'_>, fallen: &[(ClientId, Moment)]) -> Vec<Link> {
    let mut links = most(from_the_depth(view.spec()).filter_map(|edge| attempts(view, edge)));
    let failing = view.spec().traffic_edges().filter_map(|edge| {
        let client = view.spec().edges[edge].client()?;
        Some((client, calls(view, edge)?))
    });
    let failing: Vec<(ClientId, (u64, Link))> = failing.collect();
    let slower = fallen
        .iter()
        .filter(|(client, _)| failing.iter().all(|(other, _)| other != client));
    links.extend(slower.take(PER_KIND).map(|(_, moment)| {
        let text = moment.text.clone();
        Link::exactly(moment.at, view.record.end, Kind::Calls, text)
    }));
    links.extend(most(failing.into_iter().map(|(_, one)| one)));
    links
}

/// The links with the greatest counts, in the order given.
pub(super) fn most(links: impl Iterator<Item = (u64, Link)>) -> Vec<Link> {
    let links: Vec<(u64, Link)> = links.collect();
    let mut places: Vec<usize> = (0..links.len()).collect();
    places.sort_by_key(|&place| std::cmp::Reverse(links[place].0));
    places.truncate(PER_KIND);
    let links = links.into_iter().enumerate();
    let kept = links.filter(|(place, _)| places.contains(place));
    kept.map(|(_, (_, link))| link).collect()
}

/// Edges, those first that lie farthest from clients: a failure comes up from there.
fn from_the_depth(spec: &ModelSpec) -> impl Iterator<Item = EdgeId> {
    let depths = depths(spec);
    let mut edges: Vec<EdgeId> = spec.traffic_edges().collect();
    edges.sort_by_key(|&edge| std::cmp::Reverse(depths[spec.edges[edge].target]));
    edges.into_iter()
}

/// How many calls lie between clients and each operation, on the longest way \[count\].
pub(super) fn depths(spec: &ModelSpec) -> IdMap<OperationId, u32> {
    let mut depths: IdMap<OperationId, u32> = spec.operations.iter().map(|_| 0).collect();
    // Calls form no cycle, so depths settle after as many rounds as there are operations at most.
    for _ in 0..spec.operations.len() {
        for edge in spec.edges.iter().filter(|edge| edge.block.is_none()) {
            let caller = match edge.caller {
                Caller::Client(_) | Caller::Checker(_) => 0,
                Caller::Operation(id) => depths[id],
            };
            depths[edge.target] = depths[edge.target].max(caller + 1);
        }
    }
    depths
}

/// What ended, by outcome, in some points of an edge.
type Ended = [u64; Outcome::COUNT];

fn sum(points: &[EdgePoint], which: impl Iterator<Item = usize>, of: Of) -> Ended {
    let mut sum = [0; Outcome::COUNT];
    for point in which {
        for (sum, &more) in sum.iter_mut().zip(of(&points[point])) {
            *sum += u64::from(more);
        }
    }
    sum
}

type Of = fn(&EdgePoint) -> &[u32; Outcome::COUNT];

/// Ended, without those that nobody wanted any more; and of these, the ones that failed.
fn decided_and_failed(ended: &Ended) -> (u64, u64) {
    let decided: u64 = ended.iter().sum::<u64>() - ended[Outcome::Cancelled as usize];
    let useful = OutcomeSet::useful().iter();
    let useful: u64 = useful.map(|outcome| ended[outcome as usize]).sum();
    (decided, decided - useful)
}

/// Episodes in which many of what ends on an edge fails, and what ended in them.
fn failing(view: &RunView<'_>, edge: EdgeId, of: Of) -> Option<(Episodes, Ended)> {
    let points = &view.record.series.edges[edge];
    let weight = |point: usize| decided_and_failed(&sum(points, point..=point, of)).0;
    let episodes = Episodes::of(view, CALM, weight, |group| {
        let (decided, failed) = decided_and_failed(&sum(points, group.clone(), of));
        ratio(failed, decided).is_some_and(|share| share >= MANY)
    })?;
    let ended = sum(points, episodes.points(), of);
    Some((episodes, ended))
}

/// The most frequent failures, these first.
fn frequent(ended: &Ended) -> Vec<Outcome> {
    let (decided, _) = decided_and_failed(ended);
    let of = |outcome: &Outcome| ended[*outcome as usize];
    let is_named = |outcome: &Outcome| {
        let failed = !outcome.is_useful() && *outcome != Outcome::Cancelled;
        failed && ratio(of(outcome), decided).is_some_and(|share| share >= NAMED)
    };
    let mut failed: Vec<Outcome> = Outcome::ALL.iter().copied().filter(is_named).collect();
    failed.sort_by_key(|outcome| std::cmp::Reverse(of(outcome)));
    failed.truncate(OUTCOMES);
    failed
}

/// `timeout.response 60%, rejected.queue_full 12%`.
fn outcomes(ended: &Ended) -> String {
    let (decided, _) = decided_and_failed(ended);
    let text = |outcome: Outcome| {
        let share = ratio(ended[outcome as usize], decided).unwrap_or_default();
        format!("{outcome} {}", percent(share))
    };
    let texts: Vec<String> = frequent(ended).into_iter().map(text).collect();
    texts.join(", ")
}

/// Attempts of an edge that fail. Where a client never tries again, its calls say it all.
fn attempts(view: &RunView<'_>, edge: EdgeId) -> Option<(u64, Link)> {
    let points = &view.record.series.edges[edge];
    let tries_again = points.iter().any(|point| point.retries > 0);
    if view.spec().edges[edge].client().is_some() && !tries_again {
        return None;
    }
    let (episodes, ended) = failing(view, edge, |point| &point.attempts_ended)?;
    let (_, failed) = decided_and_failed(&ended);
    let text = format!(
        "attempts {} fail {}: {}",
        edge_name(view.spec(), edge),
        episodes.till(view),
        outcomes(&ended)
    );
    let passed_on = ended[Outcome::ErrorDependency as usize] * 2 > failed;
    let kind = if passed_on {
        Kind::PassedOn
    } else {
        Kind::Attempts
    };
    Some((failed, Link::of(view, &episodes, kind, text)))
}

/// A client's calls that fail, and where most of that began.
fn calls(view: &RunView<'_>, edge: EdgeId) -> Option<(u64, Link)> {
    let (episodes, ended) = failing(view, edge, |point| &point.ended)?;
    let (_, failed) = decided_and_failed(&ended);
    let outcomes = outcomes(&ended);
    let began = first_cause(view, edge).map_or(String::new(), |(share, cause)| {
        let place = place_name(view.spec(), cause.place);
        let named = frequent(&ended);
        let mut named = named.into_iter().map(CauseKind::Ended);
        let doing = if named.any(|ended| ended == cause.kind) {
            String::new()
        } else {
            format!(": {}", cause_text(cause.kind))
        };
        format!(
            "; {} of all that fail began at {place}{doing}",
            percent(share)
        )
    });
    let text = format!(
        "calls {} fail {}: {outcomes}{began}",
        edge_name(view.spec(), edge),
        episodes.till(view)
    );
    Some((failed, Link::of(view, &episodes, Kind::Calls, text)))
}

/// Where most failed calls of each client go back to.
pub(super) fn first_causes(view: &RunView<'_>) -> Vec<String> {
    let spec = view.spec();
    let from_clients = spec.traffic_edges();
    from_clients
        .filter(|&edge| spec.edges[edge].client().is_some())
        .filter_map(|edge| {
            let (share, first) = first_cause(view, edge)?;
            Some(format!(
                "{} of the failed calls {} began at {}: {}",
                percent(share),
                edge_name(spec, edge),
                place_name(spec, first.place),
                cause_text(first.kind)
            ))
        })
        .take(PER_KIND)
        .collect()
}

/// The most frequent first cause of the failed calls of an edge, and its share of them.
fn first_cause(view: &RunView<'_>, edge: EdgeId) -> Option<(f64, Cause)> {
    let counts = view.record.causes[edge].as_slice().iter();
    let mut sums: Vec<(u64, Cause)> = Vec::new();
    for count in counts.filter(|count| !count.outcome.is_useful()) {
        match sums.iter_mut().find(|sum| sum.1 == count.cause) {
            Some(sum) => sum.0 += count.calls,
            None => sums.push((count.calls, count.cause)),
        }
    }
    let all: u64 = sums.iter().map(|sum| sum.0).sum();
    let (most, first) = sums.into_iter().rev().max_by_key(|sum| sum.0)?;
    Some((ratio(most, all)?, first))
}
