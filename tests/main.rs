//! One binary with all integration tests.

mod architecture;
mod cli;
mod determinism;
mod scenarios;
mod swarm;
mod theory;
mod traces;
