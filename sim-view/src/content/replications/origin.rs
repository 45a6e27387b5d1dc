//! What the words mean, and how to play all runs again.

use crate::content::origin::version;
use crate::content::page::{Block, Section, Statement, safe};
use crate::format;
use crate::table::{Cell, Table, Tone};
use sim_core::report::{ReplicationReport, ThresholdsReport};

/// By what recovery and collapse are judged.
pub(crate) fn thresholds(by: &ThresholdsReport) -> Section {
    let text = format!(
        "Baseline: useful share of the {} before a fault, from {} calls. Recovered: {} of it, for {}. \
         Relapsed: below {} of it again. Not recovered: said after {} at the earliest; metastable if \
         the baseline was {} or more and the load at most {} times as before. Collapsed: under {} \
         useful in the last tenth of a run.",
        format::duration(by.baseline_ns),
        by.baseline_calls,
        format::share(by.recovered_share_of_baseline.get()),
        format::duration(by.hold_ns),
        format::share(by.relapsed_share_of_baseline.get()),
        format::duration(by.patience_ns),
        format::share(by.metastable_baseline_share.get()),
        format::number(by.metastable_load_factor.get()),
        format::share(by.collapsed_useful_share.get()),
    );
    Section {
        id: "thresholds",
        title: "What the words mean",
        about: "",
        blocks: vec![Block::Text(Statement::new(&text, Tone::Quiet))],
    }
}

/// The command and what belongs to it.
pub(super) fn section(report: &ReplicationReport) -> Section {
    let scenario = &report.scenario;
    let mut table = Table::new(&["what", "value"]);
    let mut push = |name: &str, value: String| table.push(vec![Cell::from(name), value.into()]);
    push(
        "virtual time",
        format!("{} in each run", format::duration(scenario.duration_ns)),
    );
    if scenario.warmup_ns > 0 {
        push("warm-up", format::duration(scenario.warmup_ns));
    }
    push("seed", scenario.seed.to_string());
    push(
        "replications",
        format!("{} of {}", report.runs.finished, report.runs.asked),
    );
    for change in &scenario.overrides {
        push("changed", format!("{} = {}", change.path, change.value));
    }
    push(
        "version",
        version(&report.reproduce, report.engine_semantics),
    );
    push("scenario hash", scenario.hash.clone());
    Section {
        id: "reproduce",
        title: "How to reproduce",
        about: "The same scenario, seed and engine give the same runs on every machine, at any number of \
                threads.",
        blocks: vec![
            Block::Command(safe(&report.reproduce.command)),
            Block::Table(table),
        ],
    }
}
