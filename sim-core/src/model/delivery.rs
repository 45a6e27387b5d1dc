//! Deliveries: messages on their way to a consumer, or worked on there.
//!
//! Who keeps messages and who calls the consumers never meet; they share this record. It is opened when a
//! message is handed out, and closed when the call that does so has its outcome.

use super::arena::Arena;
use super::call::Labels;
use super::lineage::Lineage;
use crate::id::{ConsumerId, InstanceId, QueueId};
use crate::keeping::queue::{Handout, MemberIx};
use crate::time::SimTime;

/// Place of a delivery in its arena.
pub(crate) type DeliveryIx = u32;

/// A delivery.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivery {
    /// For what the message was published; all draws for the call come from its identity.
    pub(crate) lineage: Lineage,
    /// Those of who published it.
    pub(crate) labels: Labels,
    /// When the message was stored.
    pub(crate) stored_at: SimTime,
    pub(crate) queue: QueueId,
    pub(crate) consumer: ConsumerId,
    /// Who gets it.
    pub(crate) to: InstanceId,
    /// Who that is among the consumers of the queue.
    pub(crate) member: MemberIx,
    /// Which life of it.
    pub(crate) life: u16,
    pub(crate) handout: Handout,
    /// It can never be worked on.
    pub(crate) poison: bool,
    /// The request or its answer was lost on the way: nothing more will be heard of it.
    pub(crate) vanished: bool,
    /// It was settled when the work on it began.
    pub(crate) settled: bool,
}

/// All deliveries.
pub(crate) type Deliveries = Arena<Delivery>;
