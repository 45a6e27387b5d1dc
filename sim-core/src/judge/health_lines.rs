//! Verdicts of health checks, in words: told once for each check and second.

use super::moment::{Moment, TOGETHER};
use super::run_view::RunView;
use super::verdict::TimelineKind;
use crate::id::{CheckId, InstanceId};
use crate::model::fact::HealthVerdict;
use crate::model::spec::OnFail;
use crate::time::SimTime;
use std::collections::BTreeSet;

/// A check finds the same of several instances.
struct Found {
    check: CheckId,
    verdict: HealthVerdict,
    at: SimTime,
    instances: BTreeSet<InstanceId>,
}

pub(super) fn health_lines(view: &RunView<'_>) -> Vec<Moment> {
    let mut all: Vec<Found> = Vec::new();
    for change in &view.record.health_changes {
        let Some(verdict) = change.verdict else {
            continue;
        };
        let mut recent = all
            .iter_mut()
            .rev()
            .take_while(|found| change.at.since(found.at) <= TOGETHER);
        let same = |found: &&mut Found| found.check == change.check && found.verdict == verdict;
        match recent.find(same) {
            Some(found) => {
                found.instances.insert(change.instance);
            }
            None => all.push(Found {
                check: change.check,
                verdict,
                at: change.at,
                instances: BTreeSet::from([change.instance]),
            }),
        }
    }
    all.iter().map(|found| line(view, found)).collect()
}

fn line(view: &RunView<'_>, found: &Found) -> Moment {
    let check = &view.spec().checks[found.check];
    let of = view.spec().services[check.service].instances;
    let service = view.service(check.service);
    let whom = match (found.instances.len(), found.instances.first(), of) {
        (_, _, 1) => format!("the instance of {service}"),
        (1, Some(&only), _) => crate::model::record::instance_name(view.spec(), only),
        (hit, _, _) => format!("{hit} of {of} instances of {service}"),
    };
    let several = found.instances.len() > 1;
    let text = match found.verdict {
        HealthVerdict::Passes => format!(
            "{whom} {} the health check {}",
            if several { "pass" } else { "passes" },
            check.name
        ),
        HealthVerdict::Fails => {
            let (fail, leave) = if several {
                ("fail", "leave")
            } else {
                ("fails", "leaves")
            };
            let then = match (&check.on_fail, check.is_by_callers()) {
                (OnFail::Leave, false) => format!("and {leave} the rotation"),
                (OnFail::Leave, true) => format!("and {leave} the rotation of who asked"),
                (OnFail::Restart, _) => {
                    format!("and {} restarted", if several { "are" } else { "is" })
                }
                (OnFail::Breaker(_), _) => "which holds breakers open".to_owned(),
            };
            format!("{whom} {fail} the health check {}, {then}", check.name)
        }
    };
    Moment {
        at: found.at,
        kind: TimelineKind::Instance,
        text,
    }
}
