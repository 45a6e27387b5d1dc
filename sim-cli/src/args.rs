//! The command line: what can be asked for, and the words that teach it.

mod backtest;
pub(crate) mod limits;
mod shared;
pub(crate) mod sweep;
pub(crate) mod tune;

pub(crate) use backtest::{BackoffArgs, BacktestArgs, UnrecordedArg};
pub(crate) use shared::{CheckFormat, ReportFormat, ScenarioArgs};

use crate::console::{ColorChoice, WIDTH};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use shared::{setting, tolerance};
use std::path::PathBuf;

const START: &str = "\
Start here:
  squall new storm.yaml --from payments-slowdown
  squall run storm.yaml
  squall run storm.yaml --set policies.naive.retry.max_attempts=1
  squall run storm.yaml -o storm-report

Exit codes: 0 all well; 1 an expectation failed, or a replay or stored
report differs; 2 bad usage or bad input; 3 inconclusive or stopped at a limit;
4 input/output or internal error; 130 interrupted.";

const RUN: &str = "\
Examples:
  squall run storm.yaml                         the verdict, and what happened
  squall run storm.yaml --seed 7                the same system on another day
  squall run storm.yaml --set services.payments.threads=80
  squall run storm.yaml -o out                  report.json, report.html, charts
  squall run storm.yaml --format json | jq .verdict
  squall run storm.yaml --replications 50       how likely, how sure, the worst run
  squall run storm.yaml --replication 7         one of those runs, by its number
  squall run storm.yaml --replications 20 --until 'half-width of probability of
    collapse < 5%'                              twenty more, until it is that sharp
  generate-scenario | squall run -              from standard input

A path given to --set is keys joined by dots. In a list, a key stands for the
item that has it, numbered from 1 if several have it. A list or a map is given
whole, in YAML, and a layer is switched off where it stands:
  policies.guarded.retry.max_attempts=4
  policies.guarded.timeout[2].after=300ms
  policies.guarded='[{ retry: { max_attempts: 2 } }, { timeout: 1s }]'
  policies.guarded.retry.enabled=false";

const COMPARE: &str = "\
Examples:
  squall compare naive.yaml guarded.yaml
  squall compare storm.yaml --set policies.naive.retry.max_attempts=2
  squall compare naive.yaml guarded.yaml --replications 100 -o out

Both meet the same calls with the same work, run by run, so even small
differences show. Differences are B - A; with two files, --set changes the
second.";

const VALIDATE: &str = "\
Examples:
  squall validate storm.yaml
  squall validate storm.yaml --format json      for editors and scripts
  squall validate storm.yaml --fail-on warning  for CI: exit code 1 on a warning

Nothing is simulated. Mistakes are shown all at once, each with its place; so
is what is legal but probably not meant, such as a queue without a limit.";

const NEW: &str = "\
Examples:
  squall new --list
  squall new storm.yaml --from payments-slowdown
  squall new - --from payments-slowdown | squall run -

A file that is there already is never replaced.";

const REPLAY: &str = "\
Examples:
  squall run storm.yaml -o out && squall replay out/report.json
  squall run storm.yaml -o out --events out/facts.jsonl
  squall replay out/report.json --events out/facts.jsonl

A report holds its whole scenario, so nothing else is needed. If the new run
differs, the stretch of the run in which the two part is shown; with the facts
of the other run at hand, the first fact that differs.";

const TRACE: &str = "\
Examples:
  squall trace storm.yaml --first-failure
  squall trace storm.yaml --slowest --client shoppers
  squall trace storm.yaml --call 4711
  squall trace storm.yaml --typical --format perfetto > trace.json

The run is played twice: to find the call, then to record it. The numbers of
calls are those in the facts of `run --events`. A trace in the format of
Perfetto opens in ui.perfetto.dev and in chrome://tracing.";

const TEST: &str = "\
Examples:
  squall test scenarios                         every scenario in a folder
  squall test scenarios --filter payments
  squall test scenarios --update                accept what the runs say now
  squall test scenarios --review                ask about each difference
  squall test scenarios --level summary         what one decides by, not each bit
  squall test scenarios --write junit=junit.xml --write markdown=summary.md

A report is stored as reports/NAME.snap beside its scenario, or in the folder of
--reports, in the format of the Rust crate insta. Once the folder is there,
every scenario must have one. With CI=true nothing is ever stored.";

