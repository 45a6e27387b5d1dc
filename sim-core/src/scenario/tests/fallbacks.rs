//! Fallbacks that call other operations: what is refused, what is warned about, what they become.

use super::load_text;

/// A client that calls `shop.buy` under policy `p`; `shop.buy` calls `stock.take` under `inner`.
fn shop(policies: &str, inner: &str) -> String {
    let service = |name: &str, operation: &str, steps: &str| {
        format!(
            "  {name}: {{ threads: unlimited, operations: {{ {operation}: {{ idempotent: true, \
             steps: [{steps}] }} }} }}\n"
        )
    };
    let services = service(
        "shop",
        "buy",
        &format!("{{ call: {{ to: stock.take, policy: {inner} }} }}"),
    ) + &service("stock", "take", "work: 1ms")
        + &service("spare", "take", "work: 1ms");
    format!(
        "scenario: test
run: {{ duration: 60s }}
clients:
  web: {{ arrivals: {{ poisson: {{ rate: 1/s }} }}, calls: shop.buy, policy: p }}
services:
{services}policies:
{policies}"
    )
}

fn found(text: &str) -> Vec<String> {
    let found = match load_text(text) {
        Ok(loaded) => loaded.warnings,
        Err(found) => found.all().to_vec(),
    };
    let fallbacks = found
        .iter()
        .filter(|it| it.code.contains("fallback") || it.code.contains("cycle"));
    fallbacks
        .map(|it| format!("{}: {}", it.code, it.message))
        .collect()
}

const PLAIN: &str = "  p: [{ timeout: 1s }]\n";

fn calling(name: &str, to: &str, policy: &str) -> String {
    format!(
        "  {name}: [{{ fallback: {{ answer: {{ call: {{ to: {to}, policy: {policy} }} }} }} }}, \
         {{ timeout: 1s }}]\n"
    )
}

#[test]
fn a_fallback_has_a_place_and_an_edge_of_its_own() {
    let policies = calling("p", "spare.take", "q") + "  q: [{ timeout: 100ms }]\n";
    let loaded = load_text(&shop(&policies, "p")).unwrap_or_else(|found| panic!("{found}"));
    let model = &loaded.scenario.model;
    let made: Vec<_> = model.fallback_calls.iter().collect();
    let places: Vec<(String, String)> = made
        .iter()
        .map(|it| {
            let site = &model.sites[it.call];
            (site.path.clone(), model.edge_name(site.edge))
        })
        .collect();
    let place = |path: &str, edge: &str| (path.to_owned(), edge.to_owned());
    assert_eq!(
        places,
        [
            place(
                "client/web/calls/shop.buy/1/fallback/1",
                "web -> spare.take (fallback)"
            ),
            place(
                "shop.buy/call/stock.take/1/fallback/1",
                "shop.buy -> spare.take (fallback)"
            ),
        ]
    );
    // What stands in for a client's call is not one that it wants.
    let edges: Vec<bool> = model.edges.iter().map(|it| it.client().is_some()).collect();
    assert_eq!(edges.iter().filter(|wanted| **wanted).count(), 1);
}

#[test]
fn circles_are_refused() {
    let back = calling("back", "shop.buy", "none") + PLAIN;
    assert_eq!(
        found(&shop(&back, "back")),
        ["call-cycle: operations call each other in a circle: shop.buy -> shop.buy"]
    );
    let itself = calling("p", "spare.take", "p");
    assert_eq!(
        found(&shop(&itself, "none")),
        [
            "fallback-cycle: this fallback calls under policy `p`, inside which it stands: when \
             that call fails, it calls again, without end"
        ]
    );
    let each_other = calling("p", "spare.take", "q") + &calling("q", "spare.take", "p");
    let said = found(&shop(&each_other, "none"));
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("fallback-cycle: this fallback calls under policy `p`"));
}

#[test]
fn the_service_that_failed_is_no_good_fallback() {
    let same = calling("p", "shop.buy", "q") + "  q: [{ timeout: 100ms }]\n";
    assert_eq!(
        found(&shop(&same, "none")),
        ["fallback-same-service: this fallback calls `shop`, the service that has just failed"]
    );
    let other = calling("p", "spare.take", "q") + "  q: [{ timeout: 100ms }]\n";
    assert_eq!(found(&shop(&other, "none")), [""; 0]);
}

#[test]
fn the_worst_case_counts_what_fallbacks_call() {
    // Three passes of the retry, and one call of the fallback outside, three of the one inside.
    let policies = "  p:
    - fallback: { answer: { call: { to: spare.take, policy: q } } }
    - retry: { max_attempts: 3, backoff: { constant: 1s } }
    - fallback: { answer: { call: { to: spare.take, policy: q } } }
    - timeout: 1s
  q: [{ timeout: 100ms }]
";
    let loaded = load_text(&shop(policies, "q")).unwrap_or_else(|found| panic!("{found}"));
    let said: Vec<&str> = loaded
        .warnings
        .iter()
        .filter(|it| it.code == "worst-case-amplification")
        .map(|it| it.message.as_str())
        .collect();
    assert_eq!(
        said,
        ["one call to shop.buy can become 4 attempts at spare.take in the worst case"]
    );
}
