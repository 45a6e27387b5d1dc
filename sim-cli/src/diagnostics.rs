//! What is wrong with a scenario, shown with the place underlined.

use crate::console::{Look, WIDTH};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde_json::{Value, json};
use sim_core::scenario::diagnostic::{
    Diagnostic, DiagnosticSeverity, Diagnostics, Origin, display_safe,
};
use std::fmt::Write;
use std::ops::Range;

/// The texts that diagnostics speak about.
#[derive(Debug)]
pub(crate) struct Texts<'a> {
    /// What the scenario's text is called.
    pub(crate) name: &'a str,
    /// The scenario's text.
    pub(crate) text: &'a str,
    /// Paths and values given on the command line.
    pub(crate) sets: &'a [(String, String)],
    /// How many of them are settings; the others are values that are tried.
    pub(crate) given: usize,
}

/// All of them, at most [`Diagnostics::SHOWN`], ready for standard error.
pub(crate) fn render(found: &[Diagnostic], texts: &Texts<'_>, look: Look) -> String {
    let shown = found.len().min(Diagnostics::SHOWN);
    let renderer = renderer(look);
    let mut all = String::new();
    for diagnostic in &found[..shown] {
        let place = place(diagnostic, texts);
        all.push_str(&one(diagnostic, &place, &renderer));
        all.push_str("\n\n");
    }
    if found.len() > shown {
        let _ = writeln!(all, "… and {} more", found.len() - shown);
    }
    all
}

/// All of them as data.
pub(crate) fn as_json(found: &[Diagnostic], texts: &Texts<'_>) -> Value {
    found
        .iter()
        .map(|diagnostic| fields(diagnostic, texts))
        .collect()
}

fn fields(diagnostic: &Diagnostic, texts: &Texts<'_>) -> Value {
    json!({
        "severity": diagnostic.severity.to_string(),
        "code": diagnostic.code,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "file": name(diagnostic.span.origin, texts),
        "line": diagnostic.span.line,
        "column": diagnostic.span.column,
    })
}

/// What a text is called.
fn name(origin: Origin, texts: &Texts<'_>) -> String {
    match origin {
        Origin::File => display_safe(texts.name),
        Origin::Set(index) if index as usize >= texts.given => "a value tried".to_owned(),
        Origin::Set(index) => format!("--set {}", index + 1),
    }
}

/// The line in which a span begins.
struct Place {
    name: String,
    line: String,
    number: usize,
    /// What is underlined of the line.
    under: Range<usize>,
}

fn place(diagnostic: &Diagnostic, texts: &Texts<'_>) -> Place {
    let span = diagnostic.span;
    match span.origin {
        Origin::File => in_file(texts, span.start..span.end, span.line as usize),
        Origin::Set(index) => in_setting(texts, index, span.start..span.end),
    }
}

fn in_file(texts: &Texts<'_>, span: Range<usize>, number: usize) -> Place {
    let (line, under) = line_of(texts.text, span);
    Place {
        name: name(Origin::File, texts),
        line,
        number,
        under,
    }
}

/// A setting is shown as `PATH=VALUE`. An empty span is about the path, any other about the value.
fn in_setting(texts: &Texts<'_>, index: u32, span: Range<usize>) -> Place {
    let empty = (String::new(), String::new());
    let (path, value) = texts.sets.get(index as usize).unwrap_or(&empty);
    let before = path.len() + 1;
    let under = if span.is_empty() {
        0..path.len()
    } else {
        before + span.start..before + span.end
    };
    let (line, under) = line_of(&format!("{path}={value}"), under);
    Place {
        name: name(Origin::Set(index), texts),
        line,
        number: 1,
        under,
    }
}

/// The line in which a span begins, and the part of the span that lies in it: at least one
/// character, if there is one.
fn line_of(text: &str, span: Range<usize>) -> (String, Range<usize>) {
    let start = floor(text, span.start);
    let line_start = text[..start].rfind('\n').map_or(0, |found| found + 1);
    let line_end = text[start..]
        .find('\n')
        .map_or(text.len(), |found| start + found);
    let line = text[line_start..line_end].trim_end_matches('\r');
    let next = line[..].char_indices().map(|(at, c)| at + c.len_utf8());
    let first = (start - line_start).min(line.len());
    let least = next.into_iter().find(|&end| end > first).unwrap_or(first);
    let end = floor(text, span.end).saturating_sub(line_start);
    shown_line(line, first..end.clamp(least, line.len().max(least)))
}

/// The line with what could act on a terminal spelled out, and the span there; tabs stay.
fn shown_line(line: &str, span: Range<usize>) -> (String, Range<usize>) {
    let mut shown = String::with_capacity(line.len());
    let mut under = span.clone();
    for (at, c) in line.char_indices() {
        if at == span.start {
            under.start = shown.len();
        }
        if c == '\t' {
            shown.push(c);
        } else {
            shown.push_str(&display_safe(c.encode_utf8(&mut [0; 4])));
        }
        if at + c.len_utf8() == span.end {
            under.end = shown.len();
        }
    }
    if span.start >= line.len() {
        under.start = shown.len();
    }
    let end = under.end.clamp(under.start, shown.len());
    (shown, under.start..end)
}

