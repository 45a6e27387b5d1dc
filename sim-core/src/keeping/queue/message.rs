//! Messages: numbered places, used again when free.

use crate::time::SimTime;

/// The number of a message; valid until it is gone.
pub type MessageIx = u32;

/// A message as it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// The same for the same message, however often it is published.
    pub identity: u64,
    /// What must not be overtaken has the same.
    pub key: u32,
    /// What goes with it; nobody reads it here.
    pub with: u64,
}

/// One hand-out of a message: an answer names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handout {
    /// The message.
    pub message: MessageIx,
    /// Its number in the queue: a place is used again.
    pub seq: u32,
    /// Which of its hand-outs, from 1; it begins again after the last number.
    pub nth: u16,
}

/// Where a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Ready,
    Delayed,
    Leased,
    Parked,
    Gone,
}

/// A message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    pub(super) identity: u64,
    pub(super) with: u64,
    pub(super) stored_at: SimTime,
    /// Ready: since when; delayed: until when; leased: until when.
    pub(super) at: SimTime,
    pub(super) seq: u32,
    pub(super) key: u32,
    /// Who has it, while it is leased.
    pub(super) member: u16,
    /// Hand-outs so far.
    pub(super) nth: u16,
    /// Those that count.
    pub(super) count: u16,
    pub(super) state: State,
    /// It is too old, and goes when it comes back.
    pub(super) too_old: bool,
}

const _: () = assert!(size_of::<Message>() <= 48, "a million of them");

/// A message by its place and number: what stands in a line may be long gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) seq: u32,
    pub(super) ix: MessageIx,
}

/// All messages that are somewhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Messages {
    items: Vec<Message>,
    free: Vec<MessageIx>,
    last: u32,
}

impl Messages {
    pub(super) fn add(&mut self, now: SimTime, new: NewMessage) -> Entry {
        self.last += 1;
        let message = Message {
            identity: new.identity,
            with: new.with,
            stored_at: now,
            at: now,
            seq: self.last,
            key: new.key,
            member: 0,
            nth: 0,
            count: 0,
            state: State::Ready,
            too_old: false,
        };
        let ix = if let Some(ix) = self.free.pop() {
            self.items[ix as usize] = message;
            ix
        } else {
            self.items.push(message);
            self.items.len() as MessageIx - 1
        };
        Entry { seq: self.last, ix }
    }

    /// It is as if it had just come, at this place.
    pub(super) fn renumber(&mut self, now: SimTime, ix: MessageIx) -> Entry {
        self.last += 1;
        let message = &mut self.items[ix as usize];
        (message.seq, message.stored_at, message.count) = (self.last, now, 0);
        (message.at, message.too_old) = (now, false);
        Entry { seq: self.last, ix }
    }

    pub(super) fn remove(&mut self, ix: MessageIx) {
        self.items[ix as usize].state = State::Gone;
        self.free.push(ix);
    }

    /// The message that an entry means, if it is still there.
    pub(super) fn get(&self, entry: Entry) -> Option<&Message> {
        let message = self.items.get(entry.ix as usize)?;
        (message.seq == entry.seq && message.state != State::Gone).then_some(message)
    }

    /// Places that were ever used.
    pub(super) fn places(&self) -> MessageIx {
        self.items.len() as MessageIx
    }
}

impl std::ops::Index<MessageIx> for Messages {
    type Output = Message;
    fn index(&self, ix: MessageIx) -> &Message {
        &self.items[ix as usize]
    }
}

impl std::ops::IndexMut<MessageIx> for Messages {
    fn index_mut(&mut self, ix: MessageIx) -> &mut Message {
        &mut self.items[ix as usize]
    }
}
