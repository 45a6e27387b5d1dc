//! One number that stands for everything that happened in a run.
//!
//! Two runs that claim to be the same have the same digest; two that differ in a single bit of a
//! single fact do not. Along the way the digest keeps checkpoints, so that two runs that differ can
//! be told not only that, but where.
//!
//! The state is two 64-bit lanes, one 128-bit number `s`. A word `w` is mixed in as
//!
//! ```text
//! s = (s xor w) × K mod 2^128        K odd, 64 bits: two multiplications, one addition
//! low lane = low lane xor high lane
//! ```
//!
//! which is five instructions. For a given word every step can be undone, so states that differ
//! stay different for as long as the words are equal: a single changed word *always* changes the
//! digest. Several changes cancel with a probability of about 2^-64. It is no cryptographic hash:
//! somebody who wants to can construct equal digests.
//!
//! Rejected: folding both halves of the product into one lane (wyhash) loses a little of the state
//! with every word and has no such guarantee; FNV-1a (128 bits) takes a byte at a time and never
//! carries a high bit down; BLAKE3 costs more than the event it describes.

use crate::time::SimTime;

/// Multiplier: 2^64 divided by the golden ratio, odd.
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
/// First state: the first 128 bits of the fraction of pi.
const START: (u64, u64) = (0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344);
/// At most this many checkpoints are kept.
pub const MAX_CHECKPOINTS: usize = 512;

/// The digest at one point of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// How many facts it covers (count).
    pub facts: u64,
    /// When the last of them happened.
    pub at: SimTime,
    /// The digest of these facts.
    pub value: u128,
}

/// A running digest over facts.
#[derive(Clone, Debug)]
pub struct Digest {
    low: u64,
    high: u64,
    /// When the last complete fact happened.
    last_at: SimTime,
    /// How many facts lie between two checkpoints: a power of two (count).
    spacing: u64,
    /// The number of the fact after which the next checkpoint is due (count).
    next: u64,
    /// How many facts are missing until then (count).
    missing: u64,
    checkpoints: Vec<Checkpoint>,
}

impl Digest {
    /// The digest of nothing.
    pub const fn new() -> Self {
        Self {
            low: START.0,
            high: START.1,
            last_at: SimTime::ZERO,
            spacing: 1,
            next: 1,
            missing: 1,
            checkpoints: Vec::new(),
        }
    }

    /// Mixes one word of the current fact in.
    #[inline]
    pub const fn mix(&mut self, word: u64) {
        (self.low, self.high) = mixed(self.low, self.high, word);
    }

    /// Mixes two words of the current fact in with one step: `low` into the low lane, `high` into
    /// the high one. The step can still be undone when the words are known, so a single changed
    /// fact always changes the digest.
    #[inline]
    pub const fn mix_pair(&mut self, low: u64, high: u64) {
        (self.low, self.high) = mixed(self.low, self.high ^ high, low);
    }

    /// The current fact is complete and happened at `at`. The instant is mixed in here.
    #[inline]
    pub fn fact_done(&mut self, at: SimTime) {
        self.mix(at.as_ns());
        self.fact_mixed(at);
    }

    /// The current fact is complete and happened at `at`, which its words have told already.
    #[inline]
    pub fn fact_mixed(&mut self, at: SimTime) {
        self.last_at = at;
        self.missing -= 1;
        if self.missing == 0 {
            self.keep_checkpoint();
        }
    }

    /// How many facts are complete (count).
    pub const fn facts(&self) -> u64 {
        self.next - self.missing
    }

    /// The digest of all that was mixed in so far.
    pub const fn value(&self) -> u128 {
        let (low, high) = mixed(self.low, self.high, self.facts());
        let (low, high) = mixed(low, high, 0);
        ((high as u128) << 64) | low as u128
    }

    /// Checkpoints after every so many facts, at most [`MAX_CHECKPOINTS`].
    pub fn checkpoints(&self) -> &[Checkpoint] {
        &self.checkpoints
    }

    /// The checkpoints, and the state now as the last one: what [`first_difference`] compares.
    pub fn trail(&self) -> Vec<Checkpoint> {
        let end = self.checkpoint();
        let before = self
            .checkpoints
            .iter()
            .filter(|kept| kept.facts < end.facts);
        before.copied().chain([end]).collect()
    }

