//! Faults, recovery from them, and findings.

use super::{Finite, RecoveryVerdict, Severity};
use crate::judge;
use crate::model::record::BASELINE;
use crate::time::SimDuration;
use serde::{Deserialize, Serialize};

/// A fault and when it acted; charts shade these spans.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultReport {
    /// Name in the file.
    pub name: String,
    /// What it does, such as `payments slows 10x`.
    pub text: String,
    /// When it acts, as far as the run went.
    pub spans: Vec<SpanReport>,
    /// What it did, if it is random; its spans are then those in which at least one instance was
    /// hit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub random: Option<RandomFaultReport>,
}

/// What a random fault did in the whole run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RandomFaultReport {
    /// Instances that it may hit \[count\].
    pub instances: u32,
    /// Times that an instance was hit \[count\].
    pub struck_total: u64,
    /// Instances hit at once, at most \[count\].
    pub most_at_once: u64,
    /// Instance time under the fault \[ns\].
    pub hit_ns: u64,
    /// That time as a share of all time of these instances while the fault could strike; absent if
    /// it had no time to.
    pub hit_share: Option<Finite>,
    /// Times that an instance was hit while none was \[count\]: `spans` holds the first thousand.
    #[serde(default)]
    pub spans_total: u64,
}

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanReport {
    /// From this instant \[ns\],
    pub from_ns: u64,
    /// until before this one \[ns\].
    pub until_ns: u64,
}

/// What became of useful calls after one fault (rules 37 to 39).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecoveryReport {
    /// Name of the fault, or such as `rise in load of shoppers`.
    pub fault: String,
    /// Whose calls: a client's name, or `all clients`.
    pub of: String,
    /// When the fault ended for the last time \[ns\].
    pub fault_ended_at_ns: u64,
    /// Whether it recovered.
    pub verdict: RecoveryVerdict,
    /// The verdict as a sentence with its figures.
    pub text: String,
    /// Share of useful calls before the fault; absent without a baseline.
    pub baseline_share: Option<Finite>,
    /// Share of useful calls among those that started while it lasted; absent if they were too few.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_while_it_lasted: Option<Finite>,
    /// Useful calls per second before the fault; absent without a baseline.
    pub baseline_goodput_per_second: Option<Finite>,
    /// How long calls must stay useful to count as recovered \[ns\].
    pub hold_ns: u64,
    /// From the fault's end to recovery \[ns\]; absent if not recovered.
    pub recovery_time_ns: Option<u64>,
    /// When it fell below 80 % of the baseline again without a fault \[ns\].
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
    /// The line of the file where that is written, from 1; absent if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Its column in characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// What was found, with figures.
    pub text: String,
    /// What may help.
    pub remedy: String,
}

/// Something that is legal in a scenario, but probably not meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LintReport {
    /// Stable name, such as `hedge-never-acts`.
    pub code: String,
    /// The line of the file that it is about, from 1; absent if it stands elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Its column in characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The fact and the limit.
    pub text: String,
    /// What to write instead; empty if that is plain.
    pub remedy: String,
}

/// By what recovery and collapse are judged (rules 37 to 39), so that a report says what its words
/// mean.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThresholdsReport {
    /// The baseline looks back this far from the beginning of a fault \[ns\].
    pub baseline_ns: u64,
    /// Fewer calls than this before a fault give no baseline \[count\].
    pub baseline_calls: u64,
    /// Recovered: useful calls are at least this share of the baseline,
    pub recovered_share_of_baseline: Finite,
    /// for so long, or longer to hold `baseline_calls` calls \[ns\].
    pub hold_ns: u64,
    /// Relapsed: below this share of the baseline again, without a fault.
    pub relapsed_share_of_baseline: Finite,
    /// Not recovered is said only this long after a fault, or later \[ns\].
    pub patience_ns: u64,
    /// Metastable: not recovered, from a baseline of at least this share of useful calls,
    pub metastable_baseline_share: Finite,
    /// with a load of at most this many times that before the fault.
    pub metastable_load_factor: Finite,
    /// Collapsed: fewer calls than this share are useful in the last tenth of the run.
    pub collapsed_useful_share: Finite,
}

impl Default for ThresholdsReport {
    fn default() -> Self {
        let number = |value| Finite::new(value).unwrap_or_default();
        Self {
            baseline_ns: BASELINE.as_ns(),
            baseline_calls: judge::ENOUGH_CALLS,
            recovered_share_of_baseline: number(judge::RECOVERED),
            hold_ns: SimDuration::from_secs(judge::HOLD_S).as_ns(),
            relapsed_share_of_baseline: number(judge::RELAPSED),
            patience_ns: judge::PATIENCE.as_ns(),
            metastable_baseline_share: number(judge::HEALTHY),
            metastable_load_factor: number(judge::SAME_LOAD),
            collapsed_useful_share: number(judge::COLLAPSED),
        }
    }
}
