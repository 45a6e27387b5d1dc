//! Counters, histograms, time-weighted means, the grid of series, and the digest.
//!
//! Everything a run is measured with, kept as integers: counts, nanoseconds and products of both.
//! So results do not depend on the order of additions, merging loses nothing, and nothing here
//! draws random numbers or schedules. A plain count is a `u64` and needs no type; `counters` makes
//! tables of them.

pub mod counters;
pub mod digest;
pub mod gauge;
pub mod grid;
pub mod histogram;

pub use counters::Counter;
pub(crate) use counters::counters;
pub use digest::{Checkpoint, Digest, Interval, first_difference};
pub use gauge::TimeWeighted;
pub use grid::Grid;
pub use histogram::{Histogram, Placed};
