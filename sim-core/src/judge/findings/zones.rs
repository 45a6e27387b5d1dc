//! Zones that are sent more than they can carry, while others have room.

use super::{About, Finding};
use crate::id::{InstanceId, ServiceId};
use crate::judge::run_view::{ALL_BUSY, RunView};
use crate::judge::verdict::Severity;
use crate::judge::words::percent;
use crate::model::record::WorldEvent;
use crate::policy::ZoneRule;

/// Another zone has room if it is busy for at most this share of what the fullest one is: what both have
/// together would then be carried at five sixths of that.
const ROOM: f64 = 2.0 / 3.0;

/// A rule by zones has filled one zone, and left another one with room.
pub(super) fn zone_saturated(view: &RunView<'_>) -> Vec<Finding> {
    let services = view.spec().services.ids();
    services
        .filter_map(|service| saturated(view, service))
        .collect()
}

fn saturated(view: &RunView<'_>, service: ServiceId) -> Option<Finding> {
    let spec = view.spec();
    let mut pipelines = spec.pipelines.iter();
    let by_zone =
        pipelines.find(|it| it.target == service && !matches!(it.balance.zone, ZoneRule::Any))?;
    let shares: Vec<(usize, f64)> = (0..spec.zones.len())
        .filter_map(|zone| Some((zone, busy(view, service, zone)?)))
        .collect();
    let full = shares.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let idle = shares.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let matters = full.1 >= ALL_BUSY && idle.1 <= ROOM * full.1;
    let name = |zone: usize| &spec.zones[zone];
    matters.then(|| Finding {
        code: "zone-saturated",
        severity: Severity::Warning,
        place: About::service(view, service),
        text: format!(
            "its instances in zone {} were {} busy and those in zone {} {}: `zone: {}` keeps callers in \
             their own",
            name(full.0),
            percent(full.1),
            name(idle.0),
            percent(idle.1),
            match by_zone.balance.zone {
                ZoneRule::Any => "any",
                ZoneRule::Prefer => "prefer",
                ZoneRule::Envoy => "envoy",
                ZoneRule::Hints => "hints",
            }
        ),
        remedy: "instances where the callers are, or `zone: envoy`, by which a zone keeps no more than \
                 its share",
    })
}

/// The busy share of a service's instances in a zone, if they were there all the time.
fn busy(view: &RunView<'_>, service: ServiceId, zone: usize) -> Option<f64> {
    let spec = view.spec();
    let threads = f64::from(spec.services[service].threads?);
    let span_ns = spec
        .warmup
        .until(view.record.end.min(spec.duration))
        .as_ns() as f64;
    let here: Vec<InstanceId> = (spec.instances.iter_enumerated())
        .filter(|(_, of)| **of == service)
        .map(|(id, _)| id)
        .filter(|&id| spec.zone_of(id).map(usize::from) == Some(zone))
        .collect();
    let mut events = view.record.events.iter();
    let one_was_down = events.any(|(_, event)| {
        matches!(event, WorldEvent::InstanceDown(id) if here.binary_search(id).is_ok())
    });
    if here.is_empty() || one_was_down || span_ns <= 0.0 || spec.come_and_go(service) {
        return None;
    }
    let areas = here.iter().map(|&id| view.record.instances[id].busy_area);
    Some(areas.sum::<i128>() as f64 / (threads * span_ns * here.len() as f64))
}
