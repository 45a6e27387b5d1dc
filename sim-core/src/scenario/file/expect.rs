//! `expect`: what should hold.

pub(in crate::scenario) use super::whole::{
    BreakerReactionFile, CollapseFile, DetectionFile, DrainedFile, FindingFile, InvariantHeldFile,
    MemoryShareFile, MessageAgeFile, MessagesFile, NotRecoveredFile, PoolWaitFile, RecoveryFile,
    SagaHeldFile, StalenessFile,
};
use crate::scenario::expect::InRuns;
use crate::scenario::layer::OutcomeName;
use crate::scenario::read::{At, choices, file_enum, file_map};
use crate::scenario::value::{Percentile, Reference};
use crate::time::{SimDuration, SimTime};
use crate::units::{Factor, Probability, Rate};

/// An expectation that remembers its place.
pub(in crate::scenario) type ExpectFile = At<MeasureFile>;

file_enum! {
    /// What is looked at.
    MeasureFile {
        /// Share of calls with a useful answer, `ok`, `negative` or `degraded`: goodput against offered load.
        success = Success(ShareOfCalls);
        /// Share of calls with an answer of lesser quality.
        degraded = Degraded(ShareOfCalls);
        /// Share of calls without a useful answer, whatever the reason.
        error = Error(ShareOfCalls);
        /// Share of calls that end in a certain way.
        outcome = Outcome(OutcomeShare);
        /// Percentile of the latency of calls.
        latency = Latency(LatencyFile);
        /// Mean of the latency of calls.
        mean_latency = MeanLatency(LatencyOfCalls);
        /// Standard deviation of the latency of calls.
        latency_deviation = LatencyDeviation(LatencyOfCalls);
        /// Useful calls per second.
        goodput = Goodput(RateOfCalls);
        /// Share of attempts that end in a certain way, counted when they end.
        attempts = Attempts(AttemptShare);
        /// Further attempts, of retries and hedges, that the budgets of a policy refuse.
        refused_retries = RefusedRetries(OfPolicy);
        /// Attempts per call on an edge, or per original attempt along all paths to a service.
        amplification = Amplification(AmplificationFile);
        /// Share of thread time that went into answers nobody waited for.
        wasted_work = WastedWork(ShareOfService);
        /// Mean share of busy threads.
        utilisation = Utilisation(ShareOfService);
        /// Operations that a service finishes per second, wanted or not.
        throughput = Throughput(RateOfService);
        /// Most operations waiting in one instance.
        queue = Queue(CountOfService);
        /// Mean number of operations waiting in a service, all instances together.
        mean_queue = MeanQueue(CountOfService);
        /// Mean number of operations in a service, waiting or at work, all instances together.
        in_system = InSystem(CountOfService);
        /// Share of the operations that got a thread which had to wait for it.
        waited = Waited(ShareOfService);
        /// Share of the attempts that arrive at a service which it turns away.
        rejected = Rejected(ShareOfService);
        /// Fewest instances of a service in rotation at one time.
        in_rotation = InRotation(CountOfService);
        /// Greatest share of the instances of a service that did not serve at one time: down, starting,
        /// draining, or out of rotation.
        capacity_dip = CapacityDip(ShareOfService);
        /// The most memory that an instance of a service held, as a share of its limit.
        memory = Memory(MemoryShareFile);
        /// Share of operations answered out of those that arrived.
        answered = Answered(OfOperation);
        /// How often what must not be done twice was done once more for the same call.
        duplicates = Duplicates(CountOfOperation);
        /// For how many root calls an invariant is broken.
        invariant = Invariant(InvariantHeldFile);
        /// How the sagas of an operation end.
        saga = Saga(SagaHeldFile);
        /// Time until the system has recovered from a fault.
        recovery = Recovery(RecoveryFile);
        /// That the system does not recover from a fault.
        not_recovered = NotRecovered(NotRecoveredFile);
        /// How often the breakers of a policy open.
        breaker_opens = BreakerOpens(OfBreakers);
        /// How often one breaker of a policy opens again after it had closed, at most.
        breaker_flaps = BreakerFlaps(OfBreakers);
        /// The highest limit that a `concurrency_limit` finds for itself, or the lowest.
        limit = Limit(LimitFile);
        /// Time from the beginning of a fault until a breaker opens.
        breaker_reaction = BreakerReaction(BreakerReactionFile);
        /// Time from the beginning of a fault until a health check finds an instance failing.
        detection = Detection(DetectionFile);
        /// How evenly tenants, classes or clients are served: the least share of useful calls over the greatest.
        fairness = Fairness(FairnessFile);
        /// That runs do not collapse: under half of the calls of the last tenth are useful,
        /// `error.invalid` left out.
        collapse = Collapse(CollapseFile);
        /// That a run has a certain finding, or has it not.
        finding = Finding(FindingFile);
        /// How old the kept answers are that the fallbacks of a policy give.
        staleness = Staleness(StalenessFile);
        /// How long those wait who ask for a connection of a pool.
        pool_wait = PoolWait(PoolWaitFile);
        /// How many messages of a queue were ready at once, at most.
        backlog = Backlog(MessagesFile);
        /// How many messages of a queue were given up: dropped for that, parked, or moved to another.
        dead_letters = DeadLetters(MessagesFile);
        /// How many messages of a queue were lost: dropped for want of room, expired, gone in a crash, or
        /// settled before work on them failed (`ack: before`); and of those that another queue gave up for this
        /// one, how many found no room.
        lost_messages = LostMessages(MessagesFile);
        /// How many messages of a queue were settled.
        settled = Settled(MessagesFile);
        /// How many hand-outs of messages of a queue came after the first of their message.
        redelivered = Redelivered(MessagesFile);
        /// How old messages of a queue are when they are handed out.
        message_age = MessageAge(MessageAgeFile);
        /// Time from the end of a fault until a queue is empty again.
        drained = Drained(DrainedFile);
    }
}

