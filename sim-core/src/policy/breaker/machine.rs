//! The breaker itself: three states, and an epoch that tells old results from new ones.
//!
//! The machine holds no clock and sets no timer. It stores until when it is open, and looks when
//! somebody asks; what a timer or a tick would have done in the meantime it does then, and each
//! [`Transition`] says at which instant that was. A breaker that nobody asks costs no event.
//!
//! The rule: [`Breaker::advance`] tells the changes that time alone has made, one by one;
//! [`Breaker::try_acquire`] gives a permit or rejects, [`Breaker::on_result`] takes the permit back
//! exactly once, with the outcome that reached the breaker. Every change of state starts a new
//! epoch.
//!
//! Rejected: a list of live permits (the epoch does the same with four bytes), a breaker that
//! schedules its own half-opening (events for breakers nobody asks), a machine per library (they
//! differ in arms of four choices, not in the machine).

use super::answer::{Admission, BreakerStateKind, LAST_EPOCH, Permit, Remarks, Transition, Why};
use super::open::{Timing, timer_at};
use super::openings::Openings;
use super::probes::Probes;
use super::tripped::{ConditionSet, Tripped};
use super::window::{Results, Tally};
use super::{
    AfterWait, AskedBy, BreakerConfig, CountedCalls, Evaluate, Excess, LateRule, OnClose, Window,
};
use crate::policy::AppliedSet;
use crate::time::{SimDuration, SimTime};
use std::num::NonZeroU32;

/// A circuit breaker that one's own clock drives.
///
/// ```
/// use sim_core::policy::{Admission, Breaker, BreakerConfig, BreakerStateKind, Outcome};
/// use sim_core::policy::{TripRule, Window};
/// use sim_core::time::{SimDuration, SimTime};
///
/// let five_seconds = SimDuration::from_secs(5);
/// let run_of_one = TripRule::consecutive_failures(1);
/// let config = BreakerConfig::plain(Window::Consecutive, run_of_one, five_seconds, 1);
/// let draw = |_opening| 0.5; // only a jittered wait draws
///
/// let mut breaker = Breaker::new();
/// let mut clock = SimTime::ZERO;
/// let Admission::Admit(permit) = breaker.try_acquire(clock, &config) else { panic!() };
///
/// clock = clock + SimDuration::from_secs(1);
/// let change = breaker.on_result(clock, &config, permit, Outcome::TimeoutResponse, draw);
/// assert_eq!(change.unwrap().to, BreakerStateKind::Open);
///
/// clock = SimTime::from_ns(5_999_999_999);
/// assert_eq!(breaker.try_acquire(clock, &config), Admission::Reject);
/// clock = SimTime::from_ns(6_000_000_000);
/// let change = breaker.advance(clock, &config, sim_core::policy::AskedBy::Call, draw);
/// assert_eq!(change.unwrap().to, BreakerStateKind::HalfOpen);
/// assert!(matches!(breaker.try_acquire(clock, &config), Admission::Admit(_)));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Breaker {
    pub(super) state: State,
    /// Changes of state so far; wraps around zero.
    pub(super) epoch: NonZeroU32,
    pub(super) openings: Openings,
    pub(super) results: Results,
    pub(super) remarks: Remarks,
}

/// Rounds from open to half-open and back without a call that are gone through one by one \[count\].
const IDLE_CYCLES: u64 = 1_000;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    /// Everything passes.
    Closed,
    /// Everything is rejected until this instant.
    Open { until: SimTime },
    /// A few probes decide.
    HalfOpen { since: SimTime, probes: Probes },
}

impl State {
    pub(super) const fn kind(&self) -> BreakerStateKind {
        match self {
            Self::Closed => BreakerStateKind::Closed,
            Self::Open { .. } => BreakerStateKind::Open,
            Self::HalfOpen { .. } => BreakerStateKind::HalfOpen,
        }
    }
}

