//! Who was left out by whom, and what that left to the others.

use super::page::{Block, Section, Statement, only};
use super::services::counts;
use crate::format;
use crate::table::{Cell, Table, Tone};
use sim_core::report::{EjectedReport, EjectionReport, Report};

/// A row for each instance that was judged bad.
pub(super) fn section(report: &Report) -> Section {
    let mut table = Table::new(&[
        "instance",
        "#left out",
        "why",
        "#first",
        "#longest",
        "#share of time",
        "#stopped by the limit",
        "#its attempts",
        "#others' mean",
    ]);
    let mut left_out = 0;
    let all = report
        .services
        .iter()
        .filter_map(|one| one.ejection.as_ref());
    for ejection in all {
        left_out += u64::from(ejection.instances_left_out);
        for one in &ejection.instances {
            table.push(row(ejection, one));
        }
    }
    let mut blocks = only(table.without_empty_columns());
    if left_out > 0 {
        let text = format!(
            "{} more are left out here.",
            format::plural(left_out, "instance", "instances")
        );
        blocks.push(Block::Text(Statement::new(&text, Tone::Quiet)));
    }
    Section {
        id: "ejection",
        title: "Ejection",
        about: "Instances that callers judged bad by what came back from them. Left out is how often, by all \
                callers together; the share of time is the mean over callers; stopped are verdicts beyond the \
                limit. The last two are the shares of attempts: its own, and the mean of each other instance.",
        blocks,
    }
}

fn row(ejection: &EjectionReport, one: &EjectedReport) -> Vec<Cell> {
    let times = match (one.ejected_total, ejection.judges) {
        (total, 1) => format::count(total),
        (total, judges) => format!(
            "{} (by up to {} of {})",
            format::count(total),
            format::count(one.most_callers),
            format::count(judges)
        ),
    };
    vec![
        Cell::from(&one.name),
        times.into(),
        counts(&one.reasons).into(),
        format::optional(one.first_ns, format::duration).into(),
        format::duration(one.longest_ns).into(),
        format::share(one.out_share.get()).into(),
        format::count(one.stopped_total).into(),
        format::share(one.attempts_share.get()).into(),
        format::share(one.others_share.get()).into(),
    ]
}
