//! Faults, recovery from them, and findings.

use super::{Finite, RecoveryVerdict, Severity};
use serde::{Deserialize, Serialize};

/// A fault and when it acted; charts shade these spans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultReport {
    /// Name in the file.
    pub name: String,
    /// What it does, such as `payments slows 10x`.
    pub text: String,
    /// When it acts, as far as the run went.
    pub spans: Vec<SpanReport>,
}

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanReport {
    /// From this instant [ns],
    pub from_ns: u64,
    /// until before this one [ns].
    pub until_ns: u64,
}

/// What became of useful calls after one fault (rules 37 to 39).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecoveryReport {
    /// Name of the fault.
    pub fault: String,
    /// Whose calls: a client's name, or `all clients`.
    pub of: String,
    /// When the fault ended for the last time [ns].
    pub fault_ended_at_ns: u64,
    /// Whether it recovered.
    pub verdict: RecoveryVerdict,
    /// The verdict as a sentence with its figures.
    pub text: String,
    /// Share of useful calls before the fault; absent without a baseline.
    pub baseline_share: Option<Finite>,
    /// Useful calls per second before the fault; absent without a baseline.
    pub baseline_goodput_per_second: Option<Finite>,
    /// How long calls must stay useful to count as recovered [ns].
    pub hold_ns: u64,
    /// From the fault's end to recovery [ns]; absent if not recovered.
    pub recovery_time_ns: Option<u64>,
    /// When it fell below 80 % of the baseline again without a fault [ns].
    pub relapsed_at_ns: Option<u64>,
}

/// Something worth knowing that nobody asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingReport {
    /// Stable name, such as `retry-storm`.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// The client, edge, service, policy or fault it is about.
    pub place: String,
    /// What was found, with figures.
    pub text: String,
    /// What may help.
    pub remedy: String,
}
