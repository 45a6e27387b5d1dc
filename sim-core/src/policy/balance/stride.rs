//! Turns in strides: a counter walks through the instances, and light ones let it pass most times.
//!
//! Place `i` of `n` comes with every n-th number; in round `g` it is taken if its weight, added up over
//! the rounds, has just stepped over a multiple of the greatest weight. So nothing is stored but the
//! counter, which many threads may share.
//!
//! The rule is gRPC's static stride scheduler (grpc-go, `weightedroundrobin/scheduler.go`): weights are
//! scaled so that the greatest is 65535 and rounded; a number is passed over if
//! `(w·g + i·32767) mod 65535 < 65535 - w`; the counter starts anywhere. Who is not allowed has its
//! turn in vain.
//!
//! Rejected: what the weights are made of there, usage that each host reports (a scenario says them).

use super::slow_start::Scales;
use crate::random::Uniforms;

const MOST: u64 = 65_535;
const OFFSET: u64 = MOST / 2;
/// Rounds in which one that is allowed is looked for, before the next one is taken \[count\].
const ROUNDS: u64 = 16;

/// The counter, and the scaled weights by place in the rotation.
#[derive(Clone, Debug, Default)]
pub(super) struct Stride {
    scaled: Vec<u64>,
    next: u64,
}

impl Stride {
    /// Begins anywhere with these; nothing but their weights changes if it has begun.
    pub(super) fn begin<U: Uniforms>(
        &mut self,
        slots: &[u32],
        scales: &Scales<'_>,
        anew: bool,
        u: &mut U,
    ) {
        let most = slots.iter().map(|&slot| scales.of(slot)).max();
        let stretch = MOST as f64 / most.unwrap_or(1) as f64;
        let stretched = |&slot: &u32| (stretch * scales.of(slot) as f64).round() as u64;
        self.scaled.clear();
        self.scaled.extend(slots.iter().map(stretched));
        if anew {
            self.next = u.below(1 << 32);
        }
    }

    /// Whose turn it is among those allowed.
    pub(super) fn pick(&mut self, slots: &[u32], allowed: impl Fn(u32) -> bool) -> Option<u32> {
        let count = slots.len() as u64;
        let mut place = 0;
        // The heaviest has a turn in every round: more rounds are for who was not allowed.
        for _ in 0..ROUNDS * count {
            let number = self.next;
            self.next += 1;
            let round = number / count;
            place = (number % count) as usize;
            let weight = self.scaled[place];
            let passes = (weight * round + place as u64 * OFFSET) % MOST < MOST - weight;
            if !passes && allowed(slots[place]) {
                return Some(slots[place]);
            }
        }
        let (before, from) = slots.split_at(place);
        from.iter()
            .chain(before)
            .copied()
            .find(|&slot| allowed(slot))
    }
}
