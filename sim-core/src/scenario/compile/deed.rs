//! Steps that carry out effects and undo them, and what is to be true of these.

use super::Compiler;
use crate::id::EffectId;
use crate::model::spec::{EffectSpec, InvariantSpec};
use crate::scenario::diagnostic::{Diagnostic, did_you_mean, quoted};
use crate::scenario::file::deed::InvariantFile;
use crate::scenario::read::{At, NamedItem};
use crate::scenario::value::Name;

impl Compiler<'_> {
    /// The effect that a step carries out.
    pub(super) fn effect_done(&mut self, name: &At<Name>) -> EffectId {
        let effect = self.effect_named(name);
        self.effects.0[effect.0 as usize].is_done = true;
        effect
    }

    /// The effect that a step undoes.
    pub(super) fn effect_named(&mut self, name: &At<Name>) -> EffectId {
        let place = (name.span, name.path.as_str());
        self.effects.named(&name.value.0, place)
    }

    /// All steps are known: what is to be true of their effects.
    pub(super) fn invariants(&mut self) {
        let drafts = std::mem::take(&mut self.effects.0);
        for draft in drafts.iter().filter(|it| !it.is_done) {
            let done = drafts.iter().filter(|it| it.is_done);
            let message = format!(
                "`{}` undoes {}, but no step `effect` does it",
                draft.path,
                quoted(&draft.name)
            );
            let hint = did_you_mean(&draft.name, done.map(|it| it.name.as_str()));
            let diagnostic = Diagnostic::error("unknown-name", draft.span, message);
            self.found.push(diagnostic.maybe_hint(hint));
        }
        let names = drafts.iter().map(|it| it.name.clone());
        self.spec.effects = names.map(|name| EffectSpec { name }).collect();
        self.effects.0 = drafts;
        let file = self.file;
        for item in &file.invariants.0 {
            let spec = item.item.as_ref().and_then(|it| self.invariant(item, it));
            if let Some(spec) = spec {
                self.places.invariants.push(item.span);
                self.spec.invariants.push(spec);
            }
        }
    }

    fn invariant(
        &mut self,
        item: &NamedItem<InvariantFile>,
        file: &InvariantFile,
    ) -> Option<InvariantSpec> {
        let equal = &file.equal;
        if equal.value.len() < 2 {
            let message = format!("`{}` needs two effects or more to compare", equal.path);
            self.error("bad-value", equal.span, message);
            return None;
        }
        let mut effects: Vec<EffectId> = Vec::new();
        for name in &equal.value {
            let effect = self.find_effect(name)?;
            if effects.contains(&effect) {
                let message = format!("`{}` is named twice in `{}`", name.value.0, equal.path);
                self.error("bad-value", name.span, message);
                return None;
            }
            effects.push(effect);
        }
        Some(InvariantSpec {
            name: item.name.clone(),
            equal: effects,
            within: file.within,
        })
    }

    fn find_effect(&mut self, name: &At<Name>) -> Option<EffectId> {
        let found = self.effects.find(&name.value.0);
        if found.is_none() && !self.names.is_incomplete {
            let all = self.effects.0.iter().map(|it| it.name.as_str());
            let hint = did_you_mean(&name.value.0, all);
            let message = format!(
                "`{}` names effect {}, but no step has `effect: {}`",
                name.path,
                quoted(&name.value.0),
                name.value.0
            );
            let diagnostic = Diagnostic::error("unknown-name", name.span, message);
            self.found.push(diagnostic.maybe_hint(hint));
        }
        found
    }
}
