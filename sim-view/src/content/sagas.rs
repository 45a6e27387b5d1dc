//! Sagas.

use super::page::{Section, only};
use crate::format;
use crate::table::{Cell, Table, Tone};
use sim_core::report::{Report, SagaReport};

/// A row for each saga.
pub(super) fn sagas(report: &Report) -> Section {
    let columns = [
        "saga",
        "#begun",
        "#completed",
        "#undone",
        "#stuck",
        "#open at end",
        "#unknown",
        "#left",
        "#resumed",
        "#longest",
    ];
    let mut table = Table::new(&columns);
    for saga in &report.sagas {
        table.push(row(saga));
    }
    Section {
        id: "sagas",
        title: "Sagas",
        about: "Calls that are undone in reverse order if one of them fails. Unknown are calls that may have \
                been carried out; left is a saga whose process died, until another goes on with it.",
        blocks: only(table),
    }
}

fn row(saga: &SagaReport) -> Vec<Cell> {
    let stuck = format::count(saga.stuck_total);
    vec![
        Cell::from(&saga.name),
        format::count(saga.began_total).into(),
        format::count(saga.completed_total).into(),
        format::count(saga.compensated_total).into(),
        if saga.stuck_total > 0 {
            Cell::toned(&stuck, Tone::Bad)
        } else {
            stuck.into()
        },
        format::count(saga.open_at_end).into(),
        format::count(saga.unknown_total).into(),
        format::count(saga.left_total).into(),
        format::count(saga.resumed_total).into(),
        format::duration(saga.longest_ns).into(),
    ]
}
