//! When the waiting rooms of a service were full: rejections, gathered into spells.

use super::run::FullSpell;
use crate::id::ServiceId;
use crate::time::{SimDuration, SimTime};

/// Rejections further apart than this belong to two spells.
const APART: SimDuration = SimDuration::from_secs(1);
/// Spells that are kept per service; later ones lengthen the last.
const MAX_SPELLS: usize = 1_000;

/// The spells of one service.
#[derive(Clone, Debug, Default)]
pub(super) struct Spells(Vec<FullSpell>);

impl Spells {
    /// A full waiting room turned an operation away.
    #[inline]
    pub(super) fn turned_away(&mut self, service: ServiceId, now: SimTime) {
        let is_full = self.0.len() >= MAX_SPELLS;
        match self.0.last_mut() {
            Some(spell) if is_full || now.since(spell.last) <= APART => {
                spell.last = now;
                spell.rejected += 1;
            }
            Some(_) | None => self.begin(service, now),
        }
    }

    #[cold]
    fn begin(&mut self, service: ServiceId, now: SimTime) {
        self.0.push(FullSpell {
            service,
            from: now,
            last: now,
            rejected: 1,
        });
    }

    pub(super) fn into_inner(self) -> Vec<FullSpell> {
        self.0
    }
}
