//! Limits of equal length, each in a line of its own.
//!
//! Timeouts of one length expire in the order in which they were set, so their keys need no
//! sorting: a line keeps them in order. Nearly all of them are cancelled before they come due; so each
//! is linked to those before and after it, and leaves the line from wherever it stands, at once and
//! without a trace.
//!
//! There are few lanes. A lane belongs to a length for as long as it holds keys; who finds none
//! goes to the wheel.
//!
//! Beside them is one place for a lone key: that of an event that schedules the next of its kind when
//! it happens, as arrivals do. It never stands in a line.
//!
//! Rejected: queues of keys in which the cancelled ones stay until they surface, which costs twice as
//! much for each.

use super::key::Key;

/// Lengths at the same time.
const LANES: usize = 4;
/// No slot, or no lane.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Lane {
    /// The length \[ns\] and the class of its keys.
    length: u64,
    class: usize,
    /// The slots of its earliest key and of its latest.
    first: u32,
    last: u32,
}

/// A key in its lane, at the place of its slot.
#[derive(Clone, Copy)]
struct Link {
    key: Key,
    /// The slots of the keys before and after it.
    previous: u32,
    next: u32,
    /// Which lane; [`NONE`] once it has left.
    lane: u32,
}

/// Lines of keys that are in order by themselves, and the lone key.
#[derive(Clone)]
pub(super) struct Lanes {
    each: [Lane; LANES],
    /// By slot; as far as the last slot that was ever in a lane.
    links: Vec<Link>,
    /// The earliest key of all lanes; [`Key::NEVER`] when there is none.
    limit: Key,
    /// The lone key; [`Key::NEVER`] when there is none.
    lone: Key,
    /// The earlier of the two.
    first: Key,
    /// Keys in all lanes \[count\].
    len: usize,
}

impl Lanes {
    pub(super) const fn new() -> Self {
        Self {
            each: [Lane {
                length: 0,
                class: 0,
                first: NONE,
                last: NONE,
            }; LANES],
            links: Vec::new(),
            limit: Key::NEVER,
            lone: Key::NEVER,
            first: Key::NEVER,
            len: 0,
        }
    }

    /// Keys in all lanes \[count\].
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The earliest key, the lone one included; [`Key::NEVER`] when there is none.
    #[inline]
    pub(super) fn first(&self) -> Key {
        self.first
    }

    /// Whether there is a lone key.
    #[inline]
    pub(super) fn has_lone(&self) -> bool {
        self.lone != Key::NEVER
    }

    /// The lone key, if it is before all limits.
    #[inline]
    pub(super) fn lone_if_first(&self) -> Option<Key> {
        (self.lone < self.limit).then_some(self.lone)
    }

    /// Sets the lone key, of which there must be none.
    #[inline]
    pub(super) fn set_lone(&mut self, key: Key) {
        self.lone = key;
        self.first = self.limit.min(key);
    }

    /// Removes the lone key.
    #[inline]
    pub(super) fn drop_lone(&mut self) {
        self.lone = Key::NEVER;
        self.first = self.limit;
    }

    /// Takes a key that comes due so long after now, unless all lanes hold keys of other lengths.
    #[expect(clippy::inline_always, reason = "for every timeout")]
    #[inline(always)]
    pub(super) fn insert(&mut self, length: u64, key: Key) -> bool {
        let class = key.class();
        let fits = |lane: &Lane| lane.length == length && lane.class == class;
        let empty = |lane: &Lane| lane.first == NONE;
        let found = self.each.iter().position(fits);
        let Some(at) = found.or_else(|| self.each.iter().position(empty)) else {
            return false;
        };
        let slot = key.slot();
        let lane = &mut self.each[at];
        let link = Link {
            key,
            previous: lane.last,
            next: NONE,
            lane: at as u32,
        };
        (lane.length, lane.class, lane.last) = (length, class, slot);
        match self.links.get_mut(link.previous as usize) {
            Some(before) => before.next = slot,
            None => lane.first = slot,
        }
        match self.links.get_mut(slot as usize) {
            Some(place) => *place = link,
            None => self.grow(link),
        }
        self.len += 1;
        if key < self.limit {
            self.limit = key;
            self.first = key.min(self.lone);
        }
        true
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, link: Link) {
        let nowhere = Link { lane: NONE, ..link };
        self.links.resize(link.key.slot() as usize, nowhere);
        self.links.push(link);
    }

    /// The key of this slot leaves its lane; false if it stands in none.
    #[expect(clippy::inline_always, reason = "for every timeout")]
    #[inline(always)]
    pub(super) fn leave(&mut self, slot: u32) -> bool {
        let Some(link) = self.links.get_mut(slot as usize) else {
            return false;
        };
        let Link {
            previous,
            next,
            lane: of,
            ..
        } = *link;
        let Some(lane) = self.each.get_mut(of as usize) else {
            return false;
        };
        link.lane = NONE;
        match self.links.get_mut(previous as usize) {
            Some(before) => before.next = next,
            None => lane.first = next,
        }
        match self.links.get_mut(next as usize) {
            Some(after) => after.previous = previous,
            None => lane.last = previous,
        }
        self.len -= 1;
        if slot == self.limit.slot() {
            self.find_first();
        }
        true
    }

    /// Removes the earliest key.
    #[inline]
    pub(super) fn drop_first(&mut self) {
        if self.first == self.lone {
            self.drop_lone();
        } else {
            self.leave(self.limit.slot());
        }
    }

    /// Bytes held by the keys, in use or not.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.links.capacity() * size_of::<Link>()
    }

    #[inline(never)]
    fn find_first(&mut self) {
        let firsts = self.each.iter().map(|lane| lane.first);
        let keys = firsts.filter_map(|slot| self.links.get(slot as usize));
        let earliest = keys.map(|link| link.key).min();
        self.limit = earliest.unwrap_or(Key::NEVER);
        self.first = self.limit.min(self.lone);
    }
}
