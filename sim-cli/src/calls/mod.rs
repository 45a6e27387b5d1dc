//! Call logs: from lines of text to recorded calls, one at a time.
//!
//! A log is CSV with a header or JSON lines, told apart by its first character. Both have the same
//! columns: `start`, `latency` and `outcome`, and perhaps `caller`, `target`, `class`, `idempotent` and
//! `retry_after`; whatever else a log holds is not looked at. Nothing is kept from line to line, so a log may be of any
//! length; only a line may not.
//!
//! Read [`lines`] (bounded lines), [`csv`] and [`json`] (lines to cells), [`cells`] (cells to times
//! and outcomes).

mod cells;
mod clock;
mod csv;
mod json;
mod lines;
#[cfg(test)]
mod tests;
mod trouble;

use cells::Column;
pub(crate) use cells::instant;
use lines::Lines;
use sim_core::experiment::backtest::Answer;
use sim_core::report::ClockName;
use sim_core::time::SimTime;
use std::borrow::Cow;
use std::io::BufRead;
pub(crate) use trouble::{Stop, Trouble};

/// A call of a log; its answers are in the reader.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// Its line in the log, from 1.
    pub(crate) line: u64,
    /// When the caller made it.
    pub(crate) start: SimTime,
    /// How that is written.
    pub(crate) clock: ClockName,
    /// Which process made it; empty if the log does not say.
    pub(crate) caller: Cow<'a, str>,
    /// What it called; empty if the log does not say.
    pub(crate) target: Cow<'a, str>,
    /// Which kind of call it was; empty if the log does not say.
    pub(crate) class: Cow<'a, str>,
    /// Whether it may be done twice.
    pub(crate) idempotent: bool,
    /// The answers to its attempts.
    pub(crate) answers: &'a [Answer],
}

/// How a log writes its calls.
#[derive(Debug)]
enum Shape {
    /// Nothing has been read.
    Unknown,
    Csv(csv::Header),
    Json,
}

/// The calls of a log.
#[derive(Debug)]
pub(crate) struct Calls<R> {
    lines: Lines<R>,
    shape: Shape,
    /// How the first call writes its start; all others must too.
    clock: Option<ClockName>,
    answers: Vec<Answer>,
    is_empty: bool,
}

impl<R: BufRead> Calls<R> {
    /// Those of this text.
    pub(crate) const fn new(text: R) -> Self {
        Self {
            lines: Lines::new(text),
            shape: Shape::Unknown,
            clock: None,
            answers: Vec::new(),
            is_empty: true,
        }
    }

    /// Number of the line read last, from 1.
    pub(crate) const fn line(&self) -> u64 {
        self.lines.number()
    }

    /// How the log writes instants.
    pub(crate) fn clock(&self) -> ClockName {
        self.clock.unwrap_or(ClockName::Seconds)
    }

    /// Whether no line held a call so far.
    pub(crate) const fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// The next call; `None` at the end.
    pub(crate) fn next_call(&mut self) -> Result<Option<Call<'_>>, Stop> {
        if let Shape::Unknown = self.shape {
            self.shape = match self.lines.next_line().map_err(Stop::for_good)? {
                None => return Err(Stop::Log(cells::nothing_here())),
                Some((_, first)) if first.starts_with('{') => Shape::Json,
                Some((_, first)) => Shape::Csv(csv::Header::read(first).map_err(Stop::Log)?),
            };
            if let Shape::Json = self.shape {
                self.lines.again();
            }
        }
        let Some((number, line)) = self.lines.next_line()? else {
            return Ok(None);
        };
        let row = match &self.shape {
            Shape::Csv(header) => header.cells(line),
            Shape::Json | Shape::Unknown => json::cells(line),
        };
        let [
            start,
            latency,
            outcome,
            caller,
            target,
            class,
            idempotent,
            retry_after,
        ] = row.map_err(Stop::Line)?;
        let read = (|| {
            let (start, clock) = start.start()?;
            if *self.clock.get_or_insert(clock) != clock {
                return Err(cells::mixed_clocks());
            }
            cells::answers([&latency, &outcome, &retry_after], &mut self.answers)?;
            Ok((start, clock, idempotent.idempotent()?))
        })();
        let (start, clock, idempotent) = read.map_err(Stop::Line)?;
        self.is_empty = false;
        Ok(Some(Call {
            line: number,
            start,
            clock,
            idempotent,
            caller: caller.name(Column::Caller).map_err(Stop::Line)?,
            target: target.name(Column::Target).map_err(Stop::Line)?,
            class: class.name(Column::Class).map_err(Stop::Line)?,
            answers: &self.answers,
        }))
    }
}
