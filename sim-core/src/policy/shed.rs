//! Shed: a callee under too much load turns part of it away, the least important first.
//!
//! A queue that is full refuses whoever comes next; a concurrency limit does as well. Shedding begins
//! earlier and by degrees: from one mark of load on a part of the calls is refused, and at another
//! mark all of them. Where calls have classes, those that matter least go first.
//!
//! The rule: at each tick the load is measured, and stands until the next. Its place between the two
//! marks, `x` from 0 to 1, gives the share to be refused: `x`, or `x³`, which spares nearly all for
//! long (Netflix' prioritized load shedding). The classes that came since the tick before lie side by
//! side from 0 to 1, the most important first, each as wide as its share of them; an attempt stands
//! somewhere in its class, drawn by its own key, and is refused if that is at `1 - share` or beyond. So
//! the share is refused that the curve says, and of two classes the lower one goes all first.
//!
//! Rejected: one mark (it flaps: all or nothing), a share of each class (then the important ones pay
//! for the others), fixed widths for classes (the share refused would not be the curve's).

use crate::policy::{Guard, GuardAnswer, Left, Outcome, Visit};
use crate::time::{SimDuration, SimTime};
use std::collections::VecDeque;

/// A shedding layer.
#[derive(Clone, Debug, PartialEq)]
pub struct ShedConfig {
    /// What is measured; no default.
    pub measure: ShedMeasure,
    /// Up to here nothing is refused: waiting \[count\], busy threads \[share\], latency \[s\].
    pub from: f64,
    /// From here on everything is.
    pub to: f64,
    /// The share between the two.
    pub curve: ShedCurve,
    /// When it is measured; default every second (Envoy's overload manager).
    pub every: SimDuration,
    /// Of how long a sample is the mean; default as long as `every`.
    pub over: SimDuration,
    /// Classes of calls, the most important first; all others come after them.
    pub classes: Vec<String>,
}

/// What is measured in an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShedMeasure {
    /// Operations that wait for a thread \[count\].
    Queue,
    /// Busy threads \[share\].
    Utilisation,
    /// Time from arrival to end of those that ended \[s\].
    Latency,
}

/// The share that is refused between the two marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShedCurve {
    /// As far as the load is on its way.
    Linear,
    /// The third power of that.
    Cubic,
}

impl ShedConfig {
    /// The share that is refused at this load: none up to the first mark, all beyond the second.
    pub fn share(&self, load: f64) -> f64 {
        if load <= self.from {
            return 0.0;
        }
        if load >= self.to {
            return 1.0;
        }
        let x = ((load - self.from) / (self.to - self.from)).clamp(0.0, 1.0);
        match self.curve {
            ShedCurve::Linear => x,
            ShedCurve::Cubic => x * x * x,
        }
    }
}

/// How an instance stands at a tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Operations that wait \[count\].
    pub waiting: u32,
    /// Threads that are taken \[count\].
    pub busy: u32,
    /// Threads \[count\].
    pub threads: u32,
}

/// What was measured, and who came.
#[derive(Clone, Debug, Default)]
pub struct Shed {
    /// What is refused until the next tick.
    share: f64,
    /// Ticks in the window: their sums and numbers of values; the oldest first.
    ticks: VecDeque<(f64, u32)>,
    /// Sum of the latencies that ended since the last tick \[s\], and their number.
    ended: (f64, u32),
    /// Who came since the last tick, by rank \[count\].
    came: Vec<u32>,
    /// Where each rank ends, of those that came before the last tick; empty before the first.
    ends: Vec<f64>,
}

impl Shed {
    /// The load is measured: this stands until the next tick.
    pub fn sample(&mut self, config: &ShedConfig, reading: Reading) {
        let tick = match config.measure {
            ShedMeasure::Queue => (f64::from(reading.waiting), 1),
            ShedMeasure::Utilisation => (
                f64::from(reading.busy) / f64::from(reading.threads.max(1)),
                1,
            ),
            ShedMeasure::Latency => self.ended,
        };
        self.ended = (0.0, 0);
        let ticks = (config.over.as_ns() / config.every.as_ns().max(1)).max(1) as usize;
        while self.ticks.len() >= ticks {
            self.ticks.pop_front();
        }
        self.ticks.push_back(tick);
        let sum: f64 = self.ticks.iter().map(|tick| tick.0).sum();
        let count: u32 = self.ticks.iter().map(|tick| tick.1).sum();
        self.share = if count == 0 {
            0.0
        } else {
            config.share(sum / f64::from(count))
        };
        let total: u32 = self.came.iter().sum();
        if total > 0 {
            let mut end = 0;
            self.ends.clear();
            for came in &mut self.came {
                end += std::mem::take(came);
                self.ends.push(f64::from(end) / f64::from(total));
            }
        }
    }

    /// The share that is refused now.
    pub const fn share(&self) -> f64 {
        self.share
    }

    /// Where an attempt of this rank stands, from 0 to 1.
    fn place(&self, rank: usize, chance: f64) -> f64 {
        let of = |rank: usize| self.ends.get(rank).or(self.ends.last()).copied();
        let to = of(rank).unwrap_or(1.0);
        let from = rank
            .checked_sub(1)
            .map_or(0.0, |rank| of(rank).unwrap_or(0.0));
        from + chance * (to - from)
    }
}

