//! A queue that is empty again before the event is over.
//!
//! Nearly always it holds one item, which is taken before the next comes: that one has a place of
//! its own. Others are appended to a vector and read from its front; the vector is emptied when the
//! last one has been read, so its memory is used again and again.

/// First in, first out.
#[derive(Clone, Debug)]
pub(crate) struct Fifo<T> {
    /// The item to be taken next.
    first: Option<T>,
    /// The items behind it; none without a first.
    rest: Vec<T>,
    /// The first of the rest that has not been read.
    next: usize,
}

impl<T> Default for Fifo<T> {
    fn default() -> Self {
        Self {
            first: None,
            rest: Vec::new(),
            next: 0,
        }
    }
}

impl<T: Copy> Fifo<T> {
    /// Appends an item.
    #[inline]
    pub(crate) fn push_back(&mut self, item: T) {
        if self.first.is_none() {
            self.first = Some(item);
        } else {
            self.rest.push(item);
        }
    }

    /// Puts an item before all others.
    pub(crate) fn push_front(&mut self, item: T) {
        let Some(second) = self.first.replace(item) else {
            return;
        };
        if self.next > 0 {
            self.next -= 1;
            self.rest[self.next] = second;
        } else {
            self.rest.insert(0, second);
        }
    }

    /// Whether nothing is left to be taken.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// How many are left to be taken.
    pub(crate) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len() - self.next
    }

    /// Takes the item that has waited longest.
    #[inline]
    pub(crate) fn pop_front(&mut self) -> Option<T> {
        let item = self.first?;
        self.first = None;
        if !self.rest.is_empty() {
            self.move_up();
        }
        Some(item)
    }

    /// The first of the rest becomes the first of all.
    fn move_up(&mut self) {
        self.first = self.rest.get(self.next).copied();
        self.next += 1;
        if self.next >= self.rest.len() {
            self.rest.clear();
            self.next = 0;
        }
    }
}

impl<T: Copy + PartialEq> Fifo<T> {
    /// Takes an item out wherever it is.
    #[inline]
    pub(crate) fn remove(&mut self, item: T) {
        if self.first == Some(item) {
            self.pop_front();
        } else if !self.rest.is_empty() {
            self.remove_behind(item);
        }
    }

    fn remove_behind(&mut self, item: T) {
        let found = self.rest[self.next..].iter().position(|&it| it == item);
        if let Some(at) = found {
            self.rest.remove(self.next + at);
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

    #[test]
    fn an_item_put_to_the_front_leaves_first() {
        let mut fifo = Fifo::default();
        for item in [2, 3] {
            fifo.push_back(item);
        }
        fifo.push_front(1);
        assert_eq!(fifo.pop_front(), Some(1));
        assert_eq!(fifo.pop_front(), Some(2));
        fifo.push_front(7);
        fifo.push_front(8);
        fifo.push_back(4);
        let rest: Vec<i32> = std::iter::from_fn(|| fifo.pop_front()).collect();
        assert_eq!(rest, [8, 7, 3, 4]);
        fifo.push_front(9);
        assert_eq!((fifo.pop_front(), fifo.pop_front()), (Some(9), None));
    }
}
