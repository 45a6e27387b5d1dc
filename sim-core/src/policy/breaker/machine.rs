//! The breaker itself: three states, and an epoch that tells old results from new ones.
//!
//! The machine holds no clock and sets no timer. It stores until when it is open, and looks when
//! the next call asks: a breaker that nobody asks stays open on record, which costs no event and
//! changes nothing. (resilience4j, Polly 8 and gobreaker look lazily too; opossum sets a timer.)
//!
//! The rule: `try_acquire` gives a permit or rejects, `on_result` takes the permit back exactly
//! once, with the outcome that reached the breaker. Every change of state starts a new epoch; the
//! window is empty after closing because it lives inside the closed state.
//!
//! Rejected: a list of live permits (the epoch does the same with four bytes), a breaker that
//! schedules its own half-opening (events for breakers nobody asks), a window that survives opening
//! (opossum: old failures open it again at once).

use super::half_open::{Probes, Verdict};
use super::window::Results;
use super::{BreakerConfig, Window};
use crate::policy::Outcome;
use crate::time::SimTime;

/// Leave to pass, to be given back with the outcome; carries the epoch in which it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit {
    epoch: u32,
}

/// What a breaker says to a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Admission {
    /// It may go on; the permit comes back with its outcome.
    Admit(Permit),
    /// It is stopped: `stopped.breaker_open`.
    Reject,
}

/// The state of a breaker, without what it remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BreakerStateKind {
    /// Everything passes.
    Closed,
    /// Nothing passes.
    Open,
    /// A few probes pass.
    HalfOpen,
}

impl BreakerStateKind {
    /// The name in scenarios and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// A change of state, and the figures that decided it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Old state.
    pub from: BreakerStateKind,
    /// New state.
    pub to: BreakerStateKind,
    /// Failures among the results looked at \[results\]; 0 when the cool-down ended.
    pub failures: u32,
    /// Results looked at: those in the window, or those of the probes \[results\]; 0 when the
    /// cool-down ended.
    pub results: u32,
}

/// A circuit breaker that one's own clock drives.
///
/// ```
/// use sim_core::policy::{Admission, Breaker, BreakerConfig, BreakerStateKind, HalfOpenRule};
/// use sim_core::policy::{LateRule, Outcome, OutcomeSet, TripRule, Window};
/// use sim_core::time::{SimDuration, SimTime};
///
/// let config = BreakerConfig {
///     window: Window::Consecutive,
///     trip: TripRule::ConsecutiveFailures(1),
///     open_for: SimDuration::from_secs(5),
///     half_open: HalfOpenRule::AllMustSucceed { permits: 1 },
///     late: LateRule::Ignore,
///     failures: OutcomeSet::failures(),
/// };
/// let mut breaker = Breaker::new();
/// let mut clock = SimTime::ZERO;
///
/// let (Admission::Admit(permit), None) = breaker.try_acquire(clock, &config) else { panic!() };
/// clock = clock + SimDuration::from_secs(1);
/// let change = breaker.on_result(clock, &config, permit, Outcome::TimeoutResponse);
/// assert_eq!(change.unwrap().to, BreakerStateKind::Open);
///
/// assert!(!breaker.would_admit(SimTime::from_ns(5_999_999_999), &config));
/// assert!(breaker.would_admit(SimTime::from_ns(6_000_000_000), &config));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Breaker {
    state: State,
    /// Changes of state so far; wraps.
    epoch: u32,
}

#[derive(Clone, Debug, PartialEq)]
enum State {
    /// Everything passes; results are remembered.
    Closed { results: Results },
    /// Everything is rejected before this instant.
    Open { until: SimTime },
    /// A few probes decide.
    HalfOpen { probes: Probes },
}

impl State {
    const fn kind(&self) -> BreakerStateKind {
        match self {
            Self::Closed { .. } => BreakerStateKind::Closed,
            Self::Open { .. } => BreakerStateKind::Open,
            Self::HalfOpen { .. } => BreakerStateKind::HalfOpen,
        }
    }

    fn closed() -> Self {
        Self::Closed {
            results: Results::default(),
        }
    }
}

impl Default for Breaker {
    fn default() -> Self {
        Self::new()
    }
}

impl Breaker {
    /// A closed breaker that has seen nothing; it takes no memory until its window counts calls.
    pub fn new() -> Self {
        Self {
            state: State::closed(),
            epoch: 0,
        }
    }

