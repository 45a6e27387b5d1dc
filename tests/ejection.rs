//! Outlier ejection in runs: when exactly, and what it does to the others.

use crate::support::{from_text, loaded, model, root};
use sim_core::id::InstanceId;
use sim_core::model::fact::{Fact, Observer};
use sim_core::model::run;
use sim_core::policy::eject::{EjectBack, EjectWhy};
use sim_core::report::{Report, Request, run as play};
use sim_core::time::SimTime;

/// What was concluded about instances, with the second of it, and who got attempts.
#[derive(Default)]
struct Verdicts {
    /// Left out, by the number of the instance.
    out: Vec<(f64, u32, EjectWhy, u32)>,
    back: Vec<(f64, u32, EjectBack)>,
    stopped: u64,
    trials: u64,
    sent: [u64; 16],
    /// Attempts at those left out.
    sent_out: u64,
    /// Whose verdicts there were.
    judges: std::collections::BTreeSet<Option<u32>>,
    /// Who is left out now, by process.
    now: Vec<(Option<u32>, u32)>,
}

fn seconds(at: SimTime) -> f64 {
    at.since(SimTime::ZERO).as_secs_f64()
}

impl Observer for Verdicts {
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        let at = seconds(now);
        match *fact {
            Fact::InstanceEjected {
                instance: InstanceId(instance),
                why,
                k,
                process,
                ..
            } => {
                self.out.push((at, instance, why, k));
                self.judges.insert(process.map(|it| it.0));
                let who = (process.map(|it| it.0), instance);
                if !self.now.contains(&who) {
                    self.now.push(who);
                }
            }
            Fact::InstanceReturned {
                instance: InstanceId(instance),
                by,
                process,
                ..
            } => {
                self.back.push((at, instance, by));
                let who = (process.map(|it| it.0), instance);
                self.now.retain(|it| *it != who);
            }
            Fact::EjectionStopped { .. } => self.stopped += 1,
            Fact::InstanceOnTrial {
                instance: InstanceId(instance),
                sent,
                process,
            } => {
                self.trials += u64::from(sent);
                let who = (process.map(|it| it.0), instance);
                if sent {
                    self.now.push(who);
                } else {
                    self.now.retain(|it| *it != who);
                }
            }
            Fact::AttemptSent {
                instance: InstanceId(instance),
                ..
            } => {
                self.sent[instance as usize] += 1;
                let out = self.now.iter().any(|(_, it)| *it == instance);
                self.sent_out += u64::from(out);
            }
            _ => {}
        }
    }
}

fn verdicts(text: &str) -> Verdicts {
    run(&model(text), 1, 0, Verdicts::default(), &mut |_, _| true).observer
}

/// Instances of a service that answer at once, 30 calls a second in turn, of which the first instance
/// fails all.
fn one_bad(instances: u32, processes: u32, ejection: &str) -> String {
    format!(
        "
scenario: one-bad
run: {{ duration: 300s }}
clients:
  c: {{ processes: {processes}, arrivals: {{ constant: {{ rate: 30/s }} }}, calls: s.op }}
services:
  s:
    instances: {instances}
    threads: unlimited
    ejection: {{ {ejection} }}
    operations: {{ op: {{ idempotent: true, steps: [ {{ work: 1ms }} ] }} }}
faults:
  bad: {{ at: 0s, service: s, instances: 1, errors: {{ share: 100% }} }}
"
    )
}

const ENVOY: &str = "consecutive: 5, sweep: 10s, phase: 0s, eject: { for: 30s, max: 300s }";

#[test]
fn rule_55_one_of_three_is_a_third() {
    let most =
        |percent: &str| verdicts(&one_bad(3, 1, &format!("{ENVOY}, max_ejected: {percent}")));
    let (third, more) = (most("33%"), most("34%"));
    assert_eq!(third.out.len(), 0);
    // Ten failures a second, five for each verdict.
    assert!((595..=600).contains(&third.stopped), "{}", third.stopped);
    assert_eq!(more.stopped, 0);
    assert!(
        more.out
            .iter()
            .all(|&(_, instance, why, _)| { instance == 0 && why == EjectWhy::Consecutive })
    );
}

