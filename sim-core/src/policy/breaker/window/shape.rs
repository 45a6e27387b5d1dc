//! What of its calls a breaker counts, and for how long: the settings.

use crate::time::SimDuration;

/// What the breaker remembers.
///
/// Default of resilience4j: the last 100 results; of pybreaker and Linkerd: the run of failures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Window {
    /// The last so many results \[results\], at least 1.
    Calls(u32),
    /// Nothing but the runs of failures and of successes.
    Consecutive,
    /// The last so much time.
    Rolling(Rolling),
    /// Everything since it was emptied; it is emptied by the first call or result that comes later
    /// than this after the last time (gobreaker's `Interval`). [`SimDuration::MAX`]: never.
    Tumbling(SimDuration),
    /// A moving average whose observations live this long on average (Finagle: 30 s).
    Average(SimDuration),
}

/// The last so much time, in buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rolling {
    /// How much time; Polly 8: 30 s, Hystrix and opossum: 10 s.
    pub span: SimDuration,
    /// In how many buckets, at least 1; Polly 8 and opossum: 10, Hystrix: 20, resilience4j: one for
    /// each second.
    pub count: u32,
    /// Where they begin.
    pub buckets: Buckets,
    /// How wide each is.
    pub width: BucketWidth,
    /// To which of them a result belongs.
    pub keeps: Keeps,
}

/// To which bucket a result belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// To the one in which it comes; the default.
    Results,
    /// To the one in which its call began, and to none when that has left; and the runs of failures
    /// and of successes lose what a bucket takes with it (gobreaker 2). Only on a grid.
    Calls,
}

/// How wide a bucket is: its part of the span, or what a clock of milliseconds makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketWidth {
    /// Its part of the span; the default.
    Exact,
    /// Cut to whole milliseconds, at least one (opossum, `Math.floor`).
    CutMilliseconds,
    /// Rounded to whole milliseconds (cockatiel, `Math.round`).
    RoundedMilliseconds,
}

/// One millisecond \[ns\].
const MS: u64 = 1_000_000;

impl BucketWidth {
    fn of(self, exact_ns: u64) -> u64 {
        match self {
            Self::Exact => exact_ns.max(1),
            Self::CutMilliseconds => (exact_ns / MS * MS).max(MS),
            Self::RoundedMilliseconds => ((exact_ns + MS / 2) / MS * MS).max(MS),
        }
    }
}

impl Window {
    /// Its buckets, if results belong to those of their calls.
    pub(super) const fn keeping_calls(self) -> Option<Rolling> {
        match self {
            Self::Rolling(shape) => match shape.keeps {
                Keeps::Calls => Some(shape),
                Keeps::Results => None,
            },
            Self::Calls(_) | Self::Consecutive | Self::Tumbling(_) | Self::Average(_) => None,
        }
    }
}

impl Rolling {
    /// How far all buckets together reach: the span, less what its division leaves over.
    pub fn reach(self) -> SimDuration {
        self.width().times(u64::from(self.count.max(1)))
    }

    /// The width of one bucket, at least a nanosecond.
    pub(super) fn width(self) -> SimDuration {
        let exact_ns = self.span.as_ns() / u64::from(self.count.max(1));
        SimDuration::from_ns(self.width.of(exact_ns))
    }
}

/// Where the buckets of a window begin and when the oldest is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buckets {
    /// At whole multiples of their width on the clock (resilience4j: seconds of the epoch;
    /// failsafe-go).
    Clock,
    /// One after another from the moment when the window was made or cleared (opossum, Hystrix).
    Construction,
    /// With the first result after the bucket before it ended (Polly 8).
    FirstCall,
    /// As `FirstCall`, but only as many are forgotten as begin: each result that finds its bucket
    /// over opens one and drops one, so that failures from before an idle time stay (cockatiel).
    OnePerResult,
}

/// What counts as a call where a share or a minimum of calls is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountedCalls {
    /// Calls that have a result; the default.
    Completed,
    /// Calls that were let through, those in flight included (gobreaker).
    Started,
    /// Those that were rejected too (opossum's `fires`).
    StartedAndRejected,
}
