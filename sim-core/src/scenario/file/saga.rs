//! `saga`: calls that are undone in reverse order if one of them fails.

use crate::scenario::layer::PolicyRef;
use crate::scenario::read::{At, Limit, choices, file_map};
use crate::scenario::value::Reference;
use crate::time::SimDuration;

file_map! {
    /// Calls one after another, with an undo for each. If one fails, what was done before is undone, the last
    /// first. The place is written down at the begin and after each call, so that another process of the
    /// service goes on where one has died; the call in between is made again, under the same key. The step
    /// ends well once all is done, and like its failed call once all is undone, or once an undo has failed:
    /// then the saga is stuck.
    SagaFile {
        /// Its calls, in order.
        steps: At<Vec<At<SagaStepFile>>>, required;
        /// How long it takes to write its place down; the thread is held meanwhile, as in a call.
        persist: SimDuration, required;
        /// When its time is up: it gives up the call that it waits for, and undoes what was done. Once its
        /// pivot has begun it goes on whatever the time.
        timeout: Limit<SimDuration>, required;
        /// What becomes of a call of which nobody knows whether it was carried out: one that ended as
        /// `timeout.response`, `error.reset` or `cancelled`.
        unknown: UnknownFile, default "undo";
        /// How long after the death of its process another one goes on, and how long it waits before it
        /// makes a call again that must succeed.
        resume_after: At<SimDuration>, required;
    }
}

file_map! {
    /// A call of a saga.
    SagaStepFile {
        /// The operation that does it: `service.operation`. An answer `negative` is a failure.
        r#do: At<Reference>, required;
        /// The operation that undoes it; without, there is nothing to be undone.
        undo: At<Reference>, optional;
        /// Whether it is the point of no return: asked until its outcome is known, and what follows is
        /// repeated until it succeeds.
        pivot: bool, default "false";
        /// The pool over a connection of which both are made.
        pool: At<Reference>, optional;
        /// The policy around `do`.
        policy: PolicyRef, optional;
        /// The policy around `undo`: when it gives up, the saga is stuck.
        undo_policy: PolicyRef, optional;
    }
}

choices! {
    /// What becomes of a call of a saga that may have been carried out.
    UnknownFile {
        /// It is undone as well.
        undo = Undo;
        /// It is taken for one that failed.
        ignore = Ignore;
    }
}
