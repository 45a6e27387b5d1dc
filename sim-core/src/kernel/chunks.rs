//! Queues of keys that share one pool of memory.
//!
//! The wheel has 704 buckets, and which of them are full changes all the time. If each were a
//! vector, each would keep the capacity of its fullest moment. Here a bucket is a chain of small
//! chunks borrowed from one pool: an emptied bucket gives all of them back at once, and a running
//! simulation allocates nothing.
//!
//! A queue gives keys back in the order in which they came. Rejected: linking the events
//! themselves, which is smaller but follows a pointer to cold memory for every key moved.

use super::key::Key;

/// Keys per chunk: with the link, 512 bytes.
const KEYS: u32 = 31;
const NO_CHUNK: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Chunk {
    keys: [Key; KEYS as usize],
    /// The chunk after this one, in a queue or in the stack of free chunks.
    next: u32,
}

/// A first-in, first-out queue whose keys lie in [`Chunks`].
#[derive(Clone, Copy)]
pub(super) struct Queue {
    head: u32,
    tail: u32,
    /// First key of the head chunk that is still in the queue \[index\].
    start: u32,
    /// First place of the tail chunk that is still empty \[index\].
    end: u32,
    /// Keys in the queue \[count\].
    len: u32,
}

impl Queue {
    pub(super) const EMPTY: Self = Self {
        head: NO_CHUNK,
        tail: NO_CHUNK,
        start: 0,
        end: KEYS,
        len: 0,
    };

    /// Keys in the queue \[count\].
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len as usize
    }
}

/// The pool.
#[derive(Clone)]
pub(super) struct Chunks {
    chunks: Vec<Chunk>,
    /// The chunk freed last, or [`NO_CHUNK`].
    free: u32,
}

impl Chunks {
    pub(super) const fn new() -> Self {
        Self {
            chunks: Vec::new(),
            free: NO_CHUNK,
        }
    }

    /// Appends a key.
    #[inline]
    pub(super) fn push(&mut self, queue: &mut Queue, key: Key) {
        if queue.end == KEYS {
            // The last thing to do, so that who calls this has nothing to keep.
            return self.push_in_new(queue, key);
        }
        self.put(queue, key);
    }

    #[cold]
    #[inline(never)]
    fn push_in_new(&mut self, queue: &mut Queue, key: Key) {
        self.extend(queue);
        self.put(queue, key);
    }

    /// Puts a key into the first place of the tail that is still empty.
    #[inline]
    fn put(&mut self, queue: &mut Queue, key: Key) {
        self.chunks[queue.tail as usize].keys[queue.end as usize] = key;
        queue.end += 1;
        queue.len += 1;
    }

    /// The key that is next to leave.
    #[inline]
    pub(super) fn front(&self, queue: &Queue) -> Option<Key> {
        let chunk = self.chunks.get(queue.head as usize)?;
        Some(chunk.keys[queue.start as usize])
    }

    /// Removes the front key of a queue that is not empty.
    pub(super) fn drop_front(&mut self, queue: &mut Queue) {
        queue.len -= 1;
        queue.start += 1;
        if queue.len == 0 {
            self.release(queue);
        } else if queue.start == KEYS {
            let head = queue.head;
            queue.head = self.chunks[head as usize].next;
            queue.start = 0;
            self.free_chunk(head);
        }
    }

    /// Shows every key in order.
    #[inline]
    pub(super) fn for_each(&self, queue: &Queue, mut visit: impl FnMut(Key)) {
        self.for_each_run(queue, |keys| keys.iter().copied().for_each(&mut visit));
    }

    /// The same for all keys that lie side by side at once.
    #[inline]
    pub(super) fn for_each_run(&self, queue: &Queue, mut visit: impl FnMut(&[Key])) {
        let (mut at, mut start, mut left) = (queue.head, queue.start, queue.len);
        while left > 0 {
            let chunk = &self.chunks[at as usize];
            let end = KEYS.min(start + left);
            visit(&chunk.keys[start as usize..end as usize]);
            left -= end - start;
            (at, start) = (chunk.next, 0);
        }
    }

    /// Empties the queue, handing out every key in order; each chunk is free for use as soon as
    /// it has been read.
    pub(super) fn drain(&mut self, queue: &mut Queue, mut visit: impl FnMut(&mut Self, Key)) {
        while let Some(key) = self.front(queue) {
            self.drop_front(queue);
            visit(self, key);
        }
    }

