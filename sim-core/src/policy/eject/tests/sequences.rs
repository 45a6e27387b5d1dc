//! A long sequence of verdicts, worked out by another program that was written from Envoy's
//! `outlier_detection_impl.cc` alone.

use super::*;
use crate::random::congruential::next;

#[test]
fn rule_55_a_day_of_envoys_detector() {
    let mut config = envoy(50.0);
    change(&mut config, |rules| {
        rules.consecutive.push(Consecutive {
            failures: 3,
            on: OutcomeSet::of(&[Outcome::ErrorUnavailable]),
            ignores: OutcomeSet::EMPTY,
            enforce: Enforced::ALWAYS,
        });
        if let Some(rates) = &mut rules.success_rate {
            rates.min_calls = 4;
        }
    });
    let mut watch = Watch::new(config, 6);
    let mut state = 11;
    let mut said = vec![];
    for n in 0..1_600_u64 {
        let ms = n * 250;
        let mut tell = |words: String| {
            for one in words.split(", ").filter(|it| !it.is_empty()) {
                let one = one.split(" until ").next().unwrap_or(one);
                let one = one.split(" by sweep").next().unwrap_or(one);
                said.push(format!("{ms}:{one}"));
            }
        };
        if n > 0 && ms % 10_000 == 0 {
            tell(watch.at(ms, On::Sweep));
        }
        let slot = next(&mut state) % 6;
        let worst = [0, 1, 4, 2][(n / 400) as usize];
        let odds = match slot {
            it if it == worst => 90,
            it if it == (worst + 1) % 6 => 55,
            _ => 8,
        };
        let draw = next(&mut state) % 100;
        let outcome = match (draw < odds, draw % 3) {
            (false, _) => Outcome::Ok,
            (true, 0) => Outcome::ErrorUnavailable,
            (true, _) => Outcome::ErrorInternal,
        };
        tell(watch.at(ms, On::Results(slot, 1, outcome)));
    }
    let expected = [
        "10250:0 out by consecutive[2] k=1",
        "30000:1 out by success_rate k=1",
        "50000:0 back",
        "50000:0 out by success_rate k=2",
        "60000:1 back",
        "60000:1 out by success_rate k=2",
        "110000:0 back",
        "120000:1 back",
        "132500:1 out by consecutive k=2",
        "170000:2 out by success_rate k=1",
        "200000:1 back",
        "200000:2 back",
        "200750:4 out by consecutive[2] k=1",
        "240000:4 back",
        "249250:5 out by consecutive k=1",
        "250250:4 out by consecutive[2] k=1",
        "280000:5 back",
        "290000:4 back",
        "311000:3 out by consecutive k=1",
        "312750:2 out by consecutive k=1",
        "350000:2 back",
        "350000:3 back",
        "354500:2 out by consecutive k=2",
    ];
    assert_eq!(said, expected);
}
