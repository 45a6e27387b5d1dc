//! The journal as a file: read at the start, one write for each finished cell.

use crate::console::Console;
use crate::exit::{Failure, shown};
use crate::input;
use sim_core::report::sweep::{CellReport, Damage, Journal, JournalHeader, Mismatch, Prepared};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

/// What to do about a journal that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// Nothing may be there.
    Anew,
    /// Its cells are finished.
    GoOn,
}

/// A journal that takes finished cells.
#[derive(Debug)]
pub(crate) struct JournalFile {
    path: PathBuf,
    file: File,
    header: JournalHeader,
    /// Cells that were finished before.
    pub(crate) cells: BTreeMap<String, CellReport>,
}

impl JournalFile {
    /// Opens the journal of a sweep. What is damaged in it is said, and a torn end cut off.
    pub(crate) fn open(
        path: &Path,
        prepared: &Prepared,
        begin: Begin,
        console: &Console,
    ) -> Result<Self, Failure> {
        let header = JournalHeader::of(prepared);
        if begin == Begin::Anew && path.symlink_metadata().is_ok_and(|there| there.len() > 0) {
            let text = format!("{} holds an earlier sweep", shown(path));
            return Err(
                Failure::input(text).hint("go on with it by `--resume`, or name another folder")
            );
        }
        let failed = |error: io::Error| Failure::writing(path, &error);
        let mut options = OpenOptions::new();
        let file = options
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(failed)?;
        let read = read(path, header.clone())?;
        say_damage(path, read.journal.damage(), console);
        if read.torn {
            file.set_len(read.whole_bytes).map_err(failed)?;
        }
        let mut journal = Self {
            path: path.to_owned(),
            file,
            header,
            cells: BTreeMap::new(),
        };
        if !read.journal.has_header() {
            journal.append(&journal.header.line())?;
        }
        journal.cells = read.journal.into_cells();
        Ok(journal)
    }

    /// Keeps a finished cell.
    pub(crate) fn keep(&mut self, cell: &CellReport) -> Result<(), Failure> {
        let line = self.header.cell_line(cell);
        self.append(&line)
    }

    /// One write: a line is there as a whole, or breaks off where the journal ends.
    fn append(&mut self, line: &str) -> Result<(), Failure> {
        let written = self.file.write_all(line.as_bytes());
        written.map_err(|error| Failure::writing(&self.path, &error))
    }

    /// Fails if the journal has lost its name: whoever took its folder away took the cells too.
    pub(crate) fn is_there(&self) -> Result<(), Failure> {
        self.path.symlink_metadata().map_or_else(
            |_| {
                let text = format!("{} was taken away meanwhile", shown(&self.path));
                Err(Failure::trouble(text).hint("nothing of this sweep is kept"))
            },
            |_| Ok(()),
        )
    }

    /// Makes what was written last, even if the machine stops.
    pub(crate) fn settle(&self) -> Result<(), Failure> {
        let settled = self.file.sync_all();
        settled.map_err(|error| Failure::writing(&self.path, &error))
    }
}

/// A journal that was read to its end.
pub(crate) struct Read {
    /// What it holds.
    pub(crate) journal: Journal,
    /// Whether its last line breaks off.
    torn: bool,
    /// Bytes up to the end of the last line that does not.
    whole_bytes: u64,
}

/// Reads a journal, which must be of the sweep with this header.
pub(crate) fn read(path: &Path, header: JournalHeader) -> Result<Read, Failure> {
    let failed =
        |error: io::Error| Failure::trouble(format!("cannot read {}: {error}", shown(path)));
    let mut lines = BufReader::new(input::open_log(path)?);
    let mut read = Read {
        journal: Journal::new(header),
        torn: false,
        whole_bytes: 0,
    };
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).map_err(failed)? > 0 {
        let whole = line.last() == Some(&b'\n');
        let content = line.strip_suffix(b"\n").unwrap_or(&line);
        let taken = read.journal.take(content, whole);
        taken.map_err(|wrong| foreign(path, &wrong))?;
        read.torn = !whole;
        read.whole_bytes += if whole { line.len() as u64 } else { 0 };
        line.clear();
    }
    Ok(read)
}

fn foreign(path: &Path, wrong: &Mismatch) -> Failure {
    let place = format!("{}, line {}", shown(path), wrong.line);
    Failure::input(format!("{place}: {}", wrong.reason))
        .hint("name the folder of this sweep, or another one for a new sweep")
}

/// Names the lines that are not as they were written.
pub(crate) fn say_damage(path: &Path, damage: &[Damage], console: &Console) {
    for one in damage {
        let line = one.line;
        let text = if one.followed {
            format!(
                "line {line} is damaged ({}), though whole lines follow",
                one.reason
            )
        } else {
            format!("line {line} is torn ({})", one.reason)
        };
        // Also when quiet: a disk that lies is nothing to be silent about.
        console.say(&format!(
            "warning: {}: {text}; what it held is played again\n",
            shown(path)
        ));
    }
}
