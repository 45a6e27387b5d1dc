//! From the record of a run to what people and programs read of it.
//!
//! The report is built once; everything printed or written is a view of it.

use crate::args::ReportFormat;
use crate::console::Look;
use sim_core::experiment::Play;
use sim_core::model::record::RunRecord;
use sim_core::report::Report;
use sim_core::scenario::Loaded;

/// Folders inside the folder of a report.
pub(crate) const FOLDERS: [&str; 1] = ["charts"];
/// Files in the folder of a report, besides the charts.
pub(crate) const FILES: [&str; 3] = ["report.json", "report.md", "report.html"];

