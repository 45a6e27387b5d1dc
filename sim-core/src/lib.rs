//! Squall as a library: a deterministic discrete-event simulator for resilience engineering.

pub mod experiment;
pub mod id;
pub mod judge;
pub mod keeping;
pub mod kernel;
pub mod model;
pub mod observe;
pub mod policy;
pub mod queueing;
pub mod random;
pub mod report;
pub mod scenario;
mod side_table;
pub mod time;
pub mod traffic;
pub mod units;

/// Version of what a run means. Raised in the commit that changes the digest of any run; reports
/// written under another number cannot be replayed.
pub const ENGINE_SEMANTICS: u32 = 6;
