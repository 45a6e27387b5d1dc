//! The line of those who wait for a thread, and who is taken next.
//!
//! Most leave by being taken, but under a retry storm many leave from the middle, because their
//! caller has given up. So every entry has a place of its own, which never moves while it waits;
//! the places are linked in order of arrival, and leaving from anywhere takes a handful of steps.
//! The caller keeps the [`QueuePlace`] that `push` returned and hands it back to leave.
//!
//! An entry takes 12 bytes: handle, previous, next. Free places are linked too and used again, so a
//! room that has once been as full as it gets allocates no more. Random order needs the entries
//! numbered from 0 to n - 1: another 8 bytes each, in a room that was ever asked for it. The order
//! of arrival outlives random picks, so a discipline may change at any moment.
//!
//! Rejected: a ring buffer with tombstones for those who left (8 bytes an entry), because under
//! LIFO tombstones pile up above an old entry, cleaning up moves places, and a random pick has to
//! find the k-th that is no tombstone; one array with `swap_remove`, because it loses the order of
//! arrival and moves the place of somebody else.

use super::discipline::Discipline;
use super::numbers::{NONE, Numbers};
use super::order::{Joins, Order};
use crate::time::SimTime;

/// Where an entry waits; valid until it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuePlace(u32);

impl QueuePlace {
    /// The place as a plain number, for those who keep it without knowing what it is.
    pub const fn to_bits(self) -> u32 {
        self.0
    }

    /// The place of which [`Self::to_bits`] gave the number.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }
}

/// Those who wait, by handle, in order of arrival.
#[derive(Clone, Debug)]
pub struct WaitingRoom {
    places: Vec<Entry>,
    /// Place of who has waited longest.
    oldest: u32,
    /// Place of who came last.
    newest: u32,
    /// The first free place; free places are chained by `next`.
    free: u32,
    /// How many wait (count).
    len: u32,
    /// What the order of arrival does not say.
    more: Option<Box<More>>,
}

/// What the order of arrival does not say of those who wait.
#[derive(Clone, Debug)]
enum More {
    /// The entries by number, once a random pick has been asked for.
    Numbers(Numbers),
    /// An order of their own.
    Order(Order),
}

impl More {
    #[inline(never)]
    fn add(&mut self, place: u32, joins: Joins) {
        match self {
            Self::Numbers(numbers) => numbers.add(place),
            Self::Order(order) => order.add(place, joins),
        }
    }

