//! Turns by earliest deadline: each instance comes again one weight-th after its last turn.
//!
//! Whoever has the earliest deadline is next; its new deadline lies `1 / weight` later. With weights 5,
//! 1, 1 it goes `a a a a b c a` for ever. Only the weight at the moment of the turn counts, so what an
//! instance is loaded with later is not seen before its next turn.
//!
//! The rule is Envoy's `EdfScheduler`: deadlines are doubles, of equal ones the one that was put in
//! first comes first, and a new rotation begins anew, some turns in. Who is not allowed takes its turn
//! in vain, as a host that Envoy draws again for.
//!
//! Rejected: exact fractions (other ties than Envoy's: 0.1 three times is more than 0.3).

/// The line of those who wait for their turn.
#[derive(Clone, Debug, Default)]
pub(super) struct Deadlines {
    /// A heap: nobody comes before the one at half its place.
    waiting: Vec<Turn>,
    /// Turns put in so far \[count\].
    put_in: u64,
}

#[derive(Clone, Copy, Debug)]
struct Turn {
    deadline: f64,
    order: u64,
    slot: u32,
}

impl Turn {
    fn comes_before(&self, other: &Self) -> bool {
        let by_deadline = self.deadline.total_cmp(&other.deadline);
        by_deadline.then(self.order.cmp(&other.order)).is_lt()
    }
}

impl Deadlines {
    /// Begins with these, none of which has had a turn.
    pub(super) fn begin(&mut self, slots: &[u32], weight: impl Fn(u32) -> f64) {
        self.waiting.clear();
        self.put_in = 0;
        for &slot in slots {
            let turn = self.turn(0.0, slot, &weight);
            self.waiting.push(turn);
        }
        self.waiting.sort_unstable_by(|a, b| {
            a.deadline
                .total_cmp(&b.deadline)
                .then(a.order.cmp(&b.order))
        });
    }

    fn turn(&mut self, now: f64, slot: u32, weight: impl Fn(u32) -> f64) -> Turn {
        let order = self.put_in;
        self.put_in += 1;
        let deadline = now + 1.0 / weight(slot);
        Turn {
            deadline,
            order,
            slot,
        }
    }

    /// Whose turn it is among those allowed.
    pub(super) fn pick(
        &mut self,
        allowed: impl Fn(u32) -> bool,
        weight: impl Fn(u32) -> f64,
    ) -> Option<u32> {
        for _ in 0..self.waiting.len() {
            let slot = self.next(&weight)?;
            if allowed(slot) {
                return Some(slot);
            }
        }
        // One that is heavy has all turns: pass over it.
        let among = self.waiting.iter().filter(|turn| allowed(turn.slot));
        let first = among.reduce(|a, b| if b.comes_before(a) { b } else { a });
        first.map(|turn| turn.slot)
    }

    /// Whose turn it is; it waits for its next one.
    pub(super) fn next(&mut self, weight: impl Fn(u32) -> f64) -> Option<u32> {
        let &Turn { deadline, slot, .. } = self.waiting.first()?;
        let turn = self.turn(deadline, slot, weight);
        self.sink(turn);
        Some(slot)
    }

    /// Puts a turn in the place of the first and restores the order.
    fn sink(&mut self, turn: Turn) {
        let waiting = &mut self.waiting;
        let mut place = 0;
        loop {
            let mut child = 2 * place + 1;
            if child >= waiting.len() {
                break;
            }
            if waiting
                .get(child + 1)
                .is_some_and(|it| it.comes_before(&waiting[child]))
            {
                child += 1;
            }
            if turn.comes_before(&waiting[child]) {
                break;
            }
            waiting[place] = waiting[child];
            place = child;
        }
        waiting[place] = turn;
    }
}
