//! Among whom an instance is chosen.

use crate::time::SimTime;

/// Those among whom an instance is chosen.
#[derive(Clone, Copy, Debug)]
pub struct Rotation<'a> {
    /// Their numbers, sorted and without repetition.
    pub slots: &'a [u32],
    /// Another number whenever they or their ramps are others.
    pub version: u32,
    /// By slot: when it came up; the beginning of the run is no moment. Nothing where nobody asks.
    pub joined: &'a [SimTime],
    /// By slot: when a check had passed again.
    pub passed: &'a [SimTime],
    /// Now.
    pub now: SimTime,
}
