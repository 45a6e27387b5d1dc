//! Memory of instances over time, up to the limit at which they are killed.

use super::axis::Scale;
use super::canvas::PX;
use super::draft::{Draft, PANELS_MAX};
use super::panel::{Body, Line, Panel};
use super::theme;
use super::values::{greatest, of_how_many};
use crate::resample;
use sim_core::report::{MemoryInstanceReport, Report};

/// The chart; of services that may hold only so much.
pub(super) fn draft(report: &Report) -> Draft {
    let services = report.services.iter();
    let all = services.filter_map(|one| one.memory.as_ref());
    let all: Vec<&MemoryInstanceReport> = all.flat_map(|one| &one.instances).collect();
    let most = all
        .iter()
        .map(|one| one.kills_total as f64 * 1e3 + f64::from(one.most_percent));
    let chosen = greatest(most, PANELS_MAX);
    let rest = of_how_many(chosen.len(), all.len());
    let panels = chosen
        .into_iter()
        .map(|index| panel(report, all[index], &rest));
    Draft {
        file: "memory.svg",
        title: "Memory",
        about: "The most that an instance has held since its start, of what it may. Beyond 100 % it is \
                killed with all calls in it, and starts empty: each fall is a kill.",
        panels: panels.collect(),
    }
}

fn panel(report: &Report, one: &MemoryInstanceReport, rest: &str) -> Panel {
    let values = values(report, one);
    let limit = vec![Some(1.0); values.len()];
    let lines = vec![
        Line::new("most held", theme::USEFUL, values).filled(),
        Line::new("limit", theme::OFFERED, limit),
    ];
    let kills = match one.kills_total {
        0 => String::new(),
        1 => ", killed once".to_owned(),
        more => format!(", killed {more} times"),
    };
    Panel {
        title: format!("{}: memory{kills}{rest}", one.name),
        body: Body::Lines(Scale::shares(), lines),
        height: 110 * PX,
    }
}

/// The highest of the spans that meet each bucket.
fn values(report: &Report, one: &MemoryInstanceReport) -> Vec<Option<f64>> {
    let (series, spans) = (&report.series, one.filled.len() as u64);
    let place =
        |at: u64| (u128::from(at) * u128::from(spans) / u128::from(series.end_ns.max(1))) as u64;
    (0..series.points as usize)
        .map(|bucket| {
            let from = place(resample::start_of(series, bucket));
            let until = place(resample::start_of(series, bucket + 1)).max(from + 1);
            let met = one.filled.iter().take(until as usize).skip(from as usize);
            met.max().map(|&percent| f64::from(percent) / 100.0)
        })
        .collect()
}
