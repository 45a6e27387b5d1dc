//! Virtual time: instants and spans in whole nanoseconds.
//!
//! An instant is not a span: adding two instants does not compile. Everything is a `u64`, so time
//! never drifts, has a total order and needs no rounding rule, except in the one function that
//! turns a sampled float into a span ([`SimDuration::from_sampled_ns`]).

use std::fmt;

/// The longest span and the latest instant: 2^63 - 1 ns, about 292 years.
pub const MAX_NS: u64 = i64::MAX as u64;

/// A moment on the simulated clock: nanoseconds since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(u64);

/// A span of simulated time in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimDuration(u64);

impl SimTime {
    /// The start of every run.
    pub const ZERO: Self = Self(0);
    /// Later than every instant of a run.
    pub const NEVER: Self = Self(MAX_NS);

    /// The instant `ns` nanoseconds after the start; instants past [`MAX_NS`] become [`Self::NEVER`].
    #[inline]
    pub const fn from_ns(ns: u64) -> Self {
        Self(if ns > MAX_NS { MAX_NS } else { ns })
    }

    /// The instant of which [`Self::as_ns`] gave the number.
    #[inline]
    pub(crate) const fn from_kept(ns: u64) -> Self {
        debug_assert!(ns <= MAX_NS);
        Self(ns)
    }

    /// Nanoseconds since the start.
    #[inline]
    pub const fn as_ns(self) -> u64 {
        self.0
    }

    /// Seconds since the start, for reports and statistics.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Time elapsed since `earlier`, which must not lie in the future.
    #[inline]
    pub fn since(self, earlier: Self) -> SimDuration {
        if earlier > self {
            out_of_order(earlier, self);
        }
        SimDuration(self.0 - earlier.0)
    }

    /// The span from here until `later`, zero when it has passed.
    #[inline]
    pub fn until(self, later: Self) -> SimDuration {
        SimDuration(later.0.saturating_sub(self.0))
    }

