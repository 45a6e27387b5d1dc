//! Sagas: what is refused, and what is written out.

use super::{load_text, normalised_is_the_same, refused};

const KEYS: &str = "persist: 1ms, timeout: 5s, resume_after: 1s";
const STEPS: &str = "{ do: bank.charge, undo: bank.refund }, { do: bank.ship, pivot: true }";

fn shop(steps: &str) -> String {
    format!(
        "scenario: s
run: {{ duration: 60s }}
clients:
  c: {{ arrivals: {{ poisson: {{ rate: 1/s }} }}, calls: shop.buy }}
services:
  shop:
    threads: unlimited
    operations: {{ buy: {{ steps: [ {steps} ] }} }}
  bank:
    threads: unlimited
    operations:
      charge: {{ steps: [ {{ effect: charged }} ] }}
      refund: {{ idempotent: true, steps: [ {{ undo: charged }} ] }}
      ship: {{ idempotent: true, steps: [ {{ work: 1ms }} ] }}
pools:
  p: {{ to: bank, size: 5, max_wait: 1s }}
"
    )
}

fn saga(keys: &str, steps: &str) -> String {
    format!("{{ saga: {{ {keys}, steps: [{steps}] }} }}")
}

#[test]
fn rule_88_misused_sagas_are_refused() {
    let keys = |keys: &str| saga(keys, STEPS);
    let steps = |steps: &str| saga(KEYS, steps);
    let cases = [
        (keys("timeout: 5s, resume_after: 1s"), "persist"),
        (keys("persist: 1ms, resume_after: 1s"), "timeout"),
        (keys("persist: 1ms, timeout: 5s"), "resume_after"),
        (
            keys("persist: 1ms, timeout: 5s, resume_after: 0s"),
            "again and again at one instant",
        ),
        (
            keys("persist: 1, timeout: 5s, resume_after: 1s"),
            "carries its unit",
        ),
        (keys(&format!("{KEYS}, unknown: forget")), "ignore"),
        (keys(&format!("{KEYS}, resume: 1s")), "resume"),
        (steps(""), "1 to 1000 calls"),
        (steps("{ undo: bank.refund }"), "`do`"),
        (steps("{ do: bank.charg }"), "did you mean `charge`?"),
        (
            steps("{ do: bank.charge, undo: bank.refnd }"),
            "did you mean `refund`?",
        ),
        (
            steps("{ do: bank.charge, pivot: true }, { do: bank.ship, pivot: true }"),
            "a second pivot",
        ),
        (steps("{ do: bank.charge, pool: q }"), "pool"),
        (steps("{ do: bank.charge, policy: nobody }"), "nobody"),
        (steps("{ do: shop.buy }"), "buy"),
        (
            format!("{{ with: {{ pool: p, steps: [ {} ] }} }}", steps(STEPS)),
            "give its calls a `pool` of their own",
        ),
    ];
    for (step, expected) in cases {
        let text = shop(&step);
        let found = refused(&text);
        assert!(found.contains(expected), "{step}: {found}");
    }
}

#[test]
fn sagas_are_written_out_as_they_were() {
    let loaded = load_text(&shop(&saga(KEYS, STEPS))).unwrap();
    let saga = loaded.scenario.model.sagas.iter().next().unwrap();
    assert_eq!(saga.shape.can_undo, [true, false]);
    assert_eq!(saga.shape.pivot, Some(1));
    assert!(!saga.shape.ignores_unknown);
    normalised_is_the_same(&loaded);
}

#[test]
fn what_sagas_leave_behind_is_warned_about() {
    let warned = |keys: &str, steps: &str| -> Vec<String> {
        let loaded = load_text(&shop(&saga(keys, steps))).unwrap();
        let warnings = loaded.warnings.iter();
        warnings.map(|one| one.code.to_owned()).collect()
    };
    let retried = "policy: [{ retry: { max_attempts: 3 } }, { timeout: 1s }]";
    let fine = format!(
        "{{ do: bank.charge, undo: bank.refund }}, {{ do: bank.ship, pivot: true, {retried} }}"
    );
    for (keys, steps, code) in [
        (
            KEYS.to_owned(),
            format!("{{ do: bank.charge }}, {{ do: bank.ship, pivot: true, {retried} }}"),
            "undo-missing",
        ),
        (
            format!("{KEYS}, unknown: ignore"),
            fine.clone(),
            "unknown-ignored",
        ),
        (
            KEYS.to_owned(),
            STEPS.to_owned(),
            "nothing-after-pivot-retried",
        ),
    ] {
        let found = warned(&keys, &steps);
        assert!(found.iter().any(|it| it == code), "{code}: {found:?}");
        let without = warned(KEYS, &fine);
        assert!(!without.iter().any(|it| it == code), "{code}: {without:?}");
    }
}
