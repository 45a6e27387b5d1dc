//! The memory of an instance: what it holds for itself and for each call that is there.
//!
//! A server that hangs dies of its callers' patience: each call that waits keeps its buffers, and
//! when the sum passes the limit the kernel kills the process, with all calls in it. The process
//! comes back empty, and fills again. Long before that work may slow, as a collector of garbage runs
//! ever more often; here that is linear, from a share of the limit on.
//!
//! All is in whole bytes, so what is just enough is enough: it dies of the first byte above.

use crate::time::{SimDuration, SimTime};
use crate::units::{Bytes, Factor};

/// What an instance needs, and has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MemoryConfig {
    /// Held with no call there.
    pub idle: Bytes,
    /// Held for each call that waits or runs.
    pub per_call: Bytes,
    /// What it may hold; `None`: any amount.
    pub limit: Option<Bytes>,
    /// From how much on work takes longer, and how many times as long at the limit.
    pub slow: Option<(Bytes, Factor)>,
}

impl MemoryConfig {
    /// What so many calls make it hold.
    pub fn held(&self, calls: u32) -> Bytes {
        self.idle.plus(self.per_call.times(u64::from(calls)))
    }

    /// Whether so much is more than it may hold.
    pub fn is_too_much(&self, held: Bytes) -> bool {
        self.limit.is_some_and(|limit| held > limit)
    }

    /// How many times as long work takes that starts with so much held.
    pub fn slowdown(&self, held: Bytes) -> Factor {
        let (Some((from, most)), Some(limit)) = (self.slow, self.limit) else {
            return Factor::ONE;
        };
        if held <= from {
            return Factor::ONE;
        }
        if held >= limit {
            return most;
        }
        let share = (held.get() - from.get()) as f64 / (limit.get() - from.get()) as f64;
        Factor::new(1.0 + (most.get() - 1.0) * share).unwrap_or(most)
    }

    /// How much of the limit so much is, in whole per cents, cut; zero without a limit.
    pub fn percent(&self, held: Bytes) -> u32 {
        let limit = self.limit.map_or(0, Bytes::get);
        let hundredfold = u128::from(held.get()) * 100;
        u32::try_from(hundredfold.checked_div(u128::from(limit)).unwrap_or(0)).unwrap_or(u32::MAX)
    }
}

/// What something else takes of the memory of an instance, growing for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filling {
    /// How much in the end.
    pub bytes: Bytes,
    /// In which time; zero: at once.
    pub over: SimDuration,
    /// Since when.
    pub since: SimTime,
}

impl Filling {
    /// How much by now, cut to whole bytes.
    pub fn by(&self, now: SimTime) -> Bytes {
        let passed = now.since(self.since).min(self.over);
        if passed == self.over {
            return self.bytes;
        }
        let part = u128::from(self.bytes.get()) * u128::from(passed.as_ns())
            / u128::from(self.over.as_ns());
        Bytes::new(part as u64)
    }
}
