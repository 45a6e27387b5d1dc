//! One line about how far something is: a bar that is drawn anew on a terminal, and elsewhere, where
//! somebody reads a log, a line of its own every ten seconds.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What takes less time shows nothing on a terminal.
const PATIENCE: Duration = Duration::from_millis(500);
/// Time between lines where there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// Where something has come to.
#[derive(Debug)]
pub(super) struct Line {
    bar: ProgressBar,
    is_terminal: bool,
    /// Lines that were due so far \[count\].
    told: AtomicU64,
    doing: &'static str,
}

impl Line {
    /// For something of this length; `doing` is what the line begins with. None if nobody is to be
    /// told.
    pub(super) fn new(doing: &'static str, length: u64, quiet: bool) -> Option<Self> {
        let line = || Self {
            bar: ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden())
                .with_style(style()),
            is_terminal: io::stderr().is_terminal(),
            told: AtomicU64::new(0),
            doing,
        };
        (!quiet).then(line)
    }

    /// It is longer than it was.
    pub(super) fn longer(&self, by: u64) {
        self.bar.inc_length(by);
    }

    /// One more is done; `words` say of what.
    pub(super) fn step(&self, words: impl Fn(u64, u64) -> String) {
        self.bar.inc(1);
        self.show(words);
    }

    /// It has come to here; `words` get how far and how long it is.
    pub(super) fn at(&self, position: u64, words: impl Fn(u64, u64) -> String) {
        // Threads may tell their numbers in another order.
        self.bar.set_position(self.bar.position().max(position));
        self.show(words);
    }

    fn show(&self, words: impl Fn(u64, u64) -> String) {
        let (position, length) = (self.bar.position(), self.bar.length().unwrap_or(0));
        if self.is_terminal {
            if self.bar.is_hidden() && self.bar.elapsed() >= PATIENCE {
                self.bar
                    .set_draw_target(ProgressDrawTarget::stderr_with_hz(5));
            }
            self.bar.set_prefix(self.doing);
            self.bar.set_message(words(position, length));
        } else if self.is_due() {
            let left = left(self.bar.elapsed(), position, length);
            let text = format!("{}: {}{left}\n", self.doing, words(position, length));
            // There is nobody to tell if that fails.
            let _ = io::stderr().write_all(text.as_bytes());
        }
    }

    /// Whether ten seconds have passed since the last line; one thread is told so.
    fn is_due(&self) -> bool {
        let due = self.bar.elapsed().as_secs() / BETWEEN_LINES.as_secs();
        due > self.told.fetch_max(due, Ordering::Relaxed)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// How long the rest will take at the same pace.
fn left(elapsed: Duration, position: u64, length: u64) -> String {
    if position == 0 || position >= length {
        return String::new();
    }
    let seconds = elapsed.as_secs_f64() * (length - position) as f64 / position as f64;
    let seconds = seconds.ceil() as u64;
    match seconds {
        0..120 => format!(", about {seconds} s left"),
        120..7200 => format!(", about {} min left", seconds.div_ceil(60)),
        _ => format!(", about {} h left", seconds.div_ceil(3600)),
    }
}

fn style() -> ProgressStyle {
    let style = ProgressStyle::with_template("{prefix} {percent:>3}% [{bar:30}] {msg}, {eta} left");
    style
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_told_in_words_that_fit() {
        let after =
            |seconds, position, length| left(Duration::from_secs(seconds), position, length);
        assert_eq!(after(10, 50, 100), ", about 10 s left");
        assert_eq!(after(60, 1, 11), ", about 10 min left");
        assert_eq!(after(3600, 1, 4), ", about 3 h left");
        assert_eq!(after(10, 0, 100), "");
        assert_eq!(after(10, 100, 100), "");
    }

    #[test]
    fn a_line_is_due_once_in_ten_seconds() {
        let line = Line::new("testing", 9, false).unwrap();
        assert!(!line.is_due(), "no ten seconds have passed");
        line.bar.reset_elapsed();
        let late = line.bar.clone().with_elapsed(Duration::from_secs(25));
        let late = Line {
            bar: late,
            is_terminal: false,
            told: AtomicU64::new(0),
            doing: "testing",
        };
        assert!(late.is_due());
        assert!(!late.is_due(), "one thread has told it");
    }
}
