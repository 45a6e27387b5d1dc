//! `queue` of a service: who waits for a thread, for how long, and who is next.

use super::distribution::DistFile;
use crate::scenario::layer::PerFile;
use crate::scenario::read::{At, Limit, choices, file_enum, file_map};
use crate::scenario::value::{Count, Reference};
use crate::time::SimDuration;

file_map! {
    /// The waiting room of an instance.
    QueueFile {
        /// Operations that may wait; 0 means no waiting.
        capacity: Limit<Count<0, 100_000_000>>, required;
        /// Who is taken next. In all but `fifo`, `lifo` and `random`, and wherever there is a `codel`,
        /// parts of operations that go on with what they had begun come first.
        discipline: At<DisciplineFile>, default "fifo";
        /// Drops, with `rejected.shed`, who has waited too long when a thread is free for it, once
        /// waiting has become a habit; none, if absent.
        codel: At<CodelFile>, optional;
        /// How long one may wait.
        max_wait: Limit<DistFile>, default "unlimited";
        /// Who is turned away when all places are taken, with `rejected.queue_full`.
        when_full: WhenFullFile, default "reject";
    }
}

choices! {
    /// Who is turned away by a full queue.
    WhenFullFile {
        /// Who comes.
        reject = Reject;
        /// The operation that has waited longest; the newcomer takes its place.
        drop_oldest = DropOldest;
    }
}

file_enum! {
    /// Who is taken next from a queue.
    DisciplineFile {
        /// The first to come.
        fifo = Fifo;
        /// The last to come.
        lifo = Lifo;
        /// Any, each as likely.
        random = Random;
        /// The highest class, and of a class the first to come.
        priority = Priority(PriorityFile);
        /// The one whose deadline comes first, as its caller told it; those without one come last.
        earliest_deadline = EarliestDeadline;
        /// One of each tenant, client or class in turn, in the order in which they came.
        fair = Fair(FairFile);
        /// The first to come; but the last to come, once the queue has not been empty for longer than
        /// `interval` (Facebook's adaptive LIFO).
        adaptive_lifo = AdaptiveLifo(AdaptiveLifoFile);
    }
}

file_map! {
    /// The highest class first.
    PriorityFile {
        /// Classes of calls, from the highest to the lowest; all others are below them, together.
        classes: Vec<At<Reference>>, required;
        /// After each such wait one counts as a class higher, up to the highest.
        aging: Limit<SimDuration>, default "unlimited";
    }
}

file_map! {
    /// One of each in turn.
    FairFile short per {
        /// Who takes turns.
        per: PerFile, required;
    }
}

file_map! {
    /// The last to come, where the queue does not empty.
    AdaptiveLifoFile {
        /// For how long the queue may not be empty [duration].
        interval: SimDuration, default "100ms";
    }
}

file_map! {
    /// Drops who has waited too long once waiting has become a habit.
    CodelFile {
        /// Waits below this are short [duration].
        target: SimDuration, default "5ms";
        /// For how long all may wait longer [duration].
        interval: SimDuration, default "100ms";
        /// Whose rule it is.
        like: CodelRuleFile, default "rfc8289";
    }
}

choices! {
    /// Whose rule drops those who have waited too long.
    CodelRuleFile {
        /// Routers': after an interval without a wait below the target one is dropped, then one each
        /// interval / √n, until a wait is short or at most one is left.
        rfc8289 = Rfc8289;
        /// folly's executors': once per interval the least wait in it decides whether there is
        /// overload; while there is, all who waited longer than 2 × target are dropped.
        folly = Folly;
        /// Facebook's servers': who comes to a queue that has not been empty for longer than the
        /// interval may wait for the target, any other for the interval.
        facebook = Facebook;
    }
}
