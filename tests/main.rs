//! One binary with all integration tests.

#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test may panic, and looks at the facts that it is about"
)]

mod architecture;
mod causes;
mod cli;
mod determinism;
mod edges;
mod ejection;
mod expand;
mod expectations;
mod findings;
mod health;
mod held;
mod instances;
mod large;
mod presets;
mod replications;
mod rust_project;
mod scenarios;
mod schema;
mod statistics;
mod support;
mod swarm;
mod theory;
mod took_effect;
mod traces;
mod tuning;
