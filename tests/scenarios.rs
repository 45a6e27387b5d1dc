//! Every scenario runs, its expectations hold over many seeds, and its report is the stored one.

use crate::support::{loaded, scenario_files, stem};
use sim_core::report::{Request, Stored, Verdict, run};

/// Runs of each scenario whose expectations must all hold.
const SEEDS: u64 = 20;

/// What each scenario teaches by a finding, and which findings its repaired twin must not have.
const TAUGHT: &[(&str, &str, bool)] = &[
    ("payments-slowdown", "metastable-failure", true),
    ("payments-slowdown", "retry-storm", true),
    ("payments-guarded", "metastable-failure", false),
    ("payments-guarded", "retry-storm", false),
    ("payments-guarded", "collapsed", false),
    ("cascading-timeouts", "cascading-timeouts", true),
    ("bulkhead-isolates", "cascading-timeouts", false),
    ("herd-without-jitter", "synchronised-retries", true),
    ("herd-with-jitter", "synchronised-retries", false),
    ("breaker-too-low", "flapping-breaker", true),
    ("breaker-too-high", "flapping-breaker", false),
    ("retry-amplification", "retry-storm", true),
];

#[test]
fn expectations_hold_over_many_seeds() {
    let mut wrong = Vec::new();
    for path in scenario_files() {
        let loaded = loaded(&path, &[]);
        for seed in 1..=SEEDS {
            let mut request = Request::of(&loaded.scenario);
            request.play.seed = seed;
            let (report, ()) = run(&loaded, &request, (), &mut |_, _| true);
            for expectation in &report.expectations {
                if expectation.verdict != Verdict::Pass {
                    wrong.push(format!(
                        "{} seed {seed}: {}: {:?}",
                        stem(&path),
                        expectation.text,
                        expectation.value
                    ));
                }
            }
            let taught = TAUGHT.iter().filter(|(name, ..)| *name == stem(&path));
            for (name, code, present) in taught {
                if report.findings.iter().any(|one| one.code == *code) != *present {
                    wrong.push(format!(
                        "{name} seed {seed}: finding {code} is {}",
                        !present
                    ));
                }
            }
            let uneven: Vec<_> = report
                .conservation
                .iter()
                .filter(|sum| !sum.holds)
                .collect();
            assert!(
                uneven.is_empty(),
                "{} seed {seed}: {uneven:#?}",
                stem(&path)
            );
        }
    }
    assert!(
        wrong.is_empty(),
        "{} expectations and findings are not as they should be:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn reports_are_the_stored_ones() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../reports");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for path in scenario_files() {
        let loaded = loaded(&path, &[]);
        let (report, ()) = run(&loaded, &Request::of(&loaded.scenario), (), &mut |_, _| {
            true
        });
        assert_eq!(report.verdict, Verdict::Pass, "{}", stem(&path));
        settings.bind(|| insta::assert_snapshot!(stem(&path), Stored::of(&report).text()));
    }
}

#[test]
fn every_stored_report_has_its_scenario() {
    let names: Vec<String> = scenario_files().iter().map(|path| stem(path)).collect();
    for entry in std::fs::read_dir(crate::support::root().join("reports")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let scenario = name
            .strip_suffix(".snap")
            .unwrap_or_else(|| panic!("{name} is no report"));
        assert!(
            names.iter().any(|known| known == scenario),
            "{name} belongs to no scenario"
        );
    }
}
