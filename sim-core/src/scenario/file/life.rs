//! How instances of a service come and go, and how their callers hear of it.

use super::distribution::DistFile;
use super::fault::ColdStartFile;
use crate::scenario::layer::BackoffFile;
use crate::scenario::like::library_names;
use crate::scenario::read::{At, file_map};
use crate::time::SimDuration;
use crate::units::Probability;

library_names! {
    /// A product whose lifecycle has a table.
    LifecycleLike = LIFECYCLES;
}

library_names! {
    /// A product whose membership has a table.
    MembershipLike = MEMBERSHIPS;
}

file_map! {
    /// How its instances start and stop. One that is told to stop leaves the rotation at that instant
    /// (callers hear of it as `membership` says), goes on answering for `drain`, then refuses who comes,
    /// and ends when it has nothing left, or is killed at `grace`.
    LifecycleFile {
        /// The product it is like: its settings stand in for the keys that are missing here.
        like: LifecycleLike, optional;
        /// From the start of a process until it answers. Meanwhile it refuses.
        startup: DistFile, default "0s";
        /// Work is slower for a while after each start but the first ones, with which the run begins.
        cold_start: ColdStartFile, optional;
        /// How long one that was told to stop goes on answering; Kubernetes: the time of its `preStop`
        /// hook.
        drain: SimDuration, default "0s";
        /// When it is killed at the latest, from when it was told to stop, with what it still has.
        grace: At<SimDuration>, default "30s";
        /// When a process starts again that has ended by itself, or was stopped by a health check; at
        /// once if absent.
        restart: RestartFile, optional;
    }
}

file_map! {
    /// When a process starts again that has ended.
    RestartFile {
        /// How long after its end, from the first or the second restart in a row on.
        backoff: BackoffFile, required;
        /// Whether the first restart does not wait.
        first_at_once: bool, default "true";
        /// After a life longer than this the next restart is a first one again.
        forget_after: SimDuration, default "10m";
    }
}

file_map! {
    /// How its callers hear who is in rotation, and what they do when hardly anybody is. Without
    /// `propagation` and `refresh` all hear at once.
    MembershipFile {
        /// The product it is like: its settings stand in for the keys that are missing here.
        like: MembershipLike, optional;
        /// How long until a change reaches those who choose.
        propagation: At<DistFile>, optional;
        /// Each process of its callers asks for itself, when it needs somebody.
        refresh: At<RefreshFile>, optional;
        /// While a smaller share than this is in rotation, of those that are not leaving, all take part.
        panic_below: Probability, default "0%";
    }
}

file_map! {
    /// When a process asks anew who is there.
    RefreshFile short every {
        /// When it needs somebody, and what it knows is so old.
        every: SimDuration, required;
        /// Also when it needs somebody for the first time after `error.refused`, `error.reset`,
        /// `error.unavailable` or `timeout.connect`.
        at_error: bool, default "false";
    }
}
