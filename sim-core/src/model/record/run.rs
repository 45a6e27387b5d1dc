//! What is kept of a run: integers only, equal for equal runs.

use super::calls::{Calls, Causes, StartSecond};
use super::checks::HealthChange;
use super::counts::Counts;
use super::deeds::DeedRecord;
use super::ejections::Ejections;
use super::failing::FailingSpells;
use super::kept::KeptRecord;
use super::lives::{CountsOverTime, InstanceLife};
use super::memories::Memories;
use super::outages::Outages;
use super::points::Series;
use super::queues::QueueRecord;
use super::sagas::SagaRecords;
use super::snapshots::Snapshots;
use crate::id::{
    AdmissionId, BudgetId, ClientId, EdgeId, FaultId, IdMap, InstanceId, KeptId, LayerId,
    OperationId, ProcessId, QueueId, ServiceId, Sparse, WindowId,
};
use crate::kernel::Stop;
use crate::model::fact::{AppliedSet, BreakerState, Mark, StopWhy, Then, Why};
use crate::observe::{Checkpoint, Histogram};
use crate::time::{SimDuration, SimTime};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// It reached its horizon.
    Finished,
    /// It reached a limit.
    Limit(RunLimit),
    /// A person stopped it.
    Interrupted,
}

impl From<Stop> for RunStatus {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Horizon => Self::Finished,
            Stop::EventLimit => Self::Limit(RunLimit::Events),
            Stop::InstantLimit => Self::Limit(RunLimit::AtOneInstant),
            Stop::SequenceExhausted | Stop::SlotsExhausted => Self::Limit(RunLimit::EventList),
            Stop::Interrupted => Self::Interrupted,
            // The only limit that the model keeps itself.
            Stop::Halted => Self::Limit(RunLimit::CallsInFlight),
        }
    }
}

/// What a run may run out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunLimit {
    /// Events in total.
    Events,
    /// Events at one instant.
    AtOneInstant,
    /// Calls in flight.
    CallsInFlight,
    /// Sequence numbers or places of the event list.
    EventList,
}

impl RunLimit {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::AtOneInstant => "at_one_instant",
            Self::CallsInFlight => "calls_in_flight",
            Self::EventList => "event_list",
        }
    }
}

/// What the model itself counts as under way when a run ends: the other side of conservation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Live {
    /// Calls whose caller does not yet know the outcome \[count\].
    pub calls: u64,
    /// Attempts whose caller does not yet know the outcome \[count\].
    pub attempts: u64,
    /// Operations waiting for their first thread \[count\].
    pub queued: u64,
    /// Operations that got a thread and have not ended \[count\].
    pub running: u64,
    /// Permits and connections that the gates of services have given and not got back \[count\].
    pub gates_gave: u64,
    /// Permits and connections that attempts hold of them \[count\].
    pub held_of_gates: u64,
    /// Instances that have not ended for good, of services whose instances come and go \[count\].
    pub instances: u64,
    /// Effects that stand, all names and root calls together \[count\].
    pub effects: u64,
    /// Sagas that are written down and not over \[count\].
    pub sagas: u64,
}

/// A breaker changed its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerChange {
    /// When.
    pub at: SimTime,
    /// The layer.
    pub layer: LayerId,
    /// The process that owns it.
    pub process: ProcessId,
    /// The instance it guards, if it guards one.
    pub instance: Option<InstanceId>,
    /// Old state.
    pub from: BreakerState,
    /// New state.
    pub to: BreakerState,
    /// What made it change.
    pub why: Why,
    /// Failures, or slow calls, that decided, of the results looked at \[count\].
    pub failures: u32,
    /// Results looked at \[count\].
    pub results: u32,
    /// How long it is to stay open; zero when it did not open.
    pub wait: SimDuration,
    /// Which settings made that so long.
    pub by: AppliedSet,
}

/// A guard that finds its limit by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LimitedBy {
    /// A layer of a policy.
    Layer(LayerId),
    /// A layer of the admission of a service.
    Admission(AdmissionId),
}

