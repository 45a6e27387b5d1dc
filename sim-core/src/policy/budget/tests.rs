//! What each library grants, call by call; and what holds for all of them.

use super::*;
use crate::policy::Outcome;
use crate::time::SimDuration;
use crate::units::Probability;
use proptest::prelude::*;

const TRANSIENT: Extra = Extra::Retry(Outcome::ErrorUnavailable);
const THROTTLED: Extra = Extra::Retry(Outcome::RejectedRateLimited);
const TIMED_OUT: Extra = Extra::Retry(Outcome::TimeoutResponse);

fn at(ms: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_millis(ms)
}

/// A budget with its configuration and clock.
struct Bench {
    config: BudgetConfig,
    budget: Budget,
    now: SimTime,
}

impl Bench {
    fn new(config: BudgetConfig) -> Self {
        let now = SimTime::ZERO;
        let budget = Budget::new(now, &config);
        Self {
            config,
            budget,
            now,
        }
    }

    fn calls(&mut self, count: u32) {
        for _ in 0..count {
            self.budget.call_started(self.now, &self.config);
        }
    }

    fn ends(&mut self, verdict: PassResult, grant: Option<Grant>) {
        self.budget.settle(self.now, &self.config, verdict, grant);
    }

    fn ask(&mut self, extra: Extra) -> Option<Grant> {
        self.budget.ask(self.now, &self.config, extra)
    }

    /// First passes that fail one after another at one instant, and the grants.
    fn mass_failure(&mut self, count: u32) -> Vec<Grant> {
        let mut granted = Vec::new();
        for _ in 0..count {
            self.ends(PassResult::Failure, None);
            granted.extend(self.ask(TRANSIENT));
        }
        granted
    }

    /// Retries granted at an instant until the first refusal.
    fn drain(&mut self, ms: u64) -> u32 {
        self.now = at(ms);
        let mut granted = 0;
        while self.ask(TRANSIENT).is_some() {
            granted += 1;
        }
        granted
    }

    /// A call that succeeds after these retries.
    fn success_after(&mut self, extras: &[Extra]) {
        self.calls(1);
        let mut grant = None;
        for &extra in extras {
            self.ends(PassResult::Failure, grant);
            grant = self.ask(extra);
            assert!(grant.is_some(), "enough is left");
            self.budget.pass_started();
        }
        self.ends(PassResult::Success, grant);
        self.budget.call_ended(&self.config, true, grant);
    }

    fn left(&self) -> u32 {
        self.budget.left(&self.config)
    }
}

fn share(value: f64) -> Probability {
    Probability::new(value).unwrap()
}

#[test]
fn envoy_max_retries_is_held_through_the_backoff() {
    let mut bench = Bench::new(BudgetConfig::ConcurrentMax(ConcurrentMax { max: 2 }));
    bench.calls(10);
    let grants = bench.mass_failure(10);
    assert_eq!(grants.len(), 2, "10 concurrent failures, max_retries 2");
    // Both passes are made. The first one fails: its place is free before its own next decision.
    bench.budget.pass_started();
    bench.budget.pass_started();
    assert_eq!(bench.ask(TRANSIENT), None);
    bench.ends(PassResult::Failure, Some(grants[0]));
    assert!(
        bench.ask(TRANSIENT).is_some(),
        "it may take its own place again"
    );
    assert_eq!(bench.ask(TRANSIENT), None);
}

/// `max_retries` is 3; the budget is at least 3, and 20 % of what is active, in whole retries: a
/// limit of 3.8 is 3. A pass that asks because it has failed is one of those that are active.
#[test]
fn envoy_limits_at_their_boundaries() {
    let most = BudgetConfig::ConcurrentMax(ConcurrentMax { max: 3 });
    let share = BudgetConfig::ConcurrentRatio(ConcurrentRatio {
        ratio: share(0.2),
        min: 3,
    });
    for (config, active, granted) in [
        (&most, 1, 3),
        (&most, 1_000, 3),
        (&share, 1, 3),
        (&share, 19, 3),
        (&share, 20, 4),
        (&share, 24, 4),
        (&share, 25, 5),
    ] {
        let mut bench = Bench::new(config.clone());
        bench.calls(active - 1);
        assert_eq!(bench.drain(0), granted, "{} of {active}", config.name());
    }
}

