//! How instances of a service come and go, and how those who call them hear of it.

use crate::policy::Backoff;
use crate::random::Dist;
use crate::time::SimDuration;
use crate::units::Factor;

/// The lives of the instances of a service (rules 48, 49, 54).
#[derive(Clone, Debug, PartialEq)]
pub struct LifecycleSpec {
    /// From the start of a process until it answers.
    pub startup: Dist,
    /// For how long after that work is slower, and by how much.
    pub cold_start: Option<(SimDuration, Factor)>,
    /// How long one that was told to stop goes on answering.
    pub drain: SimDuration,
    /// How long after it was told to stop it is killed, at the latest.
    pub grace: SimDuration,
    /// When a process starts again that has ended; `None`: at once.
    pub restart: Option<RestartSpec>,
}

impl LifecycleSpec {
    /// How long one may take to stop where nothing is said of it: Kubernetes'
    /// `terminationGracePeriodSeconds`.
    pub const GRACE: SimDuration = SimDuration::from_secs(30);
}

/// When a process starts again that has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct RestartSpec {
    /// How long after its end, growing from restart to restart.
    pub backoff: Backoff,
    /// Whether the first restart does not wait.
    pub first_at_once: bool,
    /// After a life longer than this the next restart is a first one.
    pub forget_after: SimDuration,
}

/// How readers hear who is in rotation (rules 50, 51).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MembershipSpec {
    /// How long until a change reaches a view; `None`: no time.
    pub propagation: Option<Dist>,
    /// When each caller process asks anew; then changes reach it in no other way.
    pub refresh: Option<RefreshSpec>,
    /// Below which share in rotation all take part \[millionths\].
    pub panic_below: u32,
    /// Whether a watch has each caller process judge for itself.
    pub each_for_itself: bool,
}

/// When a caller process asks anew who is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshSpec {
    /// When it uses a view that is so old.
    pub every: SimDuration,
    /// Also when it uses it for the first time after a failure by which it may be out of date.
    pub at_error: bool,
}

impl MembershipSpec {
    /// Whether anything is said of it, besides that callers judge for themselves.
    pub const fn is_written(&self) -> bool {
        self.propagation.is_some() || self.refresh.is_some() || self.panic_below > 0
    }

    /// Whether each caller process has a view of its own.
    pub const fn own_views(&self) -> bool {
        self.each_for_itself || self.refresh.is_some()
    }
}
