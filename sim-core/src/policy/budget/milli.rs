//! Tokens in thousandths: whole numbers, so that what is paid in and drawn out always adds up.

/// Thousandths of a token.
pub(super) const MILLI: i64 = 1_000;

/// Takes one whole token, if it is there.
pub(super) const fn take_one(tokens: &mut i64) -> bool {
    let covered = *tokens >= MILLI;
    if covered {
        *tokens -= MILLI;
    }
    covered
}

/// A number of tokens in thousandths, rounded to the nearest.
pub(super) fn in_milli(tokens: f64) -> i64 {
    (tokens * 1e3).round() as i64
}