/// A guard found another limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitChange {
    /// When.
    pub at: SimTime,
    /// Which guard.
    pub by: LimitedBy,
    /// Which of its owners, by a number of its own.
    pub owner: u32,
    /// The limit before.
    pub from: u32,
    /// The limit from then on.
    pub to: u32,
}

/// Something that happened to the system from outside, or to one of its instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorldEvent {
    /// A fault begins.
    FaultStarted(FaultId),
    /// A fault ends.
    FaultEnded(FaultId),
    /// A random fault begins to act on an instance.
    Struck(FaultId, InstanceId),
    /// A random fault ceases to act on an instance.
    Lifted(FaultId, InstanceId),
    /// An instance died.
    InstanceDown(InstanceId),
    /// An instance came back, empty.
    InstanceUp(InstanceId),
    /// An instance left the rotation, with this mark.
    RotationLeft(InstanceId, Mark),
    /// An instance came back into the rotation, when this mark was lifted.
    RotationJoined(InstanceId, Mark),
    /// A mark was set or lifted, and that changed nothing for all.
    Marked {
        /// Whose.
        instance: InstanceId,
        /// Which.
        mark: Mark,
        /// Whether it was set.
        holds: bool,
        /// By whom, if it is one caller's verdict.
        process: Option<ProcessId>,
    },
    /// A reader falls into a panic, or comes out of it.
    Panic {
        /// About whose instances.
        service: ServiceId,
        /// The caller, if each has a view of its own.
        process: Option<ProcessId>,
        /// Whether it begins.
        begins: bool,
    },
    /// An instance was told to stop.
    Stops(InstanceId, Then, StopWhy),
    /// It has stopped; whether it was killed.
    Stopped(InstanceId, bool),
}

/// A time in which operations were turned away by full waiting rooms of a service,
/// never more than a second apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FullEpisode {
    /// The service.
    pub service: ServiceId,
    /// The first one turned away.
    pub from: SimTime,
    /// The last one turned away.
    pub last: SimTime,
    /// Turned away \[count\].
    pub rejected: u64,
}

/// Calls that start in a window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WindowRecord {
    /// Started in the window \[count\].
    pub started: u64,
    /// Of those, the ones that ended before the run did.
    pub calls: Calls,
}

impl WindowRecord {
    /// Under way when the run ended \[count\].
    pub fn unfinished(&self) -> u64 {
        self.started - self.calls.total()
    }
}

/// What an instance had to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InstanceLoad {
    /// Attempts that arrived \[count\].
    pub arrived: u64,
    /// Area under the number waiting [count × ns].
    pub queue_area: i128,
    /// Area under the number of threads taken [count × ns].
    pub busy_area: i128,
    /// Area under the number waiting or at work [count × ns].
    pub present_area: i128,
}

impl InstanceLoad {
    /// What it had to do since an earlier snapshot.
    #[must_use]
    pub const fn since(&self, earlier: &Self) -> Self {
        Self {
            arrived: self.arrived - earlier.arrived,
            queue_area: self.queue_area - earlier.queue_area,
            busy_area: self.busy_area - earlier.busy_area,
            present_area: self.present_area - earlier.present_area,
        }
    }
}

/// The time after the last arrival, in which calls under way may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    /// How long it took: until the last call had ended, or as long as it might.
    pub took: SimDuration,
    /// Calls of clients under way when it began \[count\].
    pub under_way: u64,
    /// Of those, still under way at its end \[count\].
    pub unfinished: u64,
}

/// A sum that must come out even: in = out + inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conservation {
    /// What is counted.
    pub what: &'static str,
    /// Of which edge or service; `all` for the whole model.
    pub place: String,
    /// Came in, in the whole run \[count\].
    pub came_in: u64,
    /// Went out, in the whole run \[count\].
    pub went_out: u64,
    /// Under way at the end, as counted by itself \[count\].
    pub inside: i64,
}

impl Conservation {
    /// Whether the sum is even.
    pub fn holds(&self) -> bool {
        self.inside >= 0 && self.came_in == self.went_out + self.inside as u64
    }
}

/// The digest over all facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestRecord {
    /// After the last fact.
    pub value: u128,
    /// Facts \[count\].
    pub facts: u64,
    /// On the way, the last one at the end.
    pub trail: Vec<Checkpoint>,
}

