//! Checking a scenario without running it.

use super::scenario::Asked;
use crate::args::{CheckFormat, FailOn, ValidateArgs};
use crate::console::{Console, wrapped};
use crate::diagnostics;
use crate::exit::{Exit, Failure};
use crate::view;
use serde_json::{Value, json};
use sim_core::experiment::figures;
use sim_core::report::sweep::{COLLAPSE, INSTANCES};
use sim_core::scenario::{
    Diagnostic, DiagnosticSeverity, Diagnostics, Loaded, Scenario, display_safe,
};

/// Checks a scenario.
pub(crate) fn validate(args: &ValidateArgs, console: &mut Console) -> Result<Exit, Failure> {
    let asked = Asked::read(&args.scenario)?;
    if asked.holds_only_policies() {
        return policies(args, &asked, console);
    }
    let result = asked.load();
    if args.measures {
        let loaded = result.map_err(|found| asked.refuse(&found, console))?;
        console.text(&measures(&loaded.scenario))?;
        return Ok(Exit::Ok);
    }
    if args.expand {
        result.map_err(|found| asked.refuse(&found, console))?;
        return expanded(&asked, console);
    }
    match args.format {
        CheckFormat::Human => in_words(&asked, result, args.fail_on, console),
        CheckFormat::Json => as_data(&asked, &result, args.fail_on, console),
    }
}

/// What runs of the scenario are measured by, one a line.
fn measures(scenario: &Scenario) -> String {
    let all = figures(scenario);
    let names = all.iter().map(|figure| figure.name.as_str());
    let names = names.chain([COLLAPSE, INSTANCES]);
    let lines: Vec<String> = names.map(display_safe).collect();
    lines.join("\n") + "\n"
}

/// Whether something was found that may not be there.
fn verdict(found: &[Diagnostic], fail_on: Option<FailOn>, console: &Console) -> Exit {
    let is_wrong = |one: &&Diagnostic| match fail_on {
        None => false,
        Some(FailOn::Warning) => one.severity == DiagnosticSeverity::Warning,
        Some(FailOn::Note) => true,
    };
    let wrong = found.iter().filter(is_wrong).count();
    if wrong == 0 {
        return Exit::Ok;
    }
    let what = match fail_on {
        Some(FailOn::Note) => "warning or note",
        Some(FailOn::Warning) | None => "warning",
    };
    let more = if wrong == 1 { "" } else { "s" };
    let what = what.replace(" or", &format!("{more} or"));
    console.remark(&format!(
        "failed: {wrong} {what}{more}, as `--fail-on` asks\n"
    ));
    Exit::Failed
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
            console.data(&view::pretty(&refused(asked, &found)))?;
            Ok(Exit::BadInput)
        }
        (_, _, Err(found)) => Err(asked.refuse(&found, console)),
        (true, _, Ok(_)) => expanded(asked, console),
        (false, CheckFormat::Json, Ok(policies)) => {
            let counts = json!({ "policies": policies.len() });
            let data = json!({ "valid": true, "counts": counts, "diagnostics": [] });
            console.data(&view::pretty(&data))?;
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
    fail_on: Option<FailOn>,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let loaded = result.map_err(|found| asked.refuse(&found, console))?;
    let exit = verdict(&loaded.warnings, fail_on, console);
    let (infos, warnings): (Vec<Diagnostic>, Vec<Diagnostic>) = loaded
        .warnings
        .into_iter()
        .partition(|one| one.severity == DiagnosticSeverity::Info);
    if !console.quiet {
        asked.show(&warnings, console);
    }
    console.text(&summary(&loaded.scenario, &infos))?;
    Ok(exit)
}

/// That all is well, what there is, and what is good to know about it.
fn summary(scenario: &Scenario, infos: &[Diagnostic]) -> String {
    let counts = counts(scenario).map(|(what, count)| plural(count, what));
    let mut text = format!("ok: {}\n{}", scenario.name, wrapped(&counts.join(", "), 4));
    // One sentence may be true at several places.
    let mut said: Vec<&str> = Vec::new();
    for info in infos {
        if !said.contains(&info.message.as_str()) {
            text.push_str(&wrapped(&info.message, 4));
            said.push(&info.message);
        }
    }
    text
}

fn as_data(
    asked: &Asked,
    result: &Result<Loaded, Diagnostics>,
    fail_on: Option<FailOn>,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let (exit, data) = match result {
        Ok(loaded) => {
            let exit = verdict(&loaded.warnings, fail_on, console);
            (exit, described(asked, loaded))
        }
        Err(found) => (Exit::BadInput, refused(asked, found)),
    };
    console.data(&view::pretty(&data))?;
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
