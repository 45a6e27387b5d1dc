//! Where keys come from: names to site keys and streams, calls to the keys of their children.
//!
//! A key must depend on *what* is decided and on nothing else. So it is made of the seed, the
//! replication, the component's path and the purpose (`work`, `jitter`, `loss`, ...), never of a
//! parameter's value, a position in a list or a counter: changing a rate or adding a component
//! moves nobody's draws.
//!
//! **Names.** The seed and the replication form a `ChaCha8` key; then each 16 bytes of the name choose
//! the place (nonce and block number) at which the next 256-bit key is read from the key stream.
//! This is the cascade of Bellare, Canetti and Krawczyk ("Pseudorandom functions revisited", 1996):
//! a pseudorandom function of the name as long as no name is the beginning of another. Lengths
//! written in front of every part see to that; they also keep the path `a/b` apart from `a`, `b`.
//!
//! **Calls.** [`child_key`] is a 64-bit mixer, run for every call and attempt. It need not look
//! random, since Philox scrambles it again, but different calls must get different keys.
//!
//! Rejected: numbering the streams in order of creation, as ns-3 does (a new component renumbers the
//! rest); seed + replication (neighbouring seeds share their replications); BLAKE3 in derive-key
//! mode (as good, but one more dependency of this room).

use super::stream::Stream;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// The key of one place and purpose, under which calls make their draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SiteKey(pub u64);

/// Derives every key of one replication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySource {
    root: [u8; 32],
}

/// Tells this use of `ChaCha8` from any other.
const DOMAIN: &[u8; 16] = b"squall keys v1\0\0";
/// What a name is turned into; it is part of the name, so that the two never share bits.
const SITE: u32 = 1;
const STREAM: u32 = 2;

impl KeySource {
    /// The keys of replication `replication` of a run with this seed.
    pub fn new(seed: u64, replication: u64) -> Self {
        let mut root = [0; 32];
        root[..8].copy_from_slice(&seed.to_le_bytes());
        root[8..16].copy_from_slice(&replication.to_le_bytes());
        root[16..].copy_from_slice(DOMAIN);
        Self { root }
    }

    /// The key under which calls draw at this place for this purpose.
    pub fn site(&self, path: &[&str], purpose: &str) -> SiteKey {
        let key = self.derive(SITE, path, purpose);
        SiteKey(u64::from_le_bytes(first_8(&key)))
    }

    /// The sequential stream of this place and purpose, at its beginning.
    pub fn stream(&self, path: &[&str], purpose: &str) -> Stream {
        Stream::from_key(self.derive(STREAM, path, purpose))
    }

    fn derive(&self, use_as: u32, path: &[&str], purpose: &str) -> [u8; 32] {
        encode(use_as, path, purpose)
            .chunks(16)
            .fold(self.root, |key, chunk| next_key(key, pad(chunk)))
    }
}

/// Use, number of parts, then each part and the purpose with its length in front.
fn encode(use_as: u32, path: &[&str], purpose: &str) -> Vec<u8> {
    let mut name = Vec::with_capacity(64);
    name.extend(use_as.to_le_bytes());
    name.extend((path.len() as u32).to_le_bytes());
    for part in path.iter().chain([&purpose]) {
        name.extend((part.len() as u32).to_le_bytes());
        name.extend(part.as_bytes());
    }
    name
}

fn pad(chunk: &[u8]) -> [u8; 16] {
    let mut block = [0; 16];
    block[..chunk.len()].copy_from_slice(chunk);
    block
}

fn first_8<const N: usize>(bytes: &[u8; N]) -> [u8; 8] {
    std::array::from_fn(|i| bytes[i])
}

/// The 256 bits of the key stream under `key` at the place named by `block`.
fn next_key(key: [u8; 32], block: [u8; 16]) -> [u8; 32] {
    const WORDS_PER_BLOCK: u128 = 16;
    let place = u128::from_le_bytes(block);
    let mut rng = ChaCha8Rng::from_seed(key);
    rng.set_stream(place as u64);
    rng.set_word_pos((place >> 64) * WORDS_PER_BLOCK);
    let mut next = [0; 32];
    rng.fill_bytes(&mut next);
    next
}

