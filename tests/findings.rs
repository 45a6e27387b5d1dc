//! Findings that no scenario of the project teaches: each is raised on purpose, and its repaired
//! twin is silent.

use crate::support::from_text;
use sim_core::report::{Request, Stored, run};
use sim_core::scenario::FINDING_CODES;

const SEEDS: u64 = 50;
/// A finding must be raised in so many of them; its repaired twin raises it in none.
const FOUND_AT_LEAST: u64 = 48;

/// Calls hang, as probes do: nothing ends them.
const WEDGED: &str = "
scenario: wedged
run: { duration: 60s }
clients:
  users:
    arrivals: { poisson: { rate: 50/s } }
    calls: shop.buy
    policy: guarded
services:
  shop:
    threads: 10
    queue: { capacity: 10 }
    operations:
      buy: { idempotent: true, steps: [ { work: 10ms } ] }
policies:
  guarded:
    - circuit_breaker: { failure_rate: 50%, window: { calls: 20 }, minimum_calls: 10, open_for: 5s, half_open_calls: 3 }
faults:
  broken: { at: 5s, for: 3s, service: shop, errors: { share: 100%, kind: internal } }
  hangs: { at: 8s, service: shop, pause: {} }
";

/// Patient users fill the queue; impatient ones never get through it.
const STARVED: &str = "
scenario: starved
run: { duration: 60s }
clients:
  patient:
    users: { count: 30, think_time: 0s, start: at_once }
    calls: shop.buy
    tenant: calm
    class: batch
    policy: [{ timeout: 5s }]
  hasty:
    arrivals: { poisson: { rate: 20/s } }
    calls: shop.buy
    tenant: busy
    class: page
    policy: [{ timeout: 100ms }]
services:
  shop:
    threads: 1
    queue: { capacity: 100 }
    operations:
      buy: { idempotent: true, steps: [ { work: 10ms } ] }
";

/// In how many of the runs there is a finding with this code.
fn raised(scenario: &str, code: &str) -> u64 {
    let loaded = from_text(code, scenario, &[]);
    let with = |seed: u64| {
        let mut request = Request::of(&loaded.scenario);
        request.play.seed = seed;
        let (report, ()) = run(&loaded, &request, (), &mut |_, _| true);
        report.findings.iter().any(|finding| finding.code == code)
    };
    (1..=SEEDS).filter(|&seed| with(seed)).count() as u64
}

fn repaired(scenario: &str, from: &str, to: &str) -> String {
    assert!(scenario.contains(from), "`{from}` is not there");
    scenario.replace(from, to)
}

/// A line of a report is one of the text that was read, wherever that lies, and a comment above
/// moves it without changing what is stored.
#[test]
fn a_finding_names_the_line_it_is_about() {
    let found = |name: &str, text: &str| {
        let loaded = from_text(name, text, &[]);
        let (report, ()) = run(&loaded, &Request::of(&loaded.scenario), (), &mut |_, _| {
            true
        });
        let finding = report
            .findings
            .iter()
            .find(|one| one.code == "wedged-half-open");
        let at = finding.map(|one| (one.line, one.column));
        (at, Stored::of(&report).text())
    };
    let lines = WEDGED.lines();
    let line = lines
        .take_while(|line| !line.contains("circuit_breaker"))
        .count() as u32
        + 1;
    let (at, stored) = found("wedged.yaml", WEDGED);
    assert_eq!(at, Some((Some(line), Some(7))));
    let elsewhere = found("/some/other/folder/wedged.yaml", WEDGED);
    assert_eq!(elsewhere, (at, stored.clone()));
    let moved = found("wedged.yaml", &format!("# A comment.{WEDGED}"));
    assert_eq!(moved, (at, stored.clone()));
    let moved = found("wedged.yaml", &format!("# Two\n# lines.{WEDGED}"));
    assert_eq!(moved, (Some((Some(line + 1), Some(7))), stored));
}

#[test]
fn a_breaker_whose_probes_hang_is_wedged() {
    assert!(raised(WEDGED, "wedged-half-open") >= FOUND_AT_LEAST);
    let twin = repaired(
        WEDGED,
        "half_open_calls: 3 }",
        "half_open_calls: 3 }\n    - timeout: 500ms",
    );
    assert_eq!(raised(&twin, "wedged-half-open"), 0);
}

