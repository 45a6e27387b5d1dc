//! The state machine of arrivals: amounts of a clock that counts expected arrivals.
//!
//! Everything is one rule. A process has a clock (the cumulative rate) and draws amounts of it; the
//! next arrival is due when the clock has gone on by the amount drawn. Under a load factor f the
//! clock goes f times as fast: at a change of f, what has gone by at the old speed is taken off the
//! amount, and the rest is due at the new speed. The amount itself stays as drawn, so the change is
//! exact, takes no draw, and leaves later arrivals with the amounts that they would have had.
//!
//! | process | amount | clock |
//! |---|---|---|
//! | Poisson | unit exponential: one draw | cumulative rate |
//! | constant | 1 | cumulative rate |
//! | Markov-modulated | unit exponential: one draw | cumulative rate of the path of states |
//! | recorded | the gap to the next instant | time itself \[ns\] |
//!
//! A geometric batch takes one more draw per arrival. Recorded instants under a load factor are
//! played faster or slower from then on.

use super::arrivals::Arrivals;
use super::batch::Batch;
use super::instant::instant;
use super::modulation::Modulation;
use super::profile::RateProfile;
use crate::random::Uniforms;
use crate::random::detmath::ln;
use crate::time::SimTime;
use crate::units::Factor;
use std::sync::Arc;

/// Arrivals one after another.
///
/// Use: [`next`](Self::next), schedule it; when it happens, `next` again. When the load changes while
/// one is pending: [`set_load_factor`](Self::set_load_factor), cancel it, schedule it at
/// [`reschedule`](Self::reschedule).
#[derive(Clone, Debug)]
pub struct ArrivalProcess {
    clock: Clock,
    amounts: Amounts,
    batch: Batch,
    /// Reading of the clock at the latest arrival or change of load, at a load factor of 1.
    reading: f64,
    /// What was left of the pending amount then; infinite after the last arrival.
    left: f64,
    load: Load,
    /// Calls that the pending arrival brings \[count\].
    pending_batch: u32,
    /// Rounding must not put the pending arrival before this.
    earliest: SimTime,
}

/// How fast the clock goes, and the inverse of it, by which amounts are stretched.
#[derive(Clone, Copy, Debug)]
struct Load {
    factor: f64,
    stretch: f64,
}

impl Load {
    fn new(factor: Factor) -> Self {
        let factor = factor.get();
        Self {
            factor,
            stretch: 1.0 / factor,
        }
    }
}

impl ArrivalProcess {
    /// The process at time 0, before its first arrival. Modulated arrivals take one word of the
    /// stream here, which fixes the path of their states; the others take none.
    pub fn new<U: Uniforms>(arrivals: &Arrivals, stream: &mut U) -> Self {
        let (clock, amounts, batch) = parts(arrivals, stream);
        Self {
            clock,
            amounts,
            batch,
            reading: 0.0,
            left: 0.0,
            load: Load::new(Factor::ONE),
            pending_batch: 1,
            earliest: SimTime::ZERO,
        }
    }

    /// The pending arrival has happened (or there was none yet): the next one, and how many calls it
    /// brings. `None` if it never comes, unless a later change of load brings it after all.
    #[expect(clippy::inline_always, reason = "for every arrival")]
    #[inline(always)]
    pub fn next<U: Uniforms>(&mut self, stream: &mut U) -> Option<(SimTime, u32)> {
        self.reading = self.due();
        self.clock.advance_to(self.reading);
        self.left = self.amounts.draw(stream);
        self.pending_batch = self.batch.sample(stream);
        Some((self.pending_time()?, self.pending_batch))
    }

    /// From `now` on the rate is the profile's times `factor`; the pending arrival must not have
    /// happened yet.
    pub fn set_load_factor(&mut self, now: SimTime, factor: Factor) {
        let reading = self.clock.cumulative(now).max(self.reading);
        let gone = (reading - self.reading) * self.load.factor;
        self.left = (self.left - gone).max(0.0);
        self.reading = reading;
        self.clock.advance_to(reading);
        self.load = Load::new(factor);
        self.earliest = now;
    }

