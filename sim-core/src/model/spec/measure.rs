//! What is counted apart: spans of time, and calls with a label.

use crate::id::{ClientId, EdgeId, ServiceId, WindowId};
use crate::time::SimTime;

/// A span over which calls are counted by their start, `[from, until)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowSpec {
    /// Calls that start at or after this instant,
    pub from: SimTime,
    /// and before this one.
    pub until: SimTime,
    /// Whose calls.
    pub of: Subject,
    /// Which of them.
    pub label: LabelFilter,
}

/// Which calls of a subject are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LabelFilter {
    /// All of them.
    #[default]
    Any,
    /// Those made for this tenant.
    Tenant(u16),
    /// Those of this class.
    Class(u16),
}

impl LabelFilter {
    /// Whether a call with these labels is meant.
    #[inline]
    pub const fn admits(self, class: u16, tenant: u16) -> bool {
        match self {
            Self::Any => true,
            Self::Tenant(one) => one == tenant,
            Self::Class(one) => one == class,
        }
    }
}

/// A tenant or a class, and the window that counts its calls of all clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelSpec {
    /// Which calls.
    pub label: LabelFilter,
    /// From the end of the warm-up until the end of the run.
    pub window: WindowId,
}

/// What a measure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// All clients together.
    AllClients,
    /// A client's calls.
    Client(ClientId),
    /// Calls on an edge.
    Edge(EdgeId),
    /// Calls to any operation of a service.
    Service(ServiceId),
}