    /// This instant moved earlier by `span`, at most to the start.
    #[must_use]
    #[inline]
    pub fn before(self, span: SimDuration) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl std::ops::Add<SimDuration> for SimTime {
    type Output = Self;
    /// Saturates at [`SimTime::NEVER`], which no run reaches.
    #[inline]
    fn add(self, span: SimDuration) -> Self {
        // Neither is above 2^63 - 1.
        Self::from_ns(self.0 + span.0)
    }
}

/// Out of line, so that nobody who asks for a span has to keep the two at hand for the message.
#[cold]
#[inline(never)]
fn out_of_order(earlier: SimTime, now: SimTime) -> ! {
    panic!("{earlier} is later than {now}")
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// Longer than every run; "unlimited" where a limit is a span.
    pub const MAX: Self = Self(MAX_NS);

    /// A span of `ns` nanoseconds, at most [`MAX_NS`].
    #[inline]
    pub const fn from_ns(ns: u64) -> Self {
        Self(if ns > MAX_NS { MAX_NS } else { ns })
    }

    /// A span of `us` microseconds.
    pub const fn from_micros(us: u64) -> Self {
        Self::from_ns(us.saturating_mul(1_000))
    }

    /// A span of `ms` milliseconds.
    pub const fn from_millis(ms: u64) -> Self {
        Self::from_ns(ms.saturating_mul(1_000_000))
    }

    /// A span of `s` seconds.
    pub const fn from_secs(s: u64) -> Self {
        Self::from_ns(s.saturating_mul(1_000_000_000))
    }

    /// The one place where a float becomes time: rounds half to even; negative values and NaN
    /// become zero, values past [`MAX_NS`] become [`Self::MAX`].
    #[inline]
    pub fn from_sampled_ns(ns: f64) -> Self {
        /// From here on doubles are whole numbers, so that adding it rounds away what is behind
        /// the point: half to even, as every addition does.
        const WHOLE: f64 = (1_u64 << 52) as f64;
        if (0.0..WHOLE / 2.0).contains(&ns) {
            return Self((ns + WHOLE).to_bits() - WHOLE.to_bits());
        }
        Self::from_unusual_ns(ns)
    }

    /// Negative values, not-a-number, and spans of weeks.
    #[cold]
    fn from_unusual_ns(ns: f64) -> Self {
        if ns >= MAX_NS as f64 {
            return Self::MAX;
        }
        // A cast maps NaN and negative values to zero.
        Self(ns.round_ties_even() as u64)
    }

    /// Nanoseconds.
    #[inline]
    pub const fn as_ns(self) -> u64 {
        self.0
    }

    /// Nanoseconds as a float, for sampling and statistics.
    #[inline]
    pub fn as_ns_f64(self) -> f64 {
        self.0 as f64
    }

    /// Seconds, for reports and statistics.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Whether this is no time at all.
    #[inline]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// This span stretched by a finite, non-negative factor.
    #[must_use]
    #[inline]
    pub fn scaled(self, factor: f64) -> Self {
        Self::from_sampled_ns(self.0 as f64 * factor)
    }

    /// This span less `other`, at least zero.
    #[must_use]
    #[inline]
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// This span `n` times.
    #[must_use]
    pub fn times(self, n: u64) -> Self {
        Self::from_ns(self.0.saturating_mul(n))
    }
}

impl std::ops::Add for SimDuration {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        Self::from_ns(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for SimDuration {
    /// The largest unit that leaves no more than six decimals: `250ms`, `1.5s`, `90us`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit_ns, unit) = match self.0 {
            0 => return f.write_str("0s"),
            ns if ns >= 1_000_000_000 => (1_000_000_000, "s"),
            ns if ns >= 1_000_000 => (1_000_000, "ms"),
            ns if ns >= 1_000 => (1_000, "us"),
            _ => (1, "ns"),
        };
        let (whole, rest) = (self.0 / unit_ns, self.0 % unit_ns);
        if rest == 0 {
            return write!(f, "{whole}{unit}");
        }
        let width = unit_ns.ilog10() as usize;
        let decimals = format!("{rest:0width$}");
        write!(f, "{whole}.{}{unit}", decimals.trim_end_matches('0'))
    }
}

impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SimDuration(self.0).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_become_time_once_and_safely() {
        for (ns, expected) in [
            (0.5, 0),
            (1.5, 2),
            (2.5, 2),
            (-3.0, 0),
            (f64::NAN, 0),
            (1e300, MAX_NS),
            (f64::INFINITY, MAX_NS),
        ] {
            assert_eq!(SimDuration::from_sampled_ns(ns).as_ns(), expected, "{ns}");
        }
    }

    #[test]
    fn both_ways_of_rounding_agree() {
        let mut x = 0.1_f64;
        while x < MAX_NS as f64 {
            for ns in [x, x.floor(), x.floor() + 0.5, x.ceil() - 0.5, x.next_down()] {
                let expected = ns.round_ties_even() as u64;
                assert_eq!(SimDuration::from_sampled_ns(ns).as_ns(), expected, "{ns}");
            }
            x *= 1.003;
        }
    }

    #[test]
    fn spans_print_as_people_write_them() {
        for (ns, text) in [
            (0, "0s"),
            (250_000_000, "250ms"),
            (1_500_000_000, "1.5s"),
            (90_000, "90us"),
            (1, "1ns"),
            (61_200_000_000, "61.2s"),
            (1_000_000_001, "1.000000001s"),
        ] {
            assert_eq!(SimDuration::from_ns(ns).to_string(), text);
        }
    }

    #[test]
    fn the_clock_saturates_instead_of_wrapping() {
        assert_eq!(SimTime::NEVER + SimDuration::MAX, SimTime::NEVER);
        assert_eq!(
            SimTime::ZERO.before(SimDuration::from_secs(1)),
            SimTime::ZERO
        );
        assert_eq!(
            SimTime::from_ns(5).until(SimTime::from_ns(3)),
            SimDuration::ZERO
        );
    }
}
