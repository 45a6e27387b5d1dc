//! Text that cannot command the thing that shows it.
//!
//! Names and questions come from a scenario, which may come from anywhere. A terminal obeys control
//! characters, and bidirectional controls make a line read differently from what it says. So every
//! text of a scenario is shown with such characters spelled out, as `\u{1b}`. Each view then escapes
//! what its own format would take for markup.

use sim_core::scenario::diagnostic::is_unsafe_to_show;
use std::borrow::Cow;

/// The text with control, bidirectional, invisible and line-separating characters spelled out.
pub(super) fn display_safe(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_unsafe_to_show) {
        Cow::Owned(sim_core::scenario::display_safe(text))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text cut to so many characters, the last of which then is `…`.
pub(super) fn cut(text: &str, length: usize) -> Cow<'_, str> {
    if text.chars().count() <= length {
        return Cow::Borrowed(text);
    }
    let mut short: String = text.chars().take(length.saturating_sub(1)).collect();
    short.push('…');
    Cow::Owned(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_to_the_terminal_are_spelled_out() {
        for (text, shown) in [
            ("plain, ünïcode 雨", "plain, ünïcode 雨"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("a\r\nb\tc", "a\\u{d}\\u{a}b\\u{9}c"),
            ("x\u{9b}2J", "x\\u{9b}2J"),
            ("\u{202e}evil", "\\u{202e}evil"),
            ("a\u{2028}b", "a\\u{2028}b"),
        ] {
            assert_eq!(display_safe(text), shown);
        }
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("longer", 5), "long…");
        assert_eq!(cut("雨雨雨", 2), "雨…");
    }
}
