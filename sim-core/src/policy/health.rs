//! Health checks: what a row of results says of an instance, and when it is asked again.
//!
//! A watchman who knocks at a door at fixed hours, or so long after each answer. One knock without an
//! answer says little, since answers get lost and people are busy; so he reports the house empty only
//! after `fails` silent knocks in a row, and takes that back after `passes` answers in a row. What one
//! does with the report (leave the rotation, restart, stop calling) is no business of his.
//!
//! The rule (54): the run of equal results decides. A result of the other kind begins the run anew, so
//! a pass while all is well restores everything. Some outcomes need no run (`at_once_on`): Envoy takes
//! an HTTP status that it did not expect for proof, but a timeout or a refused connection for a hint.
//! Before anything is known, [`FirstRule`] says what is believed and what it takes to know.
//!
//! The next check (53) comes at the next tick of a grid that no answer shifts ([`Schedule::Ticks`]:
//! Kubernetes, ALB), or so long after the last result ([`Schedule::AfterEnd`]: Envoy, `HAProxy`). A check
//! that outlasts ticks is followed at once by one, whose ticks are over: Go's ticker keeps one.
//!
//! Defaults of products: Kubernetes every 10 s, timeout 1 s, 3 fails, 1 pass; `HAProxy` 2 s after the end,
//! 3 and 2; nginx Plus 5 s, 1 and 1; ALB 30 s, timeout 5 s, 2 and 5; Envoy has none.
//!
//! Rejected: `HAProxy`'s one counter from 0 to rise + fall - 1, which is the same machine (a success while
//! up jumps to the top, a failure while down to 0) and says less; a window of results (no product has
//! one); and checks that know their timers, since the time of the next one follows from three instants.

use super::{Outcome, OutcomeSet};
use crate::time::{SimDuration, SimTime};

/// What a health check is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthConfig {
    /// When the next check is sent.
    pub schedule: Schedule,
    /// Between ticks, or from a result to the next check.
    pub every: SimDuration,
    /// The same after a result that is not yet a verdict, and before the first one (`HAProxy`'s
    /// `fastinter`, Envoy's edge intervals). As `every` where the schedule has ticks.
    pub every_pending: SimDuration,
    /// The same while it has failed (`HAProxy`'s `downinter`, Envoy's `unhealthy_interval`).
    pub every_failed: SimDuration,
    /// How long an answer may take; one that takes exactly so long is in time.
    pub timeout: SimDuration,
    /// Failures in a row that are a verdict \[count\].
    pub fails: u32,
    /// Passes in a row that lift it \[count\].
    pub passes: u32,
    /// Outcomes that are a verdict by themselves.
    pub at_once_on: OutcomeSet,
    /// What is believed before anything is known.
    pub first: FirstRule,
    /// From a start to the first check, besides the phase.
    pub delay: SimDuration,
}

/// When the next check is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// At ticks that no answer shifts.
    Ticks,
    /// After the last result.
    AfterEnd,
}

/// What is believed before anything is known, and what it takes to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstRule {
    /// Out, until `passes` in a row (Kubernetes' readiness).
    Out,
    /// In, until `fails` in a row (Kubernetes' liveness, nginx Plus).
    In,
    /// Out, and the first result decides alone (Envoy).
    Decides,
    /// In, and the first result decides alone (`HAProxy`).
    InDecides,
    /// Out, and one pass is enough while there was no verdict (ALB).
    OnePasses,
}

/// What a row of results has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthVerdict {
    /// It passes.
    Passes,
    /// It fails.
    Fails,
}

/// One watcher's knowledge of one instance.
///
/// ```
/// use sim_core::policy::{FirstRule, Health, HealthConfig, Outcome, OutcomeSet, Schedule, HealthVerdict};
/// use sim_core::time::SimDuration;
///
/// let second = SimDuration::from_secs(1);
/// let config = HealthConfig {
///     schedule: Schedule::Ticks,
///     every: second,
///     every_pending: second,
///     every_failed: second,
///     timeout: second,
///     fails: 2,
///     passes: 1,
///     at_once_on: OutcomeSet::EMPTY,
///     first: FirstRule::In,
///     delay: SimDuration::ZERO,
/// };
/// let mut health = Health::started();
/// assert_eq!(health.on_result(&config, Outcome::TimeoutResponse), None);
/// assert_eq!(health.on_result(&config, Outcome::TimeoutResponse), Some(HealthVerdict::Fails));
/// assert_eq!(health.on_result(&config, Outcome::Ok), Some(HealthVerdict::Passes));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    standing: Standing,
    /// Equal results in a row since the last verdict or other result \[count\]; of which kind, if there
    /// are any, is `last_passed`.
    run: u32,
    last_passed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// There was no verdict since the start.
    Unknown,
    Passes,
    Fails,
}

impl HealthVerdict {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::Fails => "fails",
        }
    }
}

impl Health {
    /// An instance that has just started: nothing is known.
    pub const fn started() -> Self {
        Self {
            standing: Standing::Unknown,
            run: 0,
            last_passed: true,
        }
    }

    /// An instance that has passed before the story begins.
    pub const fn checked() -> Self {
        Self {
            standing: Standing::Passes,
            ..Self::started()
        }
    }

