//! Waiting rooms and shared cores.
//!
//! What a service is made of, without the service: who is next in line, and how much work running
//! jobs get done while they share cores.

pub mod processor_sharing;
mod ratio;
pub mod waiting_room;

pub use processor_sharing::SharedCores;
pub use waiting_room::{Discipline, QueuePlace, WaitingRoom};
