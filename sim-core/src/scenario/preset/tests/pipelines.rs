//! Retries, limits and whole pipelines that are like a library's.

use super::{scenario, written_out_is_the_same};
use crate::policy::Outcome;
use crate::scenario::preset::{Preset, layer_presets, pipeline_presets};
use crate::scenario::{Source, expand, load};

/// The layers of a policy, in words.
fn layers(policy: &str) -> Vec<String> {
    let source = with_policy(policy);
    match load(&source, &[], &|_| Err(String::new())) {
        Ok(loaded) => {
            let layers = loaded.scenario.model.layers.iter();
            layers.map(|layer| format!("{:?}", layer.kind)).collect()
        }
        Err(found) => panic!("{found}"),
    }
}

/// The layers of a policy after a setting was changed.
fn changed(policy: &str, path: &str, value: &str) -> Vec<String> {
    let sets = [(path.to_owned(), value.to_owned())];
    match load(&with_policy(policy), &sets, &|_| Err(String::new())) {
        Ok(loaded) => {
            let layers = loaded.scenario.model.layers.iter();
            layers.map(|layer| format!("{:?}", layer.kind)).collect()
        }
        Err(found) => panic!("{path}={value}: {found}"),
    }
}

fn with_policy(policy: &str) -> Source {
    let source = scenario("@");
    Source {
        text: source.text.replace("\n    - @", &format!(" {policy}")),
        ..source
    }
}

#[test]
fn a_pipeline_is_the_layers_of_the_library_in_its_order() {
    let spelled_out =
        "[retry: { like: polly-standard }, circuit_breaker: { like: polly-standard }]";
    let all = layers("{ like: polly-standard }");
    assert_eq!(all.len(), 5);
    assert_eq!(all[2..4], layers(spelled_out));
    let four = layers("{ like: resilience4j }");
    let expected = "[retry: { like: resilience4j }, circuit_breaker: { like: resilience4j }, \
                    timeout: { after: 1s, on_expiry: detach }, bulkhead: { max_concurrent: 25 }]";
    assert_eq!(four, layers(expected));
    for (like, spelled_out) in [
        (
            "envoy",
            "[timeout: 15s, retry: { like: envoy }, bulkhead: { like: envoy }]",
        ),
        ("istio", "[retry: { like: istio }]"),
        (
            "opossum",
            "[circuit_breaker: { like: opossum }, timeout: { like: opossum }]",
        ),
        ("grpc", "[retry: { like: grpc }]"),
        ("aws", "[retry: { like: aws }, timeout: { like: aws }]"),
    ] {
        assert_eq!(layers(&format!("{{ like: {like} }}")), layers(spelled_out));
    }
}

/// A retry of Envoy has a limit of three at once, one of the AWS SDK a quota; the scenario's own stays.
#[test]
fn retries_come_with_the_budget_of_their_library() {
    let budgets = |retry: &str| {
        let source = with_policy(&format!(
            "[retry: {{ {retry} }}]\nbudgets: {{ b: {{ like: tower }} }}"
        ));
        match load(&source, &[], &|_| Err(String::new())) {
            Ok(loaded) => {
                let model = &loaded.scenario.model;
                let asked = model.layers.iter().next().unwrap().kind.budget();
                asked.map(|id| format!("{:?}", model.budgets[id].kind))
            }
            Err(found) => panic!("{found}"),
        }
    };
    let most = |max: u32| Some(format!("ConcurrentMax(ConcurrentMax {{ max: {max} }})"));
    assert_eq!(budgets("like: envoy"), most(3));
    assert_eq!(
        budgets("like: envoy, budget: { concurrent_max: 5 }"),
        most(5)
    );
    assert_eq!(budgets("budget: { concurrent_max: 5 }"), most(5));
    assert_eq!(budgets("like: envoy, budget: none"), None);
    assert_eq!(budgets("like: istio"), None);
    let named = budgets("like: envoy, budget: b").unwrap();
    assert!(named.starts_with("TokenRatio"), "{named}");
    let own = budgets("like: envoy, budget: { like: envoy-retry-budget }").unwrap();
    assert!(own.starts_with("ConcurrentRatio"), "{own}");
    let quota = budgets("like: aws").unwrap();
    assert!(quota.starts_with("AwsQuota"), "{quota}");
}

