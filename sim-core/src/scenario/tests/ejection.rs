//! `ejection`: what it comes to, what is refused, and what is warned about.

use super::load_text;
use crate::policy::eject::{
    EjectGrowth, EjectJitter, EjectionConfig, EjectionRule, MaxEjected, OnErrors, Outliers,
    Returns, Rounding, ShareAt,
};
use crate::policy::{Outcome, OutcomeSet};
use crate::time::SimDuration;
use crate::units::Probability;

fn text(instances: u32, ejection: &str) -> String {
    format!(
        "
scenario: x
run: {{ duration: 60s }}
clients: {{ c: {{ arrivals: {{ poisson: {{ rate: 100/s }} }}, calls: s.op, policy: [ {{ timeout: 1s }} ] }} }}
services:
  s:
    instances: {instances}
    threads: 10
    queue: {{ capacity: 10 }}
    ejection: {{ {ejection} }}
    operations: {{ op: {{ idempotent: true, steps: [ {{ work: 1ms }} ] }} }}
"
    )
}

fn config(ejection: &str) -> EjectionConfig {
    let loaded = load_text(&text(20, ejection)).unwrap_or_else(|found| panic!("{found}"));
    let services = &loaded.scenario.model.services;
    let service = services.iter().next().unwrap();
    service.ejection.clone().unwrap().config
}

fn outliers(ejection: &str) -> Outliers {
    match config(ejection).rule {
        EjectionRule::Outliers(rules) => rules,
        EjectionRule::Quiet(_) => panic!("nginx' rule"),
    }
}

fn share(percent: f64) -> Probability {
    Probability::new(percent / 100.0).unwrap()
}

#[test]
fn a_product_stands_for_its_settings() {
    let envoy = outliers("like: envoy");
    let run = envoy.consecutive[0];
    assert_eq!((envoy.consecutive.len(), run.failures), (1, 5));
    assert!(run.on.contains(Outcome::TimeoutConnect) && run.on.contains(Outcome::ErrorRefused));
    assert!(
        !run.on.contains(Outcome::RejectedRateLimited),
        "429 is no 5xx"
    );
    let rate = envoy.success_rate.unwrap();
    assert_eq!((rate.min_instances, rate.min_calls), (5, 100));
    assert!((rate.below_sd - 1.9).abs() < 1e-12);
    assert_eq!(envoy.failure_share, None);
    assert_eq!(envoy.sweep, Some(SimDuration::from_secs(10)));
    assert_eq!(envoy.time.base, SimDuration::from_secs(30));
    assert_eq!(envoy.time.max, SimDuration::from_secs(300));
    assert_eq!(
        (envoy.time.growth, envoy.returns),
        (EjectGrowth::Linear, Returns::AtSweep)
    );
    let most = |percent, rounding| MaxEjected::new(share(percent), rounding);
    assert_eq!(config("like: envoy").most, most(10.0, Rounding::NotBeyond));
    // Istio switches rates of success off.
    let by_rows_alone = Outliers {
        success_rate: None,
        ..outliers("like: envoy")
    };
    assert_eq!(outliers("like: istio"), by_rows_alone);
    assert_eq!(config("like: istio").most, config("like: envoy").most);

    let grpc = outliers("like: grpc");
    assert!(grpc.consecutive.is_empty());
    let failures = grpc.failure_share.unwrap();
    assert_eq!(failures.at, ShareAt::above(share(85.0)));
    assert_eq!((failures.min_instances, failures.min_calls), (5, 50));
    assert!(failures.on.contains(Outcome::Negative) && failures.on.contains(Outcome::ErrorInvalid));
    assert_eq!(config("like: grpc").most, most(10.0, Rounding::MayExceed));

    let EjectionRule::Quiet(nginx) = config("like: nginx").rule else {
        panic!("nginx has a rule of its own");
    };
    assert_eq!((nginx.failures, nginx.seconds), (1, 10));

    let with_check = text(20, "like: haproxy").replace(
        "    ejection:",
        "    health: { up: { like: haproxy } }\n    ejection:",
    );
    let loaded = load_text(&with_check).unwrap_or_else(|found| panic!("{found}"));
    let ejection = loaded.scenario.model.services.iter().next().unwrap();
    let EjectionRule::Outliers(haproxy) = ejection.ejection.clone().unwrap().config.rule else {
        panic!("it counts failures in a row");
    };
    assert_eq!(
        (haproxy.consecutive[0].failures, haproxy.on_errors),
        (10, OnErrors::FailCheck)
    );

    let linkerd = outliers("like: linkerd");
    assert_eq!(
        (linkerd.consecutive[0].failures, linkerd.returns),
        (7, Returns::OneTrial)
    );
    assert_eq!(linkerd.time.growth, EjectGrowth::Exponential);
    assert_eq!(linkerd.time.jitter, EjectJitter::Share(share(50.0)));
    assert_eq!(linkerd.time.max, SimDuration::from_secs(60));
    assert_eq!(linkerd.sweep, None);
}

#[test]
fn keys_beside_a_product_win() {
    let rules = outliers(
        "like: envoy, consecutive: { failures: 3 }, success_rate: none, eject: { for: 5s }",
    );
    let run = rules.consecutive[0];
    assert_eq!(run.failures, 3);
    assert!(!run.on.contains(Outcome::RejectedRateLimited));
    assert_eq!(rules.success_rate, None);
    assert_eq!(rules.time.base, SimDuration::from_secs(5));
    assert_eq!(rules.time.max, SimDuration::from_secs(300));
    let own = "like: envoy, consecutive: [{ failures: 5 }, { failures: 2, on: error.unavailable }]";
    let rules = outliers(own);
    assert_eq!(rules.consecutive.len(), 2);
    assert_eq!(rules.consecutive[0].on, OutcomeSet::failures());
    assert_eq!(
        outliers("like: envoy, consecutive: none").consecutive.len(),
        0
    );
    // `consecutive: 4` is short for its failures.
    let plain = outliers("consecutive: 4, eject: { for: 1s, returns: exact }, max_ejected: 50%");
    assert_eq!(plain.consecutive[0].failures, 4);
}