impl Default for Breaker {
    fn default() -> Self {
        Self::new()
    }
}

impl Breaker {
    /// A closed breaker that has seen nothing, made at time zero; it takes no memory until its
    /// window counts calls.
    pub fn new() -> Self {
        Self::made_at(SimTime::ZERO)
    }

    /// A closed breaker that has seen nothing. Windows and ticks that begin with the breaker begin
    /// at `now`.
    pub fn made_at(now: SimTime) -> Self {
        Self {
            state: State::Closed,
            epoch: NonZeroU32::MIN,
            openings: Openings::default(),
            results: Results::from(now),
            remarks: Remarks::NONE,
        }
    }

    /// What results and looks did that changed no state, since this was last asked.
    #[inline]
    pub fn take_remarks(&mut self) -> Remarks {
        std::mem::take(&mut self.remarks)
    }

    /// The next change of state that the time until `now` has made: ask until there is none, before
    /// asking anything else. `draw` gives a number from (0, 1) for the wait of this number, from 1;
    /// only a wait with jitter draws.
    #[inline]
    pub fn advance(
        &mut self,
        now: SimTime,
        config: &BreakerConfig,
        asked: AskedBy,
        draw: impl Fn(u32) -> f64,
    ) -> Option<Transition> {
        match self.state {
            State::Closed => {
                self.empty_window(now, config, asked);
                let Evaluate::Ticks(_) = config.evaluate else {
                    return None;
                };
                self.tick(now, config, draw)
            }
            State::Open { until } => {
                let at = config.open.over_at(until, now, asked)?;
                Some(self.half_open(at))
            }
            State::HalfOpen { since, probes } => {
                self.end_probing(now, config, asked, since, probes, draw)
            }
        }
    }

    /// Asks for leave to pass.
    ///
    /// What [`Self::advance`] was not asked for is done first, and not told.
    pub fn try_acquire(&mut self, now: SimTime, config: &BreakerConfig) -> Admission {
        while self.advance(now, config, AskedBy::Call, |_| 0.5).is_some() {}
        let admission = self.admission(now, config);
        let counted = match config.counts {
            CountedCalls::Completed => false,
            CountedCalls::Started => matches!(admission, Admission::Admit(_)),
            CountedCalls::StartedAndRejected => true,
        };
        if counted && (self.state == State::Closed || config.on_close.counts_always()) {
            self.results.start(now, config.window);
        }
        admission
    }

    fn admission(&mut self, now: SimTime, config: &BreakerConfig) -> Admission {
        let epoch = self.epoch;
        match &mut self.state {
            State::Closed => Admission::Admit(Permit {
                at: now,
                epoch,
                probe: false,
            }),
            State::Open { .. } => Admission::Reject,
            State::HalfOpen { probes, .. } if config.half_open.admits(*probes) => {
                probes.taken = probes.taken.saturating_add(1);
                Admission::Admit(Permit {
                    at: now,
                    epoch,
                    probe: true,
                })
            }
            State::HalfOpen { .. } => match config.half_open.excess {
                Excess::Reject => Admission::Reject,
                Excess::Queue => Admission::Wait(epoch),
            },
        }
    }

    /// Whether [`Self::try_acquire`] would admit now, if [`Self::advance`] was asked for what
    /// timers and ticks have done; changes nothing.
    pub fn would_admit(&self, now: SimTime, config: &BreakerConfig) -> bool {
        match &self.state {
            State::Closed => true,
            State::Open { until } => config.open.over_at(*until, now, AskedBy::Call).is_some(),
            State::HalfOpen { probes, .. } => {
                config.half_open.admits(*probes) || config.half_open.closes(*probes)
            }
        }
    }

