//! `expect`: what should hold.

use super::policy::OutcomeName;
use crate::scenario::expect::InRuns;
use crate::scenario::read::{
    At, field_presence, field_read, field_type, file_arm, file_enum, file_map,
};
use crate::scenario::value::{Percentile, Reference};
use crate::time::{SimDuration, SimTime};
use crate::units::{Factor, Probability, Rate};

/// An expectation that remembers its place.
pub(in crate::scenario) type ExpectFile = At<MeasureFile>;

file_enum! {
    /// What is looked at.
    MeasureFile {
        /// Share of calls with a useful answer: `ok` or `degraded`.
        success = Success(ShareOfCalls);
        /// Share of calls with an answer of lesser quality.
        degraded = Degraded(ShareOfCalls);
        /// Share of calls without a useful answer, whatever the reason.
        error = Error(ShareOfCalls);
        /// Share of calls that end in a certain way.
        outcome = Outcome(OutcomeShare);
        /// Percentile of the latency of calls.
        latency = Latency(LatencyFile);
        /// Useful calls per second.
        goodput = Goodput(RateOfCalls);
        /// Attempts per call on an edge, or per original attempt along all paths to a service.
        amplification = Amplification(AmplificationFile);
        /// Share of thread time that went into answers nobody waited for.
        wasted_work = WastedWork(ShareOfService);
        /// Mean share of busy threads.
        utilisation = Utilisation(ShareOfService);
        /// Most operations waiting in one instance.
        queue = Queue(CountOfService);
        /// Share of operations answered out of those that arrived.
        answered = Answered(OfOperation);
        /// How often what must not be done twice was done once more for the same call.
        duplicates = Duplicates(CountOfOperation);
        /// Time until the system has recovered from a fault.
        recovery = Recovery(RecoveryFile);
        /// That the system does not recover from a fault.
        not_recovered = NotRecovered(NotRecoveredFile);
        /// How often the breakers of a policy open.
        breaker_opens = BreakerOpens(BreakerOpensFile);
        /// That a run has a certain finding, or has it not.
        finding = Finding(FindingFile);
        /// How old the kept answers are that the fallbacks of a policy give.
        staleness = Staleness(StalenessFile);
    }
}

impl MeasureFile {
    /// In how many replications it must hold.
    pub(in crate::scenario) fn in_runs(&self) -> InRuns {
        match self {
            Self::Success(it) | Self::Degraded(it) | Self::Error(it) => it.in_runs,
            Self::Outcome(it) => it.in_runs,
            Self::Latency(it) => it.in_runs,
            Self::Goodput(it) => it.in_runs,
            Self::Amplification(it) => it.in_runs,
            Self::WastedWork(it) | Self::Utilisation(it) => it.in_runs,
            Self::Queue(it) => it.in_runs,
            Self::Answered(it) => it.in_runs,
            Self::Duplicates(it) => it.in_runs,
            Self::Recovery(it) => it.in_runs,
            Self::NotRecovered(it) => it.in_runs,
            Self::BreakerOpens(it) => it.in_runs,
            Self::Finding(it) => it.in_runs,
            Self::Staleness(it) => it.in_runs,
        }
    }
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
                }
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

