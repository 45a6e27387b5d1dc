//! Sequential streams: for what has an order of its own, such as the arrivals of one client.
//!
//! A stream is `ChaCha8` (Bernstein 2008; eight rounds as in Rust's own generators) under a key that
//! belongs to this one use. Only whole 64-bit words are taken: mixing 32- and 64-bit draws would
//! leave half words behind, and the position would depend on who drew what.

use super::uniforms::Uniforms;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// A sequential stream of random words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    rng: ChaCha8Rng,
}

impl Stream {
    /// The stream under this 256-bit key, at its beginning.
    pub(crate) fn from_key(key: [u8; 32]) -> Self {
        Self {
            rng: ChaCha8Rng::from_seed(key),
        }
    }

    /// Words taken so far \[count\].
    pub fn position(&self) -> u128 {
        self.rng.get_word_pos() / 2
    }
}

impl Uniforms for Stream {
    #[expect(clippy::inline_always, reason = "for every arrival")]
    #[inline(always)]
    fn next_u64(&mut self) -> u64 {
        self.rng.next_u64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_key_stream_of_the_zero_key() {
        // ECRYPT vectors: 3e00ef2f 895f40d6 7f5bb8e8 1f09a5a1 as bytes.
        let mut stream = Stream::from_key([0; 32]);
        assert_eq!(
            stream.next_u64(),
            u64::from_be_bytes([0xd6, 0x40, 0x5f, 0x89, 0x2f, 0xef, 0x00, 0x3e])
        );
        assert_eq!(
            stream.next_u64(),
            u64::from_be_bytes([0xa1, 0xa5, 0x09, 0x1f, 0xe8, 0xb8, 0x5b, 0x7f])
        );
    }

    #[test]
    fn the_position_counts_words() {
        let mut stream = Stream::from_key([1; 32]);
        for taken in 0..200 {
            assert_eq!(stream.position(), taken);
            stream.next_u64();
        }
    }
}
