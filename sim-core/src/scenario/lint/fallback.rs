//! Fallbacks that ask who has just failed, and those that hide failures from the layers around them.

use super::Lint;
use crate::id::{LayerId, PipelineId};
use crate::policy::{FallbackAnswer, FallbackConfig, OutcomeSet};

impl Lint<'_> {
    pub(super) fn fallbacks(&mut self) {
        self.fallbacks_to_the_same_service();
        for pipeline in self.model.pipelines.ids() {
            self.fallbacks_that_hide_failures(pipeline);
        }
    }

    /// What has failed is asked again under another name.
    fn fallbacks_to_the_same_service(&mut self) {
        for index in 0..self.model.fallback_calls.len() {
            let fallback = &self.model.fallback_calls[index];
            let service = |site| {
                let target = self.model.sites[site].target;
                self.model.operations[target].service
            };
            let called = service(fallback.call);
            if called == service(fallback.site) {
                let message = format!(
                    "this fallback calls `{}`, the service that has just failed",
                    self.model.services[called].name
                );
                let hint = "call something that does not fail together with it";
                let span = self.site_span(fallback.call);
                self.warn("fallback-same-service", span, message, hint);
            }
        }
    }

    /// A layer that acts on failures, around a fallback that always answers them.
    fn fallbacks_that_hide_failures(&mut self, pipeline: PipelineId) {
        let mut acting: Vec<(LayerId, OutcomeSet)> = Vec::new();
        for id in self.model.pipelines[pipeline].layers() {
            let layer = &self.model.layers[id];
            if let Some(on) = layer.kind.watches() {
                acting.push((id, on));
            }
            let Some(fallback) = layer.kind.fallback().filter(|it| always_answers(it)) else {
                continue;
            };
            let hidden = acting
                .iter()
                .find(|(_, on)| on.minus(fallback.on) == OutcomeSet::EMPTY);
            let Some((outer, _)) = hidden else { continue };
            let message = format!(
                "`{}` answers every failure before `{}` around it sees one: that never acts",
                layer.name, self.model.layers[*outer].name
            );
            let hint = "put the fallback outside";
            self.warn(
                "fallback-hides-failures",
                self.layer_span(id),
                message,
                hint,
            );
        }
    }
}

fn always_answers(fallback: &FallbackConfig) -> bool {
    fallback.enabled && fallback.answer == FallbackAnswer::Static
}
