//! Fisher's test of variances: whether groups differ by more than what is within them.

use super::rounded;
use statrs::distribution::{ContinuousCDF, FisherSnedecor};

/// How often chance alone makes the variance between groups so many times that within them, each
/// estimated with so many degrees of freedom (Fisher, "Statistical Methods for Research Workers",
/// 1925). 1 where there is nothing to tell it from.
pub fn variance_test(ratio: f64, between: u32, within: u32) -> f64 {
    if between == 0 || within == 0 || ratio.is_nan() || ratio <= 0.0 {
        return 1.0;
    }
    let distribution = FisherSnedecor::new(f64::from(between), f64::from(within));
    distribution.map_or(1.0, |fisher| {
        if ratio.is_finite() {
            rounded(fisher.sf(ratio))
        } else {
            0.0
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_those_of_the_tables() {
        // Upper 5 % points: Abramowitz and Stegun, table 26.9.
        for (ratio, between, within) in [
            (18.51, 1, 2),
            (5.99, 1, 6),
            (5.14, 2, 6),
            (3.10, 3, 20),
            (2.18, 12, 24),
        ] {
            let chance = variance_test(ratio, between, within);
            assert!((chance - 0.05).abs() < 0.001, "{ratio}: {chance}");
        }
        assert!(variance_test(0.0, 1, 2) >= 1.0 && variance_test(f64::NAN, 1, 2) >= 1.0);
        assert!(variance_test(9.0, 1, 0) >= 1.0);
        assert!(variance_test(f64::INFINITY, 1, 2) <= 0.0);
    }
}
