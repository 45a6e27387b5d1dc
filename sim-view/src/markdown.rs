//! The view for pull requests and wikis: Markdown, and nothing else.
//!
//! Whatever a scenario calls its parts stays text: every character that Markdown or the HTML inside
//! it could take for markup is escaped.

use super::Document;
use super::content::{self, Block, Item, Moment, Section, SideMoment, Statement};
use super::table::{Cell, Table, Tone};
use sim_core::scenario::diagnostic::is_unsafe_to_show;
use std::fmt::Write as _;

/// Rows of a table shown.
const ROWS_MAX: usize = 200;

/// The whole report.
pub fn markdown<'a>(document: impl Into<Document<'a>>) -> String {
    let page = content::page(document.into());
    let mut text = String::new();
    let headline = &page.headline;
    line(
        &mut text,
        &format!("# {}: {}", headline.word, escaped(&page.name)),
    );
    paragraph(
        &mut text,
        &format!("**{}.**", escaped(&capital(&headline.text))),
    );
    paragraph(&mut text, &opening(&page.title));
    if !page.question.is_empty() {
        paragraph(&mut text, &format!("> {}", opening(&page.question)));
    }
    for statement in &page.answer {
        line(&mut text, &format!("- {}", said(statement)));
    }
    if !page.figures.is_empty() {
        let mut table = Table::new(&["figure", "#value", "of"]);
        for one in &page.figures {
            table.push(vec![
                one.name.into(),
                Cell::from(&one.value),
                Cell::from(&one.note),
            ]);
        }
        blank(&mut text);
        write_table(&mut text, &table);
    }
    for section in &page.sections {
        write_section(&mut text, section);
    }
    text
}

fn write_section(text: &mut String, section: &Section) {
    blank(text);
    line(text, &format!("## {}", section.title));
    paragraph(text, section.about);
    for block in &section.blocks {
        blank(text);
        write_block(text, block);
    }
}

fn write_block(text: &mut String, block: &Block) {
    match block {
        Block::Text(statement) => line(text, &said(statement)),
        Block::Table(table) => write_table(text, table),
        Block::Items(items) => items.iter().for_each(|item| write_item(text, item)),
        Block::Moments(moments) => moments.iter().for_each(|moment| write_moment(text, moment)),
        Block::Sides(moments) => write_table(text, &sides(moments)),
        Block::Command(command) => line(text, &format!("    {command}")),
        Block::Code(lines) => {
            for code in lines {
                line(text, &format!("    {code}"));
            }
        }
    }
}

/// Two runs side by side.
fn sides(moments: &[SideMoment]) -> Table {
    let mut table = Table::new(&["#t", "A", "B"]);
    for one in moments {
        table.push(vec![
            Cell::from(&one.at),
            Cell::from(&one.a),
            Cell::from(&one.b),
        ]);
    }
    table
}

fn write_item(text: &mut String, item: &Item) {
    let head = escaped(&item.head);
    line(
        text,
        &format!("- **{}** {head}: {}", item.mark, escaped(&item.text)),
    );
    for more in &item.more {
        line(text, &format!("  - {}", opening(more)));
    }
}

fn write_moment(text: &mut String, moment: &Moment) {
    line(
        text,
        &format!("- **t={}** {}", escaped(&moment.at), escaped(&moment.text)),
    );
}

fn write_table(text: &mut String, table: &Table) {
    let names: Vec<String> = table
        .columns
        .iter()
        .map(|column| escaped(&column.name))
        .collect();
    row(text, &names);
    let rules: Vec<String> = table
        .columns
        .iter()
        .map(|column| if column.numeric { "--:" } else { "---" }.to_owned())
        .collect();
    row(text, &rules);
    for cells in table.rows.iter().take(ROWS_MAX) {
        let cells: Vec<String> = cells.iter().map(cell).collect();
        row(text, &cells);
    }
    if table.rows.len() > ROWS_MAX {
        paragraph(
            text,
            &format!("and {} more rows", table.rows.len() - ROWS_MAX),
        );
    }
}

fn cell(cell: &Cell) -> String {
    let text = escaped(&cell.text);
    if cell.tone == Tone::Bad {
        format!("**{text}**")
    } else {
        text
    }
}

