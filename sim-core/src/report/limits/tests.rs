use super::*;
use crate::experiment::design::Axis;
use crate::experiment::estimate::Hits;
use crate::experiment::limits::{Care, Failing, Line, Search};
use crate::scenario::fixture::draft;

const SHOP: &str = "\
scenario: shop
run: { duration: 3s, seed: 7 }
clients:
  users:
    arrivals: { poisson: { rate: 100/s } }
    calls: shop.buy
    policy: patient
services:
  shop:
    threads: 4
    queue: { capacity: 10 }
    operations:
      buy: { steps: [ { work: 20ms } ] }
policies:
  patient: [ { retry: { max_attempts: 3 } }, { timeout: 1s } ]
";

/// The report of a search in which runs fail at these values.
fn searched(axis: &str, fails: &dyn Fn(usize) -> bool) -> LimitsReport {
    let draft = draft(SHOP);
    let base = draft.with([]).unwrap();
    let axis = Axis::parse(axis).unwrap();
    let line = Line {
        stand: 0,
        fixed: vec![],
        path: axis.path.clone(),
        places: axis.places(17),
    };
    let care = Care {
        level: 0.5,
        scan: 5,
        runs: 20,
    };
    let mut search = Search::new(line.places.len(), care);
    loop {
        let wanted = search.wanted();
        if wanted.is_empty() {
            break;
        }
        for one in wanted {
            let runs = one.runs.end - one.runs.start;
            let (hits, misses) = if fails(one.place) {
                (runs, 0)
            } else {
                (0, runs)
            };
            let of = Hits {
                hits,
                misses,
                open: 0,
            };
            search.take(one.place, of);
        }
    }
    limits_report(Study {
        draft: &draft,
        base: &base,
        overrides: vec![],
        over: &axis,
        map: None,
        failing: Failing::Collapse,
        care,
        seed: 7,
        lines: &[StudyLine {
            line,
            with: String::new(),
            faults: true,
            search,
        }],
        ramp: None,
        stopped: false,
        command: String::new(),
    })
}

#[test]
fn an_edge_is_told_with_its_middle_and_its_reach() {
    let path = "clients.users.arrivals.poisson.rate";
    let report = searched(&format!("{path}=100/s..260/s"), &|place| place >= 9);
    let line = &report.lines[0];
    assert_eq!(line.response, Response::Rises);
    let edge = &line.edges[0];
    assert_eq!((edge.from.as_str(), edge.to.as_str()), ("180/s", "190/s"));
    assert_eq!(
        (edge.middle.as_str(), edge.reach.as_str()),
        ("185/s", "5/s")
    );
    assert_eq!(edge.about, "185/s");
    assert!(edge.is_sharp && edge.fails_behind);
    assert_eq!(report.question.present.as_deref(), Some("100/s"));
    assert_eq!(report.question.name, "rate");
    assert_eq!(
        report.runs,
        line.points.iter().map(|point| point.failed.of).sum::<u32>()
    );
}

#[test]
fn what_never_turns_and_what_turns_twice_is_said() {
    let axis = "services.shop.threads=1..17";
    for (fails, response) in [
        ((|_| false) as fn(usize) -> bool, Response::Never),
        (|_| true, Response::Always),
        (|place| place < 5, Response::Falls),
        (|place| (4..10).contains(&place), Response::Turns),
    ] {
        let report = searched(axis, &fails);
        assert_eq!(report.lines[0].response, response);
    }
}

#[test]
fn a_snippet_holds_what_is_changed_and_what_is_around_it() {
    let values = [
        ("policies.patient.retry.max_attempts", "5"),
        ("services.shop.threads", "9"),
    ]
    .map(|(path, value)| (path.to_owned(), value.to_owned()));
    let text = draft(SHOP).snippet(&values);
    assert!(text.starts_with("services:\n  shop:\n"), "{text}");
    assert!(
        text.contains("max_attempts: 5") && text.contains("threads: 9"),
        "{text}"
    );
    assert!(
        text.contains("timeout: 1s"),
        "the rest of the policy stays: {text}"
    );
    assert!(!text.contains("clients"), "{text}");
}