#[test]
fn a_layer_that_is_switched_off_is_not_there() {
    for layer in [
        "timeout: { after: 2s",
        "retry: { max_attempts: 2",
        "circuit_breaker: { like: polly",
        "bulkhead: { max_concurrent: 2",
        "rate_limit: { permits: 2",
        "hedge: { delay: 1s",
    ] {
        let off = layers(&format!("[{layer}, enabled: false }}, timeout: 1s]"));
        assert_eq!(off, layers("[timeout: 1s]"), "{layer}");
        let on = layers(&format!("[{layer}, enabled: true }}, timeout: 1s]"));
        assert_eq!(on, layers(&format!("[{layer} }}, timeout: 1s]")), "{layer}");
    }
}

/// So that a breaker can be switched off in a sweep over a scenario that expects something of it.
#[test]
fn what_is_switched_off_can_still_be_expected_to_do_nothing() {
    let loads = |layers: &str| {
        let policy = format!(
            "[{layers}]\nexpect: {{ e: {{ breaker_opens: {{ policy: p, at_most: 0 }} }} }}"
        );
        let loaded = load(&with_policy(&policy), &[], &|_| Err(String::new()));
        loaded.map(|_| ()).map_err(|found| found.to_string())
    };
    assert_eq!(
        loads("circuit_breaker: { like: polly, enabled: false }"),
        Ok(())
    );
    let refused = loads("timeout: 1s").unwrap_err();
    assert!(refused.contains("binds no circuit breaker"), "{refused}");
}

#[test]
fn a_layer_is_switched_off_and_a_policy_replaced_by_a_path() {
    let policy = "[retry: { max_attempts: 2 }, timeout: 1s]";
    let off = changed(policy, "policies.p.retry.enabled", "false");
    assert_eq!(off, layers("[timeout: 1s]"));
    let whole = changed(
        policy,
        "policies.p",
        "[{ timeout: 2s }, { bulkhead: { like: polly } }]",
    );
    assert_eq!(whole, layers("[timeout: 2s, bulkhead: { like: polly }]"));
    assert_eq!(
        changed(policy, "policies.p", "{ like: grpc }"),
        layers("{ like: grpc }")
    );
    // What `like` gives can be reached too.
    let more = changed(
        "[retry: { like: envoy }]",
        "policies.p.retry.budget.concurrent_max",
        "9",
    );
    assert_eq!(
        more,
        layers("[retry: { like: envoy, budget: { concurrent_max: 9 } }]")
    );
    let longer = changed(
        "[retry: { like: cockatiel }]",
        "policies.p.retry.backoff.exponential.initial",
        "1s",
    );
    let expected = "backoff: { exponential: { initial: 1s, max: 30s } }";
    assert_eq!(
        longer,
        layers(&format!("[retry: {{ like: cockatiel, {expected} }}]"))
    );
}

#[test]
fn layers_and_pipelines_are_written_out_the_same() {
    let layers = layer_presets().iter().flat_map(|kind| {
        // Few libraries say how many calls in how much time.
        let beside = match kind.layer {
            "rate_limit" => ", permits: 10",
            // gRPC has no delay by default.
            "hedge" => ", delay: 1s",
            _ => "",
        };
        let one = move |it: &Preset| format!("[{}: {{ like: {}{beside} }}]", kind.layer, it.name);
        kind.presets.iter().map(one)
    });
    let pipelines = pipeline_presets()
        .iter()
        .map(|it| format!("{{ like: {} }}", it.name));
    for policy in layers.chain(pipelines) {
        written_out_is_the_same(&with_policy(&policy));
    }
}

#[test]
fn the_standard_pipeline_waits_as_its_library_and_fails_fast_when_open() {
    let policy = "[retry: { like: polly-standard }]";
    let source = with_policy(policy);
    let loaded = load(&source, &[], &|_| Err(String::new())).unwrap();
    let kind = &loaded.scenario.model.layers.iter().next().unwrap().kind;
    let crate::policy::Layer::Retry(retry) = kind else {
        panic!("{kind:?}")
    };
    assert_eq!(retry.max_attempts, 4);
    assert!(!retry.on.contains(Outcome::StoppedBreakerOpen));
    assert!(retry.on.contains(Outcome::TimeoutResponse));
}

#[test]
fn keys_beside_the_like_of_a_retry_override() {
    let plain = layers("[retry: { like: polly }]");
    assert_eq!(layers("[retry: { like: polly, max_attempts: 4 }]"), plain);
    assert_ne!(layers("[retry: { like: polly, max_attempts: 3 }]"), plain);
}

