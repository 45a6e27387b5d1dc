//! The pipeline: how a call passes inward through its layers, and a result back outward.
//!
//! Think of a stack of cards lying on the call. Each card is a layer; a *pass* enters the outermost
//! card and goes inward until it leaves the innermost one as an *attempt*. The answer climbs back
//! through exactly the cards its pass had entered; each card may let it through, change it, or (a
//! retry) start another pass below. When a card answers early (a timeout), whatever is still below
//! is *abandoned*, from the outside in.
//!
//! The rules (numbers as in the design):
//! - a layer answers each pass it was given exactly once (3), a permit is given back exactly once
//!   (6), and no timer outlives its frame;
//! - everything that follows without delay happens inside the same entry into this module (42): the
//!   walk is a loop over an explicit move, never a recursion, and waiters that get a permit are
//!   taken from a queue when the walk that freed it is over.
//!
//! A pass has a frame in each layer it has entered. A timeout just inside a layer that waits for
//! nothing while a pass is in it (a retry waits only between passes) needs none: it uses the alarm
//! of the frame around it. That is every timeout of an attempt in practice.
//!
//! A hedge is the one layer with several passes at once. Each of them has a frame of its own between
//! the hedge's and the first one inside, and these frames are a list: the hedge holds its head, each
//! one the next. So a frame has one thing inside whatever its layer is, and only what goes down a
//! whole call (abandonment) minds that there are branches.
//!
//! Where to look: `walk` is the door and the loop from move to move; `inward`, `permits` (breakers),
//! `guards` (all other layers that let in or not) and `sending` follow a pass down, `outward`, `retrying` and `fallback` its result up;
//! `alarms` is what time does, `abandonment` giving up; `race` is the hedge. `frame` and `layers` are
//! what they all work on: what a pass has, and what its layers are.
//!
//! The pipeline knows no simulator. A [`Host`] gives it the time, timers, instances and a way to
//! send; the simulator is one host, a player of recorded calls another.
//!
//! Rejected: boxed futures (an allocation per layer, and no order of abandonment), recursion (a
//! result that starts a pass that ends at once would nest), one state machine per combination of
//! layers (any order and any repetition must work).

mod abandonment;
mod alarms;
mod budgets;
mod fallback;
mod frame;
mod guards;
mod handles;
mod host;
mod inward;
mod layers;
mod outward;
mod permits;
mod pipelines;
mod race;
mod race_budget;
mod refill;
mod retry_budget;
mod retrying;
mod sending;
#[cfg(test)]
mod tests;
mod walk;

pub use budgets::{BudgetPlace, Budgets};
pub use handles::{Alarm, FrameIx, HostAttempt, HostCall, Inside, InsideView, Owner};
pub use host::{AbandonReason, AlarmKind, Choice, FallbackCall, Host, Note, SendRequest, Standing};
pub use layers::{Layers, StateLayout};
pub use pipelines::Pipelines;
pub use refill::Forgotten;
