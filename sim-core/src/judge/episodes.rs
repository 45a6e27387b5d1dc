//! When something went on, read from the points of a series.
//!
//! A share of three attempts says nothing. So points are gathered into groups that hold enough, and
//! what is true of a group is true of its points; groups that hold with little calm between them
//! are one episode.

use super::run_view::RunView;
use super::words::{count, seconds};
use crate::time::{SimDuration, SimTime};
use std::ops::Range;

/// A group has so many of what a share is a share of: one more or less is 5 % of it.
const ENOUGH: u64 = 20;
/// The weight of a point that speaks for itself.
pub(super) const ALONE: u64 = ENOUGH;

/// Episodes of the same thing, in the order of time, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Episodes(Vec<Range<usize>>);

impl Episodes {
    /// Episodes after the warm-up of what holds for groups of points, of which each has a weight; calm
    /// between two of them is longer than `calm`.
    pub(super) fn of(
        view: &RunView<'_>,
        calm: SimDuration,
        weight: impl Fn(usize) -> u64,
        holds: impl Fn(&Range<usize>) -> bool,
    ) -> Option<Self> {
        Self::of_heavy(view, calm, ENOUGH, weight, holds)
    }

    /// The same for groups of another weight.
    pub(super) fn of_heavy(
        view: &RunView<'_>,
        calm: SimDuration,
        enough: u64,
        weight: impl Fn(usize) -> u64,
        holds: impl Fn(&Range<usize>) -> bool,
    ) -> Option<Self> {
        let series = &view.record.series;
        let groups = groups(first_point(view)..series.points, enough, weight);
        let calm = calm.as_ns() / series.grid.width().as_ns();
        let last = groups.last().cloned();
        let mut episodes: Vec<Range<usize>> = Vec::new();
        for group in groups.into_iter().filter(&holds) {
            let group = trimmed(group, &holds);
            match episodes.last_mut() {
                Some(last) if (group.start - last.end) as u64 <= calm => last.end = group.end,
                Some(_) | None => episodes.push(group),
            }
        }
        // What is left over after the last group is too little to say otherwise.
        let goes_on = last.filter(|last| holds(last) && (series.points - last.end) as u64 <= calm);
        if let (Some(_), Some(episode)) = (goes_on, episodes.last_mut()) {
            episode.end = series.points;
        }
        (!episodes.is_empty()).then_some(Self(episodes))
    }

    /// Those among them that are at least so long.
    pub(super) fn longer_than(mut self, view: &RunView<'_>, least: SimDuration) -> Option<Self> {
        let width = view.record.series.grid.width();
        self.0
            .retain(|episode| width.times(episode.len() as u64) >= least);
        (!self.0.is_empty()).then_some(self)
    }

    /// The longest one by itself, the earlier of equals.
    pub(super) fn longest(self) -> Self {
        let mut episodes = self.0.into_iter();
        let first = episodes.next().unwrap_or(0..0);
        let longer = |best: Range<usize>, next: Range<usize>| {
            if next.len() > best.len() { next } else { best }
        };
        Self(vec![episodes.fold(first, longer)])
    }

    /// The same, begun by the points just before that show it by themselves: they lie in a group
    /// that is mostly of the time before.
    pub(super) fn since_first_sign(mut self, shows: impl Fn(usize) -> bool) -> Self {
        let begin = &mut self.0[0].start;
        while *begin > 0 && shows(*begin - 1) {
            *begin -= 1;
        }
        self
    }

    /// All points of all episodes.
    pub(super) fn points(&self) -> impl Iterator<Item = usize> + Clone + '_ {
        self.0.iter().cloned().flatten()
    }

    /// The first point.
    pub(super) fn first(&self) -> usize {
        self.0[0].start
    }

    /// When the first one begins.
    pub(super) fn from(&self, view: &RunView<'_>) -> SimTime {
        since(view, self.first())
    }

    /// When the last one ends.
    pub(super) fn until(&self, view: &RunView<'_>) -> SimTime {
        until(view, self.0[self.0.len() - 1].end)
    }

    /// Time in episodes.
    pub(super) fn length_s(&self, view: &RunView<'_>) -> f64 {
        let length = |episode: &Range<usize>| {
            let from = view.record.series.grid.start_of(episode.start);
            from.until(until(view, episode.end)).as_secs_f64()
        };
        self.0.iter().map(length).sum()
    }

    /// `until 92s`, `until the end`, `until 92s, and 3 times more until 180s`.
    pub(super) fn till(&self, view: &RunView<'_>) -> String {
        let first = till(view, until(view, self.0[0].end));
        match self.0.len() as u64 - 1 {
            0 => first,
            1 => format!("{first}, and once more {}", till(view, self.until(view))),
            more => {
                let last = till(view, self.until(view));
                format!("{first}, and {} times more {last}", count(more))
            }
        }
    }
}

/// Neighbouring points of enough weight together, without those of no weight at the front; what is
/// left over at the end is no group.
fn groups(points: Range<usize>, enough: u64, weight: impl Fn(usize) -> u64) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let (mut start, mut sum) = (points.start, 0);
    for point in points {
        let more = weight(point);
        if sum == 0 && more > 0 {
            start = point;
        }
        sum += more;
        if sum >= enough {
            groups.push(start..point + 1);
            sum = 0;
        }
    }
    groups
}

/// The group without the points at both ends that do not show by themselves what it shows.
fn trimmed(group: Range<usize>, holds: impl Fn(&Range<usize>) -> bool) -> Range<usize> {
    let shows = |point: &usize| holds(&(*point..point + 1));
    let first = group.clone().find(shows);
    let last = group.clone().rev().find(shows);
    match (first, last) {
        (Some(first), Some(last)) => first..last + 1,
        (None, _) | (_, None) => group,
    }
}

/// The first point after the warm-up.
pub(super) fn first_point(view: &RunView<'_>) -> usize {
    let width = view.record.series.grid.width();
    let first = view.spec().warmup.as_ns().div_ceil(width.as_ns()) as usize;
    first.min(view.record.series.points)
}

/// When a point begins; if a fault begins within it, what it shows is taken to begin with that.
pub(super) fn since(view: &RunView<'_>, point: usize) -> SimTime {
    let grid = view.record.series.grid;
    let (start, end) = (grid.start_of(point), grid.end_of(point));
    let begin = view.spec().faults.iter().flat_map(|fault| &fault.spans);
    let within = begin
        .map(|span| span.0)
        .filter(|at| start < *at && *at < end);
    within.min().unwrap_or(start)
}

/// When the last point before this one ends.
pub(super) fn until(view: &RunView<'_>, after: usize) -> SimTime {
    let end = view.record.series.grid.end_of(after - 1);
    end.min(view.record.end)
}

/// `until 92s`, or `until the end`.
pub(super) fn till(view: &RunView<'_>, until: SimTime) -> String {
    if until >= view.record.end {
        "until the end".to_owned()
    } else {
        format!("until {}", seconds(until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_hold_enough_and_begin_with_something() {
        let weights = [0, 0, 5, 15, 30, 0, 19, 0, 1, 7];
        assert_eq!(
            groups(0..weights.len(), ENOUGH, |point| weights[point]),
            [2..4, 4..5, 6..9]
        );
    }
}
