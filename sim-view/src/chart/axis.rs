//! Axes: where values and instants lie, and which of them get a mark.
//!
//! People read steps of 1, 2 or 5 × 10ⁿ, and of time also minutes and hours. Marks are chosen with
//! integers (millionths of a value, nanoseconds of time), so that no rounding of some platform can
//! move one.

use crate::format;
use sim_core::random::detmath;

const MILLION: f64 = 1e6;

/// How values become heights.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scale {
    /// From zero to the top, evenly.
    Linear {
        /// Value at the top [millionths].
        top_micro: u64,
        /// Between two marks [millionths].
        step_micro: u64,
        /// Marks are shares of 1.
        share: bool,
    },
    /// Each decade equally high; values are spans of time.
    Decades {
        /// Power of ten at the bottom \[ns\].
        low: u32,
        /// Power of ten at the top \[ns\].
        high: u32,
    },
}

impl Scale {
    /// From zero to a round number that is not less than any of these values.
    pub(super) fn up_to(values: impl Iterator<Item = f64>) -> Self {
        let top = values.fold(0.0, f64::max);
        let micro = ((top * MILLION).ceil() as u64).clamp(1, u64::MAX / 16);
        let wanted = if top > 0.0 { micro } else { 1_000_000 };
        let step_micro = round_step(wanted.div_ceil(4));
        Self::Linear {
            top_micro: wanted.div_ceil(step_micro) * step_micro,
            step_micro,
            share: false,
        }
    }

    /// From 0 % to 100 %.
    pub(super) const fn shares() -> Self {
        Self::Linear {
            top_micro: 1_000_000,
            step_micro: 250_000,
            share: true,
        }
    }

    /// The decades in which these spans of time lie.
    pub(super) fn decades(values: impl Iterator<Item = f64>) -> Self {
        let spans: Vec<u64> = values.filter(|&ns| ns >= 1.0).map(|ns| ns as u64).collect();
        let low = spans.iter().min().map_or(6, |ns| ns.ilog10());
        let high = spans
            .iter()
            .max()
            .map_or(9, |&ns| (ns - 1).max(1).ilog10() + 1);
        Self::Decades {
            low,
            high: high.max(low + 1),
        }
    }

    /// How far up a value lies, from 0 at the bottom to `height`.
    pub(super) fn height_of(&self, value: f64, height: i32) -> i32 {
        let part = match *self {
            Self::Linear { top_micro, .. } => value * MILLION / top_micro as f64,
            Self::Decades { low, high } => {
                let ln_ten = detmath::ln(10.0);
                let decades = detmath::ln(value.max(1.0)) / ln_ten;
                (decades - f64::from(low)) / f64::from(high - low)
            }
        };
        (part.clamp(0.0, 1.0) * f64::from(height)).round() as i32
    }

    /// The marks: values and what is written at them.
    pub(super) fn marks(&self) -> Vec<(f64, String)> {
        match *self {
            Self::Linear {
                top_micro,
                step_micro,
                share,
            } => {
                let text = |micro: u64| {
                    if share {
                        format!("{}%", micro / 10_000)
                    } else {
                        format::axis_mark(micro)
                    }
                };
                let marks = (0..=top_micro / step_micro).map(|index| index * step_micro);
                marks
                    .map(|micro| (micro as f64 / MILLION, text(micro)))
                    .collect()
            }
            Self::Decades { low, high } => decade_marks(low, high),
        }
    }
}

/// A mark for each decade; also at 2 and 5, if they are few.
fn decade_marks(low: u32, high: u32) -> Vec<(f64, String)> {
    let steps: &[u64] = if high - low <= 2 { &[1, 2, 5] } else { &[1] };
    let top = 10_u64.saturating_pow(high);
    (low..=high)
        .flat_map(|decade| {
            steps
                .iter()
                .map(move |step| 10_u64.saturating_pow(decade).saturating_mul(*step))
        })
        .filter(|&ns| ns <= top)
        .map(|ns| (ns as f64, decade_mark(ns)))
        .collect()
}

/// `1 ms`, `100 s`: decades stay in seconds, however long.
fn decade_mark(ns: u64) -> String {
    const SECOND_NS: u64 = 1_000_000_000;
    if ns < SECOND_NS {
        format::duration(ns)
    } else {
        format!("{} s", ns / SECOND_NS)
    }
}

/// The smallest 1, 2 or 5 × 10ⁿ that is not less.
fn round_step(least: u64) -> u64 {
    let mut decade: u64 = 1;
    while decade.saturating_mul(5) < least {
        decade = decade.saturating_mul(10);
    }
    [1, 2, 5]
        .into_iter()
        .map(|step| decade.saturating_mul(step))
        .find(|&s| s >= least)
        .unwrap_or(least)
}

/// What lies along the bottom of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Along {
    /// Virtual time \[ns\].
    Time,
    /// Time to recover \[ns\].
    Recovery,
    /// A share of calls [millionths].
    Share,
}

