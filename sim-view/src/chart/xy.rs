//! A plot of one thing against another, neither of which is time.
//!
//! Both axes reach from the least value to the greatest that they are given, not from zero: what is
//! looked for here lies somewhere between. Marks are round numbers, chosen with integers.

use super::canvas::{Anchor, Canvas, PX, Point, times};
use super::panel::lettering;
use super::theme::{self, Colour};
use crate::format;
use sim_core::experiment::design::{Quantity, QuantityUnit};

const MILLION: f64 = 1e6;

/// Where values lie along one side.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    /// What it shows.
    pub(super) name: String,
    low: f64,
    high: f64,
    /// Values with a mark, and what is written there.
    marks: Vec<(f64, String)>,
}

impl Reach {
    /// All shares.
    pub(super) fn shares(name: &str) -> Self {
        let marks = (0..=4).map(|quarter| {
            let share = f64::from(quarter) / 4.0;
            (share, format::share(share))
        });
        Self {
            name: name.to_owned(),
            low: 0.0,
            high: 1.0,
            marks: marks.collect(),
        }
    }

    /// From the least to the greatest of these values, shown by `text`.
    pub(super) fn of(
        name: &str,
        values: impl Iterator<Item = f64> + Clone,
        text: impl Fn(f64) -> String,
    ) -> Option<Self> {
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(f64::NEG_INFINITY, f64::max);
        if !low.is_finite() || !high.is_finite() {
            return None;
        }
        let (low, high) = if high > low {
            (low, high)
        } else {
            (low - 0.5, low + 0.5)
        };
        Some(Self {
            name: name.to_owned(),
            low,
            high,
            marks: round_marks(low, high)
                .into_iter()
                .map(|at| (at, text(at)))
                .collect(),
        })
    }

    /// Places in the order of a list, for values that are no numbers.
    pub(super) fn words(name: &str, words: &[String]) -> Self {
        let marks = words.iter().enumerate();
        Self {
            name: name.to_owned(),
            low: -0.5,
            high: words.len() as f64 - 0.5,
            marks: marks
                .map(|(place, word)| (place as f64, word.clone()))
                .collect(),
        }
    }

    fn part(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// At most six round numbers between two.
fn round_marks(low: f64, high: f64) -> Vec<f64> {
    // In millionths of the size of the span, so that the same marks come out everywhere.
    let mut size = 1.0_f64;
    while high - low >= 10.0 * size {
        size *= 10.0;
    }
    while high - low < size {
        size /= 10.0;
    }
    let scale = MILLION / size;
    let (from, to) = ((low * scale).ceil() as i64, (high * scale).floor() as i64);
    let steps = [
        100_000,
        200_000,
        500_000,
        1_000_000,
        2_000_000,
        5_000_000_i64,
    ];
    let step = steps
        .into_iter()
        .find(|step| (to - from) / step <= 5)
        .unwrap_or(5_000_000);
    let first = from.div_euclid(step) + i64::from(from.rem_euclid(step) != 0);
    (first..=to.div_euclid(step))
        .map(|index| (index * step) as f64 / scale)
        .collect()
}

/// A number in the unit of a quantity, as a scenario writes it.
pub(super) fn quantity_text(value: f64, unit: QuantityUnit) -> String {
    match unit {
        QuantityUnit::Time => format::duration(value.max(0.0).round() as u64),
        QuantityUnit::PerSecond | QuantityUnit::PerMinute | QuantityUnit::PerHour => {
            format::rate(value)
        }
        QuantityUnit::Percent => format!("{}%", format::number(value)),
        QuantityUnit::Bare => format::number(value),
    }
}

/// Where a value lies, as a number.
pub(super) type Spot<'v> = Box<dyn Fn(&str) -> Option<f64> + 'v>;

/// Where the values of a setting lie: numbers by size, words in the order of the list.
pub(super) fn across<'v>(name: &str, values: &'v [String]) -> (Reach, Spot<'v>) {
    let number = |text: &str| Quantity::parse(text).map(Quantity::as_f64);
    let numbers: Option<Vec<f64>> = values.iter().map(|value| number(value)).collect();
    let unit = values
        .first()
        .and_then(|value| Quantity::parse(value))
        .map_or(QuantityUnit::Bare, |one| one.unit);
    if let Some(numbers) = numbers
        && let Some(reach) = Reach::of(name, numbers.into_iter(), |value| {
            quantity_text(value, unit)
        })
    {
        return (reach, Box::new(number));
    }
    let spot = move |text: &str| Some(values.iter().position(|value| value == text)? as f64);
    (Reach::words(name, values), Box::new(spot))
}

/// A plot on a sheet.
pub(super) struct Xy {
    /// Across.
    pub(super) x: Reach,
    /// Upwards.
    pub(super) y: Reach,
    /// Its corner at the top left.
    pub(super) corner: Point,
    /// Width and height of the plot, marks and names apart.
    pub(super) size: Point,
}

/// Room on the left of a plot, for the marks of its values.
pub(super) const LEFT: i32 = 84 * PX;
/// Room above a plot, for the name of its values.
pub(super) const TOP: i32 = 30 * PX;
/// Room below a plot, for marks and the name of what lies across.
pub(super) const BOTTOM: i32 = 46 * PX;

impl Xy {
    /// Where a pair of values lies.
    pub(super) fn at(&self, x: f64, y: f64) -> Point {
        (
            self.corner.0 + (self.x.part(x) * f64::from(self.size.0)).round() as i32,
            self.corner.1 + self.size.1 - (self.y.part(y) * f64::from(self.size.1)).round() as i32,
        )
    }

