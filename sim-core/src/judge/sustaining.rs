//! What keeps a metastable system down: the same figure before the fault and after it.

use super::case::Case;
use super::recovery::Recovery;
use super::words::{factor, percent};
use crate::id::ServiceId;
use crate::model::record::baseline_start;
use crate::time::SimTime;

/// Attempts per original attempt must have grown by so much to be named.
const GROWN: f64 = 1.2;
/// Wasted work must have grown by such a share to be named.
const WASTED_MORE: f64 = 0.1;

/// The effects, each as a sentence with its figure before and after; the strongest service first.
pub(super) fn sustaining_effects(case: &Case<'_>, recovery: &Recovery) -> Vec<String> {
    let from = baseline_start(recovery.began, case.spec().warmup);
    let before = (from, recovery.began);
    let after = (recovery.ended, case.spec().duration);
    let mut found: Vec<(f64, String)> = Vec::new();
    for service in case.spec().services.ids() {
        found.extend(amplification(case, service, before, after));
        found.extend(wasted_work(case, service, before, after));
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().map(|(_, text)| text).collect()
}

type Span = (SimTime, SimTime);

fn amplification(
    case: &Case<'_>,
    id: ServiceId,
    before: Span,
    after: Span,
) -> Option<(f64, String)> {
    let was = case.amplification(id, before.0, before.1)?;
    let is = case.amplification(id, after.0, after.1)?;
    let text = format!(
        "{} gets {} attempts per original attempt, before the fault {}",
        case.service(id),
        factor(is),
        factor(was)
    );
    (is >= was * GROWN).then_some((is / was, text))
}

fn wasted_work(case: &Case<'_>, id: ServiceId, before: Span, after: Span) -> Option<(f64, String)> {
    let was = case.wasted_share(id, before.0, before.1).unwrap_or(0.0);
    let is = case.wasted_share(id, after.0, after.1)?;
    let text = format!(
        "{} of the work of {} is for callers who gave up, before the fault {}",
        percent(is),
        case.service(id),
        percent(was)
    );
    (is >= was + WASTED_MORE).then_some((1.0 + is - was, text))
}
