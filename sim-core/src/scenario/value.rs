//! Scalars as people write them: `250ms`, `900/s`, `50%`, `64`, `unlimited`.
//!
//! A number without its unit is the oldest mistake in configuration files, so a unit is never
//! guessed. Spans become whole nanoseconds by integer arithmetic, and what is not a whole number
//! of them is refused instead of rounded. Shares and rates are read as decimals, so `99.9%` is the
//! number nearest to 0.999 and not the quotient of two rounded ones.

use super::expect::InRuns;
pub(crate) use super::problem::Problem;
use super::shape::ScalarJson;
use super::tree::{is_digits, is_json_number};
use crate::time::{MAX_NS, SimDuration, SimTime};
use crate::units::{Bytes, Cores, Factor, Probability, Rate};

/// A value written as one scalar.
pub(crate) trait ScalarType: Sized {
    /// What it is, for messages: "a duration".
    const WHAT: &'static str;
    /// Whether it may stand in quotes; numbers may not, since quotes make a text of them.
    const MAY_BE_QUOTED: bool = true;
    /// How the schema describes it.
    fn json() -> ScalarJson;
    /// Reads it.
    fn parse(text: &str) -> Result<Self, Problem>;
}

const UNITS: [(&str, u64); 6] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

impl ScalarType for SimDuration {
    const WHAT: &'static str = "a duration such as `250ms`";

    fn json() -> ScalarJson {
        ScalarJson::Text(r"^([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+$")
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        no_sign(text, "a duration cannot be negative")?;
        if is_json_number(text) {
            let hint = format!("write `{text}ms` or `{text}s`");
            let problem = Problem::new("a duration carries its unit").hint(hint);
            return Err(problem.meant(&format!("{text}s")));
        }
        let mut total: u128 = 0;
        let mut rest = text;
        let mut last_unit = u64::MAX;
        while !rest.is_empty() {
            let (ns, unit, after) = duration_part(rest)?;
            if unit >= last_unit {
                return Err(not_a_duration());
            }
            (total, last_unit, rest) = (total.saturating_add(ns), unit, after);
        }
        match u64::try_from(total) {
            Ok(ns) if last_unit < u64::MAX && ns < MAX_NS => Ok(Self::from_ns(ns)),
            _ if last_unit == u64::MAX => Err(not_a_duration()),
            _ => Err(Problem::new("the longest duration is 292 years")),
        }
    }
}

impl ScalarType for SimTime {
    const WHAT: &'static str = "an instant such as `60s`";

    fn json() -> ScalarJson {
        SimDuration::json()
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        Ok(Self::ZERO + SimDuration::parse(text)?)
    }
}

/// Reads `1.5s` off the front: nanoseconds, the unit's nanoseconds, and what follows.
fn duration_part(text: &str) -> Result<(u128, u64, &str), Problem> {
    let number_end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .ok_or_else(not_a_duration)?;
    let (number, rest) = text.split_at(number_end);
    let unit_end = rest
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(rest.len());
    let (unit, after) = rest.split_at(unit_end);
    let &(_, unit_ns) = UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .ok_or_else(not_a_duration)?;
    let ns = decimal_times(number, unit_ns).ok_or_else(not_a_duration)??;
    Ok((ns, unit_ns, after))
}

/// A decimal number times an integer, exactly; `None` if it is not a decimal number.
fn decimal_times(number: &str, factor: u64) -> Option<Result<u128, Problem>> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    if !is_digits(whole) || !is_digits(decimals) {
        return None;
    }
    if whole.len() > 20 {
        return Some(Err(Problem::new("the longest duration is 292 years")));
    }
    let whole: u128 = whole.parse().ok()?;
    let significant = decimals.trim_end_matches('0');
    if significant.len() > 13 {
        return Some(Err(finer_than_a_nanosecond()));
    }
    let scale = (0..significant.len()).fold(1_u128, |scale, _| scale * 10);
    let fraction: u128 = if significant.is_empty() {
        0
    } else {
        significant.parse().ok()?
    };
    let part = fraction * u128::from(factor);
    if !part.is_multiple_of(scale) {
        return Some(Err(finer_than_a_nanosecond()));
    }
    Some(Ok(whole
        .saturating_mul(u128::from(factor))
        .saturating_add(part / scale)))
}

