//! Measures of expectations that the stored scenarios do not use: on labels, among tenants, around a
//! fault, of breakers, and over many runs.

use crate::support::from_text;
use sim_core::report::{BreakerSpan, BreakerStateName, Finite, Report, Request, run};

/// Two tenants share a shop that is slow for a while; the impatient one loses.
const SHOP: &str = "
scenario: shop
run: { duration: 60s }
clients:
  users:
    arrivals: { poisson: { rate: 80/s } }
    tenant: { gold: 1, tin: 3 }
    class: web
    calls:
      - { to: shop.buy, policy: guarded }
      - { to: shop.look, policy: [{ timeout: 2s }], class: batch }
services:
  shop:
    threads: 2
    queue: { capacity: 50 }
    operations:
      buy: { idempotent: true, steps: [ { work: { exponential: { mean: 10ms } } } ] }
      look: { idempotent: true, steps: [ { work: { exponential: { mean: 10ms } } } ] }
policies:
  guarded:
    - circuit_breaker: { failure_rate: 50%, window: { calls: 20 }, minimum_calls: 10, open_for: 3s, half_open_calls: 3 }
    - timeout: 200ms
faults:
  slow: { at: 20s, for: 10s, service: shop, slow: { factor: 6 } }
";

fn played(expect: &str) -> Report {
    let loaded = from_text("expectations", &format!("{SHOP}expect:\n{expect}"), &[]);
    let (report, ()) = run(&loaded, &Request::of(&loaded.scenario), (), &mut |_, _| {
        true
    });
    report
}

/// The sentence, the value and the verdict of the only expectation.
fn one(expect: &str) -> (String, Option<f64>, &'static str) {
    let report = played(&format!("  it: {{ {expect} }}\n"));
    let [one] = &report.expectations[..] else {
        panic!("{:?}", report.expectations)
    };
    (
        one.text.clone(),
        one.value.map(Finite::get),
        one.verdict.name(),
    )
}

fn refused(expect: &str) -> String {
    let message = std::panic::catch_unwind(|| one(expect)).unwrap_err();
    *message.downcast::<String>().unwrap()
}

#[test]
fn calls_of_a_tenant_or_a_class_are_counted_apart() {
    let report = played("  it: { success: { tenant: gold, at_least: 0% } }\n");
    let tenants: Vec<(&str, u64)> = (report.tenants.iter())
        .map(|one| (one.name.as_str(), one.calls.started_total))
        .collect();
    let started = report.clients[0].calls.started_total;
    assert_eq!(tenants[0].0, "gold");
    assert_eq!(tenants[1].0, "tin");
    assert_eq!(tenants.iter().map(|one| one.1).sum::<u64>(), started);
    // Three in four, within four standard deviations of a binomial count.
    let (tin, calls) = (tenants[1].1 as f64, started as f64);
    assert!((tin - 0.75 * calls).abs() < 4.0 * (calls * 0.75 * 0.25).sqrt());
    // A class of a call goes before the class of its client.
    let by_class = |name: &str| report.classes.iter().find(|one| one.name == name).unwrap();
    let edges = |name: &str| report.edges.iter().find(|one| one.name == name).unwrap();
    assert_eq!(
        by_class("batch").calls,
        sim_core::report::CallsReport {
            first_causes: Vec::new(),
            ..edges("users -> shop.look").calls.clone()
        }
    );
    assert_eq!(
        by_class("web").calls.started_total + by_class("batch").calls.started_total,
        started
    );
    let gold = report.tenants[0].calls.useful_share.unwrap().get();
    assert_eq!(
        report.expectations[0].text,
        "success of all clients for tenant gold is at least 0%"
    );
    assert_eq!(report.expectations[0].value, Finite::new(gold));
}

#[test]
fn a_label_narrows_a_subject() {
    let (text, value, _) = one("success: { client: users, class: batch, at_least: 0% }");
    assert_eq!(text, "success of users of class batch is at least 0%");
    let (_, by_edge, _) = one("success: { call: users -> shop.look, at_least: 0% }");
    assert_eq!(value, by_edge);
    let (_, none, verdict) = one("success: { call: users -> shop.look, class: web, at_least: 0% }");
    assert_eq!((none, verdict), (None, "inconclusive"));
}

