//! Chains of runs made by hand.

use super::*;
use crate::judge::{Judgement, judge};
use crate::model::record::RunRecord;
use crate::model::record::fixture::*;
use crate::model::spec::ModelSpec;
use crate::policy::Outcome;
use crate::scenario::Places;
use crate::scenario::Scenario;
use crate::time::SimDuration;

fn judged(model: ModelSpec, record: &RunRecord) -> Judgement {
    let scenario = Scenario {
        name: "by-hand".to_owned(),
        title: String::new(),
        question: String::new(),
        seed: 1,
        model,
        expectations: Vec::new(),
        places: Places::default(),
        hash: String::new(),
    };
    judge(&scenario, record, SimDuration::ZERO)
}

fn lines(links: &[Link]) -> Vec<String> {
    let line = |link: &Link| format!("{} {}", link.at, link.text);
    links.iter().map(line).collect()
}

#[test]
fn a_run_in_which_nothing_went_wrong_has_no_chain() {
    let mut spec = shop(200, 0);
    slow_bank(&mut spec, s(60), s(90));
    // One call in twenty fails throughout, fault or not.
    let record = run_of_seconds(&spec, |_| 100, |_| 95);
    let judgement = judged(spec, &record);
    assert_eq!(lines(&judgement.causes), Vec::<String>::new());
}

#[test]
fn a_fault_leads_to_failures_and_the_system_recovers() {
    let mut spec = shop(200, 0);
    slow_bank(&mut spec, s(60), s(90));
    let record = run_of_seconds(
        &spec,
        |_| 100,
        |t| if (60..95).contains(&t) { 10 } else { 100 },
    );
    let judgement = judged(spec, &record);
    assert_eq!(
        lines(&judgement.causes),
        [
            "60s bank slows 10x (bank-slow)",
            "60s calls shoppers -> shop.buy fail until 94.5s: timeout.response 90%; 100% of all \
             that fail began at bank.pay: at work",
            "90s bank-slow ends",
            "95s recovered, 5s after bank-slow ended",
        ]
    );
}

/// Trouble that came before a fault is not blamed on it.
#[test]
fn a_fault_without_consequences_is_no_link() {
    let mut spec = shop(400, 0);
    slow_bank(&mut spec, s(60), s(90));
    let record = run_of_seconds(
        &spec,
        |_| 100,
        |t| if (200..220).contains(&t) { 10 } else { 100 },
    );
    let texts = lines(&judged(spec, &record).causes);
    assert!(
        texts[0].starts_with("200s calls shoppers -> shop.buy fail until 220s"),
        "{texts:?}"
    );
    assert_eq!(texts.len(), 1, "{texts:?}");
}

/// At each second ten attempts come to a shop with two threads, and each is abandoned after one.
#[test]
fn a_queue_beyond_patience_and_attempts_beyond_calls_are_links() {
    let mut spec = shop(60, 0);
    slow_bank(&mut spec, s(10), s(40));
    let mut hand = Hand::new(&spec);
    let mut attempt = 0;
    for second in 0..60 {
        let is_down = (10..40).contains(&second);
        let served = if is_down { 1 } else { 40 };
        let first = attempt + 1;
        for _ in 0..40 {
            attempt += 1;
            hand.start_call(s(second), 0);
            hand.send(s(second), attempt, 0, 1, true);
            hand.arrive(s(second), attempt, 0);
        }
        for one in first..first + served {
            hand.begin(s(second), one, 0, 0);
        }
        let soon = s(second) + SimDuration::from_millis(10);
        for one in first..first + served {
            hand.finish_operation(soon, one, 0, 10);
        }
        let (at, outcome) = if is_down {
            (
                s(second) + SimDuration::from_millis(900),
                Outcome::TimeoutResponse,
            )
        } else {
            (soon, Outcome::Ok)
        };
        for one in first..first + 40 {
            hand.end_attempt(at, one, 0, outcome, !is_down);
            if is_down {
                attempt += 1;
                hand.send(at, attempt, 0, 2, false);
            }
            hand.end_call(at, 0, 0, s(second), outcome);
        }
    }
    let record = hand.over(s(60));
    let texts = lines(&judged(spec, &record).causes);
    assert_eq!(
        texts[..5],
        [
            "10s bank slows 10x (bank-slow)",
            "10.2s 39 operations wait at shop, 1.1s of work at its pace, more than the 1s that its \
             callers wait",
            "10.8s attempts shoppers -> shop.buy fail until 40s: timeout.response 100%",
            "10.8s shop gets 2.03 attempts per original attempt until 40s, before 1: 81/s instead \
             of 40/s",
            "10.8s calls shoppers -> shop.buy fail until 40s: timeout.response 100%; 100% of all \
             that fail began at bank.pay: at work",
        ]
    );
    assert!(
        texts[5]
            .starts_with("40s bank-slow ends, and the queue of shop still holds 1,170 operations"),
        "{texts:?}"
    );
}

fn link(at_s: u64, before_s: u64, kind: Kind) -> Link {
    Link {
        at: s(at_s),
        before: s(before_s),
        until: s(100),
        kind,
        text: String::new(),
    }
}

/// What a point shows is no earlier than what led to it within that point; what is known to the
/// instant stays where it is.
#[test]
fn within_a_point_an_effect_follows_its_cause() {
    for (cause, effect, expected) in [
        (link(12, 12, Kind::Queue), link(10, 20, Kind::Calls), 12),
        (link(20, 20, Kind::Queue), link(10, 20, Kind::Calls), 10),
        (link(12, 12, Kind::Queue), link(10, 10, Kind::Layer), 10),
        (link(12, 12, Kind::Calls), link(10, 20, Kind::Queue), 10),
    ] {
        let mut links = [effect.clone(), cause];
        after_causes(&mut links);
        let moved = links.iter().find(|one| one.kind == effect.kind);
        assert_eq!(moved.map(|one| one.at), Some(s(expected)), "{effect:?}");
    }
}

#[test]
fn too_many_links_leave_out_what_can_be_spared() {
    let mut links = vec![link(1, 1, Kind::Fault), link(9, 9, Kind::Recovery)];
    links.extend((0..MOST as u64).map(|at| link(at, at, Kind::Attempts)));
    links.push(link(3, 3, Kind::Threads));
    make_room(&mut links);
    assert_eq!(links.len(), MOST);
    assert_eq!(links[0].kind, Kind::Fault);
    assert_eq!(links[1].kind, Kind::Recovery);
    assert!(links.iter().all(|one| one.kind != Kind::Threads));
}
