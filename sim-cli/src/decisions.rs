//! Every call's decision as a line in a file.

use crate::exit::Failure;
use crate::output::PendingFile;
use crate::view::escaped_json;
use serde_json::json;
use sim_core::experiment::backtest::{Changed, Decided, Impact, Reason, Watcher};
use sim_core::report::ClockName;
use sim_core::time::{SimDuration, SimTime};
use sim_view::calendar::rfc3339;
use sim_view::csv_field;
use std::io::{self, Write};
use std::path::Path;

const HEADER: &str = "line,start,caller,target,class,recorded_outcome,recorded_latency,outcome,\
                      latency,attempts,decision,layer,why,effect\n";

/// How a line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Csv,
    Json,
}

/// Writes the decisions, in the order in which calls have their answers.
#[derive(Debug)]
pub(crate) struct DecisionLog {
    file: Option<(PendingFile, Form)>,
    /// How the log writes instants.
    pub(crate) clock: ClockName,
    trouble: Option<io::Error>,
}

impl DecisionLog {
    /// Opens the file: CSV if its name ends so, else JSON lines; without one nothing is written.
    pub(crate) fn create(path: Option<&Path>) -> Result<Self, Failure> {
        let mut log = Self {
            file: None,
            clock: ClockName::Seconds,
            trouble: None,
        };
        if let Some(path) = path {
            let is_csv = path
                .extension()
                .is_some_and(|it| it.eq_ignore_ascii_case("csv"));
            let form = if is_csv { Form::Csv } else { Form::Json };
            let mut file = PendingFile::create(path)?;
            if is_csv {
                let written = file.write_all(HEADER.as_bytes());
                written.map_err(|error| Failure::writing(path, &error))?;
            }
            log.file = Some((file, form));
        }
        Ok(log)
    }

    /// Fails if writing has.
    pub(crate) fn check(&mut self) -> Result<(), Failure> {
        match (self.trouble.take(), &self.file) {
            (Some(error), Some((file, _))) => Err(Failure::writing(file.target(), &error)),
            (Some(_) | None, _) => Ok(()),
        }
    }

    /// Gives the file its name.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        self.check()?;
        self.file.map_or(Ok(()), |(file, _)| file.finish())
    }
}

impl Watcher for DecisionLog {
    fn decided(&mut self, call: &Decided<'_>) {
        let Some((file, form)) = &mut self.file else {
            return;
        };
        let written = match form {
            Form::Csv => csv(file, call, self.clock),
            Form::Json => {
                let line = escaped_json(json(call, self.clock).to_string());
                writeln!(file, "{line}")
            }
        };
        if let Err(error) = written {
            self.trouble.get_or_insert(error);
        }
    }

    fn changed(&mut self, _: &Changed<'_>) {}
}

fn instant(at: SimTime, clock: ClockName) -> String {
    match clock {
        ClockName::Seconds => seconds(at.as_ns()),
        ClockName::Utc => rfc3339(at.as_ns()),
    }
}

/// Nanoseconds as seconds, exactly.
fn seconds(ns: u64) -> String {
    format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000)
}

/// A recorded latency; nothing if the answer never came.
fn latency(span: SimDuration) -> String {
    if span < SimDuration::MAX {
        seconds(span.as_ns())
    } else {
        String::new()
    }
}

const fn effect(effect: Impact) -> &'static str {
    match effect {
        Impact::Kept => "kept",
        Impact::Lost => "lost",
        Impact::Rescued => "rescued",
        Impact::Avoided => "avoided",
        Impact::Unhelped => "unhelped",
    }
}

fn csv(out: &mut impl Write, call: &Decided<'_>, clock: ClockName) -> io::Result<()> {
    writeln!(
        out,
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
        call.line,
        instant(call.start, clock),
        csv_field(call.caller),
        csv_field(call.target),
        csv_field(call.class),
        call.recorded.outcome,
        latency(call.recorded.latency),
        call.outcome,
        latency(call.latency),
        call.attempts,
        call.decision.name(),
        csv_field(call.layer.unwrap_or("")),
        call.why.map_or("", Reason::name),
        effect(Impact::of(call)),
    )
}

fn json(call: &Decided<'_>, clock: ClockName) -> serde_json::Value {
    json!({
        "line": call.line,
        "start": instant(call.start, clock),
        "caller": call.caller,
        "target": call.target,
        "class": call.class,
        "recorded_outcome": call.recorded.outcome.name(),
        "recorded_latency": latency(call.recorded.latency),
        "outcome": call.outcome.name(),
        "latency": latency(call.latency),
        "attempts": call.attempts,
        "decision": call.decision.name(),
        "layer": call.layer,
        "why": call.why.map(Reason::name),
        "effect": effect(Impact::of(call)),
    })
}