    /// Whether it is taken for well, as things stand.
    pub const fn is_in(self, config: &HealthConfig) -> bool {
        match self.standing {
            Standing::Passes => true,
            Standing::Fails => false,
            Standing::Unknown => config.first.is_in(),
        }
    }

    /// Whether it has passed since the start.
    pub const fn has_passed(self) -> bool {
        matches!(self.standing, Standing::Passes)
    }

    /// A check has ended: the verdict, if there is a new one.
    pub fn on_result(&mut self, config: &HealthConfig, outcome: Outcome) -> Option<HealthVerdict> {
        let at_once = config.at_once_on.contains(outcome);
        self.conclude(config, outcome.is_useful(), at_once)
    }

    /// It counts as if a check had failed: the verdict, if there is a new one.
    pub fn fail(&mut self, config: &HealthConfig) -> Option<HealthVerdict> {
        self.conclude(config, false, false)
    }

    /// Two more failures are a verdict, if it took more (`HAProxy`'s `sudden-death`).
    pub fn come_to_the_brink(&mut self, config: &HealthConfig) {
        if self.standing == Standing::Fails {
            return;
        }
        let failed = if self.last_passed { 0 } else { self.run };
        let on_the_brink = self.fails_needed(config).saturating_sub(2);
        if on_the_brink > failed {
            (self.run, self.last_passed) = (on_the_brink, false);
        }
    }

    /// It has failed, whatever the checks said: the verdict, if there is a new one.
    pub fn fall(&mut self) -> Option<HealthVerdict> {
        let was = std::mem::replace(&mut self.standing, Standing::Fails);
        (self.run, self.last_passed) = (0, false);
        (was != Standing::Fails).then_some(HealthVerdict::Fails)
    }

    fn conclude(
        &mut self,
        config: &HealthConfig,
        passed: bool,
        at_once: bool,
    ) -> Option<HealthVerdict> {
        self.run = if passed == self.last_passed {
            self.run.saturating_add(1)
        } else {
            1
        };
        self.last_passed = passed;
        let verdict = if passed {
            (self.run >= self.passes_needed(config)).then_some(HealthVerdict::Passes)
        } else {
            (at_once || self.run >= self.fails_needed(config)).then_some(HealthVerdict::Fails)
        }?;
        let standing = match verdict {
            HealthVerdict::Passes => Standing::Passes,
            HealthVerdict::Fails => Standing::Fails,
        };
        let is_new = self.standing != standing;
        self.standing = standing;
        is_new.then_some(verdict)
    }

    fn passes_needed(self, config: &HealthConfig) -> u32 {
        match (self.standing, config.first) {
            (
                Standing::Unknown,
                FirstRule::Decides | FirstRule::InDecides | FirstRule::OnePasses,
            ) => 1,
            (Standing::Unknown, FirstRule::Out | FirstRule::In)
            | (Standing::Passes | Standing::Fails, _) => config.passes,
        }
    }

    fn fails_needed(self, config: &HealthConfig) -> u32 {
        match (self.standing, config.first) {
            (Standing::Unknown, FirstRule::Decides | FirstRule::InDecides) => 1,
            (Standing::Unknown, FirstRule::Out | FirstRule::In | FirstRule::OnePasses)
            | (Standing::Passes | Standing::Fails, _) => config.fails,
        }
    }

    /// From a result to the next check, where that is what counts.
    pub fn pause(self, config: &HealthConfig) -> SimDuration {
        let towards_other = match self.standing {
            Standing::Unknown => true,
            Standing::Passes => !self.last_passed,
            Standing::Fails => self.last_passed,
        };
        match self.standing {
            _ if towards_other => config.every_pending,
            Standing::Fails => config.every_failed,
            Standing::Passes | Standing::Unknown => config.every,
        }
    }
}

impl FirstRule {
    /// What is believed before anything is known.
    pub const fn is_in(self) -> bool {
        match self {
            Self::In | Self::InDecides => true,
            Self::Out | Self::Decides | Self::OnePasses => false,
        }
    }
}

impl HealthConfig {
    /// The first check after a start; ticks count from it.
    pub fn first_at(&self, started: SimTime, phase: SimDuration) -> SimTime {
        started + self.delay + phase
    }

    /// The first check of one that may begin at `now`, whose first would have been at `first`.
    pub fn begins_at(&self, first: SimTime, now: SimTime) -> SimTime {
        if first >= now {
            return first;
        }
        match self.schedule {
            Schedule::AfterEnd => now,
            Schedule::Ticks => {
                let ticks = now.since(first).as_ns().div_ceil(self.every.as_ns());
                first + self.every.times(ticks)
            }
        }
    }

    /// The check after one that was sent at `sent` and whose result came `now`; ticks count from
    /// `first`.
    pub fn next_at(&self, health: Health, first: SimTime, sent: SimTime, now: SimTime) -> SimTime {
        match self.schedule {
            Schedule::AfterEnd => now + health.pause(self),
            Schedule::Ticks => {
                let ticks = sent.since(first).as_ns() / self.every.as_ns();
                (first + self.every.times(ticks + 1)).max(now)
            }
        }
    }
}

#[cfg(test)]
mod tests;
