//! Any instance, each as likely as it weighs.
//!
//! Where each begins on a line of all weights is written down once for a rotation; a draw is a place
//! on that line. Who is not allowed is drawn in vain; then one draw among the allowed decides.

use super::slow_start::Scales;
use crate::random::Uniforms;

/// Where the weights of a rotation end, on a line of all of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Spread {
    ends: Vec<u64>,
}

impl Spread {
    pub(super) fn begin(&mut self, slots: &[u32], scales: &Scales<'_>) {
        let weights = slots.iter().map(|&slot| scales.of(slot));
        self.lay(weights);
    }

    fn lay(&mut self, weights: impl Iterator<Item = u64>) {
        self.ends.clear();
        let mut end = 0;
        self.ends.extend(weights.map(|weight| {
            end += weight;
            end
        }));
    }

    /// One of those allowed.
    pub(super) fn pick<U: Uniforms>(
        &self,
        slots: &[u32],
        scales: &Scales<'_>,
        allowed: impl Fn(u32) -> bool,
        u: &mut U,
    ) -> Option<u32> {
        let place = u.below(*self.ends.last()?);
        let slot = slots[self.ends.partition_point(|&end| end <= place)];
        if allowed(slot) {
            return Some(slot);
        }
        let left = || slots.iter().copied().filter(|&slot| allowed(slot));
        let total: u64 = left().map(|slot| scales.of(slot)).sum();
        if total == 0 {
            return None;
        }
        let mut place = u.below(total);
        left().find(|&slot| {
            let weight = scales.of(slot);
            let here = place < weight;
            place = place.saturating_sub(weight);
            here
        })
    }
}
