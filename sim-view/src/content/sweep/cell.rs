//! What is said of one cell.

use crate::format;
use crate::table::{Cell, Tone};
use sim_core::report::Unit;
use sim_core::report::sweep::{CellReport, Phase};

/// The share of collapsed runs, tinted by the phase; stable is good only if it is wanted so.
fn collapse(cell: &CellReport) -> Cell {
    Cell::toned(
        &format::optional(cell.collapse(), format::share),
        tone(cell),
    )
}

fn tone(cell: &CellReport) -> Tone {
    match cell.phase {
        Phase::Stable if cell.is_feasible() => Tone::Good,
        Phase::Stable => Tone::Plain,
        Phase::Vulnerable => Tone::Warn,
        Phase::Metastable => Tone::Bad,
        Phase::Unknown => Tone::Quiet,
    }
}

/// The share of collapsed runs, and how many expectations are missed.
pub(super) fn in_map(cell: &CellReport) -> Cell {
    let share = format::optional(cell.collapse(), format::share);
    match cell.misses().count() {
        0 => Cell::toned(&share, tone(cell)),
        missed => Cell::toned(&format!("{share}, misses {missed}"), tone(cell)),
    }
}

/// The share of collapsed runs, with its interval.
pub(super) fn collapse_with_interval(cell: &CellReport) -> Cell {
    let of = &cell.collapsed;
    let ends = of.low.zip(of.high);
    let ends = ends.map_or_else(String::new, |(low, high)| {
        format!(" ({}-{})", whole_percent(low), whole_percent(high))
    });
    let share = collapse(cell);
    Cell::toned(&format!("{}{ends}", share.text), share.tone)
}

fn whole_percent(share: sim_core::report::Finite) -> String {
    format!("{:.0}%", share.get() * 100.0)
}

/// Which expectations a cell misses.
pub(super) fn met(cell: &CellReport) -> Cell {
    if cell.finished == 0 || cell.expectations.is_empty() {
        return "-".into();
    }
    let missed: Vec<String> = cell
        .misses()
        .map(|one| format!("{} in {} of {}", one.name, one.missed, cell.finished))
        .collect();
    if missed.is_empty() {
        Cell::toned("all met", Tone::Good)
    } else {
        Cell::toned(&format!("misses {}", missed.join(", ")), Tone::Bad)
    }
}

/// A measure of a cell: its mean with an interval; the median and the ends where some runs collapse
/// and some do not, since a mean of both describes neither.
pub(super) fn measured(cell: &CellReport, place: usize, unit: Unit) -> String {
    let Some(value) = cell.measures.get(place).and_then(Option::as_ref) else {
        return format::NOTHING.to_owned();
    };
    let show = |value| format::value(value, unit);
    let is_mixed = cell.collapsed.runs > 0 && cell.collapsed.runs < cell.collapsed.of;
    match value.half_width {
        Some(_) if is_mixed => format!(
            "{} ({}-{})",
            show(value.median),
            show(value.min),
            show(value.max)
        ),
        Some(half) if half.get() > 0.0 => format!("{} ± {}", show(value.mean), show(half)),
        Some(_) | None => show(value.mean),
    }
}