/// What is said about settings.
fn said(instances: u32, ejection: &str) -> String {
    match load_text(&text(instances, ejection)) {
        Ok(loaded) => {
            let warnings = loaded.warnings.iter();
            let about = warnings.filter(|it| it.code.contains("eject"));
            let texts: Vec<String> = about
                .map(|it| format!("{}: {}", it.code, it.message))
                .collect();
            texts.join("\n")
        }
        Err(found) => found.to_string(),
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn what_does_not_go_together_is_refused() {
    for (ejection, words) in [
        (
            "sweep: 10s, max_ejected: 10%",
            "says nothing by which instances are judged",
        ),
        (
            "consecutive: 5, max_ejected: 10%",
            "for how long an instance is left out",
        ),
        (
            "consecutive: 5, sweep: 10s, eject: { for: 30s }",
            "how many instances may be left out at once",
        ),
        (
            "consecutive: 5, eject: { for: 30s }, max_ejected: 10%",
            "needs `sweep`, since instances return",
        ),
        (
            "success_rate: {}, eject: { for: 30s, returns: exact }, max_ejected: 10%",
            "needs `sweep`, since `success_rate` and `failure_share` are judged",
        ),
        (
            "consecutive: 5, sweep: 0s, eject: { for: 30s }, max_ejected: 10%",
            "time must pass between sweeps",
        ),
        (
            "consecutive: 5, sweep: 10s, eject: { for: 30s, max: 20s }, max_ejected: 10%",
            "begins with 30s, which is longer than its `max`, 20s",
        ),
        (
            "failure_share: {}, sweep: 10s, eject: { for: 30s }, max_ejected: 10%",
            "needs one of `at_least` and `above`",
        ),
        (
            "success_rate: {}, sweep: 10s, eject: { for: 30s, returns: one_trial }, max_ejected: 10%",
            "nothing says which results fail it",
        ),
        (
            "consecutive: [2, 3, 4, 5], sweep: 10s, eject: { for: 30s }, max_ejected: 10%",
            "has 4 counters, but an instance has 3 at most",
        ),
        (
            "like: haproxy",
            "there is none with `scope: caller` and `on_fail: leave`",
        ),
        (
            "on_errors: mark_down, success_rate: {}, sweep: 10s, eject: { for: 30s }, max_ejected: 10%",
            "no `consecutive` says how many",
        ),
        (
            "like: envoy, phase: 10s",
            "`services.s.ejection.phase` is 10s, but sweeps come each 10s",
        ),
        (
            "like: envoy, consecutive: { failures: 5, enforce: 120% }",
            "enforce",
        ),
        (
            "quiet_period: {}, consecutive: 5",
            "`quiet_period` is a rule by itself",
        ),
        (
            "like: envoy, quiet_period: {}",
            "`quiet_period` is a rule by itself",
        ),
        (
            "quiet_period: { for: 1500ms }",
            "nginx counts in whole seconds",
        ),
        ("consecutive: 0, like: envoy", "consecutive"),
        ("like: envoi", "did you mean `envoy`?"),
        ("like: envoy, max_ejection_percent: 34", "max_ejected"),
        ("like: envoy, max_ejected: 34", "a percent sign"),
    ] {
        let said = said(20, ejection);
        assert!(said.contains(words), "{ejection}:\n{said}");
    }
}

#[test]
fn ejection_that_can_never_act_is_warned_about() {
    for (instances, ejection, words) in [
        (
            9,
            "like: envoy",
            "ejection-never-acts: no instance of `s` is ever left out",
        ),
        (3, "like: envoy, max_ejected: 33%", "ejection-never-acts"),
        (
            4,
            "like: envoy, max_ejected: 50%",
            "judges nobody with fewer than 5 instances",
        ),
        (3, "like: envoy, max_ejected: 34%, success_rate: none", ""),
        // 100/s over 20 instances are 50 in 10 s.
        (
            20,
            "like: envoy",
            "a caller of `s` sends each about 5/s, 50 in 10s",
        ),
        (10, "like: envoy", ""),
        (3, "like: linkerd", "ejection-may-empty"),
        (
            1,
            "like: nginx",
            "one instance, which nginx' rule never leaves out",
        ),
        (10, "like: grpc", ""),
        (
            10,
            "consecutive: 5, eject: { for: 0s, returns: by_check }, max_ejected: 50%",
            "ejection-never-returns",
        ),
        (
            4,
            "success_rate: { min_instances: 3, min_calls: 20 }, sweep: 10s, eject: { for: 30s }, max_ejected: 50%",
            "of 4 instances of `s` none can be more than 1.9 standard deviations below",
        ),
        (
            5,
            "success_rate: { min_instances: 3, min_calls: 20 }, sweep: 10s, eject: { for: 30s }, max_ejected: 50%",
            "",
        ),
    ] {
        let said = said(instances, ejection);
        if words.is_empty() {
            assert_eq!(said, "", "{instances}: {ejection}");
        } else {
            assert!(said.contains(words), "{instances}: {ejection}:\n{said}");
        }
    }
}
