//! What can be viewed: the kinds of report there are.

use sim_core::report::limits::LimitsReport;
use sim_core::report::sweep::SweepReport;
use sim_core::report::tune::TuneReport;
use sim_core::report::{ComparisonReport, ReplicationReport, Report};

/// A report of some kind.
#[derive(Clone, Copy, Debug)]
pub enum Document<'a> {
    /// Of one run.
    Run(&'a Report),
    /// Of many runs of one scenario.
    Replications(&'a ReplicationReport),
    /// Of two designs on the same random numbers.
    Comparison(&'a ComparisonReport),
    /// Of many cells of a scenario with other settings.
    Sweep(&'a SweepReport),
    /// Of a search for the edge.
    Limits(&'a LimitsReport),
    /// Of a search for the best settings.
    Tune(&'a TuneReport),
}

impl<'a> From<&'a Report> for Document<'a> {
    fn from(report: &'a Report) -> Self {
        Self::Run(report)
    }
}

impl<'a> From<&'a ReplicationReport> for Document<'a> {
    fn from(report: &'a ReplicationReport) -> Self {
        Self::Replications(report)
    }
}

impl<'a> From<&'a SweepReport> for Document<'a> {
    fn from(report: &'a SweepReport) -> Self {
        Self::Sweep(report)
    }
}

impl<'a> From<&'a ComparisonReport> for Document<'a> {
    fn from(report: &'a ComparisonReport) -> Self {
        Self::Comparison(report)
    }
}

impl<'a> From<&'a LimitsReport> for Document<'a> {
    fn from(report: &'a LimitsReport) -> Self {
        Self::Limits(report)
    }
}

impl<'a> From<&'a TuneReport> for Document<'a> {
    fn from(report: &'a TuneReport) -> Self {
        Self::Tune(report)
    }
}