fn row(text: &mut String, cells: &[String]) {
    line(text, &format!("| {} |", cells.join(" | ")));
}

fn said(statement: &Statement) -> String {
    let text = opening(&statement.text);
    if statement.tone == Tone::Bad {
        format!("**{text}**")
    } else {
        text
    }
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn blank(text: &mut String) {
    if !text.ends_with("\n\n") {
        text.push('\n');
    }
}

fn paragraph(text: &mut String, sentence: &str) {
    if !sentence.is_empty() {
        blank(text);
        line(text, sentence);
        blank(text);
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// Text that neither Markdown nor HTML takes for markup, nor a terminal for commands. An underscore or a sign inside a word is
/// none, and stays as it is for those who read the source.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    let mut before = ' ';
    while let Some(letter) = letters.next() {
        let after = letters.peek().copied().unwrap_or(' ');
        match letter {
            hidden if hidden != '\n' && is_unsafe_to_show(hidden) => {
                let _ = write!(safe, "\\\\u{{{:x}}}", u32::from(hidden));
            }
            '<' => safe.push_str("&lt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '[' | ']' | '|' | '~' | '#' | '!' | '$' => {
                let _ = write!(safe, "\\{letter}");
            }
            '_' if !(before.is_alphanumeric() && after.is_alphanumeric()) => safe.push_str("\\_"),
            '>' if before != '-' => safe.push_str("&gt;"),
            '@' | ':' if after != ' ' => {
                // Neither mentions nor addresses become links.
                let _ = write!(safe, "\\{letter}");
            }
            _ => safe.push(letter),
        }
        before = letter;
    }
    safe
}

/// The same for text that opens a line, where more is markup: lists and rules.
fn opening(text: &str) -> String {
    let safe = escaped(text);
    let digits = safe.bytes().take_while(u8::is_ascii_digit).count();
    let numbered = digits > 0 && safe[digits..].starts_with(['.', ')']);
    match safe.chars().next() {
        Some('+' | '-' | '=') => format!("\\{safe}"),
        _ if numbered => format!("{}\\{}", &safe[..digits], &safe[digits..]),
        _ => safe,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn names_stay_text() {
        for (text, markdown) in [
            (
                "shop.checkout -> payments.charge",
                "shop.checkout -> payments.charge",
            ),
            ("rejected.queue_full", "rejected.queue_full"),
            ("_a_ *b* `c`", "\\_a\\_ \\*b\\* \\`c\\`"),
            ("<script>&amp;", "&lt;script&gt;&amp;amp;"),
            ("a|b", "a\\|b"),
            ("[x](http://y)", "\\[x\\](http\\://y)"),
            ("# head", "\\# head"),
            ("- item", "- item"),
        ] {
            assert_eq!(escaped(text), markdown);
        }
        for (text, markdown) in [("- item", "\\- item"), ("1. item", "1\\. item"), ("a", "a")] {
            assert_eq!(opening(text), markdown);
        }
    }

    #[test]
    fn a_scenario_adds_no_markup() {
        let benign = fixture::retry_storm();
        let hostile = fixture::with_texts(&benign, &|text| {
            format!("|\n# x\n```\n<b>{text}</b>\n\n- [a](b)")
        });
        let shape = |report| {
            let text: String = markdown(report)
                .lines()
                .filter(|line| !line.starts_with("    "))
                .flat_map(|line| [line, "\n"])
                .collect();
            assert!(!text.contains("<b>") && !text.contains("[a]"), "{text}");
            let starts = text
                .lines()
                .map(|line| line.chars().take(2).collect::<String>());
            starts
                .filter(|start| start.starts_with(|c: char| "#|->`*+=~ ".contains(c)))
                .collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(shape(&benign), shape(&hostile));
    }

    #[test]
    fn a_retry_storm_in_markdown() {
        insta::assert_snapshot!(markdown(&fixture::retry_storm()));
    }

    #[test]
    fn no_run_is_too_small() {
        for report in [
            fixture::nothing(),
            fixture::silence(),
            fixture::single_bucket(),
        ] {
            assert!(markdown(&report).starts_with("# "), "a heading first");
        }
    }
}