/// What measures say for themselves, by whether they share the keys of window and bound.
macro_rules! each_measure {
    (bounded: $($bounded:ident)*; others: $($other:ident)*;) => {
        impl MeasureFile {
            /// The same looked at in one part of the run, if it is to hold around a fault and no
            /// other time is given.
            pub(in crate::scenario) fn placed(&self, phase: Phase) -> Option<Self> {
                match self {
                    $(Self::$bounded(it) => it.placed(phase).map(Self::$bounded),)*
                    $(Self::$other(_))|* => None,
                }
            }

            /// In how many replications it must hold.
            pub(in crate::scenario) fn in_runs(&self) -> InRuns {
                match self {
                    $(Self::$bounded(it) => it.in_runs,)*
                    $(Self::$other(it) => it.in_runs(),)*
                }
            }
        }
    };
}

each_measure! {
    bounded: Success Degraded Error Outcome Latency MeanLatency LatencyDeviation Goodput Attempts
        RefusedRetries Amplification WastedWork Utilisation Throughput Queue MeanQueue InSystem
        Waited Rejected InRotation CapacityDip Answered Duplicates BreakerOpens BreakerFlaps Limit Fairness;
    others: Recovery NotRecovered BreakerReaction Detection Collapse Finding Staleness PoolWait Memory
        Invariant Backlog DeadLetters LostMessages Settled Redelivered MessageAge Drained Saga;
}

