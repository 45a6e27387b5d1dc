//! Facts as lines in a file: writing them, and comparing a run with those of another.

use super::play::Brake;
use crate::exit::Failure;
use crate::output::PendingFile;
use sim_core::model::fact::{Fact, Observer};
use sim_core::model::spec::ModelSpec;
use sim_core::time::SimTime;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

/// Longest line that is read \[bytes\]; ours are far shorter.
const LONGEST_LINE: u64 = 64 * 1024;

/// Writes every fact as a line.
#[derive(Debug)]
pub(crate) struct FactLog<'a> {
    model: &'a ModelSpec,
    file: PendingFile,
    trouble: Option<io::Error>,
    brake: &'a Brake,
}

impl<'a> FactLog<'a> {
    /// Opens the file; it gets its name when the log is finished.
    pub(crate) fn create(
        path: &Path,
        model: &'a ModelSpec,
        brake: &'a Brake,
    ) -> Result<Self, Failure> {
        Ok(Self {
            model,
            file: PendingFile::create(path)?,
            trouble: None,
            brake,
        })
    }

    /// Names the file, unless something went wrong on the way.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self.trouble {
            Some(error) => Err(Failure::writing(self.file.target(), &error)),
            None => self.file.finish(),
        }
    }
}

impl Observer for FactLog<'_> {
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        if self.trouble.is_some() {
            return;
        }
        if let Err(error) = writeln!(self.file, "{}", fact.line(now, self.model)) {
            self.trouble = Some(error);
            self.brake.pull();
        }
    }
}

/// The first fact that differs between two runs; `None` where a run has ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Its number, from 1.
    pub(crate) number: u64,
    /// In the log.
    pub(crate) logged: Option<String>,
    /// In the new run.
    pub(crate) now: Option<String>,
}

/// Compares a run with the log of another, fact by fact.
#[derive(Debug)]
pub(crate) struct FactCheck<'a, R = BufReader<File>> {
    model: &'a ModelSpec,
    log: R,
    /// Facts that agree \[count\].
    agreed: u64,
    difference: Option<Difference>,
    trouble: Option<io::Error>,
}

impl<'a, R: BufRead> FactCheck<'a, R> {
    /// Compares with the lines of `log`.
    pub(crate) const fn new(log: R, model: &'a ModelSpec) -> Self {
        Self {
            model,
            log,
            agreed: 0,
            difference: None,
            trouble: None,
        }
    }

    /// The first difference, now that the run is over.
    pub(crate) fn finish(mut self) -> io::Result<Option<Difference>> {
        if self.difference.is_none() && self.trouble.is_none() {
            match self.next_line() {
                Ok(None) => {}
                Ok(logged) => self.differs(logged, None),
                Err(error) => self.trouble = Some(error),
            }
        }
        self.trouble.map_or(Ok(self.difference), Err)
    }

    fn compare(&mut self, now: String) {
        match self.next_line() {
            Ok(logged) if logged.as_ref() == Some(&now) => self.agreed += 1,
            Ok(logged) => self.differs(logged, Some(now)),
            Err(error) => self.trouble = Some(error),
        }
    }

    fn differs(&mut self, logged: Option<String>, now: Option<String>) {
        self.difference = Some(Difference {
            number: self.agreed + 1,
            logged,
            now,
        });
    }

    fn next_line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let mut bounded = (&mut self.log).take(LONGEST_LINE);
        bounded.read_until(b'\n', &mut line)?;
        if line.last() == Some(&b'\n') {
            line.pop();
        } else if line.is_empty() {
            return Ok(None);
        }
        Ok(Some(String::from_utf8_lossy(&line).into_owned()))
    }
}

impl<R: BufRead> Observer for FactCheck<'_, R> {
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        if self.difference.is_none() && self.trouble.is_none() {
            self.compare(fact.line(now, self.model));
        }
    }
}

/// Keeps the lines of a stretch of a run.
#[derive(Debug)]
pub(crate) struct Excerpt<'a> {
    model: &'a ModelSpec,
    brake: &'a Brake,
    /// Facts so far \[count\].
    told: u64,
    /// The first fact kept is the one after this number.
    after: u64,
    /// The last fact kept.
    until: u64,
    /// Numbers and lines.
    pub(crate) lines: Vec<(u64, String)>,
}

impl<'a> Excerpt<'a> {
    /// Keeps the facts after number `after`, up to number `until`.
    pub(crate) const fn new(
        (after, until): (u64, u64),
        model: &'a ModelSpec,
        brake: &'a Brake,
    ) -> Self {
        Self {
            model,
            brake,
            told: 0,
            after,
            until,
            lines: Vec::new(),
        }
    }
}

impl Observer for Excerpt<'_> {
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        self.told += 1;
        if self.told > self.until {
            self.brake.pull();
        } else if self.told > self.after {
            let line = fact.line(now, self.model);
            self.lines.push((self.told, line));
        }
    }
}