/// Simulate how calls, queues, retries and breakers behave when something fails.
///
/// Squall is a wind tunnel for resilience policy. A scenario describes clients,
/// services, policies and faults in one YAML file; a run plays it request by
/// request in virtual time and says what would happen. The same scenario and
/// seed give the same bytes on every machine.
#[derive(Debug, Parser)]
#[command(
    name = "squall",
    version,
    after_help = START,
    max_term_width = WIDTH,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    infer_long_args = false
)]
pub(crate) struct CommandLine {
    /// How things look.
    #[command(flatten, next_help_heading = "Looks")]
    pub(crate) look: LookArgs,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct LookArgs {
    /// When to use colour: auto, always or never; `NO_COLOR` is honoured
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    #[arg(hide_possible_values = true)]
    pub(crate) color: ColorChoice,
    /// Write only ASCII characters for people; data stays as it is
    #[arg(long, global = true)]
    pub(crate) ascii: bool,
    /// Say nothing on standard error but errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Play a scenario once and say whether its expectations hold
    #[command(after_help = RUN)]
    Run(RunArgs),
    /// Compare two scenarios, or one with changed settings, on the same luck
    #[command(after_help = COMPARE)]
    Compare(CompareArgs),
    /// Play a scenario over a grid of settings: a table, maps and trade-offs
    #[command(after_help = sweep::SWEEP)]
    Sweep(sweep::SweepArgs),
    /// Find the edge: the load, fault length or setting at which it tips
    #[command(after_help = limits::LIMITS)]
    Limits(limits::LimitsArgs),
    /// Find the settings that do best and still meet the expectations
    #[command(after_help = tune::TUNE)]
    Tune(tune::TuneArgs),
    /// Check a scenario without running it
    #[command(after_help = VALIDATE)]
    Validate(ValidateArgs),
    /// Write a commented scenario to start from
    #[command(after_help = NEW)]
    New(NewArgs),
    /// Run a report again and prove that it is the same
    #[command(after_help = REPLAY)]
    Replay(ReplayArgs),
    /// Show one call of a run: every attempt, wait and decision
    #[command(
        after_help = TRACE,
        override_usage = "squall trace FILE [--call N | --slowest | --first-failure | --typical]"
    )]
    Trace(TraceArgs),
    /// Check expectations and compare with stored reports
    #[command(after_help = TEST)]
    Test(TestArgs),
    /// Play recorded calls through a policy
    #[command(after_help = backtest::BACKTEST)]
    Backtest(BacktestArgs),
    /// Show how long the retries of a policy wait
    #[command(after_help = backtest::BACKOFF)]
    Backoff(BackoffArgs),
    /// Explain a finding or a warning
    Explain {
        /// Its code, such as `retry-storm`; none lists all
        #[arg(value_name = "CODE")]
        code: Option<String>,
    },
    /// Print the JSON Schema of scenarios, for completion in editors, or their reference
    Schema {
        /// How it is printed
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
        format: SchemaFormat,
    },
    /// Print the completions of a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the manual page
    Man {
        /// Write the pages of all commands into this folder
        #[arg(short, long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// What to run.
    #[command(flatten)]
    pub(crate) scenario: ScenarioArgs,
    /// Other random numbers than the scenario's own seed gives
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Which replication of the seed: another number, other random numbers
    #[arg(long, value_name = "K", default_value_t = 0)]
    pub(crate) replication: u32,
    /// Many runs.
    #[command(flatten, next_help_heading = "Many runs")]
    pub(crate) many: ManyArgs,
    /// Write report.json, report.md, report.html and charts into this folder
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ReportFormat,
    /// Write everything that happens into this file, one JSON line per fact
    #[arg(long, value_name = "FILE", conflicts_with = "replications")]
    pub(crate) events: Option<PathBuf>,
}

/// Most replications.
const MOST: i64 = 100_000;

/// Many runs of one scenario.
#[derive(Debug, Args)]
pub(crate) struct ManyArgs {
    /// Play it so many times with other random numbers, and say how sure that is
    #[arg(short = 'n', long, value_name = "N", conflicts_with = "replication")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=MOST))]
    pub(crate) replications: Option<u32>,
    /// Play on so many threads [default: one per processor]; results are the same
    #[arg(long, value_name = "T", requires = "replications")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) threads: Option<u32>,
    /// Add as many again until 'half-width of MEASURE < VALUE' holds
    #[arg(long, value_name = "GOAL", requires = "replications")]
    pub(crate) until: Option<String>,
    /// But never more than this
    #[arg(long, value_name = "N", requires = "until", default_value_t = 1000)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=MOST))]
    pub(crate) max_replications: u32,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// The first design, A
    #[arg(value_name = "A")]
    pub(crate) first: PathBuf,
    /// The second design, B; the first with changed settings if absent
    #[arg(value_name = "B", required_unless_present = "sets")]
    pub(crate) second: Option<PathBuf>,
    /// Change a setting of B; may be given several times
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = setting)]
    pub(crate) sets: Vec<(String, String)>,
    /// Pairs of runs
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    #[arg(value_parser = clap::value_parser!(u32).range(2..=MOST))]
    pub(crate) replications: u32,
    /// Play on so many threads [default: one per processor]; results are the same
    #[arg(long, value_name = "T")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) threads: Option<u32>,
    /// Other random numbers, for both, than the seed of A gives
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Write report.json, report.md, report.html and charts into this folder
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ReportFormat,
}

/// Arguments of `validate`.
#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    /// What to check.
    #[command(flatten)]
    pub(crate) scenario: ScenarioArgs,
    /// What to print
    #[arg(long, value_enum, default_value_t, conflicts_with = "expand")]
    pub(crate) format: CheckFormat,
    /// Print the scenario with its presets written out as the settings they stand for
    #[arg(long)]
    pub(crate) expand: bool,
    /// List the measures for --until, and for those of sweep and tune
    #[arg(long, conflicts_with_all = ["expand", "format", "fail_on"])]
    pub(crate) measures: bool,
    /// Exit with 1 if there is a warning, or a warning or a note; for CI
    #[arg(long, value_enum, value_name = "LEVEL", conflicts_with = "expand")]
    pub(crate) fail_on: Option<FailOn>,
}

