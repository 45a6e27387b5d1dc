//! Services that cannot keep up: threads all taken, queues beyond their callers' patience, and
//! waiting rooms that turn work away.

use super::calls::depths;
use super::link::{Kind, Link};
use crate::id::ServiceId;
use crate::judge::deadlock::deadlock;
use crate::judge::episodes::{ALONE, Episodes, since, till, until};
use crate::judge::recovery::HOLD_S;
use crate::judge::run_view::{ALL_BUSY, RunView};
use crate::judge::timeline::full_text;
use crate::judge::words::{count, rate, span};
use crate::model::record::{ServicePoint, edges_to, operations_of};
use crate::model::spec::ModelSpec;
use crate::time::{SimDuration, SimTime};
use std::cmp::Reverse;

/// At most so many links of one kind.
const PER_KIND: usize = 3;
/// Fewer operations than this are no queue \[count\].
const QUEUE: u64 = 10;
/// Threads must be taken for so long, as attempts must be many for a retry storm,
const TAKEN: SimDuration = SimDuration::from_secs(5);
/// and for so many points at least \[count\].
const TAKEN_POINTS: u64 = 3;
/// A thread is held longer than before from this factor on.
const LONGER: f64 = 1.2;
/// What arrives is more than the threads can take from this factor on.
const BEYOND: f64 = 1.05;
/// Turned away, of all that arrives at a service, to be a link.
const TURNED_AWAY: f64 = 0.01;
/// The pace of a service is that of so many operations, \[count\]
const PACE: u64 = 20;
/// or of the last so many points before, if those are fewer \[count\].
const PACE_POINTS: usize = 10;
/// What is under way when a fault ends is through after so many times its mean: even of exponential
/// times one in twenty is longer \[count\].
const TAIL: u64 = 3;
/// The pace after a fault is that of so many operations \[count\].
const LATER: u64 = 100;

pub(super) fn links(view: &RunView<'_>) -> Vec<Link> {
    let order = from_the_depth(view.spec());
    let services = || order.iter().copied();
    let mut links: Vec<Link> = services()
        .filter_map(|id| threads(view, id))
        .take(PER_KIND)
        .collect();
    links.extend(services().filter_map(|id| backlog(view, id)).take(PER_KIND));
    links.extend(services().filter_map(|id| full(view, id)).take(PER_KIND));
    links
}

/// Services, those first that lie farthest from clients: who waits for them has its threads taken
/// too.
fn from_the_depth(spec: &ModelSpec) -> Vec<ServiceId> {
    let depths = depths(spec);
    let depth = |&service: &ServiceId| {
        let own = operations_of(spec, service).map(|operation| depths[operation]);
        Reverse(own.max())
    };
    let mut services: Vec<ServiceId> = spec.services.ids().collect();
    services.sort_by_key(depth);
    services
}

/// All threads are taken: by the slow service itself, or by those who wait for it.
fn threads(view: &RunView<'_>, service: ServiceId) -> Option<Link> {
    let points = &view.record.series.services[service];
    let busy = |point: usize| view.busy_share(service, &points[point]);
    let episodes = Episodes::of(
        view,
        // One point between two is no break.
        view.record.series.grid.width(),
        |_| ALONE,
        |group| busy(group.start).is_some_and(|share| share >= ALL_BUSY),
    )?;
    let width = view.record.series.grid.width();
    let episodes = episodes.longer_than(view, TAKEN.max(width.times(TAKEN_POINTS)))?;
    let held = |points: &mut dyn Iterator<Item = &ServicePoint>| {
        let (ns, ended) = points.fold((0_u64, 0_u64), |sum, point| {
            (sum.0 + point.held_ns, sum.1 + u64::from(point.finished))
        });
        ns.checked_div(ended).map(SimDuration::from_ns)
    };
    let begin = (HOLD_S * 1_000_000_000 / width.as_ns()) as usize;
    let begin = begin.max(TAKEN_POINTS as usize);
    let all = || episodes.points().map(|point| &points[point]);
    let is = held(&mut all().take(begin)).or_else(|| held(&mut all()));
    let was = held(&mut points[..episodes.first()].iter());
    let why = match (is, was) {
        _ if deadlock(view, service).is_some() => {
            ": they are held by operations that wait for another of them".to_owned()
        }
        (None, _) => ", and it answers nobody".to_owned(),
        (Some(is), Some(was)) if is.as_ns_f64() >= was.as_ns_f64() * LONGER => {
            format!(
                ": an operation then holds one for {}, before for {}",
                span(is),
                span(was)
            )
        }
        (Some(is), _) => too_many(view, service, &episodes, is),
    };
    let text = format!(
        "all threads of {} are busy {}{why}",
        view.service(service),
        episodes.till(view)
    );
    Some(Link::of(view, &episodes, Kind::Threads, text))
}

/// What arrives at a service, if that takes more threads than it has at this thread time for each
/// (Little's law).
fn too_many(
    view: &RunView<'_>,
    service: ServiceId,
    episodes: &Episodes,
    held: SimDuration,
) -> String {
    let spec = &view.spec().services[service];
    let series = &view.record.series.edges;
    let sent: u64 = edges_to(view.spec(), service)
        .flat_map(|edge| episodes.points().map(move |point| &series[edge][point]))
        .map(|point| u64::from(point.sent))
        .sum();
    let per_second = sent as f64 / episodes.length_s(view);
    let wanted = per_second * held.as_secs_f64();
    let has = f64::from(spec.threads.unwrap_or(u32::MAX)) * f64::from(spec.instances);
    if wanted < has * BEYOND {
        return String::new();
    }
    format!(
        ": {} arrive, and at {} for each they take {} threads; it has {}",
        rate(per_second),
        span(held),
        count(wanted.round() as u64),
        count(has.round() as u64)
    )
}

