//! What a code means: sections of the page of findings, which is part of the program.

use crate::console::{Console, WIDTH};
use crate::exit::{Exit, Failure};
use sim_core::scenario::diagnostic::did_you_mean;

/// The page.
const PAGE: &str = include_str!("../../../docs/findings.md");

/// Prints the section of a code, or all codes.
pub(crate) fn explain(code: Option<&str>, console: &mut Console) -> Result<Exit, Failure> {
    let text = match code {
        Some(code) => section(code).ok_or_else(|| unknown(code))?,
        None => list(),
    };
    console.text(&text)?;
    Ok(Exit::Ok)
}

/// Codes and sections, in the order of the page.
fn sections() -> impl Iterator<Item = (&'static str, &'static str)> {
    let parts = PAGE.split("\n## ").skip(1);
    parts.filter_map(|part| {
        let (code, text) = part.split_once('\n')?;
        let text = text.split("\n# ").next().unwrap_or(text);
        Some((code.trim(), text.trim()))
    })
}

fn section(code: &str) -> Option<String> {
    let (code, text) = sections().find(|(known, _)| *known == code)?;
    Some(format!("{code}\n\n{}", folded(&plain(text))))
}

fn list() -> String {
    let mut text = String::new();
    for (code, section) in sections() {
        let section = plain(section);
        let first = section.lines().next().unwrap_or_default();
        let sentence = first.split_inclusive(". ").nth(1).unwrap_or(first);
        text.push_str(code);
        text.push('\n');
        text.push_str(&crate::console::wrapped(sentence.trim(), 4));
    }
    text
}

fn unknown(code: &str) -> Failure {
    let codes: Vec<&str> = sections().map(|(code, _)| code).collect();
    let failure = Failure::input(format!("no finding has the code `{code}`"));
    match did_you_mean(code, codes) {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Without the stars of emphasis, which a terminal does not show.
fn plain(text: &str) -> String {
    text.replace('*', "")
}

/// Paragraphs in lines that fit the terminal.
fn folded(text: &str) -> String {
    let mut lines = String::new();
    for line in text.lines() {
        if line.chars().count() <= WIDTH {
            lines.push_str(line);
            lines.push('\n');
        } else {
            lines.push_str(&crate::console::wrapped(line, 0));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim_core::experiment::{DOUBT_CODES, MANY_RUNS_CODES};
    use sim_core::scenario::LINT_CODES;
    use sim_core::scenario::expect::FINDING_CODES;

    #[test]
    fn the_page_has_a_section_for_each_code_and_no_other() {
        let page: Vec<&str> = sections().map(|(code, _)| code).collect();
        let all = [FINDING_CODES, MANY_RUNS_CODES, LINT_CODES, DOUBT_CODES];
        assert_eq!(page, all.concat());
        for (code, text) in sections() {
            assert!(
                text.starts_with('*') && text.contains("What helps:"),
                "{code}"
            );
        }
    }

    #[test]
    fn an_explanation_fits_the_terminal() {
        for (code, _) in sections() {
            for line in section(code).unwrap().lines() {
                assert!(line.chars().count() <= WIDTH, "{line}");
            }
        }
    }
}
