//! A condition over counts, as Dapr's `trip` writes it: `consecutiveFailures > 5`, or
//! `requests > 10 && totalFailures / requests > 0.5`.
//!
//! The language is the part of it that such conditions use: numbers, five counts, `+ - * /`,
//! comparisons, `&& || !`, parentheses. Every expression is read once into a short program for
//! a stack of numbers, so that a breaker neither parses nor allocates when a call fails. A division
//! is one of real numbers; dividing by nothing makes every comparison false. (In Dapr itself the
//! counts are whole numbers and a division of two of them is cut to a whole number: write
//! `totalFailures * 2 > requests` there.)
//!
//! Rejected: an expression library (a dependency and a language of a hundred functions for five
//! numbers), and a closure (it could not be printed, compared or read from a file).

use super::window::Tally;
use std::fmt;

/// Longest expression \[bytes\].
const MAX_BYTES: usize = 500;
/// Most numbers on the stack at once \[numbers\].
const MAX_DEPTH: usize = 16;

/// A condition over the counts of a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    text: Box<str>,
    program: Box<[Op]>,
}

/// Why a text is not an expression, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionError {
    /// What is wrong.
    pub message: String,
    /// Where, in characters from the start of the text, from 0.
    pub at: usize,
}

/// A count that an expression may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Count {
    Requests,
    TotalSuccesses,
    TotalFailures,
    ConsecutiveSuccesses,
    ConsecutiveFailures,
}

const COUNTS: [(&str, Count); 5] = [
    ("requests", Count::Requests),
    ("totalSuccesses", Count::TotalSuccesses),
    ("totalFailures", Count::TotalFailures),
    ("consecutiveSuccesses", Count::ConsecutiveSuccesses),
    ("consecutiveFailures", Count::ConsecutiveFailures),
];

/// A step of the program.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Op {
    Number(f64),
    Count(Count),
    Not,
    Negate,
    Binary(Binary),
}

/// What joins two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Binary {
    Or,
    And,
    Equal,
    Unequal,
    AtMost,
    AtLeast,
    Below,
    Above,
    Plus,
    Minus,
    Times,
    Over,
}

/// Signs of the language, longer ones first, and how tightly they bind.
const BINARIES: [(&str, Binary, u8); 12] = [
    ("||", Binary::Or, 1),
    ("&&", Binary::And, 2),
    ("==", Binary::Equal, 3),
    ("!=", Binary::Unequal, 3),
    ("<=", Binary::AtMost, 3),
    (">=", Binary::AtLeast, 3),
    ("<", Binary::Below, 3),
    (">", Binary::Above, 3),
    ("+", Binary::Plus, 4),
    ("-", Binary::Minus, 4),
    ("*", Binary::Times, 5),
    ("/", Binary::Over, 5),
];

/// Whether a part of an expression is a number or a truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Truth,
}

impl Binary {
    /// What it joins, and what comes of it.
    const fn kinds(self) -> (Kind, Kind) {
        match self {
            Self::Or | Self::And => (Kind::Truth, Kind::Truth),
            Self::Equal
            | Self::Unequal
            | Self::AtMost
            | Self::AtLeast
            | Self::Below
            | Self::Above => (Kind::Number, Kind::Truth),
            Self::Plus | Self::Minus | Self::Times | Self::Over => (Kind::Number, Kind::Number),
        }
    }

