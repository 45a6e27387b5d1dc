//! Circuit breaker: stops calling what keeps failing.
//!
//! A breaker is the fuse of a house. Normally everything passes (*closed*). When too much fails, it
//! opens, and for a while every call is rejected at once, which spares the caller its threads and
//! the callee its load. Then it lets a few probes through (*half-open*): if they succeed it closes,
//! if one fails it opens again.
//!
//! ```text
//!            trip rule                    cool-down over, at the next call
//!   Closed ─────────────▶ Open ────────────────────────────────▶ HalfOpen
//!     ▲                    ▲                                       │   │
//!     │                    └──────────── a probe fails ────────────┘   │
//!     └───────────────────── every probe succeeded ────────────────────┘
//! ```
//!
//! - [`Window`]: what is counted (`window/`); [`Counting`]: what outcomes mean (`counting.rs`).
//! - [`TripRule`]: when it opens (`trip.rs`), with [`Expression`] over counts (`expression.rs`).
//! - [`OpenRule`]: how long it stays open (`open.rs`), and how often it has in a
//!   row (`openings.rs`).
//! - [`HalfOpenRule`]: who probes, and what closes (`half_open.rs`).
//! - [`LateRule`]: what old results do (`late.rs`).
//! - [`Breaker`]: the machine that joins them (`machine.rs`), what results do to it (`results.rs`), and
//!   what it answers (`answer.rs`).
//!
//! Source of the idea: Nygard, *Release It!*, 2007. The defaults of six libraries stand at
//! [`BreakerConfig`].

mod answer;
mod config;
mod counting;
mod expression;
mod half_open;
mod late;
mod machine;
mod open;
mod openings;
mod probes;
mod results;
#[cfg(test)]
mod tests;
mod trip;
mod tripped;
mod window;

pub(crate) use answer::BreakerTicket;
pub use answer::{Admission, BreakerStateKind, Permit, Remarks, Transition, Why};
pub use config::{BreakerConfig, OnClose};
pub use counting::{Counting, Neutral};
pub use expression::{Expression, ExpressionError};
pub use half_open::{AfterWait, Closing, Excess, HalfOpenRule, Permits};
pub use late::LateRule;
pub use machine::Breaker;
pub use open::{AskedBy, Expiry, Growth, GrowthPer, OpenRule, Timing, WaitJitter};
pub use trip::{Comparator, Condition, Evaluate, Share, TripRule};
pub use window::{BucketWidth, Buckets, CountedCalls, Keeps, Rolling, Window};
