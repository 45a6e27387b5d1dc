//! `squall limits` from outside.

use super::binary::{Ended, Scratch, fits_a_terminal};

/// A shop that can do 50 calls a second, and stays down after a slowdown long before that.
pub(crate) const EDGE: &str = "\
scenario: edge
question: How close to the edge is the shop?
run: { duration: 30s, seed: 7 }
clients:
  users:
    arrivals: { poisson: { rate: 30/s } }
    calls: shop.buy
    policy: impatient
services:
  shop:
    threads: 5
    queue: { capacity: 60 }
    operations:
      buy: { idempotent: true, steps: [ { work: { exponential: { mean: 100ms } } } ] }
policies:
  impatient:
    - retry: { max_attempts: 3, backoff: none, jitter: none }
    - timeout: 600ms
faults:
  slow: { at: 10s, for: 4s, service: shop, slow: { factor: 3 } }
expect:
  useful: { success: { client: users, from: 15s, to: 25s, at_least: 60% } }
";

const RATE: &str = "clients.users.arrivals.poisson.rate=10/s..60/s";

fn folder(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.write("edge.yaml", EDGE);
    scratch
}

fn limits(scratch: &Scratch, more: &[&str]) -> Ended {
    let args: Vec<&str> = ["-q", "limits", "edge.yaml"]
        .iter()
        .chain(more)
        .copied()
        .collect();
    scratch.run(&args)
}

/// The words after the name of a field of a report.
fn field<'t>(json: &'t str, name: &str) -> &'t str {
    let rest = json.split(&format!("\"{name}\": \"")).nth(1);
    rest.and_then(|rest| rest.split('"').next())
        .unwrap_or_default()
}

#[test]
fn the_edge_is_told_in_words_tables_and_charts_at_any_number_of_threads() {
    let scratch = folder("limits-words");
    let all = |threads: &str| {
        let more = [
            "--over",
            RATE,
            "-n",
            "20",
            "--without-faults",
            "--ramp",
            "5",
            "--hold",
            "10",
            "--threads",
            threads,
            "-o",
            threads,
        ];
        limits(&scratch, &more).with(0).out
    };
    let one = all("1");
    assert!(
        one.starts_with("EDGE  edge: rate between 10/s and 60/s, "),
        "{one}"
    );
    assert!(one.contains("Answer    vulnerable above "), "{one}");
    assert!(one.contains(", unstable above "), "{one}");
    assert!(one.contains("the scenario itself has 30/s: "), "{one}");
    assert!(one.contains("on a ramp it falls at rate "), "{one}");
    let head = one
        .lines()
        .take_while(|line| !line.contains("How to reproduce"));
    assert!(fits_a_terminal(head), "{one}");
    assert_eq!(all("3"), one);
    scratch.same(
        "1",
        "3",
        &[
            "report.json",
            "report.md",
            "report.html",
            "charts/edge.svg",
            "charts/loop.svg",
        ],
    );
}

#[test]
fn a_map_has_an_edge_for_each_value_and_its_command_plays_it_again() {
    let scratch = folder("limits-map");
    let more = [
        "--over",
        "faults.slow.for=500ms..12s step 500ms",
        "--map",
        "clients.users.arrivals.poisson.rate=20/s,30/s",
        "-n",
        "20",
    ];
    let human = limits(&scratch, &[&more[..], &["-o", "map"]].concat())
        .with(0)
        .out;
    assert!(human.contains("at rate 20/s: "), "{human}");
    assert!(
        human.contains("at rate 30/s: recovers from `slow` up to "),
        "{human}"
    );
    let json = scratch.read("map/report.json");
    assert!(scratch.path("map/charts/edge-map.svg").exists());
    let words = field(&json, "command").replace('\'', "\"");
    let again: Vec<String> = words
        .split('"')
        .enumerate()
        .flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .skip(1)
        .chain(["--format".to_owned(), "json".to_owned()])
        .collect();
    assert_eq!(scratch.run(&again).with(0).out, json);
}

#[test]
fn an_expectation_can_be_what_fails() {
    let scratch = folder("limits-expectation");
    let more = ["--over", RATE, "-n", "20", "--failing", "useful"];
    let human = limits(&scratch, &more).with(0).out;
    assert!(
        human.contains("misses `useful` in more than 50% of runs"),
        "{human}"
    );
    let markdown = limits(&scratch, &[&more[..], &["--format", "markdown"]].concat())
        .with(0)
        .out;
    assert!(markdown.starts_with("# EDGE: edge\n"), "{markdown}");
}

