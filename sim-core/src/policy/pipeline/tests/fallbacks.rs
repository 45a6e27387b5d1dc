//! Fallbacks that call somebody else, worked out by hand. What they call has no policy.

use super::fake_host::{Scope, Script};
use super::timelines::{at, check, play, script};
use super::{
    FallbackAnswer, FallbackConfig, Layer, OutcomeSet, cancel, deadline, detach, hedge, retry,
};
use crate::policy::Outcome::{self, ErrorInternal as Fails, ErrorUnavailable as Busy, Ok as Good};

fn calls() -> Layer {
    Layer::Fallback(FallbackConfig {
        on: OutcomeSet::named("failed").unwrap(),
        answer: FallbackAnswer::Call,
        enabled: true,
    })
}

fn elsewhere(calls: &[u64], attempts: &[(u64, Outcome)]) -> Script {
    Script {
        elsewhere: true,
        ..script(calls, attempts)
    }
}

#[test]
fn what_the_other_answers_goes_out_degraded() {
    check(
        "the failure stays the first cause",
        &[calls(), cancel(50)],
        &elsewhere(&[0], &[(3, Fails), (7, Good)]),
        &[
            "0s c0 sends a0",
            "3ms a0 error.internal",
            "3ms c0 L0 calls c1 for error.internal",
            "3ms c1 sends a1",
            "10ms a1 ok",
            "10ms c1 ok by callee",
            "10ms c0 L0 answers for error.internal",
            "10ms c0 degraded by L0, error.internal of callee",
        ],
    );
    check(
        "if the other fails too, its outcome goes out",
        &[calls(), cancel(50)],
        &elsewhere(&[0], &[(3, Fails), (7, Busy)]),
        &[
            "0s c0 sends a0",
            "3ms a0 error.internal",
            "3ms c0 L0 calls c1 for error.internal",
            "3ms c1 sends a1",
            "10ms a1 error.unavailable",
            "10ms c1 error.unavailable by callee",
            "10ms c0 L0 fell back on error.unavailable",
            "10ms c0 error.unavailable by callee",
        ],
    );
    check(
        "with nobody to call, the failure goes out",
        &[calls()],
        &script(&[0], &[(3, Fails)]),
        &[
            "0s c0 sends a0",
            "3ms a0 error.internal",
            "3ms c0 L0 has nothing to answer",
            "3ms c0 error.internal by callee",
        ],
    );
}

#[test]
fn its_place_decides_what_it_stands_in_for() {
    check(
        "inside a retry its failure is tried again, and so is its call",
        &[retry(2, 5), calls()],
        &elsewhere(&[0], &[(1, Fails), (1, Busy), (1, Fails), (1, Good)]),
        &[
            "0s c0 sends a0",
            "1ms a0 error.internal",
            "1ms c0 L1 calls c1 for error.internal",
            "1ms c1 sends a1",
            "2ms a1 error.unavailable",
            "2ms c1 error.unavailable by callee",
            "2ms c0 L1 fell back on error.unavailable",
            "2ms c0 L0 retries after 1, in 5ms",
            "7ms c0 sends a2",
            "8ms a2 error.internal",
            "8ms c0 L1 calls c2 for error.internal",
            "8ms c2 sends a3",
            "9ms a3 ok",
            "9ms c2 ok by callee",
            "9ms c0 L1 answers for error.internal",
            "9ms c0 degraded by L1, error.internal of callee",
        ],
    );
    check(
        "a fallback around a fallback",
        &[calls(), calls()],
        &elsewhere(&[0], &[(1, Fails), (1, Busy), (1, Good)]),
        &[
            "0s c0 sends a0",
            "1ms a0 error.internal",
            "1ms c0 L1 calls c1 for error.internal",
            "1ms c1 sends a1",
            "2ms a1 error.unavailable",
            "2ms c1 error.unavailable by callee",
            "2ms c0 L1 fell back on error.unavailable",
            "2ms c0 L0 calls c2 for error.unavailable",
            "2ms c2 sends a2",
            "3ms a2 ok",
            "3ms c2 ok by callee",
            "3ms c0 L0 answers for error.unavailable",
            "3ms c0 degraded by L0, error.unavailable of callee",
        ],
    );
}

#[test]
fn rule_4_who_gives_up_a_fallback_gives_up_its_call() {
    check(
        "a timeout around it goes on meanwhile, and its deadline is that call's too",
        &[deadline(20), calls(), cancel(10)],
        &elsewhere(&[0], &[(100, Good)]),
        &[
            "0s c0 sends a0 by 20ms",
            "10ms c0 L2 times out",
            "10ms a0 timed out in L2",
            "10ms c0 L1 calls c1 by 20ms for timeout.response",
            "10ms c1 sends a1",
            "20ms c0 L0 times out",
            "20ms a1 timed out in L0",
            "20ms c1 cancelled",
            "20ms c0 timeout.response by L0, AtWork of callee",
        ],
    );
    check(
        "a timeout that detaches lets it run on",
        &[detach(20), calls()],
        &elsewhere(&[0], &[(10, Fails), (100, Good)]),
        &[
            "0s c0 sends a0",
            "10ms a0 error.internal",
            "10ms c0 L1 calls c1 for error.internal",
            "10ms c1 sends a1",
            "20ms c0 L0 times out",
            "20ms c0 lets run on",
            "20ms c0 timeout.response by L0, AtWork of callee",
            "110ms a1 ok",
            "110ms c1 ok by callee",
            "110ms c0 L1 answers for error.internal",
            "110ms c0 ran on until now",
        ],
    );
    check(
        "a pass that loses a race",
        &[hedge(1, 10), calls()],
        &elsewhere(&[0], &[(5, Fails), (100, Good), (10, Good)]),
        &[
            "0s c0 sends a0",
            "5ms a0 error.internal",
            "5ms c0 L1 calls c1 for error.internal",
            "5ms c1 sends a1",
            "10ms c0 L0 begins pass 2",
            "10ms c0 sends a2",
            "20ms a2 ok",
            "20ms c0 L0 won by 2 of 2, 1 lost",
            "20ms a1 lost in L0",
            "20ms c1 cancelled",
            "20ms c0 ok by callee",
        ],
    );
    let dies = Script {
        deaths: vec![(at(8), 0)],
        ..elsewhere(&[0], &[(5, Fails), (100, Good)])
    };
    play(
        "and a process that dies",
        &[(calls(), Scope::Caller), (cancel(50), Scope::Caller)],
        &dies,
        &[
            "0s c0 sends a0",
            "5ms a0 error.internal",
            "5ms c0 L0 calls c1 for error.internal",
            "5ms c1 sends a1",
            "8ms c0 given up",
            "8ms a1 cancelled",
            "8ms c1 cancelled",
        ],
    );
}
