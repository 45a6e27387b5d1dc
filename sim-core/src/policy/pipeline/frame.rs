//! Frames: one for each layer that a pass has entered.

use super::{AttemptIx, CallIx};
use crate::id::LayerId;
use crate::policy::{BackoffMemory, Ending, Grant, Outcome, Permit, Race};
use crate::time::SimTime;

/// Number of a frame in its arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FrameIx(pub u32);

impl FrameIx {
    /// No frame; as the outer frame: the result goes to the caller.
    pub const NONE: Self = Self(u32::MAX);
    /// As the outer frame: the layer outside has moved on, the result goes nowhere.
    pub const DETACHED: Self = Self(u32::MAX - 1);

    /// Whether there is a frame.
    #[inline]
    pub fn is_some(self) -> bool {
        self.0 < Self::DETACHED.0
    }
}

/// Handle of a timer, as the host numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm(pub u32);

impl Alarm {
    /// No timer.
    pub const NONE: Self = Self(u32::MAX);
}

/// What is inside a frame or a call: nothing, a frame, or an attempt, in 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inside(u32);

/// An [`Inside`] to be matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsideView {
    /// Nothing is under way.
    Nothing,
    /// The pass is in this layer.
    Frame(FrameIx),
    /// The pass left the innermost layer.
    Attempt(AttemptIx),
}

impl Inside {
    /// Nothing is under way.
    pub const NOTHING: Self = Self(u32::MAX);
    const ATTEMPT: u32 = 1 << 31;

    /// This frame.
    #[inline]
    pub fn frame(ix: FrameIx) -> Self {
        debug_assert!(ix.0 < Self::ATTEMPT);
        Self(ix.0)
    }

    /// This attempt.
    #[inline]
    pub fn attempt(ix: AttemptIx) -> Self {
        debug_assert!(ix < Self::ATTEMPT - 1);
        Self(ix | Self::ATTEMPT)
    }

    /// To be matched.
    #[inline]
    pub fn view(self) -> InsideView {
        match self.0 {
            u32::MAX => InsideView::Nothing,
            bits if bits & Self::ATTEMPT != 0 => InsideView::Attempt(bits & !Self::ATTEMPT),
            bits => InsideView::Frame(FrameIx(bits)),
        }
    }
}

/// A layer entered by a pass.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// The frame to which the result goes.
    pub(super) outer: FrameIx,
    /// The pass inside, if one is under way.
    pub(super) inner: Inside,
    /// The call it belongs to.
    pub(super) call: CallIx,
    /// The timer it waits for; or, while a pass is inside a layer that then waits for none, that of
    /// a timeout just inside.
    pub(super) alarm: Alarm,
    /// Its layer.
    pub(super) layer: LayerId,
    /// Folds the numbers of the passes around it.
    pub(super) lane: u32,
    /// What the layer remembers of this pass.
    pub(super) state: FrameState,
}

const _: () = assert!(
    size_of::<Frame>() <= 48,
    "one for each layer of each call in flight"
);

/// What a layer remembers of one pass.
#[derive(Clone, Copy, Debug)]
pub(super) enum FrameState {
    /// Gives up at that instant.
    Timeout { until: SimTime },
    /// Passes begun so far, and what backoff remembers.
    Retry {
        passes: u32,
        memory: BackoffMemory,
        entered_at: SimTime,
        /// What its budget granted for the pass inside or the one it waits for.
        grant: Option<Grant>,
    },
    /// The permit it holds; where the layer guards instances, only once one is chosen.
    Breaker {
        permit: Option<Permit>,
        instance: u32,
    },
    /// What it has of a guard.
    Guard { hold: Hold, instance: u32 },
    /// Nothing.
    Fallback,
    /// The call that it made in the place of this failure.
    Instead { other: CallIx, failed: Ending },
    /// The race of its passes, and the result that is the answer if no better one comes. The pass
    /// inside is the oldest under way.
    Hedge { race: Race, kept: Option<Came> },
    /// One of the passes of a hedge, which is the frame outside.
    Pass {
        /// The next younger one under way, or [`FrameIx::NONE`].
        next: FrameIx,
        number: u32,
        begun_at: SimTime,
        /// What the budget of the hedge granted for it.
        grant: Option<Grant>,
    },
}

/// The result of a pass of a hedge.
#[derive(Clone, Copy, Debug)]
pub(super) struct Came {
    /// Which pass it was, from 1.
    pub(super) number: u32,
    pub(super) ending: Ending,
    /// What the budget granted for it.
    pub(super) grant: Option<Grant>,
}

impl FrameState {
    /// A retry that a pass enters.
    #[inline]
    pub(super) fn first_pass(now: SimTime) -> Self {
        Self::Retry {
            passes: 1,
            memory: BackoffMemory::default(),
            entered_at: now,
            grant: None,
        }
    }

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
            Self::Timeout { .. }
            | Self::Instead { .. }
            | Self::Hedge { .. }
            | Self::Pass { .. } => false,
        }
    }

    /// The instance for which a layer that guards instances has given its permit.
    pub(super) fn permit_for(self) -> Option<u32> {
        match self {
            Self::Breaker {
                permit: Some(_),
                instance,
            }
            | Self::Guard {
                hold: Hold::Permit,
                instance,
            } => Some(instance),
            Self::Timeout { .. }
            | Self::Retry { .. }
            | Self::Breaker { permit: None, .. }
            | Self::Guard { .. }
            | Self::Fallback
            | Self::Instead { .. }
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

/// The arena of frames: freed ones are used again.
#[derive(Debug, Default)]
pub(super) struct Frames {
    frames: Vec<Frame>,
    free: Vec<FrameIx>,
}

impl Frames {
    /// Adds a frame.
    #[inline]
    pub(super) fn insert(&mut self, frame: Frame) -> FrameIx {
        if let Some(ix) = self.free.pop() {
            self.frames[ix.0 as usize] = frame;
            return ix;
        }
        self.grow(frame)
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, frame: Frame) -> FrameIx {
        self.frames.push(frame);
        FrameIx(self.frames.len() as u32 - 1)
    }

    #[inline]
    pub(super) fn remove(&mut self, ix: FrameIx) -> Frame {
        self.free.push(ix);
        self.frames[ix.0 as usize]
    }

    /// Frees a frame of which nothing more is needed.
    #[inline]
    pub(super) fn free(&mut self, ix: FrameIx) {
        self.free.push(ix);
    }

    /// Frames in use.
    pub(super) fn len(&self) -> usize {
        self.frames.len() - self.free.len()
    }
}

impl std::ops::Index<FrameIx> for Frames {
    type Output = Frame;
    #[inline]
    fn index(&self, ix: FrameIx) -> &Frame {
        &self.frames[ix.0 as usize]
    }
}

impl std::ops::IndexMut<FrameIx> for Frames {
    #[inline]
    fn index_mut(&mut self, ix: FrameIx) -> &mut Frame {
        &mut self.frames[ix.0 as usize]
    }
}
