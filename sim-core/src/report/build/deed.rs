//! Effects that have names, and what is to be true of them.

use super::super::deed::{BrokenReport, EffectReport, InvariantReport};
use crate::model::fact::{DeedDone, DeedUndone};
use crate::model::record::RunRecord;
use crate::model::spec::ModelSpec;

pub(super) fn effects(spec: &ModelSpec, record: &RunRecord) -> Vec<EffectReport> {
    let all = spec.effects.iter().zip(record.deeds.effects.iter());
    all.map(|(effect, counts)| EffectReport {
        name: effect.name.clone(),
        done_total: counts.done(DeedDone::Done),
        duplicated_total: counts.done(DeedDone::Duplicated),
        absorbed_total: counts.done(DeedDone::Absorbed),
        forbidden_total: counts.done(DeedDone::Forbidden),
        undone_total: counts.undone(DeedUndone::Undone),
        nothing_to_undo_total: counts.undone(DeedUndone::Nothing),
        standing: counts.standing(),
    })
    .collect()
}

pub(super) fn invariants(spec: &ModelSpec, record: &RunRecord) -> Vec<InvariantReport> {
    let all = spec.invariants.iter().zip(record.deeds.invariants.iter());
    all.map(|(invariant, record)| InvariantReport {
        name: invariant.name.clone(),
        equal: invariant
            .equal
            .iter()
            .map(|&effect| spec.effects[effect].name.clone())
            .collect(),
        within_ns: invariant.within.as_ns(),
        differed_total: record.differed,
        broken_total: record.broken,
        broken_at_end: record.broken_now,
        open_at_end: record.differs_now - record.broken_now,
        broken_max: record.most_broken,
        first: record.first.map(|case| BrokenReport {
            call: case.call,
            since_ns: case.since.as_ns(),
            at_ns: case.at.as_ns(),
        }),
    })
    .collect()
}
