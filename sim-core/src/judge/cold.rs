//! Instances that have come back and are not warm yet.

use super::moment::TOGETHER;
use super::run_view::RunView;
use super::words::{factor, seconds};
use crate::id::{FaultId, InstanceId, ServiceId};
use crate::model::record::{WorldEvent, instance_name};
use crate::time::SimTime;

/// Instances of a service that came back close together and were cold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cold {
    /// Their service.
    pub(super) service: ServiceId,
    /// The first of them.
    instance: InstanceId,
    /// How many \[count\].
    instances: u32,
    /// Since when.
    pub(super) at: SimTime,
    /// Until when the last of them was.
    pub(super) until: SimTime,
    /// How many times as long work took.
    factor: f64,
}

/// All cold starts, in the order of time.
pub(super) fn cold_starts(view: &RunView<'_>) -> Vec<Cold> {
    let mut found: Vec<Cold> = Vec::new();
    for (place, &(at, event)) in view.record.events.iter().enumerate() {
        let WorldEvent::InstanceUp(instance) = event else {
            continue;
        };
        let Some((until, factor)) = cold(view, place, at, instance) else {
            continue;
        };
        let service = view.spec().instances[instance];
        let recent = found.iter_mut().rev();
        let mut recent = recent.take_while(|one| at.since(one.at) <= TOGETHER);
        match recent.find(|one| one.service == service) {
            Some(one) => {
                one.instances += 1;
                one.until = one.until.max(until);
                one.factor = one.factor.max(factor);
            }
            None => found.push(Cold {
                service,
                instance,
                instances: 1,
                at,
                until,
                factor,
            }),
        }
    }
    found
}

/// Until when an instance that comes back is cold, and how many times as long its work takes.
fn cold(
    view: &RunView<'_>,
    place: usize,
    at: SimTime,
    instance: InstanceId,
) -> Option<(SimTime, f64)> {
    let faults = view.spec().faults.iter_enumerated();
    let cold = faults.filter_map(|(id, fault)| {
        let (target, crash) = fault.kind.crash()?;
        let (span, factor) = crash.cold_start?;
        let is_its = target.instances.contains(&instance) && ends(view, id, at, instance);
        is_its.then(|| (at + span, factor.get()))
    });
    let of_service = &view.spec().services[view.spec().instances[instance]].lifecycle;
    let of_service = of_service.as_ref().and_then(|it| it.cold_start);
    let of_service = of_service.map(|(span, factor)| (at + span, factor.get()));
    let (until, factor) = cold.last().or(of_service)?;
    // It is over earlier if the instance dies again.
    let later = view.record.events[place..].iter();
    let died = later.filter(|later| later.1 == WorldEvent::InstanceDown(instance));
    let died = died.map(|later| later.0).min().unwrap_or(SimTime::NEVER);
    let until = until.min(died);
    (factor > 1.0 && until > at).then_some((until, factor))
}

/// Whether a fault lets go of an instance at an instant.
fn ends(view: &RunView<'_>, id: FaultId, at: SimTime, instance: InstanceId) -> bool {
    let fault = &view.spec().faults[id];
    if fault.random.is_some() {
        let events = &view.record.events;
        let first = events.partition_point(|event| event.0 < at);
        let now = events[first..].iter().take_while(|event| event.0 == at);
        return now
            .into_iter()
            .any(|event| event.1 == WorldEvent::Lifted(id, instance));
    }
    fault.spans.iter().any(|span| span.1 == at)
}

impl Cold {
    /// `jvm/3 is cold until 210s: its work takes 5 times as long`.
    pub(super) fn text(&self, view: &RunView<'_>) -> String {
        let of = view.spec().services[self.service].instances;
        let (who, are, whose) = match self.instances {
            1 => (instance_name(view.spec(), self.instance), "is", "its"),
            several => {
                let name = view.service(self.service);
                (
                    format!("{several} of {of} instances of {name}"),
                    "are",
                    "their",
                )
            }
        };
        let until = if self.until >= view.record.end {
            "to the end".to_owned()
        } else {
            format!("until {}", seconds(self.until))
        };
        format!(
            "{who} {are} cold {until}: {whose} work takes {} times as long",
            factor(self.factor)
        )
    }
}
