//! Pools of connections.

use super::page::{Section, only};
use crate::format;
use crate::table::{Cell, Table, Tone};
use sim_core::report::{PoolReport, Report};

/// A row for each pool.
pub(super) fn pools(report: &Report) -> Section {
    let columns = [
        "pool",
        "of -> to",
        "#size",
        "#in use",
        "#waiting",
        "#granted",
        "#waited",
        "#timed out",
        "#wait p50",
        "#wait p99",
        "#opened",
        "#closed",
    ];
    let mut table = Table::new(&columns);
    for pool in &report.pools {
        table.push(row(pool));
    }
    Section {
        id: "pools",
        title: "Pools",
        about: "Connections of each process that were in use and who waited for one, on average; how long \
                those waited who got one or were turned away.",
        blocks: only(table),
    }
}

fn row(pool: &PoolReport) -> Vec<Cell> {
    let mean = |value: Option<sim_core::report::Finite>| {
        value.map_or_else(String::new, |value| format!("{:.1}", value.get()))
    };
    let timed_out = format::count(pool.timed_out_total);
    vec![
        Cell::from(&pool.name),
        format!("{} -> {}", pool.owner, pool.to).into(),
        pool.size
            .map_or_else(|| "unlimited".to_owned(), |size| size.to_string())
            .into(),
        mean(pool.in_use_mean).into(),
        mean(pool.waiting_mean).into(),
        format::count(pool.granted_total).into(),
        format::count(pool.waited_total).into(),
        if pool.timed_out_total > 0 {
            Cell::toned(&timed_out, Tone::Bad)
        } else {
            timed_out.into()
        },
        format::duration(pool.wait.p50_ns).into(),
        format::duration(pool.wait.p99_ns).into(),
        format::count(pool.opened_total).into(),
        format::count(pool.closed_total).into(),
    ]
}
