//! Lines of text that end before the terminal does.

use super::style::Style;
use crate::safe::cut;
use crate::table::Tone;

/// Narrower terminals get lines that the terminal breaks.
const WIDTH_MIN: usize = 40;

/// The text so far.
pub(super) struct Paper {
    style: Style,
    text: String,
}

impl Paper {
    /// A blank sheet.
    pub(super) fn new(style: Style) -> Self {
        let width = style.width.max(WIDTH_MIN);
        Self {
            style: Style { width, ..style },
            text: String::new(),
        }
    }

    /// Columns.
    pub(super) const fn width(&self) -> usize {
        self.style.width
    }

    /// Whether characters beyond ASCII may be used.
    pub(super) const fn unicode(&self) -> bool {
        self.style.unicode
    }

    /// Everything that was written.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// A line as it is, apart from blanks at its end.
    pub(super) fn raw(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// An empty line.
    pub(super) fn blank(&mut self) {
        self.raw("");
    }

    /// The title of a section, on a rule as wide as the terminal.
    pub(super) fn heading(&mut self, title: &str) {
        let rule = if self.style.unicode { "─" } else { "-" };
        let rest = self.width().saturating_sub(spread(title) + 4);
        let line = format!("{rule}{rule} {title} {}", rule.repeat(rest));
        self.blank();
        let line = self.bold(&line);
        self.raw(&line);
    }

    /// A paragraph.
    pub(super) fn text(&mut self, text: &str, indent: usize) {
        self.hanging("", text, indent);
    }

    /// A paragraph after a mark; its lines stand beside the mark, not below it.
    pub(super) fn hanging(&mut self, mark: &str, text: &str, indent: usize) {
        let inner = indent + spread(mark);
        for (index, line) in wrap(text, self.width() - inner).iter().enumerate() {
            let line = match index {
                0 => format!("{:indent$}{mark}{line}", ""),
                _ => format!("{:inner$}{line}", ""),
            };
            self.raw(&line);
        }
    }

    /// A paragraph beside a tinted mark, `column` columns from the left.
    pub(super) fn marked(&mut self, mark: &str, tone: Tone, text: &str, column: usize) {
        let column = column.min(self.width() * 3 / 5);
        let mark = cut(mark, column.saturating_sub(1)).into_owned();
        for (index, line) in wrap(text, self.width() - column).iter().enumerate() {
            let line = match index {
                0 => {
                    let gap = column - spread(&mark);
                    format!("{}{:gap$}{line}", self.tinted(&mark, tone), "")
                }
                _ => format!("{:column$}{line}", ""),
            };
            self.raw(&line);
        }
    }

    /// The text in the colour of its tone, if there is colour.
    pub(super) fn tinted(&self, text: &str, tone: Tone) -> String {
        let code = match tone {
            Tone::Plain => "",
            Tone::Good => "32",
            Tone::Warn => "33",
            Tone::Bad => "31",
            Tone::Quiet => "2",
        };
        self.coded(text, code)
    }

    fn bold(&self, text: &str) -> String {
        self.coded(text, "1")
    }

    fn coded(&self, text: &str, code: &str) -> String {
        if self.style.color && !code.is_empty() && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Columns that a text takes.
pub(super) fn spread(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// Columns that a character takes: two for East Asian characters and pictographs.
const fn columns(letter: char) -> usize {
    match letter {
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f000}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// The text in lines of at most so many columns, broken between words; only a word longer than a
/// line is broken inside. At least one line.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let length = spread(word);
        if used > 0 && used + 1 + length > width {
            lines.push(String::new());
            used = 0;
        }
        if used > 0 {
            add(&mut lines, " ");
            used += 1;
        }
        used = add_word(&mut lines, word, used, width);
    }
    lines
}

/// Adds a word, going on to new lines where it is too long; returns how much of the line is used.
fn add_word(lines: &mut Vec<String>, word: &str, mut used: usize, width: usize) -> usize {
    for letter in word.chars() {
        if used + columns(letter) > width {
            lines.push(String::new());
            used = 0;
        }
        add(lines, letter.encode_utf8(&mut [0; 4]));
        used += columns(letter);
    }
    used
}

fn add(lines: &mut [String], text: &str) {
    if let Some(line) = lines.last_mut() {
        line.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("", 8), [""]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrap("雨雨雨", 5), ["雨雨", "雨"]);
    }
}