/// Its options are checked at the start: `HttpStandardResilienceOptionsCustomValidator`.
#[test]
fn what_dotnet_refuses_of_a_standard_pipeline_is_warned_about() {
    let warned = |breaker: &str, attempt: &str| {
        let policy =
            format!("[timeout: 30s, circuit_breaker: {{ like: {breaker} }}, timeout: {attempt}]");
        let loaded = load(&with_policy(&policy), &[], &|_| Err(String::new())).unwrap();
        let of_dotnet = loaded
            .warnings
            .iter()
            .filter(|it| it.code == "standard-pipeline");
        of_dotnet.count()
    };
    assert_eq!(warned("polly-standard", "10s"), 0);
    assert_eq!(warned("polly-standard", "15s"), 0);
    assert_eq!(warned("polly-standard", "16s"), 1);
    assert_eq!(warned("polly-standard", "31s"), 2);
    assert_eq!(warned("polly-standard, window: { time: 10s }", "6s"), 1);
    assert_eq!(warned("polly", "31s"), 0);
}

/// What the libraries have: `TimeLimiter` 1 s and the work goes on, Polly 30 s, its attempts 10 s,
/// Hystrix 1 s and the thread stays, opossum 10 s, Envoy's route 15 s; bulkheads of 25 and 1000 without waiting, and of
/// 1024 with as many waiting.
#[test]
fn limits_of_libraries() {
    for (like, meant) in [
        (
            "timeout: { like: resilience4j }",
            "timeout: { after: 1s, on_expiry: detach }",
        ),
        ("timeout: { like: polly }", "timeout: 30s"),
        ("timeout: { like: polly-standard }", "timeout: 10s"),
        (
            "timeout: { like: hystrix }",
            "timeout: { after: 1s, on_expiry: detach }",
        ),
        ("timeout: { like: aws }", "timeout: 60s"),
        (
            "timeout: { like: opossum }",
            "timeout: { after: 10s, on_expiry: detach }",
        ),
        ("timeout: { like: envoy }", "timeout: 15s"),
        (
            "timeout: { like: envoy, after: 3s, connect: 1s }",
            "timeout: { after: 3s, connect: 1s }",
        ),
        (
            "bulkhead: { like: resilience4j }",
            "bulkhead: { max_concurrent: 25 }",
        ),
        (
            "bulkhead: { like: polly }",
            "bulkhead: { max_concurrent: 1000 }",
        ),
        (
            "bulkhead: { like: envoy }",
            "bulkhead: { max_concurrent: 1024, max_waiting: 1024 }",
        ),
        (
            "bulkhead: { like: envoy-requests, max_concurrent: 3 }",
            "bulkhead: { max_concurrent: 3, max_waiting: 0 }",
        ),
        (
            "bulkhead: { like: resilience4j, max_waiting: 5, max_wait: 1s }",
            "bulkhead: { max_concurrent: 25, max_waiting: 5, max_wait: 1s }",
        ),
    ] {
        assert_eq!(
            layers(&format!("[{like}]")),
            layers(&format!("[{meant}]")),
            "{like}"
        );
    }
}

#[test]
fn mistakes_in_pipelines_are_named() {
    let check = |policy: &str, part: &str| {
        let refused = load(&with_policy(policy), &[], &|_| Err(String::new()));
        let problem = refused.map(|_| ()).unwrap_err().to_string();
        assert!(problem.contains(part), "{policy}: {problem}");
    };
    check("{ like: polly-standart }", "did you mean `polly-standard`?");
    check("{ like: dapr, retry: 3 }", "retry");
    check("[retry: { like: poly }]", "did you mean `polly`?");
    check("[timeout: { like: poly }]", "did you mean `polly`?");
    check("[bulkhead: { like: poly }]", "did you mean `polly`?");
    check(
        "[]\nbudgets: { b: { like: envoi } }",
        "did you mean `envoy`?",
    );
}