fn finer_than_a_nanosecond() -> Problem {
    Problem::new("the finest step of time is 1ns")
}

fn not_a_duration() -> Problem {
    Problem::new("it is not a duration")
        .hint("write a number and one of ns, us, ms, s, m, h, such as `250ms` or `1m30s`")
}

/// Refuses a minus sign with its own words.
fn no_sign(text: &str, limit: &str) -> Result<(), Problem> {
    if text.starts_with('-') {
        return Err(Problem::new(limit));
    }
    Ok(())
}

/// A decimal number without sign or exponent, as written before a unit.
fn is_decimal(text: &str) -> bool {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    text.len() <= 40 && is_digits(whole) && is_digits(decimals)
}

impl ScalarType for Rate {
    const WHAT: &'static str = "a rate such as `900/s`";

    fn json() -> ScalarJson {
        ScalarJson::Text(r"^[0-9]+(\.[0-9]+)?/(s|m|h)$")
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        no_sign(text, "a rate cannot be negative")?;
        if is_json_number(text) {
            let hint = format!("write `{text}/s`, or per `/m` or `/h`");
            let problem = Problem::new("a rate carries its unit").hint(hint);
            return Err(problem.meant(&format!("{text}/s")));
        }
        let (number, per_second) = match text.split_once('/') {
            Some((number, "s")) => (number, 1.0),
            Some((number, "m")) => (number, 60.0),
            Some((number, "h")) => (number, 3600.0),
            _ => return Err(not_a_rate()),
        };
        if !is_decimal(number) {
            return Err(not_a_rate());
        }
        let value: f64 = number.parse().map_err(|_| not_a_rate())?;
        if value > 1e9 {
            return Err(Problem::new("the highest rate is 1000000000/s"));
        }
        Self::per_second(value / per_second).ok_or_else(not_a_rate)
    }
}

fn not_a_rate() -> Problem {
    Problem::new("it is not a rate").hint("write a number and `/s`, `/m` or `/h`, such as `900/s`")
}

impl ScalarType for Probability {
    const WHAT: &'static str = "a share such as `50%`";

    fn json() -> ScalarJson {
        ScalarJson::Text(r"^[0-9]+(\.[0-9]+)?%$")
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        no_sign(text, "a share lies between 0% and 100%")?;
        if is_json_number(text) {
            return Err(Problem::new("a share carries a percent sign").meant(&as_percent(text)));
        }
        let number = text.strip_suffix('%').filter(|number| is_decimal(number));
        let number = number.ok_or_else(not_a_share)?;
        // Moving the decimal point in the text keeps 99.9% from becoming 0.9990000000000001.
        let value: f64 = format!("{number}e-2").parse().map_err(|_| not_a_share())?;
        Self::new(value).ok_or_else(|| Problem::new("a share lies between 0% and 100%"))
    }
}

impl ScalarType for InRuns {
    const WHAT: &'static str = "`all` or a share of runs such as `95%`";

    fn json() -> ScalarJson {
        ScalarJson::Text(r"^(all|[0-9]+(\.[0-9]+)?%)$")
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        if text == "all" {
            return Ok(Self::All);
        }
        let share = Probability::parse(text).map_err(|problem| match problem.hint {
            Some(hint) if hint != "write `50%`" => Problem::new(problem.limit).hint(hint),
            Some(_) | None => Problem::new("it is neither `all` nor a share such as `95%`"),
        })?;
        if share > Probability::ZERO && share < Probability::ONE {
            return Ok(Self::Share(share));
        }
        let limit = "no number of runs can show that it lies above 100% or below 0%";
        Err(Problem::new(limit).hint("write `all`, or a share between"))
    }
}

