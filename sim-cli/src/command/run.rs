//! One run: from a scenario to a verdict, a view of it and files.

use super::fact_log::FactLog;
use super::play::{Brake, play};
use super::replicate;
use super::scenario::Asked;
use crate::args::{ReportFormat, RunArgs};
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::output::Folder;
use crate::view::{self, Files, Viewed};
use sim_core::experiment::Play;
use sim_core::model::record::RunRecord;
use sim_core::report::{Report, Status, Verdict};
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

/// Prints a report.
pub(super) fn show(
    report: &impl Viewed,
    files: &Files,
    format: ReportFormat,
    console: &mut Console,
) -> Result<(), Failure> {
    let named = report.calling(&files.given);
    let document = named.document();
    match format {
        ReportFormat::Human => console.text(&view::human(document, console.look)),
        ReportFormat::Json => console.data(&view::json(report.document())),
        ReportFormat::Markdown => console.data(&sim_view::markdown(document)),
        ReportFormat::Html => console.data(&sim_view::html(document)),
    }
}

/// Opens the folder of a report before anything is computed.
pub(super) fn open_folder(path: &Path) -> Result<Folder, Failure> {
    Folder::open(path, &view::FOLDERS, &view::FILES)
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

/// Writes a report into its folder.
pub(super) fn keep(
    report: &impl Viewed,
    files: &Files,
    mut folder: Folder,
    console: &Console,
) -> Result<(), Failure> {
    for file in view::files(report, files) {
        match &file.text {
            Some(text) => folder.put(&file.name, text)?,
            None => folder.clear(&file.name),
        }
    }
    let path = crate::exit::shown(folder.path());
    folder.finish()?;
    console.remark(&format!("the report is in {path}; open report.html\n"));
    Ok(())
}

/// A failed expectation is certain, whatever stopped the run.
pub(super) fn exit_of(report: &Report) -> Exit {
    match (report.verdict, &report.status) {
        (_, Status::Interrupted) => Exit::Interrupted,
        (Verdict::Fail, Status::Finished | Status::Limit(_)) => Exit::Failed,
        (Verdict::Inconclusive, Status::Finished | Status::Limit(_))
        | (Verdict::Pass, Status::Limit(_)) => Exit::Inconclusive,
        (Verdict::Pass, Status::Finished) => Exit::Ok,
    }
}
