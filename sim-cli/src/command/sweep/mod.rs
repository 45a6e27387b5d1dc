//! Sweeps: many cells, one report.
//!
//! ```text
//! sweep        prepare ─ play ─ report          journal and lock in the folder, if there is one
//! sweep plan   prepare ─ plan.json
//! sweep run    plan.json ─ play a share ─ journal of the share
//! sweep merge  plan.json + journals ─ report
//! sweep emit   plan.json ─ job file
//! ```
//!
//! Dividing a sweep among machines is left to engines that are good at it; all that is done here is
//! to know which cells a share has, and to put journals together.

mod emit;
mod journal;
mod lock;
mod merge;
mod play;
mod prepare;
mod shard;
mod show;

use crate::args::ScenarioArgs;
use crate::args::sweep::{PlanArgs, SweepArgs, SweepPart};
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::input::is_dash;
use crate::interrupt;
use crate::output::PendingFile;
use crate::view::Files;
use journal::{Begin, JournalFile};
use lock::Lock;
use play::{Played, play, threads};
use std::io::Write;

/// Name of the journal in the folder of a sweep.
const JOURNAL: &str = "journal.jsonl";

/// Plays a sweep, or a part of one.
pub(crate) fn sweep(args: &SweepArgs, console: &mut Console) -> Result<Exit, Failure> {
    match (&args.part, &args.scenario) {
        (Some(SweepPart::Plan(args)), _) => plan(args, console),
        (Some(SweepPart::Run(args)), _) => shard::run(args, console),
        (Some(SweepPart::Merge(args)), _) => merge::merge(args, console),
        (Some(SweepPart::Emit(args)), _) => emit::emit(args, console),
        (None, Some(scenario)) => whole(args, scenario, console),
        (None, None) => {
            Err(Failure::input("a sweep needs a scenario").hint("see `squall sweep --help`"))
        }
    }
}

fn whole(
    args: &SweepArgs,
    scenario: &ScenarioArgs,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let prepared = prepare::from_args(scenario, &args.grid, console)?;
    let mut journal = None;
    let mut _lock = None;
    if let Some(folder) = &args.output {
        _lock = Some(Lock::take(folder, "lock", console)?);
        let begin = if args.resume {
            Begin::GoOn
        } else {
            Begin::Anew
        };
        let path = folder.join(JOURNAL);
        journal = Some(JournalFile::open(&path, &prepared, begin, console)?);
    }
    interrupt::watch()?;
    let everything: Vec<usize> = (0..prepared.cells.len()).collect();
    let threads = threads(args.threads);
    let mut played = play(&prepared, &everything, journal, threads, console)?;
    if played.is_interrupted {
        std::mem::replace(&mut played.kept, Ok(()))?;
        return Err(interrupted(&played, args, console));
    }
    let report = show::report(&prepared, played.cells);
    let files = Files::of([scenario.file.as_path()]);
    let folder = args.output.as_deref().filter(|_| played.kept.is_ok());
    let exit = show::finish(&report, &files, folder, args.format, console)?;
    played.kept.map(|()| exit)
}

/// Writes what is to be played.
fn plan(args: &PlanArgs, console: &mut Console) -> Result<Exit, Failure> {
    let prepared = prepare::from_args(&args.scenario, &args.grid, console)?;
    let text = crate::view::pretty(&prepared.plan);
    if is_dash(&args.output) {
        console.data(&text)?;
        return Ok(Exit::Ok);
    }
    let mut file = PendingFile::create(&args.output)?;
    let written = file.write_all(text.as_bytes());
    written.map_err(|error| Failure::writing(&args.output, &error))?;
    file.finish()?;
    Ok(Exit::Ok)
}

/// Says what is kept, and how to go on.
fn interrupted(played: &Played, args: &SweepArgs, console: &Console) -> Failure {
    let (done, all) = (played.cells.len(), played.asked);
    if args.output.is_none() {
        console.say(&format!(
            "interrupted: {done} of {all} cells were finished, and nothing is kept\n\
             hint: with `-o DIR` finished cells are kept, and --resume goes on\n"
        ));
    } else {
        console.say(&format!(
            "interrupted: {done} of {all} cells are finished and kept; go on with\n  {}\n",
            prepare::again(args.resume)
        ));
    }
    Failure::Said(Exit::Interrupted)
}
