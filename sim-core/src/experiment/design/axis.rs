//! One setting and the values that it takes.
//!
//! ```text
//! PATH=a,b,c          these, numbers in increasing order
//! PATH=a..b step s    from a to b in steps, b included if a step ends there
//! PATH=a..b log n     n values from a to b, each the same factor above the one before
//! PATH=a..b           anything between, for designs that draw; `a..b log` draws by factors
//! ```

use super::bad::BadDesign;
use super::quantity::{PARTS, Quantity};
use crate::random::detmath;
use crate::scenario::diagnostic::quoted;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Most values of an axis.
pub const MOST_VALUES: usize = 100_000;

/// A path and the values that it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Where, as for `--set`.
    pub path: String,
    /// The values as they were written.
    pub text: String,
    values: Values,
}

#[derive(Clone, Debug, PartialEq)]
enum Values {
    Listed(Vec<String>),
    Between(Span),
}

/// Anything from the one to the other.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Span {
    low: Quantity,
    high: Quantity,
    by_factors: bool,
}

impl Axis {
    /// Reads `PATH=VALUES`.
    pub fn parse(text: &str) -> Result<Self, BadDesign> {
        let form = "write `--vary PATH=VALUES`, such as `services.payments.threads=20,40,80`";
        let (path, values) = match text.split_once('=') {
            Some((path, values)) if !path.trim().is_empty() => (path.trim(), values.trim()),
            Some(_) | None => {
                return Err(BadDesign::new(format!("{} is no axis", quoted(text))).hint(form));
            }
        };
        let read = match values.split_once("..") {
            _ if values.is_empty() => {
                let hint = "write values such as `1,2,3`, or `10..50 step 10`";
                Err(BadDesign::new("it has no values").hint(hint))
            }
            Some((low, rest)) => range(low.trim(), rest),
            None => list(values).map(Values::Listed),
        };
        let values = read.map_err(|wrong| BadDesign {
            message: format!("`{path}`: {}", wrong.message),
            ..wrong
        })?;
        Ok(Self {
            path: path.to_owned(),
            text: text
                .split_once('=')
                .map_or("", |(_, values)| values.trim())
                .to_owned(),
            values,
        })
    }

    /// Its values in order, if they are so many and no more.
    pub fn listed(&self) -> Option<&[String]> {
        match &self.values {
            Values::Listed(values) => Some(values),
            Values::Between(_) => None,
        }
    }

    /// The value that lies so far along the axis, from 0 to 1.
    pub fn at(&self, share: f64) -> String {
        match &self.values {
            Values::Listed(values) => {
                let place = (share * values.len() as f64) as usize;
                values[place.min(values.len() - 1)].clone()
            }
            Values::Between(span) => span.at(share).to_string(),
        }
    }

    /// Its values as places to search between: all listed ones, or at most so many, evenly (or by
    /// even factors) from the one end to the other.
    pub fn places(&self, most: usize) -> Vec<String> {
        let span = match &self.values {
            Values::Listed(values) => return values.clone(),
            Values::Between(span) => span,
        };
        let last = span.gaps(most.max(2) - 1);
        let share = |index: usize| index as f64 / last as f64;
        let mut places: Vec<String> = Vec::with_capacity(last + 1);
        for place in (0..=last).map(|index| span.at(share(index)).to_string()) {
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
        places
    }

    /// Whether its values are numbers with one unit, so that one is more than another.
    pub fn is_ordered(&self) -> bool {
        match &self.values {
            Values::Between(_) => true,
            Values::Listed(values) => {
                let numbers: Option<Vec<Quantity>> =
                    values.iter().map(|value| Quantity::parse(value)).collect();
                numbers.is_some_and(|all| {
                    all.windows(2)
                        .all(|pair| pair[0].compare(pair[1]) == Some(Ordering::Less))
                })
            }
        }
    }

    /// Values that stand for the axis when it is checked: all listed ones, or the two ends.
    pub fn examples(&self) -> Vec<String> {
        match &self.values {
            Values::Listed(values) => values.clone(),
            Values::Between(span) => vec![span.low.to_string(), span.high.to_string()],
        }
    }
}

impl Span {
    /// Into how many equal gaps it is divided: so many, or one for each whole number.
    fn gaps(self, most: usize) -> usize {
        let whole = self.low.is_whole() && self.high.is_whole() && !self.by_factors;
        let units = (self.high.parts() - self.low.parts()) / PARTS;
        if whole && units < most as i128 {
            return units.max(1) as usize;
        }
        most.max(1)
    }

