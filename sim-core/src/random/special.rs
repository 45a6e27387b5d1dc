//! Special functions built from [`detmath`](super::detmath): normal and gamma distributions.
//!
//! The normal quantile is algorithm AS 241 (Wichura 1988, routine PPND16): three rational
//! functions, one for the middle and two for the tails, correct to about 1 part in 10^16.
//! The incomplete gamma function is the usual pair: a power series left of the bend, a continued
//! fraction right of it (Abramowitz and Stegun 6.5.29 and 6.5.31, the latter by Lentz's method).
//!
//! Rejected: Acklam's quantile (1 part in 10^9, needs a refining step to reach this), the quantiles
//! of `statrs` (they use the platform's logarithm).

use super::detmath::{erfc, exp, ln, ln_gamma, sqrt};
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Standard normal density at `x`.
pub fn normal_density(x: f64) -> f64 {
    exp(-0.5 * x * x) / sqrt(2.0 * PI)
}

/// Probability that a standard normal value is at most `x`.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * erfc(-x * FRAC_1_SQRT_2)
}

/// The standard normal value that is not exceeded with probability `p`, which lies in (0, 1).
#[inline]
pub fn normal_quantile(p: f64) -> f64 {
    let from_middle = p - 0.5;
    if from_middle.abs() <= 0.425 {
        let r = 0.180_625 - from_middle * from_middle;
        return from_middle * ratio(r, &MIDDLE);
    }
    let tail = if from_middle < 0.0 { p } else { 1.0 - p };
    let r = sqrt(-ln(tail));
    let size = if r <= 5.0 {
        ratio(r - 1.6, &TAIL)
    } else {
        ratio(r - 5.0, &FAR_TAIL)
    };
    size.copysign(from_middle)
}

/// A quotient of two polynomials of degree 7, coefficients from the constant upwards.
struct Rational {
    above: [f64; 8],
    below: [f64; 8],
}

const MIDDLE: Rational = Rational {
    above: [
        3.387_132_872_796_366_5,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    below: [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ],
};

const TAIL: Rational = Rational {
    above: [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        0.000_774_545_014_278_341_4,
    ],
    below: [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        0.000_547_593_808_499_534_5,
        1.050_750_071_644_416_9e-9,
    ],
};

const FAR_TAIL: Rational = Rational {
    above: [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_87,
        0.026_532_189_526_576_124,
        0.001_242_660_947_388_078_4,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    below: [
        1.0,
        0.599_832_206_555_888,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        0.000_786_869_131_145_613_3,
        1.846_318_317_510_054_7e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
};

#[inline]
fn ratio(x: f64, of: &Rational) -> f64 {
    polynomial(x, &of.above) / polynomial(x, &of.below)
}

#[inline]
fn polynomial(x: f64, coefficients: &[f64; 8]) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// The regularised lower incomplete gamma function P(shape, x): the probability that a gamma value
/// of this shape and scale 1 is at most `x`.
pub fn gamma_cdf(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let front = exp(shape * ln(x) - x - ln_gamma(shape));
    if x < shape + 1.0 {
        front * series(shape, x)
    } else {
        1.0 - front * continued_fraction(shape, x)
    }
}

/// Terms of either expansion before it counts as converged anyhow.
const MAX_TERMS: u32 = 10_000;
/// Relative size of a term that no longer matters.
const NEGLIGIBLE: f64 = 1e-16;

/// Sum of x^n / (shape (shape + 1) ... (shape + n)).
fn series(shape: f64, x: f64) -> f64 {
    let mut term = 1.0 / shape;
    let mut sum = term;
    for n in 1..MAX_TERMS {
        term *= x / (shape + f64::from(n));
        sum += term;
        if term < sum * NEGLIGIBLE {
            break;
        }
    }
    sum
}

/// 1/(x + 1 - shape - 1(1 - shape)/(x + 3 - shape - ...)), evaluated forwards (Lentz).
fn continued_fraction(shape: f64, x: f64) -> f64 {
    let mut partial = x + 1.0 - shape;
    let mut above = f64::MAX;
    let mut below = 1.0 / partial;
    let mut value = below;
    for n in 1..MAX_TERMS {
        let n = f64::from(n);
        let numerator = n * (shape - n);
        partial += 2.0;
        below = 1.0 / (numerator * below + partial);
        above = partial + numerator / above;
        let change = below * above;
        value *= change;
        if (change - 1.0).abs() < NEGLIGIBLE {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, Gamma};

    #[test]
    fn the_normal_quantile_undoes_the_normal_cdf() {
        for p in [1e-300, 1e-100, 1e-16, 1e-9, 0.001, 0.074, 0.076, 0.3, 0.5] {
            let back = normal_cdf(normal_quantile(p));
            assert!((back / p - 1.0).abs() < 3e-13, "{p} became {back}");
        }
        for p in [0.6, 0.9, 0.924, 0.926, 0.99, 0.999_999] {
            let back = normal_cdf(normal_quantile(p));
            assert!((back - p).abs() < 3e-16, "{p} became {back}");
        }
    }

    #[test]
    fn known_normal_quantiles() {
        for (p, z) in [
            (0.25, -0.674_489_750_196_081_7),
            (0.975, 1.959_963_984_540_054),
            (0.99, 2.326_347_874_040_841),
            (1e-20, -9.262_340_089_798_408),
        ] {
            assert!((normal_quantile(p) - z).abs() < 5e-15, "{p}");
        }
    }

    #[test]
    fn the_gamma_cdf_agrees_with_an_independent_one() {
        for shape in [0.25, 1.0, 4.0, 50.0] {
            let oracle = Gamma::new(shape, 1.0).unwrap();
            for x in [0.01, 0.5, 1.0, 3.0, 5.1, 20.0, 49.0, 60.0] {
                let (ours, theirs) = (gamma_cdf(shape, x), oracle.cdf(x));
                assert!(
                    (ours - theirs).abs() < 1e-12,
                    "{shape}, {x}: {ours} {theirs}"
                );
            }
        }
    }
}