#[test]
fn rule_55_thirty_sixty_ninety_seconds_up_to_a_sweep() {
    let seen = verdicts(&one_bad(3, 1, &format!("{ENVOY}, max_ejected: 34%")));
    let times: Vec<(u32, u32)> = seen.out.iter().map(|it| (it.0 as u32, it.3)).collect();
    // Five failures at ten a second are in the second that the sweep begins.
    assert_eq!(times, [(0, 1), (40, 2), (110, 3), (210, 4)]);
    let back: Vec<f64> = seen.back.iter().map(|it| it.0).collect();
    assert_eq!(back, [40.0, 110.0, 210.0]);
    assert_eq!(seen.sent_out, 0);
    // What it does not get, the two others share.
    let others = seen.sent[1].abs_diff(seen.sent[2]);
    assert!(seen.sent[0] <= 4 * 6 && others <= 8, "{:?}", seen.sent);
}

#[test]
fn rule_55_each_caller_judges_by_what_it_saw() {
    let own = verdicts(&one_bad(3, 20, &format!("{ENVOY}, max_ejected: 34%")));
    let first: Vec<f64> = own.out.iter().map(|it| it.0).collect();
    assert_eq!(own.judges.len(), 20, "each of the callers");
    // A caller meets the bad one every second or so: it takes some, and not the same for all.
    assert!(first[0] > 2.0 && first[19] - first[0] > 2.0, "{first:?}");
    let together = verdicts(&one_bad(
        3,
        20,
        &format!("{ENVOY}, max_ejected: 34%, scope: shared"),
    ));
    let times: Vec<u32> = together.out.iter().map(|it| it.0 as u32).collect();
    assert_eq!(times, [0, 40, 110, 210]);
    assert_eq!(together.sent_out, 0);
}

#[test]
fn rule_60_sweeps_have_a_phase_of_their_own() {
    let text = one_bad(
        3,
        20,
        &format!("{ENVOY}, max_ejected: 34%").replace(", phase: 0s", ""),
    );
    let seen = verdicts(&text);
    let mut phases: Vec<u32> = seen
        .back
        .iter()
        .map(|it| (it.0 * 1e3) as u32 % 10_000)
        .collect();
    phases.sort_unstable();
    phases.dedup();
    assert_eq!(phases.len(), 20);
    assert!(phases[0] < 2_000 && phases[19] > 8_000, "{phases:?}");
    // Another service beside it moves none of them.
    let more = text.replace(
        "services:\n",
        "services:\n  a: { threads: unlimited, operations: { op: { steps: [ { work: 1ms } ] } } }\n",
    );
    let other = verdicts(&more);
    let times = |seen: &Verdicts| seen.back.iter().map(|it| it.0).collect::<Vec<_>>();
    assert_eq!(times(&seen), times(&other));
}

#[test]
fn rule_55_a_trial_goes_to_one_attempt_at_a_time() {
    let linkerd = "consecutive: 7, eject: { for: 1s, growth: exponential, max: 60s, returns: one_trial }, max_ejected: 100%";
    let seen = verdicts(&one_bad(3, 1, linkerd));
    // 1, 2, 4, 8, 16, 32, 60, 60, ... s of 300.
    assert_eq!(seen.trials, 9);
    assert_eq!(
        seen.out.iter().filter(|it| it.2 == EjectWhy::Trial).count(),
        9
    );
    assert_eq!(seen.sent[0], 7 + 9);
    assert_eq!(seen.sent_out, 0);
    let nginx = "quiet_period: { failures: 1, for: 10s }";
    let seen = verdicts(&one_bad(3, 1, nginx));
    // In each of the eleven seconds from one failure on it is skipped.
    assert_eq!(seen.trials, 27);
    assert_eq!(seen.sent[0], 1 + 27);
}

#[test]
fn rule_55_a_timeout_is_a_result_and_what_nobody_needs_is_none() {
    let ejection = format!("{ENVOY}, max_ejected: 34%");
    let hangs = one_bad(3, 1, &ejection)
        .replace("calls: s.op", "calls: s.op, policy: [ { timeout: 100ms } ]")
        .replace("errors: { share: 100% }", "slow: { factor: 1000 }");
    let seen = verdicts(&hangs);
    assert_eq!(seen.out[0].2, EjectWhy::Consecutive);
    assert!(seen.out[0].0 < 0.7, "{}", seen.out[0].0);
    let hedged = one_bad(3, 1, &ejection)
        .replace(
            "calls: s.op",
            "calls: s.op, policy: [ { hedge: { delay: 5ms, other_instance: true } } ]",
        )
        .replace("errors: { share: 100% }", "slow: { factor: 1000 }");
    assert_eq!(
        verdicts(&hedged).out.len(),
        0,
        "losers of a hedge say nothing"
    );
}

