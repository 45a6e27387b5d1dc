//! Lines of a bounded length.

use super::trouble::{Stop, Trouble};
use std::io::{BufRead, Read};

/// Longest line \[bytes\].
const LONGEST: u64 = 64 * 1024;

/// The lines of a text that say something, one at a time.
#[derive(Debug)]
pub(super) struct Lines<R> {
    text: R,
    buffer: Vec<u8>,
    /// Number of the line in the buffer, from 1.
    number: u64,
    /// Whether the line in the buffer is to be given once more.
    again: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(text: R) -> Self {
        Self {
            text,
            buffer: Vec::new(),
            number: 0,
            again: false,
        }
    }

    /// Number of the line given last.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    /// Gives the last line once more.
    pub(super) const fn again(&mut self) {
        self.again = true;
    }

    /// The next line that is not blank, without its end, and its number.
    pub(super) fn next_line(&mut self) -> Result<Option<(u64, &str)>, Stop> {
        if !std::mem::take(&mut self.again) && !self.fill()? {
            return Ok(None);
        }
        match std::str::from_utf8(&self.buffer) {
            Ok(line) => {
                let line = line.trim_start_matches('\u{feff}').trim();
                Ok(Some((self.number, line)))
            }
            Err(error) => {
                let byte = self.buffer[error.valid_up_to()];
                let message = format!("the byte 0x{byte:02x} is not UTF-8 text");
                Err(Stop::Line(Trouble::new(message)))
            }
        }
    }

    /// Puts the next line that is not blank into the buffer; false at the end.
    fn fill(&mut self) -> Result<bool, Stop> {
        loop {
            self.buffer.clear();
            let mut bounded = (&mut self.text).take(LONGEST + 1);
            let read = bounded.read_until(b'\n', &mut self.buffer);
            if read.map_err(Stop::System)? == 0 {
                return Ok(false);
            }
            self.number += 1;
            if self.buffer.len() as u64 > LONGEST {
                let message = format!("a line of more than {} KiB", LONGEST / 1024);
                let trouble = Trouble::new(message);
                return Err(Stop::Log(trouble.hint("one call stands on one line")));
            }
            if !self.buffer.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }
}