    fn remove(&mut self, place: u32) {
        match self {
            Self::Numbers(numbers) => numbers.remove(place),
            Self::Order(order) => order.remove(place),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    handle: u32,
    /// Place of who came just before.
    previous: u32,
    /// Place of who came just after.
    next: u32,
}

impl WaitingRoom {
    /// An empty room without memory.
    pub const fn new() -> Self {
        Self {
            places: Vec::new(),
            oldest: NONE,
            newest: NONE,
            free: NONE,
            len: 0,
            more: None,
        }
    }

    /// How many wait (count).
    #[inline]
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether nobody waits.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Who has waited longest.
    pub fn oldest(&self) -> Option<u32> {
        self.places
            .get(self.oldest as usize)
            .map(|entry| entry.handle)
    }

    /// The handles of all who wait, in order of arrival.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.in_order().map(|place| self.entry(place).handle)
    }

    /// Joins the line at its end; in a room that was arranged, as one who goes on.
    #[expect(clippy::inline_always, reason = "for every operation that waits")]
    #[inline(always)]
    pub fn push(&mut self, handle: u32) -> QueuePlace {
        self.join(handle, Joins::GoesOn)
    }

    /// Joins the line at its end, and its order where its standing says.
    #[expect(clippy::inline_always, reason = "its rare part is out of line")]
    #[inline(always)]
    pub fn join(&mut self, handle: u32, joins: Joins) -> QueuePlace {
        let place = self.take_place(Entry {
            handle,
            previous: self.newest,
            next: NONE,
        });
        self.link(self.newest, place);
        self.newest = place;
        self.len += 1;
        if let Some(more) = &mut self.more {
            more.add(place, joins);
        }
        QueuePlace(place)
    }

    /// Takes the next one. `pick` is asked only where the discipline draws, and when somebody
    /// waits: given their number n, it returns a number below n. In a room that was arranged it is
    /// that discipline which holds.
    #[expect(clippy::inline_always, reason = "for every operation that waited")]
    #[inline(always)]
    pub fn pop(
        &mut self,
        now: SimTime,
        discipline: Discipline,
        pick: impl FnOnce(u64) -> u64,
    ) -> Option<u32> {
        if self.is_empty() {
            return None;
        }
        let place = if self.more.is_some() {
            self.chosen(now, discipline, pick)
        } else if matches!(discipline, Discipline::Fifo) {
            self.oldest
        } else if matches!(discipline, Discipline::Lifo) {
            self.newest
        } else {
            self.chosen(now, discipline, pick)
        };
        Some(self.leave(place))
    }

    /// The place of the next one, where the order of arrival does not say it, or did not always.
    fn chosen(
        &mut self,
        now: SimTime,
        discipline: Discipline,
        pick: impl FnOnce(u64) -> u64,
    ) -> u32 {
        if let Some(More::Order(order)) = self.more.as_deref_mut() {
            return order.next(now, pick);
        }
        if matches!(discipline, Discipline::Random) {
            self.numbered(pick(u64::from(self.len)))
        } else if matches!(discipline, Discipline::Lifo) {
            self.newest
        } else {
            self.oldest
        }
    }

    /// The line has an order of its own from now on, in which those who go on come first: `joins`
    /// says how each stands who waits, by its handle.
    pub fn arrange(&mut self, discipline: Discipline, joins: impl Fn(u32) -> Joins) {
        let mut order = Order::new(discipline);
        let busy_since = self.order().map(Order::busy_since);
        for place in self.in_order() {
            order.add(place, joins(self.entry(place).handle));
        }
        if let Some(since) = busy_since {
            order.has_been_busy_since(since);
        }
        self.more = Some(Box::new(More::Order(order)));
    }

    /// The order of arrival is the order of the line again.
    pub fn arrange_simply(&mut self) {
        if let Some(More::Order(_)) = self.more.as_deref() {
            self.more = None;
        }
    }

    /// Those who wait and have not begun, in a room that was arranged (count).
    pub fn beginning(&self) -> u32 {
        self.order().map_or(self.len, Order::beginning)
    }

    /// Since when somebody has been waiting who has not begun, in a room that was arranged; of the
    /// last time, if nobody does.
    pub fn busy_since(&self) -> SimTime {
        self.order().map_or(SimTime::ZERO, Order::busy_since)
    }

    /// Places for which there is memory (count).
    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.places.capacity() + self.order().map_or(0, Order::memory)
    }

    fn order(&self) -> Option<&Order> {
        match self.more.as_deref() {
            Some(More::Order(order)) => Some(order),
            Some(More::Numbers(_)) | None => None,
        }
    }

    /// Takes the one who has waited longest among those that `wanted` gives something for, and returns
    /// that.
    pub fn take_oldest<T>(&mut self, wanted: impl Fn(u32) -> Option<T>) -> Option<T> {
        let (place, what) = {
            let mut found = self
                .in_order()
                .filter_map(|place| Some((place, wanted(self.entry(place).handle)?)));
            found.next()?
        };
        self.leave(place);
        Some(what)
    }

    /// Leaves the line. Returns whether `handle` did wait at `place`; if it had left before,
    /// nothing changes, even when somebody else waits there now.
    #[inline]
    pub fn remove(&mut self, place: QueuePlace, handle: u32) -> bool {
        let waits = self.waits_at(place.0, handle);
        if waits {
            self.leave(place.0);
        }
        waits
    }

    /// Whether `handle` waits at `place`.
    pub fn waits(&self, place: QueuePlace, handle: u32) -> bool {
        self.waits_at(place.0, handle)
    }

    /// Everybody leaves; the memory stays.
    pub fn clear(&mut self) {
        self.places.clear();
        (self.oldest, self.newest, self.free) = (NONE, NONE, NONE);
        self.len = 0;
        match self.more.as_deref_mut() {
            Some(More::Numbers(numbers)) => numbers.clear(),
            Some(More::Order(order)) => order.clear(),
            None => {}
        }
    }