#[test]
fn rule_55_a_passed_check_of_the_same_owner_ends_it() {
    // It hangs, and its process answers all the same.
    let by_check = |ejection: &str, health: &str| {
        let rule = "consecutive: 5, eject: { for: 1h, returns: by_check }, max_ejected: 34%";
        let text = one_bad(3, 1, &format!("{rule}{ejection}"))
            .replace("calls: s.op", "calls: s.op, policy: [ { timeout: 100ms } ]")
            .replace("errors: { share: 100% }", "slow: { factor: 1000 }");
        let health = format!(
            "health: {{ up: {{ every: 5s, timeout: 1s, fails: 3, passes: 1, phase: 2s, first: in, \
             {health} }} }}\n    operations:"
        );
        verdicts(&text.replace("operations:", &health))
    };
    let seen = by_check("", "scope: caller");
    assert!(seen.back.len() > 50, "{}", seen.back.len());
    assert!(
        seen.back
            .iter()
            .all(|it| it.2 == EjectBack::Check && it.0 as u32 % 5 == 2)
    );
    // What the node asks for all is another's word.
    assert_eq!(by_check("", "scope: shared").back.len(), 0);
    let together = by_check(", scope: shared", "scope: shared");
    assert!(together.back.len() > 50, "{}", together.back.len());
}

#[test]
fn rule_19_a_caller_that_dies_forgets_whom_it_left_out() {
    let text = "
scenario: forgets
run: { duration: 60s }
clients:
  c: { arrivals: { constant: { rate: 30/s } }, calls: front.op }
services:
  front: { threads: unlimited, operations: { op: { idempotent: true, steps: [ { call: s.op } ] } } }
  s:
    instances: 3
    threads: unlimited
    ejection: { consecutive: 5, eject: { for: 1h, returns: exact }, max_ejected: 34% }
    operations: { op: { idempotent: true, steps: [ { work: 1ms } ] } }
faults:
  bad: { at: 0s, service: s, instances: 1, errors: { share: 100% } }
  dies: { at: 20s, for: 10s, service: front, crash: {} }
";
    let seen = verdicts(text);
    let out: Vec<u32> = seen.out.iter().map(|it| it.0 as u32).collect();
    assert_eq!(out.len(), 2, "{out:?}");
    assert!(out[0] == 0 && out[1] == 30, "{out:?}");
    assert_eq!(seen.back, [(20.0, 1, EjectBack::Forgotten)]);
}

/// What one seed of a scenario of the project reports.
fn report(name: &str, seed: u64) -> Report {
    let loaded = loaded(&root().join(format!("scenarios/{name}.yaml")), &[]);
    let mut request = Request::of(&loaded.scenario);
    request.play.seed = seed;
    play(&loaded, &request, (), &mut |_, _| true).0
}

#[test]
fn who_was_left_out_is_told() {
    let told = report("one-worse-host-ejected", 1);
    let ejection = told.services[0].ejection.as_ref().unwrap();
    assert_eq!(
        (ejection.judges, ejection.most, ejection.instances.len()),
        (1, 1, 1)
    );
    let bad = &ejection.instances[0];
    assert_eq!(
        (bad.name.as_str(), bad.ejected_total, bad.stopped_total),
        ("search/1", 5, 0)
    );
    assert!(bad.longest_ns >= 120_000_000_000, "{}", bad.longest_ns);
    assert!(bad.others_share.get() > 0.4, "{:?}", bad.others_share);
    let line = told
        .timeline
        .iter()
        .find(|line| line.text.contains("left out"));
    let line = &line.expect("it is told").text;
    assert!(
        line.contains(
            "search/1 is left out for 30s (5 failures in a row): the 2 left take 50% each"
        ),
        "{line}"
    );
    let stays = report("one-worse-host", 1);
    let line = stays
        .timeline
        .iter()
        .find(|line| line.text.contains("stays in"));
    assert!(line.is_some(), "{:?}", stays.timeline);
}

#[test]
fn what_is_bad_everywhere_leaves_nobody() {
    let text = one_bad(3, 1, &format!("{ENVOY}, max_ejected: 100%"))
        .replace("instances: 1, errors", "errors");
    let loaded = from_text("all", &text, &[]);
    let (told, ()) = play(&loaded, &Request::of(&loaded.scenario), (), &mut |_, _| {
        true
    });
    let found = told.findings.iter().find(|it| it.code == "all-ejected");
    let text = &found.expect("nobody is left").text;
    assert!(
        text.contains("all 3 instances") && text.contains("error.unavailable"),
        "{text}"
    );
}
