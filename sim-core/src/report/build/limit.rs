//! Limits over time, of guards that find their own.

use crate::judge::{LimitLine, limit_lines};
use crate::model::record::{LimitedBy, RunRecord};
use crate::model::spec::ModelSpec;
use crate::report::{LimitPoint, LimitReport};
use crate::time::{SimDuration, SimTime};

/// Most points of a limit.
const MOST_POINTS: u64 = 200;

/// The limit of a guard over the run; nothing if it does not find one for itself.
pub(super) fn limit(spec: &ModelSpec, record: &RunRecord, by: LimitedBy) -> Option<LimitReport> {
    let lines = limit_lines(spec, record, by);
    let first = lines.first()?;
    let end = record.end.min(spec.duration).as_ns();
    let width = end.div_ceil(MOST_POINTS).max(1);
    let points = (0..end.div_ceil(width)).map(|place| point(&lines, place * width, width));
    Some(LimitReport {
        initial: first.steps[0].1,
        owners_changed: lines.iter().filter(|line| line.steps.len() > 1).count() as u32,
        points: points.collect(),
    })
}

fn point(lines: &[LimitLine], from_ns: u64, width: u64) -> LimitPoint {
    let from = SimTime::from_ns(from_ns);
    let bounds = lines
        .iter()
        .map(|line| line.bounds(from, from + SimDuration::from_ns(width)));
    let (lowest, highest) = bounds.fold((u32::MAX, 0), |(low, high), (lowest, highest)| {
        (low.min(lowest), high.max(highest))
    });
    LimitPoint {
        from_ns,
        lowest,
        highest,
    }
}