    fn at(self, share: f64) -> Quantity {
        let (low, high) = (self.low.parts() as f64, self.high.parts() as f64);
        let parts = if self.by_factors {
            low * detmath::exp(share * detmath::ln(high / low))
        } else {
            low + share * (high - low)
        };
        let value = Quantity::of_parts(self.low.unit, parts.round() as i128);
        let value = if self.low.is_whole() && self.high.is_whole() {
            value.whole()
        } else {
            value.rounded()
        };
        let parts = value.parts().clamp(self.low.parts(), self.high.parts());
        Quantity::of_parts(value.unit, parts)
    }
}

/// What follows `low..`.
fn range(low: &str, rest: &str) -> Result<Values, BadDesign> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let (&high, how) = words.split_first().ok_or_else(|| not_a_range(low, rest))?;
    let number = |text: &str| {
        Quantity::parse(text).ok_or_else(|| {
            BadDesign::new(format!("{} is not a number with a unit", quoted(text)))
                .hint("a range goes from one number to another, such as `10ms..1s log 5`")
        })
    };
    let (low, high) = (number(low)?, number(high)?);
    if low.unit != high.unit {
        return Err(BadDesign::new(format!(
            "`{low}` and `{high}` have different units"
        )));
    }
    if low.compare(high) != Some(Ordering::Less) {
        let message = format!("a range must go up, and `{high}` is not above `{low}`");
        return Err(BadDesign::new(message));
    }
    let span = |by_factors| Span {
        low,
        high,
        by_factors,
    };
    match how {
        [] => Ok(Values::Between(span(false))),
        ["log"] => from_above_zero(span(true)).map(Values::Between),
        ["step", step] => steps(span(false), number(step)?).map(Values::Listed),
        ["log", count] => factors(from_above_zero(span(true))?, count).map(Values::Listed),
        _ => Err(not_a_range(&low.to_string(), rest)),
    }
}

fn not_a_range(low: &str, rest: &str) -> BadDesign {
    BadDesign::new(format!(
        "{} is not a range",
        quoted(&format!("{low}..{rest}"))
    ))
    .hint("write `10..50 step 10` or `10ms..10s log 7`")
}

fn from_above_zero(span: Span) -> Result<Span, BadDesign> {
    if span.low.parts() > 0 {
        return Ok(span);
    }
    Err(BadDesign::new("factors need a start above zero").hint("start above zero, or use `step`"))
}

fn steps(span: Span, step: Quantity) -> Result<Vec<String>, BadDesign> {
    if step.unit != span.low.unit || step.parts() <= 0 {
        let message = format!(
            "`{step}` is not a step from `{}` to `{}`",
            span.low, span.high
        );
        return Err(BadDesign::new(message).hint("a step is above zero and has the same unit"));
    }
    let length = span.high.parts() - span.low.parts();
    check_count(length / step.parts() + 1)?;
    let values = (0..=length / step.parts()).map(|index| {
        let parts = span.low.parts() + index * step.parts();
        Quantity::of_parts(span.low.unit, parts).to_string()
    });
    Ok(values.collect())
}

fn factors(span: Span, count: &str) -> Result<Vec<String>, BadDesign> {
    let count: u32 = count.parse().ok().filter(|&n| n >= 2).ok_or_else(|| {
        let message = format!("{} is not a number of values", quoted(count));
        BadDesign::new(message).hint("write 2 or more, such as `10ms..10s log 7`")
    })?;
    check_count(i128::from(count))?;
    let last = count - 1;
    let values = (0..count).map(|index| match index {
        0 => span.low,
        _ if index == last => span.high,
        _ => span.at(f64::from(index) / f64::from(last)),
    });
    let values: Vec<Quantity> = values.collect();
    if values.is_sorted_by(|a, b| a.parts() < b.parts()) {
        return Ok(values.iter().map(Quantity::to_string).collect());
    }
    let message = format!(
        "{count} values do not fit between `{}` and `{}`",
        span.low, span.high
    );
    Err(BadDesign::new(message).hint("ask for fewer, or list them"))
}

fn check_count(count: i128) -> Result<(), BadDesign> {
    if count <= MOST_VALUES as i128 {
        return Ok(());
    }
    let message = format!("{count} values are more than an axis can have ({MOST_VALUES})");
    Err(BadDesign::new(message))
}

/// `a,b,c`: numbers in increasing order, words each once.
fn list(text: &str) -> Result<Vec<String>, BadDesign> {
    let items: Vec<String> = items(text).map(|item| canonical(item.trim())).collect();
    check_count(items.len() as i128)?;
    if items.iter().any(String::is_empty) {
        let hint = "remove the comma that has nothing beside it";
        return Err(BadDesign::new("one of its values is empty").hint(hint));
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = items.iter().find(|item| !seen.insert(*item)) {
        return Err(BadDesign::new(format!("{} is there twice", quoted(twice))));
    }
    let numbers: Vec<Quantity> = items
        .iter()
        .filter_map(|item| Quantity::parse(item))
        .collect();
    for pair in numbers.windows(2) {
        if pair[0].compare(pair[1]) == Some(Ordering::Greater) {
            let message = format!(
                "values must increase, and `{}` comes after `{}`",
                pair[1], pair[0]
            );
            return Err(BadDesign::new(message).hint("write them in increasing order"));
        }
    }
    Ok(items)
}

fn canonical(item: &str) -> String {
    Quantity::parse(item).map_or_else(|| item.to_owned(), |quantity| quantity.to_string())
}

/// The parts between the commas that stand in no bracket and in no quotes.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let (mut depth, mut quote) = (0_i32, None);
    text.split(move |c: char| {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '{' | '[' | '(') => depth += 1,
            (None, '}' | ']' | ')') => depth -= 1,
            (Some(_) | None, _) => {}
        }
        c == ',' && depth <= 0 && quote.is_none()
    })
}
