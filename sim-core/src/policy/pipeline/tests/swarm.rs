//! Random pipelines, calls, attempts, abandonments and deaths: what must hold for all of them.

use super::fake_host::{CallState, OWNERS, Play, Scope, Script};
use super::{FallbackAnswer, FallbackConfig, OnExpiry, RetryConfig, TimeoutConfig};
use super::{HedgeConfig, HedgeDelay, Losers, OnFailure};
use super::{Layer, OutcomeSet, SimDuration, SimTime, bulkhead, fallback, ms, retry};
use crate::id::BudgetId;
use crate::policy::{
    AwsQuota, BreakerConfig, BucketWidth, Buckets, BudgetConfig, ConcurrentMax, ConcurrentRatio,
    Evaluate, Excess, HalfOpenRule, Keeps, LateRule, OpenRule, Outcome, RateLimitConfig, RateRule,
    RefusalTime, Rolling, Timing, TripRule, Window,
};
use crate::units::Probability;
use proptest::prelude::*;

fn timeouts() -> impl Strategy<Value = Layer> {
    let on_expiry = prop_oneof![Just(OnExpiry::Cancel), Just(OnExpiry::Detach)];
    (0_u64..40, on_expiry, any::<bool>()).prop_map(|(after, on_expiry, propagate)| {
        Layer::Timeout(TimeoutConfig {
            after: ms(after),
            on_expiry,
            propagate,
            connect: None,
        })
    })
}

fn retries() -> impl Strategy<Value = Layer> {
    let limits = prop_oneof![Just(SimDuration::MAX), (1_u64..60).prop_map(ms)];
    (1_u32..4, 0_u64..12, any::<bool>(), limits, any::<bool>()).prop_map(
        |(max_attempts, delay, even_stopped, max_elapsed, asks)| {
            let Layer::Retry(config) = retry(max_attempts, delay) else {
                unreachable!()
            };
            let on = if even_stopped {
                OutcomeSet::named("failed").unwrap()
            } else {
                config.on
            };
            Layer::Retry(RetryConfig {
                on,
                max_elapsed,
                budget: asks.then_some(BudgetId(0)),
                ..config
            })
        },
    )
}

fn breakers() -> impl Strategy<Value = Layer> {
    let half = Probability::new(0.5).unwrap();
    let rolling = |keeps| {
        Window::Rolling(Rolling {
            span: ms(40),
            count: 4,
            buckets: Buckets::Construction,
            width: BucketWidth::Exact,
            keeps,
        })
    };
    let rate = move || TripRule::failure_rate(half, 2);
    let trips = prop_oneof![
        (1_u32..4).prop_map(|run| (Window::Consecutive, TripRule::consecutive_failures(run))),
        (2_u32..6).prop_map(move |calls| (Window::Calls(calls), rate())),
        Just((rolling(Keeps::Results), rate())),
        Just((rolling(Keeps::Calls), TripRule::consecutive_failures(2))),
        Just((Window::Tumbling(ms(30)), rate())),
    ];
    let evaluate = prop_oneof![
        Just(Evaluate::EveryResult),
        Just(Evaluate::Failures),
        Just(Evaluate::Ticks(ms(5)))
    ];
    let timing = prop_oneof![
        Just(Timing::NextCall),
        Just(Timing::NextCallOrResult),
        Just(Timing::Timer)
    ];
    let late = prop::sample::select(vec![
        LateRule::Ignore,
        LateRule::SameGeneration,
        LateRule::CurrentState,
        LateRule::WhileProbing,
        LateRule::CanCloseOpen,
        LateRule::OwnState,
    ]);
    let excess = prop_oneof![Just(Excess::Reject), Just(Excess::Queue)];
    let max_wait = prop_oneof![Just(SimDuration::MAX), (1_u64..60).prop_map(ms)];
    let habits = (evaluate, timing, late, excess, max_wait);
    (trips, 1_u64..40, 1_u32..3, habits).prop_map(
        |((window, trip), open_for, permits, (evaluate, transition, late, excess, max_wait))| {
            let plain = BreakerConfig::plain(window, trip, ms(open_for), permits);
            Layer::Breaker(BreakerConfig {
                evaluate,
                late,
                open: OpenRule {
                    transition,
                    ..plain.open
                },
                half_open: HalfOpenRule {
                    excess,
                    max_wait,
                    ..plain.half_open
                },
                ..plain
            })
        },
    )
}

