//! Limits that guards found for themselves.

use super::measured::Measured;
use crate::judge::limit_lines::limit_lines;
use crate::judge::run_view::RunView;
use crate::model::record::LimitedBy;
use crate::time::SimTime;

/// The highest limit of any owner in a span, or the lowest.
pub(super) fn limit(
    view: &RunView<'_>,
    of: &[LimitedBy],
    lowest: bool,
    (from, until): (SimTime, SimTime),
) -> Measured {
    let lines = of
        .iter()
        .flat_map(|&by| limit_lines(view.spec(), view.record, by));
    let bounds = lines.map(|line| line.bounds(from, until));
    let found = if lowest {
        bounds.map(|it| it.0).min()
    } else {
        bounds.map(|it| it.1).max()
    };
    Measured::maybe(
        found.map(f64::from),
        "no limit is found by itself".to_owned(),
    )
}
