//! Numbers with units, as a scenario writes them, compared and stepped through exactly.
//!
//! `0.1..0.5 step 0.1` must give `0.3` and not `0.30000000000000004`, and `1s` is the same value as
//! `1000ms`. So a quantity is a whole number of its unit's smallest part: nanoseconds for time,
//! billionths for everything else.

use crate::scenario::value::ScalarType;
use crate::time::SimDuration;
use std::cmp::Ordering;
use std::fmt;

/// Parts of one [billionths].
pub(super) const PARTS: i128 = 1_000_000_000;
/// Digits that computed values keep: enough to tell any two of a chart apart.
const DIGITS: u32 = 4;

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantityUnit {
    /// Time, in nanoseconds.
    Time,
    /// `/s`
    PerSecond,
    /// `/m`
    PerMinute,
    /// `/h`
    PerHour,
    /// `%`
    Percent,
    /// No unit.
    Bare,
}

/// A number with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// What it counts.
    pub unit: QuantityUnit,
    /// In parts of the unit, never negative.
    parts: i128,
}

impl Quantity {
    /// Reads a text; none if it is no number with a unit that is known here.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(span) = SimDuration::parse(text) {
            let parts = i128::from(span.as_ns());
            return Some(Self {
                unit: QuantityUnit::Time,
                parts,
            });
        }
        let ends = [
            ("/s", QuantityUnit::PerSecond),
            ("/m", QuantityUnit::PerMinute),
            ("/h", QuantityUnit::PerHour),
            ("%", QuantityUnit::Percent),
            ("", QuantityUnit::Bare),
        ];
        let (number, unit) = ends
            .iter()
            .find_map(|(end, unit)| Some((text.strip_suffix(end)?, *unit)))?;
        Some(
            Self {
                unit,
                parts: parts(number)?,
            }
            .simplest(),
        )
    }

    /// A number of parts of a unit.
    pub(super) const fn of_parts(unit: QuantityUnit, parts: i128) -> Self {
        Self { unit, parts }
    }

    /// How many parts of its unit it is.
    pub(super) const fn parts(self) -> i128 {
        self.parts
    }

    /// Whether it is a number without a fraction.
    pub(super) const fn is_whole(self) -> bool {
        matches!(self.unit, QuantityUnit::Bare) && self.parts % PARTS == 0
    }

    /// The nearest number without a fraction.
    pub(super) const fn whole(self) -> Self {
        Self {
            parts: (self.parts + PARTS / 2) / PARTS * PARTS,
            ..self
        }
    }

    /// The nearest quantity with four digits that say something.
    pub(super) fn rounded(self) -> Self {
        let digits = self.parts.max(1).ilog10() + 1;
        let step = 10_i128.pow(digits.saturating_sub(DIGITS));
        Self {
            parts: (self.parts + step / 2) / step * step,
            ..self
        }
    }

    /// The middle of two quantities of one unit and how far both are from it at most, in two digits
    /// of that distance: `23s` and `1.5s`.
    pub fn middle(self, other: Self) -> Option<(Self, Self)> {
        let (low, high) = (self.parts.min(other.parts), self.parts.max(other.parts));
        let half = (high - low + 1) / 2;
        let digits = half.max(1).ilog10() + 1;
        let step = 10_i128.pow(digits.saturating_sub(2));
        let middle = (i128::midpoint(low, high) + step / 2) / step * step;
        let reach = (high - middle).max(middle - low);
        let reach = (reach + step - 1) / step * step;
        let of = |parts| Self { parts, ..self };
        (self.unit == other.unit).then(|| (of(middle), of(reach)))
    }

    /// So far from this quantity to another one of the same unit, from 0 to 1.
    pub fn towards(self, other: Self, part: f64) -> Option<Self> {
        let gap = (other.parts - self.parts) as f64;
        let parts = self.parts + (gap * part).round() as i128;
        (self.unit == other.unit).then(|| Self { parts, ..self }.rounded())
    }

    /// Rates per second wherever that can be written exactly.
    fn simplest(self) -> Self {
        let seconds = match self.unit {
            QuantityUnit::PerMinute => 60,
            QuantityUnit::PerHour => 3600,
            QuantityUnit::Time
            | QuantityUnit::PerSecond
            | QuantityUnit::Percent
            | QuantityUnit::Bare => return self,
        };
        if self.parts % seconds != 0 {
            return self;
        }
        Self {
            unit: QuantityUnit::PerSecond,
            parts: self.parts / seconds,
        }
    }

    /// The order of two quantities that count the same thing.
    pub fn compare(self, other: Self) -> Option<Ordering> {
        let (family, value) = self.comparable();
        let (other_family, other_value) = other.comparable();
        (family == other_family).then(|| value.cmp(&other_value))
    }

    fn comparable(self) -> (QuantityUnit, i128) {
        match self.unit {
            QuantityUnit::PerSecond => (QuantityUnit::PerHour, self.parts * 3600),
            QuantityUnit::PerMinute => (QuantityUnit::PerHour, self.parts * 60),
            QuantityUnit::Time
            | QuantityUnit::PerHour
            | QuantityUnit::Percent
            | QuantityUnit::Bare => (self.unit, self.parts),
        }
    }

    /// As a number, to lie on an axis: nanoseconds, per second, share of a hundred, plain.
    pub fn as_f64(self) -> f64 {
        let parts = self.parts as f64;
        match self.unit {
            QuantityUnit::Time => parts,
            QuantityUnit::PerSecond | QuantityUnit::Percent | QuantityUnit::Bare => {
                parts / PARTS as f64
            }
            QuantityUnit::PerMinute => parts / PARTS as f64 / 60.0,
            QuantityUnit::PerHour => parts / PARTS as f64 / 3600.0,
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = match self.unit {
            QuantityUnit::Time => {
                let ns = u64::try_from(self.parts).unwrap_or(u64::MAX);
                return SimDuration::from_ns(ns).fmt(f);
            }
            QuantityUnit::PerSecond => "/s",
            QuantityUnit::PerMinute => "/m",
            QuantityUnit::PerHour => "/h",
            QuantityUnit::Percent => "%",
            QuantityUnit::Bare => "",
        };
        let (whole, rest) = (self.parts / PARTS, self.parts % PARTS);
        if rest == 0 {
            return write!(f, "{whole}{end}");
        }
        let decimals = format!("{rest:09}");
        write!(f, "{whole}.{}{end}", decimals.trim_end_matches('0'))
    }
}

