//! The run loop: take the next event, let the model handle it, repeat until there is a reason to
//! stop.
//!
//! A run that cannot end is a model's mistake that must not become a user's wait: a retry without
//! delay stays at one instant for ever, an amplification without bound grows for ever. So the loop
//! counts, and every way to end has a name. A limit is reached by the first event beyond it, which
//! is not handled; the counts are of events, so a run stops at the same place on every machine.
//!
//! What follows without delay belongs into the same event: a hop that takes no time is not one. What
//! may go on like that for ever, such as retries that wait for nothing, the model counts itself, and
//! the loop adds it to its own count ([`Handler::followed`]).

use super::list::{EventList, Exhausted};
use super::slots::Packed;
use crate::time::SimTime;

/// Progress is reported every so many events \[count\].
const PROGRESS_INTERVAL: u64 = 65_536;

/// How much a run may do before it is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Events handled in the whole run \[count\].
    pub events: u64,
    /// Events handled at one instant \[count\].
    pub at_one_instant: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            events: 1_000_000_000,
            at_one_instant: 1_000_000,
        }
    }
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Nothing is left to happen before the horizon: the run is complete.
    Horizon,
    /// [`Limits::events`] were handled and there was another.
    EventLimit,
    /// [`Limits::at_one_instant`] were handled at one instant and there was another.
    InstantLimit,
    /// An event was refused: [`Exhausted::Sequence`].
    SequenceExhausted,
    /// An event was refused: [`Exhausted::Slots`].
    SlotsExhausted,
    /// The caller's progress function asked for it.
    Interrupted,
    /// The model asked for it, see [`Handler::halted`].
    Halted,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunEnd {
    /// Why.
    pub stop: Stop,
    /// Events handled \[count\].
    pub events: u64,
    /// The horizon if the run is complete, otherwise the time of the last event handled \[ns\].
    pub at: SimTime,
}

/// What reacts to events: the model.
pub trait Handler<E> {
    /// What will happen. The model owns the list, so that it lies beside everything else that an
    /// event touches.
    fn events(&mut self) -> &mut EventList<E>;

    /// Handles one event at `now`; what follows from it later is scheduled in its list.
    fn handle(&mut self, now: SimTime, event: E);

    /// Whether [`Self::halted`] or [`Self::followed`] may have something to say after the last event.
    #[inline]
    fn is_noted(&self) -> bool {
        true
    }

    /// Whether the model has met a limit of its own and the run must end, asked after each event that
    /// is noted.
    fn halted(&self) -> bool {
        false
    }

    /// What happened within the last event that counts as if it had been events of its own \[count\],
    /// asked once after each that is noted.
    fn followed(&mut self) -> u64 {
        0
    }
}

/// Handles every event before `horizon`, in order, within the limits.
///
/// `progress` is told the time and the number of events handled, every 65,536 events or what counts as
/// such; the run ends when it returns false.
pub fn run<E: Packed, H: Handler<E>>(
    handler: &mut H,
    horizon: SimTime,
    limits: Limits,
    progress: &mut dyn FnMut(SimTime, u64) -> bool,
) -> RunEnd {
    go_on(handler, horizon, &mut EventCount::new(limits), progress)
}

/// As [`run`], for a run that has come to an earlier horizon with this count.
pub fn go_on<E: Packed, H: Handler<E>>(
    handler: &mut H,
    horizon: SimTime,
    so_far: &mut EventCount,
    progress: &mut dyn FnMut(SimTime, u64) -> bool,
) -> RunEnd {
    let mut count = *so_far;
    let stop = loop {
        let Some((now, event)) = handler.events().pop(horizon) else {
            break Stop::Horizon;
        };
        if let Err(stop) = count.admit(now) {
            break stop;
        }
        handler.handle(now, event);
        let is_noted = handler.events().exhausted().is_some() || handler.is_noted();
        if is_noted && let Err(stop) = look_at(handler, &mut count) {
            break stop;
        }
        if count.is_progress() && !progress(now, count.events()) {
            break Stop::Interrupted;
        }
    };
    *so_far = count;
    RunEnd {
        stop,
        events: count.events(),
        at: if stop == Stop::Horizon {
            horizon
        } else {
            count.at
        },
    }
}

/// Looks at an event that was noted: whether the run has to end, and what else it counts for.
#[inline(never)]
fn look_at<E: Packed, H: Handler<E>>(handler: &mut H, count: &mut EventCount) -> Result<(), Stop> {
    if let Some(stop) = asked_to_stop(handler) {
        return Err(stop);
    }
    match handler.followed() {
        0 => Ok(()),
        followed => count.add(followed),
    }
}

fn asked_to_stop<E: Packed, H: Handler<E>>(handler: &mut H) -> Option<Stop> {
    match handler.events().exhausted() {
        None if handler.halted() => Some(Stop::Halted),
        None => None,
        Some(Exhausted::Sequence) => Some(Stop::SequenceExhausted),
        Some(Exhausted::Slots) => Some(Stop::SlotsExhausted),
    }
}

/// What has been handled so far.
#[derive(Clone, Copy, Debug)]
pub struct EventCount {
    limits: Limits,
    /// Events handled, and what counts as such \[count\].
    counted: u64,
    /// What counts as such \[count\].
    followed: u64,
    /// When progress is told next \[count\].
    progress_at: u64,
    /// Time of the last event handled \[ns\].
    at: SimTime,
    /// What was counted when the clock came to `at` \[count\].
    counted_before: u64,
}

