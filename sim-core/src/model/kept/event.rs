//! What comes due for what is kept.

use crate::model::event::part_events;

part_events! {
    /// What comes due for what is kept.
    KeptEvent {
        /// A machine, by its number, has something to do.
        56 => Alarm(u32),
        /// A dial, by its place, reaches its instance.
        57 => Reaches(u32),
        /// The news of a dial is back: it is there.
        58 => Succeeds(u32),
        /// The news of a dial is back: it was turned away.
        59 => Fails(u32),
        /// A dial has taken too long.
        60 => GivesUp(u32),
        /// A queue of messages, by its number, has something to do.
        61 => Queue(u32),
        /// A fault, by its number, moves a message from one queue to another.
        62 => Redrives(u32),
    }
}
