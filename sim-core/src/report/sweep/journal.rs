//! The journal of a sweep: what is finished stays finished, whatever happens next.
//!
//! A text of lines, each a JSON object whose last field is a checksum of everything before it. The
//! first line says which sweep it is; every other one is a finished cell, and says which sweep it
//! belongs to as well, so that a damaged first line costs nothing. Lines are only ever added, each
//! with one write.
//!
//! A line that is not whole (the machine stopped while writing) or not as it was written (a disk
//! that lies) is named, and only the cells in it are played again. A line that is whole but of
//! another sweep is a mistake of the person, not of the disk, and ends everything.
//!
//! Rejected: a database (cannot be read, merged or repaired with a text editor), a file for each
//! cell (ten thousand of them), CRC-32 (one damaged line in four billion passes; BLAKE3 is at hand).

use super::CellReport;
use super::plan::Prepared;
use crate::ENGINE_SEMANTICS;
use crate::scenario::fingerprint;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Raised whenever the form of a line changes.
pub const JOURNAL_VERSION: u32 = 2;

/// What stands between the content of a line and its checksum.
const CHECK: &str = ",\"check\":\"";
/// Digits of a checksum.
const DIGITS: usize = 16;

/// Which sweep a journal belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalHeader {
    /// [`JOURNAL_VERSION`] when it was begun.
    pub journal: u32,
    /// Version of the engine's meaning.
    pub engine_semantics: u32,
    /// Name of the scenario.
    pub scenario: String,
    /// BLAKE3 of the normalised scenario before anything is varied.
    pub hash: String,
    /// The seed, as decimal text.
    pub seed: String,
    /// Runs of each cell \[count\].
    pub replications: u32,
    /// Whether cells meet different random numbers.
    pub independent: bool,
    /// Fingerprint of the names of the measures.
    pub measures: String,
    /// `PATH=VALUES` of each axis; cells of another design count too, if they are wanted.
    pub vary: Vec<String>,
    /// `grid`, `random N` or `lhs N`.
    pub design: String,
}

/// A line as it is written, checksum apart.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Header(JournalHeader),
    Cell(Box<Finished>),
}

/// A finished cell, and the sweep it belongs to.
#[derive(Serialize, Deserialize)]
struct Finished {
    of: String,
    report: CellReport,
}

/// A line that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub reason: &'static str,
    /// Whether whole lines follow it: then it is no torn end.
    pub followed: bool,
}

/// Why a journal is that of another sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Number of the line that says so, from 1.
    pub line: u64,
    /// What is different.
    pub reason: String,
}

/// A journal while it is read.
#[derive(Clone, Debug)]
pub struct Journal {
    wanted: JournalHeader,
    of: String,
    lines: u64,
    has_header: bool,
    cells: BTreeMap<String, CellReport>,
    damage: Vec<Damage>,
}

impl JournalHeader {
    /// The header of a sweep's journal.
    pub fn of(prepared: &Prepared) -> Self {
        let plan = &prepared.plan;
        let names: Vec<&str> = prepared
            .figures
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        Self {
            journal: JOURNAL_VERSION,
            engine_semantics: ENGINE_SEMANTICS,
            scenario: plan.scenario.clone(),
            hash: plan.hash.clone(),
            seed: plan.seed.to_string(),
            replications: plan.replications,
            independent: plan.independent,
            measures: fingerprint(&names.join("\n")),
            vary: plan.vary.clone(),
            design: plan.design.clone(),
        }
    }

    /// Names everything that a cell's result depends on, the cell itself apart.
    pub fn identity(&self) -> String {
        let Self {
            journal,
            engine_semantics,
            hash,
            seed,
            replications,
            independent,
            measures,
            ..
        } = self;
        fingerprint(&format!(
            "{journal} {engine_semantics} {hash} {seed} {replications} {independent} {measures}"
        ))
    }

