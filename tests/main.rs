//! One binary with all integration tests.

mod architecture;
mod swarm;
mod theory;
mod traces;