impl Along {
    /// What it is called.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Time => "virtual time",
            Self::Recovery => "time to recover",
            Self::Share => "share of useful calls",
        }
    }

    /// What is written at a mark of an axis that ends at `end`.
    pub(super) fn mark(self, at: u64, end: u64) -> String {
        match self {
            Self::Time | Self::Recovery => format::time_mark(at, end),
            Self::Share => format!("{}%", at / 10_000),
        }
    }

    /// A place on it in a table.
    pub(super) fn place(self, at: u64, end: u64) -> String {
        match self {
            Self::Time => format::instant(at, end),
            Self::Recovery => format::duration(at),
            Self::Share => format::share(at as f64 / MILLION),
        }
    }
}

/// How instants, or what else lies along a chart, become positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeAxis {
    /// What it shows.
    pub(super) along: Along,
    /// End of the run \[ns\].
    pub(super) end_ns: u64,
    /// Position of its start.
    pub(super) left: i32,
    /// Position of its end.
    pub(super) right: i32,
}

impl TimeAxis {
    /// Where an instant lies.
    pub(super) fn x(&self, at_ns: u64) -> i32 {
        let width = (self.right - self.left) as u128;
        let at = u128::from(at_ns.min(self.end_ns)) * width;
        self.left + (at / u128::from(self.end_ns.max(1))) as i32
    }

    /// Instants that get a mark: at most eleven.
    pub(super) fn marks(&self) -> Vec<u64> {
        let step = time_step(self.end_ns.div_ceil(10).max(1));
        (0..=self.end_ns / step).map(|index| index * step).collect()
    }
}

/// The smallest step of time, as people read it, that is not less.
fn time_step(least_ns: u64) -> u64 {
    const SECOND: u64 = 1_000_000_000;
    const MINUTE: u64 = 60 * SECOND;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    // Runs of up to ten minutes are told in seconds.
    const LONG: [u64; 10] = [
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        20 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
    ];
    if least_ns <= MINUTE {
        return round_step(least_ns);
    }
    let step = LONG.into_iter().find(|&step| step >= least_ns);
    step.unwrap_or_else(|| round_step(least_ns.div_ceil(DAY)).saturating_mul(DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn value_marks_are_round_and_few() {
        for (top, marks) in [
            (0.0, vec!["0", "0.5", "1"]),
            (1.0, vec!["0", "0.5", "1"]),
            (2.7, vec!["0", "1", "2", "3"]),
            (930.0, vec!["0", "500", "1000"]),
            (1530.0, vec!["0", "500", "1000", "1500", "2000"]),
            (0.003, vec!["0", "0.001", "0.002", "0.003"]),
            (40_000.0, vec!["0", "10k", "20k", "30k", "40k"]),
        ] {
            let texts: Vec<_> = Scale::up_to([top].into_iter())
                .marks()
                .into_iter()
                .map(|mark| mark.1)
                .collect();
            assert_eq!(texts, marks, "{top}");
        }
        assert_eq!(Scale::up_to([f64::MAX].into_iter()).marks().len(), 4);
    }

    #[test]
    fn decades_hold_all_values() {
        let scale = Scale::decades([2e6, 3e9].into_iter());
        assert_eq!(scale, Scale::Decades { low: 6, high: 10 });
        assert_eq!(scale.height_of(1e6, 400), 0);
        assert_eq!(scale.height_of(1e8, 400), 200);
        assert_eq!(scale.height_of(1e10, 400), 400);
        assert_eq!(
            Scale::decades([1e9].into_iter()),
            Scale::Decades { low: 9, high: 10 }
        );
        assert_eq!(
            Scale::decades([].into_iter()),
            Scale::Decades { low: 6, high: 9 }
        );
        let texts: Vec<_> = scale.marks().into_iter().map(|mark| mark.1).collect();
        assert_eq!(texts, ["1 ms", "10 ms", "100 ms", "1 s", "10 s"]);
    }

    #[test]
    fn time_marks_suit_any_run() {
        for (end_ns, texts) in [
            (
                2 * SECOND,
                "0|200 ms|400 ms|600 ms|800 ms|1 s|1.2 s|1.4 s|1.6 s|1.8 s|2 s",
            ),
            (300 * SECOND, "0|50 s|100 s|150 s|200 s|250 s|300 s"),
            (600 * SECOND, "0|100 s|200 s|300 s|400 s|500 s|600 s"),
            (1800 * SECOND, "0|5m|10m|15m|20m|25m|30m"),
            (3600 * SECOND, "0|10m|20m|30m|40m|50m|1h"),
            (86_400 * SECOND, "0|3h|6h|9h|12h|15h|18h|21h|1d"),
            (30 * 86_400 * SECOND, "0|5d|10d|15d|20d|25d|30d"),
            (1, "0|1 ns"),
            (0, "0"),
        ] {
            let axis = TimeAxis {
                along: Along::Time,
                end_ns,
                left: 0,
                right: 100,
            };
            let marks: Vec<_> = axis
                .marks()
                .into_iter()
                .map(|at| format::time_mark(at, end_ns))
                .collect();
            assert_eq!(marks.join("|"), texts, "{end_ns}");
        }
    }

    #[test]
    fn instants_spread_over_the_axis() {
        let axis = TimeAxis {
            along: Along::Time,
            end_ns: 10,
            left: 100,
            right: 200,
        };
        assert_eq!(
            [axis.x(0), axis.x(5), axis.x(10), axis.x(99)],
            [100, 150, 200, 200]
        );
    }
}
