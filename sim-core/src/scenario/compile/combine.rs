//! Changes of the same part that stand at one time: what they make of it together.
//!
//! Two changes meet if they set the same part of the model, or if the path of one leads through that
//! of the other. When they act is known, so every way in which they come to stand together is walked
//! through here, and the scenario is compiled with all of them, the newest last. Most changes never
//! meet, and cost nothing.

use super::Compiler;
use crate::id::FaultId;
use crate::model::spec::{CombinedChanges, SettingChange};
use crate::scenario::file::fault::ChangeFile;
use crate::scenario::read::At;
use crate::scenario::tree::Node;
use crate::time::SimTime;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Most ways in which changes stand together; each is compiled for itself.
const MOST_COMBINED: usize = 100;

/// A change of the file.
struct Candidate<'f> {
    fault: FaultId,
    at: &'f At<ChangeFile>,
    to: Vec<SettingChange>,
    spans: Vec<(SimTime, SimTime)>,
}

impl<'f> Compiler<'f> {
    /// Works out what changes that meet make together; after all faults were read without a mistake.
    pub(super) fn combine_changes(&mut self, tree: &Node) {
        if self.found.has_errors() {
            return;
        }
        let mut left = self.candidates();
        let mut ways = BTreeSet::new();
        let mut at_of = Vec::new();
        while let Some(first) = left.pop() {
            let group = with_all_it_meets(first, &mut left);
            ways.extend(ways_to_stand(&group));
            at_of.extend(group.iter().map(|it| (it.fault, it.at)));
        }
        for way in ways {
            let changes: Vec<_> = way
                .iter()
                .filter_map(|of| at_of.iter().find(|(fault, _)| fault == of))
                .map(|&(_, at)| at)
                .collect();
            if self.spec.combined.len() >= MOST_COMBINED {
                return self.too_many_ways(&changes);
            }
            if let Some(to) = self.what_differs(&changes, tree) {
                self.spec.combined.push(CombinedChanges { faults: way, to });
            }
        }
        let length = |it: &CombinedChanges| Reverse(it.faults.len());
        self.spec.combined.sort_by_key(length);
    }

    fn candidates(&self) -> Vec<Candidate<'f>> {
        let file = self.file;
        let faults = self.spec.faults.iter_enumerated().zip(&file.faults.0);
        faults
            .filter_map(|((fault, spec), item)| {
                Some(Candidate {
                    fault,
                    to: spec.kind.settings()?.clone(),
                    at: item.item.as_ref()?.change.as_ref()?,
                    spans: spec.spans.clone(),
                })
            })
            .collect()
    }

    fn too_many_ways(&mut self, changes: &[&At<ChangeFile>]) {
        if let Some(newest) = changes.last() {
            let message = format!(
                "`{}` and others change the same setting, and come to stand together in more than \
                 {MOST_COMBINED} ways",
                newest.path
            );
            self.error("too-large", newest.span, message);
        }
    }
}

impl Candidate<'_> {
    fn meets(&self, other: &Self) -> bool {
        let (a, b) = (&self.at.value.path.value.0, &other.at.value.path.value.0);
        let same_part = |change: &SettingChange| other.to.iter().any(|it| it.same_part(change));
        leads_through(a, b) || leads_through(b, a) || self.to.iter().any(same_part)
    }
}

/// Whether a path leads to what another names, or to something within it.
fn leads_through(path: &str, above: &str) -> bool {
    let rest = path.strip_prefix(above);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// A change and all that meet it, or meet one that does.
fn with_all_it_meets<'f>(
    first: Candidate<'f>,
    left: &mut Vec<Candidate<'f>>,
) -> Vec<Candidate<'f>> {
    let mut group = vec![first];
    while let Some(next) = left
        .iter()
        .position(|it| group.iter().any(|member| member.meets(it)))
    {
        group.push(left.remove(next));
    }
    group
}

/// The ways in which two or more changes of a group come to stand at one time, each in the order in
/// which they began. At one instant it goes by the order of the file, as in a run.
fn ways_to_stand(group: &[Candidate<'_>]) -> BTreeSet<Vec<FaultId>> {
    let mut turns: Vec<(SimTime, FaultId, usize, bool)> = Vec::new();
    for change in group.iter().filter(|_| group.len() > 1) {
        for (span, &(from, until)) in change.spans.iter().enumerate() {
            turns.push((from, change.fault, span, false));
            turns.push((until, change.fault, span, true));
        }
    }
    turns.sort_unstable();
    let mut ways = BTreeSet::new();
    let mut standing: Vec<FaultId> = Vec::new();
    for (_, fault, _, ends) in turns {
        if ends {
            standing.retain(|&it| it != fault);
        } else {
            standing.push(fault);
        }
        if standing.len() > 1 {
            ways.insert(standing.clone());
        }
    }
    ways
}
