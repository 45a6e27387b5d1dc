//! Instances that callers left out, or should have.

use super::{About, Finding};
use crate::id::{InstanceId, ServiceId};
use crate::judge::run_view::{RunView, ratio};
use crate::judge::verdict::Severity;
use crate::judge::words::{count, counted, factor, percent, seconds};
use crate::model::record::{EjectionCounts, VerdictKind, instance_name};
use crate::time::{SimDuration, SimTime};

/// More than so many times its share is a hole: with twice, two calls meet it where one would.
const HOLE: f64 = 2.0;
/// From this share of failures on an instance counts as failing.
const FAILING: f64 = 0.5;
/// It must last so long: longer than a balancer needs to even out what came by chance.
const LASTS: SimDuration = SimDuration::from_secs(5);
/// So many attempts at the service are needed to speak of shares.
const ENOUGH: u64 = 100;

fn instances(view: &RunView<'_>, service: ServiceId) -> impl Iterator<Item = InstanceId> + use<> {
    let spec = &view.spec().services[service];
    let first = spec.first_instance.0;
    (first..first + spec.instances).map(InstanceId)
}

fn with_ejection<'v>(view: &'v RunView<'_>) -> impl Iterator<Item = ServiceId> + 'v {
    let services = view.spec().services.iter_enumerated();
    services.filter_map(|(id, service)| service.ejection.as_ref().map(|_| id))
}

/// A caller left out every instance.
pub(super) fn all_ejected(view: &RunView<'_>) -> Vec<Finding> {
    with_ejection(view)
        .filter_map(|id| emptied(view, id))
        .collect()
}

fn emptied(view: &RunView<'_>, service: ServiceId) -> Option<Finding> {
    let of = |id: InstanceId| view.record.ejections.of(id);
    let times: u64 = instances(view, service).map(|id| of(id).emptied).sum();
    let verdicts = view.record.ejections.verdicts.iter();
    let first = verdicts.filter(|it| view.spec().instances[it.instance] == service);
    let first = first.filter(|it| matches!(it.kind, VerdictKind::Out { left: 0, .. }));
    let first = first.map(|it| it.at).min().unwrap_or(SimTime::ZERO);
    let spec = &view.spec().services[service];
    let then = if spec.membership.panic_below > 0 {
        "only a panic kept calls going, to all of them"
    } else {
        "until one came back its calls ended as error.unavailable"
    };
    (times > 0).then(|| Finding {
        code: "all-ejected",
        severity: Severity::Critical,
        place: About::service(view, service),
        text: format!(
            "{} a caller had left out all {} instances, first at {}: {then}",
            many_times(times),
            spec.instances,
            seconds(first)
        ),
        remedy: "a lower `max_ejected`, a panic threshold, or a rule that compares instances \
                 (`success_rate`): what fails everywhere is no outlier",
    })
}

fn many_times(times: u64) -> String {
    match times {
        1 => "once".to_owned(),
        times => format!("{} times", count(times)),
    }
}

/// An instance was found bad again and again, and never left out.
pub(super) fn ejection_without_effect(view: &RunView<'_>) -> Vec<Finding> {
    with_ejection(view)
        .filter_map(|id| without_effect(view, id))
        .collect()
}

fn without_effect(view: &RunView<'_>, service: ServiceId) -> Option<Finding> {
    let spec = &view.spec().services[service];
    let most = spec.ejection.as_ref()?.config.most.of(spec.instances);
    let counts = |id| view.record.ejections.of(id);
    let stays = |counts: &EjectionCounts| counts.stopped > 0 && counts.ejected == 0;
    let never = instances(view, service).filter(|&id| stays(&counts(id)));
    let worst = never.max_by_key(|&id| (counts(id).stopped, std::cmp::Reverse(id)))?;
    Some(Finding {
        code: "ejection-without-effect",
        severity: Severity::Warning,
        place: About::service(view, service),
        text: format!(
            "{} was found bad {}, and was never left out: of {}, {most} may be",
            instance_name(view.spec(), worst),
            many_times(counts(worst).stopped),
            counted(spec.instances.into(), "instance")
        ),
        remedy: "a higher `max_ejected` (1 / instances, rounded up, for the first), or more instances",
    })
}

/// An instance that fails fast looks idle, and draws the load.
pub(super) fn black_hole(view: &RunView<'_>) -> Vec<Finding> {
    let services = view.spec().services.ids();
    services.filter_map(|id| hole(view, id)).collect()
}

fn hole(view: &RunView<'_>, service: ServiceId) -> Option<Finding> {
    let all = view.spec().services[service].instances;
    let is_hole = |&(_, times): &(InstanceId, f64)| times > HOLE;
    let times_its_share = |id: InstanceId| {
        let failing = view.record.failing.of(id)?;
        let fails = ratio(failing.failed, failing.arrived)?;
        let share = ratio(failing.arrived, failing.of_service)?;
        let counts = fails >= FAILING
            && failing.of_service >= ENOUGH
            && failing.last.since(failing.from) >= LASTS;
        counts.then_some((id, share * f64::from(all)))
    };
    let holes = instances(view, service).filter_map(times_its_share);
    let (worst, times) = holes.filter(is_hole).max_by(|a, b| a.1.total_cmp(&b.1))?;
    let failing = view.record.failing.of(worst)?;
    Some(Finding {
        code: "black-hole",
        severity: Severity::Critical,
        place: About::service(view, service),
        text: format!(
            "{} failed {} of its attempts from {} to {}, and got {} of all: {} times its share",
            instance_name(view.spec(), worst),
            percent(ratio(failing.failed, failing.arrived)?),
            seconds(failing.from),
            seconds(failing.last),
            percent(ratio(failing.arrived, failing.of_service)?),
            factor(times)
        ),
        remedy: "ejection (`ejection: { like: envoy, max_ejected: 34% }`), a health check, or a balancer \
                 that does not go by what is outstanding: who fails fast owes nothing",
    })
}
