//! Waiting rooms and shared cores.
//!
//! What a service is made of, without the service: who is next in line, and how much work running
//! jobs get done while they share cores.

pub mod codel;
mod deadlines;
mod discipline;
mod memory;
mod numbers;
mod order;
pub mod processor_sharing;
mod ratio;
#[cfg(test)]
mod tests;
pub mod waiting_room;

pub use codel::{Codel, CodelConfig, CodelRule, Taken};
pub use discipline::Discipline;
pub use memory::{Filling, MemoryConfig};
pub use order::{Joins, QueueStanding};
pub use processor_sharing::SharedCores;
pub use waiting_room::{QueuePlace, WaitingRoom};
