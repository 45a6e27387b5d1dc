//! The spans that expectations look at: what totals tell of the whole run, for each of them.

use super::page::{Block, Section};
use crate::format::{self, NOTHING};
use crate::table::{Cell, Table};
use sim_core::report::{AttemptOutcomeReport, OutcomeReport, Report};

/// A table each of calls, attempts, services and policies.
pub(super) fn section(report: &Report) -> Section {
    let tables = [
        calls(report),
        attempts(report),
        services(report),
        layers(report),
    ];
    let said = tables.into_iter().filter(|table| !table.rows.is_empty());
    Section {
        id: "windows",
        title: "Spans that expectations look at",
        about: "Calls belong to the span in which they start; all else is counted at its own instant.",
        blocks: said.map(Block::Table).collect(),
    }
}

fn calls(report: &Report) -> Table {
    let mut table = Table::new(&[
        "span",
        "calls of",
        "#calls",
        "#useful",
        "#mean ok",
        "#p99 ok",
        "#left out",
    ]);
    for window in &report.windows {
        for one in window.calls.iter().filter(|one| one.started_total > 0) {
            let is_ok = |outcome: &&OutcomeReport| outcome.outcome == "ok";
            let ok = one.outcomes.iter().find(is_ok);
            let show = |ns: fn(&OutcomeReport) -> u64| {
                ok.map_or_else(|| NOTHING.to_owned(), |ok| format::duration(ns(ok)))
            };
            table.push(vec![
                Cell::from(&window.name),
                Cell::from(&one.name),
                format::count(one.started_total).into(),
                format::optional(one.useful_share, |share| format::share(share.get())).into(),
                show(|ok| ok.latency.mean_ns).into(),
                show(|ok| ok.latency.p99_ns).into(),
                some(one.unfinished_total),
            ]);
        }
    }
    table.without_empty_columns()
}

fn attempts(report: &Report) -> Table {
    let mut table = Table::new(&[
        "span",
        "caller -> operation",
        "#attempts",
        "#retries",
        "ended",
    ]);
    for window in &report.windows {
        for one in &window.edges {
            table.push(vec![
                Cell::from(&window.name),
                Cell::from(&one.name),
                format::count(one.sent_total).into(),
                some(one.retries_total),
                ended(&one.outcomes).into(),
            ]);
        }
    }
    table.without_empty_columns()
}

/// `ok 417,000, timeout.response 900`.
fn ended(outcomes: &[AttemptOutcomeReport]) -> String {
    let told = outcomes.iter();
    let told = told.map(|one| format!("{} {}", one.outcome, format::count(one.attempts_total)));
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        return NOTHING.to_owned();
    }
    told.join(", ")
}

fn services(report: &Report) -> Table {
    let mut table = Table::new(&[
        "span",
        "service",
        "#finished",
        "#busy",
        "#waiting",
        "#in system",
        "#that waited",
        "#turned away",
        "#wasted",
    ]);
    for window in &report.windows {
        for one in &window.services {
            let share = |value| {
                format::optional(value, |it: sim_core::report::Finite| {
                    format::share(it.get())
                })
            };
            table.push(vec![
                Cell::from(&window.name),
                Cell::from(&one.name),
                format::rate(one.throughput_per_second.get()).into(),
                share(one.utilisation).into(),
                format::number(one.mean_queue.get()).into(),
                format::number(one.in_system.get()).into(),
                share(one.waited_share).into(),
                some(one.rejected_total),
                share(one.wasted_share).into(),
            ]);
        }
    }
    table.without_empty_columns()
}

fn layers(report: &Report) -> Table {
    let mut table = Table::new(&["span", "layer", "#stopped", "#retries", "#refused"]);
    for window in &report.windows {
        for one in &window.layers {
            table.push(vec![
                Cell::from(&window.name),
                Cell::from(&one.name),
                some(one.stopped_total),
                some(one.retries_planned_total),
                some(one.refused_total),
            ]);
        }
    }
    table.without_empty_columns()
}

/// A number of things, or `-` for none.
fn some(count: u64) -> Cell {
    let told = if count == 0 {
        NOTHING.to_owned()
    } else {
        format::count(count)
    };
    told.into()
}