#[test]
fn envoy_retry_budget_samples_what_is_active() {
    let envoy = |ratio, min| {
        let ratio = share(ratio);
        Bench::new(BudgetConfig::ConcurrentRatio(ConcurrentRatio {
            ratio,
            min,
        }))
    };
    let granted = |mut bench: Bench, calls, failures| {
        bench.calls(calls);
        bench.mass_failure(failures).len()
    };
    assert_eq!(granted(envoy(0.2, 3), 40, 40), 6, "not 8");
    assert_eq!(granted(envoy(0.2, 3), 5, 5), 3, "the floor");
    assert_eq!(granted(envoy(0.2, 0), 5, 5), 1, "0 < 1 of 5, 1 = 0 of 4");
    assert_eq!(granted(envoy(0.2, 0), 4, 4), 0, "0.8 is no whole one");
    assert_eq!(
        granted(envoy(0.2, 3), 1_000, 100),
        100,
        "the limit is 180 at the least"
    );
    assert_eq!(granted(envoy(0.0, 0), 40, 40), 0);
}

#[test]
fn failsafe_go_refuses_above_its_rate() {
    let max_rate = share(0.2);
    let rate = |min_concurrent| {
        Bench::new(BudgetConfig::RetryRate(RetryRate {
            max_rate,
            min_concurrent,
        }))
    };
    let mut bench = rate(3);
    bench.calls(5);
    assert_eq!(bench.mass_failure(5).len(), 3, "the floor");
    let mut bench = rate(0);
    bench.calls(10);
    assert_eq!(bench.left(), 3);
    assert_eq!(
        bench.mass_failure(10).len(),
        3,
        "0/10, 1/11, 2/12; 3/13 is more"
    );
}

fn token_ratio(ratio: f64, min_per_second: u32, ttl_s: u64, slots: SlotRule) -> Bench {
    Bench::new(BudgetConfig::TokenRatio(TokenRatio {
        ratio,
        min_per_second,
        ttl: SimDuration::from_secs(ttl_s),
        slots,
        deposits: Deposits::Calls,
    }))
}

#[test]
fn tower_charges_whole_calls() {
    // (ratio, calls, retries): the cost is trunc(1 / ratio), above 1 trunc(1000 / ratio) of 1000.
    for (ratio, calls, retries) in [
        (0.2, 100, 20),
        (0.3, 99, 33),
        (0.5, 100, 50),
        (0.6, 100, 100),
        (1.0, 100, 100),
        (2.0, 100, 200),
        (0.0, 100, 0),
    ] {
        let mut bench = token_ratio(ratio, 0, 10, SlotRule::Tower);
        bench.calls(calls);
        assert_eq!(bench.drain(0), retries, "tower at {ratio}");
    }
    let mut finagle = token_ratio(0.3, 0, 10, SlotRule::Finagle);
    finagle.calls(99);
    assert_eq!(finagle.drain(0), 29, "3333 thousandths each: 29.7");
}

#[test]
fn the_reserve_is_there_at_once_and_comes_back() {
    for slots in [SlotRule::Tower, SlotRule::Finagle] {
        let mut bench = token_ratio(0.2, 10, 10, slots);
        assert_eq!(bench.left(), 100);
        assert_eq!(bench.drain(0), 100, "10 per second for 10 s");
        assert_eq!(bench.drain(999), 0);
        bench.calls(1_000);
        assert_eq!(
            bench.drain(30_000),
            100,
            "after an idle ttl only the reserve"
        );
    }
    let mut without_ratio = token_ratio(0.0, 3, 2, SlotRule::Tower);
    without_ratio.calls(1_000);
    assert_eq!(without_ratio.drain(0), 6);
}

/// The unit tests of `tps_budget.rs`.
#[test]
fn tower_agrees_with_its_own_tests() {
    assert_eq!(token_ratio(1.0, 0, 1, SlotRule::Tower).drain(0), 0, "empty");
    let mut leaky = token_ratio(1.0, 0, 1, SlotRule::Tower);
    leaky.calls(1);
    assert_eq!(leaky.drain(3_000), 0, "leaky");
    let mut slots = token_ratio(0.5, 0, 1, SlotRule::Tower);
    slots.calls(2);
    slots.now = at(901);
    assert!(
        slots.ask(TRANSIENT).is_some(),
        "900 ms later the deposits are still valid"
    );
    slots.now = at(2_902);
    slots.calls(1);
    slots.now = at(3_203);
    slots.calls(1);
    slots.now = at(4_004);
    slots.calls(1);
    assert!(slots.ask(TRANSIENT).is_some(), "the second and the third");
    assert_eq!(
        token_ratio(1.0, 5, 1, SlotRule::Tower).drain(0),
        5,
        "reserve"
    );
}

