//! Policies: what each layer did. A layer that never acted is shown as well: the run then says
//! nothing about it.

use super::services::counts;
use super::{Section, only};
use crate::render::format;
use crate::render::table::{Cell, Table, Tone};
use sim_core::report::Report;

/// A row for each layer.
pub(super) fn section(report: &Report) -> Section {
    let mut table = Table::new(&["policy", "layer", "between", "what it did"]);
    for layer in &report.layers {
        let did = if layer.never_acted {
            Cell::toned("never acted", Tone::Quiet)
        } else {
            counts(&layer.acts).into()
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
