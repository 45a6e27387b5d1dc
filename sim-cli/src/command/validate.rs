//! Checking a scenario without running it.

use super::scenario::Asked;
use crate::args::{CheckFormat, ValidateArgs};
use crate::console::Console;
use crate::diagnostics;
use crate::exit::{Exit, Failure};
use serde_json::{Value, json};
use sim_core::scenario::{Diagnostics, Loaded, Scenario};

/// Checks a scenario.
pub(crate) fn validate(args: &ValidateArgs, console: &mut Console) -> Result<Exit, Failure> {
    let asked = Asked::read(&args.scenario)?;
    let result = asked.load();
    match args.format {
        CheckFormat::Human => in_words(&asked, result, console),
        CheckFormat::Json => as_data(&asked, &result, console),
    }
}

fn in_words(
    asked: &Asked,
    result: Result<Loaded, Diagnostics>,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let loaded = result.map_err(|found| asked.refuse(&found, console))?;
    if !console.quiet {
        asked.show(&loaded.warnings, console);
    }
    let scenario = &loaded.scenario;
    let counts = counts(scenario)
        .map(|(what, count)| plural(count, what))
        .join(", ");
    console.data(&format!("ok: {}\n    {counts}\n", scenario.name))?;
    Ok(Exit::Ok)
}

fn as_data(
    asked: &Asked,
    result: &Result<Loaded, Diagnostics>,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let (exit, data) = match result {
        Ok(loaded) => (Exit::Ok, described(asked, loaded)),
        Err(found) => (Exit::BadInput, refused(asked, found)),
    };
    console.data(&format!("{data:#}\n"))?;
    Ok(exit)
}

fn described(asked: &Asked, loaded: &Loaded) -> Value {
    let scenario = &loaded.scenario;
    let counts: Value = counts(scenario)
        .iter()
        .map(|(what, count)| (format!("{what}s"), json!(count)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    json!({
        "valid": true,
        "scenario": scenario.name,
        "hash": scenario.hash,
        "counts": counts,
        "diagnostics": diagnostics::as_json(&loaded.warnings, &asked.texts()),
    })
}

fn refused(asked: &Asked, found: &Diagnostics) -> Value {
    json!({
        "valid": false,
        "diagnostics": diagnostics::as_json(found.all(), &asked.texts()),
    })
}

/// What the scenario is made of.
fn counts(scenario: &Scenario) -> [(&'static str, usize); 6] {
    let model = &scenario.model;
    [
        ("client", model.clients.len()),
        ("service", model.services.len()),
        ("instance", model.instances.len()),
        ("operation", model.operations.len()),
        ("fault", model.faults.len()),
        ("expectation", scenario.expectations.len()),
    ]
}

fn plural(count: usize, what: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {what}{end}")
}
