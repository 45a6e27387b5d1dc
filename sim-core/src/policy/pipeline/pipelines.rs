//! All passes under way, and the moves that a walk is made of.

use super::frame::Frames;
use super::layers::Layers;
use super::{FrameIx, HostCall, Inside};
use crate::id::LayerId;
use crate::policy::Ending;
use std::collections::VecDeque;
use std::num::NonZeroU32;

/// All passes under way.
#[derive(Clone, Debug, Default)]
pub struct Pipelines {
    /// The layers and their states.
    pub layers: Layers,
    pub(super) frames: Frames,
    /// What goes on when the present walk is over: waiters that were given a permit, or may ask for
    /// one again, and hedges whose next pass begins without delay.
    pub(super) admitted: VecDeque<FrameIx>,
    /// Passes that wait for a probe of a half-open breaker to end.
    pub(super) parked: Vec<Parked>,
    /// Passes that run on after the layer outside gave them up.
    pub(super) detached: Vec<(HostCall, Inside)>,
    /// Passes of hedges, and calls of fallbacks, still to be visited on the way down a call.
    pub(super) branches: Vec<Inside>,
    /// Calls of fallbacks that are given up, and end when nothing is under way in them.
    pub(super) orphans: Vec<HostCall>,
}

/// A pass that waits for a probe to end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parked {
    /// Which of all breakers.
    pub(super) breaker: u32,
    /// The epoch of the probes it waits for.
    pub(super) epoch: NonZeroU32,
    pub(super) frame: FrameIx,
}

/// What happens next in a walk. The kind has a byte of its own, so that a move just made need not
/// be decoded.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Move {
    /// A pass goes on to this layer; `None`: it leaves the innermost one.
    In {
        outer: FrameIx,
        layer: Option<LayerId>,
        call: HostCall,
        lane: u32,
    },
    /// A result goes to this frame.
    Out {
        to: FrameIx,
        call: HostCall,
        ending: Ending,
    },
    /// Nothing until something happens.
    Rest,
}
