//! The numbers by which the pipeline and its host know calls, attempts, passes, timers and owners.

/// A call as the host numbers it; the pipeline only hands it back.
pub type HostCall = u32;
/// An attempt as the host numbers it; the pipeline only hands it back.
pub type HostAttempt = u32;

/// Whose state a call uses: the caller's process, by its number within its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner(pub u32);

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
    Attempt(HostAttempt),
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
    pub fn attempt(ix: HostAttempt) -> Self {
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
