//! `like: NAME`: the settings of a library, as data.
//!
//! A preset is a table of keys and values of this very format, each with where it comes from. It is
//! put under what the scenario says beside `like`, before anything is read: so a preset can mean
//! nothing that could not be written, every check and every change by path works as if it had been,
//! and `validate --expand` can print it.
//!
//! The rule: a key that is there stays, at every depth, and what is missing beside it is filled up. What
//! belongs together is replaced together: to name one way
//! to open (`failure_rate`, `failures`, `consecutive_failures`, `expression`) is to leave the
//! preset's, and a `window` or a backoff of another kind leaves the preset's. A way to open that is
//! `none` is not there. Some settings of a library follow from others, such as buckets of a second each; where
//! those are the scenario's own, so does the value here (`table`).
//!
//! Rejected: presets as values of the configuration types (they could not be printed as a scenario,
//! and each key would need its own way to be overridden), and presets in files of their own (a
//! scenario would no longer mean the same everywhere).

mod apply;
mod balance;
mod breaker;
mod budget;
mod bulkhead;
mod cuts;
mod ejection;
mod fill;
mod health;
mod hedge;
mod layers;
mod limit;
mod lives;
mod messages;
mod pipeline;
mod pool;
mod rate_limit;
mod retry;
mod sections;
mod table;
#[cfg(test)]
mod tests;
mod throttle;
mod timeout;

pub(super) use apply::{apply_presets, write_out};
pub(super) use balance::BALANCES;
pub(super) use breaker::BREAKERS;
pub(super) use budget::BUDGETS;
pub(super) use bulkhead::BULKHEADS;
pub(super) use cuts::{cuts_minimum, most_tries};
pub(super) use ejection::EJECTIONS;
pub(super) use health::HEALTH;
pub(super) use hedge::HEDGES;
pub use layers::{LayerPresets, budget_presets, layer_presets, pipeline_presets, pool_presets};
pub(super) use limit::LIMITS;
pub(super) use lives::{LIFECYCLES, MEMBERSHIPS};
pub(super) use messages::QUEUES;
pub(super) use pipeline::PIPELINES;
pub(super) use pool::POOLS;
pub(super) use rate_limit::RATE_LIMITS;
pub(super) use retry::RETRIES;
pub use sections::{SectionPresets, section_presets};
pub(super) use table::names;
pub use table::{Preset, Row};
pub(super) use throttle::THROTTLES;
pub(super) use timeout::TIMEOUTS;
