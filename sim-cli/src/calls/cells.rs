//! Cells: times, outcomes and names as logs write them.
//!
//! A bare number is in seconds, unless the name of its column says otherwise (`latency_ms`); a unit
//! behind the number always counts. Numbers become whole nanoseconds by integer arithmetic; what is
//! finer than a nanosecond, such as the last digits of a float, is rounded to the nearest.

use super::clock;
use super::trouble::Trouble;
use sim_core::experiment::backtest::Answer;
use sim_core::policy::Outcome;
use sim_core::policy::said::outcome_said;
use sim_core::report::ClockName;
use sim_core::time::{MAX_NS, SimDuration, SimTime};
use std::borrow::Cow;

/// Longest name \[bytes\].
const LONGEST_NAME: usize = 256;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Start,
    Latency,
    Outcome,
    Caller,
    Target,
    Class,
    Idempotent,
    RetryAfter,
}

impl Column {
    pub(super) const ALL: [Self; 8] = [
        Self::Start,
        Self::Latency,
        Self::Outcome,
        Self::Caller,
        Self::Target,
        Self::Class,
        Self::Idempotent,
        Self::RetryAfter,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Latency => "latency",
            Self::Outcome => "outcome",
            Self::Caller => "caller",
            Self::Target => "target",
            Self::Class => "class",
            Self::Idempotent => "idempotent",
            Self::RetryAfter => "retry_after",
        }
    }

    pub(super) const fn is_required(self) -> bool {
        matches!(self, Self::Start | Self::Latency | Self::Outcome)
    }

    /// The column with this name, and the unit of its numbers.
    pub(super) fn named(name: &str) -> Option<(Self, Unit)> {
        if let Some(column) = Self::ALL.into_iter().find(|it| it.name() == name) {
            return Some((column, Unit::SECOND));
        }
        let (name, unit) = name.rsplit_once('_')?;
        let unit = Unit::named(unit)?;
        let column = [Self::Start, Self::Latency, Self::RetryAfter]
            .into_iter()
            .find(|it| it.name() == name)?;
        Some((column, unit))
    }
}

/// A unit of time \[ns\].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit(u64);

impl Unit {
    const SECOND: Self = Self(1_000_000_000);

    fn named(name: &str) -> Option<Self> {
        Some(Self(match name {
            "ns" => 1,
            "us" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        }))
    }
}

/// What a line says in one column.
#[derive(Debug, Default)]
pub(super) enum Cell<'a> {
    /// Nothing.
    #[default]
    Absent,
    /// One value.
    One(Cow<'a, str>, Unit),
    /// One for each attempt.
    Many(Vec<Cow<'a, str>>, Unit),
}

impl<'a> Cell<'a> {
    /// A field of CSV, in which `|` stands between attempts.
    pub(super) fn of_csv(field: Cow<'a, str>, unit: Unit) -> Self {
        if !field.contains('|') {
            return Self::One(field, unit);
        }
        let parts: Vec<Cow<'a, str>> = match field {
            Cow::Borrowed(text) => text.split('|').map(|it| it.trim().into()).collect(),
            Cow::Owned(text) => text
                .split('|')
                .map(|it| it.trim().to_owned().into())
                .collect(),
        };
        Self::Many(parts, unit)
    }

    /// The values.
    fn values(&self) -> &[Cow<'a, str>] {
        match self {
            Self::Absent => &[],
            Self::One(one, _) => std::slice::from_ref(one),
            Self::Many(all, _) => all,
        }
    }

    const fn unit(&self) -> Unit {
        match self {
            Self::Absent => Unit::SECOND,
            Self::One(_, unit) | Self::Many(_, unit) => *unit,
        }
    }

    /// When a call started, and how that is written.
    pub(super) fn start(&self) -> Result<(SimTime, ClockName), Trouble> {
        let [text] = self.values() else {
            let trouble = Trouble::new("a call starts once").in_column(Column::Start.name());
            return Err(trouble.hint("lists are for `latency` and `outcome`"));
        };
        instant_in(text, self.unit()).map_err(|trouble| trouble.about(text, Column::Start))
    }

    /// Whether a call may be done twice; it may if the log does not say.
    pub(super) fn idempotent(&self) -> Result<bool, Trouble> {
        match self.values() {
            [] => Ok(true),
            [text] if text.is_empty() || text == "true" => Ok(true),
            [text] if text == "false" => Ok(false),
            [text, ..] => {
                let trouble = Trouble::new("it is neither `true` nor `false`");
                Err(trouble.about(text, Column::Idempotent))
            }
        }
    }

    /// A name, which may be absent.
    pub(super) fn name(self, column: Column) -> Result<Cow<'a, str>, Trouble> {
        let name = match self {
            Self::Absent => return Ok(Cow::Borrowed("")),
            Self::One(name, _) => name,
            Self::Many(all, _) => Cow::Owned(all.join("|")),
        };
        if name.len() > LONGEST_NAME {
            let message = format!("a name of more than {LONGEST_NAME} bytes");
            return Err(Trouble::new(message).in_column(column.name()));
        }
        Ok(name)
    }
}

