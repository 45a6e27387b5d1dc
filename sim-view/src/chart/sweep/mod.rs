//! Charts of a sweep: maps of two axes, what each axis does, and what is traded for what.
//!
//! ```text
//! phases         stable, vulnerable, metastable, by the share of runs that collapse
//! map-1 …        a map for each measure to look at first, with lines of equal value
//! effects        what each axis does by itself, the strongest first
//! trade-off      goodput against latency, with the cells that nothing beats
//! ```
//!
//! The last axis lies across, the one before it upwards, and one before that gives a map for each of
//! its values. Axes before these are averaged over. A map needs values that repeat, so drawn designs
//! have none; one axis alone gives a map of one row.

mod effects;
mod field;
mod iso;
mod map;
mod trade_off;

use super::Chart;
use crate::table::Table;
use field::{Field, fields};
use sim_core::report::sweep::{CellReport, SweepReport};

/// Names of the maps of measures.
const MAPS: [&str; 4] = ["map-1.svg", "map-2.svg", "map-3.svg", "map-4.svg"];

/// All charts that have something to show.
pub(super) fn charts(report: &SweepReport) -> Vec<Chart> {
    let mut charts = Vec::new();
    charts.extend(phases(report));
    let shown = report.shown.iter().map(|&place| place as usize);
    for (file, place) in MAPS.iter().zip(shown) {
        charts.extend(measure(report, file, place));
    }
    charts.extend(effects::chart(report));
    charts.extend(trade_off::chart(report));
    charts
}

fn phases(report: &SweepReport) -> Option<Chart> {
    let fields = fields(report, &CellReport::collapse)?;
    Some(Chart {
        file: "phases.svg",
        title: "Stable, vulnerable, metastable",
        about: "Numbers are the share of runs that collapse: under half of the calls at the end are \
                useful. Stable is none, metastable half of them or more.",
        svg: map::phases(report, &fields),
        table: table(&fields, "collapse", &crate::format::share),
    })
}

fn measure(report: &SweepReport, file: &'static str, place: usize) -> Option<Chart> {
    let measure = report.measures.get(place)?;
    let fields = fields(report, &|cell| cell.median(place))?;
    let show = |value: f64| field::shown(value, measure.unit);
    Some(Chart {
        file,
        title: "A measure over two axes",
        about: "From four values on each axis on, lines join equal values. Where some runs collapse and \
                some do not, the median is one or the other: look at the map of phases beside it.",
        svg: map::measure(report, &fields, measure),
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
