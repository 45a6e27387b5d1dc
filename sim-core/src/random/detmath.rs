//! Elementary functions with the same bits on every machine.
//!
//! The functions of the standard library ask the C library or the compiler, so `ln` may differ in
//! its last bit between two CPUs, and a constant is folded with the library of the build host.
//! A last bit moves an event by a nanosecond, and that can turn a whole run. The `libm` crate is
//! plain Rust arithmetic, which IEEE 754 fixes exactly; its version is pinned, and so are 64 values
//! of each function in the tests.
//!
//! The logarithm alone is our own, see `ln`: sampling spends most of its time there.
//!
//! Rejected: correctly rounded functions (several times slower), tables of our own for the other
//! functions (more code to trust). The square root needs no library: IEEE 754 demands its correct rounding.

/// Natural logarithm: the one that sampling is made of, within one unit in the last place of
/// libm's.
#[inline]
pub fn ln(x: f64) -> f64 {
    super::ln::ln(x)
}

/// Natural logarithm of `1 + x`, exact for small `x`.
#[inline]
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// e to the power of `x`.
#[inline]
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// `exp(x) - 1`, exact for small `x`.
#[inline]
pub fn exp_m1(x: f64) -> f64 {
    libm::expm1(x)
}

/// `x` to the power of `y`; `exp(y * ln(x))` is three times faster where its last bits do not matter.
#[inline]
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// Square root.
#[inline]
pub fn sqrt(x: f64) -> f64 {
    x.sqrt()
}

/// Sine of an angle in radians.
#[inline]
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}

/// Cosine of an angle in radians.
#[inline]
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}

/// Hyperbolic tangent.
#[inline]
pub fn tanh(x: f64) -> f64 {
    libm::tanh(x)
}

/// The complementary error function, `1 - erf(x)`.
#[inline]
pub fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}

/// The gamma function: `(x - 1)!` for whole numbers.
#[inline]
pub fn gamma(x: f64) -> f64 {
    libm::tgamma(x)
}

/// Natural logarithm of the absolute value of the gamma function.
#[inline]
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}
