//! Who starts calls, and when.

use crate::id::{ProcessId, SiteId};
use crate::random::Dist;
use crate::traffic::Arrivals;
use crate::units::Probability;

/// A source of calls outside the system.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientSpec {
    /// Name in the file.
    pub name: String,
    /// Independent processes, each with its own policy state \[count\].
    pub processes: u32,
    /// The zones of its processes, in turn; none if it has none.
    pub zones: Vec<u16>,
    /// The first of its processes.
    pub first_process: ProcessId,
    /// When calls start.
    pub traffic: TrafficSpec,
    /// What is called, by weight; never empty.
    pub calls: Vec<ClientCall>,
    /// The class of its calls where an entry names none.
    pub class: u16,
    /// Tenants by share of calls; never empty; (0, 1.0) alone when unnamed.
    pub tenants: Vec<(u16, Probability)>,
}

/// When a client starts calls.
#[derive(Clone, Debug, PartialEq)]
pub enum TrafficSpec {
    /// Open loop: calls start whatever became of earlier ones.
    Arrivals(Arrivals),
    /// Closed loop: each user waits for the outcome, thinks, and calls again.
    Users(UsersSpec),
}

/// A closed population.
#[derive(Clone, Debug, PartialEq)]
pub struct UsersSpec {
    /// Users in all processes together \[count\].
    pub count: u32,
    /// Pause before each call.
    pub think_time: Dist,
    /// Calls per user \[count\]; `None` is unlimited.
    pub iterations: Option<u64>,
    /// Whether a user begins with a think time (else with a call).
    pub think_first: bool,
}

/// One entry of a client's `calls`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientCall {
    /// Where the call is made.
    pub site: SiteId,
    /// Share of the client's calls.
    pub share: Probability,
    /// The class of these calls, if not the client's.
    pub class: Option<u16>,
    /// The tenant of these calls, if not drawn from the client's.
    pub tenant: Option<u16>,
}
