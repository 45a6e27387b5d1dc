//! What random faults did: how often they struck, for how long, and how many instances at once.

use crate::time::SimTime;

/// The strokes of one random fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outages {
    /// Times that an instance was hit \[count\].
    pub struck: u64,
    /// Times that an instance was well again \[count\].
    pub lifted: u64,
    /// Times that an instance was hit while none was \[count\].
    pub began: u64,
    /// Instances hit at once, at most \[count\].
    pub most_at_once: u64,
    /// Instance time under the fault \[ns\].
    pub hit_ns: u128,
    /// The last change.
    since: SimTime,
}

impl Outages {
    /// Instances that are hit at present \[count\].
    pub fn now(&self) -> u64 {
        self.struck - self.lifted
    }

    pub(super) fn on_struck(&mut self, now: SimTime) {
        self.pass(now);
        self.began += u64::from(self.now() == 0);
        self.struck += 1;
        self.most_at_once = self.most_at_once.max(self.now());
    }

    pub(super) fn on_lifted(&mut self, now: SimTime) {
        self.pass(now);
        self.lifted += 1;
    }

    /// Brings the time under the fault up to `now`.
    pub(super) fn pass(&mut self, now: SimTime) {
        self.hit_ns += u128::from(now.since(self.since).as_ns()) * u128::from(self.now());
        self.since = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    #[test]
    fn two_instances_hit_at_once_count_twice() {
        let s = |seconds| SimTime::ZERO + SimDuration::from_secs(seconds);
        let mut outages = Outages::default();
        outages.on_struck(s(10));
        outages.on_struck(s(12));
        outages.on_lifted(s(15));
        outages.on_lifted(s(20));
        outages.on_struck(s(30));
        outages.pass(s(31));
        assert_eq!(outages.hit_ns, (2 + 6 + 5 + 1) * 1_000_000_000);
        assert_eq!(outages.began, 2);
        assert_eq!(
            (outages.struck, outages.most_at_once, outages.now()),
            (3, 2, 1)
        );
    }
}
