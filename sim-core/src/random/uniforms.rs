//! From raw 64-bit words to numbers in (0, 1) and to whole numbers below a bound.
//!
//! A uniform number here is never 0 and never 1, so a logarithm of it is always finite. It is the
//! middle of one of 2^52 equal cells: `(k + 1/2) / 2^52`, which a double holds exactly, and so does
//! its mirror image `1 - u`. With 53 bits the half would be rounded away, up to 1.0 at the top.
//!
//! Whole numbers use Lemire's multiplication ("Fast random integer generation in an interval",
//! 2019), which is unbiased: it draws again with probability below `n / 2^64`.
//!
//! Rejected: `random_range` and `shuffle` of `rand`, whose values may change in a minor release.

/// A source of independent uniform 64-bit words.
pub trait Uniforms {
    /// The next 64 random bits.
    fn next_u64(&mut self) -> u64;

    /// A number from the open interval (0, 1): one draw.
    #[inline]
    fn open01(&mut self) -> f64 {
        open01(self.next_u64())
    }

    /// A whole number from 0 to `n - 1`, each equally likely; `n` must not be 0.
    #[expect(
        clippy::inline_always,
        reason = "keyed draws are then made in registers"
    )]
    #[inline(always)]
    fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "there is no number below 0");
        let product = u128::from(self.next_u64()) * u128::from(n);
        // Only the few lowest products can be over-represented.
        if product as u64 >= n {
            return (product >> 64) as u64;
        }
        again_below(self, product, n)
    }
}

/// The rest of [`Uniforms::below`], whose remainder costs a division: draws again while the product
/// is one of those that are over-represented.
#[cold]
#[inline(never)]
fn again_below<U: Uniforms + ?Sized>(u: &mut U, first: u128, n: u64) -> u64 {
    let over_represented = n.wrapping_neg() % n;
    let mut product = first;
    while (product as u64) < over_represented {
        product = u128::from(u.next_u64()) * u128::from(n);
    }
    (product >> 64) as u64
}

/// The middle of the cell named by the top 52 bits of `word`.
#[inline]
pub(crate) fn open01(word: u64) -> f64 {
    const HALF_CELL: f64 = 1.0 / (1_u64 << 53) as f64;
    let from_one_to_two = f64::from_bits(0x3FF0_0000_0000_0000 | (word >> 12));
    (from_one_to_two - 1.0) + HALF_CELL
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives back a list of words.
    struct Fixed(Vec<u64>);

    impl Uniforms for Fixed {
        fn next_u64(&mut self) -> u64 {
            self.0.remove(0)
        }
    }

    #[test]
    fn the_ends_are_never_reached() {
        let cell = 1.0 / (1_u64 << 53) as f64;
        assert_eq!(open01(0).to_bits(), cell.to_bits());
        assert_eq!(open01(u64::MAX).to_bits(), (1.0 - cell).to_bits());
        assert_eq!(open01(1 << 63).to_bits(), (0.5 + cell).to_bits());
    }

    #[test]
    fn every_number_below_the_bound_is_reached_and_no_other() {
        assert_eq!(Fixed(vec![u64::MAX]).below(10), 9);
        assert_eq!(Fixed(vec![(1 << 63) + 1]).below(10), 5);
        assert_eq!(Fixed(vec![7]).below(1), 0);
        assert_eq!(Fixed(vec![u64::MAX]).below(u64::MAX), u64::MAX - 1);
    }

    #[test]
    fn over_represented_words_are_drawn_again() {
        // 2^64 mod 10 is 6, so a low half of the product from 0 to 5 is refused; 2^63 gives 0.
        assert_eq!(Fixed(vec![0, 1 << 63, (1 << 63) + 1]).below(10), 5);
    }
}