fn bulkheads() -> impl Strategy<Value = Layer> {
    let waits = prop_oneof![Just(SimDuration::MAX), (0_u64..20).prop_map(ms)];
    (1_u32..4, 0_u32..4, waits).prop_map(|(inside, waiting, wait)| bulkhead(inside, waiting, wait))
}

fn rate_limits() -> impl Strategy<Value = Layer> {
    let rule = prop_oneof![
        (1_u32..4).prop_map(|burst| RateRule::TokenBucket { burst }),
        (1_u32..4).prop_map(|burst| RateRule::SteppedBucket { burst }),
        (1_u32..4).prop_map(|burst| RateRule::Gcra { burst }),
        Just(RateRule::FixedCycle),
        (1_u32..4).prop_map(|segments| RateRule::SlidingWindow { segments }),
    ];
    let waits = prop_oneof![
        Just((SimDuration::ZERO, 0)),
        (0_u64..30, 0_u32..4).prop_map(|(wait, line)| (ms(wait), line)),
        Just((SimDuration::MAX, u32::MAX))
    ];
    let habit = prop_oneof![
        2 => Just((false, RefusalTime::AtOnce)),
        1 => Just((true, RefusalTime::AtOnce)),
        1 => Just((true, RefusalTime::AfterWait))
    ];
    (rule, 1_u32..4, 1_u64..30, waits, habit).prop_map(
        |(rule, permits, period, (max_wait, max_waiting), (reservation, refusal))| {
            // What has to be so in a scenario, too.
            let lends = !matches!(rule, RateRule::SlidingWindow { .. });
            let ends = max_wait < SimDuration::MAX;
            Layer::RateLimit(RateLimitConfig {
                rule,
                permits,
                period: ms(period),
                max_wait,
                max_waiting: if reservation { u32::MAX } else { max_waiting },
                reservation: reservation && lends,
                refusal: if ends { refusal } else { RefusalTime::AtOnce },
            })
        },
    )
}

fn fallbacks() -> impl Strategy<Value = Layer> {
    let answer = prop_oneof![
        Just(FallbackAnswer::Static),
        (0_u64..40).prop_map(|age| FallbackAnswer::Cached { max_age: ms(age) }),
        Just(FallbackAnswer::Call)
    ];
    let on = prop_oneof![
        Just(OutcomeSet::failures()),
        Just(OutcomeSet::named("timeout").unwrap())
    ];
    let any = (on, answer, any::<bool>()).prop_map(|(on, answer, enabled)| {
        Layer::Fallback(FallbackConfig {
            on,
            answer,
            enabled,
        })
    });
    prop_oneof![Just(fallback()), any]
}