/// The nearest place before that lies between two characters.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}

fn one(diagnostic: &Diagnostic, place: &Place, renderer: &Renderer) -> String {
    let annotation = AnnotationKind::Primary.span(place.under.clone());
    let snippet = Snippet::source(&place.line)
        .line_start(place.number)
        .path(&place.name)
        .annotation(annotation);
    let title = level(diagnostic.severity)
        .primary_title(&diagnostic.message)
        .id(diagnostic.code);
    let mut group = title.element(snippet);
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.with_name("hint").message(hint));
    }
    renderer.render(&[group])
}

const fn level(severity: DiagnosticSeverity) -> Level<'static> {
    match severity {
        DiagnosticSeverity::Error => Level::ERROR,
        DiagnosticSeverity::Warning => Level::WARNING,
        DiagnosticSeverity::Info => Level::INFO,
    }
}

fn renderer(look: Look) -> Renderer {
    let renderer = if look.color_err {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    renderer.decor_style(DecorStyle::Ascii).term_width(WIDTH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim_core::scenario::diagnostic::Span;

    fn rendered(text: &str, span: Span, sets: &[(String, String)]) -> String {
        let texts = Texts {
            name: "storm.yaml",
            text,
            sets,
            given: sets.len(),
        };
        let wrong = Diagnostic::error("unknown-name", span, "there is no `payment`");
        render(
            &[wrong.hint("did you mean `payments`?")],
            &texts,
            Look::default(),
        )
    }

    #[test]
    fn the_place_is_underlined() {
        let span = Span {
            start: 12,
            end: 19,
            line: 2,
            column: 8,
            ..Span::default()
        };
        let expected = "\
error[unknown-name]: there is no `payment`
 --> storm.yaml:2:8
  |
2 | calls: payment
  |        ^^^^^^^
  |
  = hint: did you mean `payments`?

";
        assert_eq!(rendered("a: 1\ncalls: payment\n", span, &[]), expected);
    }

    #[test]
    fn a_setting_shows_its_path_or_its_value() {
        let sets = [("services.x".to_owned(), "payment".to_owned())];
        let span = |start, end| Span {
            origin: Origin::Set(0),
            start,
            end,
            line: 1,
            column: 1,
        };
        let path = rendered("", span(0, 0), &sets);
        assert!(
            path.contains("services.x=payment\n  | ^^^^^^^^^^\n"),
            "{path}"
        );
        let value = rendered("", span(0, 7), &sets);
        assert!(value.contains(" --> --set 1:1:12\n"), "{value}");
        assert!(value.contains("|            ^^^^^^^\n"), "{value}");
    }

    #[test]
    fn nothing_of_an_excerpt_acts_on_a_terminal() {
        let hostile = "q: \u{9b}2J\u{2028}\u{202e}\u{85}x\u{200f} payment";
        let at = hostile.find("payment").unwrap();
        let span = |origin| Span {
            origin,
            start: at,
            end: at + 7,
            line: 1,
            column: 1,
        };
        let texts = [
            rendered(hostile, span(Origin::File), &[]),
            rendered(
                "",
                span(Origin::Set(0)),
                &[("a".to_owned(), hostile.to_owned())],
            ),
        ];
        for text in texts {
            let acts = |c| c != '\n' && sim_core::scenario::diagnostic::is_unsafe_to_show(c);
            assert!(!text.contains(acts), "{text:?}");
            assert!(text.contains("\\u{9b}2J\\u{2028}"), "{text}");
            assert!(text.contains(" ^^^^^^^\n"), "{text}");
        }
    }

    #[test]
    fn spans_at_the_edges_do_not_panic() {
        for text in ["", "\n", "é", "a\r\nb", "long\nlonger\n"] {
            for start in 0..8 {
                for end in start..9 {
                    let (line, under) = line_of(text, start..end);
                    assert!(
                        under.end <= line.len() && under.start <= under.end,
                        "{text:?}"
                    );
                    let span = Span {
                        start,
                        end,
                        line: 1,
                        column: 1,
                        ..Span::default()
                    };
                    assert!(rendered(text, span, &[]).contains("storm.yaml"));
                }
            }
        }
    }

    #[test]
    fn many_are_counted() {
        let texts = Texts {
            name: "x",
            text: "a",
            sets: &[],
            given: 0,
        };
        let many = vec![Diagnostic::error("e", Span::default(), "wrong"); 25];
        let text = render(&many, &texts, Look::default());
        assert!(text.ends_with("… and 5 more\n"));
        assert_eq!(text.matches("error[e]").count(), 20);
    }
}
