//! Calls by the second of their start, so that any span of whole seconds is a difference of sums.

use super::run_view::ratio;
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
    /// Of those, ended as the caller's own mistake, which says nothing about how well a callee is.
    pub mistaken: u64,
}

impl Started {
    /// Useful ones among all but the callers' mistakes; none when nothing else started.
    pub fn useful_share(self) -> Option<f64> {
        ratio(self.useful, self.started - self.mistaken)
    }

    /// The useful share if all unfinished calls were to end usefully.
    pub fn best_share(self) -> Option<f64> {
        let best = self.useful + self.started - self.ended;
        ratio(best, self.started - self.mistaken)
    }

    fn plus(self, other: Self) -> Self {
        Self {
            started: self.started + other.started,
            ended: self.ended + other.ended,
            useful: self.useful + other.useful,
            mistaken: self.mistaken + other.mistaken,
        }
    }
}

impl From<&StartSecond> for Started {
    fn from(second: &StartSecond) -> Self {
        Self {
            started: u64::from(second.started),
            ended: u64::from(second.ended),
            useful: u64::from(second.useful),
            mistaken: u64::from(second.mistaken),
        }
    }
}

/// Sums over the whole seconds of a run; only seconds in which calls started take memory.
#[derive(Clone, Debug)]
pub struct CallsBySecond {
    /// Seconds in which calls started, in order, each with the sum of all up to it.
    sums: Vec<(u64, Started)>,
    /// Whole seconds of the run \[count\].
    seconds: u64,
}

impl CallsBySecond {
    /// The calls of one client, or of all, in the whole seconds that the run had.
    pub fn of(record: &RunRecord, of: RecoveryOf) -> Self {
        let mut all: Vec<(u64, Started)> = Vec::new();
        for (client, seconds) in record.seconds.iter_enumerated() {
            if of == RecoveryOf::AllClients || of == RecoveryOf::Client(client) {
                all.extend(seconds.iter().map(|it| (it.second, Started::from(it))));
            }
        }
        all.sort_by_key(|&(second, _)| second);
        Self::from_entries(all, record.end.as_ns() / 1_000_000_000)
    }

    /// From what happened in seconds, in order; several may be of one second.
    fn from_entries(all: Vec<(u64, Started)>, seconds: u64) -> Self {
        let mut sums: Vec<(u64, Started)> = Vec::new();
        for (second, calls) in all.into_iter().filter(|&(second, _)| second < seconds) {
            let sum = sums.last().map_or(calls, |&(_, sum)| sum.plus(calls));
            match sums.last_mut() {
                Some(last) if last.0 == second => last.1 = sum,
                Some(_) | None => sums.push((second, sum)),
            }
        }
        Self { sums, seconds }
    }

    /// From what happened in each second of a run.
    #[cfg(test)]
    pub(super) fn from_seconds(seconds: &[Started]) -> Self {
        let all = (0..).zip(seconds.iter().copied()).collect();
        Self::from_entries(all, seconds.len() as u64)
    }

    /// The calls of the seconds before this one.
    fn before(&self, second: u64) -> Started {
        let place = self.sums.partition_point(|&(of, _)| of < second);
        place
            .checked_sub(1)
            .map_or_else(Started::default, |last| self.sums[last].1)
    }

    /// Whole seconds \[count\].
    pub const fn len(&self) -> u64 {
        self.seconds
    }

    /// Whether the run was shorter than a second.
    pub const fn is_empty(&self) -> bool {
        self.seconds == 0
    }

    /// Calls that started in the seconds `[from, until)`.
    pub fn span(&self, from: u64, until: u64) -> Started {
        let end = self.before(until);
        let begin = self.before(from.min(until));
        Started {
            started: end.started - begin.started,
            ended: end.ended - begin.ended,
            useful: end.useful - begin.useful,
            mistaken: end.mistaken - begin.mistaken,
        }
    }

    /// The shortest span from `from` that is at least `least` seconds long and in which at least
    /// `calls` start; none if the run is too short for it.
    pub fn hold(&self, from: u64, least: u64, calls: u64) -> Option<u64> {
        if from > self.seconds {
            return None;
        }
        let enough = self.before(from).started + calls;
        let place = self.sums.partition_point(|(_, sum)| sum.started < enough);
        let until = match self.sums.get(place) {
            _ if calls == 0 => from,
            Some(&(second, _)) => second + 1,
            None => return None,
        };
        let until = until.max(from + least);
        (until <= self.seconds).then_some(until - from)
    }

    /// The seconds from `first` on from which a span of at least `least` seconds, as
    /// [`Self::hold`] finds it, may hold other calls than from the second before.
    pub fn turns(&self, first: u64, least: u64) -> Vec<u64> {
        let of = |&(second, _): &(u64, Started)| [second + 1, (second + 1).saturating_sub(least)];
        let mut turns: Vec<u64> = self.sums.iter().flat_map(of).collect();
        turns.push(first);
        turns.retain(|&second| second >= first && second < self.seconds);
        turns.sort_unstable();
        turns.dedup();
        turns
    }
}
