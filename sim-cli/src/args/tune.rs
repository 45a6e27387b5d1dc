//! Arguments of `tune`.

use super::shared::{ReportFormat, setting};
use clap::{ArgGroup, Args};
use std::path::PathBuf;

/// Help below the arguments.
pub(super) const TUNE: &str = "\
Values of --over:
  PATH=1..8                   numbers, durations, rates, shares
  PATH=10ms..10s log          by factors, not by steps
  PATH=20,40,80               these
  PATH=none,full,equal        choices

Examples:
  squall tune storm.yaml --over policies.naive.timeout.after=100ms..2s \\
    --over policies.naive.retry.max_attempts=1..5 \\
    --minimise 'p99 latency of shoppers'
  squall tune storm.yaml --over services.payments.threads=30..120 \\
    --minimise services.payments.threads --runs 200 -o tuned
  squall tune calm.yaml storm.yaml --over policies.naive.retry.jitter=none,full \\
    --maximise 'goodput of shoppers'

What counts must also meet the expectations of every scenario given. The answer
is confirmed in runs that had no part in choosing it, beside the second best
and the scenario as it is. MEASURE is one of those that `sweep` shows,
`probability of collapse`, `instances`, or the path of --over itself.";

/// Arguments of `tune`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("goal").required(true).args(["minimise", "maximise"]))]
pub(crate) struct TuneArgs {
    /// The scenarios to serve at once; the worst of them counts
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Change a setting of all of them; may be given several times
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = setting)]
    pub(crate) sets: Vec<(String, String)>,
    /// A setting that may be changed, and its values; may be given several times
    #[arg(long, value_name = "PATH=VALUES", required = true)]
    pub(crate) over: Vec<String>,
    /// The measure that is to be small
    #[arg(long, value_name = "MEASURE", alias = "minimize")]
    pub(crate) minimise: Option<String>,
    /// The measure that is to be large
    #[arg(long, value_name = "MEASURE", alias = "maximize")]
    pub(crate) maximise: Option<String>,
    /// Play at most so many runs
    #[arg(long, value_name = "N", default_value_t = 400)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub(crate) runs: u32,
    /// Other random numbers than the first scenario's seed gives
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Write report.json, report.md, report.html and a chart into this folder
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ReportFormat,
    /// How many threads play [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) threads: Option<u32>,
}
