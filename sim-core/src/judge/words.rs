//! Figures and faults as people say them.

use crate::id::ServiceId;
use crate::model::record::{admission_name, group_name, layer_name, queue_name};
use crate::model::spec::{
    ClientFault, EdgeFault, EdgeTarget, FaultKind, FaultSpec, KeptFault, LifeFault, ModelSpec,
    ServiceTarget, SettingChange, WorkFault,
};
use crate::time::{SimDuration, SimTime};
use crate::units::Probability;
pub(super) use crate::units::rate;
use crate::units::{decimals_for_two_digits, in_unit, per_unit, trimmed};

/// `61.2s`: an instant or a span, rounded to tenths of a second above a second.
pub(super) fn seconds(at: SimTime) -> String {
    span(at.since(SimTime::ZERO))
}

/// A span, rounded to three digits or tenths of a second.
pub(crate) fn span(span: SimDuration) -> String {
    let ns = span.as_ns();
    let step = match ns {
        0..1_000_000 => 1_000,
        1_000_000..1_000_000_000 => 1_000_000,
        _ => 100_000_000,
    };
    let rounded = (ns + step / 2) / step * step;
    SimDuration::from_ns(if rounded == 0 { ns } else { rounded }).to_string()
}

/// `62%`, and `0.3%` or `99.97%` where a whole number would hide it; `0%` and `100%` only if exactly
/// so.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let near_an_end = percent.min((100.0 - percent).abs());
    let decimals = match near_an_end {
        rest if rest >= 5.0 => 0,
        rest if rest >= 0.5 => 1,
        _ => 2,
    };
    if percent > 0.0 && percent < 0.005 {
        return "<0.01%".to_owned();
    }
    if (99.995..100.0).contains(&percent) {
        return ">99.99%".to_owned();
    }
    trimmed(percent, decimals) + "%"
}

/// `2.7`: a factor; a small one to two significant digits.
pub(super) fn factor(value: f64) -> String {
    trimmed(value, 2.max(decimals_for_two_digits(value)))
}

/// Two rates in the unit that shows the lesser of them: `6.9/min`, `2.3/min`.
pub(super) fn rates(one: f64, other: f64) -> (String, String) {
    let lesser = [one, other].into_iter().filter(|rate| *rate > 0.0);
    let lesser = lesser.fold(f64::INFINITY, f64::min);
    if !lesser.is_finite() {
        return (rate(one), rate(other));
    }
    let (value, unit) = per_unit(lesser);
    let scale = value / lesser;
    (in_unit(one * scale, unit), in_unit(other * scale, unit))
}

/// `1 call`, `12,345 calls`.
pub(super) fn counted(n: u64, what: &str) -> String {
    let end = if n == 1 { "" } else { "s" };
    format!("{} {what}{end}", count(n))
}

/// `12,345`.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What a fault does, and how often if it is random.
pub fn fault_text(spec: &ModelSpec, fault: &FaultSpec) -> String {
    let kind = kind_text(spec, &fault.kind);
    match &fault.random {
        None => kind,
        Some(times) => {
            let (up, down) = (span(times.up.mean()), span(times.down.mean()));
            format!(
                "at random, each instance for itself, {kind}: {up} well, then {down} not, on average"
            )
        }
    }
}

/// What a fault does, as the end of the sentence `At 60s …`.
fn kind_text(spec: &ModelSpec, kind: &FaultKind) -> String {
    match kind {
        FaultKind::Work(target, fault) => work_text(&target_text(spec, target), fault),
        FaultKind::Edge(target, fault) => edge_fault_text(&edge_text(spec, target), fault),
        FaultKind::Client(client, ClientFault::Load(by)) => {
            let name = &spec.clients[*client].name;
            format!("load of {name} is {} times the usual", factor(by.get()))
        }
        FaultKind::Life(target, LifeFault::Crash(_)) => {
            format!("{} crashes", target_text(spec, target))
        }
        FaultKind::Life(target, LifeFault::Stop) => {
            format!("{} is told to stop", target_text(spec, target))
        }
        FaultKind::Life(target, LifeFault::Restart(roll)) => {
            let target = target_text(spec, target);
            format!("{target} restarts, {} at a time", roll.at_once)
        }
        FaultKind::Kept(fault) => kept_fault_text(spec, *fault),
        FaultKind::Setting(to) => match to.as_slice() {
            [one] => setting_text(spec, one),
            several => format!("{} settings change", several.len()),
        },
    }
}

fn kept_fault_text(spec: &ModelSpec, fault: KeptFault) -> String {
    let name = |queue| queue_name(spec, queue);
    match fault {
        KeptFault::Poison { queue, share } => {
            format!(
                "{share} of the messages for {} can never be worked on",
                name(queue)
            )
        }
        KeptFault::Redrive { from, to, every } => {
            let pace = if every.is_zero() {
                "all at once".to_owned()
            } else {
                format!("one each {}", span(every))
            };
            format!("messages of {} go to {}, {pace}", name(from), name(to))
        }
    }
}

fn work_text(target: &str, fault: &WorkFault) -> String {
    match fault {
        WorkFault::Slow { factor: by, .. } => format!("{target} slows {}x", factor(by.get())),
        WorkFault::Errors(errors) => {
            format!("{target} answers {} to {}", errors.outcome, errors.share)
        }
        WorkFault::Pause => format!("{target} freezes"),
        WorkFault::Threads(to) => {
            let threads = counted(u64::from(*to), "thread");
            format!("{target} has {threads} per instance")
        }
        WorkFault::Fill { bytes, .. } => format!("{target} has {bytes} less memory"),
        WorkFault::Cores(to) => {
            let end = if to.in_thousandths() == 1000 { "" } else { "s" };
            format!("{target} has {to} core{end} per instance")
        }
    }
}

