//! Shared helpers of the integration tests.

use sim_core::model::spec::ModelSpec;
use sim_core::scenario::{Source, load};

/// The model that a scenario stands for.
///
/// # Panics
/// If the scenario has mistakes.
pub fn model(scenario: &str) -> ModelSpec {
    let source = Source {
        name: "test".to_owned(),
        text: scenario.to_owned(),
    };
    match load(&source, &[], &|file| Err(format!("no file {file}"))) {
        Ok(loaded) => loaded.scenario.model,
        Err(mistakes) => panic!("{mistakes:#?}\n{scenario}"),
    }
}
