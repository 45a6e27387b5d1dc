//! Waiting rooms, shared cores, and closed-form queueing theory.
//!
//! What a service is made of, without the service: who is next in line, and how much work running
//! jobs get done while they share cores. [`theory`] has the answers of the textbook, by which the
//! simulator is tested.

pub mod processor_sharing;
mod ratio;
pub mod theory;
pub mod waiting_room;

pub use processor_sharing::SharedCores;
pub use waiting_room::{Discipline, QueuePlace, WaitingRoom};
