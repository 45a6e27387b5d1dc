//! Judgement of a run: pure functions of its record.
//!
//! Was each expectation met, and if not, why? Did the system recover from each fault? What else is
//! worth knowing, and what happened, in words? Everything here reads a [`RunRecord`] and the
//! scenario; nothing is measured again and nothing is drawn.

mod breaker_lines;
mod calls_by_second;
mod causes;
mod cold;
mod deadlock;
mod ejection_lines;
mod episodes;
mod expect;
mod findings;
mod goodput_lines;
mod health_lines;
mod life_lines;
mod limit_lines;
mod limit_moments;
mod longest;
mod moment;
mod pools;
mod recovery;
mod rise;
mod run_view;
mod stops;
mod sustaining;
#[cfg(test)]
mod tests;
mod timeline;
mod verdict;
mod waves;
mod words;

pub use crate::units::per_unit;
pub use calls_by_second::{CallsBySecond, Started};
pub use causes::Link;
pub use expect::{Judged, judge_expectation, unit};
pub use findings::{About, Finding, few_beyond, findings};
pub use limit_lines::{LimitLine, limit_lines, limited};
pub use longest::longest_call;
pub use moment::Moment;
pub use recovery::{
    Baseline, COLLAPSED, ENOUGH_CALLS, HEALTHY, HOLD_S, PATIENCE, RECOVERED, RELAPSED, Recovery,
    SAME_LOAD, Trigger, collapsed, recovery,
};
pub use run_view::RunView;
pub use timeline::timeline;
pub use verdict::{RecoveryVerdict, Severity, TimelineKind, Unit, Verdict};
pub use words::fault_text;
pub(crate) use words::{percent, span};

use recovery::recovery_of_rise;
use rise::rises;

use crate::model::record::{RunRecord, RunStatus};
use crate::model::spec::FaultSpec;
use crate::scenario::Scenario;
use crate::scenario::expect::RecoveryOf;
use crate::time::SimDuration;

/// Everything that judgement has to say about a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The worst verdict; `pass` when there are no expectations.
    pub verdict: Verdict,
    /// Expectations in the order of the scenario.
    pub expectations: Vec<Judged>,
    /// Recovery from each fault: all clients together, then, if there are several, each by itself.
    pub recoveries: Vec<Recovery>,
    /// Findings, the gravest first.
    pub findings: Vec<Finding>,
    /// What happened, in the order of time.
    pub timeline: Vec<Moment>,
    /// Why it went wrong, in the order of time; empty if it did not.
    pub causes: Vec<Link>,
}

/// Judges a run. `longest_call` is how long the slowest call can take that the policies of clients
/// allow; recovery is not denied before three times as much has passed.
pub fn judge(scenario: &Scenario, record: &RunRecord, longest_call: SimDuration) -> Judgement {
    let view = RunView {
        scenario,
        record,
        longest_call,
    };
    let recoveries = recoveries(&view);
    let findings = findings(&view, &recoveries);
    let judged = scenario
        .expectations
        .iter()
        .map(|one| judge_expectation(&view, &findings, one));
    let mut expectations: Vec<Judged> = judged.collect();
    let chain = causes::chain(&view, &recoveries, &findings, &expectations);
    for (asked, one) in scenario.expectations.iter().zip(&mut expectations) {
        if one.verdict == Verdict::Fail {
            one.causes = causes::causes(&view, &chain, &asked.measure);
        }
    }
    // Of a run that was stopped nobody knows what would have come.
    let at_best = match record.status {
        RunStatus::Finished => Verdict::Pass,
        RunStatus::Limit(_) | RunStatus::Interrupted => Verdict::Inconclusive,
    };
    let verdicts = expectations.iter().map(|one| one.verdict);
    Judgement {
        verdict: verdicts.fold(at_best, Ord::max),
        findings,
        timeline: timeline(&view, &recoveries),
        causes: chain,
        expectations,
        recoveries,
    }
}

fn recoveries(view: &RunView<'_>) -> Vec<Recovery> {
    let clients = view.spec().clients.ids().map(RecoveryOf::Client);
    let each: Vec<RecoveryOf> = match view.spec().clients.len() {
        0 | 1 => vec![RecoveryOf::AllClients],
        _ => std::iter::once(RecoveryOf::AllClients)
            .chain(clients)
            .collect(),
    };
    let faults = view.spec().faults.iter_enumerated();
    // Instances that fail and return until the end have no end to recover from. What is judged depends
    // on the scenario alone, so that it is the same for all replications.
    let is_wear = |fault: &FaultSpec| {
        let end = view.spec().duration;
        fault.random.is_some() && fault.spans.iter().all(|span| span.1 >= end)
    };
    let judged = faults.filter(|(_, fault)| !is_wear(fault));
    let of_faults = judged
        .map(|(id, _)| id)
        .flat_map(|fault| each.iter().map(move |&of| recovery(view, fault, of)));
    let of_rises = rises(view)
        .into_iter()
        .flat_map(|rise| each.iter().map(move |&of| recovery_of_rise(view, rise, of)));
    of_faults.chain(of_rises).collect()
}
