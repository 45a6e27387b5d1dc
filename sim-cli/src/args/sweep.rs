//! Arguments of `sweep` and of its parts.

use super::shared::ScenarioArgs;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Help below the arguments.
pub(super) const SWEEP: &str = "\
Values of --vary:
  PATH=20,40,80               these
  PATH=100/s..900/s step 100/s
  PATH=10ms..10s log 7        7 values, each the same factor above the last
  PATH=0.5..2.5               anything between, for --design random or lhs

Examples:
  squall sweep storm.yaml --vary policies.naive.retry.max_attempts=1,2,3,4
  squall sweep storm.yaml --vary 'services.payments.threads=20..80 step 20' \\
    --vary policies.naive.timeout.after=250ms,500ms,1s -n 20 -o out
  squall sweep storm.yaml --vary services.payments.threads=20..80 \\
    --design lhs:100 --format csv > cells.csv
  squall sweep storm.yaml -o out --resume       go on after Ctrl-C or a crash

All cells meet the same random numbers, so that what differs between two cells
is what their settings do. Cells and runs are played on all processors; the
results are the same bytes at any number of threads.";

/// Arguments of `sweep`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct SweepArgs {
    /// A part of a sweep that is divided among machines.
    #[command(subcommand)]
    pub(crate) part: Option<SweepPart>,
    /// What to play.
    #[command(flatten)]
    pub(crate) scenario: Option<ScenarioArgs>,
    /// What is varied.
    #[command(flatten)]
    pub(crate) grid: GridArgs,
    /// Keep the journal and the results in this folder
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Go on where the journal in the folder ends
    #[arg(long, requires = "output")]
    pub(crate) resume: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: SweepFormat,
    /// How many threads play [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) threads: Option<u32>,
}

/// What is varied.
#[derive(Debug, Args)]
pub(crate) struct GridArgs {
    /// Values of a setting; may be given several times, the slowest first
    #[arg(long, value_name = "PATH=VALUES")]
    pub(crate) vary: Vec<String>,
    /// Which combinations: grid, random:N or lhs:N [default: grid]
    #[arg(long, value_name = "DESIGN")]
    pub(crate) design: Option<String>,
    /// Runs of each cell [default: the scenario's, or 10]
    #[arg(short = 'n', long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) replications: Option<u32>,
    /// Other random numbers than the scenario's own seed gives
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Random numbers of its own for each cell
    #[arg(long)]
    pub(crate) independent: bool,
    /// A measure to look at first, such as `p99 latency of shoppers`
    #[arg(long, value_name = "NAME")]
    pub(crate) measure: Vec<String>,
    /// Play up to this many cells
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub(crate) max_cells: u32,
    /// Play however many cells there are
    #[arg(long)]
    pub(crate) yes: bool,
}

/// A part of a sweep that is divided among machines.
#[derive(Debug, Subcommand)]
pub(crate) enum SweepPart {
    /// Write what is to be played into one file
    Plan(PlanArgs),
    /// Play a share of a plan into a journal of its own
    Run(ShardArgs),
    /// Join journals into the results of the whole sweep
    Merge(MergeArgs),
    /// Write a job file for Slurm, Kubernetes or GNU parallel
    Emit(EmitArgs),
}

/// Arguments of `sweep plan`.
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// What to play.
    #[command(flatten)]
    pub(crate) scenario: ScenarioArgs,
    /// What is varied.
    #[command(flatten)]
    pub(crate) grid: GridArgs,
    /// The file to write; `-` is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,
}

/// Arguments of `sweep run`.
#[derive(Debug, Args)]
pub(crate) struct ShardArgs {
    /// The plan
    #[arg(value_name = "PLAN")]
    pub(crate) plan: PathBuf,
    /// Which share: I/N, or `auto` to read it from Slurm, Kubernetes or GNU parallel
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: String,
    /// The folder of the journals; a journal that is there is gone on with
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// How many threads play [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) threads: Option<u32>,
}

/// Arguments of `sweep merge`.
#[derive(Debug, Args)]
pub(crate) struct MergeArgs {
    /// The plan
    #[arg(value_name = "PLAN")]
    pub(crate) plan: PathBuf,
    /// Journals, or folders of journals
    #[arg(value_name = "JOURNAL", required = true)]
    pub(crate) journals: Vec<PathBuf>,
    /// Write the results into this folder
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: SweepFormat,
}

/// Arguments of `sweep emit`.
#[derive(Debug, Args)]
pub(crate) struct EmitArgs {
    /// For which engine
    #[arg(value_enum)]
    pub(crate) engine: Engine,
    /// The plan, by the name that the jobs find it under
    #[arg(value_name = "PLAN")]
    pub(crate) plan: PathBuf,
    /// How many shares
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) shards: u32,
    /// Processors of each share
    #[arg(long, value_name = "N", default_value_t = 2)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) cpus: u32,
    /// Memory of each share [MiB]
    #[arg(long, value_name = "MIB", default_value_t = 512)]
    #[arg(value_parser = clap::value_parser!(u32).range(64..=1_048_576))]
    pub(crate) memory: u32,
    /// How often a share that failed is tried again
    #[arg(long, value_name = "N", default_value_t = 3)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(crate) retries: u32,
    /// The image that holds squall, for Kubernetes
    #[arg(long, value_name = "IMAGE", default_value = "squall:latest")]
    pub(crate) image: String,
    /// The volume claim that holds the plan and takes the journals, for Kubernetes
    #[arg(long, value_name = "CLAIM", default_value = "squall")]
    pub(crate) claim: String,
    /// The folder of the journals and the results, by the name that the jobs find it under
    #[arg(short, long, value_name = "DIR", default_value = "out")]
    pub(crate) output: PathBuf,
}

/// Who runs the shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// A job array of Slurm, and a job that waits for it
    Slurm,
    /// An indexed job of Kubernetes, and one that merges
    Kubernetes,
    /// A shell script around GNU parallel
    Parallel,
}

/// How a sweep is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SweepFormat {
    /// For a person at a terminal
    #[default]
    Human,
    /// The whole report, for programs
    Json,
    /// A line for each cell
    Csv,
    /// For a page or a pull request
    Markdown,
}
