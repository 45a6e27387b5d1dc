//! Queues of messages.

use super::super::messages::{HandoutsFailed, MessageQueueReport};
use super::traffic::latency;
use crate::keeping::queue::{HandoutFailure, MessageEnd};
use crate::model::record::{QueuePoint, QueueRecord, RunRecord, queue_name};
use crate::model::spec::ModelSpec;

pub(super) fn queues(spec: &ModelSpec, record: &RunRecord) -> Vec<MessageQueueReport> {
    let queues = record.queues.iter_enumerated();
    queues
        .map(|(id, of)| queue(queue_name(spec, id), record, of))
        .collect()
}

fn queue(name: String, record: &RunRecord, of: &QueueRecord) -> MessageQueueReport {
    let sums = &of.sums;
    let ended = |how: MessageEnd| sums.ended[how as usize];
    let failed = HandoutFailure::ALL.into_iter().zip(sums.failed);
    let points = 0..record.series.points;
    let ends = points.map(|bucket| record.series.grid.end_of(bucket).min(record.end));
    let column = |value: fn(&QueuePoint) -> u64| of.series.iter().map(value).collect();
    MessageQueueReport {
        name,
        stored_total: sums.stored,
        moved_in_total: sums.moved_in,
        refused_total: sums.refused,
        handed_out_total: sums.handed_out,
        again_total: sums.again,
        failed: failed
            .filter(|(_, total)| *total > 0)
            .map(|(how, total)| HandoutsFailed {
                how: how.name().to_owned(),
                total,
            })
            .collect(),
        settled_total: sums.settled,
        settled_late_total: sums.settled_late,
        unfinished_total: sums.unfinished,
        redriven_total: ended(MessageEnd::Redriven),
        absorbed_total: sums.absorbed,
        known_total: sums.known,
        reassigned_total: sums.reassigned,
        too_late_total: sums.too_late,
        dead_total: sums.dead(),
        dropped_total: ended(MessageEnd::Dropped),
        expired_total: ended(MessageEnd::Expired),
        lost_total: ended(MessageEnd::Lost),
        ready_max: of.most_ready,
        age: latency(&of.ages),
        ready: column(|it| it.ready.into()),
        leased: column(|it| it.leased.into()),
        delayed: column(|it| it.delayed.into()),
        dead: column(|it| it.dead),
        oldest_ns: ends
            .zip(&of.series)
            .map(|(end, it)| it.oldest.map(|at| at.until(end).as_ns()))
            .collect(),
    }
}