/// A decimal number in billionths; none if it is finer, too large or no number.
fn parts(number: &str) -> Option<i128> {
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        None => (number, 0),
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
    };
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(decimals) || whole.len() > 18 || !(-9..=18).contains(&exponent) {
        return None;
    }
    let decimals = decimals.trim_end_matches('0');
    let value: i128 = format!("{whole}{decimals}").parse().ok()?;
    let shift = 9 + exponent - i32::try_from(decimals.len()).ok()?;
    let scale = 10_i128.checked_pow(shift.unsigned_abs())?;
    if shift >= 0 {
        let parts = value.checked_mul(scale)?;
        (parts < 10_i128.pow(30)).then_some(parts)
    } else {
        (value % scale == 0).then_some(value / scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_spelling() {
        for (text, canonical) in [
            ("1000ms", "1s"),
            ("1m30s", "90s"),
            ("0.25s", "250ms"),
            ("90/m", "1.5/s"),
            ("1/m", "1/m"),
            ("7200/h", "2/s"),
            ("0900/s", "900/s"),
            ("50.0%", "50%"),
            ("1e9", "1000000000"),
            ("1.5e-3", "0.0015"),
            ("0.10", "0.1"),
            ("0", "0"),
        ] {
            assert_eq!(
                Quantity::parse(text).unwrap().to_string(),
                canonical,
                "{text}"
            );
        }
        for word in [
            "",
            "full",
            "-1",
            "1.",
            ".5",
            "5x",
            "0.0000000001",
            "1e99",
            "payments",
        ] {
            assert_eq!(Quantity::parse(word), None, "{word}");
        }
    }

    #[test]
    fn only_like_is_compared_with_like() {
        let order = |a: &str, b: &str| {
            let parse = |text| Quantity::parse(text).unwrap();
            parse(a).compare(parse(b))
        };
        assert_eq!(order("1s", "999ms"), Some(Ordering::Greater));
        assert_eq!(order("1/m", "1/s"), Some(Ordering::Less));
        assert_eq!(order("1", "1s"), None);
        assert_eq!(order("5%", "5"), None);
    }

    #[test]
    fn a_middle_and_its_reach_cover_both_ends() {
        for (low, high, middle, reach) in [
            ("17.5/s", "23.13/s", "20.3/s", "2.9/s"),
            ("22s", "24s", "23s", "1s"),
            ("3", "4", "3.5", "0.5"),
            ("640/s", "650/s", "645/s", "5/s"),
            ("5%", "5%", "5%", "0%"),
        ] {
            let parse = |text| Quantity::parse(text).unwrap();
            let (one, other) = parse(low).middle(parse(high)).unwrap();
            assert_eq!(
                (one.to_string(), other.to_string()),
                (middle.into(), reach.into())
            );
        }
        let parse = |text| Quantity::parse(text).unwrap();
        assert_eq!(parse("1s").middle(parse("1/s")), None);
    }

    #[test]
    fn computed_values_keep_four_digits() {
        let rounded = |parts| {
            Quantity::of_parts(QuantityUnit::Bare, parts)
                .rounded()
                .to_string()
        };
        assert_eq!(rounded(2_511_886_431), "2.512");
        assert_eq!(rounded(123_456_000_000_000), "123500");
        assert_eq!(rounded(12), "0.000000012");
    }
}
