//! Counts per second of the measured part, and shares.

use crate::model::record::RunRecord;
use crate::model::spec::ModelSpec;
use crate::report::Finite;

/// Length of the measured part of a run: what counts of totals are divided by \[s\].
pub(super) fn measured_s(spec: &ModelSpec, record: &RunRecord) -> f64 {
    let end = spec.duration.min(record.end);
    spec.warmup.until(end).as_secs_f64()
}

/// So many per second of the measured part; zero if it has no length.
pub(super) fn per_second(spec: &ModelSpec, record: &RunRecord, count: u64) -> Finite {
    Finite::ratio(count as f64, measured_s(spec, record)).unwrap_or_default()
}

/// `part / whole`, if there is a whole.
pub(super) fn share(part: u64, whole: u64) -> Option<Finite> {
    Finite::ratio(part as f64, whole as f64)
}
