//! Sagas.

use super::super::saga::SagaReport;
use crate::keeping::SagaEnd;
use crate::model::record::{RunRecord, SagaPoint, saga_name};
use crate::model::spec::ModelSpec;

pub(super) fn sagas(spec: &ModelSpec, record: &RunRecord) -> Vec<SagaReport> {
    let all = record.sagas.0.iter_enumerated();
    all.map(|(id, counts)| {
        let series = |of: fn(&SagaPoint) -> u64| counts.series.iter().map(of).collect();
        SagaReport {
            name: saga_name(spec, id),
            began_total: counts.began,
            completed_total: counts.ended(SagaEnd::Completed),
            compensated_total: counts.ended(SagaEnd::Compensated),
            stuck_total: counts.ended(SagaEnd::Stuck),
            open_at_end: counts.under_way().max(0).cast_unsigned(),
            unknown_total: counts.unknown,
            left_total: counts.left,
            resumed_total: counts.resumed,
            longest_ns: counts.longest.as_ns(),
            first_stuck: counts.first_stuck,
            running: series(|it| it.running),
            left: series(|it| it.left),
            completed: series(|it| it.completed),
            compensated: series(|it| it.compensated),
            stuck: series(|it| it.stuck),
        }
    })
    .collect()
}
