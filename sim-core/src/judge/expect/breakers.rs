//! What breakers did: how often they opened, how often again, and how soon.

use super::measured::Measured;
use crate::id::LayerId;
use crate::judge::run_view::RunView;
use crate::model::fact::BreakerState;
use crate::model::record::BreakerChange;
use crate::time::SimTime;
use std::collections::BTreeMap;

const LEFT_OUT: &str = "breakers changed their state more often than is kept";

pub(super) fn opens(
    view: &RunView<'_>,
    layers: &[LayerId],
    from: SimTime,
    until: SimTime,
) -> Measured {
    if view.record.breaker_changes_left_out > 0 {
        return Measured::nothing(LEFT_OUT);
    }
    Measured::exactly(openings(view, layers, from, until).count() as f64)
}

/// Openings from the closed state of the owner that has most of them, without its first.
pub(super) fn flaps(
    view: &RunView<'_>,
    layers: &[LayerId],
    from: SimTime,
    until: SimTime,
) -> Measured {
    if view.record.breaker_changes_left_out > 0 {
        return Measured::nothing(LEFT_OUT);
    }
    let mut opens = BTreeMap::new();
    for change in openings(view, layers, from, until) {
        if change.from == BreakerState::Closed {
            *opens
                .entry((change.layer, change.process, change.instance))
                .or_insert(0_u64) += 1;
        }
    }
    let most = opens.into_values().max().unwrap_or(0);
    Measured::exactly(most.saturating_sub(1) as f64)
}

/// From the beginning of a fault to the first opening, of whichever owner.
pub(super) fn reaction(view: &RunView<'_>, layers: &[LayerId], began: SimTime) -> Measured {
    let first = openings(view, layers, began, view.record.end).next();
    match first {
        Some(change) => Measured::exactly(change.at.since(began).as_ns_f64()),
        None => Measured {
            never: true,
            ..Measured::nothing("no breaker opened after the fault began")
        },
    }
}

fn openings<'a>(
    view: &'a RunView<'_>,
    layers: &'a [LayerId],
    from: SimTime,
    until: SimTime,
) -> impl Iterator<Item = &'a BreakerChange> {
    let changes = view.record.breaker_changes.iter();
    changes.filter(move |change| {
        layers.contains(&change.layer)
            && change.to == BreakerState::Open
            && (from..until).contains(&change.at)
    })
}