    /// Keeps the keys that are wanted, in their order. Each chunk is free for use as soon as its keys
    /// have been copied, so this takes no more memory.
    pub(super) fn retain(&mut self, queue: &mut Queue, wanted: impl Fn(Key) -> bool) {
        let all = std::mem::replace(queue, Queue::EMPTY);
        let (mut at, mut start, mut left) = (all.head, all.start, all.len);
        while left > 0 {
            let Chunk { keys, next } = self.chunks[at as usize];
            self.free_chunk(at);
            let end = KEYS.min(start + left);
            for &key in &keys[start as usize..end as usize] {
                if wanted(key) {
                    self.push(queue, key);
                }
            }
            left -= end - start;
            (at, start) = (next, 0);
        }
    }

    /// Places for keys, in use or not \[count\].
    pub(super) fn keys(&self) -> usize {
        self.chunks.len() * KEYS as usize
    }

    /// Empties the queue and frees all its chunks in one step.
    pub(super) fn release(&mut self, queue: &mut Queue) {
        if let Some(tail) = self.chunks.get_mut(queue.tail as usize) {
            tail.next = self.free;
            self.free = queue.head;
        }
        *queue = Queue::EMPTY;
    }

    /// Gives the queue another chunk at its end.
    fn extend(&mut self, queue: &mut Queue) {
        let chunk = self.take_chunk();
        match self.chunks.get_mut(queue.tail as usize) {
            Some(tail) => tail.next = chunk,
            None => queue.head = chunk,
        }
        queue.tail = chunk;
        queue.end = 0;
    }

    fn take_chunk(&mut self) -> u32 {
        let chunk = self.free;
        if let Some(free) = self.chunks.get(chunk as usize) {
            self.free = free.next;
            return chunk;
        }
        self.chunks.push(Chunk {
            keys: [Key::ZERO; KEYS as usize],
            next: NO_CHUNK,
        });
        self.chunks.len() as u32 - 1
    }

    fn free_chunk(&mut self, chunk: u32) {
        self.chunks[chunk as usize].next = self.free;
        self.free = chunk;
    }

    /// Bytes held, in use or not.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.chunks.len() * size_of::<Chunk>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Class;
    use crate::time::SimTime;

    fn key(n: u64) -> Key {
        Key::new(SimTime::from_ns(n), Class::Start, n, 0)
    }

    fn filled(chunks: &mut Chunks, n: u64) -> Queue {
        let mut queue = Queue::EMPTY;
        (0..n).for_each(|n| chunks.push(&mut queue, key(n)));
        queue
    }

    #[test]
    fn keys_leave_in_the_order_in_which_they_came() {
        for n in [0, 1, 30, 31, 32, 62, 63, 200] {
            let mut chunks = Chunks::new();
            let mut queue = filled(&mut chunks, n);
            let mut seen = Vec::new();
            chunks.for_each(&queue, |key| seen.push(key.time()));
            assert_eq!(seen, (0..n).collect::<Vec<_>>());
            seen.clear();
            chunks.drain(&mut queue, |_, key| seen.push(key.time()));
            assert_eq!(seen, (0..n).collect::<Vec<_>>());
            assert_eq!(queue.len(), 0);
        }
    }

    #[test]
    fn an_emptied_queue_gives_its_memory_to_others() {
        let mut chunks = Chunks::new();
        for _ in 0..10 {
            let mut queue = filled(&mut chunks, 1000);
            chunks.release(&mut queue);
            let mut queue = filled(&mut chunks, 1000);
            chunks.drain(&mut queue, |_, _| {});
        }
        assert_eq!(chunks.bytes(), 512 * 1000_usize.div_ceil(KEYS as usize));
    }

    #[test]
    fn a_queue_may_be_read_and_filled_in_turn() {
        let mut chunks = Chunks::new();
        let mut queue = filled(&mut chunks, 5);
        for n in 5..500 {
            chunks.push(&mut queue, key(n));
            assert_eq!(chunks.front(&queue), Some(key(n - 5)));
            chunks.drop_front(&mut queue);
        }
        assert_eq!(queue.len(), 5);
        assert_eq!(chunks.bytes(), 2 * 512);
    }
}
