//! Numbers as people read them: the only place where a report's figures become text.
//!
//! Three significant digits are enough to decide by, and more would pretend to know. So everything
//! here rounds to about that many, drops zeros that say nothing, and never rounds a share into a
//! false `0%` or `100%`: "all calls succeeded" and "almost all did" are different answers.
//! Durations are rounded in whole numbers, so that every view of a report shows the same digits.

use sim_core::judge::per_unit;
use sim_core::report::{Finite, LatencyReport, Unit};

const SECOND_NS: u64 = 1_000_000_000;
/// Longer durations are told in minutes and hours.
const CLOCK_AFTER_NS: u64 = 600 * SECOND_NS;

/// What stands where there is no value.
pub(super) const NOTHING: &str = "-";

/// A span of time: `12.3 ms`, `1.5 s`, `2h 5m`.
pub fn duration(ns: u64) -> String {
    const UNITS: [(u64, &str); 4] = [
        (1, "ns"),
        (1_000, "us"),
        (1_000_000, "ms"),
        (SECOND_NS, "s"),
    ];
    if ns > CLOCK_AFTER_NS {
        return clock(ns);
    }
    let index = UNITS.iter().rposition(|&(unit, _)| ns >= unit).unwrap_or(0);
    let (unit, name) = UNITS[index];
    let (decimals, scale) = match ns / unit {
        0..10 => (2, 100),
        10..100 => (1, 10),
        _ => (0, 1),
    };
    let scaled = (u128::from(ns) * scale + u128::from(unit) / 2) / u128::from(unit);
    if scaled == 1000 * scale && index + 1 < UNITS.len() {
        return format!("1 {}", UNITS[index + 1].1);
    }
    let (whole, part) = (scaled / scale, scaled % scale);
    match decimals {
        0 => format!("{whole} {name}"),
        _ => format!("{} {name}", trimmed(&format!("{whole}.{part:0decimals$}"))),
    }
}

/// Stands behind a percentile that too few samples make.
pub const FEW: &str = "*";

/// What [`FEW`] means, where one stands in a table.
pub const FEW_MEANS: &str = "* Fewer than ten samples lie beyond it (p90 takes 100 of them, \
                                    p99 1,000): a nearest rank that chance makes.";

/// A percentile of a distribution, marked if too few samples make it; nothing without samples.
pub fn percentile(of: &LatencyReport, percent: f64, ns: u64) -> String {
    match of.count {
        0 => NOTHING.to_owned(),
        _ if of.rests_on_few(percent) => format!("{}{FEW}", duration(ns)),
        _ => duration(ns),
    }
}

/// A long span in its two or three greatest parts: `12m`, `1h 20m`, `2d 3h`.
fn clock(ns: u64) -> String {
    let seconds = ns.saturating_add(SECOND_NS / 2) / SECOND_NS;
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3600 % 24, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
    ];
    let told: Vec<String> = parts
        .iter()
        .skip_while(|(count, _)| *count == 0)
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count}{name}"))
        .collect();
    told.join(" ")
}

/// An instant of a run that lasts `horizon_ns`, to a precision that tells its buckets apart:
/// `60.0s`, `1.250s`, `1h02m03s`.
pub(super) fn instant(at_ns: u64, horizon_ns: u64) -> String {
    match horizon_ns {
        0..SECOND_NS => duration(at_ns),
        SECOND_NS..60_000_000_000 => decimal_seconds(at_ns, 3),
        60_000_000_000..=CLOCK_AFTER_NS => decimal_seconds(at_ns, 1),
        _ => clock_instant(at_ns),
    }
}

/// Seconds with a fixed number of decimals, cut rather than rounded, so that an instant never
/// appears to lie after the next one.
fn decimal_seconds(at_ns: u64, decimals: usize) -> String {
    let nanos = format!("{:09}", at_ns % SECOND_NS);
    format!("{}.{}s", at_ns / SECOND_NS, &nanos[..decimals])
}