#[test]
fn who_has_no_patience_is_starved_by_who_has() {
    let twin = repaired(STARVED, "timeout: 100ms", "timeout: 5s");
    for code in ["starved-client", "starved-tenant", "starved-class"] {
        assert!(raised(STARVED, code) >= FOUND_AT_LEAST, "{code}");
        assert_eq!(raised(&twin, code), 0, "{code}");
    }
}

/// The codes of what is said about a scenario without a run.
fn warned(scenario: &str) -> Vec<&'static str> {
    let loaded = from_text("lint", scenario, &[]);
    loaded.warnings.iter().map(|warning| warning.code).collect()
}

const CIRCLE: &str = "
scenario: circle
run: { duration: 1s }
clients:
  users:
    arrivals: { poisson: { rate: 1/s } }
    calls: a.outer
    policy: [{ timeout: 1s }]
services:
  a:
    threads: 2
    queue: { capacity: 2 }
    operations:
      outer: { steps: [ { call: { to: b.middle, policy: [{ timeout: 900ms }] } } ] }
      inner: { steps: [ { work: 1ms } ] }
  b:
    threads: 2
    queue: { capacity: 2 }
    operations:
      middle: { steps: [ { call: { to: a.inner, policy: [{ timeout: 800ms }] } } ] }
";

#[test]
fn pools_that_wait_for_each_other_are_named_once() {
    let circles = |scenario: &str| {
        let all = warned(scenario);
        all.iter()
            .filter(|code| **code == "pools-wait-for-each-other")
            .count()
    };
    assert_eq!(circles(CIRCLE), 1);
    let open = repaired(
        CIRCLE,
        "  b:\n    threads: 2",
        "  b:\n    execution: async\n    threads: 2",
    );
    assert_eq!(circles(&open), 0);
}

#[test]
fn a_call_without_any_timeout_is_warned_about() {
    assert!(warned(WEDGED).contains(&"no-timeout"));
    assert!(!warned(STARVED).contains(&"no-timeout"));
}

#[test]
fn a_finding_can_be_expected() {
    let verdicts = |expect: &str| {
        let text = format!("{STARVED}expect:\n  it: {{ finding: {expect} }}\n");
        let loaded = from_text("expected", &text, &[]);
        let (report, ()) = run(&loaded, &Request::of(&loaded.scenario), (), &mut |_, _| {
            true
        });
        let one = report.expectations.into_iter().next().unwrap();
        (one.text, one.verdict.name())
    };
    assert_eq!(
        verdicts("{ code: starved-client }"),
        ("there is a finding starved-client".to_owned(), "pass")
    );
    assert_eq!(
        verdicts("{ code: starved-client, present: false }"),
        ("there is no finding starved-client".to_owned(), "fail")
    );
    assert_eq!(verdicts("{ code: relapse, present: false }").1, "pass");
    let unknown = std::panic::catch_unwind(|| verdicts("{ code: starved-clients }"));
    let message = unknown.unwrap_err().downcast::<String>().unwrap();
    assert!(
        message.contains("did you mean `starved-client`?"),
        "{message}"
    );
}

/// A shop that is half busy and has nothing to say: the repaired twin of all that follow.
const PLAIN: &str = "
scenario: plain
run: { duration: 120s }
clients:
  users:
    arrivals: { poisson: { rate: 50/s } }
    calls: shop.buy
services:
  shop:
    threads: 1
    queue: { capacity: 20 }
    operations:
      buy: { idempotent: true, steps: [ { work: 10ms } ] }
";

/// The part of [`PLAIN`] that says who waits for what.
const UNHURRIED: &str = "calls: shop.buy
services:
  shop:
    threads: 1
    queue: { capacity: 20 }
    operations:
      buy: { idempotent: true, steps: [ { work: 10ms } ] }";

/// Three quarters of the callers are in a zone with half of the instances, which are as many as Envoy asks
/// for at least.
const ZONED: &str = "calls: shop.buy
    processes: 4
    zones: [a, a, a, b]
