//! Queues of messages, and who is handed them.

use crate::id::{OperationId, QueueId, ServiceId, SiteId};
use crate::keeping::queue::QueueConfig;
use crate::policy::Backoff;
use crate::time::SimDuration;

/// A queue of messages, which an instance of a service keeps (rule 98).
#[derive(Clone, Debug, PartialEq)]
pub struct MessageQueueSpec {
    /// Name in the file, without the service.
    pub name: String,
    /// The service that keeps it.
    pub service: ServiceId,
    /// The slot of the instance that does.
    pub home: u32,
    /// The operation that stores a message: to publish is to call it.
    pub operation: OperationId,
    /// What becomes of messages.
    pub config: QueueConfig,
    /// Where messages go that are given up; none: nowhere, or they stay, parked.
    pub dead_letters: Option<QueueId>,
    /// How long a message waits after its `n`-th hand-out has failed.
    pub backoff: Backoff,
}

/// Who is handed the messages of a queue (rule 84).
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerSpec {
    /// Name in the file, without the service.
    pub name: String,
    /// The service whose instances are.
    pub service: ServiceId,
    /// Of which queue.
    pub queue: QueueId,
    /// Where the calls are made that hand them out.
    pub site: SiteId,
    /// Most messages that an instance has at once \[count\].
    pub credit: u32,
    /// For how long they remember together what they have done; zero: not at all.
    pub inbox: SimDuration,
    /// Whether a message is settled when the work on it begins.
    pub ack_before: bool,
    /// What a handler says that has failed.
    pub on_error: OnHandlerError,
}

/// What a handler says that has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnHandlerError {
    /// The message is to be handed out again.
    Nack,
    /// Nothing: the end of the lease says it.
    Leave,
    /// That it is done all the same.
    Ack,
    /// The message is to be handed out again, and it is the message's fault.
    Reject,
    /// The message is to be given up at once.
    DeadLetter,
}
