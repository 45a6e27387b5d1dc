//! What comes due for clients.

use crate::model::event::part_events;

part_events! {
    /// What comes due for clients.
    ClientEvent {
        /// The next arrival of this client.
        0 => Arrival(u32),
        /// A user, numbered through all clients, has thought.
        1 => ThinkOver(u32),
    }
}
