//! Numbers that were checked once, so that no later code asks again.

use crate::time::SimDuration;
use std::fmt;

/// A share of something, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Probability(f64);

impl Probability {
    /// Never.
    pub const ZERO: Self = Self(0.0);
    /// Always.
    pub const ONE: Self = Self(1.0);

    /// `None` unless `value` lies in `[0, 1]`.
    pub fn new(value: f64) -> Option<Self> {
        // Adding zero turns -0.0 into 0.0.
        (0.0..=1.0).contains(&value).then_some(Self(value + 0.0))
    }

    /// The share as a number from 0 to 1.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// Whether a uniform draw `u` from the open interval (0, 1) falls into this share.
    pub fn hit(self, u: f64) -> bool {
        u < self.0
    }

    /// The chance that at least one of two independent events happens.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(1.0 - (1.0 - self.0) * (1.0 - other.0))
    }
}

impl fmt::Display for Probability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rounded to nine digits, so that 0.07 prints as 7% and not as 7.000000000000001%.
        write!(f, "{}%", (self.0 * 1e11).round() / 1e9)
    }
}

/// How often something happens, in events per second of virtual time.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Rate(f64);

impl Rate {
    /// Never.
    pub const ZERO: Self = Self(0.0);

    /// `None` unless the value is finite and not negative.
    pub fn per_second(value: f64) -> Option<Self> {
        (value.is_finite() && value >= 0.0).then_some(Self(value + 0.0))
    }

    /// Events per second.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// Mean time between events; [`SimDuration::MAX`] for a rate of zero.
    pub fn mean_interval(self) -> SimDuration {
        SimDuration::from_sampled_ns(1e9 / self.0)
    }
}

/// A factor that stretches or shrinks: finite and not negative.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Factor(f64);

impl Factor {
    /// Changes nothing.
    pub const ONE: Self = Self(1.0);

    /// `None` unless the value is finite and not negative.
    pub fn new(value: f64) -> Option<Self> {
        (value.is_finite() && value >= 0.0).then_some(Self(value + 0.0))
    }

    /// The factor as a number.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// Both factors one after the other. The product of any number of factors is a factor: it stays
    /// finite, and with one that is zero it is zero.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        Self((self.0 * other.0).min(f64::MAX))
    }
}

/// CPU cores of an instance, in thousandths, as containers count them: 500 are half a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cores(u32);

impl Cores {
    /// As many as there are threads.
    pub const UNLIMITED: Self = Self(u32::MAX);

    /// So many thousandths of a core \[count\].
    pub const fn thousandths(count: u32) -> Self {
        Self(count)
    }

    /// Thousandths of a core \[count\].
    pub const fn in_thousandths(self) -> u32 {
        self.0
    }

    /// How many threads can work at full speed, as a number.
    pub fn get(self) -> f64 {
        f64::from(self.0) / 1e3
    }
}

impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.get())
    }
}

/// An amount of memory, in whole bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(u64);

impl Bytes {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many bytes \[B\].
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// As a number of bytes \[B\].
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// So many times as much.
    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }
}

impl fmt::Display for Bytes {
    /// In the unit in which it is written: that of 1024 where it is a whole number of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const BINARY: [(u64, &str); 4] = [
            (1 << 40, "TiB"),
            (1 << 30, "GiB"),
            (1 << 20, "MiB"),
            (1 << 10, "KiB"),
        ];
        const DECIMAL: [(u64, &str); 4] = [
            (1_000_000_000_000, "TB"),
            (1_000_000_000, "GB"),
            (1_000_000, "MB"),
            (1000, "kB"),
        ];
        let whole = |units: &[(u64, &'static str)]| {
            let mut fits = units
                .iter()
                .filter(|(unit, _)| self.0 >= *unit && self.0.is_multiple_of(*unit));
            fits.next().copied()
        };
        if let Some((unit, name)) = whole(&BINARY).or_else(|| whole(&DECIMAL)) {
            return write!(f, "{}{name}", self.0 / unit);
        }
        match DECIMAL.iter().find(|(unit, _)| self.0 >= *unit) {
            Some((unit, name)) => f.write_str(&in_unit(self.0 as f64 / *unit as f64, name)),
            None => write!(f, "{}B", self.0),
        }
    }
}

/// `899/s`, `2.5/s`, `5.9/min`, `0.5/h`: a rate as people read it, with two significant digits at
/// least, in a unit that shows them.
pub(crate) fn rate(per_second: f64) -> String {
    let (value, unit) = per_unit(per_second);
    in_unit(value, unit)
}

/// A rate in the unit in which it is told: per second from a tenth on, per minute from a tenth on,
/// else per hour.
pub fn per_unit(per_second: f64) -> (f64, &'static str) {
    const TENTH: f64 = 0.1;
    match per_second.abs() {
        size if size >= TENTH || size <= 0.0 => (per_second, "/s"),
        size if size * 60.0 >= TENTH => (per_second * 60.0, "/min"),
        _ => (per_second * 3600.0, "/h"),
    }
}

/// A value to two significant digits at least, and its unit.
pub(crate) fn in_unit(value: f64, unit: &str) -> String {
    let decimals = match decimals_for_two_digits(value) {
        0 => usize::from(value < 10.0),
        decimals => decimals,
    };
    trimmed(value, decimals) + unit
}

/// Decimals that show two significant digits of a value \[count\].
pub(crate) fn decimals_for_two_digits(value: f64) -> usize {
    const MOST: usize = 12;
    let size = value.abs();
    let mut decimals = 0;
    let mut least = 9.95;
    while size > 0.0 && size < least && decimals < MOST {
        decimals += 1;
        least /= 10.0;
    }
    decimals
}

/// So many decimals at most, without zeros at the end.
pub(crate) fn trimmed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_numbers_are_refused() {
        for value in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert_eq!(Probability::new(value), None, "{value}");
        }
        for value in [-0.1, f64::NAN, f64::INFINITY] {
            assert_eq!(Rate::per_second(value), None, "{value}");
            assert_eq!(Factor::new(value), None, "{value}");
        }
    }

    #[test]
    fn a_product_of_factors_is_a_factor() {
        let factor = |value| Factor::new(value).unwrap();
        let product = |values: &[f64]| {
            let factors = values.iter().copied().map(factor);
            factors.fold(Factor::ONE, Factor::times)
        };
        assert_eq!(product(&[2.0, 3.0]), factor(6.0));
        assert_eq!(product(&[1e200, 1e200]), factor(f64::MAX));
        assert_eq!(product(&[1e200, 1e200, 0.0]), factor(0.0));
        assert_eq!(product(&[0.0, 1e200, 1e200]), factor(0.0));
    }

    #[test]
    fn a_rate_of_zero_never_happens() {
        assert_eq!(Rate::ZERO.mean_interval(), SimDuration::MAX);
    }

    #[test]
    fn sizes_print_as_they_are_written() {
        for (bytes, text) in [
            (0, "0B"),
            (999, "999B"),
            (1000, "1kB"),
            (1024, "1KiB"),
            (200_000_000, "200MB"),
            (1 << 30, "1GiB"),
            (1_234_567, "1.2MB"),
        ] {
            assert_eq!(Bytes::new(bytes).to_string(), text);
        }
    }

    #[test]
    fn shares_print_as_percent() {
        assert_eq!(Probability::new(0.07).unwrap().to_string(), "7%");
        assert_eq!(Probability::new(0.999).unwrap().to_string(), "99.9%");
    }
}
