//! What comes due for services.

use crate::id::{InstanceId, InvariantId};
use crate::model::attempt::AttemptIx;
use crate::model::event::part_events;

part_events! {
    /// What comes due for services.
    ServiceEvent {
        /// A strand, by its number, has done its work.
        3 => WorkDone(u32),
        /// The first strand on the shared cores of an instance has done its work.
        4 => CoresDone(InstanceId),
        /// An operation has waited too long, or its deadline has come.
        5 => Limit(AttemptIx),
        /// A layer of admission wants a sample; the sampler by its number.
        55 => Sample(u32),
        /// Effects may have differed for too long.
        16 => Invariant(InvariantId),
        /// A write, or a wait, of a saga is over, by its place.
        18 => Saga(u32),
        /// The time of a saga is up, by its place.
        19 => SagaLimit(u32),
        /// Something fills the memory of an instance: it is looked at.
        38 => MemoryTick(InstanceId),
    }
}