#[test]
fn where_there_is_no_edge_it_is_said() {
    let scratch = folder("limits-none");
    let over = "clients.users.arrivals.poisson.rate=1/s..3/s";
    let human = limits(&scratch, &["--over", over, "-n", "15"]).with(0).out;
    assert!(human.starts_with("NO EDGE  edge: "), "{human}");
    assert!(
        human.contains("no edge: from 1/s to 3/s it collapses in less than 50% of runs"),
        "{human}"
    );
}

/// Of 60 calls one fails in nearly half of the runs where a call in a hundred does.
const HALF: &str = "\
scenario: half
run: { duration: 2s, seed: 7 }
clients:
  users: { arrivals: { constant: { rate: 30/s } }, calls: shop.buy }
services:
  shop:
    threads: 4
    queue: { capacity: 8 }
    operations:
      buy: { steps: [ { work: 1ms }, { fail: { share: 1% } } ] }
expect:
  all: { success: { client: users, at_least: 100% } }
";

#[test]
fn an_end_that_cannot_be_told_is_named_and_no_edge_is_denied() {
    let scratch = Scratch::new("limits-open-end");
    scratch.write("half.yaml", HALF);
    let over = "services.shop.operations.buy.steps.fail.share=1%..99%";
    let args = ["-q", "limits", "half.yaml", "--over", over];
    let more = ["--failing", "all", "-n", "15"];
    let told = scratch.run(&[&args[..], &more].concat()).with(3).out;
    assert!(told.starts_with("UNCLEAR  half: "), "{told}");
    let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
    let sure = "no edge is sure: from 25.5% to 99% it misses `all` in more than 50% of runs";
    let open = "it cannot be told at 1% (3 of 13 runs, 23.08%); the edge may lie there";
    assert!(words.contains(&format!("{sure}, but {open}")), "{told}");
}

/// Arguments, and what is said about them.
const REFUSED: &[(&[&str], &str)] = &[
    (
        &["--over", "services.shop.thread=1..9"],
        "did you mean `threads`?",
    ),
    (
        &["--over", "services.shops.threads=1..9"],
        "did you mean `shop`?",
    ),
    (
        &["--over", "services.shop.threads=0..9"],
        "it must be at least 1",
    ),
    (
        &["--over", "services.shop.threads=9..1"],
        "a range must go up",
    ),
    (
        &["--over", "services.shop.threads=4"],
        "has no edge to be found",
    ),
    (
        &["--over", "services.shop.threads=few,many"],
        "has no edge to be found",
    ),
    (&["--over", "services.shop.threads="], "it has no values"),
    (&["--over", "services.shop.threads"], "--over PATH=VALUES"),
    (
        &["--over", "services.shop.threads=1s..9s"],
        "`services.shop.threads` is `1s`",
    ),
    (&[], "--over"),
    (
        &["--over", RATE, "--failing", "usefull"],
        "did you mean `useful`?",
    ),
    (
        &["--over", RATE, "--level", "0%"],
        "above 0% and below 100%",
    ),
    (
        &["--over", RATE, "--level", "1%"],
        "runs of a value cannot show",
    ),
    (&["--over", RATE, "-n", "3"], "or more"),
    (&["--over", RATE, "--map", RATE], "is there twice"),
    (
        &["--over", RATE, "--map", "services.shop.threads=1..9"],
        "has no end of values",
    ),
    (&["--over", RATE, "--map", "clients=1"], "undoes what"),
    (&["--over", RATE, "--ramp", "2"], "2 is not in 3..=100"),
    (&["--over", RATE, "--hold", "5"], "--ramp"),
    (
        &["--over", "faults.slow.for=1s..9s", "--without-faults"],
        "has no `slow`",
    ),
    (
        &["--over", "clients.users.processes=1..9", "--ramp", "3"],
        "cannot change during a run",
    ),
];

#[test]
fn what_makes_no_sense_has_one_clear_error() {
    let scratch = folder("limits-refused");
    for (args, said) in REFUSED {
        limits(&scratch, args).refused(said);
    }
    assert_eq!(scratch.names("."), ["edge.yaml"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_tells_what_was_known_by_then() {
    let scratch = folder("limits-ctrl-c");
    let args = [
        "-q",
        "limits",
        "edge.yaml",
        "--over",
        RATE,
        "--set",
        "run.duration=4000s",
        "-o",
        "out",
    ];
    let ended = super::interrupt::stopped_midway(&scratch, &args);
    assert!(ended.out.starts_with("STOPPED  edge: "), "{}", ended.out);
}