fn as_percent(text: &str) -> String {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value <= 1.0 => {
            Probability::new(value).map_or_else(|| "50%".to_owned(), |share| share.to_string())
        }
        _ => format!("{text}%"),
    }
}

fn not_a_share() -> Problem {
    Problem::new("it is not a share").hint("write a number and `%`, such as `50%`")
}

impl ScalarType for Factor {
    const WHAT: &'static str = "a factor such as `1.5`";
    const MAY_BE_QUOTED: bool = false;

    fn json() -> ScalarJson {
        ScalarJson::Number
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        no_sign(text, "a factor cannot be negative")?;
        let value = bare_number(text, "a factor")?;
        if value > 1e9 {
            return Err(Problem::new("the largest factor is 1000000000"));
        }
        Self::new(value).ok_or_else(|| Problem::new("it is not a factor"))
    }
}

impl ScalarType for Cores {
    const WHAT: &'static str = "a number of cores such as `4` or `0.5`";
    const MAY_BE_QUOTED: bool = false;

    fn json() -> ScalarJson {
        ScalarJson::Number
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        no_sign(text, "there must be some part of a core")?;
        let value = bare_number(text, "a number of cores")?;
        if value > 1e6 {
            return Err(Problem::new("it must be at most 1000000"));
        }
        let thousandths = (value * 1e3).round();
        if thousandths < 1.0 {
            let limit = "it must be at least 0.001, a thousandth of a core";
            return Err(Problem::new(limit));
        }
        // Both sides come from the same number, so that 0.1 is a hundred thousandths.
        if (value - thousandths / 1e3).abs() > 1e-9 * value {
            return Err(Problem::new("cores are counted in thousandths"));
        }
        Ok(Self::thousandths(thousandths as u32))
    }
}

const SIZES: [(&str, u64); 10] = [
    ("B", 1),
    ("kB", 1000),
    ("KB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

impl ScalarType for Bytes {
    const WHAT: &'static str = "a size such as `200MB` or `1GiB`";

    fn json() -> ScalarJson {
        ScalarJson::Text(r"^[0-9]+(\.[0-9]+)?(B|[kKMGT]B|[KMGT]iB)$")
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        no_sign(text, "a size cannot be negative")?;
        if is_json_number(text) {
            let hint = format!("write `{text}MB` (1000 kB) or `{text}MiB` (1024 KiB)");
            let problem = Problem::new("a size carries its unit").hint(hint);
            return Err(problem.meant(&format!("{text}B")));
        }
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (number, unit) = text.split_at(end.unwrap_or(text.len()));
        let Some(&(_, size)) = SIZES.iter().find(|(name, _)| *name == unit) else {
            return Err(no_such_size(number, unit));
        };
        let bytes = match decimal_times(number, size) {
            Some(Ok(bytes)) => bytes,
            Some(Err(_)) => return Err(Problem::new("a size is a whole number of bytes")),
            None => return Err(no_such_size("", unit)),
        };
        match u64::try_from(bytes) {
            Ok(bytes) if bytes <= 1 << 60 => Ok(Self::new(bytes)),
            Ok(_) | Err(_) => Err(Problem::new("the largest size is 1048576 TiB")),
        }
    }
}

/// What is no size; where the unit is one that others write, which of ours it is.
fn no_such_size(number: &str, unit: &str) -> Problem {
    let problem = Problem::new("it is not a size");
    let all = "write a number and one of B, kB, MB, GB, TB, KiB, MiB, GiB, TiB, such as `200MB`";
    let plain = unit.trim().to_ascii_lowercase();
    let ours = |name: &str| {
        let name = name.to_ascii_lowercase();
        plain == name || format!("{plain}b") == name
    };
    match SIZES.iter().find(|(name, _)| ours(name)) {
        Some((name, _)) if !number.is_empty() && !plain.is_empty() => {
            let meant = format!("{number}{name}");
            problem
                .hint(format!("did you mean `{meant}`?"))
                .meant(&meant)
        }
        _ => problem.hint(all),
    }
}

/// A number without a unit.
fn bare_number(text: &str, what: &str) -> Result<f64, Problem> {
    let refused = || Problem::new(format!("{what} is a number without a unit"));
    if !is_json_number(text) {
        return Err(refused());
    }
    let value: f64 = text.parse().map_err(|_| refused())?;
    if !value.is_finite() {
        return Err(Problem::new("that is more than a number can hold"));
    }
    Ok(value)
}

impl ScalarType for bool {
    const WHAT: &'static str = "`true` or `false`";
    const MAY_BE_QUOTED: bool = false;

    fn json() -> ScalarJson {
        ScalarJson::Bool
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Problem::new("it must be `true` or `false`")),
        }
    }
}

