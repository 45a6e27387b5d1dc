//! `health`: the checks of a service's instances.

use super::phase::PhaseFile;
use crate::scenario::layer::OutcomesFile;
use crate::scenario::like::library_names;
use crate::scenario::read::{At, FileType, Reader, choices, file_map};
use crate::scenario::shape::Shape;
use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::{Count, Reference};
use crate::time::SimDuration;

library_names! {
    /// A product whose health checks have a table.
    HealthLike = HEALTH;
}

file_map! {
    /// A health check: somebody asks each instance at times whether it is well, and acts on a row of
    /// equal answers. A check is a call, and costs what it costs; but it stands in no count of traffic.
    HealthFile {
        /// The product whose checks it is like: its settings stand in for the keys that are missing
        /// here. `kubernetes` is a readiness probe, `kubernetes-live` and `kubernetes-started` a
        /// liveness and a startup probe.
        like: HealthLike, optional;
        /// What is asked of the instance.
        check: AsksFile, default "process";
        /// Who asks, and whose verdict it is.
        scope: CheckScope, default "shared";
        /// When the next check is sent.
        schedule: ScheduleFile, default "ticks";
        /// Between ticks, or from a result to the next check [duration].
        every: At<SimDuration>, required;
        /// The same, with `after_end`, while results speak against the verdict, or there is none yet;
        /// `every`, if absent. `HAProxy`: `fastinter`, Envoy: its edge intervals.
        every_pending: At<SimDuration>, optional;
        /// The same, with `after_end`, while it has failed; `every`, if absent. `HAProxy`: `downinter`,
        /// Envoy: `unhealthy_interval`.
        every_failed: At<SimDuration>, optional;
        /// How long an answer may take [duration]; one at that very instant is in time.
        timeout: At<SimDuration>, required;
        /// Failures in a row after which it has failed. What is no useful answer in time is a failure.
        fails: Count<1, 1_000_000>, required;
        /// Passes in a row that lift this.
        passes: At<Count<1, 1_000_000>>, required;
        /// Outcomes with which it has failed at once; Envoy: HTTP statuses that it did not expect.
        at_once_on: At<OutcomesFile>, default "[]";
        /// What is believed after a start, before anything is known.
        first: FirstFile, default "out";
        /// From a start to the first check, besides the phase [duration].
        delay: SimDuration, default "0s";
        /// What follows when it has failed.
        on_fail: At<OnFailFile>, default "leave";
        /// Other checks of the service, which begin when this one has passed after a start; then it
        /// ceases until the next one. Kubernetes' startup probe holds up the others.
        gates: Vec<At<Reference>>, default "[]";
        /// When checks come, counted from a start: `random`, so that each instance has its own, below
        /// `every`; or an instant, the same for all [duration].
        phase: At<PhaseFile>, default "random";
    }
}

/// What is asked of an instance.
#[derive(Clone, Debug)]
pub(in crate::scenario) enum AsksFile {
    /// By its name alone.
    Word(AsksWord),
    /// A call of its own.
    Call(AsksCallFile),
}

choices! {
    /// What is asked of an instance.
    AsksWord {
        /// Whether its process runs: it answers without a thread, and is silent while it is paused.
        process = Process;
        /// Whether a thread answers: the check queues like any call, and takes one.
        thread = Thread;
    }
}

file_map! {
    /// Whether a thread answers, which makes a call for it: a deep check.
    AsksCallFile {
        /// The operation that it calls, as `service.operation`.
        call: At<Reference>, required;
    }
}

impl FileType for AsksFile {
    fn shape() -> Shape {
        Shape::Either(vec![AsksWord::shape, AsksCallFile::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.kind {
            Kind::Map(_) => AsksCallFile::read(node, reader).map(Self::Call),
            Kind::Scalar { .. } | Kind::List(_) => AsksWord::read(node, reader).map(Self::Word),
        }
    }
}

choices! {
    /// Who asks, and whose verdict it is.
    CheckScope {
        /// Somebody beside the instance (its node, a control plane), over no network; the verdict
        /// holds for all callers.
        shared = Shared;
        /// Each process that calls the service, over the network; the verdict is its own.
        caller = Caller;
    }
}

choices! {
    /// When the next check is sent.
    ScheduleFile {
        /// At ticks, which no answer shifts; one that falls into a check comes at its end.
        ticks = Ticks;
        /// So long after the last result.
        after_end = AfterEnd;
    }
}

choices! {
    /// What is believed after a start, before anything is known.
    FirstFile {
        /// That it is not well, until `passes` in a row.
        out = Out;
        /// That it is well, until `fails` in a row.
        r#in = In;
        /// That it is not well; the first result decides alone (Envoy).
        decides = Decides;
        /// That it is well; the first result decides alone (`HAProxy`).
        in_decides = InDecides;
        /// That it is not well; one pass is enough, as long as it has not failed (ALB).
        one_passes = OnePasses;
    }
}

/// What follows when a check has failed.
#[derive(Clone, Debug)]
pub(in crate::scenario) enum OnFailFile {
    /// By its name alone.
    Word(OnFailWord),
    /// A breaker.
    Breaker(OnFailBreakerFile),
}

choices! {
    /// What follows when a check has failed.
    OnFailWord {
        /// The instance leaves the rotation until the check passes.
        leave = Leave;
        /// The instance stops and starts again, as its `lifecycle` says.
        restart = Restart;
    }
}

file_map! {
    /// Breakers are held open until the check passes.
    OnFailBreakerFile {
        /// The policy whose breakers around calls of the service are held open.
        breaker: At<Reference>, required;
    }
}

impl FileType for OnFailFile {
    fn shape() -> Shape {
        Shape::Either(vec![OnFailWord::shape, OnFailBreakerFile::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.kind {
            Kind::Map(_) => OnFailBreakerFile::read(node, reader).map(Self::Breaker),
            Kind::Scalar { .. } | Kind::List(_) => OnFailWord::read(node, reader).map(Self::Word),
        }
    }
}
