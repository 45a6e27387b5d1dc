//! When instances failed, and how much of the load they drew meanwhile: looked at where callers go by
//! what is outstanding, so that who fails fast looks idle.

use crate::id::{IdMap, InstanceId};
use crate::model::spec::ModelSpec;
use crate::time::{SimDuration, SimTime};

/// Failures further apart than this belong to two episodes.
const APART: SimDuration = SimDuration::from_secs(1);

/// The longest time of failures of each instance.
#[derive(Clone, Debug, Default)]
pub struct FailingSpells(IdMap<InstanceId, Spell>);

/// What is known of an instance.
#[derive(Clone, Copy, Debug, Default)]
struct Spell {
    now: FailingEpisode,
    /// The one with most failures so far.
    worst: FailingEpisode,
}

/// A time in which an instance failed, never more than a second apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FailingEpisode {
    /// The first failure.
    pub from: SimTime,
    /// The last one.
    pub last: SimTime,
    /// Failures \[count\].
    pub failed: u64,
    /// Attempts that arrived there meanwhile \[count\].
    pub arrived: u64,
    /// Attempts that arrived at its service meanwhile \[count\].
    pub of_service: u64,
    /// The two before it began.
    before: (u64, u64),
}

impl FailingSpells {
    /// Of instances whose callers compare loads; empty if there are none.
    pub(super) fn new(spec: &ModelSpec) -> Self {
        let pipelines = spec.pipelines.iter();
        let compares = pipelines.filter(|it| it.balance.compares_loads());
        let any = compares
            .into_iter()
            .any(|it| spec.services[it.target].instances > 2);
        let instances = spec.instances.iter().filter(|_| any);
        Self(instances.map(|_| Spell::default()).collect())
    }

    /// Whether nobody is looked at.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.len() == 0
    }

    /// An instance failed; so many attempts have arrived there and at its service so far.
    #[cold]
    pub(super) fn failed(&mut self, now: SimTime, id: InstanceId, arrived: (u64, u64)) {
        let spell = &mut self.0[id];
        if spell.now.failed == 0 || now.since(spell.now.last) > APART {
            if spell.now.failed > spell.worst.failed {
                spell.worst = spell.now;
            }
            spell.now = FailingEpisode {
                from: now,
                before: (arrived.0.saturating_sub(1), arrived.1.saturating_sub(1)),
                ..FailingEpisode::default()
            };
        }
        let episode = &mut spell.now;
        episode.last = now;
        episode.failed += 1;
        episode.arrived = arrived.0 - episode.before.0;
        episode.of_service = arrived.1 - episode.before.1;
    }

    /// The worst time of an instance, if it had any.
    pub fn of(&self, id: InstanceId) -> Option<FailingEpisode> {
        let spell = self.0.get(id)?;
        let worst = if spell.now.failed > spell.worst.failed {
            spell.now
        } else {
            spell.worst
        };
        (worst.failed > 0).then_some(worst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::fixture::shop;
    use crate::policy::{BalanceConfig, BalanceWay};

    #[test]
    fn failures_apart_are_two_episodes_and_the_worst_is_told() {
        let mut spec = shop(60, 0);
        assert!(FailingSpells::new(&spec).is_empty());
        for pipeline in &mut spec.pipelines {
            pipeline.balance = BalanceConfig::of(BalanceWay::LeastRequests);
        }
        for service in &mut spec.services {
            service.instances = 3;
        }
        let mut failing = FailingSpells::new(&spec);
        let at = |ms| SimTime::ZERO + SimDuration::from_millis(ms);
        let id = InstanceId(0);
        assert_eq!(failing.of(id), None);
        failing.failed(at(0), id, (1, 10));
        failing.failed(at(1_000), id, (5, 20));
        failing.failed(at(2_001), id, (9, 40));
        failing.failed(at(2_002), id, (10, 42));
        failing.failed(at(2_003), id, (11, 43));
        failing.failed(at(9_000), id, (12, 90));
        let worst = failing.of(id).unwrap();
        assert_eq!(
            (worst.from, worst.last, worst.failed),
            (at(2_001), at(2_003), 3)
        );
        assert_eq!((worst.arrived, worst.of_service), (3, 4));
    }
}
