//! Frames: one for each layer that a pass has entered.

use super::handles::{Alarm, FrameIx, HostCall, Inside};
use crate::id::LayerId;
use crate::policy::{BackoffMemory, BreakerTicket, Ending, Grant, Outcome, Race};
use crate::side_table::{Absent, SideTable};
use crate::time::SimTime;

/// A layer entered by a pass.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// The frame to which the result goes.
    pub(super) outer: FrameIx,
    /// The pass inside, if one is under way.
    pub(super) inner: Inside,
    /// The call it belongs to.
    pub(super) call: HostCall,
    /// The timer it waits for; or, while a pass is inside a layer that then waits for none, that of
    /// a timeout just inside.
    pub(super) alarm: Alarm,
    /// Its layer.
    pub(super) layer: LayerId,
    /// What the layer remembers of this pass; what few layers remember is kept by [`Frames`].
    pub(super) state: FrameState,
}

const _: () = assert!(
    size_of::<Frame>() <= 32,
    "one for each layer of each call in flight"
);

/// What a layer remembers of one pass.
#[derive(Clone, Copy, Debug)]
pub(super) enum FrameState {
    /// Gives up at its instant.
    Timeout,
    /// Passes begun so far. Its instant: when it was entered.
    Retry {
        passes: u32,
        /// What its budget granted for the pass inside or the one it waits for.
        grant: Option<Grant>,
    },
    /// What it keeps of its permit, given at its instant; where the layer guards instances, only once
    /// one is chosen.
    Breaker {
        ticket: Option<BreakerTicket>,
        instance: u32,
    },
    /// What it has of a guard.
    Guard { hold: Hold, instance: u32 },
    /// Nothing.
    Fallback,
    /// The call that it made in the place of a failure, its kept ending.
    FallbackCall { other: HostCall },
    /// The race of its passes, and which of them had the result that is the answer if no better one
    /// comes, its kept ending. The pass inside is the oldest under way.
    Hedge { race: Race, kept: Option<Kept> },
    /// One of the passes of a hedge, which is the frame outside. Its instant: when it began.
    Pass {
        /// The next younger one under way, or [`FrameIx::NONE`].
        next: FrameIx,
        number: u16,
        /// What the budget of the hedge granted for it.
        grant: Option<Grant>,
    },
}

/// The pass of a hedge whose result is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    /// Which pass it was, from 1.
    pub(super) number: u16,
    /// What the budget granted for it.
    pub(super) grant: Option<Grant>,
}

impl FrameState {
    /// A retry that a pass enters.
    pub(super) const FIRST_PASS: Self = Self::Retry {
        passes: 1,
        grant: None,
    };

    /// What a pass has of a guard that guards no instances.
    #[inline]
    pub(super) fn guard(hold: Hold) -> Self {
        Self::Guard { hold, instance: 0 }
    }

    /// Whether a timeout just inside the layer may use the alarm of its frame: the layer has no use
    /// for it while a pass is inside, and the frame lasts for as long.
    #[inline]
    pub(super) fn lends_alarm(&self) -> bool {
        match self {
            Self::Retry { .. } | Self::Breaker { .. } | Self::Guard { .. } | Self::Fallback => true,
            Self::Timeout | Self::FallbackCall { .. } | Self::Hedge { .. } | Self::Pass { .. } => {
                false
            }
        }
    }

    /// It has no permit any more.
    const fn lose_permit(&mut self) {
        match self {
            Self::Breaker { ticket, .. } => *ticket = None,
            Self::Guard { hold, .. } => *hold = Hold::Nothing,
            Self::Timeout
            | Self::Retry { .. }
            | Self::Fallback
            | Self::FallbackCall { .. }
            | Self::Hedge { .. }
            | Self::Pass { .. } => {}
        }
    }

    /// The instance for which a layer that guards instances has given its permit.
    pub(super) fn permit_for(self) -> Option<u32> {
        match self {
            Self::Breaker {
                ticket: Some(_),
                instance,
            }
            | Self::Guard {
                hold: Hold::Permit,
                instance,
            } => Some(instance),
            Self::Timeout
            | Self::Retry { .. }
            | Self::Breaker { ticket: None, .. }
            | Self::Guard { .. }
            | Self::Fallback
            | Self::FallbackCall { .. }
            | Self::Hedge { .. }
            | Self::Pass { .. } => None,
        }
    }
}

/// What a pass has of a guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// Nothing yet: the instance is not chosen.
    Nothing,
    /// A place in line.
    Place,
    /// Nothing until its instant, when it goes in or is stopped like this.
    Until(Option<Outcome>),
    /// A permit.
    Permit,
}

