//! One run: from a scenario to a verdict, a view of it and files.

use super::fact_log::FactLog;
use super::play::{Brake, play};
use super::replicate;
use super::report::{exit_of, keep, open_folder, show};
use super::scenario::Asked;
use crate::args::RunArgs;
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::view::{self, Files};
use sim_core::experiment::Play;
use sim_core::model::record::RunRecord;
use sim_core::scenario::Loaded;
use std::path::Path;

/// Runs a scenario, once or many times.
pub(crate) fn run(args: &RunArgs, console: &mut Console) -> Result<Exit, Failure> {
    match args.many.replications {
        Some(count) => replicate::replicate(args, count, console),
        None => once(args, console),
    }
}

fn once(args: &RunArgs, console: &mut Console) -> Result<Exit, Failure> {
    let asked = Asked::read(&args.scenario)?;
    let loaded = asked.load_aloud(console)?;
    let folder = args.output.as_deref().map(open_folder).transpose()?;
    let which = Play {
        seed: args.seed.unwrap_or(loaded.scenario.seed),
        replication: args.replication,
    };
    interrupt::watch()?;
    let record = record(args.events.as_deref(), &loaded, which, console)?;
    let report = view::report(&loaded, which, asked.sets(), &record);
    let files = Files::of([args.scenario.file.as_path()]);
    // What cannot be written is shown at least.
    let kept = folder.map_or(Ok(()), |folder| keep(&report, &files, folder, console));
    show(&report, &files, args.format, console)?;
    kept?;
    Ok(exit_of(&report))
}

/// Plays the run; a log of its facts is complete before anything else is written.
fn record(
    events: Option<&Path>,
    loaded: &Loaded,
    which: Play,
    console: &Console,
) -> Result<RunRecord, Failure> {
    let scenario = &loaded.scenario;
    let brake = Brake::default();
    let Some(path) = events else {
        return Ok(play(scenario, which, (), &brake, console)?.0);
    };
    let log = FactLog::create(path, &scenario.model, &brake)?;
    let (record, log) = play(scenario, which, log, &brake, console)?;
    log.finish()?;
    Ok(record)
}
