//! What alters the world from outside.

use super::{CallerGroup, SettingChange};
use crate::id::{ClientId, InstanceId, OperationId, QueueId, ServiceId};
use crate::policy::Outcome;
use crate::random::Dist;
use crate::time::{SimDuration, SimTime};
use crate::units::{Bytes, Cores, Factor, Probability};

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
    pub kind: FaultKind,
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

/// What a fault acts on among the instances of a service, or of all that have some in a zone.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceTarget {
    /// The services, sorted: one, or those that have instances in a zone.
    pub services: Vec<ServiceId>,
    /// One operation of the service only.
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
    /// Those across the border of this zone; `None` is any: a caller or a callee in it, not both.
    pub zone: Option<u16>,
    /// So many instances of it, the first ones; `None` is all \[count\].
    pub instances: Option<u32>,
    /// Whether requests are hit.
    pub requests: bool,
    /// Whether answers are hit.
    pub answers: bool,
}

/// What a fault does: its kinds by the part of the model that acts on them, with what they act on.
/// Only that part asks which of its kinds it is; all others use the methods below.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    /// Instances work otherwise: `services`.
    Work(ServiceTarget, WorkFault),
    /// Messages fare otherwise: `network`.
    Edge(EdgeTarget, EdgeFault),
    /// A client calls otherwise: `clients`.
    Client(ClientId, ClientFault),
    /// Instances come and go: `lifecycle`.
    Life(ServiceTarget, LifeFault),
    /// What is kept fares otherwise: `kept`.
    Kept(KeptFault),
    /// Settings change, and change back when the fault ends: what it sets where it stands alone.
    Setting(Vec<SettingChange>),
}

/// How instances work while a fault acts on them.
#[derive(Clone, Debug, PartialEq)]
pub enum WorkFault {
    /// Work takes so many times as long.
    Slow {
        /// Stretches work time.
        factor: Factor,
        /// Whether work in progress is stretched too, at once.
        in_progress: bool,
    },
    /// Operations fail.
    Errors(ErrorsFault),
    /// Instances freeze.
    Pause,
    /// Fewer threads per instance \[count\].
    Threads(u32),
    /// Fewer cores per instance.
    Cores(Cores),
    /// Less memory for calls.
    Fill {
        /// How much something else takes in the end.
        bytes: Bytes,
        /// In which time it grows to that; zero: at once.
        over: SimDuration,
    },
}

/// Operations that fail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErrorsFault {
    /// How many.
    pub share: Probability,
    /// How.
    pub outcome: Outcome,
    /// When those that start while it lasts fail, and whether others do.
    pub fails: ErrorsFail,
}

/// How messages fare while a fault acts on them.
#[derive(Clone, Debug, PartialEq)]
pub enum EdgeFault {
    /// They take longer.
    Latency {
        /// Added to each that is hit.
        add: Dist,
        /// How many of them, each by a draw of its own.
        share: Probability,
    },
    /// They do not arrive.
    Partition {
        /// Whether new attempts are refused (else they vanish).
        refused: bool,
    },
    /// They are lost by chance.
    Loss {
        /// How many.
        share: Probability,
    },
}

/// What happens to messages that are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KeptFault {
    /// Some of the messages that are stored meanwhile can never be worked on.
    Poison {
        /// The queue.
        queue: QueueId,
        /// How many, each by a draw of its own.
        share: Probability,
    },
    /// Messages of a queue go to the tail of another one, the oldest first.
    Redrive {
        /// From where.
        from: QueueId,
        /// To where.
        to: QueueId,
        /// One each so long; zero: all at once.
        every: SimDuration,
    },
}

/// How a client calls while a fault acts on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ClientFault {
    /// It sends more, or less: a factor on its arrival rate.
    Load(Factor),
}

/// What a fault does to the lives of instances.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LifeFault {
    /// They die, and come back empty when it ends.
    Crash(CrashFault),
    /// They are told to stop, and end; as many new ones start when it ends.
    Stop,
    /// They are told to stop and come back, some at a time.
    Restart(RollFault),
}

/// Instances that restart one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollFault {
    /// So many at a time; the next when these are up again \[count\].
    pub at_once: u32,
    /// How long it waits then.
    pub pause: SimDuration,
}

/// Instances that die and come back empty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CrashFault {
    /// Whether callers with an attempt there learn of it.
    pub callers_see: CallersSee,
    /// How long until the instance leaves the rotation; `None`: never.
    pub detected_after: Option<SimDuration>,
    /// For how long after the return work is slower, and by how much.
    pub cold_start: Option<(SimDuration, Factor)>,
}

impl FaultKind {
    /// The instances it acts on, if it acts on instances.
    pub const fn on_instances(&self) -> Option<&ServiceTarget> {
        match self {
            Self::Work(target, _) | Self::Life(target, _) => Some(target),
            Self::Edge(..) | Self::Client(..) | Self::Setting(_) | Self::Kept(_) => None,
        }
    }

    /// Whether instances that it hits stand still or are gone, so that not even a process answers for
    /// itself; however slow its threads are and however many operations fail, it does else.
    pub const fn stops_processes(&self) -> bool {
        match self {
            Self::Work(_, work) => match work {
                WorkFault::Pause | WorkFault::Fill { .. } => true,
                WorkFault::Slow { .. }
                | WorkFault::Errors(_)
                | WorkFault::Threads(_)
                | WorkFault::Cores(_) => false,
            },
            Self::Life(..) => true,
            Self::Edge(..) | Self::Client(..) | Self::Setting(_) | Self::Kept(_) => false,
        }
    }