measures! {
    /// Share of calls; of all clients unless one of `client`, `service` and `call` is given.
    ShareOfCalls bounded by Probability {
        /// Calls of this client.
        client: At<Reference>, optional;
        /// Calls to any operation of this service.
        service: At<Reference>, optional;
        /// Calls on this edge: `caller -> service.operation`.
        call: At<Reference>, optional;
    }

    /// Share of calls that end in a certain way.
    OutcomeShare bounded by Probability {
        /// An outcome or a group of outcomes.
        kind: OutcomeName, required;
        /// Calls of this client.
        client: At<Reference>, optional;
        /// Calls to any operation of this service.
        service: At<Reference>, optional;
        /// Calls on this edge: `caller -> service.operation`.
        call: At<Reference>, optional;
    }

    /// Percentile of the latency of calls, by their outcome.
    LatencyFile bounded by SimDuration {
        /// Which percentile: above 0, up to 100.
        percentile: Percentile, required;
        /// Calls that end in this outcome or group.
        outcome: OutcomeName, default "ok";
        /// Calls of this client.
        client: At<Reference>, optional;
        /// Calls to any operation of this service.
        service: At<Reference>, optional;
        /// Calls on this edge: `caller -> service.operation`.
        call: At<Reference>, optional;
    }

    /// Useful calls per second.
    RateOfCalls bounded by Rate {
        /// Calls of this client.
        client: At<Reference>, optional;
        /// Calls to any operation of this service.
        service: At<Reference>, optional;
        /// Calls on this edge: `caller -> service.operation`.
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

    /// How often the breakers of a policy open, all their owners together.
    BreakerOpensFile bounded by Factor {
        /// The policy.
        policy: At<Reference>, required;
    }
}

file_map! {
    /// How old the kept answers are that the fallbacks of a policy give, in the whole run after the
    /// warm-up. A run in which none was given says nothing.
    StalenessFile {
        /// The policy.
        policy: At<Reference>, required;
        /// Which percentile of the ages: above 0, up to 100.
        percentile: Percentile, default "100";
        /// The greatest age that is fine.
        at_most: SimDuration, required;
        /// In how many replications it must hold: in all, or in a share of them.
        in_runs: InRuns, default "all";
    }
}

file_map! {
    /// Time until the system has recovered from a fault.
    RecoveryFile {
        /// The fault.
        after: At<Reference>, required;
        /// The longest time after its end that is fine.
        within: SimDuration, required;
        /// Whose calls are looked at; all clients' if absent.
        client: At<Reference>, optional;
        /// In how many replications it must hold: in all, or in a share of them.
        in_runs: InRuns, default "all";
    }
}

file_map! {
    /// That the system does not recover from a fault.
    NotRecoveredFile {
        /// The fault.
        after: At<Reference>, required;
        /// Whose calls are looked at; all clients' if absent.
        client: At<Reference>, optional;
        /// In how many replications it must hold: in all, or in a share of them.
        in_runs: InRuns, default "all";
    }
}

file_map! {
    /// That a run has a certain finding, or has it not.
    FindingFile {
        /// The code of the finding, such as `retry-storm`; `squall explain` lists all.
        code: At<Reference>, required;
        /// Whether it must be there, or must not.
        present: bool, default "true";
        /// In how many replications it must hold: in all, or in a share of them.
        in_runs: InRuns, default "all";
    }
}

/// The keys that say which time is meant.
pub(in crate::scenario) struct WindowFile {
    pub(in crate::scenario) from: Option<At<SimTime>>,
    pub(in crate::scenario) to: Option<At<SimTime>>,
    pub(in crate::scenario) before: Option<At<Reference>>,
    pub(in crate::scenario) during: Option<At<Reference>>,
    pub(in crate::scenario) after: Option<At<Reference>>,
}

/// The keys that say which values are fine.
pub(in crate::scenario) struct BoundFile<T> {
    pub(in crate::scenario) at_least: Option<T>,
    pub(in crate::scenario) at_most: Option<T>,
    pub(in crate::scenario) between: Option<Vec<T>>,
}

/// The keys that say whose calls are meant.
pub(in crate::scenario) struct SubjectFile<'a> {
    pub(in crate::scenario) client: Option<&'a At<Reference>>,
    pub(in crate::scenario) service: Option<&'a At<Reference>>,
    pub(in crate::scenario) call: Option<&'a At<Reference>>,
}

/// Measures of calls say whose calls in the same three keys.
macro_rules! subjects {
    ($($name:ident)*) => {$(
        impl $name {
            pub(in crate::scenario) fn subject(&self) -> SubjectFile<'_> {
                SubjectFile {
                    client: self.client.as_ref(),
                    service: self.service.as_ref(),
                    call: self.call.as_ref(),
                }
            }
        }
    )*};
}

subjects! { ShareOfCalls OutcomeShare LatencyFile RateOfCalls }
