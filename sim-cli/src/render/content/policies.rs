//! Policies: what each layer did. A layer that never acted is shown as well: the run then says
//! nothing about it.

use super::services::counts;
use super::{Section, only};
use crate::render::format;
use crate::render::table::{Cell, Table, Tone};
use sim_core::report::{LayerReport, Report};

/// A row for each layer.
pub(super) fn section(report: &Report) -> Section {
    let mut table = Table::new(&["policy", "layer", "between", "what it did"]);
    for layer in &report.layers {
        let did = if layer.never_acted {
            Cell::toned("never acted", Tone::Quiet)
        } else {
            (counts(&layer.acts) + &ages(layer)).into()
        };
        table.push(vec![
            Cell::from(&layer.policy),
            Cell::from(&layer.layer),
            format!("{} -> {}", layer.caller, layer.target).into(),
            did,
        ]);
    }
    Section {
        id: "policies",
        title: "Policies",
        about: "Layers from the outermost to the innermost. About a layer that never acted, this run \
                says nothing.",
        blocks: only(table),
    }
}

/// How old the kept answers of a fallback were.
fn ages(layer: &LayerReport) -> String {
    layer.answer_age.map_or_else(String::new, |age| {
        let (half, most) = (format::duration(age.p50_ns), format::duration(age.max_ns));
        format!("; kept answers {half} old at p50, {most} at most")
    })
}

/// A row for each budget.
pub(super) fn budgets(report: &Report) -> Section {
    let columns = [
        "budget",
        "kind",
        "asked by",
        "#granted",
        "#refused",
        "#least left",
    ];
    let mut table = Table::new(&columns);
    for budget in &report.budgets {
        let refused = if budget.never_refused {
            Cell::toned("none ever", Tone::Quiet)
        } else {
            format::count(budget.refused_total).into()
        };
        let least = budget.least_left.map(|left| format::count(u64::from(left)));
        table.push(vec![
            Cell::from(&budget.name),
            format!("{}, one per {}", budget.kind, owner(&budget.scope)).into(),
            budget.asked_by.join(", ").into(),
            format::count(budget.granted_total).into(),
            refused,
            least.unwrap_or_else(|| "never asked".to_owned()).into(),
        ]);
    }
    Section {
        id: "budgets",
        title: "Budgets",
        about: "Retries that budgets granted and suppressed, and the least that was ever left of \
                one. About a budget that never refused, this run says nothing.",
        blocks: only(table),
    }
}

/// Whose each state of a budget is.
fn owner(scope: &str) -> &str {
    match scope {
        "caller" => "caller and service",
        "shared" => "scenario",
        other => other,
    }
}

/// A row for each breaker layer.
pub(super) fn breakers(report: &Report) -> Section {
    let mut table = Table::new(&["breaker", "between", "#opened", "#processes"]);
    for breaker in &report.breakers {
        table.push(vec![
            format!("{}.{}", breaker.policy, breaker.layer).into(),
            format!("{} -> {}", breaker.caller, breaker.target).into(),
            format::count(breaker.opened_total).into(),
            format::count(u64::from(breaker.owners_changed)).into(),
        ]);
    }
    Section {
        id: "breakers",
        title: "Breakers",
        about: "How often breakers opened, and in how many processes they changed their state.",
        blocks: only(table),
    }
}
