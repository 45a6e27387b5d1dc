//! Episodes of a series: how long something held without a break.

use crate::judge::run_view::RunView;
use crate::time::{SimDuration, SimTime};

/// A span of neighbouring buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Episode {
    /// First bucket.
    pub(super) first: usize,
    /// The bucket after the last.
    pub(super) after: usize,
}

impl Episode {
    pub(super) fn from(self, view: &RunView<'_>) -> SimTime {
        view.record.series.grid.start_of(self.first)
    }

    pub(super) fn until(self, view: &RunView<'_>) -> SimTime {
        let last = view.record.series.grid.end_of(self.after - 1);
        last.min(view.record.end)
    }

    pub(super) fn length(self, view: &RunView<'_>) -> SimDuration {
        self.from(view).until(self.until(view))
    }
}

/// The longest run of points for which something holds.
pub(super) fn longest<T>(points: &[T], holds: impl Fn(&T) -> bool) -> Option<Episode> {
    let mut best: Option<Episode> = None;
    let mut first = 0;
    for after in 1..=points.len() {
        if !holds(&points[after - 1]) {
            first = after;
        } else if best.is_none_or(|best| after - first > best.after - best.first) {
            best = Some(Episode { first, after });
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_stretch_wins_and_the_earlier_of_equals() {
        for (points, expected) in [
            (&[1, 1, 0, 1, 1, 1, 0][..], Some((3, 6))),
            (&[1, 0, 1], Some((0, 1))),
            (&[0, 0], None),
            (&[], None),
        ] {
            let found = longest(points, |&point| point > 0);
            assert_eq!(
                found.map(|episode| (episode.first, episode.after)),
                expected
            );
        }
    }
}
