//! Hedges that ask a budget, worked out by hand.

use super::fake_host::{Play, Scope, Script};
use super::timelines::{at, check, script};
use super::{HedgeConfig, Layer, Losers, OnFailure, hedge_config};
use crate::id::BudgetId;
use crate::policy::Outcome::{self, ErrorInternal as Fails, Ok as Good};
use crate::policy::{AwsQuota, Backoff, BudgetConfig, ConcurrentMax, ConcurrentRatio, GrpcTokens};
use crate::policy::{Deposits, Jitter, RetryConfig, SlotRule, TokenRatio};
use crate::time::SimDuration;
use crate::units::Probability;

fn asking(config: HedgeConfig) -> [Layer; 1] {
    [Layer::Hedge(HedgeConfig {
        budget: Some(BudgetId(0)),
        ..config
    })]
}

fn at_once(max_hedges: u32, delay_ms: u64) -> [Layer; 1] {
    asking(HedgeConfig {
        on_failure: OnFailure::AtOnce,
        ..hedge_config(max_hedges, delay_ms)
    })
}

fn losing(losers: Losers) -> [Layer; 1] {
    asking(HedgeConfig {
        losers,
        ..hedge_config(1, 10)
    })
}

fn under(budget: BudgetConfig, calls: &[u64], attempts: &[(u64, Outcome)]) -> Script {
    Script {
        budget: Some(budget),
        ..script(calls, attempts)
    }
}

fn places(max: u32) -> BudgetConfig {
    BudgetConfig::ConcurrentMax(ConcurrentMax { max })
}

#[test]
fn a_hedge_begins_only_if_its_budget_grants_it() {
    check(
        "one place: the second call waits for its first pass alone, and asks no more",
        &asking(hedge_config(3, 10)),
        &under(places(1), &[0, 5], &[(100, Good), (100, Good), (5, Good)]),
        &[
            "0s c0 sends a0",
            "5ms c1 sends a1",
            "10ms c0 L0 granted, 0 left",
            "10ms c0 L0 begins pass 2",
            "10ms c0 sends a2",
            "15ms a2 ok",
            "15ms c0 L0 won by 2 of 2, 1 lost",
            "15ms a0 lost in L0",
            "15ms c0 ok by callee",
            "15ms c1 L0 granted, 0 left",
            "15ms c1 L0 begins pass 2",
            "15ms c1 sends a3",
            "25ms c1 L0 refused, 0 left",
            "105ms a1 ok",
            "105ms c1 L0 won by 1 of 2, 1 lost",
            "105ms a3 lost in L0",
            "105ms c1 ok by callee",
        ],
    );
}

#[test]
fn without_leave_the_last_failure_goes_out() {
    check(
        "at the failure, where it would bring the next pass forward",
        &at_once(2, 10),
        &under(places(0), &[0], &[(3, Fails)]),
        &[
            "0s c0 sends a0",
            "3ms a0 error.internal",
            "3ms c0 L0 refused, 0 left",
            "3ms c0 error.internal by callee",
        ],
    );
    check(
        "when the pass would begin that the failure waited for",
        &asking(hedge_config(1, 10)),
        &under(places(0), &[0], &[(3, Fails)]),
        &[
            "0s c0 sends a0",
            "3ms a0 error.internal",
            "10ms c0 L0 refused, 0 left",
            "10ms c0 error.internal by callee",
        ],
    );
    check(
        "not while another pass is running",
        &at_once(2, 10),
        &under(places(1), &[0], &[(30, Good), (4, Fails)]),
        &[
            "0s c0 sends a0",
            "10ms c0 L0 granted, 0 left",
            "10ms c0 L0 begins pass 2",
            "10ms c0 sends a1",
            "14ms a1 error.internal",
            "14ms c0 L0 granted, 0 left",
            "14ms c0 L0 begins pass 3",
            "14ms c0 sends a2",
            "30ms a0 ok",
            "30ms c0 L0 won by 1 of 3, 1 lost",
            "30ms a2 lost in L0",
            "30ms c0 ok by callee",
        ],
    );
}

/// The place of the second pass, when the first one answers at 15 ms, for a call whose hedge is due
/// at 16 ms; the loser would end at 40 ms.
#[test]
fn a_loser_gives_its_place_back_when_it_is_let_go() {
    let second_call = |losers| {
        let layers = losing(losers).map(|layer| (layer, Scope::Caller)).to_vec();
        let calls = under(
            places(1),
            &[0, 6],
            &[(15, Good), (100, Good), (30, Good), (1, Good)],
        );
        let mut play = Play::new(&layers, &calls);
        play.run(Play::assert_limits);
        play.assert_over();
        let asked = play.fake.log.into_iter();
        let asked: Vec<String> = asked.filter(|line| line.contains("c1 L0")).collect();
        asked[0].clone()
    };
    assert_eq!(second_call(Losers::Cancel), "16ms c1 L0 granted, 0 left");
    assert_eq!(second_call(Losers::Leave), "16ms c1 L0 granted, 0 left");
    assert_eq!(second_call(Losers::Await), "16ms c1 L0 refused, 0 left");
}

