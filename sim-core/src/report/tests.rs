//! A report of a run made by hand.

use super::*;
use crate::judge::judge;
use crate::model::record::fixture::*;
use crate::scenario::Places;
use crate::scenario::Scenario;
use crate::time::SimDuration;

fn report() -> Report {
    let mut model = shop(100, 10);
    slow_bank(&mut model, s(40), s(50));
    let record = run_of_seconds(
        &model,
        |_| 100,
        |t| if (40..50).contains(&t) { 20 } else { 100 },
    );
    let scenario = Scenario {
        name: "by-hand".to_owned(),
        title: String::new(),
        question: String::new(),
        seed: u64::MAX,
        model,
        expectations: Vec::new(),
        places: Places::default(),
        hash: "00".to_owned(),
    };
    let origin = RunOrigin {
        engine_semantics: 1,
        text: "scenario: by-hand\n".to_owned(),
        seed: scenario.seed,
        replication: 0,
        overrides: Vec::new(),
        command: "squall run by-hand.yaml".to_owned(),
        version: "0.1.0".to_owned(),
    };
    let judgement = judge(&scenario, &record, SimDuration::ZERO);
    build(&scenario, &record, &judgement, &origin)
}

#[test]
fn figures_come_from_the_measured_part() {
    let report = report();
    let calls = &report.clients[0].calls;
    assert_eq!(
        (calls.started_total, calls.ended_total, calls.useful_total),
        (9_000, 9_000, 8_200)
    );
    assert_eq!(calls.offered_per_second, Finite::new(100.0).unwrap());
    assert_eq!(calls.outcomes.len(), 2);
    assert_eq!(calls.outcomes[0].latency.p50_ns, 10_000_000);
    assert_eq!(calls.first_causes[0].place, "bank.pay");
    assert_eq!(report.edges[0].name, "shoppers -> shop.buy");
    assert_eq!(report.recovery[0].verdict, RecoveryVerdict::Recovered);
    assert_eq!(report.faults[0].text, "bank slows 10x");
    assert!(report.layers.iter().all(|layer| layer.never_acted));
    assert!(report.conservation.iter().all(|sum| sum.holds));
}

#[test]
fn series_are_equally_long_and_sum_to_the_whole_run() {
    let report = report();
    let points = report.series.points as usize;
    assert_eq!(report.series.bucket_ns, 500_000_000);
    assert_eq!(points, 200);
    let client = &report.series.clients[0];
    assert_eq!(client.offered.iter().sum::<u64>(), 10_000);
    assert_eq!(client.outcomes.len(), 2);
    for length in [
        client.useful.len(),
        client.useful_latency.p99_ns.len(),
        report.series.services[1].queue_mean.len(),
    ] {
        assert_eq!(length, points);
    }
}

#[test]
fn a_report_reads_back_as_it_was_written() {
    let report = report();
    let text = serde_json::to_string_pretty(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
    assert!(text.contains("\"seed\": \"18446744073709551615\""));
    for word in ["NaN", "inf\"", "\r"] {
        assert!(!text.contains(word), "{word}");
    }
}

/// The same run gives the same bytes.
#[test]
fn a_report_is_a_function_of_the_run() {
    assert_eq!(
        serde_json::to_vec(&report()).unwrap(),
        serde_json::to_vec(&report()).unwrap()
    );
}
