//! Every scenario runs, its expectations hold over many seeds, and its report is the stored one.

use sim_core::report::{Request, Verdict, run};
use squall_tests::{loaded, scenario_files, stem};

/// Runs of each scenario whose expectations must all hold.
const SEEDS: u64 = 20;

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
                        stem(&path), expectation.text, expectation.value
                    ));
                }
            }
            let uneven: Vec<_> = report.conservation.iter().filter(|sum| !sum.holds).collect();
            assert!(uneven.is_empty(), "{} seed {seed}: {uneven:#?}", stem(&path));
        }
    }
    assert!(wrong.is_empty(), "{} expectations do not hold:\n{}", wrong.len(), wrong.join("\n"));
}
