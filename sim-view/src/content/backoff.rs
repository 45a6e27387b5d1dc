//! The waits of retries in words.

use super::page::{Block, Headline, Page, Section, Statement, safe};
use crate::format;
use crate::table::{Cell, Table, Tone};
use sim_core::report::{BackoffReport, RetryWaitsReport, WaitRangeReport};

/// What there is to say.
pub(crate) fn page(report: &BackoffReport) -> Page {
    let text = match report.longest_call_ns {
        Some(ns) => format!("a call takes at most {}", format::duration(ns)),
        None => "no timeout bounds a call".to_owned(),
    };
    Page {
        name: safe(&report.policy),
        title: String::new(),
        question: String::new(),
        headline: Headline {
            word: "BACKOFF",
            tone: Tone::Plain,
            text,
        },
        answer: Vec::new(),
        figures: Vec::new(),
        sections: report.retries.iter().map(section).collect(),
    }
}

fn section(retry: &RetryWaitsReport) -> Section {
    let table = waits(retry.waits_ns.as_deref(), &retry.ranges);
    let worst = match (retry.longest_ns, retry.longest_waits_ns) {
        (Some(ns), _) => format!("; all tries and waits at most {}", format::duration(ns)),
        (None, Some(_)) => "; no timeout bounds a try".to_owned(),
        (None, None) => String::new(),
    };
    let text = if retry.max_attempts == u32::MAX {
        format!("{}: tries without end{worst}.", retry.layer)
    } else {
        format!(
            "{}: {}, all waits together {}{worst}.",
            retry.layer,
            format::plural(retry.max_attempts.into(), "try", "tries"),
            match retry.longest_waits_ns {
                Some(ns) => format!("at most {}", format::duration(ns)),
                None => "without a limit, since they are drawn without one".to_owned(),
            },
        )
    };
    let mut blocks = Vec::new();
    if !table.rows.is_empty() {
        blocks.push(Block::Table(table));
    }
    if let Some(after) = &retry.after {
        let title = format!("After {}:", after.on.join(", "));
        blocks.push(Block::Text(Statement::new(&title, Tone::Plain)));
        let table = waits(after.waits_ns.as_deref(), &after.ranges);
        blocks.push(Block::Table(table));
    }
    blocks.push(Block::Text(Statement::new(&text, Tone::Plain)));
    Section {
        id: "waits",
        title: "Waits before each retry",
        about: "From the failure until the next try.",
        blocks,
    }
}

/// The waits from draws, or what they can be.
fn waits(waits_ns: Option<&[u64]>, ranges: &[WaitRangeReport]) -> Table {
    match waits_ns {
        Some(waits_ns) => drawn(waits_ns),
        None => ranged(ranges),
    }
}

fn drawn(waits_ns: &[u64]) -> Table {
    let mut table = Table::new(&["#retry", "#wait", "#all so far"]);
    let mut sum_ns: u64 = 0;
    for (retry, &wait_ns) in (1_u64..).zip(waits_ns) {
        sum_ns = sum_ns.saturating_add(wait_ns);
        table.push(vec![
            Cell::from(retry.to_string()),
            exact(wait_ns).into(),
            exact(sum_ns).into(),
        ]);
    }
    table
}

/// To the nanosecond: people hold it against a library.
fn exact(ns: u64) -> String {
    sim_core::time::SimDuration::from_ns(ns).to_string()
}

fn ranged(ranges: &[WaitRangeReport]) -> Table {
    let mut table = Table::new(&["#retry", "#least", "#mean", "#greatest"]);
    for range in ranges {
        table.push(vec![
            Cell::from(range.retry.to_string()),
            format::duration(range.least_ns).into(),
            format::duration(range.mean_ns).into(),
            match range.greatest_ns {
                Some(ns) => format::duration(ns).into(),
                None => "no limit".into(),
            },
        ]);
    }
    table
}
