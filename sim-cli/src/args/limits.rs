//! Arguments of `limits`.

use super::shared::{ReportFormat, ScenarioArgs, inside};
use clap::Args;
use std::path::PathBuf;

/// Help below the arguments.
pub(super) const LIMITS: &str = "\
Values of --over:
  PATH=400/s..1200/s          64 steps from the one to the other
  PATH='1..8 step 1'          these steps; `log 9` makes each the same factor
  PATH=50,100,200             these and nothing between

Examples:
  squall limits storm.yaml --over clients.shoppers.arrivals.poisson.rate=500/s..1500/s
  squall limits storm.yaml --over faults.payments-slow.for=1s..60s --failing quick
  squall limits storm.yaml --without-faults --ramp 9 -o edge \\
    --over clients.shoppers.arrivals.poisson.rate=500/s..2500/s
  squall limits storm.yaml --over faults.payments-slow.for=1s..60s \\
    --map clients.shoppers.arrivals.poisson.rate=600/s,750/s,900/s

The edge is given as an interval whose ends are surely (95 %) on different
sides of the level. A response that is not monotone has more than one edge,
and all that are seen are told.";

/// Arguments of `limits`.
#[derive(Debug, Args)]
pub(crate) struct LimitsArgs {
    /// What to play.
    #[command(flatten)]
    pub(crate) scenario: ScenarioArgs,
    /// The setting, and from where to where
    #[arg(long, value_name = "PATH=A..B")]
    pub(crate) over: String,
    /// Look at the failure of this expectation, instead of collapse
    #[arg(long, value_name = "NAME")]
    pub(crate) failing: Option<String>,
    /// The probability of failure whose crossing is the edge
    #[arg(long, value_name = "SHARE", default_value = "50%", value_parser = inside)]
    pub(crate) level: f64,
    /// Search for each value of a second setting
    #[arg(long, value_name = "PATH=VALUES")]
    pub(crate) map: Option<String>,
    /// Search the same line without the faults too
    #[arg(long, conflicts_with_all = ["map", "failing"])]
    pub(crate) without_faults: bool,
    /// Go up in so many steps and down again in one run, without the faults
    #[arg(long, value_name = "STEPS", conflicts_with = "map")]
    #[arg(value_parser = clap::value_parser!(u32).range(3..=100))]
    pub(crate) ramp: Option<u32>,
    /// How long each step of the ramp lasts [s]
    #[arg(long, value_name = "S", default_value_t = 20, requires = "ramp")]
    #[arg(value_parser = clap::value_parser!(u32).range(2..=3600))]
    pub(crate) hold: u32,
    /// Values to look at first, both ends included
    #[arg(long, value_name = "N", default_value_t = 5)]
    #[arg(value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub(crate) scan: u32,
    /// Most runs of one value
    #[arg(short = 'n', long, value_name = "N", default_value_t = 40)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) replications: u32,
    /// Other random numbers than the scenario's own seed gives
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Write report.json, report.md, report.html and charts into this folder
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ReportFormat,
    /// How many threads play [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) threads: Option<u32>,
}
