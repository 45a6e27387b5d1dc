//! Findings: what is worth knowing though nobody asked.
//!
//! Each finding is one small function that looks at a run and says nothing, or something with a
//! stable code, a place, a sentence with figures and a remedy. Each threshold stands beside its reason,
//! here and in `docs/findings.md`, which explains every code.

mod about;
mod breakers;
mod dynamics;
mod episode;
mod fairness;
mod finding;
mod load;
mod retries;
mod stops;
mod trial;

pub use about::About;
pub use finding::Finding;
pub use trial::few_beyond;

use super::case::Case;
use super::recovery::Recovery;
use crate::scenario::expect::FINDING_CODES;

/// All findings of a run, the gravest first, then in the order of the codes.
pub fn findings(case: &Case<'_>, recoveries: &[Recovery]) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(dynamics::metastable_failure(case, recoveries));
    found.extend(dynamics::collapse(case));
    found.extend(dynamics::relapse(case, recoveries));
    found.extend(retries::retry_storm(case));
    found.extend(stops::pool_deadlock(case));
    found.extend(dynamics::cascading_timeouts(case));
    found.extend(retries::synchronised_retries(case));
    found.extend(breakers::flapping(case));
    found.extend(breakers::wedged(case));
    found.extend(stops::stops_while_idle(case));
    found.extend(load::overload_without_shedding(case));
    found.extend(load::standing_queue(case));
    found.extend(load::wasted_work(case));
    found.extend(fairness::starved_client(case));
    found.extend(fairness::starved_label(case));
    found.extend(trial::saturated_before_fault(case, recoveries));
    found.extend(trial::policy_never_exercised(case));
    found.extend(trial::budget_never_refused(case));
    found.extend(trial::fault_without_effect(case));
    found.extend(trial::operation_never_called(case));
    found.extend(trial::too_few_samples(case));
    found.extend(trial::too_short_to_judge(case, recoveries));
    debug_assert!(found.iter().all(|one| FINDING_CODES.contains(&one.code)));
    found.sort_by_key(|finding| finding.severity);
    found
}
