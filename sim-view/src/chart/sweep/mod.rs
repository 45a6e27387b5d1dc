//! Charts of a sweep: maps of two axes, what each axis does, and what is traded for what.
//!
//! ```text
//! collapse       with one axis: how often runs collapse, and a curve for each measure
//! curve-1 …
//! phases         stable, vulnerable, metastable, by the share of runs that collapse
//! map-1 …        a map for each measure to look at first, with lines of equal value
//! effects        what each axis does by itself, the strongest first
//! trade-off      goodput against latency, with the cells that nothing beats
//! ```
//!
//! The last axis lies across, the one before it upwards, and one before that gives a map for each of
//! its values. Axes before these are averaged over. A map needs values that repeat, so drawn designs
//! have none. A measure that is the same everywhere, or differs by no more than chance, gets one
//! colour, and says so.

mod curve;
mod effects;
mod field;
mod iso;
mod map;
mod trade_off;

use crate::chart::draft::Chart;
use crate::table::Table;
use field::{Field, fields};
use sim_core::report::Unit;
use sim_core::report::sweep::{COLLAPSE, CellReport, SweepReport};

/// Names of the maps of measures.
const MAPS: [&str; 4] = ["map-1.svg", "map-2.svg", "map-3.svg", "map-4.svg"];
/// Names of the curves of measures.
const CURVES: [&str; 4] = ["curve-1.svg", "curve-2.svg", "curve-3.svg", "curve-4.svg"];

/// All charts that have something to show.
pub(super) fn charts(report: &SweepReport) -> Vec<Chart> {
    let shown = || report.shown.iter().map(|&place| place as usize);
    let mut charts = Vec::new();
    if report.design.axes.len() == 1 {
        charts.extend(collapse(report));
        let curves = CURVES.iter().zip(shown());
        charts.extend(curves.filter_map(|(file, place)| curve(report, file, place)));
    } else {
        charts.extend(phases(report));
        let maps = MAPS.iter().zip(shown());
        charts.extend(maps.filter_map(|(file, place)| measure(report, file, place)));
        charts.extend(effects::chart(report));
    }
    charts.extend(trade_off::chart(report));
    charts
}

/// What is to be known of a measure as a whole: that nothing changes it.
fn note(report: &SweepReport, name: &str) -> &'static str {
    let mut all = report.variation.iter();
    match all.find(|one| one.measure == name) {
        Some(one) if one.constant => "the same everywhere",
        Some(one) if one.beyond_chance == Some(false) => "no more than chance",
        Some(_) | None => "",
    }
}

fn collapse(report: &SweepReport) -> Option<Chart> {
    let curve = curve::Curve {
        file: "collapse.svg",
        name: COLLAPSE,
        unit: Unit::Share,
        note: note(report, COLLAPSE),
        value: &curve::Value::of_collapse,
    };
    curve.chart(report)
}

fn curve(report: &SweepReport, file: &'static str, place: usize) -> Option<Chart> {
    let measure = report.measures.get(place)?;
    let curve = curve::Curve {
        file,
        name: &measure.name,
        unit: measure.unit,
        note: note(report, &measure.name),
        value: &|cell| curve::Value::of_measure(cell, place),
    };
    curve.chart(report)
}

fn phases(report: &SweepReport) -> Option<Chart> {
    let shares = fields(report, &CellReport::collapse)?;
    let misses = fields(report, &|cell| {
        (cell.finished > 0).then(|| f64::from(u8::from(cell.misses().next().is_some())))
    })?;
    Some(Chart {
        file: "phases.svg",
        title: "Probability of collapse".into(),
        about: "Numbers are the share of runs that collapse: under half of the calls at the end are \
                useful. Stable is none, metastable half of them or more; blue cells are stable and miss \
                expectations.",
        svg: map::phases(report, &shares, &misses),
        table: table(&shares, "collapse", &crate::format::share),
    })
}

fn measure(report: &SweepReport, file: &'static str, place: usize) -> Option<Chart> {
    let measure = report.measures.get(place)?;
    let fields = fields(report, &|cell| cell.median(place))?;
    let show = |value: f64| field::shown(value, measure.unit);
    let title = match note(report, &measure.name) {
        "" => measure.name.clone(),
        note => format!("{} ({note})", measure.name),
    };
    Some(Chart {
        file,
        svg: map::measure(report, &fields, measure, &title),
        title: title.into(),
        about: "From four values on each axis on, lines join equal values. Where some runs collapse and \
                some do not, the median is one or the other: look at the map of phases beside it.",
        table: table(&fields, &measure.name, &show),
    })
}

/// The values of maps, a row for each field.
fn table(fields: &[Field], name: &str, show: &dyn Fn(f64) -> String) -> Table {
    let mut table = Table::new(&["map", "up", "across", &format!("#{name}")]);
    for field in fields {
        for (row, up) in field.ups.iter().enumerate() {
            for (column, across) in field.acrosses.iter().enumerate() {
                let value = field.value(column, row);
                table.push(vec![
                    field.title.as_str().into(),
                    up.into(),
                    across.into(),
                    crate::format::optional(value, show).into(),
                ]);
            }
        }
    }
    table.without_empty_columns()
}
