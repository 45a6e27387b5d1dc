//! Where a series has left its start behind: MSER-5.
//!
//! A run starts empty, which is luck that does not last. Cutting too little leaves that luck in the
//! means, cutting too much leaves too little to measure. White's rule ("An effective truncation
//! heuristic for bias reduction in simulation output", Simulation 1997) cuts where the standard error
//! of what remains is least; on means of five values at a time, it is MSER-5 (White, Cobb and
//! Spratt, WSC 2000), in comparisons one of the best. A minimum in the second half means that the
//! series is too short to say.

/// Values that are averaged before the rule looks at them \[count\].
const BATCH: usize = 5;
/// Fewer batches than this say nothing \[count\].
const FEWEST: usize = 8;

/// What the rule suggests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarmUp {
    /// Leave out so many of the first values.
    CutFirst(usize),
    /// The series has not settled in its first half.
    NotSettled,
    /// Too few values to say.
    TooFew,
}

/// How many of the first values still feel the start.
pub fn warm_up(values: &[f64]) -> WarmUp {
    let batches: Vec<f64> = values
        .chunks_exact(BATCH)
        .map(|batch| batch.iter().fold(0.0, |sum, value| sum + value) / BATCH as f64)
        .collect();
    if batches.len() < FEWEST {
        return WarmUp::TooFew;
    }
    let mut best = (f64::INFINITY, 0);
    // The last batches alone agree by chance.
    for cut in 0..=batches.len() - BATCH {
        let error = squared_error(&batches[cut..]);
        if error < best.0 {
            best = (error, cut);
        }
    }
    if best.1 > batches.len() / 2 {
        WarmUp::NotSettled
    } else {
        WarmUp::CutFirst(best.1 * BATCH)
    }
}

/// The squared standard error of the mean, as the rule defines it.
fn squared_error(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().fold(0.0, |sum, value| sum + value) / count;
    let squares = values
        .iter()
        .fold(0.0, |sum, value| sum + (value - mean) * (value - mean));
    squares / (count * count)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A level with a ripple, after a start of so many values.
    fn series(start: usize, length: usize, first: impl Fn(usize) -> f64) -> Vec<f64> {
        let ripple = |at: usize| 10.0 + [0.3, -0.2, 0.1, -0.4, 0.2, 0.0, -0.1][at % 7];
        let value = |at: usize| if at < start { first(at) } else { ripple(at) };
        (0..length).map(value).collect()
    }

    #[test]
    fn the_start_is_cut_and_no_more() {
        let rising = series(20, 200, |at| at as f64 / 2.0);
        assert_eq!(warm_up(&rising), WarmUp::CutFirst(20));
        let high = series(33, 200, |_| 40.0);
        assert_eq!(warm_up(&high), WarmUp::CutFirst(35));
    }

    #[test]
    fn a_level_series_is_left_whole() {
        let WarmUp::CutFirst(cut) = warm_up(&series(0, 210, |_| 0.0)) else {
            panic!("it has settled");
        };
        assert!(cut <= 20, "{cut}");
        assert_eq!(warm_up(&[3.0; 100]), WarmUp::CutFirst(0));
    }

    #[test]
    fn what_never_settles_is_said_to_be_so() {
        let growing: Vec<f64> = (0..200).map(f64::from).collect();
        assert_eq!(warm_up(&growing), WarmUp::NotSettled);
        assert_eq!(warm_up(&[1.0; 39]), WarmUp::TooFew);
    }
}
