//! Effects that have names, and what is to be true of them, in a report.

use serde::{Deserialize, Serialize};

/// An effect, all root calls together, in the whole run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectReport {
    /// Its name in the file.
    pub name: String,
    /// Carried out where it did not stand \[count\].
    pub done_total: u64,
    /// Carried out once more, though it stood \[count\].
    pub duplicated_total: u64,
    /// To be carried out once more by an idempotent operation: nothing came of it \[count\].
    pub absorbed_total: u64,
    /// To be carried out after it was undone for good: refused \[count\].
    pub forbidden_total: u64,
    /// Taken back \[count\].
    pub undone_total: u64,
    /// To be undone where nothing stood \[count\].
    pub nothing_to_undo_total: u64,
    /// What stands in the end \[count\].
    pub standing: i64,
}

/// Effects that are to be equal for each root call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvariantReport {
    /// Its name in the file.
    pub name: String,
    /// The effects.
    pub equal: Vec<String>,
    /// For how long they may differ \[ns\].
    pub within_ns: u64,
    /// How often they began to differ for a root call \[count\].
    pub differed_total: u64,
    /// How often they differed for too long \[count\].
    pub broken_total: u64,
    /// Of those, still different when the run ended \[count\].
    pub broken_at_end: u64,
    /// Different when the run ended, but not for too long yet \[count\].
    pub open_at_end: u64,
    /// Most broken at one time \[count\].
    pub broken_max: u64,
    /// The first root call for which it was broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<BrokenReport>,
}

/// A root call for which an invariant was broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenReport {
    /// Its serial number: `squall trace --call` shows it.
    pub call: u32,
    /// Since when its effects differed \[ns\].
    pub since_ns: u64,
    /// When that was too long \[ns\].
    pub at_ns: u64,
}