fn clock_instant(at_ns: u64) -> String {
    let seconds = at_ns / SECOND_NS;
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        return format!("{hours}h{minutes:02}m{rest:02}s");
    }
    let tenths = at_ns % SECOND_NS / 100_000_000;
    format!("{minutes}m{rest:02}.{tenths}s")
}

/// A mark of the time axis of a run that lasts `horizon_ns`: `0`, `200 ms`, `50 s`, `1h 20m`.
pub(super) fn time_mark(at_ns: u64, horizon_ns: u64) -> String {
    match at_ns {
        0 => "0".to_owned(),
        _ if horizon_ns > CLOCK_AFTER_NS => clock(at_ns),
        _ => duration(at_ns),
    }
}

/// A part of a whole: `99.95%`; `0%` and `100%` only if exactly so.
pub fn share(value: f64) -> String {
    if value <= 0.0 {
        return "0%".to_owned();
    }
    if value < 0.0001 {
        return "<0.01%".to_owned();
    }
    if (0.999_95..1.0).contains(&value) {
        return ">99.99%".to_owned();
    }
    format!("{}%", trimmed(&format!("{:.2}", value * 100.0)))
}

/// A number of things: `1,234,567`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number to three significant digits, and all of those before the point: `0.25`, `12.3`,
/// `1,234`.
pub fn number(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 99.95 => return signed_count(value),
        size if size >= 9.995 => 1,
        size if size >= 0.01 || size <= 0.0 => 2,
        size if size >= 0.001 => 4,
        size if size >= 0.000_1 => 5,
        _ => return "<0.0001".to_owned(),
    };
    trimmed(&format!("{value:.decimals$}")).to_owned()
}

fn signed_count(value: f64) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    format!("{sign}{}", count(value.abs().round() as u64))
}

/// A rate, from how many per second it is, in a unit that shows it: `900/s`, `2/min`, `0.5/h`.
pub fn rate(value: f64) -> String {
    let (value, unit) = per_unit(value);
    format!("{}{unit}", number(value))
}

/// So many times as much: `2.71x`.
pub(super) fn factor(value: f64) -> String {
    format!("{}x", number(value))
}

/// A value in its unit.
pub fn value(value: Finite, unit: Unit) -> String {
    let value = value.get();
    match unit {
        Unit::Share => share(value),
        Unit::Ns => duration(value.round() as u64),
        Unit::PerSecond => rate(value),
        Unit::Factor => factor(value),
        Unit::Count => number(value),
        Unit::YesNo => if value >= 0.5 { "yes" } else { "no" }.to_owned(),
    }
}

/// A value that may be absent.
pub(super) fn optional<T>(value: Option<T>, show: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| NOTHING.to_owned(), show)
}

/// One thing or several: `1 call`, `2 calls`.
pub fn plural(total: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(total), if total == 1 { one } else { many })
}

/// A mark of a value axis, from millionths: `0.5`, `20`, `12k`, `1.5M`.
pub(super) fn axis_mark(micro: u64) -> String {
    const MILLION: u64 = 1_000_000;
    match micro / MILLION {
        0..10_000 => fixed(micro, MILLION),
        10_000..10_000_000 => format!("{}k", fixed(micro, 1000 * MILLION)),
        10_000_000..10_000_000_000 => format!("{}M", fixed(micro, MILLION * MILLION)),
        _ => format!("{}G", fixed(micro, 1000 * MILLION * MILLION)),
    }
}

/// `amount / unit` in decimals, where the unit is a power of ten.
fn fixed(amount: u64, unit: u64) -> String {
    let (whole, part) = (amount / unit, amount % unit);
    if part == 0 {
        return whole.to_string();
    }
    let decimals = unit.to_string().len() - 1;
    trimmed(&format!("{whole}.{part:0decimals$}")).to_owned()
}

/// Without zeros at the end of a fraction.
fn trimmed(text: &str) -> &str {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    }
}

