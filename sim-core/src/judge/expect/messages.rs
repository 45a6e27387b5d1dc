//! What is said of messages.

use super::measured::Measured;
use crate::id::{FaultId, QueueId};
use crate::judge::run_view::RunView;
use crate::keeping::queue::MessageEnd;
use crate::scenario::expect::MessageFigure;

/// How many messages of a queue.
pub(super) fn count(view: &RunView<'_>, queue: QueueId, what: MessageFigure) -> Measured {
    let record = &view.record.queues[queue];
    let ended = |how: MessageEnd| record.sums.ended[how as usize];
    let count = match what {
        MessageFigure::Backlog => u64::from(record.most_ready),
        MessageFigure::Dead => record.sums.dead(),
        MessageFigure::Lost => {
            let ended =
                ended(MessageEnd::Dropped) + ended(MessageEnd::Expired) + ended(MessageEnd::Lost);
            ended + record.sums.unfinished + record.sums.moved_away
        }
        MessageFigure::Settled => record.sums.settled,
        MessageFigure::Redelivered => record.sums.again,
    };
    Measured::exactly(count as f64)
}

/// How long after the end of a fault a queue was empty.
pub(super) fn drained(view: &RunView<'_>, queue: QueueId, fault: FaultId) -> Measured {
    let end = view.spec().faults[fault].spans.last().map(|span| span.1);
    let Some(end) = end.filter(|&end| end <= view.record.end) else {
        return Measured::nothing("the fault had not ended when the run did");
    };
    match view.record.queues[queue].empty_after(fault, end) {
        Some(at) => Measured::exactly(at.since(end).as_ns_f64()),
        None => Measured {
            never: true,
            ..Measured::nothing("the queue was not empty after the fault before the run ended")
        },
    }
}

/// How old messages were when they were handed out.
pub(super) fn age(view: &RunView<'_>, queue: QueueId, percentile: f64) -> Measured {
    let value = view.record.queues[queue].ages.percentile(percentile);
    Measured::maybe(
        value.map(|ns| ns as f64),
        "no message was handed out after the warm-up",
    )
}
