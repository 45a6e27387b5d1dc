//! `services`: instances, threads, queues, operations.

use super::ejection::EjectionFile;
use super::health::HealthFile;
use super::life::{LifecycleFile, MembershipFile};
use super::memory::MemoryFile;
use super::messages::{ConsumeFile, MessageQueueFile};
use super::queue::QueueFile;
use super::step::StepFile;
use crate::scenario::layer::{AdmissionFile, BalanceFile, OutcomesFile};
use crate::scenario::read::{At, FileType, Limit, Named, Reader, choices, file_map};
use crate::scenario::shape::{ScalarJson, Shape};
use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::{Count, Name, Problem, ScalarType};
use crate::time::SimDuration;
use crate::units::{Cores, Factor, Probability};

file_map! {
    /// A service: equal instances, each with its own threads and its own queue.
    ServiceFile {
        /// Equal copies.
        instances: InstancesFile, default "1";
        /// The zones of its instances, in turn: `[a, b, c]`; none if absent.
        zones: At<Vec<Name>>, optional;
        /// Threads per instance.
        threads: Limit<Count<1>>, required;
        /// Whether a thread is held through calls and waits, or during work only.
        execution: ExecutionFile, default "blocking";
        /// CPU cores per instance that working threads share: `4`, or in thousandths: `0.5`.
        cores: Limit<Cores>, default "unlimited";
        /// Where operations wait for a thread; needed unless threads are unlimited.
        queue: QueueFile, optional;
        /// What an instance holds in memory, and what it may hold; nothing counts, if absent.
        memory: At<MemoryFile>, optional;
        /// Connections that wait to be accepted while the instance is paused; beyond it callers try to
        /// connect again 1, 3, 7, … s after sending. Linux' `somaxconn` since 5.4.
        backlog: Limit<Count<0, 100_000_000>>, default "4096";
        /// How work slows as more operations are at work in the instance.
        contention: At<ContentionFile>, default "none";
        /// Connections that an instance has at once [count]; a call beyond is `error.refused`. Tomcat's
        /// `maxConnections`: 8192, `PostgreSQL`'s `max_connections`: 100.
        connections: Limit<Count<1>>, default "unlimited";
        /// Layers through which calls come in, before the queue, the first one first. They let nobody
        /// wait: who is not let in is turned away with `rejected.rate_limited` or `rejected.shed`.
        admission: Vec<At<AdmissionFile>>, default "[]";
        /// What becomes of work nobody waits for.
        abandoned_work: AbandonedWorkFile, default "finish";
        /// How callers choose an instance, unless their policy says otherwise.
        balance: BalanceFile, default "round_robin";
        /// How its instances start and stop.
        lifecycle: At<LifecycleFile>, optional;
        /// How its callers hear who is in rotation.
        membership: MembershipFile, optional;
        /// What it tells callers that it turns away: not to come back for a while (HTTP's
        /// `Retry-After`, gRPC's pushback). A caller minds it if its retry says so.
        retry_after: RetryAfterHintFile, optional;
        /// Outlier ejection: which of its instances callers leave out, by what came back from them; none,
        /// if absent.
        ejection: At<EjectionFile>, optional;
        /// How its instances are asked whether they are well, and what follows when they are not.
        health: Named<HealthFile>, default "{}";
        /// Queues of messages that it keeps.
        queues: Named<MessageQueueFile>, default "{}";
        /// Messages that its instances are handed.
        consumes: Named<ConsumeFile>, default "{}";
        /// What it can do.
        operations: At<Named<OperationFile>>, required;
    }
}

/// Equal copies: so many, or so many in each zone.
#[derive(Clone, Debug)]
pub(in crate::scenario) enum InstancesFile {
    /// So many.
    Count(CopiesFile),
    /// So many in each zone: those of the first zone come first.
    ByZone(At<Named<CopiesFile>>),
}

type CopiesFile = Count<1, 100_000>;

impl InstancesFile {
    /// In all zones together.
    pub(in crate::scenario) fn get(&self) -> u32 {
        match self {
            Self::Count(count) => count.get(),
            Self::ByZone(at) => {
                let each = at.value.0.iter().filter_map(|zone| zone.item);
                each.map(CopiesFile::get).sum::<u32>().clamp(1, 100_000)
            }
        }
    }
}

