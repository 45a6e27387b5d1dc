//! One binary with all integration tests.

mod architecture;
mod cli;
mod determinism;
mod presets;
mod replications;
mod rust_project;
mod scenarios;
mod statistics;
mod swarm;
mod theory;
mod traces;
