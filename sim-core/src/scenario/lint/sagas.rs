//! Sagas that leave behind what they should undo, or wait where they need not.

use super::Lint;
use crate::id::{Id, SagaId};
use crate::model::spec::SagaSpec;
use crate::policy::Layer;
use crate::scenario::compile::graph::operation_name;
use crate::scenario::diagnostic::Span;

impl Lint<'_> {
    pub(super) fn sagas(&mut self) {
        for index in 0..self.model.sagas.len() {
            let id = SagaId::from_index(index);
            let saga = self.model.sagas[id].clone();
            let span = self.places.sagas.get(index).copied().unwrap_or_default();
            self.undo_missing(&saga, span);
            self.unknown_ignored(&saga, span);
            self.hardly_repeated(&saga, span);
        }
    }

    fn step_name(&self, saga: &SagaSpec, step: usize) -> String {
        let target = self.model.sites[saga.steps[step].doing].edge;
        operation_name(self.model, self.model.edges[target].target)
    }

    /// A call of which nothing is undone, though one after it may fail.
    fn undo_missing(&mut self, saga: &SagaSpec, span: Span) {
        let last = saga.shape.pivot.map_or(saga.steps.len() - 1, usize::from);
        let missing = (0..last).find(|&step| saga.steps[step].undo.is_none());
        let Some(step) = missing else {
            return;
        };
        let message = format!(
            "`{}` has no `undo`, and a call after it may fail: what it did stays then",
            self.step_name(saga, step)
        );
        let hint = "an `undo`, or a `pivot` before it";
        self.warn("undo-missing", span, message, hint);
    }

    /// What may have been carried out is left as it is.
    fn unknown_ignored(&mut self, saga: &SagaSpec, span: Span) {
        let can_undo = saga.steps.iter().any(|step| step.undo.is_some());
        if !saga.shape.ignores_unknown || !can_undo {
            return;
        }
        let message = "`unknown: ignore`: a call that timed out may have been carried out, or may still be, and \
                       is not undone"
            .to_owned();
        let hint = "leave it out, with undos that forbid a late effect (`undo: { forbids: true }`)";
        self.warn("unknown-ignored", span, message, hint);
    }

    /// What must succeed is called once, then after a long time.
    fn hardly_repeated(&mut self, saga: &SagaSpec, span: Span) {
        let Some(pivot) = saga.shape.pivot else {
            return;
        };
        let retries = |step: &usize| {
            let site = &self.model.sites[saga.steps[*step].doing];
            let mut layers = self.model.pipelines[site.pipeline].layers();
            layers.any(|layer| {
                matches!(&self.model.layers[layer].kind, Layer::Retry(it) if it.max_attempts > 1)
            })
        };
        let once = (usize::from(pivot)..saga.steps.len()).find(|step| !retries(step));
        let Some(step) = once else {
            return;
        };
        let message = format!(
            "`{}` must succeed, but is not retried: after a failure it is called again {} later",
            self.step_name(saga, step),
            saga.resume_after
        );
        let hint = "a `policy` with a `retry` around it";
        self.warn("nothing-after-pivot-retried", span, message, hint);
    }
}
