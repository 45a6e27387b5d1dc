//! The simulated world.

pub mod fact;
pub mod spec;
