//! A rate over time: constant, made of points, or daily.
//!
//! Three questions: the rate at an instant, the arrivals expected by an instant (the integral), and
//! the earliest instant by which so many are expected (its inverse). The inverse is exact per
//! piece: a division where the rate is constant, a quadratic on a ramp, Newton's method kept inside
//! a shrinking interval on a sinusoid. On a stretch of rate zero the integral stands still; the
//! inverse then gives the instant at which it got there.

use super::daily::Daily;
use super::error::TrafficError;
use super::instant::instant;
use super::points::{Points, RatePoint};
use crate::time::{SimDuration, SimTime};
use crate::units::Rate;

/// A rate over time, valid by construction.
#[derive(Clone, Debug, PartialEq)]
pub struct RateProfile {
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Constant {
        /// \[1/s\].
        rate: Rate,
        /// Mean time between arrivals \[ns\]; infinite for a rate of zero.
        interval: f64,
    },
    Points(Points),
    Daily(Daily),
}

impl RateProfile {
    /// The same rate for ever.
    pub fn constant(rate: Rate) -> Self {
        let interval = 1e9 / rate.get();
        Self {
            kind: Kind::Constant { rate, interval },
        }
    }

    /// A rate that steps or ramps from point to point; the last one lasts. The first is at 0.
    pub fn points(points: &[RatePoint]) -> Result<Self, TrafficError> {
        let kind = Kind::Points(Points::new(points)?);
        Ok(Self { kind })
    }

    /// A sinusoid between `low` and `high` that is highest at `peak_at` and every `period` before
    /// and after.
    pub fn daily(
        low: Rate,
        high: Rate,
        peak_at: SimTime,
        period: SimDuration,
    ) -> Result<Self, TrafficError> {
        let kind = Kind::Daily(Daily::new(low, high, peak_at, period)?);
        Ok(Self { kind })
    }

    /// Whether it is made of points: neither one rate throughout nor a daily cycle.
    pub const fn is_of_points(&self) -> bool {
        match self.kind {
            Kind::Points(_) => true,
            Kind::Constant { .. } | Kind::Daily(_) => false,
        }
    }

    /// The rate at `at`; where it jumps, the rate after the jump.
    pub fn rate_at(&self, at: SimTime) -> Rate {
        match &self.kind {
            Kind::Constant { rate, .. } => *rate,
            Kind::Points(points) => points.rate_at(at),
            Kind::Daily(daily) => daily.rate_at(at),
        }
    }

    /// Arrivals expected from the start until `by` \[count\].
    pub fn cumulative(&self, by: SimTime) -> f64 {
        match &self.kind {
            Kind::Constant { rate, .. } => rate.get() * by.as_secs_f64(),
            Kind::Points(points) => points.cumulative(by),
            Kind::Daily(daily) => daily.cumulative(by),
        }
    }

    /// The earliest instant by which this many arrivals are expected; `None` if never.
    #[inline]
    pub fn time_of(&self, cumulative: f64) -> Option<SimTime> {
        match &self.kind {
            // At a rate of zero 0 × infinity is not a number, which is no instant.
            Kind::Constant { interval, .. } => instant(cumulative * interval),
            Kind::Points(points) => points.time_of(cumulative),
            Kind::Daily(daily) => daily.time_of(cumulative),
        }
    }
}

