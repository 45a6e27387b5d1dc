//! What comes due for the changes.

use crate::id::FaultId;
use crate::model::event::part_events;

part_events! {
    /// What comes due for the changes.
    ChangeEvent {
        /// A fault begins to act.
        11 => FaultStarts(FaultId),
        /// A fault ceases to act.
        12 => FaultEnds(FaultId),
        /// A random fault strikes an instance, or leaves it, by the number of their up-down cycle.
        13 => Switch(u32),
    }
}
