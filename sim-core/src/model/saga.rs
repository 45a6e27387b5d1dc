//! Sagas under way, as records that those who carry them out share (rule 88).
//!
//! A saga outlives its process: while a strand carries it out, the record says which; when that has died,
//! the record waits until another process goes on. It is gone when the saga is over.

use super::arena::{Arena, CallIx, NONE, StrandIx};
use super::call::Labels;
use super::lineage::Lineage;
use crate::id::{InstanceId, SagaId};
use crate::keeping::{Saga, SagaCallEnd};
use crate::kernel::Timer;
use crate::policy::Ending;
use crate::time::SimTime;

/// Place of a saga in its arena.
pub(crate) type SagaIx = u32;

/// A saga under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SagaRecord {
    pub(crate) saga: SagaId,
    /// Its serial number, from 1 in the order in which sagas are first written; 0 before.
    pub(crate) number: u32,
    pub(crate) state: Saga,
    /// For which root call it is, and by which way.
    pub(crate) lineage: Lineage,
    /// All draws for it come from this.
    pub(crate) key: u64,
    pub(crate) labels: Labels,
    pub(crate) began: SimTime,
    /// When its time is up.
    pub(crate) until: SimTime,
    /// The process that carries it out, or did, or is asked to.
    pub(crate) owner: InstanceId,
    /// The strand that carries it out, or [`NONE`].
    pub(crate) strand: StrandIx,
    /// The call by which another process is asked to go on, or [`NONE`].
    pub(crate) asked: CallIx,
    /// The end of its write, or of its wait.
    pub(crate) timer: Timer,
    pub(crate) limit: Timer,
    /// How its call has ended, until that is looked at.
    pub(crate) result: Option<SagaCallEnd>,
    /// Its first failure.
    pub(crate) failure: Option<Ending>,
    /// How often it has waited, or was gone on with \[count\].
    pub(crate) rounds: u32,
}

/// All sagas under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sagas {
    records: Arena<SagaRecord>,
    last: u32,
    under_way: u64,
}

impl Sagas {
    pub(crate) fn open(&mut self, record: SagaRecord) -> SagaIx {
        self.records.insert(record)
    }

    /// It is written down for the first time: its number.
    pub(crate) fn begins(&mut self, ix: SagaIx) -> u32 {
        self.last += 1;
        self.under_way += 1;
        self.records[ix].number = self.last;
        self.last
    }

    /// It is over, or there never was one.
    pub(crate) fn close(&mut self, ix: SagaIx) {
        let record = &mut self.records[ix];
        self.under_way -= u64::from(record.number > 0);
        (record.asked, record.strand) = (NONE, NONE);
        self.records.remove(ix);
    }

    /// Those that are written down and not over \[count\].
    pub(crate) fn under_way(&self) -> u64 {
        self.under_way
    }

    /// All places that were ever used; those of sagas that are over wait for nobody.
    pub(crate) fn places(&self) -> impl Iterator<Item = (SagaIx, &SagaRecord)> {
        self.records.places()
    }
}

impl std::ops::Index<SagaIx> for Sagas {
    type Output = SagaRecord;
    fn index(&self, ix: SagaIx) -> &SagaRecord {
        &self.records[ix]
    }
}

impl std::ops::IndexMut<SagaIx> for Sagas {
    fn index_mut(&mut self, ix: SagaIx) -> &mut SagaRecord {
        &mut self.records[ix]
    }
}
