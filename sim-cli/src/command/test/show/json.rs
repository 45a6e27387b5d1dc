//! Results for programs. The version is raised when a field changes its name or meaning.

use super::super::check::{Against, Checked, Difference, Outcome};
use super::super::results::Results;
use crate::command::divergence::Divergence;
use crate::exit::Exit;
use serde_json::{Value, json};

const SCHEMA_VERSION: u32 = 1;

/// One object, on several lines.
pub(super) fn text(results: &Results) -> String {
    let scenarios: Vec<Value> = results.checked.iter().map(scenario).collect();
    let orphans: Vec<_> = results
        .orphans
        .iter()
        .map(|path| path.to_string_lossy())
        .collect();
    let others = results.others.iter();
    let others: Vec<Value> = others
        .map(|one| json!({ "file": one.file.to_string_lossy(), "reason": one.why }))
        .collect();
    let exit = results.exit();
    let value = json!({
        "schema_version": SCHEMA_VERSION,
        "pass": exit == Exit::Ok,
        "exit_code": exit.code(),
        "scenarios": scenarios,
        "stored_without_scenario": orphans,
        "not_scenarios": others,
    });
    crate::view::pretty(&value)
}

fn scenario(checked: &Checked) -> Value {
    let mut value = json!({
        "file": checked.name(),
        "pass": checked.exit() == Exit::Ok,
        "result": checked.word(),
    });
    match &checked.result {
        Outcome::Refused(refused) => {
            value["error"] = json!({ "message": refused.first, "line": refused.line });
        }
        Outcome::Played(played) => {
            let report = &played.report;
            value["scenario"] = json!(report.scenario.name);
            value["seed"] = json!(report.scenario.seed.to_string());
            value["verdict"] = json!(report.verdict);
            value["digest"] = json!(report.digest.value);
            value["expectations"] = expectations(checked);
            value["stored"] = stored(checked, &played.against);
        }
    }
    value
}

fn expectations(checked: &Checked) -> Value {
    let Outcome::Played(played) = &checked.result else {
        return Value::Null;
    };
    let all = played.lines.iter().zip(&played.report.expectations);
    all.map(|(line, one)| {
        let mut value = json!(one);
        value["line"] = json!(line);
        value
    })
    .collect()
}

fn stored(checked: &Checked, against: &Against) -> Value {
    let mut value = json!({
        "file": checked.found.store.to_string_lossy(),
        "state": against.word(),
        "message": against.complaint(),
    });
    if let Against::Differs(difference) = against {
        value["note"] = json!(difference.note);
        value["changes"] = changes(difference);
        value["parting"] = difference
            .divergence
            .as_ref()
            .map_or(Value::Null, divergence);
    }
    value
}

fn changes(difference: &Difference) -> Value {
    let one = |change: &sim_core::report::FieldChange| {
        json!({
            "path": change.path,
            "old": change.old,
            "new": change.new,
            "relative": change.relative(),
        })
    };
    difference.changes.iter().map(one).collect()
}

fn divergence(divergence: &Divergence) -> Value {
    let interval = divergence.interval;
    let facts: Vec<Value> = divergence
        .facts
        .iter()
        .map(|(number, line)| {
            let fact: Value = serde_json::from_str(line).unwrap_or_else(|_| json!(line));
            json!({ "number": number, "fact": fact })
        })
        .collect();
    json!({
        "agreed_facts_total": interval.after_fact,
        "until_fact": interval.until_fact,
        "from_ns": interval.from.as_ns(),
        "to_ns": interval.to.as_ns(),
        "facts": facts,
        "facts_left_out": divergence.more,
    })
}
