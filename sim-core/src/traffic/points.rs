//! A rate that steps or ramps from point to point.
//!
//! Each piece knows its start, its rate there, its slope, and the arrivals expected before it. Both
//! questions find their piece by binary search. On a ramp the count after t seconds is
//! r t + s t²/2, inverted as 2c / (r + sqrt(r² + 2 s c)), the form of the root in which nothing
//! cancels and a slope of zero needs no case of its own.

use super::error::TrafficError;
use super::instant::instant;
use crate::random::detmath::sqrt;
use crate::time::SimTime;
use crate::units::Rate;

/// How the rate comes to a point from the point before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ramp {
    /// It stays as it was and jumps.
    #[default]
    Step,
    /// It moves there evenly.
    Linear,
}

/// The rate from an instant on, until the next point says otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatePoint {
    /// When the rate is reached.
    pub at: SimTime,
    /// The rate from then on \[1/s\].
    pub rate: Rate,
    /// How the rate came here.
    pub ramp: Ramp,
}

/// Pieces in the order of time, the first at 0, the last without end.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Points {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq)]
struct Piece {
    start: SimTime,
    /// Rate at the start \[1/s\].
    rate: f64,
    /// Change of the rate \[1/s²\].
    slope: f64,
    /// Arrivals expected before the start \[count\].
    before: f64,
}

impl Piece {
    fn seconds_at(&self, at: SimTime) -> f64 {
        at.since(self.start).as_secs_f64()
    }

    fn rate_at(&self, at: SimTime) -> f64 {
        self.rate + self.slope * self.seconds_at(at)
    }

    fn cumulative(&self, by: SimTime) -> f64 {
        let seconds = self.seconds_at(by);
        self.before + seconds * (self.rate + 0.5 * self.slope * seconds)
    }

    /// Infinite if this piece never gets there, also if it has a rate of zero.
    fn seconds_until(&self, cumulative: f64) -> f64 {
        let missing = cumulative - self.before;
        if missing <= 0.0 {
            return 0.0;
        }
        // Rounding may put a count at the very end of a falling ramp just out of its reach.
        let square = (self.rate * self.rate + 2.0 * self.slope * missing).max(0.0);
        2.0 * missing / (self.rate + sqrt(square))
    }
}

impl Points {
    pub(super) fn new(points: &[RatePoint]) -> Result<Self, TrafficError> {
        check(points)?;
        let mut pieces: Vec<Piece> = Vec::with_capacity(points.len());
        for (i, point) in points.iter().enumerate() {
            let before = pieces.last().map_or(0.0, |last| last.cumulative(point.at));
            pieces.push(Piece {
                start: point.at,
                rate: point.rate.get(),
                slope: points.get(i + 1).map_or(0.0, |next| slope(point, next)),
                before,
            });
        }
        Ok(Self { pieces })
    }

    fn piece_at(&self, at: SimTime) -> &Piece {
        let after = self.pieces.partition_point(|piece| piece.start <= at);
        &self.pieces[after - 1]
    }

    pub(super) fn rate_at(&self, at: SimTime) -> Rate {
        let rate = self.piece_at(at).rate_at(at);
        // Rounding at the end of a ramp to zero may give a little less than nothing.
        Rate::per_second(rate.max(0.0)).unwrap_or(Rate::ZERO)
    }

    pub(super) fn cumulative(&self, by: SimTime) -> f64 {
        self.piece_at(by).cumulative(by)
    }

    pub(super) fn time_of(&self, cumulative: f64) -> Option<SimTime> {
        // The last piece that begins with less; so a count reached before a pause is found there.
        let behind = self
            .pieces
            .partition_point(|piece| piece.before < cumulative);
        let index = behind.saturating_sub(1);
        let piece = &self.pieces[index];
        let ns = piece.start.as_ns() as f64 + piece.seconds_until(cumulative) * 1e9;
        let end = self.pieces.get(index + 1).map(|next| next.start);
        match end {
            Some(end) => Some(instant(ns).map_or(end, |time| time.min(end))),
            None => instant(ns),
        }
    }
}

/// How fast the rate moves between two points \[1/s²\].
fn slope(from: &RatePoint, to: &RatePoint) -> f64 {
    match to.ramp {
        Ramp::Step => 0.0,
        Ramp::Linear => (to.rate.get() - from.rate.get()) / to.at.since(from.at).as_secs_f64(),
    }
}

fn check(points: &[RatePoint]) -> Result<(), TrafficError> {
    let Some(first) = points.first() else {
        return Err(TrafficError::Empty { parameter: "rate" });
    };
    if first.at != SimTime::ZERO {
        return Err(TrafficError::LateStart { at: first.at });
    }
    if first.ramp == Ramp::Linear {
        return Err(TrafficError::RampFromNowhere);
    }
    match points.windows(2).find(|pair| pair[0].at >= pair[1].at) {
        Some(pair) => Err(TrafficError::Unsorted {
            parameter: "rate",
            earlier: pair[0].at,
            at: pair[1].at,
        }),
        None => Ok(()),
    }
}
