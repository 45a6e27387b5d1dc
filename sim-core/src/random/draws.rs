//! Keyed draws: the random numbers that belong to one call at one place.
//!
//! Draw `i` of a call at a site is lane `i % 2` of the Philox block with the site key as its key
//! and (call key, `i / 2`) as its counter. Nothing is stored between calls and nothing has an
//! order, so every use may take as many draws as it likes without moving anybody else's (rule 43).

use super::keys::SiteKey;
use super::philox::philox2x64;
use super::uniforms::{Uniforms, open01};

/// The draws of one call or attempt at one site, from the first on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draws {
    site: SiteKey,
    key: u64,
    /// Draws taken so far \[count\].
    taken: u64,
    /// The second lane of the latest block, which serves the odd draws.
    second_lane: u64,
}

impl Draws {
    /// The draws at `site` that belong to the call or attempt `key`.
    #[inline]
    pub const fn new(site: SiteKey, key: u64) -> Self {
        Self {
            site,
            key,
            taken: 0,
            second_lane: 0,
        }
    }
}

impl Uniforms for Draws {
    #[inline]
    fn next_u64(&mut self) -> u64 {
        let index = self.taken;
        self.taken += 1;
        if index % 2 == 1 {
            return self.second_lane;
        }
        let [first, second] = philox2x64(self.site.0, [self.key, index / 2]);
        self.second_lane = second;
        first
    }
}

/// The first draw of `key` at `site` as a number from the open interval (0, 1).
#[inline]
pub fn uniform(site: SiteKey, key: u64) -> f64 {
    open01(philox2x64(site.0, [key, 0])[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_the_lanes_of_consecutive_blocks() {
        let mut draws = Draws::new(SiteKey(7), 9);
        let words: Vec<u64> = (0..4).map(|_| draws.next_u64()).collect();
        let (first, second) = (philox2x64(7, [9, 0]), philox2x64(7, [9, 1]));
        assert_eq!(words, [first, second].concat());
    }

    #[test]
    fn the_shortcut_is_the_first_draw() {
        let first = Draws::new(SiteKey(3), 4).open01();
        assert_eq!(uniform(SiteKey(3), 4).to_bits(), first.to_bits());
    }
}