/// The caller of an edge, and the operation it calls.
pub(crate) fn edge_ends(name: &str) -> (&str, Option<&str>) {
    name.split_once(" -> ")
        .map_or((name, None), |(caller, target)| (caller, Some(target)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_keep_three_digits() {
        for (ns, text) in [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_000, "1 us"),
            (12_345, "12.3 us"),
            (12_300_000, "12.3 ms"),
            (1_234_000, "1.23 ms"),
            (100_400_000, "100 ms"),
            (999_960_000, "1 s"),
            (9_999_000_000, "10 s"),
            (90_000_000_000, "90 s"),
            (600_000_000_000, "600 s"),
            (660_000_000_000, "11m"),
            (4_800_000_000_000, "1h 20m"),
            (86_400_000_000_000, "1d"),
            (90_065_000_000_000, "1d 1h 1m 5s"),
        ] {
            assert_eq!(duration(ns), text, "{ns}");
        }
        assert!(!duration(u64::MAX).is_empty());
    }

    #[test]
    fn a_percentile_of_too_few_samples_is_marked() {
        let of = |count| LatencyReport {
            count,
            ..LatencyReport::default()
        };
        assert_eq!(percentile(&of(1_000), 99.0, 5_000_000), "5 ms");
        assert_eq!(percentile(&of(999), 99.0, 5_000_000), "5 ms*");
        assert_eq!(percentile(&of(999), 90.0, 5_000_000), "5 ms");
        assert_eq!(percentile(&of(1), 100.0, 5_000_000), "5 ms", "the longest");
        assert_eq!(percentile(&of(0), 99.0, 0), NOTHING);
    }

    #[test]
    fn instants_fit_the_length_of_the_run() {
        assert_eq!(instant(60_040_000_000, 300_000_000_000), "60.0s");
        assert_eq!(instant(1_250_000_000, 2_000_000_000), "1.250s");
        assert_eq!(instant(5_000_000, 500_000_000), "5 ms");
        assert_eq!(instant(3_723_000_000_000, 86_400_000_000_000), "1h02m03s");
        assert_eq!(instant(125_300_000_000, 3_600_000_000_000), "2m05.3s");
    }

    #[test]
    fn a_share_is_never_rounded_to_all_or_nothing() {
        for (value, text) in [
            (0.0, "0%"),
            (0.000_01, "<0.01%"),
            (0.5, "50%"),
            (0.998_76, "99.88%"),
            (0.9999, "99.99%"),
            (0.999_99, ">99.99%"),
            (1.0, "100%"),
        ] {
            assert_eq!(share(value), text, "{value}");
        }
    }

    #[test]
    fn numbers_are_grouped_and_short() {
        for (value, text) in [
            (0.0, "0"),
            (0.002, "0.002"),
            (0.25, "0.25"),
            (1.0, "1"),
            (2.714, "2.71"),
            (12.34, "12.3"),
            (99.97, "100"),
            (1_234_567.0, "1,234,567"),
            (-1500.0, "-1,500"),
            (0.000_000_3, "<0.0001"),
        ] {
            assert_eq!(number(value), text, "{value}");
        }
    }

    #[test]
    fn axis_marks_are_short() {
        for (micro, text) in [
            (0, "0"),
            (500_000, "0.5"),
            (5, "0.000005"),
            (2_000_000, "2"),
            (1_500_000_000, "1500"),
            (20_000_000_000, "20k"),
            (12_500_000_000_000, "12.5M"),
        ] {
            assert_eq!(axis_mark(micro), text, "{micro}");
        }
    }

    #[test]
    fn values_carry_their_unit() {
        let show = |number, unit| value(Finite::new(number).unwrap(), unit);
        assert_eq!(show(0.999, Unit::Share), "99.9%");
        assert_eq!(show(2.5e9, Unit::Ns), "2.5 s");
        assert_eq!(show(900.0, Unit::PerSecond), "900/s");
        assert_eq!(show(2.0 / 60.0, Unit::PerSecond), "2/min");
        assert_eq!(show(0.5 / 3600.0, Unit::PerSecond), "0.5/h");
        assert_eq!(show(1.5, Unit::Factor), "1.5x");
        assert_eq!(show(12.0, Unit::Count), "12");
        assert_eq!(show(1.0, Unit::YesNo), "yes");
    }
}
