//! Health checks: who asks which instances what, how often, and what follows.

use crate::id::{CheckId, LayerId, OperationId, ServiceId, SiteId};
use crate::model::spec::CallerGroup;
use crate::policy::HealthConfig;
use crate::time::SimDuration;

/// A health check of all instances of a service (rules 53, 54).
#[derive(Clone, Debug, PartialEq)]
pub struct CheckSpec {
    /// Name in the file, without the service.
    pub name: String,
    /// The service whose instances are asked.
    pub service: ServiceId,
    /// Its number among the checks of the service, from 0.
    pub number: u8,
    /// What it asks.
    pub asks: Asks,
    /// The operation that answers, which nobody else can call.
    pub operation: OperationId,
    /// Who asks, and where the calls are made: each process of a group by itself.
    pub watchers: Vec<WatcherSpec>,
    /// When it asks, and what the results say.
    pub config: HealthConfig,
    /// What follows.
    pub on_fail: OnFail,
    /// Checks of the same service, by the same watchers, that begin when this one has passed; then it
    /// ceases until the next start. In their order.
    pub gates: Vec<CheckId>,
    /// From a start to the first check, besides the delay; `None`: drawn below `every`.
    pub phase: Option<SimDuration>,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatcherSpec {
    /// The group whose processes each ask for themselves; the nodes ask with one voice.
    pub group: CallerGroup,
    /// Where their calls are made.
    pub site: SiteId,
}

/// What a check asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Whether the process runs: no thread is needed for the answer.
    Process,
    /// Whether a thread answers: it queues like any call.
    Thread,
    /// The same, and that thread makes a call.
    Call,
}

impl Asks {
    /// The name in scenarios and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Thread => "thread",
            Self::Call => "call",
        }
    }
}

/// What follows when a check has failed often enough.
#[derive(Clone, Debug, PartialEq)]
pub enum OnFail {
    /// The instance leaves the rotation, for all or for who asked.
    Leave,
    /// The instance is restarted.
    Restart,
    /// These breakers are held open: those of who asked, or everybody's.
    Breaker(Vec<LayerId>),
}

impl CheckSpec {
    /// Whether it is over once it has passed, until the next start: it only holds up others.
    pub fn ceases_when_passed(&self) -> bool {
        !self.gates.is_empty()
    }

    /// Whether each caller process asks, and judges, for itself.
    pub fn is_by_callers(&self) -> bool {
        self.watchers
            .iter()
            .any(|it| it.group != CallerGroup::Nodes)
    }
}
