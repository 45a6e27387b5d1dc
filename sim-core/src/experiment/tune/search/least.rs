//! Whether anything beyond the best would do.
//!
//! "The least that holds" says two things: it holds, and less does not. The search comes near the
//! border and stops where its runs end, so the second is asked for by itself.

use super::{FRESH, Least, THIRD, Tuner};
use crate::experiment::bench::Halt;
use crate::experiment::tune::space::{Point, Space};

impl Tuner<'_> {
    /// If a setting itself is to be small: tries what lies beyond the best, half way to what is known to
    /// fail and so on, until the very next value is shown to fail. What holds there in as many fresh
    /// runs is the best from then on.
    pub(super) fn least(&mut self) -> Result<(), Halt> {
        let Some((axis, up)) = self.oracle.goal_axis() else {
            return Ok(());
        };
        while let Some(&best) = self.found.finalists.first() {
            let Some(point) = self.found.candidates[best].point.clone() else {
                return Ok(());
            };
            if self.found.candidates[best].fails(self.rules) {
                return Ok(());
            }
            let Some(next) = self.space.next(&point, axis, up) else {
                self.found.least = Some(Least::End);
                return Ok(());
            };
            let next = self.place(next);
            self.found.least = Some(Least::Unsure(next));
            if self.found.candidates[next].fails(self.rules) {
                self.found.least = Some(Least::Shown(next));
                return Ok(());
            }
            let beyond = self.half_way(&point, axis, up);
            let place = beyond.map_or(next, |beyond| self.place(beyond));
            let runs = self.found.candidates[best].fresh.len() as u32;
            let is_decided = self.fresh_until_it_fails(place, runs)?;
            let fails = self.found.candidates[place].fails(self.rules);
            if !is_decided {
                return Ok(());
            }
            if !fails {
                self.found.finalists.insert(0, place);
            }
        }
        Ok(())
    }

    /// Half way from a point to the nearest one beyond it on an axis that is known to fail; the end of
    /// the axis if none is. None if that is no other value.
    fn half_way(&self, point: &Point, axis: usize, up: bool) -> Option<Point> {
        let own = Space::share(point, axis);
        let is_beyond = |share: f64| if up { share > own } else { share < own };
        let same_else = |other: &Point| {
            let pairs = other.values.iter().zip(&point.values).enumerate();
            pairs
                .into_iter()
                .all(|(place, (a, b))| place == axis || a == b)
        };
        let known = self.found.candidates.iter().filter_map(|one| {
            let other = one.point.as_ref()?;
            let share = Space::share(other, axis);
            (is_beyond(share) && same_else(other) && one.fails(self.rules)).then_some(share)
        });
        let nearest = if up {
            known.reduce(f64::min)
        } else {
            known.reduce(f64::max)
        };
        let target = match nearest {
            Some(share) => f64::midpoint(share, own),
            None => f64::from(u8::from(up)),
        };
        let moved = self.space.moved(point, axis, target);
        let is_new = moved.values != point.values
            && nearest
                .is_none_or(|share| self.space.moved(point, axis, share).values != moved.values);
        is_new.then_some(moved)
    }

    /// Plays fresh runs of a candidate, few and then more, until it fails or has so many; says whether
    /// the budget lasted.
    fn fresh_until_it_fails(&mut self, place: usize, runs: u32) -> Result<bool, Halt> {
        for runs in [1, THIRD as u32, runs].map(|some| some.min(runs)) {
            let one = &self.found.candidates[place];
            if one.fails(self.rules) {
                return Ok(true);
            }
            let known = one.fresh.len() as u32;
            if runs.saturating_sub(known) > self.left {
                return Ok(false);
            }
            if runs > known {
                let asked = (one.point.as_ref(), FRESH + known..FRESH + runs);
                let trials = self.oracle.play(&[asked])?.into_iter().flatten();
                self.found.candidates[place].fresh.extend(trials);
                self.left -= runs - known;
                self.found.played += runs - known;
            }
        }
        Ok(true)
    }
}