    const fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            facts: self.facts(),
            at: self.last_at,
            value: self.value(),
        }
    }

    /// Keeps a checkpoint after every `spacing` facts; when they are too many, every second goes.
    #[cold]
    fn keep_checkpoint(&mut self) {
        if self.checkpoints.len() == MAX_CHECKPOINTS {
            self.spacing *= 2;
            let spacing = self.spacing;
            self.checkpoints
                .retain(|kept| kept.facts.is_multiple_of(spacing));
        } else {
            self.checkpoints.push(self.checkpoint());
        }
        let facts = self.facts();
        self.next = (facts / self.spacing + 1) * self.spacing;
        self.missing = self.next - facts;
    }
}

impl Default for Digest {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex(self.value()))
    }
}

/// A digest as people see it: 32 hexadecimal digits.
pub fn hex(value: u128) -> String {
    format!("{value:032x}")
}

/// One step of the mixing function on the two lanes.
#[inline]
const fn mixed(low: u64, high: u64, word: u64) -> (u64, u64) {
    let product = (low ^ word) as u128 * MULTIPLIER as u128;
    let high = high
        .wrapping_mul(MULTIPLIER)
        .wrapping_add((product >> 64) as u64);
    (product as u64 ^ high, high)
}

/// A stretch of a run in which two runs part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The runs agree on the first so many facts (count).
    pub after_fact: u64,
    /// One of the facts up to this number, the first being 1, differs or is missing in one run.
    pub until_fact: u64,
    /// When the last fact known to agree happened.
    pub from: SimTime,
    /// By when, at the latest, the differing fact happened.
    pub to: SimTime,
}

/// Names the first interval between checkpoints in which two runs differ; `None` if they are equal.
///
/// Takes what [`Digest::trail`] returned for each run. Spacings may differ: they are powers of two,
/// so the checkpoints of the longer run are among those of the shorter one, as far as it goes.
pub fn first_difference(a: &[Checkpoint], b: &[Checkpoint]) -> Option<Interval> {
    let mut agreed = (0, SimTime::ZERO);
    for (in_a, in_b) in common(a, b) {
        if in_a != in_b {
            let to = in_a.at.max(in_b.at);
            return Some(interval(agreed, in_a.facts, to));
        }
        agreed = (in_a.facts, in_a.at);
    }
    let (end_a, end_b) = (a.last()?, b.last()?);
    let (shorter, longer) = if end_a.facts < end_b.facts {
        (end_a, b)
    } else {
        (end_b, a)
    };
    // All that both have agrees; the longer run's next fact is missing in the other at the latest.
    let beyond = longer.iter().find(|mark| mark.facts > shorter.facts)?;
    let to = shorter.at.max(beyond.at);
    Some(interval(agreed, shorter.facts + 1, to))
}

fn interval(agreed: (u64, SimTime), until_fact: u64, to: SimTime) -> Interval {
    Interval {
        after_fact: agreed.0,
        until_fact,
        from: agreed.1,
        to,
    }
}