/// A whole number within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count<const MIN: u64, const MAX: u64 = 1_000_000>(u64);

impl<const MIN: u64, const MAX: u64> Count<MIN, MAX> {
    /// The number; counts that fit 32 bits are the rule.
    pub(crate) fn get(self) -> u32 {
        u32::try_from(self.0).unwrap_or(u32::MAX)
    }

    /// The number.
    pub(crate) fn get_u64(self) -> u64 {
        self.0
    }
}

impl<const MIN: u64, const MAX: u64> ScalarType for Count<MIN, MAX> {
    const WHAT: &'static str = "a whole number";
    const MAY_BE_QUOTED: bool = false;

    fn json() -> ScalarJson {
        ScalarJson::Integer(MIN, MAX)
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        no_sign(text, &format!("it must be at least {MIN}"))?;
        let value = whole_number(text)?;
        if value < MIN {
            let problem = Problem::new(format!("it must be at least {MIN}"));
            return Err(problem.hint(format!("write {MIN} or more")));
        }
        if value > MAX {
            let problem = Problem::new(format!("it must be at most {MAX}"));
            return Err(problem.hint(format!("write {MAX} or less")));
        }
        Ok(Self(value))
    }
}

/// `64`, or `1e9`.
fn whole_number(text: &str) -> Result<u64, Problem> {
    let refused = || {
        Problem::new("it must be a whole number without a unit")
            .hint("write digits alone, such as `5`")
    };
    if is_digits(text) && is_json_number(text) {
        return text
            .parse()
            .map_err(|_| Problem::new("that is more than a count can hold"));
    }
    let value = bare_number(text, "a count").map_err(|_| refused())?;
    if value.fract() != 0.0 || !(0.0..9e15).contains(&value) {
        return Err(refused());
    }
    Ok(value as u64)
}

/// A number above 0 and up to 100: which percentile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Percentile(pub(crate) f64);

impl ScalarType for Percentile {
    const WHAT: &'static str = "a percentile such as `99`";
    const MAY_BE_QUOTED: bool = false;

    fn json() -> ScalarJson {
        ScalarJson::Number
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        let limit = "a percentile is a number above 0 and up to 100, such as `99`";
        match bare_number(text, "a percentile") {
            Ok(value) if value > 0.0 && value <= 100.0 => Ok(Self(value)),
            _ => Err(Problem::new(limit)),
        }
    }
}

/// Free text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) String);

impl ScalarType for Text {
    const WHAT: &'static str = "a text";

    fn json() -> ScalarJson {
        ScalarJson::Text("")
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        const LONGEST: usize = 2000;
        if text.chars().count() > LONGEST {
            return Err(Problem::new(format!(
                "a text has at most {LONGEST} characters"
            )));
        }
        let hidden = |c| c != '\n' && super::diagnostic::is_unsafe_to_show(c);
        if text.contains(hidden) {
            return Err(Problem::new("it holds an invisible character"));
        }
        Ok(Self(text.trim_end().to_owned()))
    }
}

/// A name: letters, digits, `-`, `_`, at most 64, starting with a letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name(pub(crate) String);

