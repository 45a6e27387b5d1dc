//! What comes due for the network.

use crate::model::attempt::AttemptIx;
use crate::model::event::part_events;

part_events! {
    /// What comes due for the network.
    NetworkEvent {
        /// A request arrives.
        6 => Request(AttemptIx),
        /// An answer arrives.
        7 => Answer(AttemptIx),
        /// The cancel signal arrives: nobody waits.
        8 => Cancel(AttemptIx),
        /// An attempt has waited long enough for its connection.
        9 => NoConnection(AttemptIx),
        /// An attempt that was not heard tries to connect again.
        10 => Again(AttemptIx),
    }
}