    #[inline]
    fn entry(&self, place: u32) -> &Entry {
        &self.places[place as usize]
    }

    fn in_order(&self) -> impl Iterator<Item = u32> {
        let first = (self.oldest != NONE).then_some(self.oldest);
        std::iter::successors(first, |&place| {
            let next = self.entry(place).next;
            (next != NONE).then_some(next)
        })
    }

    /// A free place has itself as `previous`, which no waiting entry has.
    fn waits_at(&self, place: u32, handle: u32) -> bool {
        self.places
            .get(place as usize)
            .is_some_and(|entry| entry.handle == handle && entry.previous != place)
    }

    #[inline]
    fn take_place(&mut self, entry: Entry) -> u32 {
        let place = self.free;
        if let Some(free) = self.places.get_mut(place as usize) {
            self.free = free.next;
            *free = entry;
            return place;
        }
        assert!(self.places.len() < NONE as usize, "a waiting room is full");
        self.places.push(entry);
        (self.places.len() - 1) as u32
    }

    #[expect(
        clippy::inline_always,
        reason = "two places, and one of them is what threads do all the time"
    )]
    #[inline(always)]
    fn leave(&mut self, place: u32) -> u32 {
        let Entry {
            handle,
            previous,
            next,
        } = *self.entry(place);
        self.link(previous, next);
        self.places[place as usize] = Entry {
            handle,
            previous: place,
            next: self.free,
        };
        self.free = place;
        self.len -= 1;
        if let Some(more) = &mut self.more {
            more.remove(place);
        }
        handle
    }

    /// Makes two places neighbours; an end of the chain stands for the ends of the line.
    #[inline]
    fn link(&mut self, previous: u32, next: u32) {
        match self.places.get_mut(previous as usize) {
            Some(entry) => entry.next = next,
            None => self.oldest = next,
        }
        match self.places.get_mut(next as usize) {
            Some(entry) => entry.previous = previous,
            None => self.newest = previous,
        }
    }

    /// The place of the entry with this number; numbers all entries when asked for the first time.
    fn numbered(&mut self, number: u64) -> u32 {
        if let Some(More::Numbers(numbers)) = self.more.as_deref() {
            return numbers.place(number);
        }
        let mut numbers = Numbers::default();
        self.in_order().for_each(|place| numbers.add(place));
        let place = numbers.place(number);
        self.more = Some(Box::new(More::Numbers(numbers)));
        place
    }
}

impl Default for WaitingRoom {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queueing::Discipline::{Fifo, Lifo, Random};
    use proptest::prelude::*;

    const AT: SimTime = SimTime::ZERO;

    fn room_of(handles: impl IntoIterator<Item = u32>) -> (WaitingRoom, Vec<QueuePlace>) {
        let mut room = WaitingRoom::new();
        let places = handles
            .into_iter()
            .map(|handle| room.push(handle))
            .collect();
        (room, places)
    }

    fn none_asked(_: u64) -> u64 {
        panic!("this discipline does not draw")
    }

    #[test]
    fn disciplines_take_in_their_own_order() {
        for (discipline, expected) in [
            (Fifo, [1, 2, 3, 4]),
            (Lifo, [4, 3, 2, 1]),
            // Number 1 each time; the last one inherits the number of who leaves.
            (Random, [2, 4, 3, 1]),
        ] {
            let (mut room, _) = room_of(1..=4);
            let taken: Vec<u32> =
                std::iter::from_fn(|| room.pop(AT, discipline, |n| 1.min(n - 1))).collect();
            assert_eq!(taken, expected, "{discipline:?}");
            assert!(room.is_empty());
        }
    }

    #[test]
    fn who_gives_up_leaves_from_anywhere() {
        let (mut room, places) = room_of(1..=5);
        for leaving in [3, 1, 5] {
            assert!(room.remove(places[leaving as usize - 1], leaving));
        }
        assert_eq!(room.iter().collect::<Vec<_>>(), [2, 4]);
        assert_eq!((room.len(), room.oldest()), (2, Some(2)));
    }

