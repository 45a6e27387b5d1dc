//! Expectations that say themselves which time they mean: recovery, collapse, findings.

use crate::scenario::expect::InRuns;
use crate::scenario::read::{At, file_map};
use crate::scenario::value::{Count, Percentile, Reference};
use crate::time::SimDuration;
use crate::units::Probability;

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
    /// How long those wait for a connection of a pool who get one or are turned away, in the whole run after
    /// the warm-up. A run in which nobody asked says nothing.
    PoolWaitFile {
        /// The pool, of all services that use it.
        pool: At<Reference>, required;
        /// Which percentile of the waits: above 0, up to 100.
        percentile: Percentile, default "99";
        /// The longest wait that is fine.
        at_most: SimDuration, required;
        /// In how many replications it must hold: in all, or in a share of them.
        in_runs: InRuns, default "all";
    }
}

file_map! {
    /// The most of its memory limit that any instance of a service held in the whole run, looked at when
    /// a call comes, and in whole per cents, cut: one of `at_least` and `at_most`.
    MemoryShareFile {
        /// The service.
        service: At<Reference>, required;
        /// The least share that is fine.
        at_least: Probability, optional;
        /// The greatest share that is fine.
        at_most: Probability, optional;
        /// In how many replications it must hold: in all, or in a share of them.
        in_runs: InRuns, default "all";
    }
}

file_map! {
    /// For how many root calls an invariant is broken: one of `at_end` and `ever`.
    InvariantHeldFile {
        /// The invariant.
        name: At<Reference>, required;
        /// So many at most are broken when the run ends.
        at_end: Count<0, 1_000_000_000>, optional;
        /// So many at most are broken at any time of the run, those that are equal again later included.
        ever: Count<0, 1_000_000_000>, optional;
        /// In how many replications it must hold: in all, or in a share of them.
        in_runs: InRuns, default "all";
    }
}

file_map! {
    /// How many messages of a queue, in the whole run: one of `at_least` and `at_most`, or both.
    MessagesFile {
        /// The queue: `SERVICE.QUEUE`.
        queue: At<Reference>, required;
        /// The fewest that are fine.
        at_least: Count<0, 100_000_000>, optional;
        /// The most that are fine.
        at_most: Count<0, 100_000_000>, optional;
        /// In how many replications it must hold: in all, or in a share of them.
        in_runs: InRuns, default "all";
    }
}

file_map! {
    /// How old messages of a queue are when they are handed out, after the warm-up.
    MessageAgeFile {
        /// The queue: `SERVICE.QUEUE`.
        queue: At<Reference>, required;
        /// Which percentile of the ages: above 0, up to 100.
        percentile: Percentile, default "99";
        /// The greatest age that is fine.
        at_most: SimDuration, required;
        /// In how many replications it must hold: in all, or in a share of them.
        in_runs: InRuns, default "all";
    }
}

file_map! {
    /// Time from the end of a fault until no message of a queue is ready or delayed, and none is out that was
    /// stored before that end.
    DrainedFile {
        /// The queue: `SERVICE.QUEUE`.
        queue: At<Reference>, required;
        /// The fault.
        after: At<Reference>, required;
        /// The longest time that is fine.
        within: SimDuration, required;
        /// The shortest time that is fine.
        at_least: SimDuration, default "0s";
        /// In how many replications it must hold: in all, or in a share of them.
        in_runs: InRuns, default "all";
    }
}

file_map! {
    /// How the sagas of an operation end, in the whole run: one of `completed`, `compensated`, `stuck` and
    /// `longest`.
    SagaHeldFile {
        /// The operation whose step they are: `service.operation`.
        operation: At<Reference>, required;
        /// The least share of those that are over which completed.
        completed: Probability, optional;
        /// The greatest share of those that are over which were undone.
        compensated: Probability, optional;
        /// So many at most are stuck.
        stuck: Count<0, 1_000_000_000>, optional;
        /// The longest that is over took no longer.
        longest: SimDuration, optional;
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
    /// Time from the beginning of a fault until the first breaker of a policy opens.
    BreakerReactionFile {
        /// The policy.
        policy: At<Reference>, required;
        /// The fault.
        to: At<Reference>, required;
        /// The longest time after its beginning that is fine.
        within: SimDuration, required;
        /// In how many replications it must hold: in all, or in a share of them.
        in_runs: InRuns, default "all";
    }
}

file_map! {
    /// Time from the beginning of a fault until a health check finds an instance failing.
    DetectionFile {
        /// The check: `service.check`.
        check: At<Reference>, required;
        /// The fault.
        to: At<Reference>, required;
        /// The longest time after its beginning that is fine.
        within: SimDuration, required;
        /// The shortest that is fine.
        at_least: SimDuration, default "0s";
        /// In how many replications it must hold: in all, or in a share of them.
        in_runs: InRuns, default "all";
    }
}

file_map! {
    /// That runs do not collapse.
    CollapseFile {
        /// The greatest share of replications that may: the probability of collapse.
        at_most: Probability, default "0%";
    }
}

/// Those that are told in how many runs they must hold.
macro_rules! told_in_runs {
    ($($name:ident)*) => {$(
        impl $name {
            pub(super) fn in_runs(&self) -> InRuns {
                self.in_runs
            }
        }
    )*};
}

told_in_runs! {
    StalenessFile PoolWaitFile InvariantHeldFile SagaHeldFile RecoveryFile NotRecoveredFile BreakerReactionFile
    DetectionFile FindingFile MemoryShareFile MessagesFile MessageAgeFile DrainedFile
}

impl CollapseFile {
    /// Runs that collapse are those in which it does not hold.
    pub(super) fn in_runs(&self) -> InRuns {
        match Probability::new(tidy(1.0 - self.at_most.get())) {
            Some(share) if share < Probability::ONE => InRuns::Share(share),
            _ => InRuns::All,
        }
    }
}

/// The difference of two written shares, as one would write it.
fn tidy(share: f64) -> f64 {
    (share * 1e12).round() / 1e12
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
