//! Timeout: gives up waiting, as an attempt's or a whole call's limit, by its place.
//!
//! A timeout is an egg timer that is set when a pass enters the layer and read by nobody but the
//! waiter: what it waits for does not hear it. Inside a retry it limits an attempt; outside, the
//! whole call with every attempt and every delay between them.
//!
//! The rule: it starts when its pass enters; waiting and backoff inside it count, waiting outside
//! does not (rule 8). An answer at the very instant of the limit is in time (rule 41). What was
//! given up is abandoned, or runs on unobserved ([`OnExpiry`], rules 4 and 5). With `propagate` the
//! attempts carry the instant of the limit to the callee, who may drop what has expired (rule 18).
//!
//! With `connect` an attempt whose instance cannot be reached (a partition, a machine that is gone)
//! ends as `timeout.connect` after that time, and need not wait for the whole limit: a connection
//! that is not there is known much sooner than an answer that does not come. The network ends it,
//! so an inner retry sees it at once.
//!
//! There is no machine here: one instant, `entered + after`, is all of its state, and the event
//! that wakes the waiter is the model's.
//!
//! Defaults of libraries: Envoy's route 15 s for the whole request and as much for each try;
//! Polly's standard pipeline 30 s outside and 10 s inside; Hystrix and resilience4j 1 s; gRPC none,
//! and its deadline is propagated. Rejected: a hidden default (a call without a timeout waits for
//! ever, as in most clients, and the scenario is warned about it), and a retry that looks ahead to
//! it.

use crate::time::{SimDuration, SimTime};

/// A timeout layer.
///
/// ```
/// use sim_core::policy::{OnExpiry, TimeoutConfig};
/// use sim_core::time::{SimDuration, SimTime};
///
/// let config = TimeoutConfig {
///     after: SimDuration::from_millis(500),
///     on_expiry: OnExpiry::Cancel,
///     propagate: true,
///     connect: None,
/// };
/// // A call enters at 2 s by one's own clock: so long it waits, and this is the deadline it carries.
/// let entered = SimTime::ZERO + SimDuration::from_secs(2);
/// let until = config.until(entered);
/// assert_eq!(until.to_string(), "2.5s");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeoutConfig {
    /// How long it waits, from the entry of a pass; no default. [`SimDuration::MAX`]: for ever, where
    /// connecting alone is limited.
    pub after: SimDuration,
    /// What becomes of the pass inside; default [`OnExpiry::Cancel`].
    pub on_expiry: OnExpiry,
    /// Whether the attempt carries the deadline to the callee; default no (only gRPC and its like
    /// do).
    pub propagate: bool,
    /// How long an attempt may take to connect, from its sending; default: no limit of its own
    /// (Envoy's cluster has 5 s, Java's `HttpClient` and gRPC 20 s at most, curl 300 s).
    pub connect: Option<SimDuration>,
}

impl TimeoutConfig {
    /// How long it waits, if it limits more than connecting.
    pub fn limit(&self) -> Option<SimDuration> {
        (self.after < SimDuration::MAX).then_some(self.after)
    }

    /// When a pass that enters now is given up; an answer at that very instant is in time.
    pub fn until(&self, entered: SimTime) -> SimTime {
        entered + self.after
    }
}

/// What becomes of a pass that was given up (rules 4 and 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnExpiry {
    /// It is abandoned, as an HTTP client does that closes the connection (Polly 8 and Envoy).
    Cancel,
    /// It runs on and keeps what it holds, as a Java future with a time limit does; its result
    /// comes too late (resilience4j's `TimeLimiter` around work that cannot be cancelled).
    Detach,
}
