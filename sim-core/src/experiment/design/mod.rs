//! Which cells a sweep plays.
//!
//! An axis is a path in the scenario with the values that it takes; a cell is one value for each
//! axis. A grid plays every combination, and shows everything; where that is too much, cells are
//! drawn: at random, or as a Latin hypercube, which covers every axis evenly with as few cells as
//! wished (`McKay`, Beckman and Conover, "A comparison of three methods for selecting values of input
//! variables", Technometrics 21, 1979).
//!
//! A cell is known by its parameters in words ([`Design::name`]), never by its place: adding a value
//! to an axis moves no other cell, so a finished cell stays finished. For the same reason the n-th
//! random cell is the same however many are drawn. A Latin hypercube cannot promise that: where its
//! cells lie depends on their number.

mod axis;
mod bad;
mod cell;
mod quantity;
mod sample;

pub use axis::{Axis, MOST_VALUES};
pub use bad::BadDesign;
pub use cell::Cell;
pub use quantity::{Quantity, QuantityUnit};
pub use sample::even_shares;

use std::collections::BTreeSet;
use std::fmt;

/// Which combinations are tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DesignKind {
    /// All of them.
    #[default]
    Grid,
    /// So many, each value drawn by itself.
    Random(u32),
    /// So many, each axis covered evenly.
    Lhs(u32),
}

/// Axes, and which combinations of their values are tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    axes: Vec<Axis>,
    kind: DesignKind,
}

impl DesignKind {
    /// Most cells that can be drawn.
    pub const MOST_POINTS: u32 = 1_000_000;

    /// Reads `grid`, `random:N` or `lhs:N`; a space or `=` will do for the colon.
    pub fn parse(text: &str) -> Result<Self, BadDesign> {
        let refused = || {
            BadDesign::new(format!("`{text}` is not a design"))
                .hint("write `grid`, `random:100` or `lhs:100`")
        };
        let words: Vec<&str> = text
            .split([' ', ':', '='])
            .filter(|word| !word.is_empty())
            .collect();
        let points = |number: &str| match number.parse() {
            Ok(points) if (1..=Self::MOST_POINTS).contains(&points) => Ok(points),
            _ => Err(refused().hint(format!("a number of cells is 1 to {}", Self::MOST_POINTS))),
        };
        match words[..] {
            ["grid"] => Ok(Self::Grid),
            ["random", number] => points(number).map(Self::Random),
            ["lhs", number] => points(number).map(Self::Lhs),
            _ => Err(refused()),
        }
    }
}

impl fmt::Display for DesignKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grid => f.write_str("grid"),
            Self::Random(points) => write!(f, "random {points}"),
            Self::Lhs(points) => write!(f, "lhs {points}"),
        }
    }
}

impl Design {
    /// These axes, the slowest first.
    pub fn new(axes: Vec<Axis>, kind: DesignKind) -> Result<Self, BadDesign> {
        if axes.is_empty() {
            return Err(BadDesign::new("there is nothing to vary")
                .hint("add `--vary PATH=VALUES`, or a `sweep:` section to the scenario"));
        }
        let mut paths = BTreeSet::new();
        if let Some(twice) = axes.iter().find(|axis| !paths.insert(&axis.path)) {
            let message = format!("`{}` is varied twice", twice.path);
            return Err(BadDesign::new(message).hint("give all its values to one axis"));
        }
        let open = axes.iter().find(|axis| axis.listed().is_none());
        if let (DesignKind::Grid, Some(open)) = (kind, open) {
            let message = format!(
                "`{}={}` has no end of values for a grid",
                open.path, open.text
            );
            return Err(BadDesign::new(message).hint(format!(
                "write `{0} step …` or `{0} log 5`, or draw with `--design lhs:50`",
                open.text
            )));
        }
        Ok(Self { axes, kind })
    }

    /// The axes, the slowest first.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// Which combinations are tried.
    pub const fn kind(&self) -> DesignKind {
        self.kind
    }

    /// How many cells there are, at most; none if no number can say.
    pub fn size(&self) -> Option<u128> {
        match self.kind {
            DesignKind::Random(points) | DesignKind::Lhs(points) => Some(u128::from(points)),
            DesignKind::Grid => {
                let counts = self
                    .axes
                    .iter()
                    .map(|axis| axis.listed().map_or(0, <[_]>::len));
                counts
                    .into_iter()
                    .try_fold(1_u128, |size, count| size.checked_mul(count as u128))
            }
        }
    }

    /// All cells, each once: of a grid with the last axis fastest, else in the order of drawing.
    /// Their number must be known to be bearable.
    pub fn cells(&self, seed: u64) -> Vec<Cell> {
        let all = match self.kind {
            DesignKind::Grid => self.combinations(),
            DesignKind::Random(points) => sample::random(&self.axes, seed, points),
            DesignKind::Lhs(points) => sample::latin_hypercube(&self.axes, seed, points),
        };
        let mut known = BTreeSet::new();
        let fresh = all.into_iter().filter(|cell| known.insert(cell.clone()));
        fresh.collect()
    }

    fn combinations(&self) -> Vec<Cell> {
        let mut cells = vec![Cell { values: Vec::new() }];
        for axis in &self.axes {
            let values = axis.listed().unwrap_or_default();
            let longer = cells.iter().flat_map(|cell| {
                values.iter().map(move |value| {
                    let mut values = cell.values.clone();
                    values.push(value.clone());
                    Cell { values }
                })
            });
            cells = longer.collect();
        }
        cells
    }

    /// A cell in words: its parameters by path, `a.b=1 c.d=250ms`. Equal for equal parameters,
    /// whatever the order of the axes.
    pub fn name(&self, cell: &Cell) -> String {
        let mut pairs: Vec<(&str, &str)> = self.settings(cell).collect();
        pairs.sort_unstable();
        let words = pairs
            .iter()
            .map(|(path, value)| format!("{path}={}", word(value)));
        words.collect::<Vec<_>>().join(" ")
    }

    /// The settings of a cell, in the order of the axes.
    pub fn settings<'a>(&'a self, cell: &'a Cell) -> impl Iterator<Item = (&'a str, &'a str)> {
        let paths = self.axes.iter().map(|axis| axis.path.as_str());
        paths.zip(cell.values.iter().map(String::as_str))
    }
}

/// A value that ends where its word ends.
fn word(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._%/+-".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    serde_json::Value::from(value).to_string()
}

#[cfg(test)]
mod tests;
