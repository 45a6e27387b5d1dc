//! A generator so simple that programs in other languages have it too: for tests of long sequences that such
//! a program worked out.

/// The next number below 2^31 (Knuth's constants of MMIX, 64 bits, the upper half).
pub(crate) fn next(state: &mut u64) -> u32 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as u32
}
