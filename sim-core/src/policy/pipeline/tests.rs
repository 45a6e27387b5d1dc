//! Tests of the walk with a host of their own.
//!
//! - `fake_host`: a host with a clock, timers and attempts that end as a script says;
//! - `hedging`: the same for several passes at once;
//! - `timelines`: what happens when, worked out by hand;
//! - `swarm`: random pipelines and calls, and what must hold for all of them.

mod fake_host;
mod fallbacks;
mod hedge_budgets;
mod hedging;
mod rate_limits;
mod swarm;
mod timelines;

use super::inward::lane_of;
use super::{FrameIx, StateLayout};
use crate::policy::{
    Backoff, BreakerConfig, BulkheadConfig, FallbackAnswer, FallbackConfig, HedgeConfig,
    HedgeDelay, Jitter, Layer, Losers, OnExpiry, OnFailure, OutcomeSet, RetryConfig, TimeoutConfig,
    TripRule, Window,
};
use crate::random::Dist;
use crate::time::{SimDuration, SimTime};

fn ms(ms: u64) -> SimDuration {
    SimDuration::from_millis(ms)
}

fn timeout(after_ms: u64, on_expiry: OnExpiry) -> Layer {
    Layer::Timeout(TimeoutConfig {
        after: ms(after_ms),
        on_expiry,
        propagate: false,
        connect: None,
    })
}

/// A timeout that abandons.
fn cancel(after_ms: u64) -> Layer {
    timeout(after_ms, OnExpiry::Cancel)
}

/// A timeout that lets run on.
fn detach(after_ms: u64) -> Layer {
    timeout(after_ms, OnExpiry::Detach)
}

/// A timeout whose limit the attempts carry.
fn deadline(after_ms: u64) -> Layer {
    Layer::Timeout(TimeoutConfig {
        after: ms(after_ms),
        on_expiry: OnExpiry::Cancel,
        propagate: true,
        connect: None,
    })
}

/// So many passes, with this delay between them.
fn retry(max_attempts: u32, delay_ms: u64) -> Layer {
    let backoff = match delay_ms {
        0 => Backoff::None,
        delay_ms => Backoff::Constant(Dist::constant(ms(delay_ms)).unwrap()),
    };
    Layer::Retry(RetryConfig::new(max_attempts, backoff, Jitter::None))
}

/// One pass after another at this distance, at most so many besides the first.
fn hedge(max_hedges: u32, delay_ms: u64) -> Layer {
    Layer::Hedge(hedge_config(max_hedges, delay_ms))
}

fn hedge_config(max_hedges: u32, delay_ms: u64) -> HedgeConfig {
    HedgeConfig {
        delay: HedgeDelay::Fixed(Dist::constant(ms(delay_ms)).unwrap()),
        max_hedges,
        on: HedgeConfig::default_on(),
        on_failure: OnFailure::Wait,
        losers: Losers::Cancel,
        other_instance: true,
        budget: None,
    }
}

/// Opens after so many failures in a row; one probe.
fn breaker(failures: u32, open_for_ms: u64) -> Layer {
    let trip = TripRule::consecutive_failures(failures);
    let config = BreakerConfig::plain(Window::Consecutive, trip, ms(open_for_ms), 1);
    Layer::Breaker(config)
}

fn bulkhead(max_concurrent: u32, max_waiting: u32, max_wait: SimDuration) -> Layer {
    Layer::Bulkhead(BulkheadConfig {
        max_concurrent,
        max_waiting,
        max_wait,
    })
}

fn fallback() -> Layer {
    Layer::Fallback(FallbackConfig {
        on: OutcomeSet::named("failed").unwrap(),
        answer: FallbackAnswer::Static,
        enabled: true,
    })
}

#[test]
fn lanes_of_nested_passes_are_all_different_and_first_passes_share_that_of_a_bare_call() {
    let mut lanes = std::collections::BTreeSet::new();
    for outer in 1..=100 {
        for inner in 1..=100 {
            lanes.insert(lane_of(lane_of(0, outer), inner));
        }
    }
    assert_eq!(lanes.len(), 100 * 100);
    assert_eq!(lane_of(lane_of(0, 1), 1), 0);
}
