//! What a breaker counts.
//!
//! Think of a short strip of lamps, one per result: green for a success, red for a failure. A new
//! result lights a lamp at one end, the oldest goes out at the other. The breaker looks at how
//! many lamps are on and how many are red. Windows differ in when a lamp goes out.
//!
//! The rule: [`Window::Calls`] keeps the last `n` *results* in a ring of bits with a running count,
//! so recording costs the same for every `n`. [`Window::Rolling`] keeps the last so much time in
//! buckets, [`Window::Tumbling`] everything since it was last emptied, [`Window::Average`] a moving
//! average, [`Window::Consecutive`] nothing but the runs of failures and of successes, which every
//! window keeps. Cancelled passes are no results.
//!
//! Libraries differ here more than anywhere: resilience4j counts results in a ring (`COUNT_BASED`,
//! 100 by default) or in buckets of a second aligned to the clock; Polly 8 opens a bucket with the
//! first call after the last one ended; gobreaker and opossum count calls that *began* ([`CountedCalls`]),
//! opossum even those it rejected, so an open breaker looks healthier than it is. Rejected as the
//! default: calls that began, because those in flight count as if they had succeeded; and buckets
//! of time, because what they hold depends on how the clock stands to the first bucket.

mod average;
mod buckets;
mod kept;
mod ring;
mod shape;
mod sum;
#[cfg(test)]
mod tests;

pub(super) use kept::Results;
pub use shape::{BucketWidth, Buckets, CountedCalls, Keeps, Rolling, Window};
pub(super) use sum::{Heard, Tally};