services:
  shop:
    threads: 1
    instances: { a: 3, b: 3 }
    balance: { zone: prefer }
    queue: { capacity: 20 }
    operations:
      buy: { idempotent: true, steps: [ { work: 90ms } ] }";

#[test]
fn a_zone_is_not_filled_by_who_minds_its_share_nor_by_who_fills_all() {
    let zoned = repaired(PLAIN, UNHURRIED, ZONED);
    for (from, to) in [
        ("zone: prefer", "zone: envoy"),
        ("zone: prefer", "zone: any"),
        // A quarter of the callers is in the second zone, and so is a quarter of the instances.
        ("{ a: 3, b: 3 }", "{ a: 6, b: 2 }"),
        // Both are full.
        ("work: 90ms", "work: 400ms"),
    ] {
        assert_eq!(
            raised(&repaired(&zoned, from, to), "zone-saturated"),
            0,
            "{to}"
        );
    }
}

/// A line of [`PLAIN`] is replaced by one with a mistake, and something may be added at the end.
struct Mistake {
    code: &'static str,
    from: &'static str,
    to: &'static str,
    more: &'static str,
}

const fn mistake(
    code: &'static str,
    from: &'static str,
    to: &'static str,
    more: &'static str,
) -> Mistake {
    Mistake {
        code,
        from,
        to,
        more,
    }
}

