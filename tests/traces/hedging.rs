//! Several passes at once, over instances that do what they do with work nobody waits for
//! (rules 4, 10, 17, 24, 35, 36).

use super::*;

/// Two instances: the first operation takes 100 ms, the second 20 ms, and so on in turn.
fn slow_then_quick(abandoned_work: &str) -> String {
    service(
        "s",
        &format!(
            "instances: 2, threads: 9, queue: {{ capacity: 0 }}, abandoned_work: {abandoned_work}"
        ),
        "work: { sequence: [100ms, 20ms] }",
    )
}

/// The instances that the two passes of each of thirty hedged calls went to.
fn pairs(other_instance: bool) -> Vec<(String, String)> {
    let times: Vec<String> = (0..30).map(|call| format!("{}ms", call * 300)).collect();
    let policy = format!(
        "{{ balance: random }}, {{ hedge: {{ delay: 10ms, other_instance: {other_instance} }} }}, timeout: 1s"
    );
    let s = service(
        "s",
        "instances: 3, threads: 9, queue: { capacity: 0 }",
        "work: 100ms",
    );
    let (lines, _) = trace(&system(&times.join(", "), &policy, &s), &[Attempts]);
    let sent = lines.iter().filter(|line| line.contains(" sends "));
    let to: Vec<String> = sent
        .map(|line| line.rsplit(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(to.len(), 60, "{lines:#?}");
    to.chunks(2)
        .map(|pair| (pair[0].clone(), pair[1].clone()))
        .collect()
}

#[test]
fn rule_24_a_hedge_goes_to_another_instance() {
    assert!(pairs(true).iter().all(|(first, second)| first != second));
    assert!(pairs(false).iter().any(|(first, second)| first == second));
}

#[test]
fn rule_17_what_becomes_of_the_work_of_a_loser() {
    let scenario = |abandoned_work: &str| {
        system(
            "0ms",
            "{ hedge: { delay: 10ms } }, timeout: 1s",
            &slow_then_quick(abandoned_work),
        )
    };
    check(
        "it is finished, and nobody waits for it",
        &scenario("finish"),
        &[Operations, Messages],
        &[
            "0s a1 starts",
            "10ms a2 starts",
            "30ms a2 finishes ok, held 20ms",
            "100ms a1 finishes ok, held 100ms",
            "100ms answer of a1 unwanted, it had lost",
        ],
    );
    check(
        "it is stopped by the news",
        &scenario("stop"),
        &[Operations, Messages],
        &[
            "0s a1 starts",
            "10ms a2 starts",
            "30ms a2 finishes ok, held 20ms",
            "30ms a1 Stopped, held 30ms",
        ],
    );
}

#[test]
fn rule_35_losers_that_run_on_are_wasted_all_the_same() {
    for (losers, answered) in [
        ("leave", "30ms c1 ok after 30ms"),
        ("await", "100ms c1 ok after 100ms"),
    ] {
        check(
            losers,
            &system(
                "0ms",
                &format!("{{ hedge: {{ delay: 10ms, losers: {losers} }} }}, timeout: 1s"),
                &slow_then_quick("stop"),
            ),
            &[Calls, Messages],
            &match losers {
                "leave" => [
                    "0s c1 wants s.op",
                    answered,
                    "100ms answer of a1 unwanted, it had lost",
                ],
                _ => [
                    "0s c1 wants s.op",
                    "100ms answer of a1 unwanted, it had lost",
                    answered,
                ],
            },
        );
    }
}

#[test]
fn rule_36_hedges_count_in_amplification_and_their_waste_is_named() {
    let scenario = system(
        "0ms, 1s, 2s",
        "{ hedge: { delay: 10ms } }, timeout: 1s",
        &slow_then_quick("finish"),
    );
    let loaded = crate::support::from_text("test", &scenario, &[]);
    let request = sim_core::report::Request::of(&loaded.scenario);
    let (report, ()) = sim_core::report::run(&loaded, &request, (), &mut |_, _| true);
    let edge = &report.edges[0].attempts;
    // Six attempts of three calls: 100 ms and 20 ms in turn.
    assert_eq!(edge.sent_total, 6);
    assert!((edge.amplification.unwrap().get() - 2.0).abs() < 1e-9);
    let work = &report.services[0].work;
    assert_eq!(work.held_ns, 360_000_000);
    assert_eq!(
        (work.wasted_ns, work.lost_hedges_ns),
        (300_000_000, 300_000_000)
    );
    let hedge = report
        .layers
        .iter()
        .find(|layer| layer.kind == "hedge")
        .unwrap();
    let acts: Vec<(&str, u64)> = hedge
        .acts
        .iter()
        .map(|act| (act.name.as_str(), act.total))
        .collect();
    assert_eq!(
        acts,
        [("hedges_sent", 3), ("hedges_won", 3), ("hedges_lost", 3)]
    );
    assert!(!hedge.never_acted);
}

#[test]
fn a_budget_of_hedges_is_reported() {
    // Each call takes 100 ms, the first one's hedge is granted and the second one's refused.
    let scenario = system(
        "0ms, 5ms",
        "{ hedge: { delay: 10ms, budget: one } }, timeout: 1s",
        &service("s", "instances: 2, threads: unlimited", "work: 100ms"),
    ) + "budgets: { one: { concurrent_max: 1 } }\n";
    check(
        "the second call finds the place taken",
        &scenario,
        &[Policy],
        &[
            "10ms c1 hedge asks, one grants, 0 left",
            "10ms c1 hedge begins pass 2",
            "15ms c2 hedge asks, one refuses, 0 left",
            "100ms c1 hedge won by 1 of 2, 1 lost",
        ],
    );
    let loaded = crate::support::from_text("test", &scenario, &[]);
    let request = sim_core::report::Request::of(&loaded.scenario);
    let (report, ()) = sim_core::report::run(&loaded, &request, (), &mut |_, _| true);
    let budget = &report.budgets[0];
    assert_eq!((budget.granted_total, budget.refused_total), (1, 1));
    assert_eq!(budget.asked_by, ["c -> s: hedge"]);
    let hedge = report.layers.iter().find(|layer| layer.kind == "hedge");
    let acts = hedge.unwrap().acts.iter();
    let acts: Vec<(&str, u64)> = acts.map(|act| (act.name.as_str(), act.total)).collect();
    assert_eq!(
        acts,
        [
            ("hedges_sent", 1),
            ("hedges_refused", 1),
            ("hedges_lost", 1)
        ]
    );
}

#[test]
fn rule_19_a_race_ends_with_the_process_that_runs_it() {
    let services = service(
        "s",
        "threads: 9, queue: { capacity: 0 }",
        "{ call: { to: t.op, policy: [{ hedge: { delay: 5ms } }, timeout: 1s] } }",
    ) + &service(
        "t",
        "instances: 2, threads: 9, queue: { capacity: 0 }",
        "work: 30ms",
    );
    let scenario = system("0ms", "timeout: 100ms", &services)
        + "faults: { boom: { at: 20ms, for: 1s, service: s, crash: {} } }\n";
    check(
        "both attempts are cancelled",
        &scenario,
        &[Attempts],
        &[
            "0s c1 sends a1 to s/0",
            "0s c2 sends a2 to t/0",
            "5ms c2 sends a3 to t/1",
            "20ms a2 given up: cancelled, AtWork in t.op",
            "20ms a3 given up: cancelled, AtWork in t.op",
            "20ms a1 answered: error.reset",
        ],
    );
}

#[test]
fn rule_22_a_changed_hedge_holds_for_later_passes() {
    let scenario = system(
        "0ms, 1s",
        "{ hedge: { delay: 10ms } }, timeout: 1s",
        &service(
            "s",
            "instances: 2, threads: 9, queue: { capacity: 0 }",
            "work: 50ms",
        ),
    ) + "faults: { later: { at: 500ms, change: { path: \"clients.c.policy.hedge.delay\", to: 30ms } } }\n";
    check(
        "after 10 ms, and then after 30 ms",
        &scenario,
        &[Policy],
        &[
            "10ms c1 hedge begins pass 2",
            "50ms c1 hedge won by 1 of 2, 1 lost",
            "1.03s c2 hedge begins pass 2",
            "1.05s c2 hedge won by 1 of 2, 1 lost",
        ],
    );
}
