//! Effects that do not fit together.

use super::{About, Finding};
use crate::judge::run_view::RunView;
use crate::judge::verdict::Severity;
use crate::judge::words::{count, counted, seconds};

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
