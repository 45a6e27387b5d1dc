//! The cells of a sweep for a spreadsheet: RFC 4180, a line for each, numbers in full.

use sim_core::report::sweep::{CellReport, SweepReport};
use sim_core::report::{Finite, Unit};

/// All cells.
pub fn sweep_csv(report: &SweepReport) -> String {
    let mut text = String::new();
    line(&mut text, &head(report));
    for cell in &report.cells {
        line(&mut text, &row(report, cell));
    }
    text
}

fn head(report: &SweepReport) -> Vec<String> {
    let axes = report.design.axes.iter().map(|axis| axis.path.clone());
    let fixed = [
        "state",
        "phase",
        "runs",
        "finished",
        "collapsed",
        "collapse_share",
        "collapse_low",
        "collapse_high",
        "metastable",
        "passed",
        "missed",
        "expectations_missed",
        "instances",
    ];
    let measures = report.measures.iter().flat_map(|measure| {
        let unit = unit(measure.unit);
        ["median", "mean", "half_width"].map(|what| format!("{} {what}{unit}", measure.name))
    });
    let all = axes.chain(fixed.map(str::to_owned)).chain(measures);
    all.collect()
}

const fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Ns => " [ns]",
        Unit::PerSecond => " [1/s]",
        Unit::Share | Unit::Factor | Unit::Count | Unit::YesNo => "",
    }
}

fn row(report: &SweepReport, cell: &CellReport) -> Vec<String> {
    let state = serde_json::to_value(cell.state).ok();
    let state = state
        .as_ref()
        .and_then(|state| state.as_str())
        .unwrap_or_default();
    let mut row = cell.values.clone();
    row.extend([
        state.to_owned(),
        cell.phase.name().to_owned(),
        cell.runs.to_string(),
        cell.finished.to_string(),
        cell.collapsed.runs.to_string(),
        number(cell.collapsed.share),
        number(cell.collapsed.low),
        number(cell.collapsed.high),
        cell.metastable.to_string(),
        cell.passed.to_string(),
        cell.missed.to_string(),
        missed(cell),
        cell.instances.to_string(),
    ]);
    for place in 0..report.measures.len() {
        let value = cell.measures.get(place).and_then(Option::as_ref);
        row.push(number(value.map(|value| value.median)));
        row.push(number(value.map(|value| value.mean)));
        row.push(number(value.and_then(|value| value.half_width)));
    }
    row
}

/// The expectations that a cell does not meet.
fn missed(cell: &CellReport) -> String {
    let names: Vec<&str> = cell.misses().map(|one| one.name.as_str()).collect();
    names.join(" ")
}

fn number(value: Option<Finite>) -> String {
    value.map_or_else(String::new, |value| value.get().to_string())
}

fn line(text: &mut String, fields: &[String]) {
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&csv_field(field));
    }
    text.push('\n');
}

/// A text as a field of CSV: in quotes where a comma, a quote or a line end would end it. One that a spreadsheet would
/// take for a formula gets a quote mark in front (CSV injection, CWE-1236).
pub fn csv_field(field: &str) -> String {
    let is_number = field.parse::<f64>().is_ok_and(f64::is_finite);
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number;
    let field = if is_formula {
        format!("'{field}")
    } else {
        field.to_owned()
    };
    if field.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_end_where_they_end_and_are_no_formulas() {
        for (field, written) in [
            ("250ms", "250ms"),
            ("-1.5", "-1.5"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=1+1", "'=1+1"),
            ("-x", "'-x"),
            ("-inf", "'-inf"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("@SUM(A1,2)", "\"'@SUM(A1,2)\""),
        ] {
            assert_eq!(csv_field(field), written);
        }
    }
}
