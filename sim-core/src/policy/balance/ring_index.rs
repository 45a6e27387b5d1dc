//! Who serves a place on a ring, found by looking at one line of memory.
//!
//! The points of a large ring do not fit into the caches of a processor, so what a look-up costs is how often
//! it waits for memory. Here the circle is cut into parts of about ten points, and what is in one
//! part lies in 64 bytes: the first 16 bits of where each point is in its part, and whose it is.
//! Where that does not decide (two are at the same 16 bits, or a part has too many points), the ring
//! itself is asked.

/// Points of a part that its line can hold \[count\].
const LINE: usize = 16;
/// Points per part, on average: of those with so many, one in forty does not fit \[count\].
const EACH: usize = 9;

/// A line for each part of the circle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RingIndex {
    parts: Vec<Part>,
}

/// In order: the 16 bits in the upper half, the slot in the lower. Who comes after the last is at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[repr(align(64))]
struct Part([u32; LINE]);

impl RingIndex {
    /// Of the points of a ring, in order.
    pub(super) fn new(points: &[(u64, u32)]) -> Self {
        let is_small = |&(_, slot): &(u64, u32)| u16::try_from(slot).is_ok();
        if points.is_empty() || !points.iter().all(is_small) {
            return Self::default();
        }
        let count = points.len().div_ceil(EACH);
        let mut parts = vec![Part([u32::MAX; LINE]); count];
        let mut at = 0;
        for (number, Part(line)) in parts.iter_mut().enumerate() {
            for entry in line.iter_mut() {
                // Nobody comes after the last point but the first.
                let &(place, slot) = points.get(at).unwrap_or(&points[0]);
                let (part, within) = part_of(place, count);
                if at == points.len() || part != number {
                    *entry = u32::from(u16::MAX) << 16 | slot;
                    break;
                }
                *entry = within << 16 | slot;
                at += 1;
            }
            while points
                .get(at)
                .is_some_and(|it| part_of(it.0, count).0 == number)
            {
                at += 1;
            }
        }
        Self { parts }
    }

    /// Whose the first point from this place on is; none if the ring has to be asked.
    #[inline]
    pub(super) fn first_from(&self, place: u64) -> Option<u32> {
        let (part, within) = part_of(place, self.parts.len());
        let Part(line) = self.parts.get(part)?;
        let before = line.iter().filter(|&&entry| entry < within << 16).count();
        let entry = *line.get(before)?;
        (entry >> 16 != within).then_some(entry & u32::from(u16::MAX))
    }
}

/// The part that a place is in, and the first 16 bits of where it is in there.
#[inline]
fn part_of(place: u64, parts: usize) -> (usize, u32) {
    let spread = u128::from(place) * parts as u128;
    ((spread >> 64) as usize, (spread as u64 >> 48) as u32)
}