impl Guard for Shed {
    type Config = ShedConfig;

    /// Nobody knows: each attempt has a draw of its own.
    fn admits(&self, _config: &ShedConfig, _now: SimTime) -> bool {
        true
    }

    fn enter(&mut self, _config: &ShedConfig, _now: SimTime, visit: Visit) -> GuardAnswer {
        let rank = usize::from(visit.class);
        if self.came.len() <= rank {
            self.came.resize(rank + 1, 0);
        }
        self.came[rank] += 1;
        let is_refused = self.share > 0.0 && self.place(rank, visit.chance()) >= 1.0 - self.share;
        if is_refused {
            GuardAnswer::Stopped(Outcome::StoppedThrottled)
        } else {
            GuardAnswer::Admitted
        }
    }

    fn leave(&mut self, _config: &ShedConfig, now: SimTime, left: Left) {
        if left.outcome != Outcome::Cancelled {
            self.ended.0 += now.since(left.entered).as_ns() as f64 / 1e9;
            self.ended.1 += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{SiteKey, child_key};

    fn config(measure: ShedMeasure, curve: ShedCurve) -> ShedConfig {
        ShedConfig {
            measure,
            from: 10.0,
            to: 20.0,
            curve,
            every: SimDuration::from_secs(1),
            over: SimDuration::from_secs(1),
            classes: Vec::new(),
        }
    }

    fn waiting(waiting: u32) -> Reading {
        Reading {
            waiting,
            busy: 1,
            threads: 2,
        }
    }

    /// How many of so many of a rank are refused.
    fn refused(shed: &mut Shed, config: &ShedConfig, rank: u16, count: u64) -> u64 {
        let visits = (0..count).map(|key| Visit {
            class: rank,
            site: SiteKey(5),
            key: child_key(u64::from(rank), key, 0),
            ..Visit::of(0)
        });
        let stopped = GuardAnswer::Stopped(Outcome::StoppedThrottled);
        let told = visits.map(|visit| shed.enter(config, SimTime::ZERO, visit) == stopped);
        told.filter(|&it| it).count() as u64
    }

    #[test]
    fn the_share_lies_between_two_marks() {
        let linear = config(ShedMeasure::Queue, ShedCurve::Linear);
        let cubic = config(ShedMeasure::Queue, ShedCurve::Cubic);
        for (load, straight, bent) in [
            (9.0, 0.0, 0.0),
            (10.0, 0.0, 0.0),
            (15.0, 0.5, 0.125),
            (20.0, 1.0, 1.0),
            (99.0, 1.0, 1.0),
        ] {
            assert_eq!((linear.share(load), cubic.share(load)), (straight, bent));
        }
    }

    #[test]
    fn rule_57_the_share_is_refused_that_the_curve_gives_for_the_last_sample() {
        let config = config(ShedMeasure::Queue, ShedCurve::Linear);
        let mut shed = Shed::default();
        assert_eq!(refused(&mut shed, &config, 0, 1000), 0);
        shed.sample(&config, waiting(13));
        let found = refused(&mut shed, &config, 0, 10_000);
        assert!((2_850..3_150).contains(&found), "{found}");
        shed.sample(&config, waiting(20));
        assert_eq!(refused(&mut shed, &config, 0, 1000), 1000);
        shed.sample(&config, waiting(10));
        assert_eq!(refused(&mut shed, &config, 0, 1000), 0);
    }

    #[test]
    fn rule_57_the_lowest_class_goes_first() {
        let config = config(ShedMeasure::Queue, ShedCurve::Linear);
        let mut shed = Shed::default();
        let came = |shed: &mut Shed| {
            [(0, 6000), (1, 3000), (2, 1000)]
                .map(|(rank, count)| refused(shed, &config, rank, count))
        };
        came(&mut shed);
        shed.sample(&config, waiting(12));
        let [first, second, third] = came(&mut shed);
        assert_eq!((first, third), (0, 1000));
        assert!((900..1_100).contains(&second), "{second}");
        shed.sample(&config, waiting(17));
        let [first, second, third] = came(&mut shed);
        assert_eq!((second, third), (3000, 1000));
        assert!((2_850..3_150).contains(&first), "{first}");
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "halves are exact")]
    fn a_sample_is_the_mean_of_its_window() {
        let config = ShedConfig {
            over: SimDuration::from_secs(2),
            ..config(ShedMeasure::Queue, ShedCurve::Linear)
        };
        let mut shed = Shed::default();
        shed.sample(&config, waiting(20));
        shed.sample(&config, waiting(10));
        assert_eq!(shed.share(), 0.5);
        shed.sample(&config, waiting(10));
        assert_eq!(shed.share(), 0.0);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "halves are exact")]
    fn latency_is_of_what_has_ended_since_the_tick_before() {
        let config = config(ShedMeasure::Latency, ShedCurve::Linear);
        let mut shed = Shed::default();
        let now = SimTime::ZERO + SimDuration::from_secs(15);
        shed.leave(&config, now, Left::with(Outcome::Ok));
        shed.leave(&config, now, Left::UNKNOWN);
        shed.sample(&config, waiting(0));
        assert_eq!(shed.share(), 0.5);
        shed.sample(&config, waiting(0));
        assert_eq!(shed.share(), 0.0);
    }
}