fn edge_fault_text(edge: &str, fault: &EdgeFault) -> String {
    match fault {
        EdgeFault::Latency { add, share } => {
            let longer = span(add.mean());
            if *share == Probability::ONE {
                format!("messages {edge} take {longer} longer")
            } else {
                format!("{share} of the messages {edge} take {longer} longer")
            }
        }
        EdgeFault::Partition { .. } => format!("messages {edge} are cut off"),
        EdgeFault::Loss { share } => format!("{share} of the messages {edge} are lost"),
    }
}

/// What becomes of a setting.
fn setting_text(spec: &ModelSpec, change: &SettingChange) -> String {
    let service = |id: ServiceId| &spec.services[id].name;
    let limit = |to: Option<u32>| to.map_or("unlimited".to_owned(), |to| to.to_string());
    match change {
        SettingChange::Layers { layers, .. } => {
            let names = layers.iter().map(|&layer| layer_name(spec, layer));
            format!("{} changes", names.collect::<Vec<_>>().join(", "))
        }
        SettingChange::Admission(id, _) => {
            format!("{} changes", admission_name(spec, *id))
        }
        SettingChange::Budget(id, _) => format!("budget {} changes", spec.budgets[*id].name),
        SettingChange::Threads(id, to) => {
            format!(
                "threads per instance of {} become {}",
                service(*id),
                limit(*to)
            )
        }
        SettingChange::Cores(id, to) => {
            format!(
                "cores per instance of {} become {}",
                service(*id),
                to.map_or("unlimited".to_owned(), |to| to.to_string())
            )
        }
        SettingChange::Queue(id, _) => format!("the queue of {} changes", service(*id)),
        SettingChange::AbandonedWork(id, _) => {
            format!("{} treats abandoned work otherwise", service(*id))
        }
    }
}

fn target_text(spec: &ModelSpec, target: &ServiceTarget) -> String {
    let of_service = |&id: &ServiceId| {
        let service = &spec.services[id];
        let mut text = service.name.clone();
        if let Some(operation) = target.operation {
            text = format!("{text}.{}", spec.operations[operation].name);
        }
        let instances = target.instances.iter();
        let hit = instances.filter(|&&it| spec.instances[it] == id).count();
        if hit < service.instances as usize {
            text = format!("{text} ({hit} of {} instances)", service.instances);
        }
        text
    };
    let all: Vec<String> = target.services.iter().map(of_service).collect();
    all.join(", ")
}

fn edge_text(spec: &ModelSpec, target: &EdgeTarget) -> String {
    let from = target
        .from
        .map_or("everyone", |group| group_name(spec, group));
    let to = target
        .to
        .map_or("every service", |id| spec.services[id].name.as_str());
    let some = target.to.zip(target.instances);
    let to = some.map_or(to.to_owned(), |(id, hit)| {
        let all = spec.services[id].instances;
        format!("{to} ({hit} of {all} instances)")
    });
    let border = target
        .zone
        .and_then(|zone| spec.zones.get(usize::from(zone)));
    let across = border.map_or(String::new(), |zone| {
        format!(" across the border of zone {zone}")
    });
    match (target.requests, target.answers) {
        (true, false) => format!("from {from} to {to}{across}"),
        (false, true) => format!("from {to} back to {from}{across}"),
        (true, true) | (false, false) => format!("between {from} and {to}{across}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        for (share, text) in [
            (0.0, "0%"),
            (0.000_01, "<0.01%"),
            (0.003, "0.3%"),
            (0.042, "4.2%"),
            (0.624, "62%"),
            (0.999_7, "99.97%"),
            (0.999_99, ">99.99%"),
            (1.0, "100%"),
        ] {
            assert_eq!(percent(share), text);
        }
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(count(n), text);
        }
        for (ns, text) in [(61_234_000_000, "61.2s"), (1_999_999, "2ms"), (10, "10ns")] {
            assert_eq!(span(SimDuration::from_ns(ns)), text);
        }
        for (per_second, text) in [
            (0.0, "0/s"),
            (898.7, "899/s"),
            (2.54, "2.5/s"),
            (0.25, "0.25/s"),
            (0.1, "0.1/s"),
            (2.0 / 60.0, "2/min"),
            (0.0987, "5.9/min"),
            (0.5 / 60.0, "0.5/min"),
            (1.0 / 3600.0, "1/h"),
            (0.000_012_3, "0.044/h"),
        ] {
            assert_eq!(rate(per_second), text, "{per_second}");
        }
        let pair = |one, other| {
            let (one, other) = rates(one, other);
            format!("{one} {other}")
        };
        assert_eq!(pair(0.115, 2.3 / 60.0), "6.9/min 2.3/min");
        assert_eq!(pair(899.0, 300.0), "899/s 300/s");
        assert_eq!(pair(2.0, 0.0), "2/s 0/s");
        for (value, text) in [
            (2.714, "2.71"),
            (1.0, "1"),
            (0.001_23, "0.0012"),
            (0.0, "0"),
        ] {
            assert_eq!(factor(value), text);
        }
    }
}