    /// Names, marks and the grid.
    pub(super) fn grid(&self, canvas: &Canvas<'_>) {
        let faint = |anchor| lettering(anchor, false, theme::FAINT_INK);
        let (left, top) = self.corner;
        let (right, bottom) = (left + self.size.0, top + self.size.1);
        for (value, mark) in &self.x.marks {
            let x = self.at(*value, self.y.low).0;
            canvas.line(vec![(x, top), (x, bottom)], theme::GRID, PX / 2);
            canvas.text(mark, (x, bottom + 12 * PX), faint(Anchor::Center), 14);
        }
        for (value, mark) in &self.y.marks {
            let y = self.at(self.x.low, *value).1;
            canvas.line(vec![(left, y), (right, y)], theme::GRID, PX / 2);
            canvas.text(mark, (left - 6 * PX, y), faint(Anchor::Right), 13);
        }
        canvas.line(vec![(left, bottom), (right, bottom)], theme::AXIS, PX);
        let name = |anchor| lettering(anchor, true, theme::INK);
        let middle = i32::midpoint(left, right);
        canvas.text(
            &self.x.name,
            (middle, bottom + 30 * PX),
            name(Anchor::Center),
            70,
        );
        canvas.text(&self.y.name, (left, top - 14 * PX), name(Anchor::Left), 80);
    }

    /// A band over all values upwards, from one value across to another.
    pub(super) fn upright(&self, canvas: &Canvas<'_>, from: f64, to: f64, colour: Colour) {
        let (a, b) = (self.at(from, self.y.high), self.at(to, self.y.low));
        canvas.fill(a, (b.0.max(a.0 + PX), b.1), colour);
    }

    /// A line through values.
    pub(super) fn line(&self, canvas: &Canvas<'_>, points: &[(f64, f64)], colour: Colour) {
        let points = points.iter().map(|&(x, y)| self.at(x, y)).collect();
        canvas.line(points, colour, 2 * PX);
    }

    /// A bar from one value upwards to another, with ends.
    pub(super) fn interval(
        &self,
        canvas: &Canvas<'_>,
        x: f64,
        (low, high): (f64, f64),
        colour: Colour,
    ) {
        let (from, to) = (self.at(x, low), self.at(x, high));
        canvas.line(vec![from, to], colour, PX);
        for end in [from, to] {
            canvas.line(
                vec![(end.0 - 3 * PX, end.1), (end.0 + 3 * PX, end.1)],
                colour,
                PX,
            );
        }
    }

    /// A mark.
    pub(super) fn mark(&self, canvas: &Canvas<'_>, x: f64, y: f64, (reach, colour): (i32, Colour)) {
        let (x, y) = self.at(x, y);
        let reach = reach * PX;
        let diamond = vec![
            (x, y - reach),
            (x + reach, y),
            (x, y + reach),
            (x - reach, y),
        ];
        canvas.polygon(diamond, colour);
    }
}

/// Names beside their colours, below each other.
pub(super) fn legend(canvas: &Canvas<'_>, at: Point, entries: &[(Colour, String)]) {
    for (row, (colour, text)) in entries.iter().enumerate() {
        let middle = at.1 + times(row, 18 * PX) + 8 * PX;
        canvas.fill(
            (at.0, middle - 5 * PX),
            (at.0 + 14 * PX, middle + 5 * PX),
            *colour,
        );
        let ink = lettering(Anchor::Left, false, theme::INK);
        canvas.text(text, (at.0 + 20 * PX, middle), ink, 22);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_few() {
        for (low, high, marks) in [
            (400.0, 1200.0, vec![400.0, 600.0, 800.0, 1000.0, 1200.0]),
            (1.0, 8.0, vec![2.0, 4.0, 6.0, 8.0]),
            (1e9, 60e9, vec![10e9, 20e9, 30e9, 40e9, 50e9, 60e9]),
            (0.25, 0.5, vec![0.25, 0.3, 0.35, 0.4, 0.45, 0.5]),
        ] {
            let found = round_marks(low, high);
            let close = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-6 * b.abs();
            assert!(
                found.len() == marks.len() && found.iter().zip(&marks).all(close),
                "{low} to {high}: {found:?}"
            );
        }
    }

    #[test]
    fn places_lie_between_the_corners() {
        let x = Reach::of("x", [10.0, 20.0].into_iter(), format::number).unwrap();
        let plot = Xy {
            x,
            y: Reach::shares("y"),
            corner: (100, 100),
            size: (400, 200),
        };
        assert_eq!(plot.at(10.0, 0.0), (100, 300));
        assert_eq!(plot.at(15.0, 0.5), (300, 200));
        assert_eq!(plot.at(99.0, 2.0), (500, 100));
        assert!(Reach::of("none", std::iter::empty::<f64>(), format::number).is_none());
    }
}
