//! Effects that do not fit together.

use super::{About, Finding};
use crate::judge::run_view::RunView;
use crate::judge::verdict::Severity;
use crate::judge::words::{count, counted, seconds};
use crate::keeping::SagaEnd;
use crate::model::record::SagaCounts;

/// Effects that are to be equal were not, for longer than they may.
pub(super) fn inconsistent(view: &RunView<'_>) -> Vec<Finding> {
    let invariants = view.record.deeds.invariants.iter_enumerated();
    let of = |(id, record): (_, &crate::model::record::InvariantRecord)| {
        let first = record.first?;
        let invariant = &view.spec().invariants[id];
        let names: Vec<&str> = invariant
            .equal
            .iter()
            .map(|&effect| view.spec().effects[effect].name.as_str())
            .collect();
        Some(Finding {
            code: "inconsistent",
            severity: Severity::Critical,
            place: About::invariant(view, id),
            text: format!(
                "{} differed for {} longer than {}, {} of them to the end; the first one from {} on: \
                 `squall trace --call {}`",
                names.join(" and "),
                counted(record.broken, "call"),
                invariant.within,
                count(record.broken_now),
                seconds(first.since),
                first.call
            ),
            remedy: "undo what may have happened too, not only what is known to have; let undos be retried \
                     until they succeed; forbid late effects (`undo: { forbids: true }`)",
        })
    };
    invariants.filter_map(of).collect()
}

/// Something that a saga had done could not be undone.
pub(super) fn saga_stuck(view: &RunView<'_>) -> Vec<Finding> {
    let sagas = view.record.sagas.0.iter_enumerated();
    let of = |(id, counts): (_, &SagaCounts)| {
        let first = counts.first_stuck?;
        Some(Finding {
            code: "saga-stuck",
            severity: Severity::Critical,
            place: About::saga(view, id),
            text: format!(
                "{} of {} stuck since an undo was given up, and waiting for a person; the first one: `squall \
                 trace --call {first}`",
                counted(counts.ended(SagaEnd::Stuck), "saga"),
                count(counts.over()),
            ),
            remedy: "an `undo_policy` that retries without end, with pauses that grow; an undo that is \
                     idempotent",
        })
    };
    sagas.filter_map(of).collect()
}
