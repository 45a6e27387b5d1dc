//! Which scenarios are meant.

use crate::exit::{Failure, shown};
use crate::input;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders in folders that are looked into.
const DEEPEST: usize = 16;
/// The folder of stored reports beside a scenario.
const REPORTS: &str = "reports";

/// A scenario, and where its report is stored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    /// The file of the scenario.
    pub(super) file: PathBuf,
    /// The stored report, whether it is there or not.
    pub(super) store: PathBuf,
}

/// Everything that was found.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// The scenarios, by path, each once.
    pub(super) scenarios: Vec<Found>,
    /// Stored reports to which no scenario belongs.
    pub(super) orphans: Vec<PathBuf>,
}

/// The scenarios in files and folders that pass one of the filters, or all without filters.
pub(super) fn search(
    paths: &[PathBuf],
    filters: &[String],
    reports: Option<&Path>,
) -> Result<Search, Failure> {
    let mut files = Vec::new();
    for path in paths {
        gather(path, &mut files)?;
    }
    files.sort();
    files.dedup();
    let found = |file: &PathBuf| Found {
        file: file.clone(),
        store: store_of(file, reports),
    };
    let all: Vec<Found> = files.iter().map(found).collect();
    refuse_doubles(&all)?;
    let whole_folders = filters.is_empty() && paths.iter().all(|path| path.is_dir());
    let orphans = if whole_folders {
        orphans(&all)?
    } else {
        Vec::new()
    };
    let scenarios = filtered(all, filters)?;
    Ok(Search { scenarios, orphans })
}

fn gather(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if !path.is_dir() {
        if input::is_dash(path) {
            return Err(Failure::input("a test needs a file, not standard input"));
        }
        files.push(path.to_owned());
        return Ok(());
    }
    let before = files.len();
    descend(path, DEEPEST, files)?;
    if files.len() == before {
        let text = format!("there is no scenario in {}", shown(path));
        return Err(Failure::input(text).hint("a scenario is a .yaml file with the key `scenario`"));
    }
    Ok(())
}

fn descend(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    for path in entries(folder)? {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            if depth > 0 && name != REPORTS {
                descend(&path, depth - 1, files)?;
            }
        } else if is_scenario(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed =
        |error: std::io::Error| Failure::input(format!("cannot read {}: {error}", shown(folder)));
    let entries = fs::read_dir(folder).map_err(failed)?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    Ok(paths)
}

/// Whether a file in a folder is a scenario: other YAML may lie beside it.
fn is_scenario(path: &Path) -> bool {
    let yaml = path
        .extension()
        .is_some_and(|end| end == "yaml" || end == "yml");
    let says_so = |text: String| text.lines().any(|line| line.starts_with("scenario:"));
    yaml && input::text(path, input::SCENARIO_BYTES).is_ok_and(says_so)
}

fn store_of(file: &Path, reports: Option<&Path>) -> PathBuf {
    let folder = match reports {
        Some(folder) => folder.to_owned(),
        None => file.with_file_name(REPORTS),
    };
    let stem = file.file_stem().unwrap_or_default();
    let mut name = stem.to_owned();
    name.push(".snap");
    folder.join(name)
}

/// Two scenarios cannot share one stored report.
fn refuse_doubles(all: &[Found]) -> Result<(), Failure> {
    let mut owners: BTreeMap<&Path, &Path> = BTreeMap::new();
    for one in all {
        if let Some(other) = owners.insert(&one.store, &one.file) {
            return Err(Failure::input(format!(
                "{} and {} would share the stored report {}",
                shown(other),
                shown(&one.file),
                shown(&one.store)
            ))
            .hint("give one of them another name, or leave out --reports"));
        }
    }
    Ok(())
}

/// Stored reports in the folders of these scenarios that belong to none of them.
fn orphans(all: &[Found]) -> Result<Vec<PathBuf>, Failure> {
    let folder = |one: &Found| one.store.parent().map(Path::to_owned);
    let mut folders: Vec<PathBuf> = all.iter().filter_map(folder).collect();
    folders.sort();
    folders.dedup();
    let mut orphans = Vec::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let reports = entries(folder)?.into_iter();
        let snaps = reports.filter(|path| path.extension().is_some_and(|end| end == "snap"));
        orphans.extend(snaps.filter(|path| all.iter().all(|one| one.store != *path)));
    }
    Ok(orphans)
}

/// Every filter must be good for something: a typing error would skip tests in silence.
fn filtered(all: Vec<Found>, filters: &[String]) -> Result<Vec<Found>, Failure> {
    let passes = |one: &Found, filter: &String| {
        let name = one.file.file_name().unwrap_or_default().to_string_lossy();
        name.contains(filter.as_str())
    };
    for filter in filters {
        if !all.iter().any(|one| passes(one, filter)) {
            let text = format!(
                "the filter `{filter}` matches none of {} scenarios",
                all.len()
            );
            return Err(Failure::input(text));
        }
    }
    let wanted = |one: &Found| filters.is_empty() || filters.iter().any(|f| passes(one, f));
    Ok(all.into_iter().filter(wanted).collect())
}