/// The lane outside a layer: folds the numbers of the passes around it. Most layers are in lane 0.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Lane(u32);

impl Absent for Lane {
    const ABSENT: Self = Self(0);
}

impl Absent for BackoffMemory {
    const ABSENT: Self = Self::EMPTY;
}

impl Absent for Option<Ending> {
    const ABSENT: Self = None;
}

/// The arena of frames: freed ones are used again. What few frames have lies beside them; it can
/// still be read of a frame that was just removed, as long as no other came.
#[derive(Clone, Debug, Default)]
pub(super) struct Frames {
    all: Vec<Frame>,
    free: Vec<FrameIx>,
    lanes: SideTable<Lane>,
    /// What a layer has to know of time: see its [`FrameState`].
    instants: SideTable<SimTime>,
    /// How many were inside a guard that learns when a pass had gone in.
    inside: SideTable<u32>,
    /// What backoff remembers.
    memories: SideTable<BackoffMemory>,
    endings: SideTable<Option<Ending>>,
}

impl Frames {
    /// Adds a frame in a lane; it is made in its place.
    #[inline]
    pub(super) fn insert_with(&mut self, lane: u32, build: impl FnOnce() -> Frame) -> FrameIx {
        let ix = if let Some(ix) = self.free.pop() {
            self.all[ix.0 as usize] = build();
            ix
        } else {
            self.grow(build())
        };
        self.lanes.set(ix.0, Lane(lane));
        ix
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, frame: Frame) -> FrameIx {
        self.all.push(frame);
        FrameIx(self.all.len() as u32 - 1)
    }

    /// The lane outside the layer of a frame.
    #[inline]
    pub(super) fn lane(&self, ix: FrameIx) -> u32 {
        self.lanes.of(ix.0).0
    }

    /// The instant that a layer remembers; [`SimTime::NEVER`] if it was never told one.
    #[inline]
    pub(super) fn instant(&self, ix: FrameIx) -> SimTime {
        self.instants.of(ix.0)
    }

    #[inline]
    pub(super) fn set_instant(&mut self, ix: FrameIx, at: SimTime) {
        self.instants.set(ix.0, at);
    }

    /// How many were inside with a pass when it had gone in; only where that was told.
    pub(super) fn inside(&self, ix: FrameIx) -> u32 {
        self.inside.of(ix.0)
    }

    pub(super) fn set_inside(&mut self, ix: FrameIx, count: u32) {
        self.inside.set(ix.0, count);
    }

    #[inline]
    pub(super) fn memory(&self, ix: FrameIx) -> BackoffMemory {
        self.memories.of(ix.0)
    }

    #[inline]
    pub(super) fn set_memory(&mut self, ix: FrameIx, memory: BackoffMemory) {
        self.memories.set(ix.0, memory);
    }

    /// The ending that a layer has kept.
    pub(super) fn kept_ending(&self, ix: FrameIx) -> Ending {
        let Some(ending) = self.endings.of(ix.0) else {
            unreachable!("a layer that asks has kept one")
        };
        ending
    }

    pub(super) fn keep_ending(&mut self, ix: FrameIx, ending: Ending) {
        self.endings.set(ix.0, Some(ending));
    }

    /// Passes in a layer hold no permits for an instance any more: another is in its place.
    pub(super) fn lose_permits(&mut self, layer: LayerId, instance: u32) {
        let of_layer = self.all.iter_mut().filter(|frame| frame.layer == layer);
        for frame in of_layer.filter(|frame| frame.state.permit_for() == Some(instance)) {
            frame.state.lose_permit();
        }
    }

    #[inline]
    pub(super) fn remove(&mut self, ix: FrameIx) -> Frame {
        self.free.push(ix);
        self.all[ix.0 as usize]
    }

    /// Frees a frame of which nothing more is needed.
    #[inline]
    pub(super) fn free(&mut self, ix: FrameIx) {
        self.free.push(ix);
    }

    /// Frames in use.
    pub(super) fn len(&self) -> usize {
        self.all.len() - self.free.len()
    }
}

impl std::ops::Index<FrameIx> for Frames {
    type Output = Frame;
    #[inline]
    fn index(&self, ix: FrameIx) -> &Frame {
        &self.all[ix.0 as usize]
    }
}

impl std::ops::IndexMut<FrameIx> for Frames {
    #[inline]
    fn index_mut(&mut self, ix: FrameIx) -> &mut Frame {
        &mut self.all[ix.0 as usize]
    }
}
