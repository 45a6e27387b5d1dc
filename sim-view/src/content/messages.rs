//! Queues of messages.

use super::page::{Section, only};
use crate::format;
use crate::table::{Cell, Table, Tone};
use sim_core::report::{MessageQueueReport, Report};

/// A row for each queue.
pub(super) fn queues(report: &Report) -> Section {
    let columns = [
        "queue",
        "#stored",
        "#refused",
        "#handed out",
        "#again",
        "#settled",
        "#late",
        "#absorbed",
        "#dead",
        "#lost",
        "#most ready",
        "#age p50",
        "#age p99",
    ];
    let mut table = Table::new(&columns);
    for queue in &report.queues {
        table.push(row(queue));
    }
    Section {
        id: "queues",
        title: "Queues of messages",
        about: "In the whole run: hand-outs, those again that came after the first of their message; answers \
                after the end of their lease are late; absorbed are messages that were published again, or would \
                have been handed out again, and were known. Dead are messages that were given up, lost are those \
                that made room for others, grew too old, or were gone after a crash. Ages are those at \
                hand-outs, after the warm-up.",
        blocks: only(table),
    }
}

fn row(queue: &MessageQueueReport) -> Vec<Cell> {
    let bad = |count: u64| {
        let text = format::count(count);
        if count > 0 {
            Cell::toned(&text, Tone::Bad)
        } else {
            text.into()
        }
    };
    // Nothing was handed out after the warm-up: no age was measured.
    let age = |ns| match queue.age.count {
        0 => format::NOTHING.into(),
        _ => format::duration(ns).into(),
    };
    vec![
        Cell::from(&queue.name),
        format::count(queue.stored_total).into(),
        bad(queue.refused_total),
        format::count(queue.handed_out_total).into(),
        format::count(queue.again_total).into(),
        format::count(queue.settled_total).into(),
        format::count(queue.settled_late_total + queue.too_late_total).into(),
        format::count(queue.absorbed_total + queue.known_total).into(),
        bad(queue.dead_total),
        bad(queue.dropped_total + queue.expired_total + queue.lost_total),
        format::count(queue.ready_max.into()).into(),
        age(queue.age.p50_ns),
        age(queue.age.p99_ns),
    ]
}
