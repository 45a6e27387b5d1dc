//! From two designs and their runs to the report of what differs.

use super::replications::{ManyRuns, envelope, spread_report};
use super::scenario_report;
use crate::experiment::compare::{Difference, EventDifference, Side, compare};
use crate::report::{
    ArrivalsReport, COMPARISON_VERSION, ComparisonReport, DifferenceReport, EventReport, Finite,
    Report, ReproduceReport, SideReport, ThresholdsReport,
};

/// A design, its runs, and the report of the first of them.
#[derive(Clone, Copy, Debug)]
pub struct ComparedDesign<'a> {
    /// What tells it from the other.
    pub label: &'a str,
    /// Its runs.
    pub many: ManyRuns<'a>,
    /// Its first run.
    pub first: &'a Report,
}

/// The report of two designs; `command` compares them again.
pub fn comparison(
    a: &ComparedDesign<'_>,
    b: &ComparedDesign<'_>,
    command: &str,
) -> ComparisonReport {
    let found = compare(paired(a), paired(b));
    let arrivals = found.arrivals.iter().map(|one| ArrivalsReport {
        client: one.client.clone(),
        same: one.same,
        pairs: one.pairs,
    });
    let origin = a.many.origin;
    ComparisonReport {
        kind: "comparison".to_owned(),
        schema_version: COMPARISON_VERSION,
        engine_semantics: origin.engine_semantics,
        a: side(a),
        b: side(b),
        pairs: found.pairs,
        same_traffic: found
            .arrivals
            .iter()
            .all(|one| one.pairs > 0 && one.same == one.pairs),
        arrivals: arrivals.collect(),
        figures: found.figures.iter().filter_map(difference).collect(),
        events: found.events.iter().map(event).collect(),
        unmatched: found.unmatched,
        nothing_in_common: found.nothing_in_common,
        thresholds: ThresholdsReport::default(),
        reproduce: ReproduceReport {
            command: command.to_owned(),
            version: origin.version.clone(),
        },
    }
}

fn paired<'a>(design: &ComparedDesign<'a>) -> Side<'a> {
    Side {
        experiment: design.many.experiment,
        all: design.many.all,
    }
}

fn side(design: &ComparedDesign<'_>) -> SideReport {
    SideReport {
        label: design.label.to_owned(),
        scenario: scenario_report(design.many.experiment.scenario(), design.many.origin),
        runs: design.many.runs(),
        verdict: design.first.verdict,
        timeline: design.first.timeline.clone(),
        envelope: envelope(&design.many),
        faults: design.first.faults.clone(),
        command: design.first.reproduce.command.clone(),
    }
}

fn difference(one: &Difference) -> Option<DifferenceReport> {
    Some(DifferenceReport {
        name: one.name.clone(),
        a: spread_report(Some(one.a), one.unit),
        b: spread_report(Some(one.b), one.unit),
        change: Finite::new(one.change.mean)?,
        half_width: one.change.half_width.and_then(Finite::new),
        significant: one.is_significant(),
        pairs_to_decide: one.pairs_to_decide(),
        gain: one.gain.and_then(Finite::new),
    })
}

fn event(one: &EventDifference) -> EventReport {
    EventReport {
        name: one.name.clone(),
        pairs: one.pairs,
        in_a: one.in_a,
        in_b: one.in_b,
        only_a: one.only_a,
        only_b: one.only_b,
        p_value: Finite::new(one.p_value).unwrap_or_default(),
        significant: one.is_significant(),
        pairs_to_decide: one.pairs_to_decide(),
    }
}
