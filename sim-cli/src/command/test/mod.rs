//! Testing scenarios: their expectations, and the reports stored beside them.
//!
//! Expectations say what must hold; a stored report says what did hold, down to the last fact, so
//! that a change in behaviour is seen in the pull request that makes it. The two are judged
//! together, shown in one of several formats, and change nothing on disk unless asked to; in
//! continuous integration, not even then.

mod accept;
mod check;
mod find;
mod results;
mod show;
mod store;

use crate::args::{TestArgs, TestFormat, TestLevel};
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::output::PendingFile;
use check::{Checked, check};
use find::{Found, Search};
use results::Results;
use sim_core::report::Level;
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

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
