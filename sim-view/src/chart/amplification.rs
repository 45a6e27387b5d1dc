//! Amplification and retries: how much load a policy makes of a failure.

use super::axis::Scale;
use super::canvas::PX;
use super::draft::Draft;
use super::panel::{Body, Line, Panel};
use super::theme;
use super::values::{edge_line, greatest, of_how_many, present, rates};
use sim_core::report::{EdgeSeries, Finite, Report};

/// The chart; only edges that ever sent more than one attempt per call are in it.
pub(super) fn draft(report: &Report) -> Draft {
    let edges = &report.series.edges;
    let retried: Vec<&EdgeSeries> = edges
        .iter()
        .filter(|edge| edge.retries.iter().any(|&count| count > 0))
        .collect();
    let sizes = retried
        .iter()
        .map(|edge| edge.retries.iter().sum::<u64>() as f64);
    let chosen: Vec<&EdgeSeries> = greatest(sizes, theme::SERIES_MAX)
        .into_iter()
        .map(|index| retried[index])
        .collect();
    let rest = of_how_many(chosen.len(), retried.len());
    let panels = if chosen.is_empty() {
        vec![]
    } else {
        vec![
            panel(
                format!("Amplification: attempts per call{rest}"),
                &chosen,
                &amplification,
            ),
            panel(format!("Retries per second{rest}"), &chosen, &|edge| {
                rates(report, &edge.retries)
            }),
        ]
    };
    Draft {
        file: "amplification.svg",
        title: "Amplification and retries",
        about: "Amplification is attempts divided by first attempts: 1 without retries, and as many \
                as the policy allows when everything fails. Layers multiply: three attempts on each \
                of four edges in a row make 81.",
        panels,
    }
}

fn panel(
    title: String,
    edges: &[&EdgeSeries],
    values: &dyn Fn(&EdgeSeries) -> Vec<Option<f64>>,
) -> Panel {
    let lines: Vec<Line> = edges
        .iter()
        .enumerate()
        .map(|(index, edge)| edge_line(&edge.name, theme::series(index), values(edge)))
        .collect();
    let scale = Scale::up_to(present(&lines));
    Panel {
        title,
        body: Body::Lines(scale, lines),
        height: 110 * PX,
    }
}

fn amplification(edge: &EdgeSeries) -> Vec<Option<f64>> {
    edge.amplification
        .iter()
        .map(|value| value.map(Finite::get))
        .collect()
}
