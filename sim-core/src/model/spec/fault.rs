//! What alters the world from outside.

use super::{CallerGroup, SettingChange};
use crate::id::{ClientId, InstanceId, OperationId, ServiceId};
use crate::policy::Outcome;
use crate::random::Dist;
use crate::time::{SimDuration, SimTime};
use crate::units::{Cores, Factor, Probability};

/// A fault: something happens to the system at a known time.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultSpec {
    /// Name in the file.
    pub name: String,
    /// When it acts: spans `[from, until)`, sorted and apart. More than one for `every`.
    pub spans: Vec<(SimTime, SimTime)>,
    /// Within that time each instance is hit by itself, at random; `None`: all of them, throughout.
    pub random: Option<RandomTimes>,
    /// What it does.
    pub effect: Effect,
}

/// When a random fault hits an instance: for some time it does not, for some time it does, and so
/// on. Each instance draws from a stream of its own (rule 44).
#[derive(Clone, Debug, PartialEq)]
pub struct RandomTimes {
    /// Time until it fails: the mean is the mean time between repair and failure.
    pub up: Dist,
    /// Time until it is well again: the mean is the mean time to repair.
    pub down: Dist,
}

/// What a fault acts on among the instances of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceTarget {
    /// The service.
    pub service: ServiceId,
    /// One operation of it only.
    pub operation: Option<OperationId>,
    /// The instances it acts on, sorted.
    pub instances: Vec<InstanceId>,
}

/// Which messages a network fault acts on: those from a caller group to a service and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EdgeTarget {
    /// The calling side; `None` is every caller.
    pub from: Option<CallerGroup>,
    /// The called service; `None` is every service.
    pub to: Option<ServiceId>,
    /// So many instances of it, the first ones; `None` is all \[count\].
    pub instances: Option<u32>,
    /// Whether requests are hit.
    pub requests: bool,
    /// Whether answers are hit.
    pub answers: bool,
}

/// What a fault does.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Work takes so many times as long.
    Slow {
        /// Where.
        target: ServiceTarget,
        /// Stretches work time.
        factor: Factor,
        /// Whether work in progress is stretched too, at once.
        in_progress: bool,
    },
    /// Messages take longer.
    Latency {
        /// Which messages.
        target: EdgeTarget,
        /// Added to each that is hit.
        add: Dist,
        /// How many of them, each by a draw of its own.
        share: Probability,
    },
    /// Operations fail.
    Errors {
        /// Where.
        target: ServiceTarget,
        /// How many.
        share: Probability,
        /// How.
        outcome: Outcome,
        /// When those that start while it lasts fail, and whether others do.
        fails: ErrorsFail,
    },
    /// Instances die and come back empty.
    Crash {
        /// Where.
        target: ServiceTarget,
        /// Whether callers with an attempt there learn of it.
        callers_see: CallersSee,
        /// How long until the instance leaves the rotation; `None`: never.
        detected_after: Option<SimDuration>,
        /// For how long after the return work is slower, and by how much.
        cold_start: Option<(SimDuration, Factor)>,
    },
    /// Instances freeze.
    Pause {
        /// Where.
        target: ServiceTarget,
    },
    /// Messages do not arrive.
    Partition {
        /// Which messages.
        target: EdgeTarget,
        /// Whether new attempts are refused (else they vanish).
        refused: bool,
    },
    /// Messages are lost by chance.
    Loss {
        /// Which messages.
        target: EdgeTarget,
        /// How many.
        share: Probability,
    },
    /// Fewer threads.
    Threads {
        /// Where.
        target: ServiceTarget,
        /// Threads per instance \[count\].
        to: u32,
    },
    /// Fewer cores.
    Cores {
        /// Where.
        target: ServiceTarget,
        /// Cores per instance.
        to: Cores,
    },
    /// A client sends more, or less.
    Load {
        /// Which.
        client: ClientId,
        /// On its arrival rate.
        factor: Factor,
    },
    /// Settings change, and change back when the fault ends.
    Change {
        /// What the fault sets, where it stands alone.
        to: Vec<SettingChange>,
    },
}

impl Effect {
    /// The instances it acts on, if it acts on instances.
    pub fn on_instances(&self) -> Option<&ServiceTarget> {
        match self {
            Self::Slow { target, .. }
            | Self::Errors { target, .. }
            | Self::Crash { target, .. }
            | Self::Pause { target }
            | Self::Threads { target, .. }
            | Self::Cores { target, .. } => Some(target),
            Self::Latency { .. }
            | Self::Partition { .. }
            | Self::Loss { .. }
            | Self::Load { .. }
            | Self::Change { .. } => None,
        }
    }
}

/// Which operations an errors fault hits, and when they answer. Whether one fails is decided when it
/// starts, as its speed is (rule 16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorsFail {
    /// Those that start while it lasts, at once.
    BeforeWork,
    /// Those that start while it lasts, when their work is done.
    AfterWork,
    /// As `AfterWork`, and those under way: all whose work is done while it lasts.
    InProgress,
}

/// What callers of a crashed instance learn (rule 19).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallersSee {
    /// `error.reset`, one network latency later.
    Reset,
    /// Nothing: they wait for their own timeouts. New attempts are refused.
    Nothing,
    /// Nothing, and new attempts vanish: they wait for a `connect` limit, or for a timeout.
    Unreachable,
}