const MISTAKES: &[Mistake] = &[
    mistake("collapsed", "work: 10ms", "work: 50ms", ""),
    mistake(
        "panic-routing",
        "queue: { capacity: 20 }",
        "queue: { capacity: 20 }\n    instances: 4\n    membership: { panic_below: 60% }",
        "faults: { boom: { at: 40s, for: 20s, service: shop, instances: 2, crash: { detected_after: 1s } } }",
    ),
    mistake(
        "restart-loop",
        "queue: { capacity: 20 }",
        "queue: { capacity: 20 }\n    lifecycle: { restart: { backoff: { constant: 1s } } }",
        "faults: { boom: { at: 40s, for: 1s, every: 5s, service: shop, crash: {} } }",
    ),
    mistake(
        "never-up",
        "queue: { capacity: 20 }",
        "queue: { capacity: 20 }\n    lifecycle: { startup: 10s }",
        "faults: { boom: { at: 60s, for: 1s, every: 5s, service: shop, crash: {} } }",
    ),
    mistake(
        "all-ejected",
        "queue: { capacity: 20 }",
        "queue: { capacity: 20 }\n    ejection: { consecutive: 5, sweep: 10s, eject: { for: 30s }, max_ejected: 100% }",
        "faults: { broken: { at: 40s, for: 5s, service: shop, errors: { share: 100%, kind: internal } } }",
    ),
    mistake(
        "relapse",
        "rate: 50/s",
        "rate: [{ at: 0s, rate: 50/s }, { at: 80s, rate: 300/s }]",
        "faults: { broken: { at: 40s, for: 5s, service: shop, errors: { share: 100%, kind: internal } } }",
    ),
    mistake(
        "overload-without-shedding",
        UNHURRIED,
        "calls: shop.buy
    policy: [{ timeout: 200ms }]
services:
  shop:
    threads: 1
    queue: { capacity: unlimited }
    operations:
      buy: { idempotent: true, steps: [ { work: 30ms } ] }",
        "",
    ),
    mistake("zone-saturated", UNHURRIED, ZONED, ""),
    mistake(
        "saga-stuck",
        "buy: { idempotent: true, steps: [ { work: 10ms } ] }",
        "buy: { steps: [{ saga: { persist: 1ms, timeout: 5s, resume_after: 1s, steps: [{ do: bank.hold, undo: bank.release }, { do: bank.pay }] } }] }",
        "  bank:
    threads: unlimited
    operations:
      hold: { steps: [ { effect: held } ] }
      release: { steps: [ { fail: { share: 50% } }, { undo: held } ] }
      pay: { steps: [ { fail: { share: 10% } } ] }
",
    ),
    mistake(
        "pool-deadlock",
        "      buy: { idempotent: true, steps: [ { work: 10ms } ] }",
        "      buy: { idempotent: true, steps: [ { work: 1ms }, { call: { to: shop.stock, policy: [{ timeout: 30s }] } } ] }
      stock: { idempotent: true, steps: [ { work: 1ms } ] }",
        "",
    ),
    mistake(
        "stops-while-callee-idles",
        "calls: shop.buy",
        "calls: shop.buy\n    policy: [{ rate_limit: { permits: 25, period: 1s } }]",
        "",
    ),
    mistake(
        "limit-stuck-at-ceiling",
        "queue: { capacity: 20 }",
        "queue: { capacity: 20 }\n    admission: [{ concurrency_limit: { like: gradient2, window: none, initial: 1, min: 1, max: 2 } }]",
        "",
    ),
    mistake(
        "limit-stuck-at-floor",
        "queue: { capacity: 20 }",
        "queue: { capacity: 20 }\n    admission: [{ concurrency_limit: { like: aimd, algorithm: { aimd: { timeout: 1ms } }, initial: 2, min: 1 } }]",
        "",
    ),
    mistake(
        "death-spiral",
        "    threads: 1\n    queue: { capacity: 20 }",
        "    instances: 2\n    threads: 1\n    queue: { capacity: 1000 }\n    health: { live: { like: kubernetes-live, check: thread, every: 2s } }",
        "faults: { slow: { at: 40s, for: 60s, service: shop, slow: { factor: 6 } } }",
    ),
    mistake(
        "never-ready",
        "queue: { capacity: 20 }",
        "queue: { capacity: 20 }\n    lifecycle: { startup: 10s }\n    health: { live: { like: kubernetes-live, every: 1s, timeout: 500ms, fails: 2 } }",
        "faults: { crash: { at: 40s, for: 1s, service: shop, crash: {} } }",
    ),
    mistake(
        "detection-too-late",
        "queue: { capacity: 20 }",
        "queue: { capacity: 20 }\n    health: { ready: { like: kubernetes, every: 8s, fails: 2 } }",
        "faults: { hang: { at: 40s, for: 17500ms, service: shop, pause: {} } }",
    ),
    mistake("standing-queue", "work: 10ms", "work: 30ms", ""),
    mistake(
        "wasted-work",
        UNHURRIED,
        "calls: shop.buy
    policy: [{ timeout: 200ms }]
services:
  shop:
    threads: 1
    queue: { capacity: 20 }
    operations:
      buy: { idempotent: true, steps: [ { work: 30ms } ] }",
        "",
    ),
    mistake(
        "pool-exhausted",
        "    threads: 1
    queue: { capacity: 20 }
    operations:
      buy: { idempotent: true, steps: [ { work: 10ms } ] }",
        "    threads: 50
    queue: { capacity: 20 }
    operations:
      buy: { idempotent: true, steps: [ { call: { to: db.find, policy: [{ timeout: 5s }], pool: main } } ] }
  db:
    threads: 50
    queue: { capacity: 20 }
    operations:
      find: { idempotent: true, steps: [ { work: 50ms } ] }",
        "pools: { main: { to: db, size: 2, max_wait: 200ms, open: { time: 1ms } } }",
    ),
    mistake(
        "saturated-before-fault",
        "work: 10ms",
        "work: 30ms",
        "faults: { slow: { at: 60s, for: 10s, service: shop, slow: { factor: 2 } } }",
    ),
    mistake(
        "policy-never-exercised",
        "calls: shop.buy",
        "calls: shop.buy\n    policy: [{ retry: { max_attempts: 3 } }]",
        "",
    ),
    mistake(
        "budget-never-refused",
        "calls: shop.buy",
        "calls: shop.buy\n    policy: [{ retry: { budget: ample } }]",
        "budgets: { ample: { token_ratio: { ratio: 50%, min_per_second: 10 } } }\n\
         faults: { broken: { at: 60s, for: 5s, service: shop, errors: { share: 10%, kind: internal } } }",
    ),
    mistake(
        "fault-without-effect",
        "scenario: plain",
        "scenario: idle",
        "faults: { slow: { at: 60s, for: 50s, service: shop, slow: { factor: 1.001 } } }",
    ),
    mistake(
        "operation-never-called",
        "    operations:\n",
        "    operations:\n      look: { steps: [ { work: 10ms } ] }\n",
        "",
    ),
    mistake(
        "too-few-samples",
        "scenario: plain",
        "scenario: few",
        "expect: { fast: { latency: { percentile: 99.9, to: 10s, at_most: 10s } } }",
    ),
    mistake(
        "too-short-to-judge",
        "scenario: plain",
        "scenario: short",
        "faults: { broken: { at: 110s, for: 8s, service: shop, errors: { share: 100%, kind: internal } } }",
    ),
];