    /// Asks for leave to pass; here an open breaker notices that its cool-down is over.
    pub fn try_acquire(
        &mut self,
        now: SimTime,
        config: &BreakerConfig,
    ) -> (Admission, Option<Transition>) {
        let change = self.catch_up(now, config);
        let admitted = match &mut self.state {
            State::Closed { .. } => true,
            State::Open { .. } => false,
            State::HalfOpen { probes } => {
                let admits = config.half_open.admits(*probes);
                probes.in_flight += u32::from(admits);
                admits
            }
        };
        let admission = if admitted {
            Admission::Admit(Permit { epoch: self.epoch })
        } else {
            Admission::Reject
        };
        (admission, change)
    }

    /// Whether [`Self::try_acquire`] would admit now; changes nothing.
    pub fn would_admit(&self, now: SimTime, config: &BreakerConfig) -> bool {
        match &self.state {
            State::Closed { .. } => true,
            State::Open { until } => now >= *until,
            State::HalfOpen { probes } => {
                config.half_open.admits(*probes) || config.half_open.closes(*probes)
            }
        }
    }

    /// Takes a permit back with the outcome that reached the breaker (rule 7).
    ///
    /// Each permit comes back exactly once; a pass that was abandoned comes back as `cancelled`.
    pub fn on_result(
        &mut self,
        now: SimTime,
        config: &BreakerConfig,
        permit: Permit,
        outcome: Outcome,
    ) -> Option<Transition> {
        let late = permit.epoch != self.epoch;
        if late && !config.late.reaches_the_current_state() {
            return None;
        }
        if outcome == Outcome::Cancelled {
            self.take_back();
            return None;
        }
        let failed = config.failures.contains(outcome);
        match &mut self.state {
            State::Closed { results } => {
                results.record(config.window, failed);
                self.open_if_tripped(now, config)
            }
            // An open breaker has given no permits in its epoch.
            State::Open { .. } => None,
            State::HalfOpen { .. } => self.on_probe(now, config, failed),
        }
    }

    /// The state that a call would meet now: from the end of its cool-down on an open breaker is
    /// half-open, though it tells so (as a [`Transition`]) only to the next call.
    pub fn state(&self, now: SimTime) -> BreakerStateKind {
        match self.state {
            State::Open { until } if now >= until => BreakerStateKind::HalfOpen,
            State::Open { .. } | State::Closed { .. } | State::HalfOpen { .. } => self.state.kind(),
        }
    }

    /// Changes that wait for a call to ask: the cool-down is over, or a setting changed so that the
    /// probes that succeeded now suffice.
    fn catch_up(&mut self, now: SimTime, config: &BreakerConfig) -> Option<Transition> {
        match self.state {
            State::Open { until } if now >= until => {
                let probes = Probes::default();
                Some(self.change(State::HalfOpen { probes }, 0, 0))
            }
            State::HalfOpen { probes } if config.half_open.closes(probes) => {
                Some(self.change(State::closed(), 0, probes.succeeded))
            }
            State::Open { .. } | State::Closed { .. } | State::HalfOpen { .. } => None,
        }
    }

    /// A pass that says nothing about the callee gives its permit back.
    fn take_back(&mut self) {
        if let State::HalfOpen { probes } = &mut self.state {
            probes.in_flight -= 1;
        }
    }

    fn open_if_tripped(&mut self, now: SimTime, config: &BreakerConfig) -> Option<Transition> {
        let State::Closed { results } = &self.state else {
            return None;
        };
        let tally = results.tally(config.window);
        let capacity = match config.window {
            Window::Calls(size) => size.max(1),
            Window::Consecutive => u32::MAX,
        };
        let opens = config.trip.opens(tally, capacity);
        opens.then(|| self.open(now, config, tally.failures, tally.results))
    }

    fn on_probe(
        &mut self,
        now: SimTime,
        config: &BreakerConfig,
        failed: bool,
    ) -> Option<Transition> {
        let State::HalfOpen { probes } = &mut self.state else {
            return None;
        };
        let verdict = config.half_open.judge(probes, failed);
        let results = probes.succeeded + u32::from(failed);
        match verdict {
            Verdict::Wait => None,
            Verdict::Close => Some(self.change(State::closed(), 0, results)),
            Verdict::Open => Some(self.open(now, config, 1, results)),
        }
    }

    fn open(
        &mut self,
        now: SimTime,
        config: &BreakerConfig,
        failures: u32,
        results: u32,
    ) -> Transition {
        let until = now + config.open_for;
        self.change(State::Open { until }, failures, results)
    }

    /// Enters a state. Permits given before are of an older epoch from here on.
    fn change(&mut self, state: State, failures: u32, results: u32) -> Transition {
        let from = self.state.kind();
        let to = state.kind();
        self.state = state;
        self.epoch = self.epoch.wrapping_add(1);
        Transition {
            from,
            to,
            failures,
            results,
        }
    }
}
