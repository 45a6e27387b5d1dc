//! How often a breaker has opened in a row, on which the length of its next wait depends.
//!
//! A breaker that opens for the third time in a row waits longer than for the first. Where two
//! conditions can open it, it may be asked for which of them it is the third time.
//!
//! The rule: openings are counted for the breaker, whatever opened it, and forgotten when it closes.
//! Finagle gives each of its two policies a backoff of its own: the one that opened twice waits its
//! second wait while the other waits its first, and if both hold at one instant the longer one
//! counts ([`GrowthPer::Condition`]). Rejected as the default: it matters only where two conditions
//! take turns.

use super::open::{GrowthPer, OpenRule};
use super::tripped::ConditionSet;
use crate::policy::{Applied, AppliedSet};
use crate::time::SimDuration;

/// Openings in a row after which waits grow no further \[count\].
const ENOUGH: u32 = 10_000;

/// What is remembered of openings.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Openings {
    /// Waits so far \[count\]: the number of the next draw; wraps around zero.
    waits: u32,
    /// Openings since it was last closed \[count\].
    in_a_row: u32,
    /// The same for each condition of the trip rule, where these are counted.
    by_condition: Vec<u32>,
}

impl Openings {
    /// The breaker opens by these conditions: how long it waits. `draw` gives a number from (0, 1)
    /// for each wait, numbered from 1.
    pub(super) fn opened(
        &mut self,
        rule: &OpenRule,
        conditions: ConditionSet,
        draw: impl Fn(u32) -> f64,
    ) -> SimDuration {
        self.in_a_row = self.in_a_row.saturating_add(1);
        match rule.growth.map(|growth| growth.per) {
            None | Some(GrowthPer::Breaker) => self.again(rule, draw),
            Some(GrowthPer::Condition) => self.longest(rule, conditions, draw),
        }
    }

    /// An open breaker waits anew, without having opened again.
    pub(super) fn again(&mut self, rule: &OpenRule, draw: impl Fn(u32) -> f64) -> SimDuration {
        self.wait(rule, self.in_a_row.max(1), draw)
    }

    /// What made the wait of the last opening as long as it is.
    pub(super) fn grown_by(&self, rule: &OpenRule, wait: SimDuration) -> AppliedSet {
        let Some(growth) = rule.growth else {
            return AppliedSet::NONE;
        };
        let most = self.by_condition.iter().max().copied();
        let grown = most.unwrap_or(self.in_a_row) > 1 && growth.factor > 1.0;
        AppliedSet::NONE
            .with_if(grown, Applied::OpenGrown)
            .with_if(wait >= growth.max, Applied::OpenAtMaximum)
    }

    /// How long a wait is at most, if those that follow are no longer than this one; `None` if they
    /// still grow.
    pub(super) fn settled(&self, rule: &OpenRule) -> Option<SimDuration> {
        let opening = self
            .by_condition
            .iter()
            .min()
            .map_or(self.in_a_row, |&of| of);
        let longest = |opening| rule.wait_of(opening, || 1.0);
        let wait = longest(opening.min(ENOUGH));
        (opening >= ENOUGH || longest(opening + 1) == wait).then_some(wait)
    }

    /// It opens so many times more, by whatever it opened the last time.
    pub(super) fn skip(&mut self, times: u64) {
        let many = u32::try_from(times).unwrap_or(u32::MAX);
        self.waits = self.waits.wrapping_add(times as u32);
        self.in_a_row = self.in_a_row.saturating_add(many);
        for of in &mut self.by_condition {
            *of = of.saturating_add(many);
        }
    }

    /// The breaker is closed.
    pub(super) fn closed(&mut self) {
        self.in_a_row = 0;
        self.by_condition.clear();
    }

    fn longest(
        &mut self,
        rule: &OpenRule,
        conditions: ConditionSet,
        draw: impl Fn(u32) -> f64,
    ) -> SimDuration {
        let mut longest = SimDuration::ZERO;
        for place in conditions.places() {
            if self.by_condition.len() <= place {
                self.by_condition.resize(place + 1, 0);
            }
            self.by_condition[place] = self.by_condition[place].saturating_add(1);
            let wait = self.wait(rule, self.by_condition[place], &draw);
            longest = longest.max(wait);
        }
        longest
    }

    fn wait(&mut self, rule: &OpenRule, opening: u32, draw: impl Fn(u32) -> f64) -> SimDuration {
        self.waits = self.waits.wrapping_add(1);
        let number = self.waits;
        rule.wait_of(opening.min(ENOUGH), || draw(number))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Growth, WaitJitter};
    use super::*;

    /// 5 s, 10 s, 20 s; by which conditions, and how long.
    #[test]
    fn each_condition_waits_its_own_time_and_the_longest_counts() {
        let growth = |per| Growth {
            factor: 2.0,
            max: SimDuration::from_secs(300),
            jitter: WaitJitter::None,
            unit: SimDuration::ZERO,
            per,
        };
        let table = [
            ("the first alone", &[0][..], 5, 5),
            ("the first again", &[0], 10, 10),
            ("the second for its first time", &[1], 5, 20),
            (
                "both: the third of one, the second of the other",
                &[0, 1],
                20,
                40,
            ),
            ("the second, which has been counted", &[1], 20, 80),
        ];
        let mut openings = [Openings::default(), Openings::default()];
        let rules = [GrowthPer::Condition, GrowthPer::Breaker].map(|per| OpenRule {
            growth: Some(growth(per)),
            ..OpenRule::constant(SimDuration::from_secs(5))
        });
        for (title, places, own, together) in table {
            let conditions = ConditionSet::of(places.iter().copied());
            for (which, secs) in [own, together].into_iter().enumerate() {
                let wait = openings[which].opened(&rules[which], conditions, |_| 0.5);
                assert_eq!(wait, SimDuration::from_secs(secs), "{title}, {which}");
            }
        }
        openings[0].closed();
        let both = ConditionSet::of([0, 1]);
        let wait = openings[0].opened(&rules[0], both, |_| 0.5);
        assert_eq!(wait, SimDuration::from_secs(5), "closing forgets");
    }

    #[test]
    fn each_wait_has_a_draw_of_its_own() {
        let rule = OpenRule {
            growth: Some(Growth {
                factor: 2.0,
                max: SimDuration::from_secs(300),
                jitter: WaitJitter::Equal,
                unit: SimDuration::ZERO,
                per: GrowthPer::Condition,
            }),
            ..OpenRule::constant(SimDuration::from_secs(4))
        };
        let mut openings = Openings::default();
        let both = ConditionSet::of([0, 1]);
        let draw = |number: u32| [0.0, 0.9, 0.0, 0.25, 0.75][number as usize];
        openings.opened(&rule, both, draw);
        // Second waits, from 4 s to 8 s: 5 s and 7 s.
        let wait = openings.opened(&rule, both, draw);
        assert_eq!(wait, SimDuration::from_secs(7));
    }
}
