//! `change`: a setting that is different while a fault lasts.
//!
//! Any path may be named, as for `--set`. The scenario is compiled a second time with the new
//! value, and the two models are compared: what differs is the change. So a change means exactly
//! what writing the value into the file would mean, and whatever cannot change during a run is
//! noticed, however far the setting reaches.

use super::{Compiled, Compiler, compile_system};
use crate::id::LayerId;
use crate::model::spec::{FaultKind, ModelSpec, SettingChange};
use crate::policy::Layer;
use crate::scenario::diagnostic::{Diagnostic, DiagnosticSeverity};
use crate::scenario::file::ScenarioFile;
use crate::scenario::file::fault::ChangeFile;
use crate::scenario::preset;
use crate::scenario::read::{At, FileType, Reader};
use crate::scenario::set;
use crate::scenario::tree::Node;

/// Most changes of a scenario; each is compiled for itself.
const MOST_CHANGES: usize = 50;

impl Compiler<'_> {
    pub(super) fn change(&mut self, at: &At<ChangeFile>, tree: &Node) -> Option<FaultKind> {
        self.changes += 1;
        if self.changes > MOST_CHANGES {
            let message = format!(
                "`{}` is one change too many: {MOST_CHANGES} are allowed",
                at.path
            );
            self.error("too-large", at.span, message);
            return None;
        }
        let to = self.what_differs(&[at], tree)?;
        if to.is_empty() {
            let message = format!("`{}` changes nothing", at.path);
            self.found.push(Diagnostic::warning(
                "change-without-effect",
                at.span,
                message,
            ));
        }
        Some(FaultKind::Setting(to))
    }

    /// What differs from the file while these changes stand, the newest last.
    pub(super) fn what_differs(
        &mut self,
        changes: &[&At<ChangeFile>],
        tree: &Node,
    ) -> Option<Vec<SettingChange>> {
        let &newest = changes.last()?;
        let mut changed_tree = tree.clone();
        for at in changes {
            let (path, to) = (&at.value.path, &at.value.to.0);
            if let Err(problem) = set::apply(&mut changed_tree, &path.value.0, to, path.span) {
                self.found.push(problem);
                return None;
            }
        }
        let as_changed = self.compile_changed(newest, &changed_tree)?;
        let found = difference(&self.spec, &as_changed.model);
        if found.is_none() {
            self.not_changeable(newest);
        }
        found
    }

    fn compile_changed(&mut self, at: &At<ChangeFile>, tree: &Node) -> Option<Compiled> {
        let mut reader = Reader::default();
        let mut tree = tree.clone();
        preset::apply_presets(&mut tree);
        let file = ScenarioFile::read(&tree, &mut reader);
        let mut problems = reader.found.into_vec();
        let compiled = file.map(|file| compile_system(&file));
        if let Some(compiled) = &compiled {
            problems.extend_from_slice(compiled.found.all());
        }
        // Mistakes that are there without the change are reported for themselves.
        let own = |problem: &&Diagnostic| {
            problem.severity == DiagnosticSeverity::Error && problem.span == at.value.to.0.span
        };
        if let Some(first) = problems.iter().find(own) {
            self.found.push(first.clone());
            return None;
        }
        let broken = problems
            .iter()
            .find(|problem| problem.severity == DiagnosticSeverity::Error);
        if let Some(first) = broken.filter(|_| !self.found.has_errors()) {
            let message = format!(
                "`{}` makes an impossible scenario: {}",
                at.path, first.message
            );
            self.error("bad-change", at.value.to.0.span, message);
        }
        if broken.is_some() {
            return None;
        }
        compiled
    }

    fn not_changeable(&mut self, at: &At<ChangeFile>) {
        let path = &at.value.path;
        let message = format!("`{}` cannot change during a run", path.value.0);
        let hint = "what can: settings of a policy's layer or a budget, and `threads`, `cores`, \
                    `queue`, `abandoned_work` and the layers of `admission` of a service";
        let diagnostic = Diagnostic::error("bad-change", path.span, message);
        self.found.push(diagnostic.hint(hint));
    }
}

/// The changes from one model to another; `None` if something else differs.
fn difference(before: &ModelSpec, after: &ModelSpec) -> Option<Vec<SettingChange>> {
    let mut rest = after.clone();
    let mut to = layer_changes(before, after)?;
    for (old, new) in before.layers.iter().zip(rest.layers.iter_mut()) {
        new.kind = old.kind.clone();
    }
    for (id, old) in before.budgets.iter_enumerated() {
        let new = after.budgets.get(id)?;
        if old.kind != new.kind && old.kind.name() == new.kind.name() {
            to.push(SettingChange::Budget(id, Box::new(new.kind.clone())));
            rest.budgets[id].kind = old.kind.clone();
        }
    }
    for (id, old) in before.admission.iter_enumerated() {
        let new = after.admission.get(id)?;
        let is_same_kind = std::mem::discriminant(&old.kind) == std::mem::discriminant(&new.kind);
        if old.kind != new.kind && is_same_kind {
            to.push(SettingChange::Admission(id, Box::new(new.kind.clone())));
            rest.admission[id].kind = old.kind.clone();
        }
    }
    for (id, old) in before.services.iter_enumerated() {
        let new = after.services.get(id)?;
        if old.threads != new.threads {
            to.push(SettingChange::Threads(id, new.threads));
        }
        if old.cores != new.cores {
            to.push(SettingChange::Cores(id, new.cores));
        }
        if old.queue != new.queue {
            to.push(SettingChange::Queue(id, new.queue.clone()));
        }
        if old.abandoned_work != new.abandoned_work {
            to.push(SettingChange::AbandonedWork(id, new.abandoned_work));
        }
    }
    for (old, new) in before.services.iter().zip(rest.services.iter_mut()) {
        new.threads = old.threads;
        new.cores = old.cores;
        new.queue = old.queue.clone();
        new.abandoned_work = old.abandoned_work;
    }
    is_same(before, &rest).then_some(to)
}

/// Whether two models are the same but for faults and windows. Their printed forms hold every
/// field, and floats print exactly.
fn is_same(a: &ModelSpec, b: &ModelSpec) -> bool {
    let printed = |spec: &ModelSpec| {
        let mut spec = spec.clone();
        spec.faults = crate::id::IdMap::new();
        spec.combined = Vec::new();
        spec.windows = crate::id::IdMap::new();
        format!("{spec:?}")
    };
    printed(a) == printed(b)
}

/// Layers whose settings differ, those with the same new value together.
fn layer_changes(before: &ModelSpec, after: &ModelSpec) -> Option<Vec<SettingChange>> {
    if before.layers.len() != after.layers.len() {
        return None;
    }
    let mut changes: Vec<(Vec<LayerId>, Layer)> = Vec::new();
    for (id, old) in before.layers.iter_enumerated() {
        let new = &after.layers[id];
        let is_other_kind = std::mem::discriminant(&old.kind) != std::mem::discriminant(&new.kind);
        if is_other_kind || old.kind.budget() != new.kind.budget() {
            return None;
        }
        if old.kind == new.kind {
            continue;
        }
        match changes.iter_mut().find(|(_, kind)| *kind == new.kind) {
            Some((layers, _)) => layers.push(id),
            None => changes.push((vec![id], new.kind.clone())),
        }
    }
    let change = |(layers, kind)| SettingChange::Layers {
        layers,
        kind: Box::new(kind),
    };
    Some(changes.into_iter().map(change).collect())
}