impl ScalarType for Name {
    const WHAT: &'static str = "a name";

    fn json() -> ScalarJson {
        ScalarJson::Text("^[A-Za-z][A-Za-z0-9_-]{0,63}$")
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        const LONGEST: usize = 64;
        let ok = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if text.len() > LONGEST {
            return Err(Problem::new(format!(
                "a name has at most {LONGEST} characters"
            )));
        }
        if !text.starts_with(|c: char| c.is_ascii_alphabetic()) || !text.chars().all(ok) {
            return Err(Problem::new(
                "a name starts with a letter and holds letters, digits, `-` and `_`",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

/// Whether a text without quotes can be the name of a scenario, or of anything in it.
pub fn is_name(text: &str) -> bool {
    let is_nothing = text.eq_ignore_ascii_case("null");
    !is_nothing && Name::parse(text).is_ok()
}

/// Names joined by signs, such as `payments.charge` or `shop.buy -> payments.charge`; what they
/// mean is looked up later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference(pub(crate) String);

impl ScalarType for Reference {
    const WHAT: &'static str = "a name";

    fn json() -> ScalarJson {
        ScalarJson::Text("")
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        match text {
            "" => Err(Problem::new("a name is needed here")),
            _ if text.len() > 300 => Err(Problem::new("that is too long for a name")),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_exact() {
        for (text, ns) in [
            ("250ms", 250_000_000),
            ("1.5s", 1_500_000_000),
            ("1m30s", 90_000_000_000),
            ("0s", 0),
            ("90us", 90_000),
            ("2h", 7_200_000_000_000),
            ("0.000000001s", 1),
        ] {
            assert_eq!(SimDuration::parse(text).unwrap().as_ns(), ns, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_duration_is_refused_with_the_reason() {
        for (text, reason) in [
            ("250", "unit"),
            ("-5s", "negative"),
            ("1s1s", "not a duration"),
            ("1s1m", "not a duration"),
            ("", "not a duration"),
            ("s", "not a duration"),
            ("5 s", "not a duration"),
            ("5sec", "not a duration"),
            (".inf", "not a duration"),
            (".nan", "not a duration"),
            ("0.5ns", "finest"),
            ("1000000h1s", ""),
            ("99999999999999999999h", "longest"),
            ("1e308s", "not a duration"),
        ] {
            match SimDuration::parse(text) {
                Ok(_) => assert_eq!(reason, "", "{text}"),
                Err(problem) => assert!(problem.limit.contains(reason), "{text}: {problem:?}"),
            }
        }
    }

    #[test]
    fn shares_are_the_nearest_numbers() {
        assert_eq!(
            Probability::parse("99.9%").unwrap().get().to_string(),
            "0.999"
        );
        assert_eq!(Probability::parse("100%").unwrap(), Probability::ONE);
        for text in ["101%", "-1%", "0.5", "half", "%", "1e1%", "NaN%"] {
            assert!(Probability::parse(text).is_err(), "{text}");
        }
        let problem = Probability::parse("0.5").unwrap_err();
        assert_eq!(problem.hint.unwrap(), "write `50%`");
    }

    #[test]
    fn rates_counts_and_factors() {
        assert_eq!(Rate::parse("90/m").unwrap().get().to_string(), "1.5");
        assert!(Rate::parse("90").is_err());
        assert_eq!(Count::<1>::parse("64").unwrap().get(), 64);
        assert_eq!(
            Count::<1, 10_000_000_000>::parse("1e9").unwrap().get_u64(),
            1_000_000_000
        );
        for text in [
            "0",
            "-1",
            "1.5",
            "64k",
            "007",
            "0x10",
            "1e30",
            "99999999999999999999",
        ] {
            assert!(Count::<1>::parse(text).is_err(), "{text}");
        }
        for text in ["-1", "1e999", ".inf", "nan", "5x"] {
            assert!(Factor::parse(text).is_err(), "{text}");
        }
    }
}
