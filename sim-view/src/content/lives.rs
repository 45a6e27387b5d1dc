//! Lives of instances: how long each was in which state, and what it lost.

use super::page::{Section, only};
use crate::format::{self, NOTHING};
use crate::table::{Cell, Table, Tone};
use sim_core::report::{LifeReport, Report};

/// A row for each instance that the report tells, of services whose instances come and go.
pub(super) fn section(report: &Report) -> Section {
    let mut table = Table::new(&[
        "instance",
        "#up",
        "#starting",
        "#draining",
        "#down",
        "#empty",
        "#out of rotation",
        "#stops",
        "#killed",
        "#died",
        "#starts",
        "#waited",
        "#lost",
        "#turned away",
    ]);
    let loads = report.services.iter().flat_map(|one| &one.instance_loads);
    for load in loads {
        if let Some(life) = &load.life {
            table.push(row(&load.name, life));
        }
    }
    Section {
        id: "lives",
        title: "Lives of instances",
        about: "How long each instance was in which state in the whole run, and out of rotation \
                whatever its state. Killed are the stops that took longer than their grace. Waited is \
                the time between the end of a process and its next start. Lost are operations that \
                died with it; turned away are attempts that came although it had been told to stop.",
        blocks: only(table.without_empty_columns()),
    }
}

fn row(name: &str, one: &LifeReport) -> Vec<Cell> {
    vec![
        Cell::from(name),
        format::duration(one.up_ns).into(),
        time(one.starting_ns),
        time(one.draining_ns),
        time(one.down_ns),
        time(one.empty_ns),
        time(one.out_of_rotation_ns),
        count(one.stops_total, Tone::Plain),
        count(one.kills_total, Tone::Bad),
        count(one.deaths_total, Tone::Bad),
        count(one.starts_total, Tone::Plain),
        time(one.waited_ns),
        count(one.lost_total, Tone::Bad),
        count(one.turned_away_total, Tone::Bad),
    ]
}

fn time(ns: u64) -> Cell {
    if ns == 0 {
        NOTHING.into()
    } else {
        format::duration(ns).into()
    }
}

fn count(count: u64, tone: Tone) -> Cell {
    if count == 0 {
        NOTHING.into()
    } else {
        Cell::toned(&format::count(count), tone)
    }
}
