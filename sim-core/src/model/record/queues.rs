//! What became of the messages of each queue, and how many there were.

use crate::id::{FaultId, IdMap, QueueId};
use crate::keeping::queue::{HandoutFailure, MessageEnd};
use crate::model::spec::ModelSpec;
use crate::observe::Histogram;
use crate::time::{SimDuration, SimTime};

/// What is kept of a queue. Sums are of the whole run: what is in a queue at the end of the warm-up is
/// settled after it.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueRecord {
    /// Sums.
    pub sums: MessageSums,
    /// Ages at hand-outs, in `[warmup, duration)`.
    pub ages: Histogram,
    /// Where messages were when the record was closed.
    pub last: QueuePoint,
    /// Each point of the series.
    pub series: Vec<QueuePoint>,
    /// Most that were ready \[count\].
    pub most_ready: u32,
    /// When anything last changed.
    pub last_filled: SimTime,
    /// By fault with set times: since when nothing was ready or delayed, at or after its last end.
    pub empty_after: IdMap<FaultId, Option<SimTime>>,
}

impl QueueRecord {
    /// The first instant from the end of a fault on at which nothing was ready or delayed.
    pub fn empty_after(&self, fault: FaultId, end: SimTime) -> Option<SimTime> {
        let is_empty = self.last.is_empty(end);
        let since = self.last_filled.max(end);
        self.empty_after[fault].or(is_empty.then_some(since))
    }
}

/// What has become of messages \[count\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageSums {
    /// Stored.
    pub stored: u64,
    /// Of those, messages that another queue had given up.
    pub moved_in: u64,
    /// Refused, since there was no room.
    pub refused: u64,
    /// Of those, messages that another queue had given up: they are lost.
    pub moved_away: u64,
    /// Hand-outs.
    pub handed_out: u64,
    /// Of those, after the first of their message.
    pub again: u64,
    /// Settled by an answer.
    pub settled: u64,
    /// Of those, by one that came too late.
    pub settled_late: u64,
    /// Of those, before they were worked on, and then that failed.
    pub unfinished: u64,
    /// Of those, by none: its consumers had done it before.
    pub absorbed: u64,
    /// Published again, and not stored.
    pub known: u64,
    /// Times at which partitions got their owners.
    pub reassigned: u64,
    /// Answers that came too late and changed nothing.
    pub too_late: u64,
    /// Hand-outs that failed, by [`HandoutFailure`].
    pub failed: [u64; HandoutFailure::ALL.len()],
    /// Messages that were not settled, by [`MessageEnd`].
    pub ended: [u64; MessageEnd::ALL.len()],
}

impl MessageSums {
    /// Messages given up: moved away, dropped for that, or parked.
    pub const fn dead(&self) -> u64 {
        self.ended[MessageEnd::GivenUp as usize] + self.ended[MessageEnd::Parked as usize]
    }

    /// Messages that are gone.
    pub const fn gone(&self) -> u64 {
        let ended = &self.ended;
        self.settled
            + ended[MessageEnd::GivenUp as usize]
            + ended[MessageEnd::Dropped as usize]
            + ended[MessageEnd::Expired as usize]
            + ended[MessageEnd::Lost as usize]
            + ended[MessageEnd::Redriven as usize]
    }
}

/// Messages at the end of a bucket \[count\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueuePoint {
    /// Waiting to be handed out.
    pub ready: u32,
    /// Handed out.
    pub leased: u32,
    /// Waiting for their time.
    pub delayed: u32,
    /// Given up, and still there.
    pub parked: u32,
    /// Given up so far.
    pub dead: u64,
    /// When the oldest was stored, of those that are not parked.
    pub oldest: Option<SimTime>,
}

impl QueuePoint {
    /// Whether nothing waits, and nothing is out that was stored before this instant.
    fn is_empty(&self, before: SimTime) -> bool {
        let is_old = self.oldest.is_some_and(|at| at < before);
        self.ready == 0 && self.delayed == 0 && !is_old
    }

    /// All that is there.
    pub const fn inside(&self) -> u64 {
        self.ready as u64 + self.leased as u64 + self.delayed as u64 + self.parked as u64
    }
}

/// The recorder of queues.
#[derive(Clone, Debug)]
pub(super) struct QueueRecorder {
    pub(super) records: IdMap<QueueId, QueueRecord>,
    span: (SimTime, SimTime),
    /// By fault with set times: its last end.
    ends: IdMap<FaultId, Option<SimTime>>,
}

impl QueueRecorder {
    pub(super) fn new(spec: &ModelSpec) -> Self {
        let record = || QueueRecord {
            sums: MessageSums::default(),
            ages: Histogram::fine(),
            last: QueuePoint::default(),
            series: Vec::new(),
            most_ready: 0,
            last_filled: SimTime::ZERO,
            empty_after: spec.faults.iter().map(|_| None).collect(),
        };
        let ends = spec.faults.iter();
        let ends = ends.map(|fault| fault.spans.last().map(|span| span.1));
        Self {
            records: spec.queues.iter().map(|_| record()).collect(),
            span: (spec.warmup, spec.duration),
            ends: ends.collect(),
        }
    }

    pub(super) fn sums(&mut self, queue: QueueId) -> &mut MessageSums {
        &mut self.records[queue].sums
    }

    pub(super) fn handed_out(&mut self, now: SimTime, queue: QueueId, nth: u32, age: SimDuration) {
        let record = &mut self.records[queue];
        record.sums.handed_out += 1;
        record.sums.again += u64::from(nth > 1);
        if now >= self.span.0 && now < self.span.1 {
            record.ages.record(age.as_ns());
        }
    }

    pub(super) fn ended(&mut self, queue: QueueId, how: MessageEnd) {
        let record = &mut self.records[queue];
        record.sums.ended[how as usize] += 1;
        record.last.dead = record.sums.dead();
    }

    pub(super) fn filled(&mut self, now: SimTime, queue: QueueId, to: QueuePoint) {
        let record = &mut self.records[queue];
        let dead = record.sums.dead();
        for (fault, end) in self.ends.iter_enumerated() {
            let known = &mut record.empty_after[fault];
            let Some(end) = end.filter(|&end| known.is_none() && end <= now) else {
                continue;
            };
            if record.last.is_empty(end) && end < now {
                *known = Some(end.max(record.last_filled));
            } else if to.is_empty(end) {
                *known = Some(now);
            }
        }
        record.last = QueuePoint { dead, ..to };
        record.most_ready = record.most_ready.max(to.ready);
        record.last_filled = now;
    }

    pub(super) fn take_point(&mut self) {
        for record in &mut self.records {
            record.series.push(record.last);
        }
    }
}