    /// What is different in a header of another sweep.
    fn difference(&self, other: &Self) -> String {
        if other.engine_semantics != self.engine_semantics || other.journal != self.journal {
            return format!(
                "it was written by version {} of the simulator's meaning, and this program has {}",
                other.engine_semantics, self.engine_semantics
            );
        }
        if other.hash != self.hash {
            let (one, two) = (&other.scenario, &self.scenario);
            return if one == two {
                format!("it belongs to another version of the scenario `{one}`")
            } else {
                format!("it belongs to the scenario `{one}`, and this is `{two}`")
            };
        }
        let said = |header: &Self| {
            let kind = if header.independent {
                ", independent"
            } else {
                ""
            };
            format!(
                "seed {}, {} replications{kind}",
                header.seed, header.replications
            )
        };
        format!(
            "it was begun with {}, and this is {}",
            said(other),
            said(self)
        )
    }

    /// The line that begins a journal, with its end.
    pub fn line(&self) -> String {
        sealed(&Line::Header(self.clone()))
    }

    /// The line of a finished cell, with its end.
    pub fn cell_line(&self, cell: &CellReport) -> String {
        sealed(&Line::Cell(Box::new(Finished {
            of: self.identity(),
            report: cell.clone(),
        })))
    }
}

/// The JSON of a line with its checksum put in. Cells and headers are plain data with finite
/// numbers, so writing them cannot fail.
fn sealed(line: &Line) -> String {
    let mut text = serde_json::to_string(line).unwrap_or_default();
    text.pop();
    let check = fingerprint(&text);
    text.push_str(CHECK);
    text.push_str(&check);
    text.push_str("\"}\n");
    text
}

/// What a line holds, or why it holds nothing.
fn opened(line: &[u8]) -> Result<Line, &'static str> {
    let text = std::str::from_utf8(line).map_err(|_| "it is not text")?;
    let text = text.strip_suffix("\"}").ok_or("its end is missing")?;
    let (text, check) = text
        .split_at_checked(text.len().saturating_sub(DIGITS))
        .ok_or("its end is missing")?;
    let content = text.strip_suffix(CHECK).ok_or("its checksum is missing")?;
    if fingerprint(content) != check {
        return Err("its checksum does not fit");
    }
    serde_json::from_str(&format!("{content}}}")).map_err(|_| "it is of an unknown form")
}

impl Journal {
    /// A journal of this sweep, about to be read.
    pub fn new(wanted: JournalHeader) -> Self {
        Self {
            of: wanted.identity(),
            wanted,
            lines: 0,
            has_header: false,
            cells: BTreeMap::new(),
            damage: Vec::new(),
        }
    }

    /// Takes the next line, without its end; `whole` says whether it had one.
    pub fn take(&mut self, line: &[u8], whole: bool) -> Result<(), Mismatch> {
        self.lines += 1;
        let opened = if whole {
            opened(line)
        } else {
            Err("it breaks off")
        };
        match opened {
            Err(reason) => {
                self.damage.push(Damage {
                    line: self.lines,
                    reason,
                    followed: false,
                });
                return Ok(());
            }
            Ok(Line::Header(header)) => {
                self.check_header(&header)?;
                self.has_header |= header == self.wanted;
            }
            Ok(Line::Cell(finished)) => {
                let Finished { of, report } = *finished;
                if of != self.of {
                    let reason = "this line belongs to another sweep".to_owned();
                    return Err(Mismatch {
                        line: self.lines,
                        reason,
                    });
                }
                self.cells.entry(report.cell.clone()).or_insert(report);
            }
        }
        self.damage
            .iter_mut()
            .for_each(|damage| damage.followed = true);
        Ok(())
    }

    fn check_header(&self, header: &JournalHeader) -> Result<(), Mismatch> {
        if header.identity() == self.of {
            return Ok(());
        }
        let reason = self.wanted.difference(header);
        Err(Mismatch {
            line: self.lines,
            reason,
        })
    }

    /// Whether its header is there, as this sweep would write it.
    pub const fn has_header(&self) -> bool {
        self.has_header
    }

    /// The cells that are finished, by their parameters.
    pub const fn cells(&self) -> &BTreeMap<String, CellReport> {
        &self.cells
    }

    /// Gives the cells away.
    pub fn into_cells(self) -> BTreeMap<String, CellReport> {
        self.cells
    }

    /// Lines that are not as they were written.
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }
}
