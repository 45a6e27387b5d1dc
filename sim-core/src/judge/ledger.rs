//! Calls by the second of their start, so that any span of whole seconds is a difference of sums.

use crate::model::record::{RunRecord, StartSecond};
use crate::scenario::expect::RecoveryOf;

/// Calls that started in a span \[count\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Started {
    /// Started.
    pub started: u64,
    /// Of those, ended in any way.
    pub ended: u64,
    /// Of those, ended usefully.
    pub useful: u64,
}

impl Started {
    /// Useful ones among all; none when nothing started.
    pub fn useful_share(self) -> Option<f64> {
        (self.started > 0).then(|| self.useful as f64 / self.started as f64)
    }

    /// The useful share if all unfinished calls were to end usefully.
    pub fn best_share(self) -> Option<f64> {
        let best = self.useful + self.started - self.ended;
        (self.started > 0).then(|| best as f64 / self.started as f64)
    }

    fn plus(self, second: StartSecond) -> Self {
        Self {
            started: self.started + u64::from(second.started),
            ended: self.ended + u64::from(second.ended),
            useful: self.useful + u64::from(second.useful),
        }
    }
}

/// Sums over the whole seconds of a run.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// `sums[t]` covers the seconds before `t`.
    sums: Vec<Started>,
}

impl Ledger {
    /// The calls of one client, or of all, in the whole seconds that the run had.
    pub fn of(record: &RunRecord, of: RecoveryOf) -> Self {
        let length = (record.end.as_ns() / 1_000_000_000) as usize;
        let mut seconds = vec![Started::default(); length];
        for (client, counts) in record.seconds.iter_enumerated() {
            if of == RecoveryOf::AllClients || of == RecoveryOf::Client(client) {
                for (sum, &second) in seconds.iter_mut().zip(counts) {
                    *sum = sum.plus(second);
                }
            }
        }
        Self::from_seconds(&seconds)
    }

    pub(super) fn from_seconds(seconds: &[Started]) -> Self {
        let mut sums = vec![Started::default()];
        for second in seconds {
            let before = sums[sums.len() - 1];
            sums.push(Started {
                started: before.started + second.started,
                ended: before.ended + second.ended,
                useful: before.useful + second.useful,
            });
        }
        Self { sums }
    }

    /// Whole seconds \[count\].
    pub fn len(&self) -> u64 {
        self.sums.len() as u64 - 1
    }

    /// Whether the run was shorter than a second.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls that started in the seconds `[from, until)`.
    pub fn span(&self, from: u64, until: u64) -> Started {
        let end = self.sums[until.min(self.len()) as usize];
        let begin = self.sums[from.min(until).min(self.len()) as usize];
        Started {
            started: end.started - begin.started,
            ended: end.ended - begin.ended,
            useful: end.useful - begin.useful,
        }
    }

    /// The shortest span from `from` that is at least `least` seconds long and in which at least
    /// `calls` start; none if the run is too short for it.
    pub fn hold(&self, from: u64, least: u64, calls: u64) -> Option<u64> {
        let before = self.sums.get(from as usize)?.started;
        let until = self
            .sums
            .partition_point(|sum| sum.started < before + calls) as u64;
        let until = until.max(from + least);
        (until <= self.len()).then_some(until - from)
    }
}
