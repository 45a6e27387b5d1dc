//! What comes due for those who give verdicts.

use crate::model::event::part_events;

part_events! {
    /// What comes due for those who give verdicts.
    ControlEvent {
        /// A watcher sweeps.
        40 => Sweep(u32),
        /// The time of some instances that a watcher left out is over.
        41 => TimeOver(u32),
    }
}
