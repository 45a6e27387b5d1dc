//! What is under way while a log is played: calls, attempts, and what comes due for them.

use super::call::{Answer, Reason};
use crate::kernel::{Packed, Timer};
use crate::policy::RetryStop;
use crate::policy::pipeline::{FrameIx, HostAttempt, HostCall};
use crate::time::{SimDuration, SimTime};

/// What comes due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// A recorded call begins.
    Begin(HostCall),
    /// An attempt has its answer.
    Answer(HostAttempt),
    /// A timer of the policy.
    Alarm(FrameIx),
}

impl Due {
    /// Numbers lie below this, 4 bits below what the event list takes.
    const NUMBERS: u32 = 1 << 26;
}

/// What comes due as its kind and its number.
impl Packed for Due {
    fn to_bits(self) -> u32 {
        let (kind, number) = match self {
            Self::Begin(ix) => (0, ix),
            Self::Answer(ix) => (1, ix),
            Self::Alarm(FrameIx(ix)) => (2, ix),
        };
        if number < Self::NUMBERS {
            kind * Self::NUMBERS + number
        } else {
            u32::MAX
        }
    }

    fn from_bits(bits: u32) -> Self {
        let number = bits % Self::NUMBERS;
        match bits / Self::NUMBERS {
            0 => Self::Begin(number),
            1 => Self::Answer(number),
            _ => Self::Alarm(FrameIx(number)),
        }
    }
}

/// A call under way.
#[derive(Clone, Debug)]
pub(super) struct CallUnderWay {
    pub(super) line: u64,
    pub(super) start: SimTime,
    /// Numbers of caller, target and class.
    pub(super) groups: [u32; 3],
    pub(super) pair: u32,
    pub(super) key: u64,
    pub(super) idempotent: bool,
    /// What the answer heard last asks for.
    pub(super) hint: Option<SimDuration>,
    pub(super) first: Answer,
    /// Further recorded answers.
    pub(super) more: Box<[Answer]>,
    pub(super) attempts: u32,
    /// Why the breaker that stopped it last let nothing pass.
    pub(super) stopped: Option<Reason>,
    /// Why the retry that gave up last did.
    pub(super) gave_up: Option<RetryStop>,
    /// Passes that run on after the layer outside gave them up.
    pub(super) detached: u32,
    pub(super) answered: bool,
}

impl CallUnderWay {
    pub(super) fn last(&self) -> Answer {
        *self.more.last().unwrap_or(&self.first)
    }

    /// The recorded answer to this attempt, from 0.
    pub(super) fn answer(&self, attempt: u32) -> Option<Answer> {
        match attempt {
            0 => Some(self.first),
            _ => self.more.get(attempt as usize - 1).copied(),
        }
    }
}

/// An attempt under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct AttemptUnderWay {
    pub(super) call: HostCall,
    pub(super) outer: FrameIx,
    pub(super) answer: Answer,
    pub(super) timer: Timer,
}

/// Things under way by number; numbers are used again.
#[derive(Clone, Debug)]
pub(super) struct Arena<T> {
    all: Vec<T>,
    free: Vec<u32>,
}

impl<T> Arena<T> {
    pub(super) const fn new() -> Self {
        Self {
            all: Vec::new(),
            free: Vec::new(),
        }
    }

    pub(super) fn open(&mut self, one: T) -> u32 {
        if let Some(ix) = self.free.pop() {
            self.all[ix as usize] = one;
            return ix;
        }
        self.all.push(one);
        self.all.len() as u32 - 1
    }

    pub(super) fn close(&mut self, ix: u32) {
        self.free.push(ix);
    }

    pub(super) fn get(&self, ix: u32) -> &T {
        &self.all[ix as usize]
    }

    pub(super) fn get_mut(&mut self, ix: u32) -> &mut T {
        &mut self.all[ix as usize]
    }
}