/// How long what waits at the end of a point takes at the pace of that time; none if the service
/// does nothing.
fn work_waiting(points: &[ServicePoint], at: usize, width: SimDuration) -> Option<SimDuration> {
    let (mut finished, mut length) = (0, 0_u64);
    for point in points[..=at].iter().rev().take(PACE_POINTS) {
        finished += u64::from(point.finished);
        length += 1;
        if finished >= PACE {
            break;
        }
    }
    let ns = u128::from(points[at].queue_at_end) * u128::from(width.as_ns()) * u128::from(length);
    let ns = ns.checked_div(u128::from(finished))?;
    Some(SimDuration::from_ns(u64::try_from(ns).unwrap_or(u64::MAX)))
}

/// How long what waits at the end of a point takes at the pace of what starts later: thread time of
/// operations that end once those are through which were under way, for they keep the speed at which they
/// started. None if too little of that is seen before `until`.
pub(super) fn work_left(
    view: &RunView<'_>,
    service: ServiceId,
    at: usize,
    until: SimTime,
) -> Option<SimDuration> {
    let spec = &view.spec().services[service];
    let threads = u128::from(spec.threads?) * u128::from(spec.instances);
    let points = &view.record.series.services[service];
    let grid = view.record.series.grid;
    let recent = points[..=at].iter().rev().take(PACE_POINTS);
    let under_way = thread_time(recent, PACE).unwrap_or_default();
    let skipped = under_way.times(TAIL).as_ns().div_ceil(grid.width().as_ns()) as usize;
    let first = (at + 1).saturating_add(skipped);
    let later = (first..points.len()).take_while(|&point| grid.end_of(point) <= until);
    let held = thread_time(later.map(|point| &points[point]), LATER)?;
    let ns = u128::from(points[at].queue_at_end) * u128::from(held.as_ns()) / threads.max(1);
    Some(SimDuration::from_ns(u64::try_from(ns).unwrap_or(u64::MAX)))
}

/// Mean thread time of the operations that end in some points, until there are enough of them.
fn thread_time<'a>(
    points: impl Iterator<Item = &'a ServicePoint>,
    enough: u64,
) -> Option<SimDuration> {
    let (mut held_ns, mut finished) = (0_u64, 0_u64);
    for point in points {
        held_ns = held_ns.saturating_add(point.held_ns);
        finished += u64::from(point.finished);
        if finished >= enough {
            break;
        }
    }
    held_ns.checked_div(finished).map(SimDuration::from_ns)
}

/// The first time that what waits is more than callers have patience for: from then on the service
/// works for those who have left.
fn backlog(view: &RunView<'_>, service: ServiceId) -> Option<Link> {
    let patience = shortest_timeout(view, service);
    let limit = patience.unwrap_or(SimDuration::from_secs(HOLD_S));
    let width = view.record.series.grid.width();
    let points = &view.record.series.services[service];
    let work = |at: usize| work_waiting(points, at, width);
    let episodes = Episodes::of(
        view,
        SimDuration::from_secs(HOLD_S),
        |_| ALONE,
        |group| {
            let waits = points[group.start].queue_at_end >= QUEUE;
            waits && work(group.start).is_none_or(|work| work > limit)
        },
    )?;
    let first = episodes.first();
    let than = patience.map_or(String::new(), |patience| {
        format!(", more than the {} that its callers wait", span(patience))
    });
    let takes = work(first).map_or("and it answers nobody".to_owned(), |work| {
        format!("{} of work at its pace{than}", span(work))
    });
    let text = format!(
        "{} at {}, {takes}",
        match points[first].queue_at_end {
            1 => "1 operation waits".to_owned(),
            several => format!("{} operations wait", count(several)),
        },
        view.service(service)
    );
    // What waits is counted at the end of a point.
    let at = until(view, first + 1);
    Some(Link::exactly(at, episodes.until(view), Kind::Queue, text))
}

/// The shortest timeout of those who call a service.
fn shortest_timeout(view: &RunView<'_>, service: ServiceId) -> Option<SimDuration> {
    let spec = view.spec();
    let layers = spec.layers.iter();
    let around = layers.filter(|layer| spec.pipelines[layer.pipeline].target == service);
    around
        .filter_map(|layer| layer.kind.timeout()?.limit())
        .min()
}

/// A waiting room that turned work away.
fn full(view: &RunView<'_>, service: ServiceId) -> Option<Link> {
    let episodes = view.record.full_episodes.iter();
    let episodes = episodes.filter(|episode| episode.service == service);
    let (first, last) = (episodes.clone().next()?, episodes.clone().next_back()?.last);
    let rejected: u64 = episodes.map(|episode| episode.rejected).sum();
    let arrived = view.arrived(service);
    (rejected as f64 >= arrived as f64 * TURNED_AWAY).then(|| {
        // The last one is turned away a moment before the run ends.
        let last_point = since(view, view.record.series.points.saturating_sub(1));
        let until = if last >= last_point {
            view.record.end
        } else {
            last
        };
        let text = format!(
            "{}; it turns {} away {}",
            full_text(view, service),
            count(rejected),
            till(view, until)
        );
        Link::exactly(first.from, until, Kind::Queue, text)
    })
}
