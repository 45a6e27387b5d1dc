//! `circuit_breaker`: a layer that stops calling what keeps failing.
//!
//! Three keys make a breaker: what opens it, over which window, and for how long. The others are
//! the places in which the libraries differ; `like` sets them as one of them does.
//!
//! - `file`: what is written;
//! - `window`, `open`, `half_open`: its sections, with what they mean: what it remembers, how long it
//!   stays open, and its probes;
//! - `compile`: what all of it comes to.

mod compile;
mod file;
mod half_open;
mod open;
mod window;

pub(super) use file::BreakerFile;
