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
//! - [`Window`]: what is counted (`window.rs`).
//! - [`TripRule`]: when it opens (`trip.rs`).
//! - [`HalfOpenRule`]: who probes, and what closes (`half_open.rs`).
//! - [`LateRule`]: what old results do (`late.rs`).
//! - [`Breaker`]: the machine that joins them (`machine.rs`).
//!
//! Source of the idea: Nygard, *Release It!*, 2007. The defaults of six libraries stand at
//! [`BreakerConfig`].

mod config;
mod half_open;
mod late;
mod machine;
#[cfg(test)]
mod tests;
mod trip;
mod window;

pub use config::BreakerConfig;
pub use half_open::HalfOpenRule;
pub use late::LateRule;
pub use machine::{Admission, Breaker, BreakerStateKind, Permit, Transition};
pub use trip::TripRule;
pub use window::Window;
