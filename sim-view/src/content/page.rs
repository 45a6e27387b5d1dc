//! What a page is made of: sections of blocks. Everything that says something builds these, and every
//! view lays them out.

use crate::format::{FEW, FEW_MEANS};
use crate::safe::display_safe;
use crate::table::{Table, Tone};

/// Everything a view lays out, charts apart.
pub(crate) struct Page {
    /// Name of the scenario.
    pub(crate) name: String,
    /// Its title; may be empty.
    pub(crate) title: String,
    /// What it asks; may be empty.
    pub(crate) question: String,
    /// The verdict.
    pub(crate) headline: Headline,
    /// What the run says to the question, as sentences.
    pub(crate) answer: Vec<Statement>,
    /// The few figures to look at first.
    pub(crate) figures: Vec<Figure>,
    /// The rest, in order.
    pub(crate) sections: Vec<Section>,
}

/// The verdict, in a word and a sentence.
pub(crate) struct Headline {
    /// `PASS`, `FAIL` or `INCONCLUSIVE`.
    pub(crate) word: &'static str,
    /// How it is meant.
    pub(crate) tone: Tone,
    /// Why.
    pub(crate) text: String,
}

/// A sentence and how it is meant.
pub(crate) struct Statement {
    /// The sentence.
    pub(crate) text: String,
    /// How it is meant.
    pub(crate) tone: Tone,
}

/// A figure worth a card of its own.
pub(crate) struct Figure {
    /// What it is.
    pub(crate) name: &'static str,
    /// Its value.
    pub(crate) value: String,
    /// Of what, or compared with what.
    pub(crate) note: String,
    /// How it is meant.
    pub(crate) tone: Tone,
}

/// A part of the page.
pub(crate) struct Section {
    /// Its anchor in the page.
    pub(crate) id: &'static str,
    /// Its heading.
    pub(crate) title: &'static str,
    /// How to read it; may be empty.
    pub(crate) about: &'static str,
    /// What it says.
    pub(crate) blocks: Vec<Block>,
}

/// Something a section says.
pub(crate) enum Block {
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
pub(crate) struct Item {
    /// The mark, such as `FAIL` or `warning`.
    pub(crate) mark: &'static str,
    /// How it is meant.
    pub(crate) tone: Tone,
    /// What it is about.
    pub(crate) head: String,
    /// What it says; may be empty.
    pub(crate) text: String,
    /// What to know besides, or to do.
    pub(crate) more: Vec<String>,
}

/// A line of what happened.
pub(crate) struct Moment {
    /// When.
    pub(crate) at: String,
    /// What it is about.
    pub(crate) kind: &'static str,
    /// What happened.
    pub(crate) text: String,
}

/// A line of what happened in two runs; a side that was quiet then is empty.
pub(crate) struct SideMoment {
    /// When.
    pub(crate) at: String,
    /// What happened in the first,
    pub(crate) a: String,
    /// and in the second.
    pub(crate) b: String,
}

/// Text of a scenario or a report, free of control characters.
pub(super) fn safe(text: &str) -> String {
    display_safe(text).into_owned()
}

/// A table as the only block of a section; none, if it has no rows.
pub(super) fn only(table: Table) -> Vec<Block> {
    if table.rows.is_empty() {
        vec![]
    } else {
        vec![Block::Table(table)]
    }
}

/// The same, with what a mark behind a percentile means, if there is one.
pub(super) fn with_few(table: Table) -> Vec<Block> {
    let cells = table.rows.iter().flatten();
    let marked = cells.map(|cell| &cell.text).any(|text| text.ends_with(FEW));
    let mut blocks = only(table);
    if marked {
        blocks.push(Block::Text(Statement::new(FEW_MEANS, Tone::Quiet)));
    }
    blocks
}

/// Things of one kind as the only block of a section; none, if there are none.
pub(super) fn unless_empty<T>(things: Vec<T>, block: fn(Vec<T>) -> Block) -> Vec<Block> {
    if things.is_empty() {
        vec![]
    } else {
        vec![block(things)]
    }
}

/// The sections that say something.
pub(super) fn filled(parts: impl IntoIterator<Item = Section>) -> Vec<Section> {
    let filled = parts.into_iter().filter(|part| !part.blocks.is_empty());
    filled.collect()
}

impl Statement {
    /// A sentence, made free of control characters.
    pub(super) fn new(text: &str, tone: Tone) -> Self {
        Self {
            text: safe(text),
            tone,
        }
    }
}
