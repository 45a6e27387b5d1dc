//! An instance: threads, waiting room, cores, and how faults leave it.

use super::frozen::Frozen;
use super::strand::StrandIx;
use crate::id::{FaultId, OperationId, ProcessId, ServiceId};
use crate::kernel::Timer;
use crate::model::attempt::{Attempt, AttemptIx};
use crate::model::spec::{AbandonedWork, Execution, ModelSpec, QueueSpec, ServiceSpec, WhenFull};
use crate::queueing::{SharedCores, WaitingRoom};
use crate::random::SiteKey;
use crate::time::{SimDuration, SimTime};
use crate::units::{Cores, Factor};

/// Settings of a service, which may change during a run.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// Threads per instance \[count\].
    pub(super) threads: u32,
    /// Cores per instance.
    pub(super) cores: Cores,
    pub(super) queue: QueueSpec,
    /// Operations that may wait \[count\].
    pub(super) capacity: usize,
    /// Connections that wait while an instance is paused \[count\].
    pub(super) backlog: usize,
    pub(super) abandoned_work: AbandonedWork,
    pub(super) wait_draws: SiteKey,
}

impl Settings {
    pub(super) fn new(spec: &ServiceSpec, wait_draws: SiteKey) -> Self {
        Self {
            threads: spec.threads.unwrap_or(u32::MAX),
            cores: spec.cores.unwrap_or(Cores::UNLIMITED),
            capacity: capacity(&spec.queue),
            queue: spec.queue.clone(),
            backlog: spec.backlog.map_or(usize::MAX, |places| places as usize),
            abandoned_work: spec.abandoned_work,
            wait_draws,
        }
    }

    /// Whether the wait of an operation may have a limit.
    #[inline]
    pub(super) fn limits_waits(&self) -> bool {
        self.queue.max_wait.is_some()
            || matches!(
                self.abandoned_work,
                AbandonedWork::Remove | AbandonedWork::Stop
            )
    }

    pub(super) fn set_queue(&mut self, queue: QueueSpec) {
        self.capacity = capacity(&queue);
        self.queue = queue;
    }
}

fn capacity(queue: &QueueSpec) -> usize {
    queue.capacity.map_or(usize::MAX, |places| places as usize)
}

/// Who waits for a thread: an operation that has not begun, or a strand that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiter {
    Operation(AttemptIx),
    Strand(StrandIx),
}

impl Waiter {
    const STRAND: u32 = 1 << 31;

    #[inline]
    pub(super) fn to_bits(self) -> u32 {
        match self {
            Self::Operation(ix) => ix,
            Self::Strand(ix) => ix | Self::STRAND,
        }
    }

    #[inline]
    pub(super) fn from_bits(bits: u32) -> Self {
        if bits & Self::STRAND == 0 {
            Self::Operation(bits)
        } else {
            Self::Strand(bits & !Self::STRAND)
        }
    }
}

/// One copy of a service.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about one record"
)]
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) service: ServiceId,
    pub(super) process: ProcessId,
    pub(super) execution: Execution,
    /// Threads, as settings and faults leave them \[count\].
    pub(super) threads: u32,
    /// Threads taken \[count\].
    pub(super) busy: u32,
    pub(super) room: WaitingRoom,
    /// Whether its free threads are being given to those who wait.
    pub(super) taking: bool,
    /// Strands at work \[count\].
    pub(super) at_work: u32,
    /// Whether work is stretched at its start by the strands at work.
    pub(super) crowded_at_start: bool,
    /// Cores shared by working threads, where sharing or a changing speed is possible.
    pub(super) cores: Option<SharedCores>,
    /// The next completion on the shared cores.
    pub(super) cores_timer: Timer,
    pub(super) down: bool,
    /// Whether the machine is gone with it, so that nobody refuses what arrives.
    pub(super) gone: bool,
    pub(super) paused: bool,
    /// What waits for the end of a pause.
    pub(super) frozen: Frozen,
    /// Stretches work that starts.
    pub(super) slow: Factor,
    /// Stretches work that starts, for single operations.
    pub(super) slow_operations: Vec<(OperationId, Factor)>,
    /// Stretches work in progress.
    pub(super) slow_in_progress: Factor,
    /// Stretches work that starts after a restart.
    pub(super) cold: Factor,
    /// Faults that make operations fail.
    pub(super) errors: Vec<FaultId>,
    /// Random faults that hold it now.
    pub(super) struck: Vec<FaultId>,
    /// Draws for the order of taking.
    pub(super) pick_draws: SiteKey,
    pub(super) picks: u64,
}

impl Instance {
    pub(super) fn new(
        service: ServiceId,
        process: ProcessId,
        spec: &ServiceSpec,
        settings: &Settings,
        shares_cores: bool,
        pick_draws: SiteKey,
    ) -> Self {
        Self {
            service,
            process,
            execution: spec.execution,
            threads: settings.threads,
            busy: 0,
            room: WaitingRoom::new(),
            taking: false,
            at_work: 0,
            crowded_at_start: spec.contention.as_ref().is_some_and(|law| !law.in_progress),
            cores: shares_cores.then(|| SharedCores::new(settings.cores)),
            cores_timer: Timer::NONE,
            down: false,
            gone: false,
            paused: false,
            frozen: Frozen::default(),
            slow: Factor::ONE,
            slow_operations: Vec::new(),
            slow_in_progress: Factor::ONE,
            cold: Factor::ONE,
            errors: Vec::new(),
            struck: Vec::new(),
            pick_draws,
            picks: 0,
        }
    }

    /// How many times as long work of an operation takes that starts now.
    #[inline]
    pub(super) fn stretch(&self, spec: &ModelSpec, operation: OperationId) -> Factor {
        let mut factor = self.slow.times(self.cold);
        for &(of, slow) in &self.slow_operations {
            if of == operation {
                factor = factor.times(slow);
            }
        }
        if self.crowded_at_start
            && let Some(contention) = &spec.services[self.service].contention
        {
            factor = factor.times(contention.law.factor(self.at_work));
        }
        factor
    }

    /// An operation ends: its thread is free, unless its strands have threads of their own. How long
    /// threads were held for it in all.
    #[inline]
    pub(super) fn give_back_thread(&mut self, now: SimTime, attempt: &mut Attempt) -> SimDuration {
        if self.execution == Execution::Blocking {
            attempt.clock.stop(now);
            self.busy -= 1;
        }
        attempt.clock.sum()
    }

    /// The operation that leaves a full room so that a newcomer can come in; none if newcomers are
    /// turned away, or if nobody waits but strands that go on.
    pub(super) fn dropped_for_a_newcomer(&mut self, settings: &Settings) -> Option<AttemptIx> {
        if settings.queue.when_full == WhenFull::Reject || settings.capacity == 0 {
            return None;
        }
        let operation = |bits| match Waiter::from_bits(bits) {
            Waiter::Operation(ix) => Some(ix),
            Waiter::Strand(_) => None,
        };
        self.room.take_oldest(operation)
    }

    /// Whether the next in line could start now.
    #[inline]
    pub(super) fn has_free_thread(&self) -> bool {
        self.busy < self.threads && !self.paused
    }

    /// Whether a newcomer gets a thread at once: none may overtake those who wait.
    #[inline]
    pub(super) fn takes_at_once(&self) -> bool {
        self.has_free_thread() && self.room.is_empty()
    }
}