    #[test]
    fn the_oldest_of_a_kind_is_taken_from_wherever_it_waits() {
        let (mut room, _) = room_of(1..=5);
        let even = |handle: u32| handle.is_multiple_of(2).then_some(handle);
        assert_eq!(room.take_oldest(even), Some(2));
        assert_eq!(room.take_oldest(even), Some(4));
        assert_eq!(room.take_oldest(even), None);
        assert_eq!(room.iter().collect::<Vec<_>>(), [1, 3, 5]);
    }

    #[test]
    fn late_news_removes_nobody() {
        let (mut room, places) = room_of([7]);
        assert_eq!(room.pop(AT, Fifo, none_asked), Some(7));
        assert!(!room.remove(places[0], 7), "it has been taken");
        assert_eq!(room.push(8), places[0]);
        assert!(!room.remove(places[0], 7), "somebody else waits there");
        assert_eq!(room.oldest(), Some(8));
    }

    #[test]
    fn an_empty_room_draws_nothing() {
        let mut room = WaitingRoom::new();
        assert_eq!(room.pop(AT, Random, none_asked), None);
        assert_eq!(room.places.capacity(), 0);
    }

    #[test]
    fn a_room_in_steady_state_allocates_nothing() {
        let (mut room, _) = room_of(0..8);
        let capacity = room.places.capacity();
        for handle in 8..10_000 {
            room.pop(AT, Random, |n| u64::from(handle) % n);
            room.push(handle);
        }
        assert_eq!(room.places.capacity(), capacity);
        room.clear();
        assert_eq!((room.len(), room.oldest()), (0, None));
        assert_eq!(room.push(1), QueuePlace(0));
        assert_eq!(room.pop(AT, Random, |_| 0), Some(1));
    }

    #[test]
    fn an_entry_takes_twelve_bytes() {
        assert_eq!(size_of::<Entry>(), 12);
    }

    /// One thing that can happen in a room.
    #[derive(Clone, Debug)]
    enum Step {
        Push,
        Pop(Discipline, u64),
        Remove(prop::sample::Index),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => Just(Step::Push),
            1 => Just(Step::Pop(Fifo, 0)),
            1 => Just(Step::Pop(Lifo, 0)),
            1 => any::<u64>().prop_map(|number| Step::Pop(Random, number)),
            2 => any::<prop::sample::Index>().prop_map(Step::Remove),
        ]
    }

    proptest! {
        /// Against a plain vector in order of arrival.
        #[test]
        fn a_room_is_a_line(steps in prop::collection::vec(step(), 1..200)) {
            let mut room = WaitingRoom::new();
            let mut line: Vec<(u32, QueuePlace)> = Vec::new();
            for (handle, step) in steps.into_iter().enumerate() {
                let handle = handle as u32;
                match step {
                    Step::Push => line.push((handle, room.push(handle))),
                    Step::Pop(discipline, number) => {
                        let taken = room.pop(AT, discipline, |n| number % n);
                        let at = if discipline == Fifo {
                            0
                        } else if discipline == Lifo {
                            line.len().saturating_sub(1)
                        } else {
                            line.iter().position(|&(of, _)| Some(of) == taken).unwrap_or(0)
                        };
                        let expected = (at < line.len()).then(|| line.remove(at).0);
                        prop_assert_eq!(taken, expected);
                    }
                    Step::Remove(index) if !line.is_empty() => {
                        let (handle, place) = line.remove(index.index(line.len()));
                        prop_assert!(room.remove(place, handle));
                        prop_assert!(!room.remove(place, handle));
                    }
                    Step::Remove(_) => {}
                }
                prop_assert_eq!(room.len(), line.len());
                prop_assert!(room.iter().eq(line.iter().map(|&(handle, _)| handle)));
            }
        }

        /// Every number below n reaches somebody else, so a uniform number is a uniform choice.
        #[test]
        fn a_random_pick_can_be_anyone(leaving in 0..20u32, n in 2..20u32) {
            let (mut room, places) = room_of(0..n);
            room.pop(AT, Random, |_| u64::from(leaving % n));
            room.remove(places[0], 0);
            let left = u64::from(room.len);
            let mut taken: Vec<u32> = (0..left)
                .filter_map(|number| room.clone().pop(AT, Random, |_| number))
                .collect();
            taken.sort_unstable();
            prop_assert!(taken.into_iter().eq(room.iter()));
        }
    }
}
