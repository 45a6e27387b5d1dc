//! The least loaded for its weight, with the attempt that is to come counted in.
//!
//! The rule is `HAProxy`'s leastconn: who has nothing outstanding is first, whatever it weighs; then comes
//! the least `(outstanding + 1) / weight`, in whole 4096ths of a sixteenth; of equals who changed longest
//! ago. `HAProxy` keeps all in a tree; here they play a knock-out, of which a change plays the
//! matches of one again.
//!
//! Rejected: a heap (who is not at its top can change too, so each would have to be found in it).

use super::places::Places;
use super::slow_start::ONE;

/// `HAProxy`'s keys are whole numbers of so many parts of an attempt per weight: 4096 / 16.
const SCALE: u64 = 256;

/// What an instance is compared by: the least is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    load: u64,
    /// The number of the last change of what is outstanding.
    changed: u64,
}

impl Key {
    const NOBODY: Self = Self {
        load: u64::MAX,
        changed: u64::MAX,
    };

    /// Of so many outstanding at one that weighs so much \[1/65536\].
    pub(super) fn new(outstanding: u32, weight: u64, changed: u64) -> Self {
        let load = match outstanding {
            0 => 0,
            some => (u64::from(some) + 1) * SCALE * ONE / weight,
        };
        Self { load, changed }
    }
}

/// All of a rotation, by what they have outstanding.
#[derive(Clone, Debug, Default)]
pub(super) struct WithNext {
    places: Places,
    /// By match, as in a heap: 1 is the final, 2m and 2m + 1 are before m, the places come last.
    matches: Vec<(Key, u32)>,
}

impl WithNext {
    /// The first of those allowed; `anew`: they, or their weights, are others than last time.
    pub(super) fn pick(
        &mut self,
        slots: &[u32],
        anew: bool,
        key: impl Fn(u32) -> Key,
        takes_any: bool,
        allowed: impl Fn(u32) -> bool,
    ) -> Option<u32> {
        if anew || self.places.slots().is_empty() {
            self.begin(slots, &key);
        } else {
            self.refresh(slots, &key);
        }
        let first = if takes_any {
            *self.matches.get(1)?
        } else {
            let mut first = (Key::NOBODY, u32::MAX);
            self.search(1, &|place| allowed(slots[place as usize]), &mut first);
            first
        };
        slots.get(first.1 as usize).copied()
    }

    /// What is outstanding at a slot is another number.
    #[inline]
    pub(super) fn touch(&mut self, slot: u32) {
        self.places.touch(slot);
    }

    /// What it knows is no longer true.
    pub(super) fn drop_all(&mut self) {
        self.places.clear();
    }

    fn begin(&mut self, slots: &[u32], key: &impl Fn(u32) -> Key) {
        self.places.begin(slots);
        let leaves = slots.len().next_power_of_two().max(2);
        self.matches.clear();
        self.matches.resize(2 * leaves, (Key::NOBODY, u32::MAX));
        for (place, &slot) in (0..).zip(slots) {
            self.matches[leaves + place as usize] = (key(slot), place);
        }
        for number in (1..leaves).rev() {
            self.play(number);
        }
    }

    fn refresh(&mut self, slots: &[u32], key: &impl Fn(u32) -> Key) {
        while let Some(place) = self.places.next_stale() {
            let mut number = self.matches.len() / 2 + place as usize;
            let mut winner = (key(slots[place as usize]), place);
            self.matches[number] = winner;
            while number > 1 {
                // Of equals, the one at the first place has the lower number.
                winner = winner.min(self.matches[number ^ 1]);
                number /= 2;
                let before = std::mem::replace(&mut self.matches[number], winner);
                if before == winner {
                    break;
                }
            }
        }
    }

    /// Of equals the one at the first place wins.
    #[inline]
    fn play(&mut self, number: usize) {
        let (left, right) = (self.matches[2 * number], self.matches[2 * number + 1]);
        self.matches[number] = if right.0 < left.0 { right } else { left };
    }

    /// The first of those allowed from this match down, if it comes before who was found.
    fn search(&self, number: usize, allowed: &impl Fn(u32) -> bool, first: &mut (Key, u32)) {
        let here = self.matches[number];
        if here >= *first {
            return;
        }
        if allowed(here.1) {
            *first = here;
        } else if 2 * number < self.matches.len() {
            self.search(2 * number, allowed, first);
            self.search(2 * number + 1, allowed, first);
        }
    }
}