/// A retry every 10 ms that finds nothing: when does the withdrawn reserve come back?
#[test]
fn under_load_towers_slots_expire_twice_as_fast() {
    let back_at = |slots, step_ms| {
        let mut bench = token_ratio(0.2, 1, 10, slots);
        assert_eq!(bench.drain(0), 10);
        (1_u64..10_000)
            .map(|n| n * step_ms)
            .find(|&ms| {
                bench.now = at(ms);
                bench.ask(TRANSIENT).is_some()
            })
            .unwrap()
    };
    assert_eq!(back_at(SlotRule::Finagle, 10), 10_000);
    // Turns clear two slots each, whether they come exactly in time or every 1001 ms.
    assert_eq!(back_at(SlotRule::Tower, 1_000), 6_000);
    assert_eq!(back_at(SlotRule::Tower, 7), 6_006);
}

#[test]
fn grpc_needs_strictly_more_than_half() {
    let grpc = |max_tokens| {
        Bench::new(BudgetConfig::GrpcTokens(GrpcTokens {
            max_tokens,
            token_ratio: 0.1,
        }))
    };
    let mut bench = grpc(10);
    bench.calls(100);
    let mut steps = Vec::new();
    for _ in 0..12 {
        bench.ends(PassResult::Failure, None);
        steps.push((bench.left(), bench.ask(TRANSIENT).is_some()));
    }
    assert_eq!(
        steps[..6],
        [
            (9, true),
            (8, true),
            (7, true),
            (6, true),
            (5, false),
            (4, false)
        ]
    );
    assert_eq!(steps[11], (0, false), "never below zero");
    // From nothing it takes 51 successes of 0.1 to be above 5; hedges are asked alike.
    for _ in 0..50 {
        bench.ends(PassResult::Success, None);
    }
    assert_eq!((bench.left(), bench.ask(Extra::Hedge)), (5, None));
    bench.ends(PassResult::Success, None);
    assert!(bench.ask(Extra::Hedge).is_some());
    bench.ends(PassResult::Neither, None);
    assert!(
        bench.ask(TRANSIENT).is_some(),
        "other endings change nothing"
    );
    // Half of an odd number: 2.5.
    let mut odd = grpc(5);
    odd.calls(3);
    assert_eq!(odd.mass_failure(3).len(), 2);
}

#[test]
fn aws_charges_by_kind_and_refunds_the_last() {
    let aws = |quota| Bench::new(BudgetConfig::AwsQuota(quota));
    assert_eq!(aws(AwsQuota::of_2026()).drain(0), 35, "500 / 14");
    assert_eq!(aws(AwsQuota::legacy()).drain(0), 100, "500 / 5");
    for (quota, extra, cost) in [
        (AwsQuota::of_2026(), TRANSIENT, 14),
        (AwsQuota::of_2026(), THROTTLED, 5),
        (AwsQuota::of_2026(), TIMED_OUT, 14),
        (AwsQuota::legacy(), TRANSIENT, 5),
        (AwsQuota::legacy(), THROTTLED, 5),
        (AwsQuota::legacy(), TIMED_OUT, 10),
        (AwsQuota::of_2026(), Extra::Hedge, 14),
    ] {
        let mut bench = aws(quota);
        assert!(bench.ask(extra).is_some());
        assert_eq!(bench.left(), 500 - cost, "{extra:?}");
    }
    let mut bench = aws(AwsQuota::of_2026());
    bench.success_after(&[]);
    assert_eq!(bench.left(), 500, "never above the start");
    bench.success_after(&[TRANSIENT, THROTTLED]);
    assert_eq!(bench.left(), 500 - 14, "only the last cost of 5 comes back");
    bench.success_after(&[]);
    assert_eq!(bench.left(), 500 - 13, "a clean success adds one");
    bench.calls(1);
    bench.ends(PassResult::Failure, None);
    let grant = bench.ask(TRANSIENT);
    bench.budget.pass_started();
    bench.ends(PassResult::Failure, grant);
    bench.budget.call_ended(&bench.config, false, grant);
    assert_eq!(bench.left(), 500 - 27, "a failed call gets nothing back");
}

#[test]
fn only_success_funds_what_it_funds() {
    let mut bench = Bench::new(BudgetConfig::SuccessFunded(SuccessFunded {
        per_success: 0.1,
        capacity: 2,
        initial: 9,
    }));
    assert_eq!(bench.drain(0), 2, "no more at the start than there can be");
    bench.calls(30);
    for _ in 0..9 {
        bench.ends(PassResult::Success, None);
    }
    assert_eq!(bench.drain(60_000), 0, "time brings nothing");
    bench.ends(PassResult::Success, None);
    assert_eq!(bench.drain(60_000), 1);
}