    /// What it sets, if it changes settings.
    pub const fn settings(&self) -> Option<&Vec<SettingChange>> {
        match self {
            Self::Setting(to) => Some(to),
            Self::Kept(_) | Self::Work(..) | Self::Edge(..) | Self::Client(..) | Self::Life(..) => {
                None
            }
        }
    }

    /// Whether it takes something away from the system; not if it only asks more of it, or sets it
    /// otherwise.
    pub const fn harms(&self) -> bool {
        match self {
            Self::Work(..)
            | Self::Edge(..)
            | Self::Life(..)
            | Self::Kept(KeptFault::Poison { .. }) => true,
            Self::Client(..) | Self::Setting(_) | Self::Kept(KeptFault::Redrive { .. }) => false,
        }
    }

    /// What it does to this client, if it acts on it.
    pub fn on_client(&self, client: ClientId) -> Option<&ClientFault> {
        match self {
            Self::Client(of, fault) => (*of == client).then_some(fault),
            Self::Work(..) | Self::Edge(..) | Self::Life(..) | Self::Setting(_) | Self::Kept(_) => {
                None
            }
        }
    }

    /// Which instances it kills, and how, if it kills any.
    pub const fn crash(&self) -> Option<(&ServiceTarget, &CrashFault)> {
        match self {
            Self::Life(target, LifeFault::Crash(crash)) => Some((target, crash)),
            Self::Life(_, LifeFault::Stop | LifeFault::Restart(_))
            | Self::Work(..)
            | Self::Edge(..)
            | Self::Client(..)
            | Self::Setting(_)
            | Self::Kept(_) => None,
        }
    }

    /// The instances that it tells to stop, if it tells any.
    pub const fn stops(&self) -> Option<&ServiceTarget> {
        match self {
            Self::Life(target, LifeFault::Stop | LifeFault::Restart(_)) => Some(target),
            Self::Life(_, LifeFault::Crash(_))
            | Self::Work(..)
            | Self::Edge(..)
            | Self::Client(..)
            | Self::Setting(_)
            | Self::Kept(_) => None,
        }
    }

    /// The instances that it restarts, and how many at a time, if it restarts any.
    pub const fn restarts(&self) -> Option<(&ServiceTarget, u32)> {
        match self {
            Self::Life(target, LifeFault::Restart(roll)) => Some((target, roll.at_once)),
            Self::Life(_, LifeFault::Crash(_) | LifeFault::Stop)
            | Self::Work(..)
            | Self::Edge(..)
            | Self::Client(..)
            | Self::Setting(_)
            | Self::Kept(_) => None,
        }
    }

    /// The instances whose processes it halts, if it halts any.
    pub const fn pauses(&self) -> Option<&ServiceTarget> {
        match self {
            Self::Work(target, WorkFault::Pause) => Some(target),
            Self::Work(..)
            | Self::Life(..)
            | Self::Edge(..)
            | Self::Client(..)
            | Self::Setting(_)
            | Self::Kept(_) => None,
        }
    }

    /// The instances that it ends for good, if it ends any.
    pub const fn ends_for_good(&self) -> Option<&ServiceTarget> {
        match self {
            Self::Life(target, LifeFault::Stop) => Some(target),
            Self::Life(_, LifeFault::Crash(_) | LifeFault::Restart(_))
            | Self::Work(..)
            | Self::Edge(..)
            | Self::Client(..)
            | Self::Setting(_)
            | Self::Kept(_) => None,
        }
    }

    /// The factor that it brings on the time of work in a service, or in one of its operations; one if
    /// it brings none.
    pub fn slowdown(&self, service: ServiceId) -> Factor {
        match self {
            Self::Work(target, WorkFault::Slow { factor, .. }) if target.acts_on(service) => {
                *factor
            }
            Self::Work(..)
            | Self::Edge(..)
            | Self::Client(..)
            | Self::Life(..)
            | Self::Setting(_)
            | Self::Kept(_) => Factor::ONE,
        }
    }

    /// Whether it fills the memory of a service.
    pub fn fills(&self, service: ServiceId) -> bool {
        matches!(self, Self::Work(target, WorkFault::Fill { .. }) if target.acts_on(service))
    }

    /// Whether it changes the speed of work in progress in a service.
    pub fn acts_on_work_in_progress(&self, service: ServiceId) -> bool {
        match self {
            Self::Work(target, fault) => {
                target.acts_on(service) && fault.acts_on_work_in_progress()
            }
            Self::Edge(..)
            | Self::Client(..)
            | Self::Life(..)
            | Self::Setting(_)
            | Self::Kept(_) => false,
        }
    }
}

impl ServiceTarget {
    /// Whether it acts on instances of a service.
    pub fn acts_on(&self, service: ServiceId) -> bool {
        self.services.contains(&service)
    }

    /// Whether an instance is among those it acts on.
    pub fn has(&self, instance: InstanceId) -> bool {
        self.instances.binary_search(&instance).is_ok()
    }
}

impl WorkFault {
    const fn acts_on_work_in_progress(&self) -> bool {
        match self {
            Self::Slow { in_progress, .. } => *in_progress,
            Self::Pause | Self::Cores(_) => true,
            Self::Errors(_) | Self::Threads(_) | Self::Fill { .. } => false,
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