    /// When the pending arrival comes under the present load, not before `now`; no draw.
    pub fn reschedule(&mut self, now: SimTime) -> Option<SimTime> {
        self.earliest = self.earliest.max(now);
        self.pending_time()
    }

    /// Calls that the pending arrival brings \[count\]: also of one that [`next`](Self::next) could
    /// not date.
    pub fn pending_batch(&self) -> u32 {
        self.pending_batch
    }

    /// Reading of the clock at the pending arrival.
    #[inline]
    fn due(&self) -> f64 {
        if self.left > 0.0 {
            self.reading + self.left * self.load.stretch
        } else {
            self.reading
        }
    }

    #[expect(clippy::inline_always, reason = "for every arrival")]
    #[inline(always)]
    fn pending_time(&mut self) -> Option<SimTime> {
        let time = self.clock.time_of(self.due())?.max(self.earliest);
        self.earliest = time;
        Some(time)
    }
}

fn parts<U: Uniforms>(arrivals: &Arrivals, stream: &mut U) -> (Clock, Amounts, Batch) {
    match arrivals {
        Arrivals::Poisson { profile, batch } => (
            Clock::Profile(profile.clone()),
            Amounts::Exponential,
            *batch,
        ),
        Arrivals::Constant { profile, batch } => {
            (Clock::Profile(profile.clone()), Amounts::One, *batch)
        }
        Arrivals::MarkovModulated(modulated) => {
            let path = Modulation::new(modulated, stream.next_u64());
            (Clock::Modulated(path), Amounts::Exponential, Batch::ONE)
        }
        Arrivals::Recorded(recorded) => {
            let times = Arc::clone(&recorded.times);
            (Clock::Time, Amounts::Gaps { times, given: 0 }, Batch::ONE)
        }
    }
}

/// What amounts are measured by.
#[derive(Clone, Debug)]
enum Clock {
    Profile(RateProfile),
    Modulated(Modulation),
    Time,
}

impl Clock {
    /// The earliest instant of this reading; `None` if it never gets there.
    #[inline]
    fn time_of(&self, reading: f64) -> Option<SimTime> {
        match self {
            Self::Profile(profile) => profile.time_of(reading),
            Self::Modulated(path) => path.time_of(reading),
            Self::Time => instant(reading),
        }
    }

    fn cumulative(&self, by: SimTime) -> f64 {
        match self {
            Self::Profile(profile) => profile.cumulative(by),
            Self::Modulated(path) => path.cumulative(by),
            Self::Time => by.as_ns() as f64,
        }
    }

    #[inline]
    fn advance_to(&mut self, reading: f64) {
        if let Self::Modulated(path) = self {
            path.advance_to(reading);
        }
    }
}

/// Where amounts come from.
#[derive(Clone, Debug)]
enum Amounts {
    Exponential,
    One,
    Gaps {
        times: Arc<[SimTime]>,
        /// Instants given out so far \[count\].
        given: usize,
    },
}

impl Amounts {
    #[inline]
    fn draw<U: Uniforms>(&mut self, stream: &mut U) -> f64 {
        match self {
            Self::Exponential => -ln(stream.open01()),
            Self::One => 1.0,
            Self::Gaps { times, given } => next_gap(times, given),
        }
    }
}

/// The span from the instant before \[ns\]; infinite after the last.
fn next_gap(times: &[SimTime], given: &mut usize) -> f64 {
    let Some(time) = times.get(*given) else {
        return f64::INFINITY;
    };
    let before = given.checked_sub(1).map_or(SimTime::ZERO, |i| times[i]);
    *given += 1;
    time.since(before).as_ns_f64()
}

#[cfg(test)]
mod tests;
