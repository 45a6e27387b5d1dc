//! An instance: threads, waiting room, cores, and how faults leave it.

use super::memory::Memory;
use crate::id::{FaultId, OperationId, ServiceId};
use crate::kernel::Timer;
use crate::model::arena::{AttemptIx, StrandIx};
use crate::model::attempt::Attempt;
use crate::model::spec::{
    AbandonedWork, Execution, Groups, ModelSpec, QueueSpec, ServiceSpec, WhenFull,
};
use crate::queueing::{Codel, Joins, QueueStanding, SharedCores, WaitingRoom};
use crate::random::SiteKey;
use crate::time::{SimDuration, SimTime};
use crate::units::{Cores, Factor};

/// Settings of a service, which may change during a run.
#[derive(Clone, Debug)]
pub(crate) struct ServiceSettings {
    /// Threads per instance \[count\].
    pub(crate) threads: u32,
    /// Cores per instance.
    pub(crate) cores: Cores,
    pub(crate) queue: QueueSpec,
    /// Operations that may wait \[count\].
    pub(crate) capacity: usize,
    pub(crate) abandoned_work: AbandonedWork,
    pub(crate) wait_draws: SiteKey,
    /// Whether there is a gate behind the door.
    pub(crate) gated: bool,
}

impl ServiceSettings {
    pub(crate) fn new(spec: &ServiceSpec, wait_draws: SiteKey) -> Self {
        Self {
            threads: spec.threads.unwrap_or(u32::MAX),
            cores: spec.cores.unwrap_or(Cores::UNLIMITED),
            capacity: capacity(&spec.queue),
            queue: spec.queue.clone(),
            abandoned_work: spec.abandoned_work,
            wait_draws,
            gated: spec.connections.is_some() || !spec.admission.is_empty(),
        }
    }

    /// Whether the wait of an operation may have a limit.
    #[inline]
    pub(crate) fn limits_waits(&self) -> bool {
        self.queue.max_wait.is_some()
            || matches!(
                self.abandoned_work,
                AbandonedWork::Remove | AbandonedWork::Stop
            )
    }

    pub(crate) fn set_queue(&mut self, queue: QueueSpec) {
        self.capacity = capacity(&queue);
        self.queue = queue;
    }
}

fn capacity(queue: &QueueSpec) -> usize {
    queue.capacity.map_or(usize::MAX, |places| places as usize)
}

/// Who waits for a thread: an operation that has not begun, or a strand that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiter {
    Operation(AttemptIx),
    Strand(StrandIx),
}

impl Waiter {
    const STRAND: u32 = 1 << 31;

    #[inline]
    pub(crate) fn to_bits(self) -> u32 {
        match self {
            Self::Operation(ix) => ix,
            Self::Strand(ix) => ix | Self::STRAND,
        }
    }

    #[inline]
    pub(crate) fn from_bits(bits: u32) -> Self {
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
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    pub(crate) service: ServiceId,
    /// Whether nothing special holds: it is open, works at its own speed, on no shared cores, whatever
    /// becomes of its callers, without errors, and its process answers no checks. Then nothing of all that need be asked.
    pub(crate) plain: bool,
    /// Whether its process answers health checks by itself.
    pub(crate) answers_checks: bool,
    /// Whether something is done when it begins to work on a message.
    pub(crate) minds_messages: bool,
    pub(crate) execution: Execution,
    /// Threads, as settings and faults leave them \[count\].
    pub(crate) threads: u32,
    /// Threads taken \[count\].
    pub(crate) busy: u32,
    pub(crate) room: WaitingRoom,
    /// What judges who has waited too long, if anything does.
    pub(crate) codel: Option<Box<Codel>>,
    /// Strands that wait in the room \[count\].
    pub(crate) strands_waiting: u32,
    /// Operations that run, where their strands have threads of their own \[count\].
    pub(crate) running_async: u32,
    /// What it holds in memory, if that counts.
    pub(crate) memory: Option<Box<Memory>>,
    /// Whether its free threads are being given to those who wait.
    pub(crate) taking: bool,
    /// Whether it turns away who comes, and ends when it has nothing left.
    pub(crate) closing: bool,
    /// Strands at work \[count\].
    pub(crate) at_work: u32,
    /// Whether work is stretched at its start by the strands at work.
    pub(crate) crowded_at_start: bool,
    /// Cores shared by working threads, where sharing or a changing speed is possible.
    pub(crate) cores: Option<SharedCores>,
    /// The next completion on the shared cores.
    pub(crate) cores_timer: Timer,
    /// Whether its process stands still, so that nobody gets a thread or goes on.
    pub(crate) paused: bool,
    /// Stretches work that starts.
    pub(crate) slow: Factor,
    /// Stretches work that starts, for single operations.
    pub(crate) slow_operations: Vec<(OperationId, Factor)>,
    /// Stretches work in progress.
    pub(crate) slow_in_progress: Factor,
    /// Stretches work that starts after a restart.
    pub(crate) cold: Factor,
    /// Faults that make operations fail.
    pub(crate) errors: Vec<FaultId>,
    /// Random faults that hold it now.
    pub(crate) struck: Vec<FaultId>,
    /// Draws for the order of taking.
    pub(crate) pick_draws: SiteKey,
    pub(crate) picks: u64,
}

impl Instance {
    pub(crate) fn new(
        service: ServiceId,
        spec: &ServiceSpec,
        settings: &ServiceSettings,
        shares_cores: bool,
        answers_checks: bool,
        pick_draws: SiteKey,
    ) -> Self {
        let mut instance = Self {
            service,
            plain: false,
            answers_checks,
            minds_messages: false,
            execution: spec.execution,
            threads: settings.threads,
            busy: 0,
            room: WaitingRoom::new(),
            codel: None,
            strands_waiting: 0,
            running_async: 0,
            memory: spec.memory.map(|config| Box::new(Memory::new(config))),
            taking: false,
            closing: false,
            at_work: 0,
            crowded_at_start: spec.contention.as_ref().is_some_and(|law| !law.in_progress),
            cores: shares_cores.then(|| SharedCores::new(settings.cores)),
            cores_timer: Timer::NONE,
            paused: false,
            slow: Factor::ONE,
            slow_operations: Vec::new(),
            slow_in_progress: Factor::ONE,
            cold: Factor::ONE,
            errors: Vec::new(),
            struck: Vec::new(),
            pick_draws,
            picks: 0,
        };
        instance.arrange(&settings.queue, |_, ix| {
            unreachable!("operation {ix} waits before the beginning")
        });
        instance
    }

