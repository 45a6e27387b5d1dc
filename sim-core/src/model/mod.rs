//! The simulated world: what a call means, from its start to its one outcome.
//!
//! - `spec`: what a run is made of; `fact`: what happened;
//! - `clients`, `sources`, `calls`, `network`, `services`, `changes`, `lifecycle`, `control`: the parts. They never call each other:
//!   each puts hand-offs on a work list (`handoff`), which `world` drains within the event;
//! - `call`, `attempt`: the records that the parts share, as data; `directory`: who belongs to each
//!   service, which parts read and only changes alter.

mod arena;
mod attempt;
mod avoid;
mod call;
mod calls;
mod changes;
mod clients;
mod common;
mod control;
mod cx;
mod deeds;
mod delivery;
mod dial;
mod directory;
mod effects;
mod event;
pub mod fact;
mod fifo;
mod flags;
mod gates;
mod handoff;
mod kept;
mod key;
mod lifecycle;
mod lineage;
mod names;
mod network;
pub mod record;
mod run;
mod saga;
mod services;
mod sources;
pub mod spec;
mod stopwatch;
mod ticket;
mod world;

pub use common::{Beginning, same_until};
pub use event::Due;
pub use run::{Held, Played, Progress, run};
pub use world::World;