#[test]
fn each_mistake_is_found_and_its_absence_is_not() {
    let mut wrong = Vec::new();
    for one in MISTAKES {
        let sick = repaired(PLAIN, one.from, one.to) + one.more;
        let (times, without) = (raised(&sick, one.code), raised(PLAIN, one.code));
        if times < FOUND_AT_LEAST || without > 0 {
            wrong.push(format!(
                "{}: {times} times, and {without} times without",
                one.code
            ));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn every_finding_is_raised_by_a_scenario() {
    let here = MISTAKES.iter().map(|one| one.code);
    let apart = [
        "wedged-half-open",
        "starved-client",
        "starved-tenant",
        "starved-class",
    ];
    let taught = crate::scenarios::TAUGHT.iter().map(|(_, code)| *code);
    let all: Vec<&str> = here.chain(apart).chain(taught).collect();
    for code in FINDING_CODES {
        assert!(all.contains(code), "nothing raises {code}");
    }
}

#[test]
fn the_worst_case_says_where_attempts_multiply() {
    let path = crate::support::root().join("scenarios/retry-amplification.yaml");
    let loaded = crate::support::loaded(&path, &[]);
    let said: Vec<&str> = (loaded.warnings.iter())
        .filter(|one| one.code == "worst-case-amplification")
        .map(|one| one.message.as_str())
        .collect();
    assert_eq!(
        said,
        [
            "one call to gateway.handle can become 81 attempts at leaf.read in the worst case: \
             3 of gateway.handle, each with 3 of orders.handle, each with 3 of stock.handle, \
             each with 3 of leaf.read"
        ]
    );
}

fn told(text: &str) -> sim_core::report::Report {
    let loaded = from_text("told", text, &[]);
    run(&loaded, &Request::of(&loaded.scenario), (), &mut |_, _| {
        true
    })
    .0
}

fn texts<'a>(report: &'a sim_core::report::Report, code: &str) -> Vec<&'a str> {
    let found = report.findings.iter().filter(|one| one.code == code);
    found.map(|one| one.text.as_str()).collect()
}

/// Fifty users take two threads each of a pool that has so many.
fn two_each(threads: u32) -> String {
    format!(
        "
scenario: two-each
run: {{ duration: 60s, seed: 1 }}
clients:
  web: {{ users: {{ count: 50, start: at_once, think_time: 10ms }}, calls: pool.order, policy: wait }}
services:
  pool:
    threads: {threads}
    queue: {{ capacity: 1000 }}
    operations:
      order: {{ idempotent: true, steps: [{{ work: 2ms }}, {{ call: {{ to: pool.number, policy: wait }} }}] }}
      number: {{ idempotent: true, steps: [{{ work: 2ms }}] }}
policies:
  wait: [{{ timeout: 30s }}]
"
    )
}

#[test]
fn a_pool_that_waits_for_itself_is_no_overload() {
    let stuck = told(&two_each(10));
    let found = texts(&stuck, "pool-deadlock");
    assert_eq!(found.len(), 1, "{:?}", stuck.findings);
    assert!(
        found[0].contains("(pool.order -> pool.number)")
            && found[0].contains("51 threads are enough")
            && found[0].contains("no more than 50 calls"),
        "{found:?}"
    );
    let load = ["overload-without-shedding", "standing-queue"];
    assert!(
        load.iter().all(|code| texts(&stuck, code).is_empty()),
        "{:?}",
        stuck.findings
    );
    let causes: Vec<&str> = stuck.causes.iter().map(|one| one.text.as_str()).collect();
    assert!(
        causes
            .iter()
            .any(|text| text.contains("wait for another of them")),
        "{causes:?}"
    );
    assert!(
        !causes.iter().any(|text| text.contains("they take")),
        "{causes:?}"
    );
    let free = told(&two_each(51));
    assert_eq!(texts(&free, "pool-deadlock"), [""; 0]);
}

#[test]
fn pools_in_a_circle_wait_for_each_other() {
    let circle = repaired(CIRCLE, "duration: 1s", "duration: 60s");
    let circle = repaired(&circle, "rate: 1/s", "rate: 200/s");
    let circle = circle.replace("timeout: 1s", "timeout: 30s");
    let circle = circle.replace("timeout: 900ms", "timeout: 30s");
    let circle = circle.replace("timeout: 800ms", "timeout: 30s");
    let found = told(&circle);
    let found = texts(&found, "pool-deadlock");
    assert!(
        found
            .iter()
            .any(|text| text.contains("a.outer -> b.middle -> a.inner")),
        "{found:?}"
    );
    assert!(
        !found.iter().any(|text| text.contains("enough")),
        "{found:?}: arrivals have no limit"
    );
}

/// A limiter inside a breaker that counts what it stops: the service idles.
const LIMITED: &str = "
scenario: limiter-opens-the-breaker
run: { duration: 30s, seed: 1 }
clients: { c: { arrivals: { constant: { rate: 100/s } }, calls: s.op, policy: p } }
services: { s: { threads: 50, queue: { capacity: 100 }, operations: { op: { idempotent: true, steps: [ work: 20ms ] } } } }
policies:
  p:
    - circuit_breaker: { like: resilience4j, window: { calls: 20 } }
    - rate_limit: { permits: 40 }
";

#[test]
fn what_a_limiter_stops_is_not_blamed_on_load() {
    let report = told(LIMITED);
    let opens = report
        .timeline
        .iter()
        .find(|line| line.text.contains("opens"));
    let text = &opens.expect("it opens").text;
    assert!(
        text.contains(" calls failed, all stopped.rate_limited"),
        "{text}"
    );
    assert_eq!(
        texts(&report, "stops-while-callee-idles").len(),
        1,
        "{:?}",
        report.findings
    );
    let collapsed = report.findings.iter().find(|one| one.code == "collapsed");
    let collapsed = collapsed.expect("it collapses");
    assert!(
        collapsed
            .text
            .contains("was stopped by c -> s: circuit_breaker"),
        "{}",
        collapsed.text
    );
    assert!(!collapsed.remedy.contains("queues"), "{}", collapsed.remedy);
}

/// A service whose own admission lets in less than half of what is asked, and idles.
const GUARDED: &str = "
scenario: gate-is-too-narrow
run: { duration: 60s, seed: 1 }
clients: { c: { arrivals: { constant: { rate: 100/s } }, calls: s.op, policy: [{ timeout: 1s }] } }
services:
  s:
    threads: 50
    queue: { capacity: 100 }
    admission: [{ rate_limit: { permits: 40 } }]
    operations: { op: { idempotent: true, steps: [ work: 20ms ] } }
";

#[test]
fn what_a_service_turns_away_is_not_blamed_on_its_queue() {
    let report = told(GUARDED);
    let collapsed = report.findings.iter().find(|one| one.code == "collapsed");
    let collapsed = collapsed.expect("it collapses");
    assert!(
        collapsed
            .text
            .contains("was turned away by the admission of s"),
        "{}",
        collapsed.text
    );
    assert!(!collapsed.remedy.contains("queues"), "{}", collapsed.remedy);
}

/// What a limit turns away itself does not make it one that grew although calls failed.
#[test]
fn a_limit_is_not_blamed_for_what_it_turns_away() {
    let guard = "admission: [{ concurrency_limit: { like: vegas } }]";
    let guarded = repaired(
        GUARDED,
        "admission: [{ rate_limit: { permits: 40 } }]",
        guard,
    );
    let rush = repaired(&guarded, "  s:\n    threads: 50", "  s:\n    threads: 2");
    let rush = rush + "faults: { rush: { at: 20s, for: 30s, client: c, load: { factor: 3 } } }\n";
    let report = told(&rush);
    let shed = report.clients[0].calls.outcomes.iter();
    let shed = shed.filter(|one| one.outcome == "rejected.shed");
    assert!(
        shed.map(|one| one.calls_total).sum::<u64>() > 1000,
        "it sheds"
    );
    assert!(texts(&report, "limit-learned-overload").is_empty());
}

/// A process that answers for itself sees no slow work: nothing is found too late.
#[test]
fn a_check_is_not_blamed_for_what_it_cannot_see() {
    let slow = |check: &str| {
        let health = format!(
            "queue: {{ capacity: 20 }}\n    health: {{ ready: {{ like: kubernetes, check: {check}, every: 8s, fails: 2 }} }}"
        );
        let text = repaired(PLAIN, "queue: { capacity: 20 }", &health);
        let faults = "\nfaults:
  hang: { at: 20s, for: 40s, service: shop, pause: {} }
  slow: { at: 80s, for: 10s, service: shop, slow: { factor: 20 } }\n";
        let report = told(&(text + faults));
        let found = texts(&report, "detection-too-late");
        found.iter().filter(|text| text.contains("slow")).count()
    };
    assert_eq!(slow("process"), 0);
    assert_eq!(slow("thread"), 1);
}

#[test]
fn a_breaker_that_fails_for_several_reasons_names_none() {
    let both = repaired(
        LIMITED,
        "policies:",
        "faults: { f: { at: 0s, service: s, errors: { share: 30%, kind: internal } } }\npolicies:",
    );
    let report = told(&both);
    let opens = report
        .timeline
        .iter()
        .find(|line| line.text.contains("opens"));
    let text = &opens.expect("it opens").text;
    assert!(!text.contains(", all "), "{text}");
}

#[test]
fn a_policy_that_did_nothing_is_one_note() {
    let policy = "calls: shop.buy\n    policy: [{ retry: { max_attempts: 3 } }, { circuit_breaker: { like: resilience4j } }, { timeout: 5s }]";
    let report = told(&repaired(PLAIN, "calls: shop.buy", policy));
    let found = texts(&report, "policy-never-exercised");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("retry, circuit_breaker did nothing"),
        "{found:?}"
    );
}

