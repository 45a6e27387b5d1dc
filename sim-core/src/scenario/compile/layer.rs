//! Policies: their layers, each checked, and how they stand to each other.

use super::Compiler;
use super::policy_draft::{FallbackCallDraft, LayerDraft, PolicyDraft};
use crate::model::spec::Scope;
use crate::scenario::layer::{HedgeFile, LayerFile, PolicyFile};
use crate::scenario::read::At;

/// Most layers of a policy.
const MOST_LAYERS: usize = 32;

impl Compiler<'_> {
    /// Checks the layers of a policy.
    pub(super) fn policy_draft(&mut self, layers: &PolicyFile) -> PolicyDraft {
        let mut draft = PolicyDraft::default();
        let mut names = Vec::new();
        self.check_standard_pipeline(layers);
        if let Some(excess) = layers.get(MOST_LAYERS) {
            let message = format!(
                "`{}` is one layer too many: {MOST_LAYERS} are allowed",
                excess.path
            );
            self.error("too-large", excess.span, message);
        }
        for layer in layers.iter().take(MOST_LAYERS) {
            if let LayerFile::Balance(balance) = &layer.value {
                if draft.balance.is_some() {
                    let message = format!("`{}` chooses an instance a second time", layer.path);
                    self.error("bad-value", layer.span, message);
                }
                draft.balance = Some(balance.config(&mut self.found));
                continue;
            }
            let enabled = layer.value.is_enabled();
            if let LayerFile::Hedge(hedge) = &layer.value
                && enabled
            {
                self.check_around_hedge(hedge, &draft.layers);
            }
            if let Some((scope, kind)) = layer.value.config(&mut self.budgets, &mut self.found) {
                // What is switched off is checked, and keeps its number among equals.
                let name = among_equals(kind.name(), &names);
                names.push(name.clone());
                if !enabled {
                    draft.off.push(kind);
                    continue;
                }
                draft.layers.push(LayerDraft {
                    name,
                    scope,
                    kind,
                    span: layer.span,
                    retry_after_of_like: retry_after_is_of_like(&layer.value),
                    fallback_call: fallback_call_of(&layer.value),
                });
            }
        }
        draft
    }

    /// A layer that guards instances cannot stand around a hedge.
    fn check_around_hedge(&mut self, hedge: &At<HedgeFile>, around: &[LayerDraft]) {
        let mut around = around.iter();
        if let Some(guard) = around.find(|layer| layer.scope == Scope::TargetInstance) {
            HedgeFile::refuse_inside(hedge, &guard.name, &mut self.found);
        }
    }
}

/// What a fallback calls, to be looked up when all policies are known.
fn fallback_call_of(layer: &LayerFile) -> Option<FallbackCallDraft> {
    let LayerFile::Fallback(fallback) = layer else {
        return None;
    };
    let call = fallback.call()?;
    Some(FallbackCallDraft::Written(Box::new(call.clone())))
}

/// Whether it is a retry that heeds the wish to come back later only because of its library.
fn retry_after_is_of_like(layer: &LayerFile) -> bool {
    matches!(layer, LayerFile::Retry(retry) if retry.0.value.retry_after_is_of_like())
}

/// `timeout`, `timeout[2]`, …
pub(super) fn among_equals(kind: &str, earlier: &[String]) -> String {
    let base = |name: &str| name.split('[').next() == Some(kind);
    match earlier.iter().filter(|name| base(name)).count() {
        0 => kind.to_owned(),
        others => format!("{kind}[{}]", others + 1),
    }
}
