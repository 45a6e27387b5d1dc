//! The two channels: data to standard output, words to standard error.
//!
//! Somebody who pipes the output into `head` has read enough: a closed pipe is no error, what is
//! left is dropped. Any other failure to write data is one. Words are best effort.

use crate::exit::{Exit, Failure};
use sim_core::scenario::diagnostic::display_safe;
use std::io::{self, IsTerminal, Write};

/// Widest line that is written \[columns\].
pub(crate) const WIDTH: usize = 80;

/// How things look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    /// Whether data is coloured.
    pub(crate) color_out: bool,
    /// Whether words are coloured.
    pub(crate) color_err: bool,
    /// Whether only ASCII characters are written.
    pub(crate) ascii: bool,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl ColorChoice {
    /// Whether a channel that is a terminal or not gets colour.
    pub(crate) fn on(self, terminal: bool) -> bool {
        match self {
            Self::Auto => terminal && !no_color(),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// Whether the environment asks for no colour (no-color.org). Touches looks, never results.
fn no_color() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    set("NO_COLOR") || std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Where a command writes.
#[derive(Debug)]
pub(crate) struct Console<W: Write = io::Stdout> {
    out: W,
    /// Nobody reads the data any more.
    closed: bool,
    /// Whether words are kept to errors.
    pub(crate) quiet: bool,
    /// How things look.
    pub(crate) look: Look,
}

impl Console {
    /// The standard channels.
    pub(crate) fn standard(color: ColorChoice, ascii: bool, quiet: bool) -> Self {
        let look = Look {
            color_out: color.on(io::stdout().is_terminal()),
            color_err: color.on(io::stderr().is_terminal()),
            ascii,
        };
        Self {
            quiet,
            ..Self::new(io::stdout(), look)
        }
    }
}

impl Console {
    /// Another one like this, quiet or not.
    pub(crate) fn muted(&self, quiet: bool) -> Self {
        Self {
            quiet,
            ..Self::new(io::stdout(), self.look)
        }
    }
}

impl<W: Write> Console<W> {
    /// Data goes to `out`.
    pub(crate) const fn new(out: W, look: Look) -> Self {
        Self {
            out,
            closed: false,
            quiet: false,
            look,
        }
    }

    /// Writes what a person reads.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        if self.look.ascii {
            self.data(&ascii(text))
        } else {
            self.data(text)
        }
    }

    /// Writes data, all of it, now.
    pub(crate) fn data(&mut self, text: &str) -> Result<(), Failure> {
        if self.closed {
            return Ok(());
        }
        let written = self.out.write_all(text.as_bytes());
        match written.and_then(|()| self.out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            Err(error) => Err(Failure::stdout(&error)),
            Ok(()) => Ok(()),
        }
    }

    /// Says something on standard error unless quiet.
    pub(crate) fn remark(&self, text: &str) {
        if !self.quiet {
            self.say(text);
        }
    }

    /// Says something on standard error. There is nobody to tell if that fails.
    pub(crate) fn say(&self, text: &str) {
        let text = if self.look.ascii {
            ascii(text)
        } else {
            text.to_owned()
        };
        let _ = io::stderr().write_all(text.as_bytes());
    }

    /// Says why a command failed, and gives the way the program ends.
    pub(crate) fn report(&self, failure: Failure) -> Exit {
        let exit = failure.exit();
        if let Failure::Message { text, hint, .. } = failure {
            let hint = hint.map_or_else(String::new, |hint| format!("hint: {hint}\n"));
            let (red, plain) = if self.look.color_err {
                ("\u{1b}[1;31m", "\u{1b}[0m")
            } else {
                ("", "")
            };
            self.say(&format!("{red}error{plain}: {text}\n{hint}"));
        }
        exit
    }
}

/// A text in lines that are indented and no wider than the screen; longer words stay whole.
pub(crate) fn wrapped(text: &str, indent: usize) -> String {
    let mut lines = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > WIDTH {
            lines.push('\n');
            column = 0;
        }
        let gap = if column == 0 { indent } else { 1 };
        lines.extend(std::iter::repeat_n(' ', gap));
        lines.push_str(word);
        column += gap + width;
    }
    lines.push('\n');
    lines
}

/// Lines with everything but line ends made safe to show.
pub(crate) fn safe_lines(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for line in text.lines() {
        safe.push_str(&display_safe(line));
        safe.push('\n');
    }
    safe
}

/// The text in ASCII: signs that have a near one keep their width, all others become `?`.
pub(crate) fn ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii() => plain.push(c),
            '…' => plain.push_str("..."),
            '×' => plain.push('x'),
            '→' => plain.push_str("->"),
            '–' | '−' | '─' | '·' => plain.push('-'),
            '≤' => plain.push_str("<="),
            '≥' => plain.push_str(">="),
            'µ' | 'μ' => plain.push('u'),
            '│' => plain.push('|'),
            '“' | '”' => plain.push('"'),
            '‘' | '’' => plain.push('\''),
            _ => plain.push('?'),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails with one kind of error.
    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_no_error_and_a_full_disk_is() {
        let mut closed = Console::new(Broken(io::ErrorKind::BrokenPipe), Look::default());
        assert_eq!(closed.data("x"), Ok(()));
        assert_eq!(closed.data("y"), Ok(()));
        let mut full = Console::new(Broken(io::ErrorKind::StorageFull), Look::default());
        assert_eq!(full.data("x").unwrap_err().exit(), Exit::Trouble);
    }

    #[test]
    fn ascii_keeps_what_it_can() {
        assert_eq!(ascii("a → b ≤ 10 µs …"), "a -> b <= 10 us ...");
        assert_eq!(ascii("é"), "?");
    }

    #[test]
    fn text_is_wrapped_between_words() {
        assert_eq!(wrapped("one two", 4), "    one two\n");
        let text = wrapped(&"word ".repeat(40), 4);
        assert!(
            text.lines()
                .all(|line| line.len() <= WIDTH && line.starts_with("    word"))
        );
        assert_eq!(text.matches("word").count(), 40);
        let long = "x".repeat(100);
        assert_eq!(wrapped(&format!("a {long}"), 2), format!("  a\n  {long}\n"));
    }

    #[test]
    fn a_choice_beats_the_terminal() {
        assert!(ColorChoice::Always.on(false));
        assert!(!ColorChoice::Never.on(true));
        assert!(!ColorChoice::Auto.on(false));
    }
}
