//! From a run and its judgement to the report: names instead of numbers, ratios instead of pairs.

mod comparison;
mod deed;
mod ejection;
mod judgement;
mod limit;
mod memory;
mod messages;
mod policy;
mod pool;
mod rates;
mod replications;
mod saga;
mod series;
mod service;
mod traffic;
mod window;

use super::{
    CheckpointReport, ConservationReport, DigestReport, DrainReport, Finite, OverrideReport,
    Report, ReproduceReport, SCHEMA_VERSION, ScenarioReport, Status, ThresholdsReport,
};
pub use comparison::{ComparedDesign, comparison};
pub(super) use policy::acts;
pub use replications::{ManyRuns, replications};

use crate::experiment::run_warnings;
use crate::judge::{Judgement, RunView};
use crate::model::record::{Drain, RunRecord, RunStatus};
use crate::model::spec::ModelSpec;
use crate::observe::digest::hex;
use crate::scenario::Scenario;
use crate::time::SimDuration;

/// Where a run comes from: what the record itself does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOrigin {
    /// Version of the engine's meaning.
    pub engine_semantics: u32,
    /// The normalised scenario.
    pub text: String,
    /// The seed that was used.
    pub seed: u64,
    /// Number of the replication, from 0.
    pub replication: u32,
    /// Settings changed on the command line, in the order given.
    pub overrides: Vec<OverrideReport>,
    /// The command line that plays the run again.
    pub command: String,
    /// Version of the program.
    pub version: String,
}

/// The report of a run.
pub fn build(
    scenario: &Scenario,
    record: &RunRecord,
    judgement: &Judgement,
    origin: &RunOrigin,
) -> Report {
    let spec = &scenario.model;
    let services = service::services(spec, record);
    let busy = services.iter().map(|one| one.utilisation.map(Finite::get));
    let warnings = run_warnings(spec, record, &busy.collect::<Vec<_>>());
    Report {
        schema_version: SCHEMA_VERSION,
        engine_semantics: origin.engine_semantics,
        scenario: scenario_report(scenario, origin),
        status: status(record.status),
        drain: record.drain.map(|drain| drain_report(spec, drain)),
        verdict: judgement.verdict,
        expectations: judgement::expectations(scenario, judgement),
        timeline: judgement::timeline(judgement),
        causes: judgement::causes(&judgement.causes),
        clients: traffic::clients(spec, record),
        tenants: traffic::tenants(spec, record),
        classes: traffic::classes(spec, record),
        edges: traffic::edges(spec, record),
        services,
        pools: pool::pools(spec, record),
        effects: deed::effects(spec, record),
        invariants: deed::invariants(spec, record),
        queues: messages::queues(spec, record),
        sagas: saga::sagas(spec, record),
        windows: window::windows(&RunView {
            scenario,
            record,
            longest_call: SimDuration::MAX,
        }),
        layers: policy::layers(spec, record),
        budgets: policy::budgets(spec, record),
        breakers: policy::breakers(spec, record),
        faults: judgement::faults(spec, record.end, Some(record)),
        recovery: judgement::recovery(spec, judgement),
        thresholds: ThresholdsReport::default(),
        findings: judgement::findings(judgement),
        lints: Vec::new(),
        warnings: judgement::warnings(warnings),
        series: series::series(spec, record),
        conservation: conservation(record),
        digest: digest(record),
        reproduce: ReproduceReport {
            command: origin.command.clone(),
            version: origin.version.clone(),
        },
    }
}

fn scenario_report(scenario: &Scenario, origin: &RunOrigin) -> ScenarioReport {
    ScenarioReport {
        name: scenario.name.clone(),
        title: scenario.title.clone(),
        question: scenario.question.clone(),
        hash: scenario.hash.clone(),
        text: origin.text.clone(),
        duration_ns: scenario.model.duration.as_ns(),
        warmup_ns: scenario.model.warmup.as_ns(),
        seed: origin.seed,
        replication: origin.replication,
        overrides: origin.overrides.clone(),
    }
}

fn status(status: RunStatus) -> Status {
    match status {
        RunStatus::Finished => Status::Finished,
        RunStatus::Limit(limit) => Status::Limit(limit.name().to_owned()),
        RunStatus::Interrupted => Status::Interrupted,
    }
}

fn drain_report(spec: &ModelSpec, drain: Drain) -> DrainReport {
    DrainReport {
        most_ns: spec.drain.as_ns(),
        took_ns: drain.took.as_ns(),
        under_way_total: drain.under_way,
        unfinished_total: drain.unfinished,
    }
}

fn conservation(record: &RunRecord) -> Vec<ConservationReport> {
    let sums = record.conservation.iter();
    sums.map(|sum| ConservationReport {
        what: sum.what.to_owned(),
        place: sum.place.clone(),
        in_total: sum.came_in,
        out_total: sum.went_out,
        inside: sum.inside.max(0).unsigned_abs(),
        holds: sum.holds(),
    })
    .collect()
}

fn digest(record: &RunRecord) -> DigestReport {
    let trail = record.digest.trail.iter();
    DigestReport {
        value: hex(record.digest.value),
        facts_total: record.digest.facts,
        checkpoints: trail
            .map(|mark| CheckpointReport {
                facts_total: mark.facts,
                at_ns: mark.at.as_ns(),
                value: hex(mark.value),
            })
            .collect(),
    }
}