impl From<Rate> for RateProfile {
    fn from(rate: Rate) -> Self {
        Self::constant(rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::Ramp;

    fn rate(per_second: f64) -> Rate {
        Rate::per_second(per_second).unwrap()
    }

    fn at(seconds: f64) -> SimTime {
        instant(seconds * 1e9).unwrap()
    }

    fn point(at_s: f64, per_second: f64, ramp: Ramp) -> RatePoint {
        RatePoint {
            at: at(at_s),
            rate: rate(per_second),
            ramp,
        }
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{a} is not {b}");
    }

    /// 10/s until 10 s, then up to 30/s at 20 s, nothing until 30 s, then 5/s.
    fn hill() -> RateProfile {
        RateProfile::points(&[
            point(0.0, 10.0, Ramp::Step),
            point(10.0, 10.0, Ramp::Step),
            point(20.0, 30.0, Ramp::Linear),
            point(20.5, 0.0, Ramp::Step),
            point(30.0, 5.0, Ramp::Step),
        ])
        .unwrap()
    }

    #[test]
    fn a_hill_counts_as_computed_by_hand() {
        for (seconds, rate, expected) in [
            (0.0, 10.0, 0.0),
            (5.0, 10.0, 50.0),
            (10.0, 10.0, 100.0),
            (15.0, 20.0, 175.0),
            (20.0, 30.0, 300.0),
            (20.5, 0.0, 315.0),
            (25.0, 0.0, 315.0),
            (30.0, 5.0, 315.0),
            (31.0, 5.0, 320.0),
        ] {
            close(hill().rate_at(at(seconds)).get(), rate);
            close(hill().cumulative(at(seconds)), expected);
        }
    }

    #[test]
    fn a_hill_is_inverted_as_computed_by_hand() {
        for (count, seconds) in [
            (0.0, 0.0),
            (50.0, 5.0),
            // 10 t + t² = 75 has the root 5.
            (175.0, 15.0),
            (300.0, 20.0),
            (315.0, 20.5),
            (320.0, 31.0),
        ] {
            assert_eq!(hill().time_of(count), Some(at(seconds)), "{count}");
        }
    }

    #[test]
    fn ramps_down_to_nothing_end_in_never() {
        let down =
            RateProfile::points(&[point(0.0, 10.0, Ramp::Step), point(10.0, 0.0, Ramp::Linear)])
                .unwrap();
        // 10 t - t²/2 = 37.5 has the root 5.
        assert_eq!(down.time_of(37.5), Some(at(5.0)));
        assert_eq!(down.time_of(50.0), Some(at(10.0)));
        assert_eq!(down.time_of(50.001), None);
    }

    #[test]
    fn a_day_has_its_mean_rate() {
        let day = SimDuration::from_secs(86_400);
        let profile = RateProfile::daily(rate(0.0), rate(10.0), at(50_400.0), day).unwrap();
        close(profile.rate_at(at(50_400.0)).get(), 10.0);
        close(profile.rate_at(at(7_200.0)).get(), 0.0);
        close(profile.cumulative(at(86_400.0)), 432_000.0);
        close(profile.cumulative(at(864_000.0)), 4_320_000.0);
        assert_eq!(profile.time_of(4_320_000.0), Some(at(864_000.0)));
    }

    #[test]
    fn inverses_undo_the_integral_everywhere() {
        let day = SimDuration::from_secs(100);
        let profiles = [
            RateProfile::constant(rate(7.0)),
            hill(),
            RateProfile::daily(rate(0.0), rate(9.0), at(10.0), day).unwrap(),
            RateProfile::daily(rate(3.0), rate(4.0), at(120.0), day).unwrap(),
        ];
        for profile in profiles {
            let mut before = SimTime::ZERO;
            for i in 0..5_000 {
                let count = f64::from(i) * 0.137;
                let time = profile.time_of(count).unwrap();
                assert!(time >= before);
                before = time;
                let slack = profile.rate_at(time).get() * 1e-9 + 1e-9;
                let back = profile.cumulative(time);
                assert!((back - count).abs() <= slack, "{count} became {back}");
            }
        }
    }

    #[test]
    fn no_rate_never_arrives() {
        let never = RateProfile::constant(Rate::ZERO);
        assert_eq!(never.time_of(1.0), None);
        let flat = RateProfile::daily(Rate::ZERO, Rate::ZERO, at(0.0), SimDuration::from_secs(1));
        assert_eq!(flat.unwrap().time_of(1.0), None);
    }

    #[test]
    fn impossible_profiles_are_refused() {
        let messages = [
            RateProfile::points(&[]),
            RateProfile::points(&[point(1.0, 1.0, Ramp::Step)]),
            RateProfile::points(&[point(0.0, 1.0, Ramp::Linear)]),
            RateProfile::points(&[
                point(0.0, 1.0, Ramp::Step),
                point(2.0, 1.0, Ramp::Step),
                point(2.0, 1.0, Ramp::Step),
            ]),
            RateProfile::daily(rate(2.0), rate(1.0), at(0.0), SimDuration::from_secs(1)),
            RateProfile::daily(rate(1.0), rate(2.0), at(0.0), SimDuration::ZERO),
        ]
        .map(|refused| refused.unwrap_err().to_string());
        insta::assert_snapshot!(messages.join("\n"));
    }
}
