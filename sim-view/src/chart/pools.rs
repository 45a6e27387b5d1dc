//! Pools over time: how many connections are open and in use, and who waits for one.

use super::axis::Scale;
use super::canvas::PX;
use super::draft::{Draft, PANELS_MAX};
use super::panel::{Body, Line, Panel};
use super::theme;
use super::values::{greatest, of_how_many, present};
use sim_core::report::{PoolReport, Report};

/// The chart; pools that nobody asked are not in it.
pub(super) fn draft(report: &Report) -> Draft {
    let asked = |pool: &&PoolReport| {
        pool.in_use
            .iter()
            .chain(&pool.waiting)
            .any(|&count| count > 0)
    };
    let used: Vec<&PoolReport> = report.pools.iter().filter(asked).collect();
    let sizes = used.iter().map(|pool| {
        let waiting = pool
            .waiting
            .iter()
            .map(|&count| u64::from(count))
            .sum::<u64>();
        waiting as f64 + pool.in_use_mean.map_or(0.0, sim_core::report::Finite::get)
    });
    let chosen = greatest(sizes, PANELS_MAX);
    let rest = of_how_many(chosen.len(), used.len());
    Draft {
        file: "pools.svg",
        title: "Pools of connections",
        about: "All processes of a service together, at the end of each bucket. Where all that may be \
                open are in use, the next who ask wait; where many wait, the pool is the limit, whatever \
                is left of the service to which it leads.",
        panels: chosen
            .into_iter()
            .flat_map(|index| panels(report, used[index], &rest))
            .collect(),
    }
}

/// What is open and in use; and where somebody waited, how many did: they may be many times as many.
fn panels(report: &Report, pool: &PoolReport, rest: &str) -> Vec<Panel> {
    let mut lines = vec![Line::new("in use", theme::USEFUL, counts(&pool.in_use)).filled()];
    if !pool.open.is_empty() && pool.open != pool.in_use {
        lines.push(Line::new("open", theme::USEFUL_HALF, counts(&pool.open)));
    }
    let highest = present(&lines).fold(0.0, f64::max);
    let owner = report.services.iter().find(|one| one.name == pool.owner);
    let most = pool
        .size
        .zip(owner)
        .map(|(size, owner)| f64::from(size) * f64::from(owner.instances));
    // A limit far beyond what is in use would press all else flat.
    if let Some(most) = most.filter(|&most| most <= 4.0 * highest) {
        let line = vec![Some(most); pool.in_use.len()];
        lines.push(Line::new("most", theme::OFFERED, line));
    }
    let name = format!("{} of {} to {}", pool.name, pool.owner, pool.to);
    let of_lines = |title, lines: Vec<Line>| Panel {
        title,
        body: Body::Lines(Scale::up_to(present(&lines)), lines),
        height: 110 * PX,
    };
    let mut panels = vec![of_lines(format!("{name}: connections{rest}"), lines)];
    if pool.waiting.iter().any(|&count| count > 0) {
        let line = Line::new("waiting", theme::ATTEMPTS, counts(&pool.waiting)).filled();
        panels.push(of_lines(format!("{name}: waiting for one"), vec![line]));
    }
    panels
}

fn counts(values: &[u32]) -> Vec<Option<f64>> {
    values.iter().map(|&count| Some(f64::from(count))).collect()
}
