//! One scenario: played, judged, and held against its stored report.

use super::find::Found;
use super::store;
use crate::command::divergence::Divergence;
use crate::command::play::{Brake, play};
use crate::command::scenario::Asked;
use crate::console::Console;
use crate::exit::Failure;
use crate::input;
use crate::view;
use sim_core::experiment::Play;
use sim_core::model::record::RunRecord;
use sim_core::observe::digest::first_difference;
use sim_core::report::{FieldChange, Level, Report, Stored};
use sim_core::scenario::{Diagnostic, DiagnosticSeverity, Loaded};
use std::path::Path;

/// What became of one scenario.
#[derive(Debug)]
pub(super) struct Checked {
    /// The scenario and its stored report.
    pub(super) found: Found,
    /// What came of it.
    pub(super) result: Outcome,
}

/// What came of a scenario.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It has mistakes, or cannot be read.
    Refused(Refused),
    /// It was played.
    Played(Box<Played>),
}

/// A scenario that cannot be run.
#[derive(Debug)]
pub(super) struct Refused {
    /// Everything that is wrong, as a person reads it.
    pub(super) words: String,
    /// The first mistake in one line.
    pub(super) first: String,
    /// Its line in the file, from 1.
    pub(super) line: u32,
}

/// A scenario that was played.
#[derive(Debug)]
pub(super) struct Played {
    /// What it says.
    pub(super) report: Report,
    /// Lines of its expectations in the file, from 1.
    pub(super) lines: Vec<u32>,
    /// What is to be stored of it.
    pub(super) new: Stored,
    /// How that agrees with what is stored.
    pub(super) against: Against,
}

/// How a report agrees with the stored one.
#[derive(Debug)]
pub(super) enum Against {
    /// No reports are stored here.
    NotStored,
    /// Others are stored, this one is not.
    Missing,
    /// It agrees to the bit.
    Same,
    /// It agrees as far as one decides by it; the digest differs.
    SameSummary,
    /// The digest agrees, and all that one decides by; words differ, such as the title.
    SameRun,
    /// It differs.
    Differs(Difference),
    /// What is stored cannot be read.
    Unreadable(String),
    /// It was stored just now.
    Written,
}

/// How a report differs from the stored one.
#[derive(Debug)]
pub(super) struct Difference {
    /// The fields, the most telling first.
    pub(super) changes: Vec<FieldChange>,
    /// The first stretch of the run that differs.
    pub(super) divergence: Option<Divergence>,
    /// Why the digests cannot be compared, or another thing to know.
    pub(super) note: Option<String>,
}

/// Plays and compares one scenario.
pub(super) fn check(found: &Found, level: Level, console: &Console) -> Result<Checked, Failure> {
    Ok(Checked {
        found: found.clone(),
        result: match load(&found.file, console) {
            Err(refused) => Outcome::Refused(refused),
            Ok(loaded) => Outcome::Played(Box::new(judged(found, &loaded, level, console)?)),
        },
    })
}

fn load(file: &Path, console: &Console) -> Result<Loaded, Refused> {
    let asked = Asked::of_file(file).map_err(|failure| Refused {
        words: format!("error: {}\n", failure.text()),
        first: failure.text(),
        line: 1,
    })?;
    asked.load().map_err(|diagnostics| {
        let is_error = |one: &&Diagnostic| one.severity == DiagnosticSeverity::Error;
        let first = diagnostics.all().iter().find(is_error);
        Refused {
            words: asked.rendered(diagnostics.all(), console),
            first: first.map_or_else(String::new, |one| one.message.clone()),
            line: first.map_or(1, |one| one.span.line),
        }
    })
}

fn judged(
    found: &Found,
    loaded: &Loaded,
    level: Level,
    console: &Console,
) -> Result<Played, Failure> {
    let which = Play {
        seed: loaded.scenario.seed,
        replication: 0,
    };
    let (record, ()) = play(&loaded.scenario, which, (), &Brake::default(), console)?;
    let report = view::report(loaded, which, &[], &record);
    let new = Stored::of(&report);
    let against = match store::read(&found.store) {
        Err(reason) => Against::Unreadable(reason),
        Ok(None) if stores_reports(found) => Against::Missing,
        Ok(None) => Against::NotStored,
        Ok(Some(old)) if old == new => Against::Same,
        Ok(Some(old)) => {
            let pair = Pair {
                old: &old,
                new: &new,
            };
            pair.compare(level, || divergence(&old, &record, loaded, which, console))?
        }
    };
    let expectations = loaded.scenario.expectations.iter();
    Ok(Played {
        report,
        lines: expectations.map(|one| one.line).collect(),
        new,
        against,
    })
}

/// Whether somebody stores reports in the folder that is meant for this one.
fn stores_reports(found: &Found) -> bool {
    found.store.parent().is_some_and(Path::is_dir)
}

/// A stored report and a new one.
struct Pair<'a> {
    old: &'a Stored,
    new: &'a Stored,
}

impl Pair<'_> {
    fn compare(
        &self,
        level: Level,
        divergence: impl FnOnce() -> Result<Option<Divergence>, Failure>,
    ) -> Result<Against, Failure> {
        let changes = self.old.differences(self.new, level);
        if changes.is_empty() {
            return Ok(match level {
                Level::Digest => Against::Same,
                Level::Summary { .. } if self.old.digest() == self.new.digest() => Against::SameRun,
                Level::Summary { .. } => Against::SameSummary,
            });
        }
        let same_engine = self.old.engine_semantics() == self.new.engine_semantics();
        let parts = same_engine && self.old.digest() != self.new.digest();
        Ok(Against::Differs(Difference {
            changes,
            divergence: if parts { divergence()? } else { None },
            note: self.note(same_engine),
        }))
    }

    fn note(&self, same_engine: bool) -> Option<String> {
        let number = |stored: &Stored| {
            let number = stored.engine_semantics();
            number.map_or_else(|| "none".to_owned(), |number| number.to_string())
        };
        if !same_engine {
            return Some(format!(
                "stored under engine semantics {}, this program has {}: the same run need not give \
                 the same facts",
                number(self.old),
                number(self.new)
            ));
        }
        let edited = self.old.scenario_hash() != self.new.scenario_hash();
        edited.then(|| "the scenario was changed after its report was stored".to_owned())
    }
}

fn divergence(
    old: &Stored,
    record: &RunRecord,
    loaded: &Loaded,
    which: Play,
    console: &Console,
) -> Result<Option<Divergence>, Failure> {
    let trail = old.trail().unwrap_or_default();
    match first_difference(&trail, &record.digest.trail) {
        None => Ok(None),
        Some(interval) => Divergence::find(loaded, which, interval, console).map(Some),
    }
}

impl Asked {
    /// The scenario in a file, unchanged.
    fn of_file(file: &Path) -> Result<Self, Failure> {
        Self::read(&crate::args::ScenarioArgs {
            file: file.to_owned(),
            sets: Vec::new(),
        })
    }
}

impl Checked {
    /// The file as messages call it.
    pub(super) fn name(&self) -> String {
        input::name_of(&self.found.file)
    }
}
