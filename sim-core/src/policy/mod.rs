//! Resilience policies as pure state machines.
//!
//! A policy is asked, and answers with a value: *may this pass go on? shall this be tried again,
//! and after how long? which instance?* It holds no clock, sets no timer, sends nothing and counts
//! no statistics; `now`, the settings and the random numbers are arguments of each question.
//! Whoever asks turns the answers into events. So each policy is a table in its tests, runs outside
//! the simulator with a clock of one's own, and can be read by itself.
//!
//! In the order of reading:
//!
//! - [`Outcome`], [`OutcomeSet`]: how a call can end, and sets of that; [`said`]: what others call
//!   it.
//! - [`Layer`]: the closed list of what a policy may consist of.
//! - [`TimeoutConfig`]: gives up waiting. The waiting is an event of the model: no machine here.
//! - [`RetryConfig`]: whether to try again ([`RetryConfig::decide`]), and when
//!   ([`RetryConfig::delay`], with a [`BackoffMemory`] for each call).
//! - [`Breaker`]: stops calling what keeps failing. A [`Permit`] goes out and comes back once.
//! - [`Bulkhead`]: limits what is under way at once, with a waiting room.
//! - [`RateLimit`]: limits how many begin in a time.
//! - [`ConcurrencyLimit`]: finds out how many may be under way at once.
//! - [`Throttle`]: stops a part of what would be refused anyway; [`Shed`]: refuses a part of what
//!   would be too much.
//! - [`FallbackConfig`]: answers in the place of a failure: always the same, or the [`LastGood`].
//! - [`Budget`]: whether another pass may be added at all.
//! - [`HedgeConfig`]: tries again before the first try has failed. A [`Race`] for each call decides,
//!   a [`RecentLatency`] for each owner says what is late.
//! - [`Balancer`]: which instance gets an attempt.
//! - [`eject`]: which instances are left out for a while, by what came back.
//! - [`Health`]: what the results of health checks say of an instance, and when the next one is due.
//!
//! Settings are passed at each call because they may change during a run (rule 22): a changed
//! setting holds for later decisions, and state whose kind is unchanged stays. There is no
//! `Default` for settings: the scenario owns the defaults and prints them; the documentation here
//! says what they are and which library they come from.
//!
//! Rejected: policies that wrap a future, as the libraries do (they cannot be asked without being
//! run), one trait for all of them (their questions have nothing in common, and the compiler would
//! no longer list what a new policy touches), and policies that hold their settings (a change
//! during a run would have to find them all).

mod applied;
mod balance;
mod breaker;
mod budget;
mod bulkhead;
pub mod eject;
mod ending;
mod fallback;
mod guard;
mod guards;
mod health;
mod hedge;
mod layer;
mod limit;
mod outcome;
pub mod pipeline;
mod rate_limit;
mod retry;
pub mod said;
mod shed;
#[cfg(test)]
mod testing;
mod throttle;
mod timeout;

pub use applied::{Applied, AppliedSet};
pub use balance::{
    Asker, BalanceConfig, BalanceKey, BalanceWay, Balancer, Begins, LeastRule, PeakEwma, Ring,
    RingConfig, Rotation, SlowStart, Sticky, Weights, ZoneMap, ZoneRule, has_hints,
};
pub(crate) use breaker::BreakerTicket;
pub use breaker::{
    Admission, AfterWait, AskedBy, Breaker, BreakerConfig, BreakerStateKind, BucketWidth, Buckets,
    Closing, Comparator, Condition, CountedCalls, Counting, Evaluate, Excess, Expiry, Expression,
    ExpressionError, Growth, GrowthPer, HalfOpenRule, Keeps, LateRule, Neutral, OnClose, OpenRule,
    Permit, Permits, Remarks, Rolling, Share, Timing, Transition, TripRule, WaitJitter, Why,
    Window,
};
pub use budget::{
    AwsQuota, Budget, BudgetConfig, ConcurrentMax, ConcurrentRatio, Deposits, Extra, Grant,
    GrpcTokens, PassResult, RetryRate, SlotRule, SuccessFunded, TokenBucket, TokenRatio,
};
pub use bulkhead::{Bulkhead, BulkheadConfig};
pub use ending::{Cause, CauseKind, Ending, Place};
pub use fallback::{FallbackAnswer, FallbackConfig, FallbackDecision, LastGood};
pub use guard::{Guard, GuardAnswer, Left, Visit};
pub use health::{FirstRule, Health, HealthConfig, HealthVerdict, Schedule};
pub use hedge::{HedgeConfig, HedgeDelay, Losers, OnFailure, Race, RaceStep, RecentLatency};
pub use layer::{Layer, LayerState, Way};
pub use limit::{ConcurrencyLimit, ConcurrencyLimitConfig, LimitRule, SampleWindow};
pub use outcome::{Outcome, OutcomeSet};
pub use rate_limit::{RateLimit, RateLimitConfig, RateRule, RefusalTime};
pub use retry::{
    Backoff, BackoffAfter, BackoffMemory, Cap, DelayRange, Grain, Jitter, NonIdempotent, Overshoot,
    RetryAfter, RetryConfig, RetryDecision, RetryHint, RetryStop,
};
pub use shed::{Reading, Shed, ShedConfig, ShedCurve, ShedMeasure};
pub use throttle::{Throttle, ThrottleConfig, ThrottleRule};
pub use timeout::{OnExpiry, TimeoutConfig};
