//! What health checks found, and how soon.

use super::measured::Measured;
use crate::id::CheckId;
use crate::judge::run_view::RunView;
use crate::model::fact::HealthVerdict;
use crate::time::SimTime;

/// From the beginning of a fault to the first verdict of a check that somebody fails.
pub(super) fn detection(view: &RunView<'_>, check: CheckId, began: SimTime) -> Measured {
    let mut verdicts = view.record.health_changes.iter();
    let found = verdicts
        .find(|it| it.check == check && it.verdict == Some(HealthVerdict::Fails) && it.at >= began);
    match found {
        Some(change) => Measured::exactly(change.at.since(began).as_ns_f64()),
        None => Measured {
            never: true,
            ..Measured::nothing("the check found nobody failing after the fault began")
        },
    }
}
