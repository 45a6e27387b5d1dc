//! The effects that steps name.

use crate::id::{EffectId, Id};
use crate::scenario::diagnostic::Span;

/// Effects in the order in which they are first named.
#[derive(Debug, Default)]
pub(super) struct Effects(pub(super) Vec<EffectDraft>);

/// An effect as far as it is known.
#[derive(Debug)]
pub(super) struct EffectDraft {
    pub(super) name: String,
    /// Where it was first named, and by which key.
    pub(super) span: Span,
    pub(super) path: String,
    /// Whether a step carries it out; else it is only undone.
    pub(super) is_done: bool,
}

impl Effects {
    /// The number of an effect, which it has from now on.
    pub(super) fn named(&mut self, name: &str, (span, path): (Span, &str)) -> EffectId {
        if let Some(id) = self.find(name) {
            return id;
        }
        self.0.push(EffectDraft {
            name: name.to_owned(),
            span,
            path: path.to_owned(),
            is_done: false,
        });
        EffectId::from_index(self.0.len() - 1)
    }

    /// An effect that some step has named.
    pub(super) fn find(&self, name: &str) -> Option<EffectId> {
        let place = self.0.iter().position(|it| it.name == name);
        place.map(EffectId::from_index)
    }
}
