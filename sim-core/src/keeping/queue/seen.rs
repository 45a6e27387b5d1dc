//! Identities that are remembered for a while.

use crate::time::SimTime;
use std::collections::{BTreeMap, VecDeque};

/// Identities, and until when each is remembered: all for equally long, so they end in order.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    all: BTreeMap<u64, SimTime>,
    ends: VecDeque<(SimTime, u64)>,
}

impl Seen {
    /// Whether an identity is remembered: in `[t, until)` from when it was first seen at `t`.
    pub fn has(&mut self, now: SimTime, identity: u64) -> bool {
        while let Some(&(until, old)) = self.ends.front()
            && until <= now
        {
            self.all.remove(&old);
            self.ends.pop_front();
        }
        self.all.contains_key(&identity)
    }

    /// An identity is seen; one that is remembered is so no longer for that.
    pub fn remember(&mut self, identity: u64, until: SimTime) {
        if let std::collections::btree_map::Entry::Vacant(free) = self.all.entry(identity) {
            free.insert(until);
            self.ends.push_back((until, identity));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_85_it_is_remembered_from_first_sight_until_just_before_the_end() {
        let at = SimTime::from_ns;
        let mut seen = Seen::default();
        seen.remember(7, at(10));
        seen.remember(7, at(15));
        assert!(seen.has(at(9), 7));
        assert!(!seen.has(at(9), 8));
        assert!(!seen.has(at(10), 7), "the second sight does not prolong it");
    }
}
