//! What was asked, how the run ended, and the answer.

use super::number::text_u64;
use super::{Finite, TimelineKind, Unit, Verdict};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What was simulated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioReport {
    /// Name in the file.
    pub name: String,
    /// Free text; may be empty.
    pub title: String,
    /// What it asks; may be empty.
    pub question: String,
    /// BLAKE3 of the normalised scenario, in hexadecimal.
    pub hash: String,
    /// The normalised scenario itself, from which the run can be played again.
    pub text: String,
    /// Length of the run \[ns\].
    pub duration_ns: u64,
    /// Totals leave out what starts before \[ns\].
    pub warmup_ns: u64,
    /// The seed, as decimal text in JSON.
    #[serde(with = "text_u64")]
    pub seed: u64,
    /// Number of the replication, from 0.
    pub replication: u32,
    /// Settings changed on the command line, in the order given.
    pub overrides: Vec<OverrideReport>,
}

/// A setting changed on the command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverrideReport {
    /// Where, such as `policies.guarded.retry.max_attempts`.
    pub path: String,
    /// The new value as written.
    pub value: String,
}

/// How a run ended; `finished`, `limit:NAME` or `interrupted` in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Status {
    /// It reached its horizon.
    Finished,
    /// It reached a limit, such as `events`.
    Limit(String),
    /// A person stopped it.
    Interrupted,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finished => f.write_str("finished"),
            Self::Limit(name) => write!(f, "limit:{name}"),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl From<Status> for String {
    fn from(status: Status) -> Self {
        status.to_string()
    }
}

impl TryFrom<String> for Status {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "finished" => Ok(Self::Finished),
            None if text == "interrupted" => Ok(Self::Interrupted),
            Some(("limit", name)) => Ok(Self::Limit(name.to_owned())),
            None | Some(_) => Err(format!("`{text}` is not the status of a run")),
        }
    }
}

/// The time after the last arrival, in which calls under way could end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrainReport {
    /// As long as it might take \[ns\].
    pub most_ns: u64,
    /// Until the last call had ended, or as long as it might \[ns\].
    pub took_ns: u64,
    /// Calls of clients under way at its beginning \[count\].
    pub under_way_total: u64,
    /// Of those, still under way at its end: no figure knows how they would have ended \[count\].
    pub unfinished_total: u64,
}

/// An expectation and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpectationReport {
    /// Name in the file.
    pub name: String,
    /// The statement, such as `success of shoppers from 20s to 60s is at least 99.9%`.
    pub text: String,
    /// The measured value, in `unit`; absent where nothing could be measured.
    pub value: Option<Finite>,
    /// The unit of value and bound.
    pub unit: Unit,
    /// Which values are fine.
    pub bound: BoundReport,
    /// Whether it is met.
    pub verdict: Verdict,
    /// Why it is inconclusive, or has no value; empty otherwise.
    pub reason: String,
    /// For a failure: the chain of causes in the order of time, as sentences.
    pub causes: Vec<String>,
}

/// Which values are fine; at least one side is present.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoundReport {
    /// Not less than this.
    pub at_least: Option<Finite>,
    /// Not more than this.
    pub at_most: Option<Finite>,
}

/// A line of what happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// When \[ns\].
    pub at_ns: u64,
    /// What it is about.
    pub kind: TimelineKind,
    /// What happened, without the time, such as `payments slows 10x`.
    pub text: String,
}

/// A link of the chain of causes of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseReport {
    /// When it begins \[ns\].
    pub at_ns: u64,
    /// What happened, without the time, such as `payments slows 10x (payments-slow)`.
    pub text: String,
}

/// How to play the run again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReproduceReport {
    /// The command line.
    pub command: String,
    /// Version of the program that wrote the report.
    pub version: String,
}

/// The fingerprint of everything that happened (rule 46).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestReport {
    /// Value after the last fact: 32 hexadecimal digits.
    pub value: String,
    /// Facts told \[count\].
    pub facts_total: u64,
    /// Values on the way, at most 512, at spacings that double, and at the end.
    pub checkpoints: Vec<CheckpointReport>,
}

/// The digest after so many facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointReport {
    /// Facts told so far \[count\].
    pub facts_total: u64,
    /// Instant of the last of them \[ns\].
    pub at_ns: u64,
    /// Value so far: 32 hexadecimal digits.
    pub value: String,
}

/// A sum that must come out even (rule 31): `in_total = out_total + inside`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConservationReport {
    /// What is counted: `calls`, `attempts` or `operations`.
    pub what: String,
    /// Of which edge or service.
    pub place: String,
    /// Started, sent or arrived in the whole run \[count\].
    pub in_total: u64,
    /// Ended in any way in the whole run \[count\].
    pub out_total: u64,
    /// Under way at the end, as counted by itself \[count\].
    pub inside: u64,
    /// Whether the sum is even.
    pub holds: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_reads_back_as_it_was_written() {
        for status in [
            Status::Finished,
            Status::Limit("events".to_owned()),
            Status::Interrupted,
        ] {
            let text = serde_json::to_string(&status).unwrap();
            assert_eq!(serde_json::from_str::<Status>(&text).unwrap(), status);
        }
        assert!(serde_json::from_str::<Status>("\"done\"").is_err());
    }
}