    #[expect(
        clippy::float_cmp,
        reason = "the counts are whole numbers and compare exactly"
    )]
    fn of(self, a: f64, b: f64) -> f64 {
        let truth = |it: bool| f64::from(u8::from(it));
        match self {
            Self::Or => truth(a != 0.0 || b != 0.0),
            Self::And => truth(a != 0.0 && b != 0.0),
            Self::Equal => truth(a == b),
            Self::Unequal => truth(a != b && !a.is_nan() && !b.is_nan()),
            Self::AtMost => truth(a <= b),
            Self::AtLeast => truth(a >= b),
            Self::Below => truth(a < b),
            Self::Above => truth(a > b),
            Self::Plus => a + b,
            Self::Minus => a - b,
            Self::Times => a * b,
            Self::Over => a / b,
        }
    }
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// When it is none: what is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        if text.len() > MAX_BYTES {
            let message = format!(
                "it has {} bytes, but at most {MAX_BYTES} are allowed",
                text.len()
            );
            return Err(ExpressionError { message, at: 0 });
        }
        let mut parser = Parser {
            rest: text,
            text,
            program: Vec::new(),
            depth: 0,
        };
        let kind = parser.joined(1)?;
        parser.skip_blanks();
        if !parser.rest.is_empty() {
            return Err(parser.error("an operator such as `&&` or `>` is needed here"));
        }
        if kind != Kind::Truth {
            let message = "it is a number, but a condition such as `requests > 10` is needed";
            return Err(ExpressionError {
                message: message.to_owned(),
                at: 0,
            });
        }
        Ok(Self {
            text: text.into(),
            program: parser.program.into_boxed_slice(),
        })
    }

    /// Whether it is true of these counts.
    pub(super) fn holds(&self, tally: &Tally) -> bool {
        let mut stack = [0.0; MAX_DEPTH];
        let mut top = 0;
        for op in &self.program {
            match *op {
                Op::Number(number) => push(&mut stack, &mut top, number),
                Op::Count(count) => push(&mut stack, &mut top, f64::from(count.of(tally))),
                Op::Not => stack[top - 1] = f64::from(u8::from(stack[top - 1] == 0.0)),
                Op::Negate => stack[top - 1] = -stack[top - 1],
                Op::Binary(binary) => {
                    top -= 1;
                    stack[top - 1] = binary.of(stack[top - 1], stack[top]);
                }
            }
        }
        stack[0] != 0.0
    }
}

fn push(stack: &mut [f64; MAX_DEPTH], top: &mut usize, value: f64) {
    stack[*top] = value;
    *top += 1;
}

