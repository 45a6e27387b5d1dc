//! What can be asked about a policy and a call log.

use super::shared::{CheckFormat, setting};
use clap::{Args, ValueEnum};
use sim_core::report::ClockName;
use sim_core::time::SimTime;
use std::path::PathBuf;

pub(super) const BACKTEST: &str = "\
Examples:
  squall backtest policy.yaml calls.csv         would the breaker have opened?
  squall backtest storm.yaml calls.jsonl --policy guarded -o out
  zcat calls.csv.gz | squall backtest policy.yaml - --format json
  squall backtest policy.yaml calls.csv --decisions decisions.csv

CALLS is CSV with a header, or JSON lines with the same keys, in the order of
the starts; other columns are passed over:
  start     seconds (12.5), a unit (12.5s), or a date (2025-06-01T12:00:00.5Z)
  latency   seconds, or a unit (250ms); latency_ms means bare milliseconds
  outcome   an HTTP status; success, failure, error or timeout; or a name such
            as ok, timeout.response, error.unavailable, rejected.queue_full
  caller, target, class    optional; state belongs to each caller and target
  idempotent, retry_after  optional; for retries that mind

A line is one call. If it was tried several times, its latencies and outcomes
are lists: 0.5|0.02 and 503|ok, in JSON [0.5, 0.02] and [503, \"ok\"]. What a
further attempt would have been answered is not in the log: --unrecorded says
what to suppose. In --decisions `why` tells a breaker that is open from one that
is half open with all its probes out (too_many_requests), and what held a retry
back, such as its budget. The callee does not change: a log cannot show how fewer calls
would have eased it.";

pub(super) const BACKOFF: &str = "\
Examples:
  squall backoff policy.yaml                    least, mean and greatest waits
  squall backoff policy.yaml --draws 0.1,0.5,0.9
  squall backoff storm.yaml --policy guarded --set policies.guarded.retry.jitter=none

Draws are numbers between 0 and 1, used one for each wait, in order: what a
library waits that is given the same ones.";

/// Arguments of `backtest`.
#[derive(Debug, Args)]
pub(crate) struct BacktestArgs {
    /// A file with `policies:`, or a whole scenario; `-` is standard input
    #[arg(value_name = "POLICY")]
    pub(crate) policy: PathBuf,
    /// The recorded calls, as CSV or JSON lines; `-` is standard input
    #[arg(value_name = "CALLS")]
    pub(crate) calls: PathBuf,
    /// Which policy of the file, if there are several
    #[arg(long = "policy", value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Change a setting; may be given several times
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = setting)]
    pub(crate) sets: Vec<(String, String)>,
    /// What an attempt is answered that is not in the log: the call's last
    /// answer again, or that of the last call to the same target
    #[arg(long, value_enum, value_name = "ANSWER", default_value_t)]
    pub(crate) unrecorded: UnrecordedArg,
    /// When the processes began, as the log writes its starts: from there rate
    /// limits count their cycles, and breakers windows that begin with them
    /// [default: the first call of a log with dates, else 0]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) began: Option<(SimTime, ClockName)>,
    /// Random numbers, for jitter: drawn for each line from this
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Write every call's decision into this file: CSV by its name, else JSON
    /// lines; in the order of the answers
    #[arg(long, value_name = "FILE")]
    pub(crate) decisions: Option<PathBuf>,
    /// Write backtest.json and backtest.svg into this folder
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,
}

/// What an attempt is answered that is not in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum UnrecordedArg {
    /// The call's last answer once more
    #[default]
    Repeat,
    /// The answer of the last call to the same target
    Neighbour,
}

/// Arguments of `backoff`.
#[derive(Debug, Args)]
pub(crate) struct BackoffArgs {
    /// A file with `policies:`, or a whole scenario; `-` is standard input
    #[arg(value_name = "POLICY")]
    pub(crate) policy: PathBuf,
    /// Which policy of the file, if there are several
    #[arg(long = "policy", value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Change a setting; may be given several times
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = setting)]
    pub(crate) sets: Vec<(String, String)>,
    /// Uniform draws between 0 and 1, from which the waits follow
    #[arg(long, value_name = "U,U,...", value_delimiter = ',', value_parser = draw)]
    pub(crate) draws: Option<Vec<f64>>,
    /// Retries shown, at most
    #[arg(long, value_name = "N", default_value_t = 20)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) retries: u32,
    /// What to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,
}

fn instant(text: &str) -> Result<(SimTime, ClockName), String> {
    crate::calls::instant(text).map_err(|trouble| trouble.message)
}

fn draw(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(draw) if (0.0..=1.0).contains(&draw) => Ok(draw),
        Ok(_) | Err(_) => Err("a draw lies between 0 and 1, such as 0.25".to_owned()),
    }
}
