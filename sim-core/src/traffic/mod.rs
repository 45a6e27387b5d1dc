//! Traffic: when calls arrive from outside. Pure: no clock and no scheduling.
//!
//! Think of a second clock, which runs fast while the rate is high and stands still while it is
//! zero: it counts the arrivals expected so far. On that clock every process is simple: Poisson
//! arrivals are unit exponentials apart, constant ones exactly 1. So an arrival is one amount drawn,
//! added up, and translated back into time by inverting the cumulative rate (Çinlar 1975; rule 44
//! of the design). One draw per arrival: the n-th arrival is the same in two designs, and a changed
//! rate only stretches the same pattern.
//!
//! - [`RateProfile`]: the rate over time, its integral and the inverse of that.
//! - [`Arrivals`]: what a scenario asks for. [`ArrivalProcess`]: the state machine that runs it.
//!
//! Rejected: thinning (Lewis and Shedler 1979): a varying number of draws per arrival, and a changed
//! peak rate moves every arrival.

pub mod arrivals;
pub mod batch;
mod daily;
mod error;
mod instant;
mod modulation;
mod points;
pub mod process;
pub mod profile;

pub use arrivals::{Arrivals, Modulated, ModulatedState, Recorded};
pub use batch::Batch;
pub use error::TrafficError;
pub use points::{Ramp, RatePoint};
pub use process::ArrivalProcess;
pub use profile::RateProfile;
