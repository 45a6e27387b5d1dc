//! Random faults: how often they struck, and for how long.

use super::{Section, only};
use crate::format;
use crate::table::{Cell, Table};
use sim_core::report::{Finite, Report};

/// A row for each random fault.
pub(super) fn section(report: &Report) -> Section {
    let mut table = Table::new(&[
        "fault",
        "#struck",
        "#at once",
        "#time",
        "#share of time",
        "what",
    ]);
    for fault in &report.faults {
        if let Some(random) = &fault.random {
            table.push(vec![
                Cell::from(&fault.name),
                format::count(random.struck_total).into(),
                format!("{} of {}", random.most_at_once, random.instances).into(),
                format::duration(random.hit_ns).into(),
                format::optional(random.hit_share, |share: Finite| format::share(share.get()))
                    .into(),
                Cell::from(&fault.text),
            ]);
        }
    }
    Section {
        id: "random-faults",
        title: "Random faults",
        about: "How often an instance was hit, how many were at once at most, and for how long, \
                all instances together.",
        blocks: only(table),
    }
}
