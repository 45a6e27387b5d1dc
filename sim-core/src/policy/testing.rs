//! Sources of uniform numbers for the tests of this room.

use crate::random::Uniforms;

/// `SplitMix64` (Steele, Lea and Flood, 2014): good enough to judge a mean or a spread.
pub(super) struct SplitMix(pub u64);

impl Uniforms for SplitMix {
    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }
}

/// Always the same share of the unit interval, and a count of how often it was asked.
pub(super) struct Always {
    word: u64,
    /// Draws so far \[count\].
    pub draws: u32,
}

impl Always {
    /// The very bottom of the interval.
    pub(super) const fn lowest() -> Self {
        Self { word: 0, draws: 0 }
    }

    /// The middle of the interval.
    pub(super) const fn middle() -> Self {
        Self {
            word: 1 << 63,
            draws: 0,
        }
    }

    /// The very top of the interval.
    pub(super) const fn highest() -> Self {
        Self {
            word: u64::MAX,
            draws: 0,
        }
    }
}

impl Uniforms for Always {
    fn next_u64(&mut self) -> u64 {
        self.draws += 1;
        self.word
    }
}

/// For places that must not draw.
pub(super) struct Never;

impl Uniforms for Never {
    fn next_u64(&mut self) -> u64 {
        panic!("nothing is to be drawn here")
    }
}