#[test]
fn fairness_is_the_least_share_over_the_greatest() {
    let share = |label: &str| {
        one(&format!("success: {{ {label}, at_least: 0% }}"))
            .1
            .unwrap()
    };
    let (web, batch) = (share("class: web"), share("class: batch"));
    assert!(web < batch, "{web} {batch}");
    let (text, fairness, _) = one("fairness: { among: classes, at_least: 50% }");
    assert_eq!(text, "fairness among classes is at least 50%");
    assert_eq!(fairness, Some(web / batch));
    let (text, fairness, _) =
        one("fairness: { among: tenants, service: shop, during: slow, at_least: 50% }");
    assert_eq!(
        text,
        "fairness among tenants of calls to shop during slow is at least 50%"
    );
    let share = |label: &str| {
        one(&format!(
            "success: {{ {label}, service: shop, during: slow, at_least: 0% }}"
        ))
        .1
        .unwrap()
    };
    let (gold, tin) = (share("tenant: gold"), share("tenant: tin"));
    assert_eq!(fairness, Some(gold.min(tin) / gold.max(tin)));
}

#[test]
fn a_hypothesis_is_held_before_during_and_after_a_fault() {
    let report = played("  steady: { success: { around: slow, at_least: 99% } }\n");
    let said: Vec<(&str, &str, &str)> = (report.expectations.iter())
        .map(|one| (one.name.as_str(), one.text.as_str(), one.verdict.name()))
        .collect();
    assert_eq!(
        said,
        [
            (
                "steady before",
                "success of all clients before slow is at least 99%",
                "pass"
            ),
            (
                "steady during",
                "success of all clients during slow is at least 99%",
                "fail"
            ),
            (
                "steady after",
                "success of all clients after slow is at least 99%",
                "fail"
            ),
        ]
    );
}

#[test]
fn breakers_are_judged_by_how_soon_and_how_often_they_open() {
    let report = played("  it: { collapse: {} }\n");
    let spans = &report.breakers[0].owners[0].spans;
    let opening = |pair: &&[BreakerSpan]| pair[1].state == BreakerStateName::Open;
    let first = spans.windows(2).find(opening).unwrap()[1].from_ns;
    let (text, value, verdict) = one("breaker_reaction: { policy: guarded, to: slow, within: 5s }");
    assert_eq!(
        text,
        "a breaker of guarded opens within 5s of the beginning of slow"
    );
    assert_eq!(
        (value, verdict),
        (Some((first - 20_000_000_000) as f64), "pass")
    );
    let (_, value, verdict) = one("breaker_reaction: { policy: guarded, to: slow, within: 1ms }");
    assert_eq!((value.is_some(), verdict), (true, "fail"));
    let openings = spans.windows(2).filter(opening);
    let again = openings
        .filter(|pair| pair[0].state == BreakerStateName::Closed)
        .count()
        - 1;
    let (text, value, _) = one("breaker_flaps: { policy: guarded, at_most: 1 }");
    assert_eq!(
        text,
        "openings of any one breaker of guarded after it had closed are at most 1"
    );
    assert_eq!(value, Some(again as f64));
    let (_, value, verdict) = one("breaker_flaps: { policy: guarded, before: slow, at_most: 0 }");
    assert_eq!((value, verdict), (Some(0.0), "pass"));
}

#[test]
fn collapse_is_a_statement_about_many_runs() {
    assert_eq!(
        one("collapse: { at_most: 5% }"),
        ("the run does not collapse".to_owned(), Some(0.0), "pass")
    );
}

#[test]
fn what_cannot_be_measured_is_refused() {
    for (expect, said) in [
        (
            "success: { tenant: gould, at_least: 0% }",
            "did you mean `gold`?",
        ),
        (
            "success: { tenant: gold, class: web, at_least: 0% }",
            "names a tenant and a class",
        ),
        (
            "success: { class: wob, at_least: 0% }",
            "no call has this class",
        ),
        (
            "success: { around: slow, from: 1s, at_least: 0% }",
            "names several times",
        ),
        (
            "success: { around: slowly, at_least: 0% }",
            "did you mean `slow`?",
        ),
        (
            "fairness: { among: clients, at_least: 50% }",
            "compares clients, but the scenario names 1",
        ),
        (
            "fairness: { among: clients, service: shop, at_least: 50% }",
            "have no place in it",
        ),
        (
            "fairness: { among: people, at_least: 50% }",
            "tenants, classes, clients",
        ),
        ("collapse: { at_most: 100% }", "forbids nothing"),
        (
            "breaker_flaps: { policy: unguarded, at_most: 1 }",
            "did you mean `guarded`?",
        ),
        (
            "breaker_reaction: { policy: guarded, to: fast, within: 1s }",
            "`fast`",
        ),
    ] {
        let message = refused(expect);
        assert!(message.contains(said), "{expect}\n{message}");
        let times = message.matches(said).count();
        assert_eq!(times, 1, "{expect} is refused once\n{message}");
    }
}
