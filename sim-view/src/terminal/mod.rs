//! The view for people at a terminal: never wider than it, complete without colour.
//!
//! The verdict comes first, in words, since it may be all that is read; how to run it again comes
//! last, where the prompt is.

mod layout;
mod sparks;
mod style;
mod tables;

pub use style::Style;

use super::Document;
use super::content::{self, Block, Figure, Item, Moment, Page, Section, SideMoment};
use super::table::Tone;
use layout::{Paper, spread, wrap};

/// The whole report.
pub fn terminal<'a>(document: impl Into<Document<'a>>, style: &Style) -> String {
    let document = document.into();
    let page = content::page(document);
    let mut paper = Paper::new(*style);
    head(&mut paper, &page);
    let has = |id: &str| page.sections.iter().any(|section| section.id == id);
    let sparks_after = match document {
        // All that happened may have been told as causes.
        Document::Run(_) if !has("timeline") && has("findings") => "findings",
        Document::Run(_) if !has("timeline") => "causes",
        Document::Run(_) | Document::Comparison(_) => "timeline",
        // Cells and searches share no time, and so have no lines over time.
        Document::Replications(_)
        | Document::Sweep(_)
        | Document::Limits(_)
        | Document::Tune(_) => "recovery",
    };
    // Warnings about the scenario were said when it was read.
    let said = |section: &&Section| section.id == "lints";
    for section in page.sections.iter().filter(|it| !said(it)) {
        if section.id == sparks_after {
            write_section(&mut paper, section);
            sparks::write(&mut paper, document);
        } else {
            write_section(&mut paper, section);
        }
    }
    if !has(sparks_after) {
        sparks::write(&mut paper, document);
    }
    paper.finish()
}

/// A page without a chart.
pub(crate) fn plain(page: &Page, style: &Style) -> String {
    let mut paper = Paper::new(*style);
    head(&mut paper, page);
    for section in &page.sections {
        write_section(&mut paper, section);
    }
    paper.finish()
}

fn head(paper: &mut Paper, page: &Page) {
    let headline = &page.headline;
    let text = format!("{}: {}", page.name, headline.text);
    paper.marked(headline.word, headline.tone, &text, headline.word.len() + 2);
    if !page.title.is_empty() {
        paper.text(&page.title, 0);
    }
    if !page.question.is_empty() {
        paper.blank();
        paper.marked("Question", Tone::Quiet, &page.question, 10);
    }
    for (index, statement) in page.answer.iter().enumerate() {
        let mark = if index == 0 { "Answer" } else { "" };
        paper.marked(mark, statement.tone, &statement.text, 10);
    }
    if !page.figures.is_empty() {
        paper.blank();
        figures(paper, &page.figures);
    }
}

fn figures(paper: &mut Paper, figures: &[Figure]) {
    let longest = |text: fn(&Figure) -> &str| {
        figures
            .iter()
            .map(|one| spread(text(one)))
            .max()
            .unwrap_or(0)
    };
    let (names, values) = (longest(|one| one.name), longest(|one| &one.value));
    for one in figures {
        let (name, pad) = (names - spread(one.name), values - spread(&one.value));
        let mark = format!("{}{:name$}  {:pad$}{}", one.name, "", "", one.value);
        paper.marked(&mark, one.tone, &one.note, names + values + 4);
    }
}

fn write_section(paper: &mut Paper, section: &Section) {
    paper.heading(section.title);
    for (index, block) in section.blocks.iter().enumerate() {
        if index > 0 {
            paper.blank();
        }
        write_block(paper, block);
    }
}

fn write_block(paper: &mut Paper, block: &Block) {
    match block {
        Block::Text(statement) => paper.text(&statement.text, 0),
        Block::Table(table) => tables::write(paper, table),
        Block::Items(items) => write_items(paper, items),
        Block::Moments(moments) => write_moments(paper, moments),
        Block::Sides(moments) => write_sides(paper, moments),
        Block::Command(command) => paper.raw(&format!("$ {command}")),
        Block::Code(lines) => lines.iter().for_each(|line| paper.raw(line)),
    }
}

fn write_items(paper: &mut Paper, items: &[Item]) {
    let width = items.iter().map(|item| item.mark.len()).max().unwrap_or(0) + 2;
    for item in items {
        paper.marked(
            item.mark,
            item.tone,
            &format!("{}: {}", item.head, item.text),
            width,
        );
        for more in &item.more {
            paper.hanging("- ", more, width);
        }
    }
}

fn write_moments(paper: &mut Paper, moments: &[Moment]) {
    let longest = moments
        .iter()
        .map(|moment| moment.at.len())
        .max()
        .unwrap_or(0);
    for moment in moments {
        let at = format!("t={:>longest$}", moment.at);
        paper.marked(&at, Tone::Quiet, &moment.text, longest + 4);
    }
}

/// Two columns of equal width behind the instants.
fn write_sides(paper: &mut Paper, moments: &[SideMoment]) {
    let longest = moments.iter().map(|moment| moment.at.len()).max();
    let instants = longest.unwrap_or(0) + 4;
    let column = (paper.width().saturating_sub(instants + 2) / 2).max(12);
    let mut line = |at: &str, a: &str, b: &str| {
        let pad = column.saturating_sub(spread(a)) + 2;
        paper.raw(&format!("{at:instants$}{a}{:pad$}{b}", ""));
    };
    line("", "A", "B");
    for moment in moments {
        let (a, b) = (wrap(&moment.a, column), wrap(&moment.b, column));
        for row in 0..a.len().max(b.len()) {
            let at = match row {
                0 => format!("t={:>width$}", moment.at, width = instants - 4),
                _ => String::new(),
            };
            let side = |lines: &[String]| lines.get(row).cloned().unwrap_or_default();
            line(&at, &side(&a), &side(&b));
        }
    }
}

#[cfg(test)]
mod tests;
