//! Which scenarios are meant.

use crate::exit::{Failure, shown};
use crate::input;
use sim_core::scenario::{TextKind, text_kind};
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
    /// Files of YAML that are no scenarios.
    pub(super) others: Vec<Other>,
}

/// A file of YAML in a folder of scenarios that is none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Other {
    /// The file.
    pub(super) file: PathBuf,
    /// Why it is not tested.
    pub(super) why: &'static str,
}

/// The scenarios in files and folders that pass one of the filters, or all without filters.
pub(super) fn search(
    paths: &[PathBuf],
    filters: &[String],
    reports: Option<&Path>,
) -> Result<Search, Failure> {
    let mut gathered = Gathered::default();
    for path in paths {
        gathered.add(path)?;
    }
    let Gathered { files, others } = gathered.sorted();
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
    Ok(Search {
        scenarios,
        orphans,
        // A filter says what is meant; the rest is left out on purpose.
        others: if filters.is_empty() {
            others
        } else {
            Vec::new()
        },
    })
}

/// What lies in files and folders.
#[derive(Debug, Default)]
struct Gathered {
    /// Scenarios, or what is meant as one.
    files: Vec<PathBuf>,
    /// The other files of YAML.
    others: Vec<Other>,
}

impl Gathered {
    fn add(&mut self, path: &Path) -> Result<(), Failure> {
        if !path.is_dir() {
            if input::is_dash(path) {
                return Err(Failure::input("a test needs a file, not standard input"));
            }
            self.files.push(path.to_owned());
            return Ok(());
        }
        let before = self.files.len();
        self.descend(path, DEEPEST)?;
        if self.files.len() == before {
            let text = format!("there is no scenario in {}", shown(path));
            return Err(
                Failure::input(text).hint("a scenario is a .yaml file with the key `scenario`")
            );
        }
        Ok(())
    }

    fn descend(&mut self, folder: &Path, depth: usize) -> Result<(), Failure> {
        for path in entries(folder)? {
            let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
            if name.starts_with('.') {
                continue;
            }
            if path.is_dir() {
                if depth > 0 && name != REPORTS {
                    self.descend(&path, depth - 1)?;
                }
                continue;
            }
            match meaning(&path) {
                None => {}
                Some(Ok(())) => self.files.push(path),
                Some(Err(why)) => self.others.push(Other { file: path, why }),
            }
        }
        Ok(())
    }

    /// Each file once, by path.
    fn sorted(mut self) -> Self {
        self.files.sort();
        self.files.dedup();
        self.others.sort();
        self.others.dedup();
        self
    }
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

/// Whether a file in a folder is YAML, and then whether it is meant as a scenario, or why it is not
/// tested. What cannot be read is: its test says why.
fn meaning(path: &Path) -> Option<Result<(), &'static str>> {
    let is_yaml = path
        .extension()
        .is_some_and(|end| end == "yaml" || end == "yml");
    let kind = || {
        let text = input::text(path, input::SCENARIO_BYTES);
        text.map_or(TextKind::Scenario, |text| text_kind(&text))
    };
    is_yaml.then(|| match kind() {
        TextKind::Scenario => Ok(()),
        TextKind::Policies => Err("it holds policies and nothing that runs"),
        TextKind::Other => Err("it has no key `scenario`"),
    })
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
