//! What policies did about it: breakers that opened, bulkheads and limits that stopped calls, budgets that refused,
//! fallbacks that answered or asked elsewhere.

use super::calls::most;
use super::link::{Kind, Link};
use crate::id::{EdgeId, LayerId};
use crate::judge::breaker_lines::first_opening;
use crate::judge::episodes::{Episodes, till, until};
use crate::judge::recovery::HOLD_S;
use crate::judge::run_view::{RunView, ratio};
use crate::judge::words::{count, counted, percent};
use crate::model::record::{LayerPoint, layer_name, operation_name, pipeline_name};
use crate::time::SimDuration;

/// A layer must act on such a share of the calls around it to be a link.
const MANY: f64 = 0.05;

pub(super) fn links(view: &RunView<'_>) -> Vec<Link> {
    let layers = || view.spec().layers.ids();
    let mut links = most(layers().filter_map(|id| stopped(view, id)));
    links.extend(most(layers().filter_map(|id| refused(view, id))));
    links.extend(most(layers().flat_map(|id| fallback(view, id))));
    links
}

/// Episodes in which a layer does something to many of the calls around it, and how often.
fn often(
    view: &RunView<'_>,
    layer: LayerId,
    what: fn(&LayerPoint) -> u32,
) -> Option<(Episodes, u64)> {
    let points = &view.record.series.layers[layer];
    let edges = view.edges_around(layer);
    let started = |point: usize| -> u64 {
        let of = |edge: &EdgeId| u64::from(view.record.series.edges[*edge][point].started);
        edges.iter().map(of).sum()
    };
    let times = |point: usize| u64::from(what(&points[point]));
    let episodes = Episodes::of(
        view,
        SimDuration::from_secs(HOLD_S),
        |point| started(point).max(times(point)),
        |group| {
            let all: u64 = group.clone().map(started).sum();
            let acted: u64 = group.clone().map(times).sum();
            acted > 0 && acted as f64 >= all as f64 * MANY
        },
    )?;
    let acted = episodes.points().map(times).sum();
    Some((episodes, acted))
}

/// Breakers that opened, and other layers that let calls not through: bulkheads, limits.
fn stopped(view: &RunView<'_>, layer: LayerId) -> Option<(u64, Link)> {
    if view.spec().layers[layer].kind.breaker().is_some() {
        return opened(view, layer);
    }
    let (episodes, stopped) = often(view, layer, |point| point.stopped)?;
    let does = format!("stops {} {}", counted(stopped, "call"), episodes.till(view));
    Some((stopped, link(view, layer, &episodes, &does)))
}

/// The first opening of a breaker, and what it stopped from then on.
fn opened(view: &RunView<'_>, layer: LayerId) -> Option<(u64, Link)> {
    let first = first_opening(view, layer)?;
    let points = view.record.series.layers[layer].iter();
    let stopped: u64 = points.clone().map(|point| u64::from(point.stopped)).sum();
    let mut acting = points.enumerate().filter(|(_, point)| point.stopped > 0);
    let last = acting.next_back();
    let end = last.map_or(first.at, |(index, _)| until(view, index + 1));
    let stops = match stopped {
        0 => String::new(),
        n => format!("; it stops {} {}", counted(n, "call"), till(view, end)),
    };
    let text = first.text + &stops;
    let link = Link::exactly(first.at, end.max(first.at), Kind::Layer, text);
    Some((stopped, link))
}

/// Budgets that refused retries or hedges.
fn refused(view: &RunView<'_>, layer: LayerId) -> Option<(u64, Link)> {
    let spec = view.spec();
    let kind = &spec.layers[layer].kind;
    let budget = &spec.budgets[kind.budget()?].name;
    let (episodes, refused) = often(view, layer, |point| point.refused)?;
    let points = &view.record.series.layers[layer];
    let added: u64 = episodes
        .points()
        .map(|point| u64::from(points[point].added))
        .sum();
    let asked_for = if kind.hedge().is_some() {
        "hedges"
    } else {
        "retries"
    };
    let text = format!(
        "budget {budget} refuses {} of the {asked_for} of {} {}, {} in all",
        percent(ratio(refused, refused + added)?),
        pipeline_name(spec, spec.layers[layer].pipeline),
        episodes.till(view),
        count(refused)
    );
    Some((refused, Link::of(view, &episodes, Kind::Layer, text)))
}

/// Fallbacks that answered, asked elsewhere, or had nothing fresh enough.
fn fallback(view: &RunView<'_>, layer: LayerId) -> Vec<(u64, Link)> {
    let spec = view.spec();
    if spec.layers[layer].kind.fallback().is_none() {
        return Vec::new();
    }
    let fallback = spec
        .fallback_calls
        .iter()
        .find(|fallback| fallback.layer == layer);
    let acts: (fn(&LayerPoint) -> u32, String) = match fallback {
        None => (
            |point| point.fallbacks,
            "answers in the place of failures".to_owned(),
        ),
        Some(fallback) => {
            let other = operation_name(spec, spec.sites[fallback.call].target);
            (
                |point| point.fallbacks_called,
                format!("calls {other} instead"),
            )
        }
    };
    let told = [
        acts,
        (
            |point| point.fallbacks_too_old,
            "has no answer that is fresh enough".to_owned(),
        ),
        (
            |point| point.fallbacks_missing - point.fallbacks_too_old,
            "has no answer, for none was kept yet,".to_owned(),
        ),
    ];
    told.into_iter()
        .filter_map(|(what, does)| {
            let (episodes, times) = often(view, layer, what)?;
            let does = format!("{does} {}, {}", episodes.till(view), counted(times, "time"));
            Some((times, link(view, layer, &episodes, &does)))
        })
        .collect()
}

fn link(view: &RunView<'_>, layer: LayerId, episodes: &Episodes, does: &str) -> Link {
    let text = format!("{} {does}", layer_name(view.spec(), layer));
    Link::of(view, episodes, Kind::Layer, text)
}
