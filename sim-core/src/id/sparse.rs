//! A map by id in which most items never change: only those that did take memory.
//!
//! A large system is mostly idle: of thousands of services a run may ask a handful. Every item
//! begins as the same blank one, and only those that are changed get a row of their own; the others
//! cost four bytes. Reading one is two lookups and no branch.

use super::Id;
use std::ops::{Index, IndexMut};

/// A map by id whose untouched items share one.
#[derive(Clone, Debug)]
pub struct Sparse<I, T> {
    /// By id: its row; 0 where the item was never changed.
    places: Vec<u32>,
    /// The blank item, then those that were changed, in the order of their first change.
    rows: Vec<T>,
    /// Whose the rows after the first are.
    owners: Vec<I>,
}

/// Where an item is that was changed, for whoever changes it often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SparseRow(u32);

impl SparseRow {
    /// No row yet.
    pub const NONE: Self = Self(0);
}

impl<I: Id, T> Sparse<I, T> {
    /// A map of `len` items that are all `blank`.
    pub fn new(len: usize, blank: T) -> Self {
        Self {
            places: vec![0; len],
            rows: vec![blank],
            owners: Vec::new(),
        }
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// All ids in order.
    pub fn ids(&self) -> impl Iterator<Item = I> + use<I, T> {
        (0..self.places.len()).map(I::from_index)
    }

    /// All items in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.places.iter().map(|&place| &self.rows[place as usize])
    }

    /// Ids and all items in order.
    pub fn iter_enumerated(&self) -> impl Iterator<Item = (I, &T)> {
        self.ids().zip(self.iter())
    }

    /// The items that were changed, in the order of their first change.
    pub fn touched(&self) -> impl Iterator<Item = (I, &T)> {
        self.owners.iter().copied().zip(&self.rows[1..])
    }

    /// The blank item and those that were changed, to be changed alike.
    pub fn rows_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.rows.iter_mut()
    }

    /// The same map of something else; what makes `blank` of the blank item makes it of others.
    #[must_use]
    pub fn map<U>(&self, mut of: impl FnMut(I, &T) -> U, blank: U) -> Sparse<I, U> {
        let mut rows = Vec::with_capacity(self.rows.len());
        rows.push(blank);
        rows.extend(self.touched().map(|(id, item)| of(id, item)));
        Sparse {
            places: self.places.clone(),
            rows,
            owners: self.owners.clone(),
        }
    }
}

impl<I: Id, T: Clone> Sparse<I, T> {
    /// Becomes equal to a map of which it is an earlier state; allocates only for new rows.
    pub fn follow(&mut self, later: &Self) {
        if self.owners.len() != later.owners.len() {
            self.places.clone_from(&later.places);
            self.owners.clone_from(&later.owners);
        }
        self.rows.clone_from(&later.rows);
    }

    /// The row of an item, which gets one if it has none: it keeps it.
    #[cold]
    pub fn row(&mut self, id: I) -> SparseRow {
        match self.places[id.index()] {
            0 => SparseRow(self.touch(id) as u32),
            place => SparseRow(place),
        }
    }

    /// The item in a row.
    #[inline]
    pub fn in_row(&mut self, row: SparseRow) -> &mut T {
        &mut self.rows[row.0 as usize]
    }

    #[cold]
    #[inline(never)]
    fn touch(&mut self, id: I) -> usize {
        let place = self.rows.len();
        self.places[id.index()] = place as u32;
        self.rows.push(self.rows[0].clone());
        self.owners.push(id);
        place
    }
}

impl<I: Id, T> Default for Sparse<I, T>
where
    T: Default,
{
    fn default() -> Self {
        Self::new(0, T::default())
    }
}

impl<I: Id, T: PartialEq> PartialEq for Sparse<I, T> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<I: Id, T> Index<I> for Sparse<I, T> {
    type Output = T;
    #[inline]
    fn index(&self, id: I) -> &T {
        &self.rows[self.places[id.index()] as usize]
    }
}

impl<I: Id, T: Clone> IndexMut<I> for Sparse<I, T> {
    #[expect(clippy::inline_always, reason = "its rare part is out of line")]
    #[inline(always)]
    fn index_mut(&mut self, id: I) -> &mut T {
        let mut place = self.places[id.index()] as usize;
        if place == 0 {
            place = self.touch(id);
        }
        &mut self.rows[place]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ServiceId;

    #[test]
    fn only_what_is_changed_takes_a_row() {
        let mut map: Sparse<ServiceId, Vec<u8>> = Sparse::new(1_000_000, vec![7]);
        map[ServiceId(999_999)].push(8);
        map[ServiceId(3)].push(9);
        assert_eq!(map[ServiceId(0)], [7]);
        assert_eq!(map[ServiceId(3)], [7, 9]);
        let touched: Vec<u32> = map.touched().map(|(id, _)| id.0).collect();
        assert_eq!(touched, [999_999, 3]);
        assert_eq!(map.iter().filter(|items| items.len() > 1).count(), 2);
    }

    #[test]
    fn an_item_keeps_its_row() {
        let mut map: Sparse<ServiceId, u8> = Sparse::new(9, 7);
        let row = map.row(ServiceId(5));
        map[ServiceId(2)] = 1;
        *map.in_row(row) += 1;
        assert_eq!(map.row(ServiceId(5)), row);
        assert_ne!(row, SparseRow::NONE);
        assert_eq!([5, 2, 0].map(|id| map[ServiceId(id)]), [8, 1, 7]);
    }

    #[test]
    fn what_all_get_the_later_ones_have_too() {
        let mut map: Sparse<ServiceId, Vec<u8>> = Sparse::new(4, Vec::new());
        for row in map.rows_mut() {
            row.push(1);
        }
        map[ServiceId(2)][0] = 5;
        for row in map.rows_mut() {
            row.push(2);
        }
        assert_eq!(map[ServiceId(2)], [5, 2]);
        assert_eq!(map[ServiceId(1)], [1, 2]);
    }

    #[test]
    fn equal_maps_may_have_been_changed_in_another_order() {
        let mut one: Sparse<ServiceId, u8> = Sparse::new(3, 0);
        let mut two = one.clone();
        (one[ServiceId(0)], one[ServiceId(1)]) = (4, 5);
        two[ServiceId(1)] = 5;
        assert_ne!(one, two);
        two[ServiceId(0)] = 4;
        assert_eq!(one, two);
        let mut earlier: Sparse<ServiceId, u8> = Sparse::new(3, 0);
        earlier.follow(&one);
        assert_eq!(earlier, one);
    }
}
