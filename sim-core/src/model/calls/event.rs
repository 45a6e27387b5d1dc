//! What comes due for calls.

use crate::model::event::part_events;
use crate::policy::pipeline::FrameIx;

part_events! {
    /// What comes due for calls.
    CallEvent {
        /// The alarm of a frame goes off.
        2 => Alarm(FrameIx),
    }
}
