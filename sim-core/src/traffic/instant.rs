//! Instants from floats.

use crate::time::{SimDuration, SimTime};

/// The instant `ns` after the start; `None` past the end of time, and for NaN.
#[inline]
pub(super) fn instant(ns: f64) -> Option<SimTime> {
    if ns < SimTime::NEVER.as_ns() as f64 {
        return Some(SimTime::ZERO + SimDuration::from_sampled_ns(ns));
    }
    None
}
