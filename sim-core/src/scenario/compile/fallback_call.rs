//! What fallbacks call: other operations, under policies of their own.
//!
//! A policy names the operation, but who calls it is known only where the policy stands around a
//! call: each place that makes such calls gets a place of its own for each fallback with `call`. So
//! one policy may stand around many calls, and every fallback's calls are counted for themselves.
//!
//! A fallback that calls under the policy it stands in would call without end, and is refused. So is
//! one that leads back to the operation which calls: that is a circle of calls.

use super::Compiler;
use super::policy_draft::{FallbackCallDraft, LayerDraft, PolicyName};
use crate::id::{PipelineId, SiteId};
use crate::model::spec::{Caller, FallbackCallSpec};
use crate::scenario::diagnostic::{Diagnostic, Span, quoted};

impl Compiler<'_> {
    /// Looks up what the fallbacks of a policy call.
    pub(super) fn find_fallback_call(&mut self, policy: &str) {
        let layers = match self.policies.get(policy) {
            Some(draft) => draft.layers.len(),
            None => return,
        };
        for index in 0..layers {
            let draft = self.policies.get_mut(policy);
            let Some(fallback) = draft.and_then(|it| it.layers[index].fallback_call.as_mut())
            else {
                continue;
            };
            let FallbackCallDraft::Written(file) =
                std::mem::replace(fallback, FallbackCallDraft::Broken)
            else {
                continue;
            };
            let target = self.find_operation(&file.to);
            let around = self.policy_of(file.policy.as_ref());
            let (Some(target), Some(around)) = (target, around) else {
                continue;
            };
            let found = FallbackCallDraft::Found {
                target,
                policy: around,
                span: file.to.span,
            };
            if let Some(draft) = self.policies.get_mut(policy) {
                draft.layers[index].fallback_call = Some(found);
            }
        }
    }

    /// Gives the fallbacks around a place that makes calls their own places.
    pub(super) fn fallback_call_sites(
        &mut self,
        site: SiteId,
        path: &str,
        caller: Caller,
        policy: &PolicyName,
        pipeline: PipelineId,
    ) {
        let mut number = 0;
        for index in 0..self.spec.pipelines[pipeline].layer_count {
            let draft = self.policies.get(policy.as_str());
            let layer = draft.and_then(|draft| draft.layers.get(index as usize));
            let Some((target, around, span)) = layer.and_then(LayerDraft::found_fallback_call)
            else {
                continue;
            };
            number += 1;
            if self.calls_itself(policy, &around, span) {
                continue;
            }
            self.within.push(policy.clone());
            let path = format!("{path}/fallback/{number}");
            let call = self.site_of(&path, caller, target, &around, span, true);
            self.within.pop();
            let first = self.spec.pipelines[pipeline].first_layer;
            self.spec.fallback_calls.push(FallbackCallSpec {
                site,
                layer: crate::id::LayerId(first.0 + index),
                call,
                number,
            });
        }
    }

    /// Refuses a fallback whose call would be made under the policy it stands in.
    fn calls_itself(&mut self, policy: &PolicyName, around: &PolicyName, span: Span) -> bool {
        let circle = around == policy || self.within.contains(around);
        let mut known = self.found.all().iter();
        if circle && !known.any(|it| it.code == "fallback-cycle" && it.span == span) {
            let name = quoted(around.as_str());
            let message = format!(
                "this fallback calls under policy {name}, inside which it stands: when that call \
                 fails, it calls again, without end"
            );
            let hint = "give the call a policy without this fallback";
            self.found
                .push(Diagnostic::error("fallback-cycle", span, message).hint(hint));
        }
        circle
    }
}