#[test]
fn a_bucket_saves_up_to_its_burst() {
    let mut bench = Bench::new(BudgetConfig::TokenBucket(TokenBucket {
        per_call: 0.3,
        burst: 2,
    }));
    assert_eq!(bench.drain(0), 2, "full at the start");
    bench.calls(3);
    assert_eq!(bench.drain(60_000), 0, "0.9, and time brings nothing");
    bench.calls(1);
    assert_eq!(bench.drain(60_000), 1, "the fraction stays");
    bench.calls(1_000);
    assert_eq!(bench.drain(60_000), 2, "no more than the burst");
}

/// The policy in tower's documentation calls `deposit` when a call has succeeded.
#[test]
fn deposits_come_with_calls_or_with_successes() {
    let granted = |deposits| {
        let mut bench = Bench::new(BudgetConfig::TokenRatio(TokenRatio {
            ratio: 0.5,
            min_per_second: 0,
            ttl: SimDuration::from_secs(10),
            slots: SlotRule::Tower,
            deposits,
        }));
        bench.calls(4);
        let before = bench.drain(0);
        for _ in 0..4 {
            bench.ends(PassResult::Success, None);
        }
        (before, bench.drain(0))
    };
    assert_eq!(granted(Deposits::Calls), (2, 0));
    assert_eq!(granted(Deposits::Successes), (0, 2));
}

#[test]
fn a_grant_is_small() {
    assert_eq!(
        size_of::<Option<Grant>>(),
        2,
        "part of every retry in flight"
    );
}

fn configs() -> impl Strategy<Value = BudgetConfig> {
    let slots = prop_oneof![Just(SlotRule::Finagle), Just(SlotRule::Tower)];
    prop_oneof![
        (0_u32..5).prop_map(|max| BudgetConfig::ConcurrentMax(ConcurrentMax { max })),
        (0.0..1.0, 0_u32..4).prop_map(|(ratio, min)| {
            let ratio = share(ratio);
            BudgetConfig::ConcurrentRatio(ConcurrentRatio { ratio, min })
        }),
        (0.0..1.0, 0_u32..4).prop_map(|(rate, min_concurrent)| {
            BudgetConfig::RetryRate(RetryRate {
                max_rate: share(rate),
                min_concurrent,
            })
        }),
        (0.0..3.0, 0_u32..4, 1_u64..5, slots).prop_map(|(ratio, min_per_second, ttl, slots)| {
            let ttl = SimDuration::from_secs(ttl);
            BudgetConfig::TokenRatio(TokenRatio {
                ratio,
                min_per_second,
                ttl,
                slots,
                deposits: if ratio < 1.0 {
                    Deposits::Calls
                } else {
                    Deposits::Successes
                },
            })
        }),
        (0.0..2.0, 1_u32..9).prop_map(|(per_call, burst)| {
            BudgetConfig::TokenBucket(TokenBucket { per_call, burst })
        }),
        (1_u32..20, 0.001..2.0).prop_map(|(max_tokens, token_ratio)| {
            BudgetConfig::GrpcTokens(GrpcTokens {
                max_tokens,
                token_ratio,
            })
        }),
        (20_u16..200).prop_map(|capacity| {
            BudgetConfig::AwsQuota(AwsQuota {
                capacity,
                ..AwsQuota::of_2026()
            })
        }),
        (0.0..2.0, 1_u32..9, 0_u32..9).prop_map(|(per_success, capacity, initial)| {
            BudgetConfig::SuccessFunded(SuccessFunded {
                per_success,
                capacity,
                initial,
            })
        }),
    ]
}

/// The most that can be left, where there is such a number.
fn most(config: &BudgetConfig) -> Option<u32> {
    match config {
        BudgetConfig::ConcurrentMax(it) => Some(it.max),
        BudgetConfig::GrpcTokens(it) => Some(it.max_tokens),
        BudgetConfig::AwsQuota(it) => Some(it.capacity.into()),
        BudgetConfig::SuccessFunded(it) => Some(it.capacity),
        BudgetConfig::TokenBucket(it) => Some(it.burst),
        BudgetConfig::ConcurrentRatio(_)
        | BudgetConfig::RetryRate(_)
        | BudgetConfig::TokenRatio(_) => None,
    }
}

