//! From a scenario to the report of one of its runs, the whole way.

use super::build::{RunOrigin, build};
use super::{LintReport, OverrideReport, Report};
use crate::ENGINE_SEMANTICS;
use crate::experiment::{Play, simulate};
use crate::judge::{judge, longest_call};
use crate::model::fact::Observer;
use crate::model::record::RunRecord;
use crate::scenario::{DiagnosticSeverity, Loaded, Position, Scenario};
use crate::time::SimTime;

/// What a report says about how its run came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which run.
    pub play: Play,
    /// Settings changed on the command line, in the order given.
    pub overrides: Vec<OverrideReport>,
    /// The command line that plays the run again.
    pub command: String,
}

impl Request {
    /// The run of a scenario's own seed.
    pub fn of(scenario: &Scenario) -> Self {
        let play = Play {
            seed: scenario.seed,
            replication: 0,
        };
        let command = format!("squall run {} --seed {}", scenario.name, scenario.seed);
        Self {
            play,
            overrides: Vec::new(),
            command,
        }
    }
}

/// Judges a record and reports it.
pub fn report(loaded: &Loaded, record: &RunRecord, request: &Request) -> Report {
    let scenario = &loaded.scenario;
    let judgement = judge(scenario, record, longest_call(&scenario.model));
    let origin = RunOrigin {
        engine_semantics: ENGINE_SEMANTICS,
        text: loaded.normalised.clone(),
        seed: request.play.seed,
        replication: request.play.replication,
        overrides: request.overrides.clone(),
        command: request.command.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    Report {
        lints: lints(loaded),
        ..build(scenario, record, &judgement, &origin)
    }
}

/// Warnings about the scenario itself; a text of one line, such as that of a report, has no places.
fn lints(loaded: &Loaded) -> Vec<LintReport> {
    let warnings = loaded.warnings.iter();
    let warnings = warnings.filter(|one| one.severity == DiagnosticSeverity::Warning);
    warnings
        .map(|one| {
            let at = Position::of(&one.span).filter(|at| at.line > 1);
            LintReport {
                code: one.code.to_owned(),
                line: at.map(|at| at.line),
                column: at.map(|at| at.column),
                text: one.message.clone(),
                remedy: one.hint.clone().unwrap_or_default(),
            }
        })
        .collect()
}

/// Plays, judges and reports one run; `watcher` is told every fact.
pub fn run<O: Observer>(
    loaded: &Loaded,
    request: &Request,
    watcher: O,
    progress: &mut dyn FnMut(SimTime, u64) -> bool,
) -> (Report, O) {
    let (record, watcher) = simulate(&loaded.scenario, request.play, watcher, progress);
    (report(loaded, &record, request), watcher)
}
