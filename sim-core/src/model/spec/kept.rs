//! What the processes of a service keep.

use crate::id::{ServiceId, SiteId};
use crate::keeping::PoolConfig;
use crate::policy::BalanceConfig;
use crate::random::Dist;
use crate::time::SimDuration;

/// Something that each process of a service keeps for itself.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptSpec {
    /// Name in the file.
    pub name: String,
    /// The service whose processes keep it.
    pub owner: ServiceId,
    /// What it is.
    pub kind: KeptKind,
}

/// What is kept.
#[derive(Clone, Debug, PartialEq)]
pub enum KeptKind {
    /// Connections to another service.
    Pool(PoolSpec),
}

/// A pool of connections.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolSpec {
    /// Where they lead.
    pub to: ServiceId,
    /// How they are given out and made.
    pub config: PoolConfig,
    /// Time to log in, besides a round trip.
    pub open_time: Dist,
    /// How the instance is chosen to which a new one leads: as the service says, but by nothing that a
    /// connection does not have.
    pub balance: BalanceConfig,
    /// When an opening is given up.
    pub open_timeout: SimDuration,
    /// How old a connection may become; none: as old as it likes.
    pub max_age: Option<Dist>,
    /// A place that calls over it, by which it is known what a connection meets on the way; none if no
    /// call is made over it.
    pub site: Option<SiteId>,
}
