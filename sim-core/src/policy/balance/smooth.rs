//! Smooth weighted turns: the turns of a heavy instance lie as far apart as they can.
//!
//! With weights 5, 1, 1 the plain way, `a a a a a b c`, sends five attempts in a row to one instance;
//! this one goes `a a b a c a a`. Each instance has an account; at each turn it gets its weight, the
//! fullest account wins (the first of equals), and pays what all have got.
//!
//! The rule is nginx': `ngx_http_upstream_get_peer`. Who is not allowed gets nothing and pays nothing,
//! as a peer that was tried already; accounts are kept while an instance is out of rotation.
//!
//! Rejected: a list of turns made in advance (as long as the sum of the weights, and wrong as soon as
//! one instance is left out).

use super::slow_start::Scales;

/// The account of each instance, by slot.
#[derive(Clone, Debug, Default)]
pub(super) struct Smooth {
    accounts: Vec<i64>,
}

impl Smooth {
    /// Whose turn it is among these.
    pub(super) fn pick(
        &mut self,
        slots: impl Iterator<Item = u32>,
        scales: &Scales<'_>,
    ) -> Option<u32> {
        let (mut best, mut most, mut total) = (None, i64::MIN, 0);
        for slot in slots {
            let weight = scales.of(slot) as i64;
            let account = self.account(slot);
            *account += weight;
            total += weight;
            if *account > most {
                (best, most) = (Some(slot), *account);
            }
        }
        let best = best?;
        *self.account(best) -= total;
        Some(best)
    }

    fn account(&mut self, slot: u32) -> &mut i64 {
        let line = slot as usize;
        if self.accounts.len() <= line {
            self.accounts.resize(line + 1, 0);
        }
        &mut self.accounts[line]
    }
}