/// The pairs of checkpoints after the same number of facts.
fn common<'a>(
    a: &'a [Checkpoint],
    b: &'a [Checkpoint],
) -> impl Iterator<Item = (&'a Checkpoint, &'a Checkpoint)> {
    a.iter().filter_map(|in_a| {
        let place = b
            .binary_search_by_key(&in_a.facts, |in_b| in_b.facts)
            .ok()?;
        Some((in_a, &b[place]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of_words(words: &[u64]) -> u128 {
        let mut digest = Digest::new();
        for &word in words {
            digest.mix(word);
        }
        digest.value()
    }

    /// A run of facts 1, 2, ... at 10, 20, ... ns, in which one fact may be different.
    fn run(facts: u64, different: Option<u64>) -> Digest {
        let mut digest = Digest::new();
        for fact in 1..=facts {
            digest.mix(if different == Some(fact) { 0 } else { fact });
            digest.fact_done(SimTime::from_ns(fact * 10));
        }
        digest
    }

    /// Computed by another program, straight from the rule at the head of this file.
    #[test]
    fn the_value_is_pinned() {
        assert_eq!(hex(of_words(&[])), "508e55d1599cadc32c844020c5c7a6d3");
        assert_eq!(
            hex(of_words(&[0, 1, u64::MAX])),
            "26662d12cb2cc23cff94550c4237ad87"
        );
        assert_eq!(
            run(1_000, None).to_string(),
            "08a6fa3dba8d6e8d2a5eb47200016090"
        );
    }

    #[test]
    fn words_of_zero_count_too() {
        assert_ne!(of_words(&[]), of_words(&[0]));
        assert_ne!(of_words(&[0]), of_words(&[0, 0]));
    }

    #[test]
    fn a_fact_includes_its_instant_and_its_end() {
        let digest_at = |ns| {
            let mut digest = Digest::new();
            digest.fact_done(SimTime::from_ns(ns));
            digest.value()
        };
        assert_ne!(digest_at(1), digest_at(2));
        assert_ne!(digest_at(1), of_words(&[1]));
    }

    #[test]
    fn checkpoints_thin_out_and_stay_multiples() {
        for (facts, kept, spacing) in [
            (512, 512, 1),
            (513, 256, 2),
            (514, 257, 2),
            (1_024, 512, 2),
            (1_025, 512, 2),
            (1_026, 256, 4),
            (100_000, 390, 256),
        ] {
            let digest = run(facts, None);
            let numbers: Vec<u64> = digest.checkpoints().iter().map(|mark| mark.facts).collect();
            let expected: Vec<u64> = (1..=kept).map(|place| place * spacing).collect();
            assert_eq!(numbers, expected, "{facts} facts");
        }
    }

    #[test]
    fn a_checkpoint_is_the_digest_of_the_run_so_far() {
        let digest = run(5_000, None);
        for mark in digest.checkpoints().iter().step_by(50) {
            let so_far = run(mark.facts, None);
            assert_eq!(mark.value, so_far.value());
            assert_eq!(mark.at, SimTime::from_ns(mark.facts * 10));
        }
    }

    #[test]
    fn equal_runs_have_no_difference() {
        for facts in [0, 1, 512, 700] {
            let trail = run(facts, None).trail();
            assert_eq!(first_difference(&trail, &trail), None, "{facts} facts");
        }
    }

    #[test]
    fn the_interval_holds_the_first_differing_fact() {
        let good = run(3_000, None).trail();
        for different in [1, 8, 9, 2_999, 3_000] {
            let found = first_difference(&good, &run(3_000, Some(different)).trail()).unwrap();
            assert!(found.after_fact < different && different <= found.until_fact);
            assert!(found.until_fact - found.after_fact <= 8);
            assert_eq!(found.from, SimTime::from_ns(found.after_fact * 10));
            assert_eq!(found.to, SimTime::from_ns(found.until_fact * 10));
        }
    }

    #[test]
    fn runs_of_different_lengths_are_compared_as_far_as_both_go() {
        let (short, long) = (run(600, None).trail(), run(3_000, None).trail());
        let found = first_difference(&short, &long).unwrap();
        assert_eq!((found.after_fact, found.until_fact), (600, 601));
        assert_eq!(first_difference(&long, &short), Some(found));
        let found = first_difference(&run(0, None).trail(), &long).unwrap();
        assert_eq!((found.after_fact, found.until_fact), (0, 1));
        let early = first_difference(&run(600, Some(5)).trail(), &long).unwrap();
        assert_eq!((early.after_fact, early.until_fact), (0, 8));
    }

    proptest! {
        #[test]
        fn one_changed_bit_changes_the_value(
            mut words in prop::collection::vec(any::<u64>(), 1..50),
            place in any::<prop::sample::Index>(),
            bit in 0..64u32,
        ) {
            let before = of_words(&words);
            *place.get_mut(&mut words) ^= 1u64 << bit;
            prop_assert_ne!(before, of_words(&words));
        }

        #[test]
        fn order_matters(words in prop::collection::vec(any::<u64>(), 2..50)) {
            let mut swapped = words.clone();
            swapped.swap(0, 1);
            prop_assert_eq!(words == swapped, of_words(&words) == of_words(&swapped));
        }
    }
}
