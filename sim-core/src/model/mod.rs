//! The simulated world.

pub mod fact;
pub mod record;
pub mod spec;