/// Defines measures that share the keys of window and bound, with keys of their own before them.
macro_rules! measures {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident bounded by $kind:ty {
            $($(#[doc = $field_doc:literal])+ $key:ident: $ty:ty, $mode:ident $($default:literal)?;)*
        }
    )*) => {$(
        file_map! {
            $(#[doc = $doc])+
            $name {
                $($(#[doc = $field_doc])+ $key: $ty, $mode $($default)?;)*
                /// From this instant.
                from: At<SimTime>, optional;
                /// Until before this one.
                to: At<SimTime>, optional;
                /// From the end of the warm-up until a fault begins.
                before: At<Reference>, optional;
                /// While a fault lasts.
                during: At<Reference>, optional;
                /// From the end of a fault until the end of the run.
                after: At<Reference>, optional;
                /// Before, during and after a fault: three expectations of one bound, a steady-state hypothesis.
                around: At<Reference>, optional;
                /// This much or more.
                at_least: $kind, optional;
                /// This much or less.
                at_most: $kind, optional;
                /// From the one to the other, both included.
                between: Vec<$kind>, optional;
                /// In how many replications it must hold: in all, or in a share of them.
                in_runs: InRuns, default "all";
            }
        }

        impl $name {
            pub(in crate::scenario) fn window(&self) -> WindowFile {
                WindowFile {
                    from: self.from.clone(),
                    to: self.to.clone(),
                    before: self.before.clone(),
                    during: self.during.clone(),
                    after: self.after.clone(),
                    around: self.around.clone(),
                }
            }

            fn placed(&self, phase: Phase) -> Option<Self> {
                let times = [&self.before, &self.during, &self.after];
                let other = self.from.is_some() || self.to.is_some();
                if other || times.into_iter().any(Option::is_some) {
                    return None;
                }
                let mut placed = self.clone();
                let around = placed.around.take()?;
                let key = match phase {
                    Phase::Before => &mut placed.before,
                    Phase::During => &mut placed.during,
                    Phase::After => &mut placed.after,
                };
                *key = Some(around);
                Some(placed)
            }

            pub(in crate::scenario) fn bound(&self) -> BoundFile<$kind> {
                BoundFile {
                    at_least: self.at_least.clone(),
                    at_most: self.at_most.clone(),
                    between: self.between.clone(),
                }
            }
        }
    )*};
}

/// Defines such measures that say whose calls are meant, in the same keys, after their own.
macro_rules! measures_of_calls {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident bounded by $kind:ty {
            $($(#[doc = $field_doc:literal])+ $key:ident: $ty:ty, $mode:ident $($default:literal)?;)*
        }
    )*) => {$(
        measures! {
            $(#[doc = $doc])+
            $name bounded by $kind {
                $($(#[doc = $field_doc])+ $key: $ty, $mode $($default)?;)*
                /// Calls of this client.
                client: At<Reference>, optional;
                /// Calls to any operation of this service.
                service: At<Reference>, optional;
                /// Calls on this edge: `caller -> service.operation`.
                call: At<Reference>, optional;
                /// Of these, calls made for this tenant.
                tenant: At<Reference>, optional;
                /// Of these, calls of this class.
                class: At<Reference>, optional;
            }
        }

        impl $name {
            pub(in crate::scenario) fn subject(&self) -> SubjectFile<'_> {
                SubjectFile {
                    client: self.client.as_ref(),
                    service: self.service.as_ref(),
                    call: self.call.as_ref(),
                    tenant: self.tenant.as_ref(),
                    class: self.class.as_ref(),
                }
            }
        }
    )*};
}

measures_of_calls! {
    /// Share of calls; of all clients unless one of `client`, `service` and `call` is given.
    ShareOfCalls bounded by Probability {}

    /// Share of calls that end in a certain way.
    OutcomeShare bounded by Probability {
        /// An outcome or a group of outcomes.
        kind: OutcomeName, required;
    }

    /// Percentile of the latency of calls, by their outcome.
    LatencyFile bounded by SimDuration {
        /// Which percentile: above 0, up to 100.
        percentile: Percentile, required;
        /// Calls that end in this outcome or group.
        outcome: OutcomeName, default "ok";
    }

    /// The latency of calls as a number, by their outcome.
    LatencyOfCalls bounded by SimDuration {
        /// Calls that end in this outcome or group.
        outcome: OutcomeName, default "ok";
    }

    /// Useful calls per second.
    RateOfCalls bounded by Rate {
    }
}

measures! {
    /// Share of attempts that end in a certain way; of all clients unless one of `client`, `service` and `call` is given.
    AttemptShare bounded by Probability {
        /// An outcome or a group of outcomes.
        kind: OutcomeName, required;
        /// Attempts of this client.
        client: At<Reference>, optional;
        /// Attempts at any operation of this service.
        service: At<Reference>, optional;
        /// Attempts on this edge: `caller -> service.operation`.
        call: At<Reference>, optional;
    }

    /// Attempts per call on the edge `call`, or per original attempt along all paths to `service`.
    AmplificationFile bounded by Factor {
        /// The edge: `caller -> service.operation`.
        call: At<Reference>, optional;
        /// The service at the end of the paths.
        service: At<Reference>, optional;
    }

    /// A share measured in a service.
    ShareOfService bounded by Probability {
        /// The service.
        service: At<Reference>, required;
    }

    /// Something that a service does so often per second.
    RateOfService bounded by Rate {
        /// The service.
        service: At<Reference>, required;
    }

    /// A number measured in a service.
    CountOfService bounded by Factor {
        /// The service.
        service: At<Reference>, required;
    }

    /// A share measured for an operation.
    OfOperation bounded by Probability {
        /// The operation: `service.operation`.
        operation: At<Reference>, required;
    }

    /// A number counted for an operation.
    CountOfOperation bounded by Factor {
        /// The operation: `service.operation`.
        operation: At<Reference>, required;
    }

    /// How often the breakers of a policy open: all together, or the one that does most.
    OfBreakers bounded by Factor {
        /// The policy.
        policy: At<Reference>, required;
    }

    /// A number counted for a policy, wherever it is used.
    OfPolicy bounded by Factor {
        /// The policy.
        policy: At<Reference>, required;
    }

    /// A limit that a `concurrency_limit` finds for itself, of all its owners the highest: in the
    /// `admission` of a service or in a policy.
    LimitFile bounded by Factor {
        /// The service in whose `admission` it stands.
        service: At<Reference>, optional;
        /// The policy in which it stands.
        policy: At<Reference>, optional;
        /// Whether the lowest is meant.
        lowest: bool, default "false";
    }

    /// How evenly calls are served: the least share of useful calls over the greatest.
    FairnessFile bounded by Probability {
        /// Whose shares are compared.
        among: Among, required;
        /// Calls of this client.
        client: At<Reference>, optional;
        /// Calls to any operation of this service.
        service: At<Reference>, optional;
        /// Calls on this edge: `caller -> service.operation`.
        call: At<Reference>, optional;
    }
}

choices! {
    /// Whose shares of useful calls are compared.
    Among {
        /// Tenants with a name.
        tenants = Tenants;
        /// Classes with a name.
        classes = Classes;
        /// Clients.
        clients = Clients;
    }
}

/// A part of a run, seen from a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scenario) enum Phase {
    /// Before it begins.
    Before,
    /// While it lasts.
    During,
    /// After its end.
    After,
}

impl Phase {
    /// In the order of time, with their names.
    pub(in crate::scenario) const ALL: [(Self, &'static str); 3] = [
        (Self::Before, "before"),
        (Self::During, "during"),
        (Self::After, "after"),
    ];
}

/// The keys that say which time is meant.
pub(in crate::scenario) struct WindowFile {
    pub(in crate::scenario) from: Option<At<SimTime>>,
    pub(in crate::scenario) to: Option<At<SimTime>>,
    pub(in crate::scenario) before: Option<At<Reference>>,
    pub(in crate::scenario) during: Option<At<Reference>>,
    pub(in crate::scenario) after: Option<At<Reference>>,
    /// Only where another time is given beside it.
    pub(in crate::scenario) around: Option<At<Reference>>,
}

/// The keys that say which values are fine.
pub(in crate::scenario) struct BoundFile<T> {
    pub(in crate::scenario) at_least: Option<T>,
    pub(in crate::scenario) at_most: Option<T>,
    pub(in crate::scenario) between: Option<Vec<T>>,
}

/// The keys that say whose calls are meant: a subject, and perhaps a label.
pub(in crate::scenario) struct SubjectFile<'a> {
    pub(in crate::scenario) client: Option<&'a At<Reference>>,
    pub(in crate::scenario) service: Option<&'a At<Reference>>,
    pub(in crate::scenario) call: Option<&'a At<Reference>>,
    pub(in crate::scenario) tenant: Option<&'a At<Reference>>,
    pub(in crate::scenario) class: Option<&'a At<Reference>>,
}

/// Other measures of calls know no labels.
macro_rules! unlabelled_subjects {
    ($($name:ident)*) => {$(
        impl $name {
            pub(in crate::scenario) fn subject(&self) -> SubjectFile<'_> {
                SubjectFile {
                    client: self.client.as_ref(),
                    service: self.service.as_ref(),
                    call: self.call.as_ref(),
                    tenant: None,
                    class: None,
                }
            }
        }
    )*};
}

unlabelled_subjects! { FairnessFile AttemptShare }
