//! A queue that is empty again before the event is over.
//!
//! Items are appended to a vector and read from its front; the vector is emptied when the last one
//! has been read. That is less work per item than a ring, and its memory is used again and again.

/// First in, first out.
#[derive(Debug)]
pub(crate) struct Fifo<T> {
    items: Vec<T>,
    /// The first item that has not been read.
    next: usize,
}

impl<T> Default for Fifo<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            next: 0,
        }
    }
}

impl<T: Copy> Fifo<T> {
    /// Appends an item.
    #[inline]
    pub(crate) fn push_back(&mut self, item: T) {
        self.items.push(item);
    }

    /// Whether nothing is left to be taken.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.next == self.items.len()
    }

    /// Takes the item that has waited longest.
    #[inline]
    pub(crate) fn pop_front(&mut self) -> Option<T> {
        let Some(&item) = self.items.get(self.next) else {
            self.items.clear();
            self.next = 0;
            return None;
        };
        self.next += 1;
        Some(item)
    }
}

impl<T: Copy + PartialEq> Fifo<T> {
    /// Takes an item out wherever it is.
    #[inline]
    pub(crate) fn remove(&mut self, item: T) {
        let mut at = self.next;
        while at < self.items.len() {
            if self.items[at] == item {
                self.items.remove(at);
            } else {
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_leave_in_the_order_in_which_they_came() {
        let mut fifo = Fifo::default();
        (1..=4).for_each(|item| fifo.push_back(item));
        assert_eq!(fifo.pop_front(), Some(1));
        fifo.remove(1);
        fifo.remove(3);
        fifo.push_back(5);
        let rest: Vec<i32> = std::iter::from_fn(|| fifo.pop_front()).collect();
        assert_eq!(rest, [2, 4, 5]);
        fifo.push_back(6);
        assert_eq!(fifo.pop_front(), Some(6));
    }
}
