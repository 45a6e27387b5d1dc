//! The report of a sweep: made once, printed and written.

use crate::args::sweep::SweepFormat;
use crate::console::Console;
use crate::exit::{Exit, Failure, shown};
use crate::output::{Folder, clear_left_behind};
use crate::view::{self, Files, Viewed};
use sim_core::report::Commands;
use sim_core::report::sweep::{CellReport, CellState, Prepared, SweepReport, sweep_report};
use std::path::{Path, PathBuf};

/// The report of these cells.
pub(super) fn report(prepared: &Prepared, cells: Vec<CellReport>) -> SweepReport {
    sweep_report(prepared, cells, command(prepared))
}

/// The command that plays the sweep again, with the scenario's name for its file.
fn command(prepared: &Prepared) -> String {
    let plan = &prepared.plan;
    let mut command = format!("squall sweep {}.yaml", plan.scenario);
    let mut add = |option: &str, value: &str| {
        command.extend([" ", option, " ", &view::quoted(value)]);
    };
    for change in &plan.overrides {
        add("--set", &format!("{}={}", change.path, change.value));
    }
    plan.vary.iter().for_each(|axis| add("--vary", axis));
    if plan.design != "grid" {
        add("--design", &plan.design.replace(' ', ":"));
    }
    add("--replications", &plan.replications.to_string());
    add("--seed", &plan.seed.to_string());
    plan.shown.iter().for_each(|name| add("--measure", name));
    if plan.independent {
        command.push_str(" --independent");
    }
    command
}

/// Writes and prints the report, and says how the sweep ended.
pub(super) fn finish(
    report: &SweepReport,
    files: &Files,
    folder: Option<&Path>,
    format: SweepFormat,
    console: &mut Console,
) -> Result<Exit, Failure> {
    // What cannot be written is shown at least.
    let written = folder.map_or(Ok(()), |path| write(report, files, path, console));
    let named = report.calling(&files.given);
    match format {
        SweepFormat::Human => console.text(&view::human(named.document(), console.look))?,
        SweepFormat::Json => console.data(&view::json(report.into()))?,
        SweepFormat::Csv => console.data(&sim_view::sweep_csv(report))?,
        SweepFormat::Markdown => console.data(&sim_view::markdown(&named))?,
    }
    written?;
    let sound = |cell: &CellReport| cell.state == CellState::Finished;
    if report.cells.iter().all(sound) && report.missing == 0 {
        Ok(Exit::Ok)
    } else {
        Ok(Exit::Inconclusive)
    }
}

/// Files that appear together under their names, or not at all. The folder is locked.
fn write(
    report: &SweepReport,
    files: &Files,
    path: &Path,
    console: &Console,
) -> Result<(), Failure> {
    let below = view::FOLDERS.map(|name| path.join(name));
    std::iter::once(path)
        .chain(below.iter().map(PathBuf::as_path))
        .for_each(clear_left_behind);
    let mut folder = Folder::open(path, &view::FOLDERS, &view::FILES)?;
    for file in view::files(report, files) {
        match &file.text {
            Some(text) => folder.put(&file.name, text)?,
            None => folder.clear(&file.name),
        }
    }
    folder.finish()?;
    console.remark(&format!(
        "the results are in {}; open report.html\n",
        shown(path)
    ));
    Ok(())
}