fn hedges() -> impl Strategy<Value = Layer> {
    let losers = prop_oneof![
        2 => Just(Losers::Cancel),
        1 => Just(Losers::Await),
        1 => Just(Losers::Leave)
    ];
    let on_failure = prop_oneof![Just(OnFailure::Wait), Just(OnFailure::AtOnce)];
    let delay = prop_oneof![
        4 => (0_u64..15).prop_map(|delay| HedgeDelay::Fixed(ms(delay).into())),
        1 => (1.0_f64..99.0, prop::option::of(0_u64..15)).prop_map(|(percentile, fallback)| {
            HedgeDelay::Percentile {
                percentile,
                fallback: fallback.map(|delay| ms(delay).into()),
                minimum_samples: 3,
            }
        }),
    ];
    let on = prop_oneof![
        Just(HedgeConfig::default_on()),
        Just(OutcomeSet::EMPTY),
        Just(OutcomeSet::named("failed").unwrap())
    ];
    (
        0_u32..4,
        delay,
        on,
        on_failure,
        losers,
        any::<(bool, bool)>(),
    )
        .prop_map(
            |(max_hedges, delay, on, on_failure, losers, (other_instance, asks))| {
                Layer::Hedge(HedgeConfig {
                    delay,
                    max_hedges,
                    on,
                    on_failure,
                    losers,
                    other_instance,
                    budget: asks.then_some(BudgetId(0)),
                })
            },
        )
}

fn pipelines() -> impl Strategy<Value = Vec<(Layer, Scope)>> {
    let layer = prop_oneof![
        timeouts(),
        retries(),
        breakers(),
        bulkheads(),
        rate_limits(),
        fallbacks(),
        hedges()
    ];
    let scope = prop_oneof![
        Just(Scope::Caller),
        Just(Scope::Shared),
        Just(Scope::TargetInstance)
    ];
    prop::collection::vec((layer, scope), 0..=6)
}

fn budgets() -> impl Strategy<Value = BudgetConfig> {
    let ratio = Probability::new(0.3).unwrap();
    prop_oneof![
        (0_u32..3).prop_map(|max| BudgetConfig::ConcurrentMax(ConcurrentMax { max })),
        (0_u32..2)
            .prop_map(move |min| { BudgetConfig::ConcurrentRatio(ConcurrentRatio { ratio, min }) }),
        Just(BudgetConfig::AwsQuota(AwsQuota {
            capacity: 30,
            ..AwsQuota::of_2026()
        })),
    ]
}

fn scripts() -> impl Strategy<Value = Script> {
    let instant = || (0_u64..80).prop_map(|at| SimTime::ZERO + ms(at));
    let latency = prop_oneof![4 => 0_u64..25, 1 => 100_u64..500].prop_map(ms);
    let outcome = prop_oneof![
        3 => Just(Outcome::Ok),
        3 => Just(Outcome::ErrorInternal),
        1 => Just(Outcome::ErrorInvalid),
        1 => Just(Outcome::RejectedQueueFull),
        1 => Just(Outcome::Degraded),
        1 => Just(Outcome::Negative),
    ];
    let rotation =
        prop::collection::btree_set(0_u32..3, 0..3).prop_map(|set| set.into_iter().collect());
    (1_u32..15).prop_flat_map(move |calls| {
        (
            prop::collection::vec((instant(), 0..OWNERS), calls as usize),
            prop::collection::vec((latency.clone(), outcome.clone()), 1..12),
            prop::collection::vec((instant(), 0..calls), 0..5),
            prop::collection::vec((instant(), 0..OWNERS), 0..2),
            prop::collection::vec((instant(), rotation.clone()), 0..3),
        )
            .prop_map(|(calls, attempts, given_up, deaths, rotations)| Script {
                calls,
                attempts,
                given_up,
                deaths,
                rotations,
                ..Script::default()
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every call has one outcome or was given up, and everything that was taken was given back,
    /// once; the host itself checks that no attempt, timer or call ends twice and nobody overtakes.
    #[test]
    fn every_pass_is_answered_and_every_permit_comes_back(
        layers in pipelines(),
        script in scripts(),
        budget in budgets(),
    ) {
        let script = Script { budget: Some(budget), elsewhere: true, ..script };
        let mut play = Play::new(&layers, &script);
        play.run(Play::assert_limits);
        play.assert_over();
        let calls = play.fake.calls.iter().take(script.calls.len());
        let given_up = calls.filter(|call| call.state == CallState::GivenUp).count();
        prop_assert!(given_up <= script.given_up.len() + script.calls.len() * script.deaths.len());
    }
}
