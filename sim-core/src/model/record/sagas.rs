//! What became of sagas (rule 88).

use crate::id::{IdMap, SagaId};
use crate::keeping::{SagaCallEnd, SagaEnd};
use crate::model::fact::CallNo;
use crate::model::spec::ModelSpec;
use crate::time::SimDuration;

/// What became of a saga in the whole run, all root calls together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SagaCounts {
    /// Begun \[count\].
    pub began: u64,
    /// Over, by how \[count\].
    pub ended: [u64; 3],
    /// Calls and undos of which nobody knows what came \[count\].
    pub unknown: u64,
    /// How often a process died, or was stopped, that carried one out \[count\].
    pub left: u64,
    /// How often another went on \[count\].
    pub resumed: u64,
    /// The longest of those that are over.
    pub longest: SimDuration,
    /// The root call of the first that got stuck.
    pub first_stuck: Option<CallNo>,
    /// Each point of the series.
    pub series: Vec<SagaPoint>,
}

/// Sagas at the end of a point of the series \[count\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SagaPoint {
    /// Carried out.
    pub running: u64,
    /// Left by a process that died, and not gone on with yet.
    pub left: u64,
    /// Completed since the beginning of the run.
    pub completed: u64,
    /// Compensated since then.
    pub compensated: u64,
    /// Stuck since then.
    pub stuck: u64,
}

impl SagaCounts {
    /// Those that ended so \[count\].
    pub const fn ended(&self, how: SagaEnd) -> u64 {
        self.ended[how as usize]
    }

    /// All that are over \[count\].
    pub fn over(&self) -> u64 {
        self.ended.iter().sum()
    }

    /// Those that are not \[count\].
    pub fn under_way(&self) -> i64 {
        self.began.cast_signed() - self.over().cast_signed()
    }

    /// How they stand now \[count\].
    fn point(&self) -> SagaPoint {
        let left = self.left - self.resumed;
        SagaPoint {
            running: self.began - self.over() - left,
            left,
            completed: self.ended(SagaEnd::Completed),
            compensated: self.ended(SagaEnd::Compensated),
            stuck: self.ended(SagaEnd::Stuck),
        }
    }
}

/// What became of all sagas.
#[derive(Clone, Debug, PartialEq)]
pub struct SagaRecords(pub IdMap<SagaId, SagaCounts>);

impl SagaRecords {
    pub(super) fn new(spec: &ModelSpec) -> Self {
        Self(spec.sagas.iter().map(|_| SagaCounts::default()).collect())
    }

    pub(super) fn began(&mut self, saga: SagaId) {
        self.0[saga].began += 1;
    }

    pub(super) fn called(&mut self, saga: SagaId, how: SagaCallEnd) {
        self.0[saga].unknown += u64::from(how == SagaCallEnd::Unknown);
    }

    pub(super) fn left(&mut self, saga: SagaId) {
        self.0[saga].left += 1;
    }

    pub(super) fn resumed(&mut self, saga: SagaId) {
        self.0[saga].resumed += 1;
    }

    pub(super) fn ended(&mut self, saga: SagaId, root: CallNo, how: SagaEnd, took: SimDuration) {
        let counts = &mut self.0[saga];
        counts.ended[how as usize] += 1;
        counts.longest = counts.longest.max(took);
        if how == SagaEnd::Stuck {
            counts.first_stuck.get_or_insert(root);
        }
    }

    /// A point of the series ends.
    pub(super) fn take_point(&mut self) {
        for counts in &mut self.0 {
            let point = counts.point();
            counts.series.push(point);
        }
    }
}