/// Everything that is kept of a run.
#[derive(Clone, Debug)]
pub struct RunRecord {
    /// When what is measured ended: at the run's duration, or before.
    pub end: SimTime,
    /// What came after, if the run was to go on.
    pub drain: Option<Drain>,
    /// How it ended.
    pub status: RunStatus,
    /// Counters over the whole run.
    pub whole: Counts,
    /// Counters over `[warmup, duration)`, each thing at its own instant.
    pub measured: Counts,
    /// By edge: calls that start in `[warmup, duration)`.
    pub calls: Sparse<EdgeId, Calls>,
    /// By edge: how many calls start in `[warmup, duration)` \[count\].
    pub calls_started: IdMap<EdgeId, u64>,
    /// By edge: first causes of the calls in `calls` that did not end `ok`.
    pub causes: Sparse<EdgeId, Causes>,
    /// By operation: waiting time of what got a thread in `[warmup, duration)`.
    pub waits: Sparse<OperationId, Histogram>,
    /// By window.
    pub windows: IdMap<WindowId, WindowRecord>,
    /// By client: calls by the second of their start, in order; only seconds in which calls started.
    pub seconds: IdMap<ClientId, Vec<StartSecond>>,
    /// By instance: what it had to do in `[warmup, duration)`.
    pub instances: IdMap<InstanceId, InstanceLoad>,
    /// Snapshots at the boundaries of windows and faults.
    pub snapshots: Snapshots,
    /// Waiting at the end, by service \[count\].
    pub waiting_at_end: IdMap<ServiceId, u64>,
    /// Everything over time.
    pub series: Series,
    /// The least that was ever left of each budget, of all its owners; `None`: nobody asked.
    pub least_left: IdMap<BudgetId, Option<u32>>,
    /// Changes of breakers in order, at most [`super::MAX_BREAKER_CHANGES`].
    pub breaker_changes: Vec<BreakerChange>,
    /// Changes that found no place there \[count\].
    pub breaker_changes_left_out: u64,
    /// Limits that guards found for themselves, in order; of very many the first.
    pub limit_changes: Vec<LimitChange>,
    /// Faults and instances, in order.
    pub events: Vec<(SimTime, WorldEvent)>,
    /// Verdicts of health checks in order, at most [`super::MAX_HEALTH_CHANGES`].
    pub health_changes: Vec<HealthChange>,
    /// By fault: what it did, if it is random.
    pub outages: IdMap<FaultId, Outages>,
    /// Who was left out by whom.
    pub ejections: Ejections,
    /// What instances held in memory, and who died of it.
    pub memories: Memories,
    /// When instances failed whose callers compare loads.
    pub failing: FailingSpells,
    /// What became of those who asked for something kept.
    pub kept: IdMap<KeptId, KeptRecord>,
    /// What became of effects, and of what is to be true of them, in the whole run.
    pub deeds: DeedRecord,
    /// What became of the messages of each queue.
    pub queues: IdMap<QueueId, QueueRecord>,
    /// What became of sagas, in the whole run.
    pub sagas: SagaRecords,
    /// By layer: ages of kept answers that a fallback gave in `[warmup, duration)`, if it gave any.
    pub ages: IdMap<LayerId, Option<Box<Histogram>>>,
    /// By layer: how long passes had waited that it let in in `[warmup, duration)`, if it let any wait.
    pub layer_waits: IdMap<LayerId, Option<Box<Histogram>>>,
    /// By instance: its life, from the beginning of the run.
    pub lives: IdMap<InstanceId, InstanceLife>,
    /// By service: how many instances were in which state, when.
    pub counts_over_time: IdMap<ServiceId, CountsOverTime>,
    /// When waiting rooms were full, by service, each in order.
    pub full_episodes: Vec<FullEpisode>,
    /// Sums that must come out even (rule 31).
    pub conservation: Vec<Conservation>,
    /// Fingerprint.
    pub digest: DigestRecord,
}

impl RunRecord {
    /// Whether all sums come out even.
    pub fn is_conserved(&self) -> bool {
        self.conservation.iter().all(Conservation::holds)
    }
}
