//! Random faults: how often they struck, and for how long.

use super::page::{Block, Section, Statement, only};
use crate::format;
use crate::table::{Cell, Table, Tone};
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
    let mut blocks = only(table);
    blocks.extend(left_out(report));
    Section {
        id: "random-faults",
        title: "Random faults",
        about: "How often an instance was hit, how many were at once at most, and for how long, \
                all instances together.",
        blocks,
    }
}

/// Which faults acted more often than charts and the report show.
fn left_out(report: &Report) -> Option<Block> {
    let cut = report.faults.iter().filter_map(|fault| {
        let (told, all) = (fault.spans.len() as u64, fault.random?.spans_total);
        (told < all).then(|| {
            format!(
                "{}: the first {} of {} times",
                super::page::safe(&fault.name),
                format::count(told),
                format::count(all)
            )
        })
    });
    let cut: Vec<String> = cut.collect();
    let text = format!("Charts show a part of these faults. {}.", cut.join("; "));
    (!cut.is_empty()).then(|| Block::Text(Statement::new(&text, Tone::Quiet)))
}