/// A call of the property test.
#[derive(Clone, Copy)]
enum Stage {
    Passing(Option<Grant>),
    Waiting(Grant),
}

proptest! {
    /// Whatever happens, tokens stay within their bounds and every grant is settled once.
    #[test]
    fn nothing_is_lost_or_made(
        config in configs(),
        steps in prop::collection::vec((0_u8..6, 0_usize..8, 0_u64..700), 0..200),
    ) {
        let mut bench = Bench::new(config);
        let mut stages: Vec<Stage> = Vec::new();
        for (what, which, ms) in steps {
            bench.now = bench.now + SimDuration::from_millis(ms);
            if what == 0 || stages.is_empty() {
                bench.calls(1);
                stages.push(Stage::Passing(None));
                continue;
            }
            let index = which % stages.len();
            match (stages.swap_remove(index), what) {
                (Stage::Passing(grant), 1) => {
                    bench.ends(PassResult::Success, grant);
                    bench.budget.call_ended(&bench.config, true, grant);
                }
                (Stage::Passing(grant), 2) => {
                    bench.ends(PassResult::Neither, grant);
                    bench.budget.call_ended(&bench.config, false, grant);
                }
                (Stage::Passing(grant), _) => {
                    bench.ends(PassResult::Failure, grant);
                    match bench.ask(if what == 3 { THROTTLED } else { TRANSIENT }) {
                        Some(grant) => stages.push(Stage::Waiting(grant)),
                        None => bench.budget.call_ended(&bench.config, false, grant),
                    }
                }
                (Stage::Waiting(grant), 1) => {
                    bench.budget.give_back(grant);
                    bench.budget.call_ended(&bench.config, false, Some(grant));
                }
                (Stage::Waiting(grant), _) => {
                    bench.budget.pass_started();
                    stages.push(Stage::Passing(Some(grant)));
                }
            }
            let passing = stages.iter().filter(|stage| matches!(stage, Stage::Passing(_)));
            prop_assert_eq!(bench.budget.active() as usize, passing.count());
            let granted = stages.iter().filter(|stage| !matches!(stage, Stage::Passing(None)));
            prop_assert_eq!(bench.budget.unsettled() as usize, granted.count());
            if let Some(most) = most(&bench.config) {
                prop_assert!(bench.left() <= most);
            }
            if let BudgetConfig::ConcurrentMax(it) = &bench.config {
                prop_assert!(bench.budget.unsettled() <= it.max);
            }
        }
    }
}

/// Which of four grants in a row the floor alone allowed.
fn by_floor(config: &BudgetConfig, calls: u32) -> Vec<bool> {
    let mut budget = Budget::new(SimTime::ZERO, config);
    for _ in 0..calls {
        budget.call_started(SimTime::ZERO, config);
    }
    budget.settle(SimTime::ZERO, config, PassResult::Failure, None);
    let retry = Extra::Retry(Outcome::ErrorUnavailable);
    let mut ask = || {
        let grant = budget.ask(SimTime::ZERO, config, retry);
        grant.map(|_| budget.floor_granted(config, retry))
    };
    std::iter::from_fn(&mut ask).take(4).collect()
}

#[test]
fn what_only_the_floor_allows_is_told() {
    let ratio = |min| {
        BudgetConfig::ConcurrentRatio(ConcurrentRatio {
            ratio: Probability::new(0.2).unwrap(),
            min,
        })
    };
    // A fifth of ten are two.
    assert_eq!(by_floor(&ratio(3), 10), [false, false, true]);
    assert_eq!(by_floor(&ratio(0), 10), [false, false]);
    let rate = BudgetConfig::RetryRate(RetryRate {
        max_rate: Probability::new(0.1).unwrap(),
        min_concurrent: 3,
    });
    // 0 of 10 and 1 of 11 are no more than a tenth; 2 of 12 are.
    assert_eq!(by_floor(&rate, 10), [false, false, true]);
    let tokens = BudgetConfig::TokenRatio(TokenRatio {
        ratio: 0.5,
        min_per_second: 1,
        ttl: SimDuration::from_secs(2),
        slots: SlotRule::Finagle,
        deposits: Deposits::Calls,
    });
    // Four calls pay for two retries, the reserve for two more.
    assert_eq!(by_floor(&tokens, 4), [false, false, true, true]);
    let most = BudgetConfig::ConcurrentMax(ConcurrentMax { max: 2 });
    assert_eq!(by_floor(&most, 4), [false, false]);
}