/// What a check may not find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// What is legal but probably not meant
    Warning,
    /// That, and what is good to know, such as the worst case of retries
    Note,
}

/// Arguments of `new`.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The file to write; `-` is standard output [default: NAME.yaml]
    #[arg(value_name = "FILE", conflicts_with = "list")]
    pub(crate) file: Option<PathBuf>,
    /// Which scenario to start from
    #[arg(long, value_name = "NAME", required_unless_present = "list")]
    pub(crate) from: Option<String>,
    /// List the scenarios to start from
    #[arg(long)]
    pub(crate) list: bool,
}

/// Arguments of `replay`.
#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// A report.json; `-` is standard input
    #[arg(value_name = "REPORT")]
    pub(crate) report: PathBuf,
    /// The facts of the other run, written by `run --events`
    #[arg(long, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,
}

/// Arguments of `trace`.
#[derive(Debug, Args)]
pub(crate) struct TraceArgs {
    /// What to run.
    #[command(flatten)]
    pub(crate) scenario: ScenarioArgs,
    /// Which call.
    #[command(flatten)]
    pub(crate) which: WhichCall,
    /// Choose among the calls of this client
    #[arg(long, value_name = "NAME", conflicts_with = "call")]
    pub(crate) client: Option<String>,
    /// Other random numbers than the scenario's own seed gives
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Which replication of the seed: another number, other random numbers
    #[arg(long, value_name = "K", default_value_t = 0)]
    pub(crate) replication: u32,
    /// What to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TraceFormat,
}

/// Which call to show.
#[derive(Clone, Copy, Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct WhichCall {
    /// The call with this number
    #[arg(long, value_name = "N")]
    pub(crate) call: Option<u32>,
    /// The call that took longest
    #[arg(long)]
    pub(crate) slowest: bool,
    /// The first call that was not useful
    #[arg(long)]
    pub(crate) first_failure: bool,
    /// The call with the median latency of those that ended `ok`
    #[arg(long)]
    pub(crate) typical: bool,
}

/// How a trace is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum TraceFormat {
    /// For a person at a terminal
    #[default]
    Human,
    /// For programs
    Json,
    /// For ui.perfetto.dev
    Perfetto,
}

/// Arguments of `test`.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Scenarios, or folders of them
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Only scenarios whose file name holds this text; may be given several times
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Vec<String>,
    /// Where reports are stored [default: `reports` beside each scenario]
    #[arg(long, value_name = "DIR")]
    pub(crate) reports: Option<PathBuf>,
    /// How closely a report must agree with the stored one
    #[arg(long, value_enum, default_value_t)]
    pub(crate) level: TestLevel,
    /// By how much figures of a summary may differ [default: 1%]
    #[arg(long, value_name = "SHARE", value_parser = tolerance)]
    pub(crate) tolerance: Option<f64>,
    /// Store what the runs say now
    #[arg(long, conflicts_with = "review")]
    pub(crate) update: bool,
    /// Show each difference and ask whether to store it
    #[arg(long)]
    pub(crate) review: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TestFormat,
    /// Write another format into a file; may be given several times
    #[arg(long = "write", value_name = "FORMAT=FILE", value_parser = copy)]
    pub(crate) copies: Vec<(TestFormat, PathBuf)>,
    /// Runs at the same time [default: one per processor]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<std::num::NonZeroUsize>,
}

/// How closely reports are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestLevel {
    /// Every field and the digest of every fact
    #[default]
    Digest,
    /// Verdicts, findings, rates, shares and percentiles, within a tolerance
    Summary,
}

/// How the results of tests are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// For a person at a terminal
    #[default]
    Human,
    /// For programs
    Json,
    /// XML for build servers
    Junit,
    /// For a page or the summary of a job
    Markdown,
    /// For annotations in GitHub Actions
    Github,
}

/// How the format of scenarios is described.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaFormat {
    /// A JSON Schema, for editors
    #[default]
    Json,
    /// The reference, for people
    Markdown,
}

fn copy(text: &str) -> Result<(TestFormat, PathBuf), String> {
    let wrong = || "a copy is FORMAT=FILE, such as junit=results.xml".to_owned();
    let (format, file) = text.split_once('=').ok_or_else(wrong)?;
    if file.is_empty() {
        return Err(wrong());
    }
    let format = TestFormat::from_str(format, false).map_err(|_| {
        format!("there is no format `{format}`: human, json, junit, markdown, github")
    })?;
    Ok((format, file.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn a_setting_is_split_at_its_first_equals_sign() {
        assert_eq!(setting("a.b=c=d").unwrap(), ("a.b".into(), "c=d".into()));
        assert!(setting("a.b").is_err());
        assert!(setting("=1").is_err());
    }
}