#[test]
fn rate_limits_are_those_of_the_libraries() {
    for (like, expected) in [
        (
            "like: resilience4j",
            "algorithm: fixed_cycle, permits: 50, period: 500ns, max_wait: 5s, reservation: true, \
             refusal: after_wait",
        ),
        (
            "like: resilience4j, permits: 10, period: 1s, max_wait: 0s",
            "algorithm: fixed_cycle, permits: 10, reservation: true, refusal: after_wait",
        ),
        (
            "like: governor, permits: 10",
            "algorithm: gcra, permits: 10, burst: 10",
        ),
        (
            "like: dotnet-token-bucket, permits: 10, burst: 20, max_waiting: 5",
            "permits: 10, burst: 20, refill: steps, max_wait: unlimited, max_waiting: 5",
        ),
        (
            "like: dotnet-fixed-window, permits: 10",
            "algorithm: fixed_cycle, permits: 10, max_wait: unlimited, max_waiting: 0",
        ),
        (
            "like: dotnet-sliding-window, permits: 10, segments: 4",
            "algorithm: sliding_window, permits: 10, segments: 4, max_wait: unlimited, \
             max_waiting: 0",
        ),
        (
            "like: envoy, burst: 100, period: 50ms",
            "permits: 1, burst: 100, period: 50ms, refill: steps",
        ),
    ] {
        let one = |settings: &str| layers(&format!("[rate_limit: {{ {settings} }}]"));
        assert_eq!(one(like), one(expected), "{like}");
    }
}

#[test]
fn hedges_are_those_of_the_libraries() {
    let hedge = |settings: &str| layers(&format!("[hedge: {{ {settings} }}]"));
    assert_eq!(
        hedge("like: polly"),
        hedge("delay: 2s, on: failed, on_failure: at_once, losers: await, other_instance: false")
    );
    assert_eq!(
        hedge("like: grpc, delay: 500ms, max_hedges: 2"),
        hedge(
            "delay: 500ms, max_hedges: 2, on: [error.unavailable, error.internal], \
             on_failure: at_once, other_instance: false"
        )
    );
    let source = with_policy("[hedge: { like: grpc }]");
    let found = load(&source, &[], &|_| Err(String::new())).unwrap_err();
    assert!(found.to_string().contains("`delay`"), "{found}");
}

/// A scenario with this budget, which has the name of a layer.
fn with_budget(budget: &str) -> Source {
    let source = with_policy("[retry: { like: grpc, budget: retry }]");
    Source {
        text: format!("{}budgets: {{ retry: {{ {budget} }} }}\n", source.text),
        ..source
    }
}

fn budgets(source: &Source) -> String {
    match load(source, &[], &|_| Err(String::new())) {
        Ok(loaded) => format!("{:?}", loaded.scenario.model.budgets),
        Err(found) => panic!("{found}\n{}", source.text),
    }
}

#[test]
fn budgets_are_those_of_the_libraries() {
    for (like, meant) in [
        ("like: envoy", "concurrent_max: 3"),
        ("like: envoy-retry-budget", "concurrent_ratio: {}"),
        ("like: finagle", "token_ratio: {}"),
        ("like: tower", "token_ratio: { slots: tower }"),
        ("like: linkerd", "token_ratio: { slots: tower }"),
        (
            "like: grpc",
            "grpc_tokens: { max_tokens: 10, token_ratio: 0.1 }",
        ),
        ("like: aws", "aws_quota: {}"),
        ("like: aws-legacy", "aws_quota: { prices: legacy }"),
        ("like: failsafe-go", "retry_rate: {}"),
        (
            "like: grpc, grpc_tokens: { max_tokens: 100 }, scope: shared",
            "grpc_tokens: { max_tokens: 100, token_ratio: 0.1 }, scope: shared",
        ),
        ("like: envoy, concurrent_max: 5", "concurrent_max: 5"),
        (
            "like: envoy, token_ratio: { ttl: 5s }",
            "token_ratio: { ttl: 5s }",
        ),
    ] {
        let source = with_budget(like);
        assert_eq!(budgets(&source), budgets(&with_budget(meant)), "{like}");
        let text = expand(&source, &[]).unwrap();
        assert!(!text.contains("like"), "{text}");
        let expanded = Source { text, ..source };
        assert_eq!(budgets(&expanded), budgets(&with_budget(meant)), "{like}");
    }
}

#[test]
fn a_rate_limit_of_a_library_without_numbers_asks_for_them() {
    let source = with_policy("[rate_limit: { like: governor }]");
    let found = load(&source, &[], &|_| Err(String::new())).unwrap_err();
    assert!(found.to_string().contains("`permits`"), "{found}");
}