#[test]
fn a_timeout_that_never_acts_is_as_it_should_be() {
    let policy = "calls: shop.buy\n    policy: [{ timeout: 5s }]";
    let report = told(&repaired(PLAIN, "calls: shop.buy", policy));
    assert!(texts(&report, "policy-never-exercised").is_empty());
    assert!(report.layers[0].never_acted);
}

#[test]
fn a_retry_that_never_comes_to_its_turn_names_the_timeout_around_it() {
    let policy = "calls: shop.buy\n    policy: [{ timeout: 15ms }, { retry: { max_attempts: 3 } }]";
    let report = told(&repaired(PLAIN, "calls: shop.buy", policy));
    let found = texts(&report, "policy-never-exercised");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("it never tried again: timeout around it gave up "),
        "{found:?}"
    );
}

#[test]
fn probes_that_keep_their_permits_are_not_helped_by_a_timeout() {
    let kept = repaired(
        WEDGED,
        "    - circuit_breaker: { ",
        "    - timeout: 1s\n    - circuit_breaker: { uncounted: keeps_permit, ",
    );
    let report = told(&kept);
    let found = report
        .findings
        .iter()
        .find(|one| one.code == "wedged-half-open");
    let found = found.expect("it is wedged");
    assert!(found.text.contains("keep their permits"), "{}", found.text);
    assert!(!found.remedy.contains("timeout"), "{}", found.remedy);
}

#[test]
fn no_figure_comes_from_a_division_by_nothing() {
    let text = "
scenario: x
run: { duration: 10s }
clients:
  web: { arrivals: { poisson: { rate: 10/s } }, calls: a.op, policy: p }
services:
  a: { threads: 4, queue: { capacity: 10 }, operations: { op: { idempotent: true, steps: [{ work: 1ms }] } } }
policies:
  p: [{ rate_limit: { permits: 1, period: 2562047h, max_wait: unlimited } }]
";
    let report = told(text);
    let said = serde_json::to_string(&report).unwrap();
    for nothing in ["inf%", "NaN", "inf ", "infs"] {
        assert!(!said.contains(nothing), "{nothing}: {said}");
    }
}
