//! Smooth weighted turns: the turns of a heavy instance lie as far apart as they can.
//!
//! With weights 5, 1, 1 the plain way, `a a a a a b c`, sends five attempts in a row to one instance;
//! this one goes `a a b a c a a`. Each instance has an account; at each turn it gets its weight, the
//! fullest account wins (the first of equals), and pays what all have got.
//!
//! The rule is nginx': `ngx_http_upstream_get_peer`. Who is not allowed gets nothing and pays nothing,
//! as a peer that was tried already; accounts are kept while an instance is out of rotation.
//!
//! Every turn looks at all accounts. Where nobody is left out and nobody is in a ramp, they lie side by
//! side as narrow numbers, and the fullest is looked for by blocks, which the compiler turns into steps of
//! several at a time.
//!
//! Rejected: a list of turns made in advance (as long as the sum of the weights, and wrong as soon as
//! one instance is left out).

use super::slow_start::{ONE, Scales};

/// The account of each instance, by slot, in units of a weight; with ramps in 1/65536 of one.
#[derive(Clone, Debug, Default)]
pub(super) struct Smooth {
    accounts: Vec<i64>,
    /// The same, where no account can need more and no ramp is asked for.
    narrow: Vec<Block>,
    /// Weights beside them.
    weights: Vec<Block>,
    /// How many of them there are \[count\].
    count: usize,
    total: i32,
    /// Whether they can lie so, for this rotation.
    is_small: bool,
}

/// Accounts that are looked at together \[count\].
const BLOCK: usize = 32;
type Block = [i32; BLOCK];
/// Numbers that a step takes at once \[count\].
const LANES: usize = 4;
/// What all weights together may be, for narrow accounts.
const MOST: u64 = 1 << 29;

impl Smooth {
    /// Whose turn it is among all of these; `anew`: they are others than last time.
    pub(super) fn pick_of_all(
        &mut self,
        slots: &[u32],
        scales: &Scales<'_>,
        anew: bool,
    ) -> Option<u32> {
        if anew || (self.total == 0 && self.is_small) {
            self.total = self.lay(slots, scales);
            self.is_small = self.total > 0;
        }
        if self.total == 0 {
            return self.pick(slots.iter().copied(), scales);
        }
        let mut best = (0, i32::MIN);
        let blocks = self.narrow.iter_mut().zip(&self.weights);
        for (number, (accounts, weights)) in blocks.enumerate() {
            let most = pay_in(accounts, weights);
            if most > best.1 {
                best = (number, most);
            }
        }
        let block = &mut self.narrow[best.0];
        let place = block.iter().position(|&account| account == best.1)?;
        block[place] -= self.total;
        Some(slots[best.0 * BLOCK + place])
    }

    /// Lays the accounts of these slots side by side: their total, or 0 if they are too much for that,
    /// or not all there are.
    fn lay(&mut self, slots: &[u32], scales: &Scales<'_>) -> i32 {
        let whole = slots
            .last()
            .is_some_and(|&last| last as usize + 1 == slots.len());
        let total: u64 = slots.iter().map(|&slot| scales.of(slot) / ONE).sum();
        self.spread_out();
        if !whole || total > MOST || scales.slow_start.is_some() {
            return 0;
        }
        let accounts = &self.accounts;
        let account = |&slot: &u32| accounts.get(slot as usize).map_or(0, |it| *it as i32);
        let weight = |&slot: &u32| (scales.of(slot) / ONE) as i32;
        for slots in slots.chunks(BLOCK) {
            let mut block = [NOBODY; BLOCK];
            let mut weights = [0; BLOCK];
            for (place, slot) in slots.iter().enumerate() {
                (block[place], weights[place]) = (account(slot), weight(slot));
            }
            self.narrow.push(block);
            self.weights.push(weights);
        }
        self.count = slots.len();
        total as i32
    }

    /// Takes the accounts back from where they lay side by side.
    fn spread_out(&mut self) {
        let accounts = self.narrow.iter().flatten().take(self.count);
        for (slot, &account) in accounts.enumerate() {
            if self.accounts.len() <= slot {
                self.accounts.push(0);
            }
            self.accounts[slot] = account.into();
        }
        self.narrow.clear();
        self.weights.clear();
        (self.total, self.count) = (0, 0);
    }

    /// Whose turn it is among some of these.
    pub(super) fn pick(
        &mut self,
        slots: impl Iterator<Item = u32>,
        scales: &Scales<'_>,
    ) -> Option<u32> {
        self.spread_out();
        let unit = if scales.slow_start.is_some() { 1 } else { ONE };
        let (mut best, mut most, mut total) = (None, i64::MIN, 0);
        for slot in slots {
            let weight = (scales.of(slot) / unit).cast_signed();
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

/// The account of a place without an instance: less than any other.
const NOBODY: i32 = i32::MIN / 2;

/// Adds weights to accounts; the fullest account.
fn pay_in(accounts: &mut Block, weights: &Block) -> i32 {
    let mut most = [i32::MIN; LANES];
    for (accounts, weights) in accounts
        .chunks_exact_mut(LANES)
        .zip(weights.chunks_exact(LANES))
    {
        for lane in 0..LANES {
            accounts[lane] += weights[lane];
            most[lane] = most[lane].max(accounts[lane]);
        }
    }
    most.into_iter().fold(i32::MIN, i32::max)
}
