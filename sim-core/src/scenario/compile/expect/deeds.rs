//! What is to be true of effects.

use super::{Compiler, Statement};
use crate::id::SagaId;
use crate::scenario::diagnostic::{Diagnostic, did_you_mean, quoted};
use crate::scenario::expect::{Bound, Measure, SagaFigure};
use crate::scenario::file::expect::{InvariantHeldFile, SagaHeldFile};
use crate::scenario::read::At;
use crate::scenario::value::Count;

impl Compiler<'_> {
    /// For how many root calls an invariant may be broken.
    pub(super) fn invariant_held(
        &mut self,
        it: &InvariantHeldFile,
        place: &At<()>,
    ) -> Option<Statement> {
        let name = it.name.value.0.as_str();
        let found = self.spec.invariants.iter_enumerated();
        let found = found.filter(|(_, spec)| spec.name == name);
        let found = found.map(|(id, _)| id).next();
        let Some(invariant) = found else {
            let is_written = self.file.invariants.0.iter().any(|item| item.name == name);
            if !is_written {
                let all = self.file.invariants.0.iter().map(|item| item.name.as_str());
                let hint = did_you_mean(name, all);
                let message = format!(
                    "`{}` names invariant {}, which is not defined",
                    it.name.path,
                    quoted(name)
                );
                let diagnostic = Diagnostic::error("unknown-name", it.name.span, message);
                self.found.push(diagnostic.maybe_hint(hint));
            }
            return None;
        };
        let (at_end, most) = match (it.at_end, it.ever) {
            (Some(most), None) => (true, most),
            (None, Some(most)) => (false, most),
            (Some(_), Some(_)) | (None, None) => {
                let message = format!("`{}` needs one of `at_end` and `ever`", place.path);
                self.error("missing-key", place.span, message);
                return None;
            }
        };
        let when = if at_end { "at the end" } else { "at any time" };
        let most = Count::get(most);
        let text = format!("calls for which {name} is broken {when} are at most {most}");
        let measure = Measure::Invariant { invariant, at_end };
        Some((measure, Bound::AtMost(f64::from(most)), text))
    }

    /// How the sagas of an operation end.
    pub(super) fn sagas_held(&mut self, it: &SagaHeldFile, place: &At<()>) -> Option<Statement> {
        let operation = self.find_operation(&it.operation)?;
        let name = &it.operation.value.0;
        let all = self.spec.sagas.iter_enumerated();
        let own = all.filter(|(_, saga)| saga.operation == operation);
        let sagas: Vec<SagaId> = own.map(|(id, _)| id).collect();
        if sagas.is_empty() {
            let message = format!(
                "`{}` is {name}, which has no step `saga`",
                it.operation.path
            );
            self.error("bad-value", it.operation.span, message);
            return None;
        }
        let (what, bound, words) = match (it.completed, it.compensated, it.stuck, it.longest) {
            (Some(least), None, None, None) => (
                SagaFigure::Completed,
                Bound::AtLeast(least.get()),
                format!("share of sagas of {name} that complete is at least {least}"),
            ),
            (None, Some(most), None, None) => (
                SagaFigure::Compensated,
                Bound::AtMost(most.get()),
                format!("share of sagas of {name} that are undone is at most {most}"),
            ),
            (None, None, Some(most), None) => (
                SagaFigure::Stuck,
                Bound::AtMost(f64::from(most.get())),
                format!("sagas of {name} that are stuck are at most {}", most.get()),
            ),
            (None, None, None, Some(most)) => (
                SagaFigure::Longest,
                Bound::AtMost(most.as_ns_f64()),
                format!("the longest saga of {name} takes at most {most}"),
            ),
            (None | Some(_), None | Some(_), None | Some(_), None | Some(_)) => {
                let message = format!(
                    "`{}` needs one of `completed`, `compensated`, `stuck` and `longest`",
                    place.path
                );
                self.error("missing-key", place.span, message);
                return None;
            }
        };
        Some((Measure::Saga { sagas, what }, bound, words))
    }
}
