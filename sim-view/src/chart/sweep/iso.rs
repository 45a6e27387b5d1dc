//! Lines of equal value, by marching squares.
//!
//! Between the middles of four neighbouring fields a line of one value enters and leaves through the
//! sides whose ends lie on different sides of the value; where it does is interpolated. If all four
//! sides are crossed, the mean of the corners says which two lines belong together.

use super::field::Field;

/// A point of a map, in fields from the middle of the one at the bottom left.
pub(super) type Spot = (f64, f64);

/// The stretches of the line of one value.
pub(super) fn lines(field: &Field, level: f64) -> Vec<(Spot, Spot)> {
    let mut all = Vec::new();
    for row in 1..field.ups.len() {
        for column in 1..field.acrosses.len() {
            let (left, low) = (column - 1, row - 1);
            let corner = |column: usize, row: usize| field.value(column, row);
            let corners = [(left, low), (column, low), (column, row), (left, row)];
            let values: Option<Vec<f64>> = corners.iter().map(|&(c, r)| corner(c, r)).collect();
            if let Some(values) = values {
                square(&corners, &values, level, &mut all);
            }
        }
    }
    all
}

/// The stretches within one square; corners go around it.
fn square(corners: &[(usize, usize); 4], values: &[f64], level: f64, all: &mut Vec<(Spot, Spot)>) {
    let spot = |side: usize| {
        let (a, b) = (side, (side + 1) % 4);
        if (values[a] >= level) == (values[b] >= level) {
            return None;
        }
        let share = (level - values[a]) / (values[b] - values[a]);
        let between = |from: usize, to: usize| from as f64 + share * (to as f64 - from as f64);
        Some((
            between(corners[a].0, corners[b].0),
            between(corners[a].1, corners[b].1),
        ))
    };
    let crossed: Vec<Spot> = (0..4).filter_map(spot).collect();
    match crossed[..] {
        [one, other] => all.push((one, other)),
        [low, right, high, left] => {
            let middle = values.iter().sum::<f64>() / 4.0;
            if (middle >= level) == (values[0] >= level) {
                all.extend([(low, right), (high, left)]);
            } else {
                all.extend([(low, left), (right, high)]);
            }
        }
        _ => {}
    }
}

/// Round values between the least and the greatest: two to five of them.
pub(super) fn levels(least: f64, greatest: f64) -> Vec<f64> {
    let span = greatest - least;
    if !span.is_finite() || span <= 0.0 {
        return Vec::new();
    }
    let mut step = 1.0_f64;
    while step * 10.0 < span {
        step *= 10.0;
    }
    while step > span {
        step /= 10.0;
    }
    let step = [step / 5.0, step / 2.0, step, step * 2.0, step * 5.0]
        .into_iter()
        .find(|step| span / step <= 5.0)
        .unwrap_or(span / 4.0);
    let first = (least / step).floor() + 1.0;
    let all = (0..6).map(|number| (first + f64::from(number)) * step);
    all.filter(|level| *level < greatest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_round_and_few() {
        let close = |levels: &[f64], expected: &[f64]| {
            levels.len() == expected.len()
                && levels
                    .iter()
                    .zip(expected)
                    .all(|(a, b)| (a - b).abs() < 1e-9 * b.abs().max(1.0))
        };
        for (least, greatest, expected) in [
            (0.0, 1.0, &[0.2, 0.4, 0.6, 0.8][..]),
            (0.0, 930.0, &[200.0, 400.0, 600.0, 800.0]),
            (95.0, 99.5, &[96.0, 97.0, 98.0, 99.0]),
            (1.0, 1.0, &[]),
        ] {
            let levels = levels(least, greatest);
            assert!(
                close(&levels, expected),
                "{least} to {greatest}: {levels:?}"
            );
        }
    }

    #[test]
    fn a_line_goes_where_the_value_is() {
        let corners = [(0, 0), (1, 0), (1, 1), (0, 1)];
        let mut found = Vec::new();
        square(&corners, &[0.0, 1.0, 1.0, 0.0], 0.25, &mut found);
        assert_eq!(found, [((0.25, 0.0), (0.25, 1.0))]);
        found.clear();
        square(&corners, &[0.0, 1.0, 0.0, 1.0], 0.6, &mut found);
        assert_eq!(found.len(), 2, "a saddle has two lines");
        found.clear();
        square(&corners, &[1.0, 2.0, 3.0, 4.0], 9.0, &mut found);
        assert!(found.is_empty());
    }
}
