//! What a breaker is made of: four small closed choices, and what outcomes mean.
//!
//! Two breakers of two libraries with "the same" threshold behave differently, because they choose
//! differently in four places: what is counted ([`Window`]), when that opens ([`TripRule`],
//! [`OpenRule`]), who probes ([`HalfOpenRule`]), and what old results do ([`LateRule`]). Each choice
//! is a closed enum in a file of its own, so that the breaker of a library is a value of this type
//! and a new library adds an arm, not a new breaker.
//!
//! There is no `Default`: the scenario owns defaults and prints them. What libraries use:
//!
//! | | opens at | window | cool-down | probes |
//! |---|---|---|---|---|
//! | resilience4j | 50 % of 100 results | last 100 results | 60 s | 10 |
//! | Polly 8 | 10 % of 100 results | 30 s | 5 s | 1 |
//! | Hystrix | 50 % of 20 requests | 10 s | 5 s | 1 |
//! | gobreaker | 6 failures in a row | none | 60 s | 1 |
//! | opossum | over 50 % | 10 s | 30 s | 1 |
//! | pybreaker | 5 failures in a row | none | 60 s | unlimited |

use super::{CountedCalls, Counting, Evaluate, HalfOpenRule, LateRule, OpenRule, TripRule, Window};
use crate::time::SimDuration;

/// A circuit breaker layer.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakerConfig {
    /// What is remembered.
    pub window: Window,
    /// What counts as a call in it.
    pub counts: CountedCalls,
    /// When it opens.
    pub trip: TripRule,
    /// When that is looked at.
    pub evaluate: Evaluate,
    /// How long everything is rejected after opening.
    pub open: OpenRule,
    /// Who is admitted after that.
    pub half_open: HalfOpenRule,
    /// What old results do.
    pub late: LateRule,
    /// What becomes of the window when it closes.
    pub on_close: OnClose,
    /// What outcomes mean.
    pub outcomes: Counting,
}

/// What becomes of the window when the breaker closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnClose {
    /// It is empty and begins anew; the default.
    Clear,
    /// It goes on, and counts in every state (opossum: old failures open it again at once).
    Keep,
    /// It counts in every state, and begins anew with each success of a probe, which is counted
    /// (cockatiel).
    ClearAndCount,
}

impl OnClose {
    /// Whether results count in every state, not while closed alone.
    pub(super) const fn counts_always(self) -> bool {
        match self {
            Self::Clear => false,
            Self::Keep | Self::ClearAndCount => true,
        }
    }
}

impl BreakerConfig {
    /// The plain breaker: looks after every result, waits `open_for`, then lets `permits` probes
    /// pass of which each must succeed; late results do nothing, and the window is empty after
    /// closing.
    pub fn plain(window: Window, trip: TripRule, open_for: SimDuration, permits: u32) -> Self {
        Self {
            window,
            counts: CountedCalls::Completed,
            trip,
            evaluate: Evaluate::EveryResult,
            open: OpenRule::constant(open_for),
            half_open: HalfOpenRule::all_must_succeed(permits),
            late: LateRule::Ignore,
            on_close: OnClose::Clear,
            outcomes: Counting::usual(),
        }
    }

    /// Whether time alone can change its state.
    pub fn has_timers(&self) -> bool {
        matches!(self.evaluate, Evaluate::Ticks(_))
            || self.open.transition == super::Timing::Timer
            || self.half_open.max_wait < SimDuration::MAX
    }
}