    /// The state that a call would meet now: from the end of its cool-down on an open breaker is
    /// half-open, though it tells so (as a [`Transition`]) only when it is asked.
    pub fn state(&self, now: SimTime, config: &BreakerConfig) -> BreakerStateKind {
        match self.state {
            State::Open { until } if config.open.over_at(until, now, AskedBy::Call).is_some() => {
                BreakerStateKind::HalfOpen
            }
            State::Open { .. } | State::Closed | State::HalfOpen { .. } => self.state.kind(),
        }
    }

    // ---- what time alone does ----

    /// A tumbling window is emptied by the first call or result after its interval.
    fn empty_window(&mut self, now: SimTime, config: &BreakerConfig, asked: AskedBy) {
        let Window::Tumbling(every) = config.window else {
            return;
        };
        let emptied = asked != AskedBy::Onlooker && self.results.emptied(now, every);
        if emptied && config.late == LateRule::SameGeneration {
            self.next_epoch();
        }
    }

    fn tick(
        &mut self,
        now: SimTime,
        config: &BreakerConfig,
        draw: impl Fn(u32) -> f64,
    ) -> Option<Transition> {
        let Evaluate::Ticks(interval) = config.evaluate else {
            return None;
        };
        loop {
            let (window, counts) = (config.window, config.counts);
            let (at, tally, looks) = self.results.look(now, interval, window, counts)?;
            if let Some(tripped) = config.trip.opens(&tally, capacity(window)) {
                return Some(self.open(at, config, tripped, draw));
            }
            self.remark_minimum(config, &tally, looks);
        }
    }

    fn end_probing(
        &mut self,
        now: SimTime,
        config: &BreakerConfig,
        asked: AskedBy,
        since: SimTime,
        probes: Probes,
        draw: impl Fn(u32) -> f64,
    ) -> Option<Transition> {
        let rule = &config.half_open;
        // A setting changed, so that the probes that succeeded now suffice.
        if asked == AskedBy::Call && rule.closes(probes) {
            return Some(self.close(now, config, Why::ProbesSucceeded, probes.succeeded));
        }
        let at = timer_at(since + rule.max_wait, now, asked)?;
        let none = Tripped {
            why: Why::ProbesTooLong,
            count: 0,
            of: 0,
            conditions: ConditionSet::NONE,
        };
        Some(match rule.then {
            AfterWait::Open => {
                let mut opened = self.open(at, config, none, &draw);
                if probes.taken == 0 {
                    self.jump_idle_cycles(now, config, &mut opened);
                }
                opened
            }
            AfterWait::Closed => self.close(at, config, Why::ProbesTooLong, 0),
        })
    }

    /// A breaker that opens and half-opens by timers while nobody asks goes in circles. After a long
    /// time of that most rounds are left out: they are told to nobody, but counted, so that the next
    /// wait is as long as if they had been gone through. A wait with jitter counts as its longest.
    fn jump_idle_cycles(&mut self, now: SimTime, config: &BreakerConfig, opened: &mut Transition) {
        let State::Open { until } = &mut self.state else {
            return;
        };
        let Some(wait) = self.openings.settled(&config.open) else {
            return;
        };
        let cycle = (wait + config.half_open.max_wait).max(SimDuration::from_ns(1));
        let cycles = until.until(now).as_ns() / cycle.as_ns();
        if cycles <= IDLE_CYCLES || config.open.transition != Timing::Timer {
            return;
        }
        let left_out = cycles - 1;
        self.openings.skip(left_out);
        *until = *until + cycle.times(left_out);
        opened.at = opened.at + cycle.times(left_out);
    }

    /// The trip rule did not hold, so many times: remembers whether it would have without its minimum
    /// of calls.
    pub(super) fn remark_minimum(&mut self, config: &BreakerConfig, tally: &Tally, times: u32) {
        // Of failures in a row the minimum is the number that opens.
        let held_back = config.window != Window::Consecutive
            && config.trip.is_held_back(tally, capacity(config.window));
        let times = if held_back { times } else { 0 };
        self.remarks.held_back = self.remarks.held_back.saturating_add(times);
    }