    /// The waiting room is as a queue says from now on; `standing` tells of an operation where it
    /// stands among these groups.
    pub(crate) fn arrange(
        &mut self,
        queue: &QueueSpec,
        standing: impl Fn(&Groups, AttemptIx) -> QueueStanding,
    ) {
        let rule = queue.codel.map(|codel| codel.rule);
        if self.codel.as_ref().map(|codel| codel.rule()) != rule {
            self.codel = rule.map(|rule| Box::new(Codel::new(rule)));
        }
        if queue.is_simple() {
            return self.room.arrange_simply();
        }
        self.room
            .arrange(queue.discipline, |waiter| match Waiter::from_bits(waiter) {
                Waiter::Operation(ix) => Joins::Begins(standing(&queue.groups, ix)),
                Waiter::Strand(_) => Joins::GoesOn,
            });
    }

    /// Somebody is about to join the line.
    pub(crate) fn found_by_a_newcomer(&mut self) {
        if self.room.beginning() == 0
            && let Some(codel) = &mut self.codel
        {
            codel.found_empty();
        }
    }

    /// Whether work that starts takes as long as it was drawn, with an end that nothing moves.
    pub(crate) fn has_own_speed(&self) -> bool {
        let factors = [self.slow, self.cold];
        factors.iter().all(|&factor| factor == Factor::ONE)
            && self.slow_operations.is_empty()
            && !self.crowded_at_start
            && self.cores.is_none()
    }

    /// How many times as long work of an operation takes that starts now.
    #[inline]
    pub(crate) fn stretch(&self, now: SimTime, spec: &ModelSpec, of: OperationId) -> Factor {
        let operation = of;
        let mut factor = self.slow.times(self.cold);
        if let Some(memory) = &self.memory {
            factor = factor.times(memory.slowdown(now, self.calls()));
        }
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

    /// An operation waits for a thread.
    #[inline]
    pub(crate) fn seat(&mut self, ix: AttemptIx, attempt: &mut Attempt) {
        attempt.wait_at(self.room.push(Waiter::Operation(ix).to_bits()));
    }

    /// An operation ends: its thread is free, unless its strands have threads of their own. How long
    /// threads were held for it in all.
    #[inline]
    pub(crate) fn give_back_thread(&mut self, now: SimTime, attempt: &mut Attempt) -> SimDuration {
        if self.execution == Execution::Blocking {
            attempt.clock.stop(now);
            self.busy -= 1;
        } else {
            self.running_async -= 1;
        }
        attempt.clock.sum()
    }

    /// Operations that wait or run \[count\].
    pub(crate) fn calls(&self) -> u32 {
        let running = match self.execution {
            Execution::Blocking => self.busy,
            Execution::Async => self.running_async,
        };
        running + self.room.len() as u32 - self.strands_waiting
    }

    /// The operation that leaves a full room so that a newcomer can come in; none if newcomers are
    /// turned away, or if nobody waits but strands that go on.
    pub(crate) fn dropped_for_a_newcomer(
        &mut self,
        settings: &ServiceSettings,
    ) -> Option<AttemptIx> {
        if settings.queue.when_full == WhenFull::Reject || settings.capacity == 0 {
            return None;
        }
        let operation = |bits| match Waiter::from_bits(bits) {
            Waiter::Operation(ix) => Some(ix),
            Waiter::Strand(_) => None,
        };
        self.room.take_oldest(operation)
    }

    /// Whether strands of its operations hold threads of their own.
    #[inline]
    pub(crate) fn own_threads(&self) -> bool {
        self.execution == Execution::Async
    }

    /// Whether the next in line could start now.
    #[inline]
    pub(crate) fn has_free_thread(&self) -> bool {
        self.busy < self.threads && !self.paused
    }

    /// Whether somebody waits to whom a free thread is to be given, since nobody is at it already; or
    /// whether it may have nothing left, which is looked at in the same place.
    #[inline]
    pub(crate) fn has_next(&self) -> bool {
        (!self.room.is_empty() | self.closing) && !self.taking
    }

    /// Whether a newcomer gets a thread at once: none may overtake those who wait.
    #[inline]
    pub(crate) fn takes_at_once(&self) -> bool {
        self.has_free_thread() && self.room.is_empty()
    }
}
