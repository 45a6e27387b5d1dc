//! Up and down again within one run: the hysteresis loop.
//!
//! A system that fell does not come back where it fell: the work of the storm keeps it down. So one
//! run is played in which a setting climbs in steps from its least value to its greatest and comes
//! down the same way, without any other fault. Each step is judged by the calls that start in its
//! second half, when what the step before left behind is mostly gone. Where the way down lies below
//! the way up, the state depends on the past: between the two edges the system is vulnerable, above
//! the upper one it is unstable (Bronson et al., "Metastable Failures in Distributed Systems",
//! `HotOS` 2021).
//!
//! A rate of arrivals is given its steps as a rate over time; any other setting is changed by
//! faults of the kind `change`, and must be one that can change during a run.

use crate::experiment::bench::Values;
use crate::experiment::replicate::{Threads, collect};
use crate::experiment::simulate::{Play, simulate};
use crate::judge::{COLLAPSED, CallsBySecond};
use crate::model::record::RunStatus;
use crate::scenario::{Loaded, RecoveryOf};
use std::fmt::Write as _;

/// A ramp along a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingRamp {
    /// Which setting.
    pub path: String,
    /// The values on the way up; the way down has the same.
    pub values: Vec<String>,
    /// How long each lasts \[s\], at least 2.
    pub hold_s: u64,
}

/// A run of a ramp: by value, the useful share on the way up and on the way down.
#[derive(Clone, Debug, PartialEq)]
pub struct Loop {
    /// On the way up, by value.
    pub up: Vec<Option<f64>>,
    /// On the way down, by value, in the order of the way up.
    pub down: Vec<Option<f64>>,
}

impl SettingRamp {
    /// Values in the order in which a run meets them.
    fn steps(&self) -> impl Iterator<Item = &String> {
        let back = self.values.iter().rev().skip(1);
        self.values.iter().chain(back)
    }

    /// The settings that make a run of it.
    pub fn values(&self) -> Values {
        let count = self.values.len() as u64 * 2 - 1;
        let set = |path: &str, value: String| (path.to_owned(), value);
        let mut all = vec![
            set("run.duration", format!("{}s", count * self.hold_s)),
            set("run.warmup", "0s".to_owned()),
            set("expect", "{}".to_owned()),
        ];
        if self.values[0].ends_with("/s") {
            all.push(set("faults", "{}".to_owned()));
            all.push(set(&self.path, self.rates()));
        } else {
            all.push(set("faults", self.changes()));
            all.push(set(&self.path, self.values[0].clone()));
        }
        all
    }

    /// The steps as a rate over time.
    fn rates(&self) -> String {
        let mut text = String::from("[");
        for (number, value) in self.steps().enumerate() {
            let at = number as u64 * self.hold_s;
            let _ = write!(text, "{{at: {at}s, rate: {value}}},");
        }
        text.push(']');
        text
    }

    /// The steps, except the first and the last, as changes of a setting.
    fn changes(&self) -> String {
        let mut text = String::from("{");
        let last = self.values.len() * 2 - 2;
        for (number, value) in self.steps().enumerate() {
            let (at, hold, path) = (number as u64 * self.hold_s, self.hold_s, &self.path);
            if number > 0 && number < last {
                let _ = write!(
                    text,
                    "step-{number}: {{at: {at}s, for: {hold}s, change: {{path: \"{path}\", to: {value}}}}},"
                );
            }
        }
        text.push('}');
        text
    }

    /// Plays so many runs; those that did not reach their end are left out. None if stopped.
    pub fn play(
        &self,
        loaded: &Loaded,
        seed: u64,
        runs: u32,
        threads: Threads,
        goes_on: &(dyn Fn() -> bool + Sync),
    ) -> Option<Vec<Loop>> {
        let ends = collect(threads, 0..runs, |replication| {
            let play = Play { seed, replication };
            let (record, ()) = simulate(&loaded.scenario, play, (), &mut |_, _| goes_on());
            match record.status {
                RunStatus::Finished => Some(Some(
                    self.read(&CallsBySecond::of(&record, RecoveryOf::AllClients)),
                )),
                RunStatus::Limit(_) => Some(None),
                RunStatus::Interrupted => None,
            }
        });
        let loops: Option<Vec<Option<Loop>>> = ends.into_iter().collect();
        Some(loops?.into_iter().flatten().collect())
    }

    fn read(&self, by_second: &CallsBySecond) -> Loop {
        let share = |step: usize| {
            let from = step as u64 * self.hold_s;
            let calls = by_second.span(from + self.hold_s / 2, from + self.hold_s);
            calls.best_share()
        };
        let (count, last) = (self.values.len(), self.values.len() * 2 - 2);
        Loop {
            up: (0..count).map(share).collect(),
            down: (0..count).map(|place| share(last - place)).collect(),
        }
    }
}

impl Loop {
    /// The place of the first value on the way up at which under half of the calls are useful.
    pub fn falls(&self) -> Option<usize> {
        self.up.iter().position(|&share| is_down(share))
    }

    /// The place of the value on the way down at which it is up again and stays so; none if it
    /// never fell or never comes back.
    pub fn returns(&self) -> Option<usize> {
        self.falls()?;
        let up = self.down.iter().take_while(|&&share| !is_down(share));
        up.count().checked_sub(1)
    }
}

fn is_down(share: Option<f64>) -> bool {
    share.is_some_and(|share| share < COLLAPSED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(values: &[&str]) -> SettingRamp {
        SettingRamp {
            path: "a.rate".to_owned(),
            values: values.iter().map(|&value| value.to_owned()).collect(),
            hold_s: 10,
        }
    }

    #[test]
    fn rates_and_other_settings_climb_and_come_down() {
        let values = ramp(&["1/s", "2/s"]).values();
        assert_eq!(values[0].1, "30s");
        assert_eq!(
            values[4].1,
            "[{at: 0s, rate: 1/s},{at: 10s, rate: 2/s},{at: 20s, rate: 1/s},]"
        );
        let values = ramp(&["1", "2", "3"]).values();
        assert_eq!(values[4], ("a.rate".to_owned(), "1".to_owned()));
        assert!(
            values[3].1.starts_with(
                "{step-1: {at: 10s, for: 10s, change: {path: \"a.rate\", to: 2}},step-2"
            ),
            "{}",
            values[3].1
        );
        assert_eq!(values[3].1.matches("step-").count(), 3);
    }

    #[test]
    fn the_edges_of_a_loop_are_read_off_both_ways() {
        let all = |shares: &[f64]| shares.iter().map(|&share| Some(share)).collect::<Vec<_>>();
        for (up, down, falls, returns) in [
            (
                &[1.0, 1.0, 1.0, 0.1][..],
                &[1.0, 0.2, 0.1, 0.1][..],
                Some(3),
                Some(0),
            ),
            (
                &[1.0, 1.0, 0.4, 0.1],
                &[1.0, 1.0, 0.4, 0.1],
                Some(2),
                Some(1),
            ),
            (&[1.0, 0.3, 0.1, 0.1], &[0.2, 0.2, 0.1, 0.1], Some(1), None),
            (&[1.0, 1.0, 0.9, 0.8], &[1.0, 1.0, 0.9, 0.8], None, None),
        ] {
            let one = Loop {
                up: all(up),
                down: all(down),
            };
            assert_eq!((one.falls(), one.returns()), (falls, returns), "{up:?}");
        }
    }
}
