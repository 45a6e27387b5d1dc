//! Journals of shares, put together: the same bytes as the whole sweep in one go.

use super::journal::{read, say_damage};
use super::lock::Lock;
use super::{prepare, show};
use crate::args::sweep::MergeArgs;
use crate::console::Console;
use crate::exit::{Exit, Failure, shown};
use crate::view::Files;
use sim_core::report::sweep::{CellReport, JournalHeader, Prepared};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Missing cells that are named, at most.
const NAMED: usize = 20;

/// Joins journals, in any order and as often as they are named.
pub(super) fn merge(args: &MergeArgs, console: &mut Console) -> Result<Exit, Failure> {
    let prepared = prepare::from_plan(&args.plan, console)?;
    let mut done: BTreeMap<String, CellReport> = BTreeMap::new();
    for path in journals(&args.journals)? {
        let journal = read(&path, JournalHeader::of(&prepared))?.journal;
        say_damage(&path, journal.damage(), console);
        for (name, cell) in journal.into_cells() {
            check_same(done.get(&name), &cell, &path)?;
            done.insert(name, cell);
        }
    }
    say_missing(&prepared, &done)?;
    let lock = |folder: &PathBuf| Lock::take(folder, "lock", console);
    let _lock = args.output.as_ref().map(lock).transpose()?;
    let report = show::report(&prepared, done.into_values().collect());
    let files =
        Files::of(Some(Path::new(&prepared.plan.file)).filter(|it| it.file_name().is_some()));
    show::finish(
        &report,
        &files,
        args.output.as_deref(),
        args.format,
        console,
    )
}

/// The files that are meant: journals as they are named, those in folders by name.
fn journals(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut all = Vec::new();
    for path in named {
        if !path.is_dir() {
            all.push(path.clone());
            continue;
        }
        let failed = |error| Failure::trouble(format!("cannot read {}: {error}", shown(path)));
        let entries = fs::read_dir(path).map_err(failed)?;
        let files = entries.map(|entry| entry.map(|entry| entry.path()));
        let mut files: Vec<PathBuf> = files.collect::<Result<_, _>>().map_err(failed)?;
        files.retain(|file| file.extension().is_some_and(|ending| ending == "jsonl"));
        if files.is_empty() {
            return Err(Failure::input(format!(
                "there is no journal in {}",
                shown(path)
            )));
        }
        files.sort();
        all.extend(files);
    }
    Ok(all)
}

/// A cell that two shares played must have come out the same.
fn check_same(before: Option<&CellReport>, cell: &CellReport, path: &Path) -> Result<(), Failure> {
    let same =
        |before: &CellReport| before.digest == cell.digest && before.measures == cell.measures;
    if before.is_none_or(same) {
        return Ok(());
    }
    let text = format!(
        "{} has another result for {} than a journal before",
        shown(path),
        cell.cell
    );
    Err(Failure::trouble(text).hint("one of the machines does not compute as it should"))
}

/// Names the cells that no journal has; nothing is written then.
fn say_missing(prepared: &Prepared, done: &BTreeMap<String, CellReport>) -> Result<(), Failure> {
    let names = prepared.plan.cells.iter();
    let missing: Vec<&str> = names
        .filter(|name| !done.contains_key(*name))
        .map(String::as_str)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let listed = missing[..missing.len().min(NAMED)].join("; ");
    let more = match missing.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let (some, all) = (missing.len(), prepared.cells.len());
    let text = format!("{some} of {all} cells are missing: {listed}{more}");
    Err(Failure::Message {
        exit: Exit::Inconclusive,
        text: sim_core::scenario::display_safe(&text),
        hint: Some("play their shares again: `squall sweep run` goes on where it ended".to_owned()),
    })
}
