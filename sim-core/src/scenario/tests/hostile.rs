//! Texts that nobody meant to write: cut off, mutated, hostile. Never a panic, always a place.

use super::example::EXAMPLE;
use super::load_text;
use crate::scenario::diagnostic::{Diagnostics, is_unsafe_to_show};
use proptest::prelude::*;

/// Loads a text; a refusal must point into it and be fit to be shown.
fn survives(text: &str) {
    if let Err(found) = load_text(text) {
        check(text, &found);
    }
}

fn check(text: &str, found: &Diagnostics) {
    assert!(found.has_errors(), "refused without an error: {text:?}");
    let lines = text.split('\n').count();
    for diagnostic in found.all() {
        let span = diagnostic.span;
        assert!(
            span.start <= span.end && span.end <= text.len(),
            "{diagnostic:?}"
        );
        assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
        assert!(
            (1..=lines.max(1) + 1).contains(&(span.line as usize)),
            "{diagnostic:?}"
        );
        assert!(
            !diagnostic.to_string().contains(is_unsafe_to_show),
            "{diagnostic:?}"
        );
    }
}

#[test]
fn every_beginning_of_the_example() {
    for end in 0..EXAMPLE.len() {
        if EXAMPLE.is_char_boundary(end) {
            survives(&EXAMPLE[..end]);
        }
    }
}

#[test]
fn every_line_left_out() {
    let lines: Vec<&str> = EXAMPLE.lines().collect();
    for left_out in 0..lines.len() {
        let mut rest = lines.clone();
        rest.remove(left_out);
        survives(&rest.join("\n"));
    }
}

#[test]
fn deep_wide_and_long() {
    survives(&"[".repeat(5000));
    survives(&"{a: ".repeat(5000));
    survives(&"- ".repeat(5000));
    survives(&format!("a: [{}]", "1, ".repeat(1_200_000)));
    survives(&"x".repeat(17 << 20));
    survives(&format!("scenario: {}", "x".repeat(60_000)));
    survives(&format!("{}: 1", "y".repeat(60_000)));
}

/// The example with a thousand times the same mistake, and other heaps.
#[test]
fn heaps_of_mistakes_take_no_time() {
    let services: String = (0..4000).fold(String::new(), |all, n| {
        let steps = format!("steps: [{{ call: s{}.missing{n} }}]", n + 1);
        all + &format!("  s{n}: {{ threads: 1, queue: {{ capacity: 1 }}, operations: {{ x: {{ {steps} }} }} }}\n")
    });
    survives(&EXAMPLE.replacen("services:\n", &format!("services:\n{services}"), 1));
    let layers = "    - timeout: 1s\n".repeat(20_000);
    survives(&EXAMPLE.replacen("  impatient:\n", &format!("  impatient:\n{layers}"), 1));
    let chain: String = (0..4000).fold(String::new(), |all, n| {
        let steps = format!("steps: [{{ call: s{}.x }}]", (n + 1) % 4000);
        all + &format!("  s{n}: {{ threads: unlimited, operations: {{ x: {{ {steps} }} }} }}\n")
    });
    survives(&EXAMPLE.replacen("services:\n", &format!("services:\n{chain}"), 1));
}

/// Pieces that files are made of, and some that they should not be.
const PIECES: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "-",
    "\n",
    "  ",
    "0",
    "-1",
    "1e999",
    ".nan",
    "null",
    "~",
    "''",
    "&a",
    "*a",
    "!!int",
    "<<",
    "\u{202e}",
    "services",
    "unlimited",
    "100%",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_mutated_example_is_refused_politely(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..40_usize, 0..PIECES.len()), 1..4)
    ) {
        let mut chars: Vec<char> = EXAMPLE.chars().collect();
        for (at, length, piece) in cuts {
            let from = at.index(chars.len().max(1)).min(chars.len());
            let to = (from + length).min(chars.len());
            chars.splice(from..to, PIECES[piece].chars());
        }
        survives(&chars.into_iter().collect::<String>());
    }

    #[test]
    fn any_text_is_survived(text in "\\PC{0,200}") {
        survives(&text);
    }
}
