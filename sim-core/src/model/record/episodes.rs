//! When the waiting rooms of a service were full: rejections, gathered into episodes.

use super::run::FullEpisode;
use crate::id::ServiceId;
use crate::time::{SimDuration, SimTime};

/// Rejections further apart than this belong to two episodes.
const APART: SimDuration = SimDuration::from_secs(1);
/// Episodes that are kept per service; later ones lengthen the last.
const MAX_EPISODES: usize = 1_000;

/// The episodes of one service.
#[derive(Clone, Debug, Default)]
pub(super) struct Episodes(Vec<FullEpisode>);

impl Episodes {
    /// A full waiting room turned an operation away.
    #[inline]
    pub(super) fn turned_away(&mut self, service: ServiceId, now: SimTime) {
        let is_full = self.0.len() >= MAX_EPISODES;
        match self.0.last_mut() {
            Some(episode) if is_full || now.since(episode.last) <= APART => {
                episode.last = now;
                episode.rejected += 1;
            }
            Some(_) | None => self.begin(service, now),
        }
    }

    #[cold]
    fn begin(&mut self, service: ServiceId, now: SimTime) {
        self.0.push(FullEpisode {
            service,
            from: now,
            last: now,
            rejected: 1,
        });
    }

    pub(super) fn into_inner(self) -> Vec<FullEpisode> {
        self.0
    }
}
