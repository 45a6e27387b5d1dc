//! Services: instances, threads, queues, and what they do under load.

use super::EjectionSpec;
use super::{LifecycleSpec, MembershipSpec};
use crate::id::{AdmissionId, InstanceId, ProcessId, ServiceId};
use crate::policy::{BalanceConfig, Layer, OutcomeSet, RetryHint};
use crate::queueing::{CodelConfig, Discipline, MemoryConfig};
use crate::random::Dist;
use crate::units::{Cores, Factor};

/// A service.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSpec {
    /// Name in the file.
    pub name: String,
    /// Equal copies \[count\].
    pub instances: u32,
    /// The zones of its slots, in turn; none if it has none.
    pub zones: Vec<u16>,
    /// The first of them.
    pub first_instance: InstanceId,
    /// The process of the first instance.
    pub first_process: ProcessId,
    /// Threads per instance; `None` is unlimited.
    pub threads: Option<u32>,
    /// Whether a thread is held through calls and waits, or during work only.
    pub execution: Execution,
    /// CPU cores per instance that working threads share; `None`: they do not slow each other.
    pub cores: Option<Cores>,
    /// Where operations wait for a thread.
    pub queue: QueueSpec,
    /// What it holds in memory, and may hold; `None`: nothing counts.
    pub memory: Option<MemoryConfig>,
    /// Connections that wait to be accepted while an instance is paused \[count\]; `None` is
    /// unlimited.
    pub backlog: Option<u32>,
    /// How work slows as the instance's concurrency grows.
    pub contention: Option<ContentionSpec>,
    /// Connections that an instance has at once \[count\]; `None` is unlimited.
    pub connections: Option<u32>,
    /// The layers through which calls come in, the first to be asked first (rule 56).
    pub admission: Vec<AdmissionId>,
    /// What becomes of work nobody waits for.
    pub abandoned_work: AbandonedWork,
    /// How callers choose an instance, unless their policy says otherwise.
    pub balance: BalanceConfig,
    /// What it tells callers that it turns away, if anything.
    pub retry_after: Option<RetryAfterSpec>,
    /// How its instances come and go, if the file says it.
    pub lifecycle: Option<LifecycleSpec>,
    /// How its callers hear who is in rotation.
    pub membership: MembershipSpec,
    /// Which of its instances callers leave out, by what came back from them.
    pub ejection: Option<EjectionSpec>,
}

/// A wish that goes with some answers of a service: not to be called again for a while, or not for
/// this call. A caller minds it if its retry says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfterSpec {
    /// For how long.
    pub after: RetryHint,
    /// With which of its own answers.
    pub on: OutcomeSet,
}

/// The threading model of a service (rule 14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Execution {
    /// A thread is held from the start of an operation to its answer.
    Blocking,
    /// A thread is held during `work` only.
    Async,
}

/// The waiting room of an instance (rule 13).
#[derive(Clone, Debug, PartialEq)]
pub struct QueueSpec {
    /// Operations that may wait \[count\]; `None` is unlimited.
    pub capacity: Option<u32>,
    /// Who is taken next.
    pub discipline: Discipline,
    /// What it tells apart among those who wait.
    pub groups: Groups,
    /// What it drops when waiting has become a habit, if anything.
    pub codel: Option<CodelConfig>,
    /// How long one may wait; `None` is unlimited.
    pub max_wait: Option<Dist>,
    /// Who is turned away when all places are taken.
    pub when_full: WhenFull,
}

impl QueueSpec {
    /// Whether those who go on with what they had begun wait among the others, and nobody is judged.
    pub const fn is_simple(&self) -> bool {
        self.discipline.is_simple() && self.codel.is_none()
    }
}

/// What a discipline tells apart (rule 58).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Groups {
    /// Nothing.
    One,
    /// Classes by their rank, 0 for the highest: one for each class of the scenario.
    Ranks(Vec<u32>),
    /// Those on whose account attempts are made.
    Per(Per),
}

/// Who is turned away by a full waiting room (rule 13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// Who comes.
    Reject,
    /// The operation that has waited longest, whose place the newcomer takes.
    DropOldest,
}

/// How work slows when `n` operations are at work in an instance.
#[derive(Clone, Debug, PartialEq)]
pub struct ContentionSpec {
    /// The slowdown as a function of n.
    pub law: ContentionLaw,
    /// Whether work in progress is rescaled whenever n changes (else fixed at its start).
    pub in_progress: bool,
}

/// A slowdown as a function of the operations at work.
#[derive(Clone, Debug, PartialEq)]
pub enum ContentionLaw {
    /// Universal scalability law: time × (1 + σ(n−1) + κn(n−1)).
    Usl {
        /// Contention σ.
        sigma: f64,
        /// Coherency κ.
        kappa: f64,
    },
    /// Points (n, factor), linear between them, constant beyond; sorted, never empty.
    Table(Vec<(u32, f64)>),
}

impl ContentionLaw {
    /// The factor on work time with `n` operations at work, the one in question included.
    pub fn factor(&self, n: u32) -> Factor {
        let factor = match self {
            Self::Usl { sigma, kappa } => {
                let others = f64::from(n.saturating_sub(1));
                1.0 + sigma * others + kappa * f64::from(n) * others
            }
            Self::Table(points) => interpolate(points, n),
        };
        Factor::new(factor).unwrap_or(Factor::ONE)
    }
}

fn interpolate(points: &[(u32, f64)], n: u32) -> f64 {
    let after = points.partition_point(|&(at, _)| at <= n);
    if after == 0 {
        return points[0].1;
    }
    let (x0, y0) = points[after - 1];
    match points.get(after) {
        None => y0,
        Some(&(x1, y1)) => y0 + (y1 - y0) * f64::from(n - x0) / f64::from(x1 - x0),
    }
}

/// A layer through which calls come into a service: a guard on the callee's side (rule 56).
#[derive(Clone, Debug, PartialEq)]
pub struct AdmissionSpec {
    /// The service.
    pub service: ServiceId,
    /// Its name among its equals in the list: `bulkhead`, `bulkhead[2]`, …
    pub name: String,
    /// Whether all instances share its state, else each has its own.
    pub shared: bool,
    /// Whether each tenant, client or class has a state of its own.
    pub per: Option<Per>,
    /// What it does; a guard that lets nobody wait.
    pub kind: Layer,
}

/// By what attempts at a service are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// The tenant that the call is made for.
    Tenant,
    /// Who calls: a client, or a service.
    Client,
    /// The class of the call.
    Class,
}

/// What a service does with work nobody waits for (rule 17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbandonedWork {
    /// Does it all the same.
    Finish,
    /// Drops it when it would leave the queue.
    Skip,
    /// Takes it out of the queue when the cancel signal arrives.
    Remove,
    /// As `remove`, and also ends it while it runs.
    Stop,
}
