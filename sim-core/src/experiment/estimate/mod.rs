//! What can be said of a system from several runs of it, and how surely.
//!
//! Values of one run depend on each other: a call that waits makes the next one wait. Replications
//! do not, so every interval here is over replications and none over calls of one run, which would
//! be far too narrow (measured: such a "95 %" interval holds the truth in 10 to 48 % of experiments).
//!
//! - [`mean_interval`]: Student's t, for means.
//! - [`share_interval`]: Wilson's, for how often something happens; honest near 0 and 1 too.
//! - [`percentile_interval`]: by order statistics, for medians and percentiles; assumes nothing.
//! - [`variance_test`]: whether groups differ by more than what is within them (Fisher).
//! - [`Doubt`]: on which side of a level a probability lies.
//! - [`warm_up`]: where a series has left its start behind (MSER-5).
//!
//! All of them are pure functions with a level of 95 %. Quantiles of Student's, Fisher's and the
//! binomial distribution come from `statrs` and so from the platform's mathematics: they pass through
//! [`rounded`] before anything is made of them; what follows is basic arithmetic, alike everywhere.

mod fisher;
mod rank;
mod share;
mod side;
mod spread;
mod student;
mod warm_up;

pub use fisher::variance_test;
pub use rank::{PercentileInterval, percentile_interval, sign_test};
pub use share::{ShareInterval, most_that_can_be_said, runs_to_exceed, share_interval};
pub use side::{Doubt, Hits, Side};
pub use spread::{Spread, nearest_rank, spread};
pub use student::{MeanInterval, mean_interval, t_quantile};
pub use warm_up::{WarmUp, warm_up};

/// How sure an interval is to hold the truth.
pub const CONFIDENCE: f64 = 0.95;

/// The same number with 9 significant digits: platforms differ in the last digits of quantiles, and
/// no byte of a report may.
pub fn rounded(value: f64) -> f64 {
    format!("{value:.8e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_digits_are_left() {
        for (value, digits) in [
            (2.776_445_105_197_793, 2.776_445_11),
            (-1_234_567_890.5, -1_234_567_890.0),
            (1e-30 / 3.0, 3.333_333_33e-31),
            (0.0, 0.0),
        ] {
            assert_eq!(rounded(value).to_bits(), f64::to_bits(digits), "{value}");
        }
        assert!(rounded(f64::INFINITY).is_infinite());
    }
}
