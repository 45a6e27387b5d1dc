//! What comes due for sources.

use crate::model::event::part_events;

part_events! {
    /// What comes due for sources.
    SourceEvent {
        /// A check is sent, by the number of who watches whom.
        44 => Check(u32),
        /// A check has had its time.
        45 => Late(u32),
        /// Somebody is to go on with a saga, by its place.
        17 => SagaResumes(u32),
    }
}
