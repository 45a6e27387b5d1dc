//! Ejection in words: who was left out by how many callers, why, and what that left to the others. What
//! many callers did close together is one line, and what goes on and on is summed up.

use super::moment::{Moment, TOGETHER};
use super::run_view::RunView;
use super::verdict::TimelineKind;
use super::words::{count, counted, percent, seconds, span};
use crate::id::ServiceId;
use crate::model::record::{EjectionVerdict, VerdictKind, instance_name};
use crate::policy::eject::{EjectBack, EjectWhy, EjectionRule};
use crate::time::{SimDuration, SimTime};

/// So many lines of a service are told one by one.
const ONE_BY_ONE: usize = 8;

/// Verdicts of one kind on one instance, close together.
struct Group {
    first: EjectionVerdict,
    callers: u64,
    /// The latest time that is over among them, and the longest that was.
    until: SimTime,
    longest: SimDuration,
}

/// All lines about ejection.
pub(super) fn ejection_lines(view: &RunView<'_>) -> Vec<Moment> {
    let services = view.spec().services.ids();
    services
        .flat_map(|service| service_lines(view, service))
        .collect()
}

fn service_lines(view: &RunView<'_>, service: ServiceId) -> Vec<Moment> {
    if view.spec().services[service].ejection.is_none() {
        return Vec::new();
    }
    let mut groups: Vec<Group> = Vec::new();
    let verdicts = view.record.ejections.verdicts.iter();
    for verdict in verdicts.filter(|it| view.spec().instances[it.instance] == service) {
        gather(&mut groups, verdict);
    }
    let rest = groups.split_off(groups.len().min(ONE_BY_ONE));
    let mut lines: Vec<Moment> = groups
        .iter()
        .map(|group| line(view, service, group))
        .collect();
    if let Some(last) = rest.last() {
        let verdicts: u64 = rest.iter().map(|group| group.callers).sum();
        lines.push(Moment {
            at: rest[0].first.at,
            kind: TimelineKind::Instance,
            text: format!(
                "ejection at {} goes on: {} until {}",
                view.service(service),
                counted(verdicts, "more verdict"),
                seconds(last.first.at)
            ),
        });
    }
    lines
}

fn gather(groups: &mut Vec<Group>, verdict: &EjectionVerdict) {
    let (until, longest) = match verdict.kind {
        // A trial that failed says no more than that it goes on.
        VerdictKind::Out {
            why: EjectWhy::Trial,
            ..
        } => return,
        VerdictKind::Out { until, .. } => (until, SimDuration::ZERO),
        // Told once.
        VerdictKind::Stopped { .. } if groups.iter().any(|it| is_alike(&it.first, verdict)) => {
            return;
        }
        VerdictKind::Stopped { .. } => (SimTime::ZERO, SimDuration::ZERO),
        VerdictKind::Back { after, .. } => (SimTime::ZERO, after),
    };
    let recent = groups.iter_mut().rev();
    let mut recent = recent.take_while(|group| verdict.at.since(group.first.at) <= TOGETHER);
    match recent.find(|group| is_alike(&group.first, verdict)) {
        Some(group) => {
            group.callers += 1;
            group.until = group.until.max(until);
            group.longest = group.longest.max(longest);
        }
        None => groups.push(Group {
            first: *verdict,
            callers: 1,
            until,
            longest,
        }),
    }
}

fn is_alike(one: &EjectionVerdict, other: &EjectionVerdict) -> bool {
    let kind = |kind: VerdictKind| match kind {
        VerdictKind::Out { why, .. } => (0, Some(why)),
        VerdictKind::Stopped { why } => (1, Some(why)),
        VerdictKind::Back { .. } => (2, None),
    };
    one.instance == other.instance && kind(one.kind) == kind(other.kind)
}

fn line(view: &RunView<'_>, service: ServiceId, group: &Group) -> Moment {
    let name = instance_name(view.spec(), group.first.instance);
    let judges = view.spec().judges_of(service);
    let by = match (judges, group.callers) {
        (1, _) => String::new(),
        (judges, callers) => format!(" by {} of {} callers", count(callers), count(judges)),
    };
    let text = match group.first.kind {
        VerdictKind::Out { why, left, .. } => {
            let until = match group.until {
                SimTime::NEVER => String::new(),
                until => format!(" for {}", span(until.since(group.first.at))),
            };
            let reason = why_text(view, service, why);
            format!(
                "{name} is left out{by}{until} ({reason}){}",
                shares(view, service, left)
            )
        }
        VerdictKind::Stopped { why } => format!(
            "{name} is as bad ({}) and stays in: no more may be left out",
            why_text(view, service, why)
        ),
        VerdictKind::Back { by: what, .. } => {
            let with = match judges {
                1 => String::new(),
                judges => format!(
                    " with {} of {} callers",
                    count(group.callers),
                    count(judges)
                ),
            };
            format!(
                "{name} is back{with} {} after {}",
                back_text(what),
                span(group.longest)
            )
        }
    };
    Moment {
        at: group.first.at,
        kind: TimelineKind::Instance,
        text,
    }
}

/// What it leaves to the others.
fn shares(view: &RunView<'_>, service: ServiceId, left: u32) -> String {
    let all = view.spec().services[service].instances;
    let each = |of: u32| percent(1.0 / f64::from(of));
    match left {
        0 => ": nobody is left".to_owned(),
        1 => format!(": the one left takes all, instead of {}", each(all)),
        left => format!(
            ": the {left} left take {} each, instead of {}",
            each(left),
            each(all)
        ),
    }
}

pub(super) fn why_text(view: &RunView<'_>, service: ServiceId, why: EjectWhy) -> String {
    let ejection = view.spec().services[service].ejection.as_ref();
    let rules = ejection.map(|it| &it.config.rule);
    let run = |counter: usize| match rules {
        Some(EjectionRule::Outliers(rules)) => {
            let failures = rules.consecutive.get(counter).map_or(0, |it| it.failures);
            format!("{} in a row", counted(failures.into(), "failure"))
        }
        Some(EjectionRule::Quiet(_)) | None => "failures in a row".to_owned(),
    };
    match why {
        EjectWhy::Consecutive => run(0),
        EjectWhy::ConsecutiveSecond => run(1),
        EjectWhy::ConsecutiveThird => run(2),
        EjectWhy::SuccessRate => "fewer successes than the others".to_owned(),
        EjectWhy::FailureShare => "too large a share of failures".to_owned(),
        EjectWhy::QuietPeriod => "failures without a quiet period between them".to_owned(),
        EjectWhy::Trial => "a failed trial".to_owned(),
    }
}

const fn back_text(by: EjectBack) -> &'static str {
    match by {
        EjectBack::Sweep => "at a sweep",
        EjectBack::Time => "when its time was over",
        EjectBack::Check => "by a passed check",
        EjectBack::Trial => "by a passed trial",
        EjectBack::Forgotten => "as nobody remembers,",
    }
}
