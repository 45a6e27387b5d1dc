//! Where an anchor or a tag stands, of which the YAML library tells only that a value has one.

use super::diagnostic::Span;

/// Most words between a mark and its value: a tag beside an anchor, a colon, a dash.
const MOST_WORDS: usize = 4;

/// The word before a value that begins with `sign`, on its line or, where the value begins below its
/// key, on the line before; the value's own place if there is none.
pub(super) fn before(text: &str, value: Span, sign: char) -> Span {
    // The library may count the mark to the value.
    let begun = text[value.start..].split(ends_a_word).next().unwrap_or("");
    let mut end = value.start + begun.len();
    for _ in 0..MOST_WORDS {
        let gap = text[..end].char_indices().rev();
        let gap = gap.into_iter().find(|&(_, c)| ends_a_word(c));
        let start = gap.map_or(0, |(at, c)| at + c.len_utf8());
        if text[start..end].starts_with(sign) {
            return at(text, start, end, value);
        }
        end = text[..start].trim_end_matches(ends_a_word).len();
    }
    value
}

fn ends_a_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '[' | ']' | '{' | '}' | ',')
}

/// A stretch of the text, with its line and its column.
fn at(text: &str, start: usize, end: usize, value: Span) -> Span {
    let before = &text[..start];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Span {
        origin: value.origin,
        start,
        end,
        line: 1 + before.matches('\n').count() as u32,
        column: 1 + before[line_start..].chars().count() as u32,
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::diagnostic::Origin;
    use crate::scenario::tree::parse;

    #[test]
    fn the_mark_is_underlined_and_not_its_value() {
        for (text, marked, place) in [
            ("a: &x 1", "&x", (1, 4)),
            ("a: !y 1", "!y", (1, 4)),
            ("a: !y &x 1", "&x", (1, 7)),
            ("a: &x !y 1", "&x", (1, 4)),
            ("a: &x { b: 1 }", "&x", (1, 4)),
            ("a: [&x 1]", "&x", (1, 5)),
            ("a: &x\n  b: 1\n", "&x", (1, 4)),
            ("é: &x\n  - 1\n", "&x", (1, 4)),
            ("b: 1\na: &x 'y'", "&x", (2, 4)),
            ("&x a: 1", "&x", (1, 1)),
            ("a: *x", "*x", (1, 4)),
            ("a: !!int 1", "!!int", (1, 4)),
        ] {
            let span = parse(text, Origin::File).unwrap_err().span;
            assert_eq!(&text[span.start..span.end], marked, "{text}");
            assert_eq!((span.line, span.column), place, "{text}");
        }
    }
}
