//! What comes due for the lives of instances.

use crate::id::InstanceId;
use crate::model::event::part_events;

part_events! {
    /// What comes due for the lives of instances.
    LifeEvent {
        /// A dead instance is noticed.
        14 => Noticed(InstanceId),
        /// An instance has warmed up.
        15 => Warm(InstanceId),
        /// One that was told to stop has answered for long enough.
        46 => Drained(InstanceId),
        /// One that was told to stop has had its time.
        47 => GraceOver(InstanceId),
        /// A process is to start again.
        48 => Due(InstanceId),
        /// A process has started.
        49 => Started(InstanceId),
        /// News reaches a view, by the place where it waits.
        50 => Heard(u32),
        /// A service looks again for an empty slot, by its number.
        51 => Fill(u32),
        /// The next of those that restart one after another have their turn, by the number of that.
        52 => NextWave(u32),
    }
}
