//! Checking a scenario without running it.

use super::scenario::Asked;
use crate::args::{CheckFormat, ValidateArgs};
use crate::console::{Console, wrapped};
use crate::diagnostics;
use crate::exit::{Exit, Failure};
use serde_json::{Value, json};
use sim_core::scenario::{Diagnostic, Diagnostics, Loaded, Scenario, Severity, display_safe};

/// Checks a scenario.
pub(crate) fn validate(args: &ValidateArgs, console: &mut Console) -> Result<Exit, Failure> {
    let asked = Asked::read(&args.scenario)?;
    if asked.holds_only_policies() {
        return policies(args, &asked, console);
    }
    let result = asked.load();
    if args.expand {
        result.map_err(|found| asked.refuse(&found, console))?;
        return expanded(&asked, console);
    }
    match args.format {
        CheckFormat::Human => in_words(&asked, result, console),
        CheckFormat::Json => as_data(&asked, &result, console),
    }
}

fn expanded(asked: &Asked, console: &mut Console) -> Result<Exit, Failure> {
    let text = asked
        .expand()
        .map_err(|found| asked.refuse(&found, console))?;
    console.data(&text)?;
    Ok(Exit::Ok)
}

/// A file for `backtest`, with nothing in it that runs.
fn policies(args: &ValidateArgs, asked: &Asked, console: &mut Console) -> Result<Exit, Failure> {
    let result = asked.policies();
    match (args.expand, args.format, result) {
        (false, CheckFormat::Json, Err(found)) => {
            console.data(&format!("{:#}\n", refused(asked, &found)))?;
            Ok(Exit::BadInput)
        }
        (_, _, Err(found)) => Err(asked.refuse(&found, console)),
        (true, _, Ok(_)) => expanded(asked, console),
        (false, CheckFormat::Json, Ok(policies)) => {
            let counts = json!({ "policies": policies.len() });
            let data = json!({ "valid": true, "counts": counts, "diagnostics": [] });
            console.data(&format!("{data:#}\n"))?;
            Ok(Exit::Ok)
        }
        (false, CheckFormat::Human, Ok(policies)) => {
            let names: Vec<&str> = policies.iter().map(|it| it.name.as_str()).collect();
            let all = display_safe(&names.join(", "));
            console.text(&format!("ok: only policies\n{}", wrapped(&all, 4)))?;
            Ok(Exit::Ok)
        }
    }
}

fn in_words(
    asked: &Asked,
    result: Result<Loaded, Diagnostics>,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let loaded = result.map_err(|found| asked.refuse(&found, console))?;
    let (infos, warnings): (Vec<Diagnostic>, Vec<Diagnostic>) = loaded
        .warnings
        .into_iter()
        .partition(|one| one.severity == Severity::Info);
    if !console.quiet {
        asked.show(&warnings, console);
    }
    console.text(&summary(&loaded.scenario, &infos))?;
    Ok(Exit::Ok)
}

/// That all is well, what there is, and what is good to know about it.
fn summary(scenario: &Scenario, infos: &[Diagnostic]) -> String {
    let counts = counts(scenario).map(|(what, count)| plural(count, what));
    let mut text = format!("ok: {}\n{}", scenario.name, wrapped(&counts.join(", "), 4));
    for info in infos {
        text.push_str(&wrapped(&info.message, 4));
    }
    text
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
