//! How many instances there were for callers.

use super::measured::Measured;
use crate::id::ServiceId;
use crate::judge::run_view::RunView;
use crate::model::record::InstanceCounts;
use crate::time::SimTime;

pub(super) fn in_rotation(
    view: &RunView<'_>,
    service: ServiceId,
    from: SimTime,
    until: SimTime,
) -> Measured {
    let fewest = fewest(view, service, from, until, |counts| counts.in_rotation);
    Measured::maybe(fewest.map(f64::from), LEFT_OUT)
}

pub(super) fn capacity_dip(
    view: &RunView<'_>,
    service: ServiceId,
    from: SimTime,
    until: SimTime,
) -> Measured {
    let of = f64::from(view.spec().services[service].instances);
    let fewest = fewest(view, service, from, until, |counts| counts.serving);
    Measured::maybe(
        fewest.map(|serving| 1.0 - f64::from(serving) / of),
        LEFT_OUT,
    )
}

const LEFT_OUT: &str = "instances came and went more often than is kept";

/// The least of a number within a span, if all of it is known.
fn fewest(
    view: &RunView<'_>,
    service: ServiceId,
    from: SimTime,
    until: SimTime,
    of: impl Fn(InstanceCounts) -> u32,
) -> Option<u32> {
    let counts = &view.record.counts_over_time[service];
    let all = counts.within(from, until).map(of);
    all.min().filter(|_| counts.left_out == 0)
}
