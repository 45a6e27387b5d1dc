//! Running a report again, to prove that it is the same or show where it is not (rule 47).

use super::divergence::Divergence;
use super::fact_log::{Difference, FactCheck};
use super::play::{Brake, play};
use super::scenario::of_report;
use crate::args::ReplayArgs;
use crate::console::{Console, safe_lines};
use crate::exit::{Exit, Failure, shown};
use crate::input;
use crate::interrupt;
use serde::Deserialize;

use sim_core::ENGINE_SEMANTICS;
use sim_core::experiment::Play;
use sim_core::model::record::DigestRecord;
use sim_core::observe::digest::{Checkpoint, Interval, first_difference, hex};
use sim_core::report::{DigestReport, Report, SCHEMA_VERSION};
use sim_core::scenario::Loaded;
use sim_core::time::SimTime;
use std::fmt::Write;
use std::io::BufReader;
use std::path::Path;

/// Runs a report again.
pub(crate) fn replay(args: &ReplayArgs, console: &mut Console) -> Result<Exit, Failure> {
    let report = read(&args.report)?;
    let name = input::name_of(&args.report);
    let loaded = of_report(&name, &report.scenario.text, console)?;
    if loaded.scenario.hash != report.scenario.hash {
        console.remark("warning: the scenario was changed after the report was written\n");
    }
    interrupt::watch()?;
    let again = Again {
        report: &report,
        loaded: &loaded,
    };
    let difference = again.difference(args.events.as_deref(), console)?;
    let (exit, text) = match difference {
        None => (Exit::Ok, again.same()),
        Some(text) => (Exit::Failed, text),
    };
    console.text(&text)?;
    Ok(exit)
}

/// The numbers that say whether the rest can be understood.
#[derive(Deserialize)]
struct Versions {
    kind: Option<String>,
    schema_version: u32,
    engine_semantics: u32,
}

/// Reads a report of this version.
fn read(path: &Path) -> Result<Report, Failure> {
    let text = input::text(path, input::REPORT_BYTES)?;
    let no_report = |error: serde_json::Error| {
        Failure::input(format!("{} is no report of squall: {error}", shown(path)))
    };
    let versions: Versions = serde_json::from_str(&text).map_err(no_report)?;
    if let Some(kind) = versions.kind {
        return Err(Failure::input(format!(
            "{} reports {}, but one run is replayed at a time",
            shown(path),
            safe_lines(&kind).trim_end()
        ))
        .hint("it names the command of each run worth a look: `squall run … --replication K`"));
    }
    refuse_other(
        path,
        "schema_version",
        versions.schema_version,
        SCHEMA_VERSION,
    )?;
    refuse_other(
        path,
        "engine_semantics",
        versions.engine_semantics,
        ENGINE_SEMANTICS,
    )?;
    serde_json::from_str(&text).map_err(no_report)
}

fn refuse_other(path: &Path, what: &str, theirs: u32, ours: u32) -> Result<(), Failure> {
    if theirs == ours {
        return Ok(());
    }
    Err(Failure::input(format!(
        "{} has {what} {theirs} and this program {ours}, so the same run need not give the same \
         facts; use the version that wrote it",
        shown(path)
    )))
}

/// A report, and the scenario in it.
struct Again<'a> {
    report: &'a Report,
    loaded: &'a Loaded,
}

impl Again<'_> {
    /// Where the new run differs, in words.
    fn difference(&self, log: Option<&Path>, console: &Console) -> Result<Option<String>, Failure> {
        match log {
            Some(path) => self.against_log(path, console),
            None => self.against_digest(console),
        }
    }

    fn which(&self) -> Play {
        Play {
            seed: self.report.scenario.seed,
            replication: self.report.scenario.replication,
        }
    }

    fn same(&self) -> String {
        let digest = &self.report.digest;
        format!(
            "the same: {} facts, digest {}\n",
            digest.facts_total, digest.value
        )
    }

    fn against_digest(&self, console: &Console) -> Result<Option<String>, Failure> {
        let brake = Brake::default();
        let (record, ()) = play(&self.loaded.scenario, self.which(), (), &brake, console)?;
        if is_same(&self.report.digest, &record.digest) {
            return Ok(None);
        }
        let stored = trail(&self.report.digest)?;
        match first_difference(&stored, &record.digest.trail) {
            None => Ok(Some(inconsistent(&self.report.digest, &record.digest))),
            Some(interval) => self.excerpt(interval, console).map(Some),
        }
    }

    /// The facts of the new run in the stretch where it parts from the other.
    fn excerpt(&self, interval: Interval, console: &Console) -> Result<String, Failure> {
        let divergence = Divergence::find(self.loaded, self.which(), interval, console)?;
        let mut text = format!(
            "different: {} In the new run these are:\n",
            divergence.text()
        );
        for (number, line) in &divergence.facts {
            let _ = writeln!(text, "{number}: {line}");
        }
        if divergence.more > 0 {
            let _ = writeln!(text, "and {} more", divergence.more);
        }
        Ok(text)
    }

    fn against_log(&self, path: &Path, console: &Console) -> Result<Option<String>, Failure> {
        let model = &self.loaded.scenario.model;
        let check = FactCheck::new(BufReader::new(input::open_log(path)?), model);
        let brake = Brake::default();
        let (record, check) = play(&self.loaded.scenario, self.which(), check, &brake, console)?;
        let difference = check
            .finish()
            .map_err(|error| Failure::trouble(format!("cannot read {}: {error}", shown(path))))?;
        Ok(match difference {
            Some(difference) => Some(difference_text(&difference)),
            None if is_same(&self.report.digest, &record.digest) => None,
            None => Some(inconsistent(&self.report.digest, &record.digest)),
        })
    }
}

fn is_same(stored: &DigestReport, new: &DigestRecord) -> bool {
    stored.value == hex(new.value) && stored.facts_total == new.facts
}

/// The checkpoints of a report, as numbers.
fn trail(digest: &DigestReport) -> Result<Vec<Checkpoint>, Failure> {
    let bad = || Failure::input("the checkpoints of the report are no digests");
    let marks = digest.checkpoints.iter().map(|mark| {
        let value = u128::from_str_radix(&mark.value, 16).map_err(|_| bad())?;
        Ok(Checkpoint {
            facts: mark.facts_total,
            at: SimTime::from_ns(mark.at_ns),
            value,
        })
    });
    let marks: Vec<Checkpoint> = marks.collect::<Result<_, Failure>>()?;
    let ordered = marks.is_sorted_by(|a, b| a.facts < b.facts);
    if ordered { Ok(marks) } else { Err(bad()) }
}

/// The runs agree wherever they can be compared, yet the digests at the end differ.
fn inconsistent(stored: &DigestReport, new: &DigestRecord) -> String {
    format!(
        "different: the report says {} facts, digest {}\n           the new run has {} facts, \
         digest {}\nEverything on the way agrees: the report was changed after it was written,\nor \
         belongs to another run.\n",
        stored.facts_total,
        safe_lines(&stored.value).trim_end(),
        new.facts,
        hex(new.value)
    )
}

fn difference_text(difference: &Difference) -> String {
    let line = |line: &Option<String>| match line {
        Some(line) => safe_lines(line),
        None => "(the run is over)\n".to_owned(),
    };
    format!(
        "different: the first {} facts agree; fact {} is\nin the log:     {}in the new run: {}",
        difference.number - 1,
        difference.number,
        line(&difference.logged),
        line(&difference.now)
    )
}
