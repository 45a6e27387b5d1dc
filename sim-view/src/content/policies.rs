//! Policies: what each layer did. A layer that never acted is shown as well: the run then says
//! nothing about it.

use super::page::{Section, only};
use super::services::counts;
use crate::format;
use crate::table::{Cell, Table, Tone};
use sim_core::report::{
    AdmissionReport, BreakerReport, BreakerStateName, BudgetReport, CountReport, LayerReport,
    LimitReport, Report,
};

/// A row for each layer.
pub(super) fn section(report: &Report) -> Section {
    let mut table = Table::new(&["policy", "layer", "between", "what it did"]);
    for layer in &report.layers {
        let did = if layer.never_acted && layer.acts.is_empty() {
            Cell::toned("never acted", Tone::Quiet)
        } else if layer.never_acted {
            format!("never acted; {}", counts(&layer.acts)).into()
        } else if layer.acted_in_warmup_only {
            Cell::toned("acted in the warm-up alone", Tone::Quiet)
        } else {
            (counts(&layer.acts) + &ages(layer) + &waits(layer) + &limit(layer.limit.as_ref()))
                .into()
        };
        table.push(vec![
            Cell::from(&layer.policy),
            Cell::from(&layer.layer),
            format!("{} -> {}", layer.caller, layer.target).into(),
            did,
        ]);
    }
    for service in &report.services {
        for layer in &service.admission {
            table.push(vec![
                Cell::from("admission"),
                Cell::from(&layer.layer),
                format!("-> {}", service.name).into(),
                admission(layer),
            ]);
        }
    }
    Section {
        id: "policies",
        title: "Policies",
        about: "Layers from the outermost to the innermost. About a layer that never acted, this run \
                says nothing.",
        blocks: only(table),
    }
}

/// What a layer of admission did.
fn admission(layer: &AdmissionReport) -> Cell {
    if layer.never_refused && layer.limit.is_none() {
        return Cell::toned("never refused", Tone::Quiet);
    }
    let limit = limit(layer.limit.as_ref());
    format!("refused {}{limit}", format::count(layer.refused_total)).into()
}

/// Where the limit of a layer went that finds its own.
fn limit(limit: Option<&LimitReport>) -> String {
    let Some(limit) = limit else {
        return String::new();
    };
    let lowest = limit.points.iter().map(|point| point.lowest).min();
    let highest = limit.points.iter().map(|point| point.highest).max();
    let last = limit.points.last().map_or(limit.initial, |it| it.highest);
    format!(
        "; limit {} at first, from {} to {}, {last} at the end",
        limit.initial,
        lowest.unwrap_or(limit.initial),
        highest.unwrap_or(limit.initial)
    )
}

/// How old the kept answers of a fallback were.
fn ages(layer: &LayerReport) -> String {
    layer.answer_age.map_or_else(String::new, |age| {
        let (half, most) = (format::duration(age.p50_ns), format::duration(age.max_ns));
        format!("; kept answers {half} old at p50, {most} at most")
    })
}

/// How long passes, retries and hedges of a layer waited.
fn waits(layer: &LayerReport) -> String {
    let passes = layer.waits.map(|waits| {
        let (mean, most) = (
            format::duration(waits.mean_ns),
            format::duration(waits.max_ns),
        );
        format!("; passes let in after a wait: {mean} on average, {most} at most")
    });
    let backoff = layer.backoff_total_ns.filter(|&total| total > 0);
    let backoff = backoff.map(|total| format!("; backoff in all: {}", format::duration(total)));
    let hedges = layer
        .hedge_delay_mean_ns
        .map(|mean| format!("; mean delay of a hedge: {}", format::duration(mean)));
    [passes, backoff, hedges].into_iter().flatten().collect()
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
            granted(budget).into(),
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

/// What a budget granted, and how much of that by its floor alone.
fn granted(budget: &BudgetReport) -> String {
    let total = format::count(budget.granted_total);
    match budget.granted_by_floor_total {
        0 => total,
        floor => format!("{total} ({} by its floor)", format::count(floor)),
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

/// What opened a breaker, of the openings that are kept, in the order of first occurrence.
fn opened_by(breaker: &BreakerReport) -> String {
    let spans = breaker.owners.iter().flat_map(|owner| &owner.spans);
    let opened = spans.filter(|span| span.state == BreakerStateName::Open);
    let mut counts: Vec<CountReport> = Vec::new();
    for why in opened.filter_map(|span| span.why.as_ref()) {
        match counts.iter_mut().find(|count| count.name == *why) {
            Some(count) => count.total += 1,
            None => counts.push(CountReport {
                name: why.clone(),
                total: 1,
            }),
        }
    }
    super::services::counts(&counts)
}

/// A row for each breaker layer.
pub(super) fn breakers(report: &Report) -> Section {
    let columns = ["breaker", "between", "#opened", "opened by", "#processes"];
    let mut table = Table::new(&columns);
    for breaker in &report.breakers {
        table.push(vec![
            format!("{}.{}", breaker.policy, breaker.layer).into(),
            format!("{} -> {}", breaker.caller, breaker.target).into(),
            format::count(breaker.opened_total).into(),
            opened_by(breaker).into(),
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
