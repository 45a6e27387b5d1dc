//! One call of a run as a tree: what it waited for, who decided what, and when.
//!
//! A run is played twice for it. A [`Picker`] watches the first time and says which call is the
//! slowest, the first to fail or a typical one; a [`Tracer`] watches the second time and keeps what
//! belongs to that call. Both only listen, so both runs are the run of the report.

mod pick;
mod record;
mod sagas;

pub use pick::{Pick, Picker};
pub use record::Tracer;

use serde::{Deserialize, Serialize};

/// Raised whenever a field changes its name, meaning or unit.
pub const TRACE_VERSION: u32 = 1;

/// A call, as its caller saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallTrace {
    /// Its serial number in the run.
    pub call: u32,
    /// Who calls what: `storefront.checkout -> payments.charge`.
    pub edge: String,
    /// The process that makes it, such as `shoppers/17`.
    pub process: String,
    /// When it started \[ns\].
    pub started_at_ns: u64,
    /// When its caller learned the outcome \[ns\]; absent if the run ended before.
    pub ended_at_ns: Option<u64>,
    /// The outcome; absent if the run ended before.
    pub outcome: Option<String>,
    /// The layer, service or network that ended it.
    pub ended_by: Option<String>,
    /// The first cause, if it did not end `ok`: where, and what went on there.
    pub first_cause: Option<String>,
    /// What layers of its policy decided, and what became of its sagas, in order.
    pub decisions: Vec<DecisionTrace>,
    /// Its attempts, in order.
    pub attempts: Vec<AttemptTrace>,
    /// Calls that its fallbacks made in its place, and those by which others went on with its sagas, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<CallTrace>,
}

/// Something that a layer of a policy decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionTrace {
    /// When \[ns\].
    pub at_ns: u64,
    /// Name of the layer in its policy, such as `timeout[2]`.
    pub layer: String,
    /// What and why, such as `the time is up: the pass inside is given up`.
    pub text: String,
    /// How long it waits before it goes on \[ns\], if it does.
    pub waits_ns: Option<u64>,
    /// Attempts that the call had sent by then \[count\].
    pub attempts_sent: u32,
}

/// One try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptTrace {
    /// Its serial number in the run.
    pub attempt: u32,
    /// Which attempt of its call, from 1.
    pub number: u32,
    /// The instance it went to, such as `payments/3`.
    pub instance: String,
    /// Layers that stop passes and let this one through, outermost first; a breaker with its state,
    /// if it is told of it alone: `circuit_breaker (closed)`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub let_through: Vec<String>,
    /// When it was sent \[ns\].
    pub sent_at_ns: u64,
    /// When its caller learned the outcome or gave it up \[ns\].
    pub ended_at_ns: Option<u64>,
    /// The outcome for the caller.
    pub outcome: Option<String>,
    /// Which of its messages was lost: `request` or `answer`.
    pub lost: Option<String>,
    /// What the callee did; absent if the attempt did not reach it.
    pub operation: Option<OperationTrace>,
}

/// Something that outlives the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectTrace {
    /// When \[ns\].
    pub at_ns: u64,
    /// What, and what became of it: `charged: done`, `undo charged: nothing to undo`.
    pub text: String,
}

/// What a callee did for an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationTrace {
    /// When the attempt arrived \[ns\].
    pub arrived_at_ns: u64,
    /// When it got a thread \[ns\].
    pub started_at_ns: Option<u64>,
    /// When it was over \[ns\].
    pub ended_at_ns: Option<u64>,
    /// How: `answered ok`, `rejected.queue_full`, `dropped: skipped`, `lost with its instance`; with
    /// `, for nobody` if the attempt went on after its caller had its answer.
    pub end: Option<String>,
    /// Thread time it took \[ns\].
    pub held_ns: u64,
    /// Calls it made, in order.
    pub calls: Vec<CallTrace>,
    /// Effects that it carried out or undid, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<EffectTrace>,
}