/// An instant as a log writes it, and how.
pub(crate) fn instant(text: &str) -> Result<(SimTime, ClockName), Trouble> {
    instant_in(text, Unit::SECOND)
}

fn instant_in(text: &str, unit: Unit) -> Result<(SimTime, ClockName), Trouble> {
    if clock::is_date(text) {
        clock::parse(text).map(|at| (at, ClockName::Utc))
    } else {
        span(text, unit).map(|span| (SimTime::ZERO + span, ClockName::Seconds))
    }
}

impl Trouble {
    /// The same, with the text it is about in front.
    fn about(self, text: &str, column: Column) -> Self {
        let text = match text {
            "" => "an empty cell".to_owned(),
            text => format!("`{}`", text.chars().take(40).collect::<String>()),
        };
        let message = format!("{text}: {}", self.message);
        Self { message, ..self }.in_column(column.name())
    }
}

/// The answers to the attempts of a call: as many latencies as outcomes.
pub(super) fn answers(
    [latency, outcome, hint]: [&Cell<'_>; 3],
    answers: &mut Vec<Answer>,
) -> Result<(), Trouble> {
    answers.clear();
    let (latencies, outcomes) = (latency.values(), outcome.values());
    if latencies.len() != outcomes.len() || latencies.is_empty() {
        let message = format!(
            "there are {} latencies and {} outcomes, but an attempt has one of each",
            latencies.len(),
            outcomes.len()
        );
        return Err(Trouble::new(message));
    }
    let hints = hint.values();
    if hints.len() > latencies.len() {
        let trouble = Trouble::new("there are more of them than attempts");
        return Err(trouble.in_column(Column::RetryAfter.name()));
    }
    let unit = hint.unit();
    let mut hints = hints.iter();
    for (latency_text, outcome_text) in latencies.iter().zip(outcomes) {
        answers.push(Answer {
            latency: span(latency_text, latency.unit())
                .map_err(|trouble| trouble.about(latency_text, Column::Latency))?,
            outcome: outcome_of(outcome_text)
                .map_err(|trouble| trouble.about(outcome_text, Column::Outcome))?,
            retry_after: match hints.next() {
                Some(text) if !text.is_empty() => Some(
                    span(text, unit).map_err(|trouble| trouble.about(text, Column::RetryAfter))?,
                ),
                Some(_) | None => None,
            },
        });
    }
    Ok(())
}

/// A span of time: a number in this unit, or with units of its own (`250ms`, `1m30s`).
fn span(text: &str, unit: Unit) -> Result<SimDuration, Trouble> {
    let hint = "write seconds such as 0.25, or a unit such as 250ms";
    if text.starts_with('-') {
        return Err(Trouble::new("time cannot be negative").hint(hint));
    }
    let no_time = || Trouble::new("it is not a time").hint(hint);
    let mut total: u128 = 0;
    let mut rest = text;
    loop {
        let number = Decimal::read(rest).ok_or_else(no_time)?;
        let after = &rest[number.length..];
        let letters = after.find(|c: char| !c.is_ascii_alphabetic());
        let (name, next) = after.split_at(letters.unwrap_or(after.len()));
        let own = match name {
            "" => unit,
            name => Unit::named(name).ok_or_else(no_time)?,
        };
        total = total.saturating_add(number.times(own.0));
        if next.is_empty() {
            break;
        }
        if name.is_empty() {
            return Err(no_time());
        }
        rest = next;
    }
    match u64::try_from(total) {
        Ok(ns) if ns < MAX_NS => Ok(SimDuration::from_ns(ns)),
        Ok(_) | Err(_) => Err(Trouble::new("it is longer than 292 years")),
    }
}

/// A decimal number: digits, and the power of ten they are to be multiplied with.
struct Decimal {
    digits: u128,
    power: i32,
    /// Bytes of the text.
    length: usize,
}

impl Decimal {
    /// Digits that count \[count\]; further ones are below a nanosecond, or above 292 years.
    const MOST_DIGITS: u32 = 24;

    /// Reads a number off the front of a text: `12`, `0.5`, `1.5e-3`.
    fn read(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (mut digits, mut power, mut kept) = (0_u128, 0_i32, 0);
        let (mut at, mut seen, mut behind_point) = (0, false, false);
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'0'..=b'9' => {
                    seen = true;
                    if kept < Self::MOST_DIGITS {
                        digits = digits * 10 + u128::from(byte - b'0');
                        kept += u32::from(digits > 0);
                        power -= i32::from(behind_point);
                    } else {
                        power += i32::from(!behind_point);
                    }
                }
                b'.' if !behind_point && seen => behind_point = true,
                _ => break,
            }
            at += 1;
        }
        let complete = seen && bytes[at - 1] != b'.';
        let mut number = complete.then_some(Self {
            digits,
            power,
            length: at,
        })?;
        number.read_exponent(text);
        Some(number)
    }

    /// Reads `e-3`, if it is there.
    fn read_exponent(&mut self, text: &str) {
        let rest = &text[self.length..];
        let Some(exponent) = rest.strip_prefix(['e', 'E']) else {
            return;
        };
        let signed = exponent.strip_prefix('+').unwrap_or(exponent);
        let unsigned = signed.strip_prefix('-').unwrap_or(signed);
        let end = unsigned.find(|c: char| !c.is_ascii_digit());
        let number = &signed[..signed.len() - unsigned.len() + end.unwrap_or(unsigned.len())];
        let Ok(exponent_value) = number.parse::<i32>() else {
            return;
        };
        self.power = self.power.saturating_add(exponent_value);
        self.length = text.len() - unsigned.len() + end.unwrap_or(unsigned.len());
    }

    /// The number times an integer, to the nearest; saturates.
    fn times(&self, factor: u64) -> u128 {
        let product = self.digits.saturating_mul(u128::from(factor));
        let scale = 10_u128.checked_pow(self.power.unsigned_abs());
        match (self.power < 0, scale) {
            (false, Some(scale)) => product.saturating_mul(scale),
            (false, None) if product == 0 => 0,
            (false, None) => u128::MAX,
            (true, Some(scale)) => {
                product / scale + u128::from(product % scale >= scale.div_ceil(2))
            }
            (true, None) => 0,
        }
    }
}

