//! Rollouts: instances that restart some at a time, as when a new version comes.
//!
//! The next ones are told to stop when those before are up again, and not before: so at most so many are
//! away at once. What callers still believe then is another matter; that is what such a rollout tests.

use crate::id::{FaultId, InstanceId};
use crate::model::spec::RollFault;
use crate::time::SimDuration;

/// Instances that restart some at a time.
#[derive(Clone, Debug)]
pub(super) struct Rollout {
    fault: FaultId,
    roll: RollFault,
    /// Those whose turn is still to come, the next one last.
    left: Vec<InstanceId>,
    /// Those that are away.
    away: Vec<InstanceId>,
}

impl Rollout {
    pub(super) fn new(fault: FaultId, roll: RollFault, instances: &[InstanceId]) -> Self {
        Self {
            fault,
            roll,
            left: instances.iter().rev().copied().collect(),
            away: Vec::new(),
        }
    }

    /// The next ones.
    pub(super) fn next_wave(&mut self) -> Vec<InstanceId> {
        let kept = self.left.len().saturating_sub(self.roll.at_once as usize);
        let mut wave = self.left.split_off(kept);
        wave.reverse();
        self.away.clone_from(&wave);
        wave
    }

    /// An instance is up, or will not be: whether all that were away are back, and some are left.
    pub(super) fn is_back(&mut self, instance: InstanceId) -> bool {
        let before = self.away.len();
        self.away.retain(|&away| away != instance);
        self.away.len() < before && self.away.is_empty() && !self.left.is_empty()
    }

    /// How long it waits then.
    pub(super) const fn pause(&self) -> SimDuration {
        self.roll.pause
    }

    /// It goes no further, if it belongs to this fault.
    pub(super) fn end_if_of(&mut self, fault: FaultId) {
        if self.fault == fault {
            self.left.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_ones_go_when_all_before_are_back() {
        let ids = [0, 1, 2, 3, 4].map(InstanceId);
        let roll = RollFault {
            at_once: 2,
            pause: SimDuration::ZERO,
        };
        let mut rollout = Rollout::new(FaultId(0), roll, &ids);
        assert_eq!(rollout.next_wave(), ids[..2]);
        assert!(!rollout.is_back(ids[0]));
        assert!(
            !rollout.is_back(ids[0]),
            "it comes up again for another reason"
        );
        assert!(rollout.is_back(ids[1]));
        assert_eq!(rollout.next_wave(), ids[2..4]);
        assert!(!rollout.is_back(ids[3]));
        assert!(rollout.is_back(ids[2]));
        assert_eq!(rollout.next_wave(), ids[4..]);
        assert!(!rollout.is_back(ids[4]), "nobody is left");
        rollout.end_if_of(FaultId(1));
        assert_eq!(rollout.next_wave(), []);
    }
}
