//! A record of a run that goes on as a run of another model.

use super::calls::uses;
use super::recorder::Recorder;
use crate::model::spec::ModelSpec;

impl Recorder {
    /// From now on it records a run of another model, which was the same until now: only later times
    /// differ at which something is measured.
    pub fn go_on_with(&mut self, spec: &ModelSpec) {
        self.spec = spec.clone();
        self.uses = uses(spec);
        self.snapshots.go_on_with(spec);
        self.due = self.snapshots.next_due().min(self.series.next_due());
    }
}