/// An outcome by its name or a word for it, in any case, or by its HTTP status.
fn outcome_of(text: &str) -> Result<Outcome, Trouble> {
    let named = |outcome: &&Outcome| outcome.name().eq_ignore_ascii_case(text);
    if let Some(&outcome) = Outcome::ALL.iter().find(named) {
        return Ok(outcome);
    }
    if let Some(outcome) = outcome_said(text) {
        return Ok(outcome);
    }
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && text.parse::<u16>().is_ok() {
        let trouble = Trouble::new("an HTTP status of an answer lies between 200 and 599");
        return Err(trouble.hint("codes of gRPC are written by name: UNAVAILABLE"));
    }
    Err(Trouble::new("there is no such outcome").hint(
        "write an HTTP status, a code of gRPC by name, success, failure, error, timeout, hit or \
         miss, or ok, degraded, negative, error.internal, error.unavailable, error.invalid, \
         error.dependency, error.refused, error.reset, timeout.connect, timeout.response, \
         timeout.deadline, rejected.queue_full, rejected.queue_timeout, rejected.rate_limited, \
         rejected.shed, cancelled",
    ))
}

/// Nothing to read.
pub(super) fn nothing_here() -> Trouble {
    Trouble::new("there are no calls in it")
        .hint("a log begins with a header, or with a JSON object")
}

/// The header lacks a column.
pub(super) fn no_column(column: Column, names: &[String]) -> Trouble {
    let shown: Vec<String> = names
        .iter()
        .take(8)
        .map(|name| format!("`{}`", name.chars().take(24).collect::<String>()))
        .collect();
    let message = format!(
        "the header has no column `{}`, but {}",
        column.name(),
        shown.join(", ")
    );
    let one_cell = matches!(names, [name] if name.contains([';', '\t', '|']));
    Trouble::new(message).hint(if one_cell {
        "cells are separated by commas: replace the semicolons or tabs, for instance with \
         `tr ';' ','`"
    } else {
        "the first line names the columns: start, latency, outcome, and perhaps caller, target, \
         class; the unit of bare numbers may stand behind: latency_ms"
    })
}

/// The object lacks a key.
pub(super) fn no_key(column: Column) -> Trouble {
    let message = format!("the object has no key `{}`", column.name());
    Trouble::new(message).hint("{\"start\": 0.5, \"latency\": 0.1, \"outcome\": \"ok\"}")
}

/// Two ways of writing instants in one log.
pub(super) fn mixed_clocks() -> Trouble {
    let message = "dates and seconds are mixed in one log";
    let trouble = Trouble::new(message).in_column(Column::Start.name());
    trouble.hint("write all starts in one way")
}

/// The cells of a line, in the order of [`Column::ALL`].
pub(super) type Row<'a> = [Cell<'a>; Column::ALL.len()];
