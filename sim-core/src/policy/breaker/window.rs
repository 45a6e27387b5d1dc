//! What a closed breaker counts.
//!
//! Think of a short strip of lamps, one per result: green for a success, red for a failure. A new
//! result lights a lamp at one end, the oldest goes out at the other. The breaker looks at how
//! many lamps are on and how many are red.
//!
//! The rule: `Calls(n)` keeps the last `n` *results* (not calls that began, not rejected ones) in a
//! ring of bits with a running count, so recording costs the same for every `n`. `Consecutive`
//! keeps one number, the failures since the last success. Cancelled passes are no results.
//!
//! Libraries differ here: resilience4j counts results in a ring (`COUNT_BASED`, 100 by default) or
//! in buckets of a second; gobreaker and opossum count calls that *began*, opossum even those it
//! rejected, so an open breaker looks healthier than it is. Rejected as the default: calls that
//! began, because those in flight count as if they had succeeded; and buckets of time, because what
//! they hold depends on how the clock stands to the first bucket. (gobreaker starts a new
//! generation with each interval, so that a failure slower than the interval never counts:
//! measured.)

/// What the breaker remembers while closed.
///
/// Default of resilience4j: the last 100 results; of gobreaker, pybreaker and Linkerd: the run of
/// failures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Window {
    /// The last so many results \[results\], at least 1.
    Calls(u32),
    /// Nothing but the run of failures since the last success.
    Consecutive,
}

/// What a window holds, for the rule that decides to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tally {
    /// Failures among them \[results\].
    pub failures: u32,
    /// Results in the window \[results\].
    pub results: u32,
    /// Failures since the last success, in the window or not \[results\].
    pub failures_in_a_row: u32,
}

/// The results a closed breaker remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Results {
    failures_in_a_row: u32,
    /// Empty, and without memory of its own, unless the window counts calls.
    ring: BitRing,
}

impl Results {
    /// Takes note of one result.
    pub(super) fn record(&mut self, window: Window, failed: bool) {
        self.failures_in_a_row = if failed {
            self.failures_in_a_row.saturating_add(1)
        } else {
            0
        };
        match window {
            Window::Calls(size) => {
                self.ring.resize(size.max(1));
                self.ring.push(failed);
            }
            // A ring of another window that was in force before is forgotten.
            Window::Consecutive => self.ring = BitRing::default(),
        }
    }

    /// What the window holds now.
    pub(super) fn tally(&self, window: Window) -> Tally {
        let failures_in_a_row = self.failures_in_a_row;
        let (failures, results) = match window {
            Window::Calls(_) => (self.ring.ones, self.ring.len),
            Window::Consecutive => (failures_in_a_row, failures_in_a_row),
        };
        Tally {
            failures,
            results,
            failures_in_a_row,
        }
    }
}

/// The last so many bits, and how many of them are set.
#[derive(Clone, Debug, Default, PartialEq)]
struct BitRing {
    /// The bits, 64 to a word.
    words: Box<[u64]>,
    /// Bits it can hold \[bits\].
    size: u32,
    /// Bits it holds \[bits\].
    len: u32,
    /// Where the next bit goes; the oldest bit once the ring is full.
    next: u32,
    /// Set bits among those it holds \[bits\].
    ones: u32,
}

impl BitRing {
    /// Makes room for `size` bits; when it shrinks, the newest stay.
    fn resize(&mut self, size: u32) {
        if self.size == size {
            return;
        }
        let words = (size as usize).div_ceil(64);
        let mut resized = Self {
            words: vec![0; words].into_boxed_slice(),
            size,
            ..Self::default()
        };
        for age in (0..self.len.min(size)).rev() {
            resized.push(self.bit(self.place_of(age)));
        }
        *self = resized;
    }

    /// Adds a bit, in the place of the oldest when full.
    fn push(&mut self, bit: bool) {
        if self.len < self.size {
            self.len += 1;
        } else {
            self.ones -= u32::from(self.bit(self.next));
        }
        self.ones += u32::from(bit);
        self.set(self.next, bit);
        self.next = if self.next + 1 == self.size {
            0
        } else {
            self.next + 1
        };
    }

    /// Where the bit of this age lies; 0 is the newest.
    fn place_of(&self, age: u32) -> u32 {
        let back = age + 1;
        if self.next >= back {
            self.next - back
        } else {
            self.next + (self.size - back)
        }
    }

    fn bit(&self, place: u32) -> bool {
        self.words[place as usize / 64] >> (place % 64) & 1 == 1
    }

    fn set(&mut self, place: u32, bit: bool) {
        let word = &mut self.words[place as usize / 64];
        *word = *word & !(1 << (place % 64)) | u64::from(bit) << (place % 64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn recorded(window: Window, results: &str) -> Results {
        let mut kept = Results::default();
        for result in results.chars() {
            kept.record(window, result == 'x');
        }
        kept
    }

    #[test]
    fn windows_count_what_they_say() {
        let check = |title: &str, window, results: &str, failures, of| {
            let tally = recorded(window, results).tally(window);
            assert_eq!((tally.failures, tally.results), (failures, of), "{title}");
        };
        check("nothing yet", Window::Calls(3), "", 0, 0);
        check("a window that fills", Window::Calls(3), "x.", 1, 2);
        check("the oldest result leaves", Window::Calls(3), "xx..", 1, 3);
        check("all old results left", Window::Calls(2), "xxx..", 0, 2);
        check("a window of one", Window::Calls(1), ".x", 1, 1);
        check(
            "a window of none is one of one",
            Window::Calls(0),
            "x",
            1,
            1,
        );
        check("a run of failures", Window::Consecutive, ".xxx", 3, 3);
        check("a success ends the run", Window::Consecutive, "xxx.", 0, 0);
    }

    #[test]
    fn a_run_may_be_longer_than_the_window() {
        let tally = recorded(Window::Calls(2), "xxxx").tally(Window::Calls(2));
        assert_eq!((tally.results, tally.failures_in_a_row), (2, 4));
    }

    #[test]
    fn a_smaller_window_keeps_the_newest_results() {
        let mut kept = recorded(Window::Calls(4), "xxx...x");
        kept.record(Window::Calls(3), false);
        let tally = kept.tally(Window::Calls(3));
        assert_eq!((tally.failures, tally.results), (1, 3));
    }

    #[test]
    fn a_larger_window_keeps_all_results() {
        let mut kept = recorded(Window::Calls(3), "..xx");
        kept.record(Window::Calls(100), true);
        let tally = kept.tally(Window::Calls(100));
        assert_eq!((tally.failures, tally.results), (3, 4));
    }

    #[test]
    fn counting_a_run_needs_no_memory_of_its_own() {
        assert!(recorded(Window::Consecutive, "xxx").ring.words.is_empty());
    }

    proptest! {
        #[test]
        fn the_ring_agrees_with_a_list(
            size in 1_u32..150,
            then in 1_u32..150,
            results in prop::collection::vec(any::<bool>(), 0..400),
        ) {
            let mut kept = Results::default();
            let half = results.len() / 2;
            for (index, &failed) in results.iter().enumerate() {
                kept.record(Window::Calls(if index < half { size } else { then }), failed);
            }
            let in_force = if results.len() == half { size } else { then };
            // What the first window had lost before the change stays lost.
            let survivors = half.min(size as usize) + results.len() - half;
            let len = survivors.min(in_force as usize);
            let last = &results[results.len() - len..];
            let tally = kept.tally(Window::Calls(in_force));
            prop_assert_eq!(tally.results as usize, len);
            prop_assert_eq!(tally.failures as usize, last.iter().filter(|&&failed| failed).count());
        }
    }
}
