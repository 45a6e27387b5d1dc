//! Sagas: how many are under way, and how those ended that are over.

use super::axis::Scale;
use super::canvas::PX;
use super::draft::{Draft, PANELS_MAX};
use super::panel::{Body, Line, Panel};
use super::theme;
use super::values::{counts_at, present};
use sim_core::report::{Report, SagaReport};

/// The chart: for each saga those that are not over, and those that were undone or got stuck so far.
pub(super) fn draft(report: &Report) -> Draft {
    let points = report.series.points as usize;
    let sagas = report.sagas.iter().filter(|it| it.began_total > 0);
    let panels = sagas.flat_map(|saga| [Some(under_way(saga, points)), undone(saga, points)]);
    Draft {
        file: "sagas.svg",
        title: "Sagas",
        about: "How many of each saga are carried out, and how many were left by a process that died; below, \
                how many were undone so far, and how many got stuck.",
        panels: panels.flatten().take(PANELS_MAX).collect(),
    }
}

fn under_way(saga: &SagaReport, points: usize) -> Panel {
    let running = Line::new("under way", theme::USEFUL, counts_at(&saga.running, points)).filled();
    let left = Line::new("left", theme::METASTABLE, counts_at(&saga.left, points));
    let left = (saga.left_total > 0).then_some(left);
    let lines = std::iter::once(running).chain(left).collect();
    panel(format!("{}: not over", saga.name), lines)
}

fn undone(saga: &SagaReport, points: usize) -> Option<Panel> {
    let undone = Line::new(
        "undone",
        theme::RETRIES,
        counts_at(&saga.compensated, points),
    );
    let stuck = Line::new("stuck", theme::OPEN, counts_at(&saga.stuck, points));
    let undone = (saga.compensated_total > 0).then_some(undone);
    let stuck = (saga.stuck_total > 0).then_some(stuck);
    let lines: Vec<Line> = undone.into_iter().chain(stuck).collect();
    (!lines.is_empty()).then(|| panel(format!("{}: so far", saga.name), lines))
}

fn panel(title: String, lines: Vec<Line>) -> Panel {
    Panel {
        title,
        body: Body::Lines(Scale::up_to(present(&lines)), lines),
        height: 90 * PX,
    }
}
