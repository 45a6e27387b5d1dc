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
    }
}