impl Count {
    fn of(self, tally: &Tally) -> u32 {
        match self {
            Self::Requests => tally.calls,
            Self::TotalSuccesses => tally.successes,
            Self::TotalFailures => tally.failures,
            Self::ConsecutiveSuccesses => tally.successes_in_a_row,
            Self::ConsecutiveFailures => tally.failures_in_a_row,
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Reads by precedence; writes the program as it goes.
struct Parser<'t> {
    text: &'t str,
    rest: &'t str,
    program: Vec<Op>,
    /// Values that are on the stack here.
    depth: usize,
}

impl Parser<'_> {
    /// Values joined by operators that bind at least this tightly.
    fn joined(&mut self, tightness: u8) -> Result<Kind, ExpressionError> {
        let mut left = self.value()?;
        while let Some((sign, binary, level)) = self.binary(tightness) {
            let (operands, result) = binary.kinds();
            self.expect(left, operands)?;
            self.rest = &self.rest[sign.len()..];
            let right = self.joined(level + 1)?;
            self.expect(right, operands)?;
            self.program.push(Op::Binary(binary));
            self.depth -= 1;
            left = result;
        }
        Ok(left)
    }

    fn binary(&mut self, tightness: u8) -> Option<(&'static str, Binary, u8)> {
        self.skip_blanks();
        let found = BINARIES
            .iter()
            .find(|(sign, _, _)| self.rest.starts_with(sign));
        found.copied().filter(|&(_, _, level)| level >= tightness)
    }

    fn value(&mut self) -> Result<Kind, ExpressionError> {
        self.skip_blanks();
        if self.take("(") {
            let kind = self.joined(1)?;
            self.skip_blanks();
            if !self.take(")") {
                return Err(self.error("`)` is needed here"));
            }
            return Ok(kind);
        }
        if self.take("!") {
            let kind = self.value()?;
            self.expect(kind, Kind::Truth)?;
            self.program.push(Op::Not);
            return Ok(Kind::Truth);
        }
        if self.take("-") {
            let kind = self.value()?;
            self.expect(kind, Kind::Number)?;
            self.program.push(Op::Negate);
            return Ok(Kind::Number);
        }
        self.atom()
    }

    /// A number or the name of a count.
    fn atom(&mut self) -> Result<Kind, ExpressionError> {
        let of_atom = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
        let end = self.rest.find(|c| !of_atom(c)).unwrap_or(self.rest.len());
        let word = &self.rest[..end];
        let number = word
            .parse()
            .ok()
            .filter(|_| word.starts_with(|c: char| c.is_ascii_digit()));
        let count = COUNTS.iter().find(|(name, _)| *name == word);
        let op = match (number, count) {
            (Some(number), _) => Op::Number(number),
            (None, Some(&(_, count))) => Op::Count(count),
            (None, None) => {
                let names: Vec<&str> = COUNTS.iter().map(|(name, _)| *name).collect();
                let message = format!("a number or one of {} is needed here", names.join(", "));
                return Err(self.error(&message));
            }
        };
        if self.depth == MAX_DEPTH {
            return Err(self.error("it is nested too deeply"));
        }
        self.rest = &self.rest[end..];
        self.program.push(op);
        self.depth += 1;
        Ok(Kind::Number)
    }

    fn expect(&self, kind: Kind, needed: Kind) -> Result<(), ExpressionError> {
        match needed {
            _ if kind == needed => Ok(()),
            Kind::Number => Err(self.error("a comparison stands where a number is needed")),
            Kind::Truth => Err(self.error("a number stands where a condition is needed")),
        }
    }

    fn take(&mut self, sign: &str) -> bool {
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(' ');
    }

    fn error(&self, message: &str) -> ExpressionError {
        let read = &self.text[..self.text.len() - self.rest.len()];
        ExpressionError {
            message: message.to_owned(),
            at: read.chars().count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str, calls: u32, failures: u32, in_a_row: u32) -> bool {
        let tally = Tally {
            calls,
            failures,
            successes: calls - failures,
            failures_in_a_row: in_a_row,
            ..Tally::default()
        };
        Expression::parse(text).unwrap().holds(&tally)
    }

    #[test]
    fn conditions_are_true_of_the_counts_they_name() {
        let check = |text: &str, calls, failures, in_a_row, expected| {
            assert_eq!(holds(text, calls, failures, in_a_row), expected, "{text}");
        };
        check("consecutiveFailures > 5", 6, 6, 6, true);
        check("consecutiveFailures > 5", 5, 5, 5, false);
        let share = "requests > 10 && totalFailures/requests > 0.5";
        check(share, 11, 6, 0, true);
        check(share, 10, 10, 10, false);
        check(share, 20, 10, 0, false);
        check("totalFailures / requests > 0", 0, 0, 0, false);
        check("totalFailures / requests != 0", 0, 0, 0, false);
        check("1 + 2 * 3 == 7", 0, 0, 0, true);
        check("(1 + 2) * 3 == 9", 0, 0, 0, true);
        check("10 - 3 - 2 == 5", 0, 0, 0, true);
        check("-2 < -1", 0, 0, 0, true);
        check("!(requests >= 3) || totalSuccesses <= 1", 2, 0, 0, true);
        check("!(requests >= 3) || totalSuccesses <= 1", 3, 0, 0, false);
        check(
            "requests > 5 || requests < 2 && totalFailures > 1",
            1,
            1,
            0,
            false,
        );
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        let check = |text: &str, at, part: &str| {
            let error = Expression::parse(text).unwrap_err();
            assert_eq!(error.at, at, "{text}: {}", error.message);
            assert!(error.message.contains(part), "{text}: {}", error.message);
        };
        check("", 0, "a number or one of requests");
        check("failures > 5", 0, "totalFailures");
        check("requests >", 10, "is needed here");
        check("(requests > 1", 13, "`)`");
        check("requests > 1)", 12, "an operator");
        check("requests", 0, "a condition such as");
        check(
            "requests && totalFailures",
            9,
            "a number stands where a condition",
        );
        check(
            "requests > 1 + (2 > 1)",
            22,
            "a comparison stands where a number",
        );
        check("requests > 1 > 0", 13, "a comparison stands");
        check("1e > 0", 0, "is needed here");
        check(&format!("{}1 > 0", "1+(".repeat(20)), 48, "too deeply");
    }
}
