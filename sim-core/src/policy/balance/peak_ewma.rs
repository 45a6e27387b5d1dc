//! The cost of each instance: how long its answers take, with bad news believed at once.
//!
//! A slow answer raises the cost to what it took; fast ones bring it down only as time passes. The load is
//! that cost times the attempts outstanding, the one to be sent included. So it turns away from an
//! instance that slows down before attempts pile up there. What fails fast looks best.
//!
//! The rule is Finagle's and Linkerd's (LC 3): an observation above the cost is the cost; else, and with
//! an observation of 0 whenever it is read, `cost·e^(-dt/decay) + observation·(1 - e^(-dt/decay))`. Every
//! end counts, failures and abandoned attempts too. Without history Linkerd begins with 30 ms, Finagle with
//! nothing, and then one with attempts outstanding costs more than any other.
//!
//! Rejected: a cost that is not stored when it is read (the next observation would meet a higher one).

use crate::random::detmath::exp;
use crate::time::{SimDuration, SimTime};

/// How costs are kept, and among how many the least is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeakEwma {
    /// After this time a third of what was known is left \[ns\]; 10 s.
    pub decay: SimDuration,
    /// The cost of an instance without history; Linkerd: 30 ms. None: Finagle.
    pub initial: Option<SimDuration>,
    /// How many distinct ones are compared \[instances\]; 2.
    pub choices: u32,
}

/// Costs by slot.
#[derive(Clone, Debug, Default)]
pub(super) struct Costs {
    each: Vec<Option<Cost>>,
}

#[derive(Clone, Copy, Debug)]
struct Cost {
    /// \[ns\]
    cost: f64,
    stamp: SimTime,
}

/// What an instance without history costs that has attempts outstanding: Finagle's
/// `Long.MaxValue >> 16`.
const PENALTY: f64 = (i64::MAX >> 16) as f64;

impl Costs {
    /// The load of an instance; reading it decays its cost.
    pub(super) fn load(
        &mut self,
        config: &PeakEwma,
        now: SimTime,
        slot: u32,
        outstanding: u32,
    ) -> f64 {
        let cost = self.observe(config, now, slot, SimDuration::ZERO);
        let pending = f64::from(outstanding);
        if cost == 0.0 && outstanding > 0 {
            PENALTY + pending
        } else {
            cost * (pending + 1.0)
        }
    }

    /// Another instance comes into a slot: it has no history.
    pub(super) fn forget(&mut self, slot: u32) {
        if let Some(line) = self.each.get_mut(slot as usize) {
            *line = None;
        }
    }

    /// An attempt ended that took so long: the cost after it.
    pub(super) fn observe(
        &mut self,
        config: &PeakEwma,
        now: SimTime,
        slot: u32,
        took: SimDuration,
    ) -> f64 {
        let line = slot as usize;
        if self.each.len() <= line {
            self.each.resize(line + 1, None);
        }
        let entry = self.each[line].get_or_insert(Cost {
            cost: config.initial.map_or(0.0, SimDuration::as_ns_f64),
            stamp: now,
        });
        let seen = took.as_ns_f64();
        if seen > entry.cost {
            entry.cost = seen;
        } else {
            let passed = now.since(entry.stamp).as_ns_f64();
            let kept = exp(-passed / config.decay.as_ns_f64());
            entry.cost = entry.cost * kept + seen * (1.0 - kept);
        }
        entry.stamp = now;
        entry.cost
    }
}
