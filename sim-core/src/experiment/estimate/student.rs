//! Student's t: an interval for the mean of independent values.
//!
//! The mean of a few values misses the true mean by about the spread of the values divided by the
//! root of their number. How many of those make 95 % depends on how well the spread itself is known,
//! which is Student's t distribution ("The probable error of a mean", Biometrika 1908).

use super::{CONFIDENCE, rounded};
use crate::random::special::normal_quantile;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Beyond so many degrees of freedom an expansion is closer than `statrs`, which is off by 0.01 % at
/// a million.
const MANY: u32 = 1000;

/// A mean and how far it may be off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanInterval {
    /// The mean of the values.
    pub mean: f64,
    /// Half the width of the 95 % interval around it; absent for fewer than two values.
    pub half_width: Option<f64>,
    /// Standard error of the mean; absent for fewer than two values.
    pub standard_error: Option<f64>,
    /// Standard deviation of the values; absent for fewer than two.
    pub deviation: Option<f64>,
}

/// The mean of values that do not depend on each other, with its interval; none without values.
pub fn mean_interval(values: &[f64]) -> Option<MeanInterval> {
    let count = values.len() as f64;
    if values.is_empty() {
        return None;
    }
    let mean = values.iter().fold(0.0, |sum, value| sum + value) / count;
    let squares = values
        .iter()
        .fold(0.0, |sum, value| sum + (value - mean) * (value - mean));
    let variance = (values.len() > 1).then(|| squares / (count - 1.0));
    let standard_error = variance.map(|variance| (variance / count).sqrt());
    Some(MeanInterval {
        mean,
        half_width: standard_error.map(|error| t_quantile(values.len() as u32 - 1) * error),
        standard_error,
        deviation: variance.map(f64::sqrt),
    })
}

/// The value that Student's t exceeds in absolute terms with a chance of 5 %.
pub fn t_quantile(degrees_of_freedom: u32) -> f64 {
    if degrees_of_freedom > MANY {
        return expanded(f64::from(degrees_of_freedom));
    }
    let distribution = StudentsT::new(0.0, 1.0, f64::from(degrees_of_freedom.max(1)));
    let quantile = distribution.map(|t| t.inverse_cdf(0.5 + CONFIDENCE / 2.0));
    rounded(quantile.unwrap_or(f64::INFINITY))
}

/// The first terms of the quantile in powers of 1/n (Abramowitz and Stegun 26.7.5).
fn expanded(n: f64) -> f64 {
    let z = normal_quantile(0.5 + CONFIDENCE / 2.0);
    let (cube, fifth) = (z * z * z, z * z * z * z * z);
    z + (cube + z) / (4.0 * n) + (5.0 * fifth + 16.0 * cube + 3.0 * z) / (96.0 * n * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        // Two-sided 95 %: Abramowitz and Stegun, table 26.10.
        for (degrees, t) in [
            (1, 12.706),
            (2, 4.303),
            (4, 2.776),
            (9, 2.262),
            (29, 2.045),
            (120, 1.980),
        ] {
            assert!((t_quantile(degrees) - t).abs() < 5e-4, "{degrees}");
        }
        // The expansion goes on where the distribution leaves off, and ends at the normal one.
        assert!((t_quantile(1_000) - 1.962_339).abs() < 1e-6);
        assert!((t_quantile(1_001) - 1.962_337).abs() < 1e-6);
        assert!((t_quantile(1_000_000) - 1.959_966).abs() < 1e-6);
    }

    #[test]
    fn an_interval_is_as_wide_as_students() {
        let interval = mean_interval(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        assert!((interval.mean - 3.0).abs() < 1e-12);
        let half_width = interval.half_width.unwrap();
        assert!((half_width - 2.776_445 * 0.5_f64.sqrt()).abs() < 1e-5);
        assert!((interval.standard_error.unwrap() - 0.5_f64.sqrt()).abs() < 1e-12);
        assert!((interval.deviation.unwrap() - 2.5_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn too_few_values_have_no_interval() {
        assert_eq!(mean_interval(&[]), None);
        let one = mean_interval(&[7.0]).unwrap();
        assert_eq!((one.mean, one.half_width, one.deviation), (7.0, None, None));
        let equal = mean_interval(&[7.0, 7.0]).unwrap();
        assert_eq!(equal.half_width, Some(0.0));
    }
}
