//! What becomes of a report: it is printed, kept in a folder, and decides how the program ends.

use crate::args::ReportFormat;
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::output::Folder;
use crate::view::{self, Files, Viewed};
use sim_core::report::{Report, Status, Verdict};
use std::path::Path;

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
