//! Random numbers: named `ChaCha8` streams, keyed counter-based draws, distributions as data.
//!
//! Think of an endless table of random numbers with a row for every (component, purpose, call).
//! Nobody reads the next number of a common sequence; everybody looks up the row that belongs to
//! what is being decided. So a policy that serves calls in another order, or a component that is
//! added, changes nobody else's luck, and two designs can be compared on the same calls.
//!
//! - [`KeySource`] names the rows: (seed, replication, path, purpose) to a [`SiteKey`] or [`Stream`].
//! - [`child_key`] gives every call and attempt its own 64-bit key.
//! - [`Draws`] reads a row: Philox2x64-10 of (site key, call key, draw index).
//! - [`Stream`] is the sequential exception, for what has an order of its own (arrivals, faults).
//! - [`Dist`] turns uniform numbers into spans of time.
//! - [`detmath`] and [`special`] are the only mathematics that give the same bits everywhere.
//!
//! Rejected: one shared generator (any change of order changes everything after it), a generator
//! per component (two designs part at the first call that one of them drops), `rand_distr` (values
//! may change in a minor release), seeking in `ChaCha8` for each call (120 ns a draw).

pub mod detmath;
pub mod dist;
pub mod draws;
pub mod keys;
mod ln;
pub mod philox;
pub mod special;
pub mod stream;
pub mod uniforms;

#[cfg(test)]
pub(crate) mod congruential;
#[cfg(test)]
mod tests;

pub use dist::{Dist, DistError};
pub use draws::{Draws, uniform};
pub use keys::{KeySource, SiteKey, child_key};
pub use stream::Stream;
pub use uniforms::Uniforms;