/// gRPC: each failed pass costs a token, and at half of them no hedge is sent.
#[test]
fn a3_grpc_throttles_hedges_as_it_does_retries() {
    let tokens = BudgetConfig::GrpcTokens(GrpcTokens {
        max_tokens: 4,
        token_ratio: 0.5,
    });
    check(
        "4, 3, then 2: no more than half",
        &at_once(4, 10),
        &under(tokens, &[0, 20], &[(1, Fails), (1, Fails), (12, Good)]),
        &[
            "0s c0 sends a0",
            "1ms a0 error.internal",
            "1ms c0 L0 granted, 3 left",
            "1ms c0 L0 begins pass 2",
            "1ms c0 sends a1",
            "2ms a1 error.internal",
            "2ms c0 L0 refused, 2 left",
            "2ms c0 L0 won by 0 of 2, 0 lost",
            "2ms c0 error.internal by callee",
            "20ms c1 sends a2",
            "30ms c1 L0 refused, 2 left",
            "32ms a2 ok",
            "32ms c1 ok by callee",
        ],
    );
}

/// Envoy: a share of what is under way, hedges included.
#[test]
fn a3_envoy_counts_hedges_as_under_way() {
    let share = BudgetConfig::ConcurrentRatio(ConcurrentRatio {
        ratio: Probability::new(0.4).unwrap(),
        min: 0,
    });
    check(
        "0 < 0.4 x 3 in whole, but not 1 < 0.4 x 4",
        &asking(hedge_config(1, 10)),
        &under(share, &[0, 0, 0], &[(12, Good)]),
        &[
            "0s c0 sends a0",
            "0s c1 sends a1",
            "0s c2 sends a2",
            "10ms c0 L0 granted, 0 left",
            "10ms c0 L0 begins pass 2",
            "10ms c0 sends a3",
            "10ms c1 L0 refused, 0 left",
            "10ms c2 L0 refused, 0 left",
            "12ms a0 ok",
            "12ms c0 L0 won by 1 of 2, 1 lost",
            "12ms a3 lost in L0",
            "12ms c0 ok by callee",
            "12ms a1 ok",
            "12ms c1 ok by callee",
            "12ms a2 ok",
            "12ms c2 ok by callee",
        ],
    );
}

/// AWS: a pass costs, and the one that answered gives its cost back.
#[test]
fn a3_aws_refunds_the_pass_that_answered() {
    let quota = BudgetConfig::AwsQuota(AwsQuota {
        capacity: 30,
        ..AwsQuota::of_2026()
    });
    let attempts = [
        (100, Good),  // c0, lost
        (5, Good),    // its hedge wins
        (15, Good),   // c1 wins
        (50, Good),   // its hedge, lost
        (100, Fails), // c2
    ];
    let given_up = Script {
        given_up: vec![(at(215), 2)],
        ..under(quota, &[0, 100, 200], &attempts)
    };
    check(
        "30 - 14 + 14, - 14 + 1 for the call that went well, - 14",
        &asking(hedge_config(1, 10)),
        &given_up,
        &[
            "0s c0 sends a0",
            "10ms c0 L0 granted, 16 left",
            "10ms c0 L0 begins pass 2",
            "10ms c0 sends a1",
            "15ms a1 ok",
            "15ms c0 L0 won by 2 of 2, 1 lost",
            "15ms a0 lost in L0",
            "15ms c0 ok by callee",
            "100ms c1 sends a2",
            "110ms c1 L0 granted, 16 left",
            "110ms c1 L0 begins pass 2",
            "110ms c1 sends a3",
            "115ms a2 ok",
            "115ms c1 L0 won by 1 of 2, 1 lost",
            "115ms a3 lost in L0",
            "115ms c1 ok by callee",
            "200ms c2 sends a4",
            "210ms c2 L0 granted, 3 left",
            "210ms c2 L0 begins pass 2",
            "210ms c2 sends a5",
            "215ms c2 given up",
            "215ms a4 cancelled",
            "215ms a5 cancelled",
        ],
    );
}

/// Finagle, tower: a budget is one object, to which each filter that holds it pays in by itself.
#[test]
fn a_budget_asked_by_two_nested_layers_counts_each_of_them() {
    let retry = |max_attempts| {
        Layer::Retry(RetryConfig {
            budget: Some(BudgetId(0)),
            ..RetryConfig::new(max_attempts, Backoff::None, Jitter::None)
        })
    };
    let budget = BudgetConfig::TokenRatio(TokenRatio {
        ratio: 0.5,
        min_per_second: 0,
        ttl: SimDuration::from_secs(10),
        slots: SlotRule::Finagle,
        deposits: Deposits::Calls,
    });
    let asked = |layers: &[Layer]| {
        let layers: Vec<_> = layers
            .iter()
            .map(|it| (it.clone(), Scope::Caller))
            .collect();
        let script = under(budget.clone(), &[0], &[(1, Fails), (1, Good)]);
        let mut play = Play::new(&layers, &script);
        play.run(Play::assert_limits);
        play.assert_over();
        let log = play.fake.log.iter();
        let asked = log.filter(|it| it.contains("granted") || it.contains("refused"));
        asked.cloned().collect::<Vec<_>>()
    };
    // A call pays for half a retry, or for a whole one.
    assert_eq!(asked(&[retry(2)]), ["1ms c0 L0 refused, 0 left"]);
    let twice = asked(&[retry(2), retry(2)]);
    assert_eq!(twice, ["1ms c0 L1 granted, 0 left"]);
}