impl FileType for InstancesFile {
    fn shape() -> Shape {
        Shape::Either(vec![CopiesFile::shape, Named::<CopiesFile>::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.kind {
            Kind::Map(_) => At::read(node, reader).map(Self::ByZone),
            Kind::Scalar { .. } | Kind::List(_) => CopiesFile::read(node, reader).map(Self::Count),
        }
    }
}

choices! {
    /// When a thread is held.
    ExecutionFile {
        /// From the start of an operation to its answer.
        blocking = Blocking;
        /// During `work` only.
        r#async = Async;
    }
}

choices! {
    /// What becomes of work nobody waits for.
    AbandonedWorkFile {
        /// It is done all the same.
        finish = Finish;
        /// It is dropped when it would leave the queue.
        skip = Skip;
        /// It leaves the queue when the news arrives.
        remove = Remove;
        /// As `remove`, and running work ends too.
        stop = Stop;
    }
}

file_map! {
    /// A wish that goes with answers of a service: not to be called again for a while.
    RetryAfterHintFile short after {
        /// For how long [duration], or `never`: not again for this call (gRPC's negative pushback),
        /// which only `retry_after: pushback` heeds.
        after: PauseFile, required;
        /// With which of its own answers: by default those that go with HTTP 429 and 503, which
        /// are `rejected` and `error.unavailable` (RFC 9110).
        on: OutcomesFile, optional;
    }
}

/// A span, or for ever.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct PauseFile(pub(in crate::scenario) Option<SimDuration>);

struct Never;

impl ScalarType for Never {
    const WHAT: &'static str = "`never`";

    fn json() -> ScalarJson {
        ScalarJson::Words(&["never"])
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        match text {
            "never" => Ok(Self),
            _ => Err(Problem::new("it must be `never`")),
        }
    }
}

impl FileType for PauseFile {
    fn shape() -> Shape {
        Shape::Either(vec![SimDuration::shape, Never::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if matches!(&node.kind, Kind::Scalar { text, .. } if text == "never") {
            return Some(Self(None));
        }
        SimDuration::read(node, reader).map(|pause| Self(Some(pause)))
    }
}

/// How work slows with concurrency.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct ContentionFile(pub(in crate::scenario) Option<ContentionLawFile>);

struct NoContention;

impl ScalarType for NoContention {
    const WHAT: &'static str = "`none`";

    fn json() -> ScalarJson {
        ScalarJson::Words(&["none"])
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        match text {
            "none" => Ok(Self),
            _ => Err(Problem::new(
                "it must be `none` or a map with `usl` or `table`",
            )),
        }
    }
}

file_map! {
    /// How work slows with concurrency: one of `usl` and `table`.
    ContentionLawFile {
        /// The universal scalability law: time × (1 + σ(n−1) + κn(n−1)).
        usl: UslFile, optional;
        /// Pairs of operations at work and the factor on work time, linear between them.
        table: Vec<Vec<Factor>>, optional;
        /// Whether work in progress is rescaled whenever n changes.
        in_progress: bool, default "false";
    }
}

file_map! {
    /// The universal scalability law.
    UslFile {
        /// Contention: the share that cannot be done at the same time.
        sigma: Probability, required;
        /// Coherency: the cost of every pair.
        kappa: Probability, default "0%";
    }
}

impl FileType for ContentionFile {
    fn shape() -> Shape {
        Shape::Either(vec![NoContention::shape, ContentionLawFile::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.kind {
            Kind::Scalar { .. } => NoContention::read(node, reader).map(|_| Self(None)),
            Kind::List(_) | Kind::Map(_) => {
                ContentionLawFile::read(node, reader).map(|law| Self(Some(law)))
            }
        }
    }
}

file_map! {
    /// What a service can do.
    OperationFile {
        /// Whether doing it twice is the same as doing it once.
        idempotent: bool, default "false";
        /// Idempotency keys: all attempts of a call carry the same one, and a key that is known is
        /// not carried out again; none, if absent.
        idempotency_keys: KeysFile, optional;
        /// What it does, in order.
        steps: Vec<At<StepFile>>, required;
    }
}

file_map! {
    /// What a service does with idempotency keys.
    KeysFile {
        /// How long an answer is kept after the operation took effect [duration]; Stripe 24 h.
        retention: SimDuration, default "24h";
        /// What becomes of an attempt whose key is being worked on.
        in_progress: InProgressFile, default "reject";
        /// Who keeps the answers; Stripe: all instances together.
        scope: KeyScopeFile, default "service";
    }
}

choices! {
    /// What becomes of an attempt whose key is being worked on.
    InProgressFile {
        /// It is turned away with `error.unavailable` (Stripe answers 409).
        reject = Reject;
        /// It waits for the answer of the other.
        join = Join;
        /// It is carried out as well: keys that are written down only at the end.
        execute = Execute;
    }
}

choices! {
    /// Who keeps the answers under their keys.
    KeyScopeFile {
        /// All instances together: a store that outlives them.
        service = Service;
        /// Each instance its own, until it dies.
        instance = Instance;
    }
}
