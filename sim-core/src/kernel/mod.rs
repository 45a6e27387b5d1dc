//! The future-event list and the run loop, generic over the event.
//!
//! A simulation is a clock and a list of what is still to come: take the earliest event, set the
//! clock to its time, let the model react, repeat. This room owns exactly that. It knows time and
//! order; it knows no word of what an event means.
//!
//! Read in this order:
//!
//! - `key`: what "earlier" means: (time, class, sequence number), packed into one integer;
//! - `slots`: where an event waits, and how a cancelled one is recognised;
//! - `list`: [`EventList`], the two joined: schedule, cancel, pop;
//! - `run`: the loop, and every reason for which it stops;
//! - `future`, `wheel`, `chunks`: how the keys are kept in order at a cost that hardly grows with
//!   their number.

mod chunks;
mod future;
mod key;
mod lanes;
mod list;
mod run;
mod slots;
mod wheel;

#[cfg(test)]
mod oracle;

pub use key::Class;
pub use list::{EventList, Exhausted};
pub use run::{EventCount, Handler, Limits, RunEnd, Stop, go_on, run};
pub use slots::{Packed, Timer};
