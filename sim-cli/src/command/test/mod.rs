//! Testing scenarios: their expectations, and the reports stored beside them.
//!
//! Expectations say what must hold; a stored report says what did hold, down to the last fact, so
//! that a change in behaviour is seen in the pull request that makes it. The two are judged
//! together, shown in one of several formats, and change nothing on disk unless asked to; in
//! continuous integration, not even then.

mod accept;
mod check;
mod find;
mod show;
mod store;

use crate::args::{TestArgs, TestFormat, TestLevel};
use crate::console::Console;
use crate::exit::{Exit, Failure, shown};
use crate::interrupt;
use crate::output::PendingFile;
use check::{Against, Checked, Outcome, check};
use find::{Found, Other, Search};
use sim_core::report::{Level, Verdict};
use sim_view::format::plural;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Everything that a test of scenarios found out.
#[derive(Debug)]
struct Results {
    /// Scenarios, by path.
    checked: Vec<Checked>,
    /// Stored reports without a scenario.
    orphans: Vec<PathBuf>,
    /// Files of YAML that are no scenarios.
    others: Vec<Other>,
}

/// Tests scenarios.
pub(crate) fn test(args: &TestArgs, console: &mut Console) -> Result<Exit, Failure> {
    let Search {
        scenarios,
        orphans,
        others,
    } = find::search(&args.paths, &args.filter, args.reports.as_deref())?;
    interrupt::watch()?;
    let level = level(args)?;
    let mut results = Results {
        checked: check_all(&scenarios, level, jobs(args), console)?,
        orphans,
        others,
    };
    accept::accept(&mut results.checked, args, console)?;
    for (format, path) in &args.copies {
        let mut file = PendingFile::create(path)?;
        let written = file.write_all(show::text(&results, *format).as_bytes());
        written.map_err(|error| Failure::writing(path, &error))?;
        file.finish()?;
    }
    let text = show::text(&results, args.format);
    match args.format {
        TestFormat::Human => console.text(&text)?,
        TestFormat::Json | TestFormat::Junit | TestFormat::Markdown | TestFormat::Github => {
            console.data(&text)?;
        }
    }
    Ok(results.exit())
}

fn level(args: &TestArgs) -> Result<Level, Failure> {
    match (args.level, args.tolerance) {
        (TestLevel::Digest, None) => Ok(Level::Digest),
        (TestLevel::Digest, Some(_)) => Err(Failure::input(
            "--tolerance belongs to --level summary: a digest agrees or does not",
        )),
        (TestLevel::Summary, tolerance) => Ok(Level::Summary {
            tolerance: tolerance.unwrap_or(Level::TOLERANCE),
        }),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "each run is one thread and results are kept by place: the number decides only the time"
)]
fn jobs(args: &TestArgs) -> usize {
    let processors = std::thread::available_parallelism();
    args.jobs.or(processors.ok()).map_or(1, usize::from)
}

/// Checks all, several at a time; the results keep the order of the scenarios.
fn check_all(
    scenarios: &[Found],
    level: Level,
    jobs: usize,
    console: &Console,
) -> Result<Vec<Checked>, Failure> {
    let alone = jobs == 1 || scenarios.len() == 1;
    // Bars of several runs would write over each other.
    let quiet = console.muted(console.quiet || !alone);
    let next = AtomicUsize::new(0);
    let places: Vec<Mutex<Option<Result<Checked, Failure>>>> =
        scenarios.iter().map(|_| Mutex::new(None)).collect();
    let work = || {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let (Some(scenario), Some(kept)) = (scenarios.get(place), places.get(place)) else {
                return;
            };
            let result = check(scenario, level, &quiet);
            if let Ok(mut kept) = kept.lock() {
                *kept = Some(result);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..jobs.min(scenarios.len()) {
            scope.spawn(work);
        }
        work();
    });
    let results = places.into_iter().map(|place| {
        let kept = place.into_inner().ok().flatten();
        kept.unwrap_or_else(|| Err(Failure::trouble("a run ended without a result")))
    });
    results.collect()
}

impl Results {
    /// The worst of all.
    fn exit(&self) -> Exit {
        let exits = self.checked.iter().map(Checked::exit);
        let orphans = self.orphans.iter().map(|_| Exit::Failed);
        let rank = |exit: &Exit| match exit {
            Exit::Ok => 0,
            Exit::Inconclusive => 1,
            Exit::Failed => 2,
            Exit::BadInput => 3,
            Exit::Trouble => 4,
            Exit::Interrupted => 5,
        };
        exits.chain(orphans).max_by_key(rank).unwrap_or(Exit::Ok)
    }
}

impl Checked {
    /// How the program would end for this scenario alone.
    fn exit(&self) -> Exit {
        match &self.result {
            Outcome::Refused(_) => Exit::BadInput,
            Outcome::Played(played) if !played.against.is_fine() => Exit::Failed,
            Outcome::Played(played) => super::run::exit_of(&played.report),
        }
    }

    /// The end as a word.
    fn word(&self) -> &'static str {
        match self.exit() {
            Exit::Ok => "pass",
            Exit::Inconclusive => "unsure",
            Exit::Failed => "fail",
            Exit::BadInput | Exit::Trouble | Exit::Interrupted => "error",
        }
    }

    /// Expectations that are not met, with their lines in the file.
    fn unmet(&self) -> Vec<(u32, &sim_core::report::ExpectationReport)> {
        match &self.result {
            Outcome::Refused(_) => Vec::new(),
            Outcome::Played(played) => {
                let lines = played.lines.iter().copied();
                let all = lines.zip(&played.report.expectations);
                all.filter(|(_, one)| one.verdict != Verdict::Pass)
                    .collect()
            }
        }
    }

    /// How the report agrees with the stored one, if it was played.
    fn against(&self) -> Option<&Against> {
        match &self.result {
            Outcome::Refused(_) => None,
            Outcome::Played(played) => Some(&played.against),
        }
    }
}

impl Against {
    const fn is_fine(&self) -> bool {
        match self {
            Self::NotStored | Self::Same | Self::SameSummary | Self::SameRun | Self::Written => {
                true
            }
            Self::Missing | Self::Differs(_) | Self::Unreadable(_) => false,
        }
    }

    /// The state as one word for programs.
    const fn word(&self) -> &'static str {
        match self {
            Self::NotStored => "not_stored",
            Self::Missing => "missing",
            Self::Same => "same",
            Self::SameSummary | Self::SameRun => "same_summary",
            Self::Differs(_) => "differs",
            Self::Unreadable(_) => "unreadable",
            Self::Written => "written",
        }
    }

    /// What is wrong, in a sentence; nothing if all is well.
    fn complaint(&self) -> Option<String> {
        match self {
            Self::NotStored | Self::Same | Self::SameSummary | Self::SameRun | Self::Written => {
                None
            }
            Self::Missing => Some("no report is stored for it; --update stores one".to_owned()),
            Self::Differs(difference) => Some(format!(
                "the report differs from the stored one in {}",
                plural(difference.changes.len() as u64, "field", "fields")
            )),
            Self::Unreadable(reason) => Some(format!("the stored report cannot be read: {reason}")),
        }
    }
}

/// The file of a stored report as messages call it.
fn store_name(found: &Found) -> String {
    shown(&found.store)
}
