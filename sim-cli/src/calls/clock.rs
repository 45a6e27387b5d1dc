//! Instants as logs write them: date and time of day (RFC 3339), exact to the nanosecond.

use super::trouble::Trouble;
use sim_core::time::{MAX_NS, SimTime};
use sim_view::calendar::{DAY_S, date, days};

/// Whether a text looks like a date, so that it is worth reading as one.
pub(super) fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() > 10 && bytes[4] == b'-' && bytes[7] == b'-'
}

/// Reads `2025-06-01T12:00:00.25+02:00`; a space may stand for the `T`.
pub(super) fn parse(text: &str) -> Result<SimTime, Trouble> {
    let seconds_and_fraction = split(text).ok_or_else(not_an_instant)?;
    let (seconds, fraction_ns) = seconds_and_fraction;
    let before_1970 = || Trouble::new(format!("`{text}` is before 1970"));
    let seconds = u64::try_from(seconds).map_err(|_| before_1970())?;
    let ns = seconds
        .checked_mul(1_000_000_000)
        .and_then(|ns| ns.checked_add(fraction_ns));
    match ns {
        Some(ns) if ns < MAX_NS => Ok(SimTime::from_ns(ns)),
        Some(_) | None => Err(Trouble::new(format!("`{text}` is after the year 2261"))),
    }
}

fn not_an_instant() -> Trouble {
    Trouble::new("it is not an instant").hint("write 2025-06-01T12:00:00.250Z, with Z or +02:00")
}

/// Seconds since 1970, and nanoseconds.
fn split(text: &str) -> Option<(i64, u64)> {
    let (day, time) = (text.get(..10)?, text.get(11..)?);
    if !matches!(text.as_bytes()[10], b'T' | b't' | b' ') {
        return None;
    }
    let days = calendar_day(day)?;
    let (clock, rest) = (time.get(..8)?, time.get(8..)?);
    let [hour, minute, second] = numbers(clock, ':', 23, 59, 60)?;
    let digits = rest.strip_prefix('.').map_or("", |fraction| {
        let end = fraction.find(|c: char| !c.is_ascii_digit());
        &fraction[..end.unwrap_or(fraction.len())]
    });
    let zone = if rest.starts_with('.') {
        &rest[1 + digits.len()..]
    } else {
        rest
    };
    if rest.starts_with('.') && digits.is_empty() {
        return None;
    }
    let offset = offset_s(zone)?;
    let nine: String = digits
        .chars()
        .chain(std::iter::repeat('0'))
        .take(9)
        .collect();
    let seconds = days * DAY_S + hour * 3600 + minute * 60 + second - offset;
    Some((seconds, nine.parse().ok()?))
}

fn calendar_day(text: &str) -> Option<i64> {
    let year: i64 = whole(text.get(..4)?)?;
    let month: i64 = whole(text.get(5..7)?)?;
    let day: i64 = whole(text.get(8..10)?)?;
    let separated = text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    let count = days(year, month, day);
    // A day that does not exist counts as another one.
    (separated && (1..=12).contains(&month) && date(count) == (year, month, day)).then_some(count)
}

/// `Z`, `+02:00` or `-0530`.
fn offset_s(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let clock = zone.get(1..)?;
    let (hours, minutes) = clock
        .split_once(':')
        .or_else(|| clock.split_at_checked(2))?;
    let (hours, minutes) = (two(hours, 23)?, two(minutes, 59)?);
    Some(sign * (hours * 3600 + minutes * 60))
}

fn numbers(text: &str, between: char, a: i64, b: i64, c: i64) -> Option<[i64; 3]> {
    let mut parts = text.split(between);
    let mut next = |most| two(parts.next()?, most);
    Some([next(a)?, next(b)?, next(c)?])
}

fn two(text: &str, most: i64) -> Option<i64> {
    let number = whole(text).filter(|_| text.len() == 2)?;
    (number <= most).then_some(number)
}

fn whole(text: &str) -> Option<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim_view::calendar::rfc3339;

    #[test]
    fn instants_survive_both_ways() {
        for (text, ns) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59.5Z", 951_868_799_500_000_000),
            ("2025-06-01T12:00:00.123456789Z", 1_748_779_200_123_456_789),
            ("2100-03-01T00:00:00Z", 4_107_542_400_000_000_000),
        ] {
            assert_eq!(parse(text).unwrap().as_ns(), ns, "{text}");
            assert_eq!(rfc3339(ns), text);
        }
    }

    #[test]
    fn offsets_and_spellings_mean_the_same() {
        let same = parse("2025-06-01T12:00:00Z").unwrap();
        for text in [
            "2025-06-01 12:00:00z",
            "2025-06-01T14:00:00+02:00",
            "2025-06-01T06:30:00.000000000999-0530",
        ] {
            assert_eq!(parse(text).unwrap(), same, "{text}");
        }
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in [
            "2025-02-29T00:00:00Z",
            "2025-13-01T00:00:00Z",
            "2025-06-01T24:00:00Z",
            "2025-06-01T12:00:00",
            "2025-06-01T12:00:00.Z",
            "2025-06-01T12:00Z",
            "1969-12-31T23:59:59Z",
            "2025-06-01T12:00:00+2",
            "2025-06-01Tä2:00:00Z",
            "9999-01-01T00:00:00Z",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
