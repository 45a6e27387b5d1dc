//! Findings: what is worth knowing though nobody asked.
//!
//! Each finding is one small function that looks at a run and says nothing, or something with a
//! stable code, a place, a sentence with figures and a remedy. Each threshold stands beside its reason,
//! here and in `docs/findings.md`, which explains every code.

mod about;
mod breakers;
mod deeds;
mod dynamics;
mod ejection;
mod episode;
mod fairness;
mod finding;
mod health;
mod limits;
mod lives;
mod load;
mod memory;
mod pools;
mod retries;
mod stops;
mod trial;
mod zones;

pub use about::About;
pub use finding::Finding;
pub use trial::few_beyond;

use super::recovery::Recovery;
use super::run_view::RunView;
use crate::scenario::expect::FINDING_CODES;

/// All findings of a run, the gravest first, then in the order of the codes.
pub fn findings(view: &RunView<'_>, recoveries: &[Recovery]) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(dynamics::metastable_failure(view, recoveries));
    found.extend(dynamics::collapse(view));
    found.extend(dynamics::relapse(view, recoveries));
    found.extend(ejection::all_ejected(view));
    found.extend(ejection::black_hole(view));
    found.extend(health::death_spiral(view));
    found.extend(health::never_ready(view));
    found.extend(retries::retry_storm(view));
    found.extend(stops::pool_deadlock(view));
    found.extend(pools::pool_standstill(view));
    found.extend(dynamics::cascading_timeouts(view));
    found.extend(retries::synchronised_retries(view));
    found.extend(breakers::flapping(view));
    found.extend(breakers::wedged(view));
    found.extend(stops::stops_while_idle(view));
    found.extend(ejection::ejection_without_effect(view));
    found.extend(load::overload_without_shedding(view));
    found.extend(load::standing_queue(view));
    found.extend(load::wasted_work(view));
    found.extend(pools::pool_exhausted(view));
    found.extend(zones::zone_saturated(view));
    found.extend(health::detection_too_late(view));
    found.extend(limits::stuck_limits(view));
    found.extend(limits::learned_overload(view));
    found.extend(fairness::unfair_tenants(view));
    found.extend(memory::killed_for_memory(view));
    found.extend(deeds::inconsistent(view));
    found.extend(deeds::saga_stuck(view));
    found.extend(fairness::starved_client(view));
    found.extend(fairness::starved_label(view));
    found.extend(lives::removal_gap(view));
    found.extend(lives::panic_routing(view));
    found.extend(lives::restart_loop(view));
    found.extend(lives::never_up(view));
    found.extend(trial::saturated_before_fault(view, recoveries));
    found.extend(trial::policy_never_exercised(view));
    found.extend(trial::budget_never_refused(view));
    found.extend(trial::fault_without_effect(view));
    found.extend(trial::operation_never_called(view));
    found.extend(trial::too_few_samples(view));
    found.extend(trial::too_short_to_judge(view, recoveries));
    debug_assert!(found.iter().all(|one| FINDING_CODES.contains(&one.code)));
    found.sort_by_key(|finding| finding.severity);
    found
}
