//! Text that cannot command the thing that shows it.
//!
//! Names and questions come from a scenario, which may come from anywhere. A terminal obeys control
//! characters, and bidirectional controls make a line read differently from what it says. So every
//! text of a scenario is shown with such characters spelled out, as `\u{1b}`. Each view then escapes
//! what its own format would take for markup.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with control, bidirectional and line-separating characters spelled out.
pub(super) fn display_safe(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if is_dangerous(letter) {
            // Writing into a string cannot fail.
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(letter));
        } else {
            safe.push(letter);
        }
    }
    Cow::Owned(safe)
}

/// C0, DEL and C1 controls; line and paragraph separators; marks, embeddings, overrides and
/// isolates of the bidirectional algorithm; zero-width characters; the byte order mark.
const fn is_dangerous(letter: char) -> bool {
    matches!(
        letter,
        '\0'..='\x1f'
            | '\x7f'..='\u{9f}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}'
    )
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
