//! What a report says, before anyone decides how it looks.
//!
//! Terminal, Markdown and page say the same things in the same order and the same words, so that
//! they can never disagree: all of them lay out one [`Page`]. Every text in it is already free of
//! control characters; each view escapes only what its own format takes for markup.

mod backoff;
mod backtest;
mod busiest;
mod comparison;
mod expectations;
mod faults;
mod head;
mod limits;
mod next;
mod origin;
mod policies;
mod replications;
mod services;
mod story;
mod sweep;
mod traffic;
mod tune;
mod windows;

pub(super) use backoff::page as backoff_page;
pub(super) use backtest::{owner as backtest_owner, page as backtest_page};
pub(super) use comparison::{Effect, effect, faults as faults_of_both, told};
pub(super) use limits::{fails, name as line_name, near};
pub(super) use sweep::value_of;

use super::Document;
use super::format::{FEW, FEW_MEANS};
use super::safe::display_safe;
use super::table::{Table, Tone};
use sim_core::report::Report;

/// Everything a view lays out, charts apart.
pub(super) struct Page {
    /// Name of the scenario.
    pub(super) name: String,
    /// Its title; may be empty.
    pub(super) title: String,
    /// What it asks; may be empty.
    pub(super) question: String,
    /// The verdict.
    pub(super) headline: Headline,
    /// What the run says to the question, as sentences.
    pub(super) answer: Vec<Statement>,
    /// The few figures to look at first.
    pub(super) figures: Vec<Figure>,
    /// The rest, in order.
    pub(super) sections: Vec<Section>,
}

/// The verdict, in a word and a sentence.
pub(super) struct Headline {
    /// `PASS`, `FAIL` or `INCONCLUSIVE`.
    pub(super) word: &'static str,
    /// How it is meant.
    pub(super) tone: Tone,
    /// Why.
    pub(super) text: String,
}

/// A sentence and how it is meant.
pub(super) struct Statement {
    /// The sentence.
    pub(super) text: String,
    /// How it is meant.
    pub(super) tone: Tone,
}

/// A figure worth a card of its own.
pub(super) struct Figure {
    /// What it is.
    pub(super) name: &'static str,
    /// Its value.
    pub(super) value: String,
    /// Of what, or compared with what.
    pub(super) note: String,
    /// How it is meant.
    pub(super) tone: Tone,
}

/// A part of the page.
pub(super) struct Section {
    /// Its anchor in the page.
    pub(super) id: &'static str,
    /// Its heading.
    pub(super) title: &'static str,
    /// How to read it; may be empty.
    pub(super) about: &'static str,
    /// What it says.
    pub(super) blocks: Vec<Block>,
}

/// Something a section says.
pub(super) enum Block {
    /// A sentence.
    Text(Statement),
    /// Numbers.
    Table(Table),
    /// Statements with a mark in front.
    Items(Vec<Item>),
    /// What happened, in the order of time.
    Moments(Vec<Moment>),
    /// What happened in two runs, side by side.
    Sides(Vec<SideMoment>),
    /// A command line, to be copied.
    Command(String),
    /// Lines to be copied as they are.
    Code(Vec<String>),
}

/// A statement with a mark in front.
pub(super) struct Item {
    /// The mark, such as `FAIL` or `warning`.
    pub(super) mark: &'static str,
    /// How it is meant.
    pub(super) tone: Tone,
    /// What it is about.
    pub(super) head: String,
    /// What it says; may be empty.
    pub(super) text: String,
    /// What to know besides, or to do.
    pub(super) more: Vec<String>,
}

/// A line of what happened.
pub(super) struct Moment {
    /// When.
    pub(super) at: String,
    /// What it is about.
    pub(super) kind: &'static str,
    /// What happened.
    pub(super) text: String,
}

/// What a report says.
pub(super) fn page(document: Document<'_>) -> Page {
    match document {
        Document::Run(report) => run(report),
        Document::Replications(report) => replications::page(report),
        Document::Comparison(report) => comparison::page(report),
        Document::Sweep(report) => sweep::page(report),
        Document::Limits(report) => limits::page(report),
        Document::Tune(report) => tune::page(report),
    }
}

/// What the report of one run says.
fn run(report: &Report) -> Page {
    let (shown, left_out) = busiest::of(report);
    let report = shown.as_ref();
    let mut parts = [
        expectations::section(report),
        story::causes("Why", &report.causes, report.scenario.duration_ns),
        story::findings(report),
        story::lints(report),
        replications::warnings(&report.warnings),
        story::timeline(report),
        story::recovery(report),
        traffic::clients(report),
        traffic::tenants(report),
        traffic::classes(report),
        traffic::edges(report),
        traffic::outcomes(report),
        traffic::first_causes(report),
        faults::section(report),
        services::section(report),
        services::queueing(report),
        services::instances(report),
        services::work(report),
        services::operations(report),
        windows::section(report),
        policies::section(report),
        policies::budgets(report),
        policies::breakers(report),
        thresholds(report),
        origin::section(report),
        next::after_a_run(report),
    ];
    if let Some(note) = left_out {
        busiest::say(&note, &mut parts);
    }
    Page {
        name: safe(&report.scenario.name),
        title: safe(&report.scenario.title),
        question: safe(&report.scenario.question),
        headline: head::headline(report),
        answer: head::answer(report),
        figures: head::figures(report),
        sections: parts
            .into_iter()
            .filter(|part| !part.blocks.is_empty())
            .collect(),
    }
}

/// By what recovery was judged, where there was a fault.
fn thresholds(report: &Report) -> Section {
    let section = replications::thresholds(&report.thresholds);
    let blocks = if report.faults.is_empty() {
        vec![]
    } else {
        section.blocks
    };
    Section { blocks, ..section }
}

/// A line of what happened in two runs; a side that was quiet then is empty.
pub(super) struct SideMoment {
    /// When.
    pub(super) at: String,
    /// What happened in the first,
    pub(super) a: String,
    /// and in the second.
    pub(super) b: String,
}

/// The caller of an edge, and the operation it calls.
pub(super) fn edge_ends(name: &str) -> (&str, Option<&str>) {
    name.split_once(" -> ")
        .map_or((name, None), |(caller, target)| (caller, Some(target)))
}

fn safe(text: &str) -> String {
    display_safe(text).into_owned()
}

/// A table as the only block of a section; none, if it has no rows.
fn only(table: Table) -> Vec<Block> {
    if table.rows.is_empty() {
        vec![]
    } else {
        vec![Block::Table(table)]
    }
}

/// The same, with what a mark behind a percentile means, if there is one.
fn with_few(table: Table) -> Vec<Block> {
    let cells = table.rows.iter().flatten();
    let marked = cells.map(|cell| &cell.text).any(|text| text.ends_with(FEW));
    let mut blocks = only(table);
    if marked {
        blocks.push(Block::Text(Statement::new(FEW_MEANS, Tone::Quiet)));
    }
    blocks
}

impl Statement {
    fn new(text: &str, tone: Tone) -> Self {
        Self {
            text: safe(text),
            tone,
        }
    }
}
