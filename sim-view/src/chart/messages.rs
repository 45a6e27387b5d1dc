//! Queues of messages: how many are where, and how old the oldest is.

use super::axis::Scale;
use super::canvas::PX;
use super::draft::{Draft, PANELS_MAX};
use super::panel::{Body, Line, Panel};
use super::theme;
use super::values::{counts_at, last_at, present};
use sim_core::report::{MessageQueueReport, Report};

/// The chart: two panels for each queue that held something.
pub(super) fn draft(report: &Report) -> Draft {
    let points = report.series.points as usize;
    let queues = report.queues.iter().filter(|it| it.stored_total > 0);
    let panels = queues.flat_map(|queue| {
        [
            Some(messages(queue, points)),
            Some(oldest(queue, points)).filter(|_| queue.ready_max > 0),
        ]
    });
    Draft {
        file: "queues.svg",
        title: "Queues of messages",
        about: "How many messages of each queue are ready, handed out, or delayed, and how many were given up \
                so far; below, the age of the oldest that was neither settled nor given up. A queue whose \
                oldest message grows older as fast as time goes is not being worked on.",
        panels: panels.flatten().take(PANELS_MAX).collect(),
    }
}

fn messages(queue: &MessageQueueReport, points: usize) -> Panel {
    let ready = Line::new("ready", theme::OFFERED, counts_at(&queue.ready, points)).filled();
    let others = [
        ("handed out", theme::USEFUL, &queue.leased),
        ("delayed", theme::RETRIES, &queue.delayed),
        ("dead", theme::OPEN, &queue.dead),
    ];
    let others = others.into_iter();
    let others = others.filter(|(_, _, values)| values.iter().any(|&count| count > 0));
    let others =
        others.map(|(name, colour, values)| Line::new(name, colour, counts_at(values, points)));
    let lines: Vec<Line> = std::iter::once(ready).chain(others).collect();
    Panel {
        title: format!("{}: messages", queue.name),
        body: Body::Lines(Scale::up_to(present(&lines)), lines),
        height: 110 * PX,
    }
}

fn oldest(queue: &MessageQueueReport, points: usize) -> Panel {
    let ages = last_at(&queue.oldest_ns, points);
    let seconds = ages.map(|age| age.map(|ns| ns as f64 / 1e9));
    let line = Line::new("oldest", theme::METASTABLE, seconds.collect()).filled();
    let lines = vec![line];
    Panel {
        title: format!("{}: age of the oldest [s]", queue.name),
        body: Body::Lines(Scale::up_to(present(&lines)), lines),
        height: 64 * PX,
    }
}