impl EventCount {
    /// Nothing yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            counted: 0,
            followed: 0,
            progress_at: PROGRESS_INTERVAL,
            at: SimTime::ZERO,
            counted_before: 0,
        }
    }

    /// Events handled \[count\].
    pub fn events(&self) -> u64 {
        self.counted - self.followed
    }

    /// Counts one more event, unless it is beyond a limit.
    #[inline]
    fn admit(&mut self, now: SimTime) -> Result<(), Stop> {
        if self.counted >= self.limits.events {
            return Err(Stop::EventLimit);
        }
        if now != self.at {
            self.at = now;
            self.counted_before = self.counted;
        }
        if self.counted - self.counted_before >= self.limits.at_one_instant {
            return Err(Stop::InstantLimit);
        }
        self.counted += 1;
        Ok(())
    }

    /// Counts what followed within the last event, unless it goes beyond a limit.
    #[cold]
    fn add(&mut self, followed: u64) -> Result<(), Stop> {
        self.counted = self.counted.saturating_add(followed);
        self.followed = self.followed.saturating_add(followed);
        if self.counted - self.counted_before > self.limits.at_one_instant {
            return Err(Stop::InstantLimit);
        }
        if self.counted > self.limits.events {
            return Err(Stop::EventLimit);
        }
        Ok(())
    }

    /// Whether it is time to tell progress.
    #[inline]
    fn is_progress(&mut self) -> bool {
        let due = self.counted >= self.progress_at;
        if due {
            self.progress_at = self.counted + PROGRESS_INTERVAL;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Class;
    use crate::time::SimDuration;

    /// Schedules one successor per event, `step` later, until `left` runs out.
    struct Ticker {
        step: SimDuration,
        halt_at: SimTime,
        seen: Vec<u64>,
        /// What counts as so many events with each.
        followed: u64,
        events: EventList<u32>,
    }

    impl Handler<u32> for Ticker {
        fn events(&mut self) -> &mut EventList<u32> {
            &mut self.events
        }
        fn handle(&mut self, now: SimTime, left: u32) {
            self.seen.push(now.as_ns());
            if left > 0 {
                self.events
                    .schedule(now + self.step, Class::Start, left - 1);
            }
        }
        fn halted(&self) -> bool {
            self.seen.last() >= Some(&self.halt_at.as_ns())
        }
        fn followed(&mut self) -> u64 {
            self.followed
        }
    }

    fn ticker(step_ns: u64) -> Ticker {
        Ticker {
            step: SimDuration::from_ns(step_ns),
            halt_at: SimTime::NEVER,
            seen: Vec::new(),
            followed: 0,
            events: EventList::new(),
        }
    }

    fn limits(events: u64, at_one_instant: u64) -> Limits {
        Limits {
            events,
            at_one_instant,
        }
    }

    /// Runs `ticks + 1` events, one every `handler.step` from zero, with the horizon at 100 ns.
    fn tick(handler: &mut Ticker, ticks: u32, limits: Limits) -> (Stop, u64, u64) {
        handler.events.schedule(SimTime::ZERO, Class::Start, ticks);
        let horizon = SimTime::from_ns(100);
        let end = run(handler, horizon, limits, &mut |_, _| true);
        assert_eq!(end.events, handler.seen.len() as u64);
        (end.stop, end.events, end.at.as_ns())
    }

    #[test]
    fn the_horizon_itself_is_not_part_of_the_run() {
        let end = tick(&mut ticker(25), 1000, Limits::default());
        assert_eq!(end, (Stop::Horizon, 4, 100));
    }

    #[test]
    fn running_empty_completes_the_run() {
        let end = tick(&mut ticker(25), 1, Limits::default());
        assert_eq!(end, (Stop::Horizon, 2, 100));
    }

    #[test]
    fn a_limit_is_met_by_the_first_event_beyond_it() {
        for (name, step, ticks, limits, expected) in [
            (
                "as many as allowed",
                1,
                9,
                limits(10, 1),
                (Stop::Horizon, 10, 100),
            ),
            ("one more", 1, 10, limits(10, 1), (Stop::EventLimit, 10, 9)),
            (
                "an instant as full as allowed",
                0,
                9,
                limits(99, 10),
                (Stop::Horizon, 10, 100),
            ),
            (
                "an instant too full",
                0,
                10,
                limits(99, 10),
                (Stop::InstantLimit, 10, 0),
            ),
        ] {
            assert_eq!(tick(&mut ticker(step), ticks, limits), expected, "{name}");
        }
    }

    #[test]
    fn what_follows_within_an_event_counts_too() {
        for (limits, expected) in [
            (limits(40, 10), (Stop::Horizon, 4, 100)),
            (limits(39, 10), (Stop::EventLimit, 4, 75)),
            (limits(30, 10), (Stop::EventLimit, 3, 50)),
            (limits(40, 9), (Stop::InstantLimit, 1, 0)),
        ] {
            let mut handler = ticker(25);
            handler.followed = 9;
            assert_eq!(tick(&mut handler, 1000, limits), expected, "{limits:?}");
        }
    }

    #[test]
    fn the_model_can_end_the_run() {
        let mut handler = ticker(10);
        handler.halt_at = SimTime::from_ns(30);
        let end = tick(&mut handler, 1000, Limits::default());
        assert_eq!(end, (Stop::Halted, 4, 30));
    }

    #[test]
    fn progress_comes_at_fixed_counts_and_can_interrupt() {
        let mut endless = ticker(1);
        endless
            .events
            .schedule(SimTime::ZERO, Class::Start, 1 << 29);
        let mut told = Vec::new();
        let end = run(
            &mut endless,
            SimTime::NEVER,
            Limits::default(),
            &mut |now, count| {
                told.push((now.as_ns(), count));
                told.len() < 2
            },
        );
        assert_eq!((end.stop, end.events), (Stop::Interrupted, 131_072));
        assert_eq!(told, [(65_535, 65_536), (131_071, 131_072)]);
    }
}
