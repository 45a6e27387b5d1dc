//! Among whom an instance is chosen, and for whom.

use super::ring::Ring;
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

/// For whom it is chosen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asker<'a> {
    /// What a ring is asked by: calls with the same belong together.
    pub key: u64,
    /// What says who is sticky: a small number.
    pub sticky: u32,
    /// Attempts that its call has sent so far \[count\].
    pub attempt: u32,
    /// The zone of the caller.
    pub home: u16,
    /// Whether every instance is allowed that is not in `but`.
    pub takes_any: bool,
    /// Those who are not allowed, if all others are.
    pub but: &'a [u32],
    /// The ring, if the way has one.
    pub ring: Option<&'a Ring>,
}

impl Asker<'_> {
    /// Whether every instance is allowed.
    pub(super) const fn takes_all(&self) -> bool {
        self.takes_any && self.but.is_empty()
    }
}
