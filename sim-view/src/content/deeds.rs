//! Effects that have names, and what is to be true of them.

use super::page::{Section, only};
use crate::format;
use crate::table::{Cell, Table, Tone};
use sim_core::report::{EffectReport, InvariantReport, Report};

/// A row for each effect.
pub(super) fn effects(report: &Report) -> Section {
    let columns = [
        "effect",
        "#done",
        "#duplicated",
        "#absorbed",
        "#undone",
        "#nothing to undo",
        "#forbidden",
        "#standing",
    ];
    let mut table = Table::new(&columns);
    for effect in &report.effects {
        table.push(effect_row(effect));
    }
    Section {
        id: "effects",
        title: "Effects",
        about: "What steps did and undid for root calls: duplicated is done once more for the same one, \
                absorbed is once more by an idempotent operation.",
        blocks: only(table),
    }
}

fn effect_row(effect: &EffectReport) -> Vec<Cell> {
    vec![
        Cell::from(&effect.name),
        format::count(effect.done_total).into(),
        bad_if_any(effect.duplicated_total),
        format::count(effect.absorbed_total).into(),
        format::count(effect.undone_total).into(),
        format::count(effect.nothing_to_undo_total).into(),
        format::count(effect.forbidden_total).into(),
        format::count(effect.standing.max(0).cast_unsigned()).into(),
    ]
}

/// A row for each invariant.
pub(super) fn invariants(report: &Report) -> Section {
    let columns = [
        "invariant",
        "equal",
        "#within",
        "#differed",
        "#broken",
        "#most at once",
        "#broken at end",
        "#open at end",
        "first case",
    ];
    let mut table = Table::new(&columns);
    for invariant in &report.invariants {
        table.push(invariant_row(invariant));
    }
    Section {
        id: "invariants",
        title: "Invariants",
        about: "Effects that are to be equal for each root call, and for how many of them they differed: at \
                all, and for longer than they may.",
        blocks: only(table),
    }
}

fn invariant_row(invariant: &InvariantReport) -> Vec<Cell> {
    let first = invariant.first.as_ref().map_or_else(String::new, |first| {
        format!(
            "call {} from {}",
            first.call,
            format::duration(first.since_ns)
        )
    });
    vec![
        Cell::from(&invariant.name),
        invariant.equal.join(" = ").into(),
        format::duration(invariant.within_ns).into(),
        format::count(invariant.differed_total).into(),
        bad_if_any(invariant.broken_total),
        format::count(invariant.broken_max).into(),
        bad_if_any(invariant.broken_at_end),
        format::count(invariant.open_at_end).into(),
        first.into(),
    ]
}

fn bad_if_any(count: u64) -> Cell {
    let text = format::count(count);
    if count > 0 {
        Cell::toned(&text, Tone::Bad)
    } else {
        text.into()
    }
}