/// The key of something that belongs to `parent`, told apart by two numbers.
///
/// | key of | parent | a | b |
/// |---|---|---|---|
/// | a client's call | site key of the client | arrival number | place in the batch |
/// | a user's call | site key of the client | user | iteration |
/// | a call made for an operation | key of the operation | site key of the step | branch or repetition |
/// | an attempt | key of the call | number of the pass | 0 |
///
/// For one parent, pairs of numbers below 2^32 never collide: the golden multiple of `a` keeps its
/// low half apart, `b` changes only the high half, and the finisher (Stafford's variant 13, as in
/// `SplitMix64`) is a bijection. Otherwise two keys collide with probability 2^-64.
#[inline]
pub const fn child_key(parent: u64, a: u64, b: u64) -> u64 {
    const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
    let x = parent.wrapping_add(a.wrapping_add(1).wrapping_mul(GOLDEN)) ^ b.rotate_left(32);
    let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_that_look_alike_have_different_keys() {
        let keys = KeySource::new(1, 0);
        let names: [(&[&str], &str); 9] = [
            (&["a/b"], "work"),
            (&["a", "b"], "work"),
            (&["ab"], "work"),
            (&["a", "b", ""], "work"),
            (&["", "a", "b"], "work"),
            (&["a"], "bwork"),
            (&["a", "b", "work"], ""),
            (&[], "work"),
            (&["a\0b"], "work"),
        ];
        let sites: BTreeSet<_> = names.iter().map(|(p, u)| keys.site(p, u)).collect();
        assert_eq!(sites.len(), names.len());
    }

    #[test]
    fn long_names_differ_wherever_they_differ() {
        let keys = KeySource::new(1, 0);
        let name = "a".repeat(64);
        let mut sites = BTreeSet::from([keys.site(&[&name], "work")]);
        for i in 0..64 {
            let mut changed = name.clone();
            changed.replace_range(i..=i, "b");
            assert!(sites.insert(keys.site(&[&changed], "work")));
        }
    }

    #[test]
    fn seeds_and_replications_do_not_overlap() {
        let seeds = [0, 1, 1 << 32, 1 << 63, u64::MAX];
        let mut sites = BTreeSet::new();
        for seed in seeds {
            for replication in seeds {
                let keys = KeySource::new(seed, replication);
                assert!(sites.insert(keys.site(&["shop"], "work")));
                assert!(sites.insert(keys.site(&["shop"], "loss")));
            }
        }
    }

    #[test]
    fn children_of_one_parent_never_collide() {
        let mut keys = BTreeSet::new();
        for a in 0..400 {
            for b in 0..400 {
                assert!(keys.insert(child_key(42, a, b)));
            }
        }
    }

    #[test]
    fn children_of_children_do_not_collide() {
        let mut keys = BTreeSet::new();
        for arrival in 0..1_000 {
            let call = child_key(7, arrival, 0);
            assert!(keys.insert(call));
            for pass in 0..20 {
                let attempt = child_key(call, pass, 0);
                assert!(keys.insert(attempt));
                for branch in 0..5 {
                    assert!(keys.insert(child_key(attempt, 99, branch)));
                }
            }
        }
    }

    #[test]
    fn one_bit_of_any_input_changes_half_of_the_key() {
        for bit in 0..64 {
            let flip = 1_u64 << bit;
            for changed in [
                child_key(5 ^ flip, 6, 7),
                child_key(5, 6 ^ flip, 7),
                child_key(5, 6, 7 ^ flip),
            ] {
                let differing = (changed ^ child_key(5, 6, 7)).count_ones();
                assert!((14..=50).contains(&differing), "bit {bit}: {differing}");
            }
        }
    }
}