    pub(super) fn tally(&self, config: &BreakerConfig) -> Tally {
        self.results.tally(config.window, config.counts)
    }

    // ---- what others say ----

    /// Somebody else knows better: it is open until [`Self::let_go`], whatever results and time say.
    pub fn hold_open(&mut self, now: SimTime) -> Option<Transition> {
        if self.is_held() {
            return None;
        }
        let until = SimTime::NEVER;
        Some(self.change(State::Open { until }, now, Why::CheckFailed, 0, 0))
    }

    /// It is closed again, and has seen nothing, if somebody held it open.
    pub fn let_go(&mut self, now: SimTime) -> Option<Transition> {
        if !self.is_held() {
            return None;
        }
        self.results = Results::from(now);
        Some(self.change(State::Closed, now, Why::CheckPassed, 0, 0))
    }

    /// Another instance comes into the place of the one that it guards, and it knows nothing of that
    /// (rule 48): the change, if it was not closed. Nothing else is left of this one.
    pub fn replaced(mut self, now: SimTime) -> Option<Transition> {
        let was_closed = self.state.kind() == BreakerStateKind::Closed;
        (!was_closed).then(|| self.change(State::Closed, now, Why::Replaced, 0, 0))
    }

    /// Whether somebody holds it open.
    pub(super) fn is_held(&self) -> bool {
        matches!(self.state, State::Open { until } if until == SimTime::NEVER)
    }

    // ---- changes of state ----

    pub(super) fn half_open(&mut self, at: SimTime) -> Transition {
        let probes = Probes::default();
        self.change(
            State::HalfOpen { since: at, probes },
            at,
            Why::WaitOver,
            0,
            0,
        )
    }

    pub(super) fn close(
        &mut self,
        at: SimTime,
        config: &BreakerConfig,
        why: Why,
        results: u32,
    ) -> Transition {
        match config.on_close {
            OnClose::Clear => self.results = Results::from(at),
            OnClose::Keep | OnClose::ClearAndCount => {
                if let Evaluate::Ticks(interval) = config.evaluate {
                    self.results.skip_looks(at, interval);
                }
            }
        }
        self.change(State::Closed, at, why, 0, results)
    }

    pub(super) fn open(
        &mut self,
        at: SimTime,
        config: &BreakerConfig,
        tripped: Tripped,
        draw: impl Fn(u32) -> f64,
    ) -> Transition {
        let Tripped {
            why,
            count,
            of,
            conditions,
        } = tripped;
        let conditions = conditions.or_all_of(config.trip.conditions().len());
        let wait = self.openings.opened(&config.open, conditions, draw);
        let by = self.openings.grown_by(&config.open, wait);
        let until = at + wait;
        let opened = self.change(State::Open { until }, at, why, count, of);
        Transition { wait, by, ..opened }
    }

    /// Enters a state. Permits given before are of an older epoch from here on.
    pub(super) fn change(
        &mut self,
        state: State,
        at: SimTime,
        why: Why,
        failures: u32,
        results: u32,
    ) -> Transition {
        let from = self.state.kind();
        let to = state.kind();
        self.state = state;
        if to == BreakerStateKind::Closed {
            self.openings.closed();
        }
        self.next_epoch();
        Transition {
            from,
            to,
            at,
            why,
            failures,
            results,
            wait: SimDuration::ZERO,
            by: AppliedSet::NONE,
        }
    }

    fn next_epoch(&mut self) {
        self.epoch = match self.epoch.get() {
            LAST_EPOCH => NonZeroU32::MIN,
            epoch => NonZeroU32::MIN.saturating_add(epoch),
        };
    }
}

/// The most results a window can hold.
pub(super) fn capacity(window: Window) -> u32 {
    match window {
        Window::Calls(size) => size.max(1),
        Window::Consecutive | Window::Rolling(_) | Window::Tumbling(_) | Window::Average(_) => {
            u32::MAX
        }
    }
}
