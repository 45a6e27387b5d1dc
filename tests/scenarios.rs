//! Every scenario runs, its expectations hold over many seeds, and its report is the stored one.

use crate::support::{loaded, scenario_files, stem};
use rayon::prelude::*;
use sim_core::report::{Report, Request, Stored, Verdict, run};
use sim_core::scenario::Loaded;
use std::path::Path;

/// Runs of each scenario whose expectations must all hold.
const SEEDS: u64 = 50;
/// In so many of them there must be the finding that a scenario teaches.
const TAUGHT_AT_LEAST: usize = 48;

/// What each scenario teaches by a finding.
pub(crate) const TAUGHT: &[(&str, &str)] = &[
    ("payments-slowdown", "metastable-failure"),
    ("payments-slowdown", "retry-storm"),
    ("payments-slowdown", "collapsed"),
    ("hedge-overload", "collapsed"),
    ("cascading-timeouts", "cascading-timeouts"),
    ("herd-without-jitter", "synchronised-retries"),
    ("breaker-too-low", "flapping-breaker"),
    ("retry-amplification", "retry-storm"),
    ("one-worse-host", "ejection-without-effect"),
    ("removal-gap", "removal-gap"),
    ("fast-failing-host", "black-hole"),
    ("death-spiral", "death-spiral"),
    ("limit-climbs", "limit-learned-overload"),
    ("noisy-tenant", "unfair-tenants"),
    ("memory-kill", "killed-for-memory"),
    ("reports-starve", "priority-starvation"),
    ("charged-and-left", "inconsistent"),
    ("charged-for-nothing", "inconsistent"),
];

/// What the repaired twin of each must not have in any run.
const MENDED: &[(&str, &str)] = &[
    ("payments-guarded", "metastable-failure"),
    ("payments-guarded", "retry-storm"),
    ("payments-guarded", "collapsed"),
    ("bulkhead-isolates", "cascading-timeouts"),
    ("herd-with-jitter", "synchronised-retries"),
    ("breaker-too-high", "flapping-breaker"),
    ("one-worse-host-ejected", "ejection-without-effect"),
    ("removal-drained", "removal-gap"),
    ("fast-failing-host-ejected", "black-hole"),
    ("death-spiral-process", "death-spiral"),
    ("limit-shrinks", "limit-learned-overload"),
    ("noisy-tenant-limited", "unfair-tenants"),
    ("memory-bounded", "killed-for-memory"),
    ("reports-aging", "priority-starvation"),
    ("charged-or-cancelled", "inconsistent"),
    ("charged-and-undone", "inconsistent"),
];

#[test]
fn expectations_and_findings_hold_over_many_seeds() {
    let wrong: Vec<String> = scenario_files()
        .par_iter()
        .flat_map(|path| what_does_not_hold(path))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} expectations and findings are not as they should be:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn what_does_not_hold(path: &Path) -> Vec<String> {
    let (name, loaded) = (stem(path), loaded(path, &[]));
    let reports: Vec<Report> = (1..=SEEDS).map(|seed| with_seed(&loaded, seed)).collect();
    let mut wrong = Vec::new();
    for (seed, report) in (1..).zip(&reports) {
        let uneven: Vec<_> = (report.conservation.iter())
            .filter(|sum| !sum.holds)
            .collect();
        assert!(uneven.is_empty(), "{name} seed {seed}: {uneven:#?}");
        let missed = report.expectations.iter();
        let missed = missed.filter(|one| one.verdict != Verdict::Pass);
        wrong
            .extend(missed.map(|one| format!("{name} seed {seed}: {}: {:?}", one.text, one.value)));
    }
    let raised = |code: &str| {
        let with = reports.iter().map(|report| report.findings.iter());
        with.filter_map(|mut all| all.find(|one| one.code == code))
            .count()
    };
    for (_, code) in TAUGHT.iter().filter(|(of, _)| *of == name) {
        let times = raised(code);
        if times < TAUGHT_AT_LEAST {
            wrong.push(format!("{name}: {code} only in {times} of {SEEDS} runs"));
        }
    }
    for (_, code) in MENDED.iter().filter(|(of, _)| *of == name) {
        let times = raised(code);
        if times > 0 {
            wrong.push(format!("{name}: {code} in {times} of {SEEDS} runs"));
        }
    }
    wrong
}

fn with_seed(loaded: &Loaded, seed: u64) -> Report {
    let mut request = Request::of(&loaded.scenario);
    request.play.seed = seed;
    run(loaded, &request, (), &mut |_, _| true).0
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
        // What a failed comparison leaves for review.
        if name.ends_with(".snap.new") {
            continue;
        }
        let scenario = name
            .strip_suffix(".snap")
            .unwrap_or_else(|| panic!("{name} is no report"));
        assert!(
            names.iter().any(|known| known == scenario),
            "{name} belongs to no scenario"
        );
    }
}
