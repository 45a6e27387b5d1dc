//! Limits in words: when one came to its highest or its lowest for the first time, and where it ended.

use super::limit_lines::{LimitLine, limit_config, limit_lines, limited};
use super::moment::Moment;
use super::run_view::RunView;
use super::verdict::TimelineKind;
use crate::model::record::{LimitedBy, admission_name, layer_name};
use crate::time::SimTime;

/// All lines about limits.
pub(super) fn limit_moments(view: &RunView<'_>) -> Vec<Moment> {
    let all = limited(view.spec()).into_iter();
    all.flat_map(|by| moments_of(view, by)).collect()
}

fn moments_of(view: &RunView<'_>, by: LimitedBy) -> Vec<Moment> {
    let spec = view.spec();
    let Some(config) = limit_config(spec, by) else {
        return Vec::new();
    };
    let name = match by {
        LimitedBy::Layer(id) => layer_name(spec, id),
        LimitedBy::Admission(id) => admission_name(spec, id),
    };
    let lines = limit_lines(spec, view.record, by);
    let reaches = |bound: u32, which: &str| {
        let first = lines.iter().filter_map(|line| arrival(line, bound)).min();
        first.map(|at| Moment {
            at,
            kind: TimelineKind::Breaker,
            text: format!("the limit of {name} is at its {which}, {bound}"),
        })
    };
    let bounds = [(config.max, "highest"), (config.min, "lowest")];
    let bounds = bounds.into_iter();
    bounds
        .filter_map(|(bound, which)| reaches(bound, which))
        .collect()
}

/// When a limit first came to a bound from elsewhere.
fn arrival(line: &LimitLine, bound: u32) -> Option<SimTime> {
    let mut later = line.steps.iter().skip(1);
    later.find(|step| step.1 == bound).map(|step| step.0)
}
