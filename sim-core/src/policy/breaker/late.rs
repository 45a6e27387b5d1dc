//! What a result does whose call began in an older state.
//!
//! A call that was let through while the breaker was closed may answer seconds later, when the
//! breaker has opened and half-opened since. Its news is old: it tells how the callee was, not how
//! it is. So a permit carries the *epoch* in which it was given, and the epoch changes with every
//! change of state; a result whose permit is of an older epoch is late.
//!
//! The rule: late results are ignored, as `NewReno` takes no notice of packets sent before the
//! recovery. gobreaker does the same with its generations, which also change whenever its window is
//! emptied, so that a failure slower than the interval never counts (measured: 40 of 40 calls
//! failed and it never opened).
//!
//! Rejected as the default: giving them to the state that is current. In resilience4j calls of the
//! closed phase can thus decide half-open before any probe has answered; in Polly 8, opossum and
//! Hystrix an old success closes a breaker whose probe is still out; in Python's `circuitbreaker`
//! it closes one that is open.

use super::BreakerStateKind;

/// What a result does whose call began in an older state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LateRule {
    /// Nothing; the default.
    Ignore,
    /// Nothing, and whenever a tumbling window is emptied all calls in flight become late too
    /// (gobreaker).
    SameGeneration,
    /// The same as a result of the current state; an open breaker takes no notice (resilience4j,
    /// Polly 8, Hystrix, opossum, failsafe-go, Linkerd).
    CurrentState,
    /// As `CurrentState`, but a half-open breaker takes notice only while a probe is out. At any
    /// other time that it is not closed a success counts in the window and no more, a failure does
    /// nothing (Finagle: a success ends the run of failures of a node that is marked dead).
    WhileProbing,
    /// As `CurrentState`, and a success closes an open breaker, while a failure makes it wait anew
    /// (Python's `circuitbreaker`).
    CanCloseOpen,
    /// What its own state would have made of it: results of the closed phase are counted, and a
    /// failure that fills the measure opens, even from half-open; results of probes are those of
    /// probes (cockatiel).
    OwnState,
}

/// Where a result goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// Nowhere.
    Nowhere,
    /// To the current state.
    State,
    /// To the window, without deciding anything.
    Window,
    /// To the state it comes from, which is over.
    OwnState,
}

/// What is known of a result when it arrives.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about one result"
)]
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    /// Its permit is of an older epoch.
    pub late: bool,
    /// It is a success.
    pub succeeded: bool,
    /// Its permit was that of a probe.
    pub probe: bool,
    /// The current state.
    pub state: BreakerStateKind,
    /// Whether a probe is out.
    pub probing: bool,
}

impl Arrival {
    /// Where a result goes by [`LateRule::WhileProbing`], which knows states and no epochs.
    fn while_probing(self) -> Destination {
        match self.state {
            BreakerStateKind::Closed => Destination::State,
            BreakerStateKind::HalfOpen if self.probing => Destination::State,
            BreakerStateKind::Open | BreakerStateKind::HalfOpen if self.succeeded => {
                Destination::Window
            }
            BreakerStateKind::Open | BreakerStateKind::HalfOpen => Destination::Nowhere,
        }
    }
}

impl LateRule {
    /// Where a result goes.
    pub(super) fn destination(self, arrival: Arrival) -> Destination {
        let half_open = arrival.state == BreakerStateKind::HalfOpen;
        match self {
            Self::WhileProbing => arrival.while_probing(),
            Self::Ignore
            | Self::SameGeneration
            | Self::CurrentState
            | Self::CanCloseOpen
            | Self::OwnState
                if !arrival.late =>
            {
                Destination::State
            }
            Self::Ignore | Self::SameGeneration => Destination::Nowhere,
            Self::CurrentState | Self::CanCloseOpen => Destination::State,
            Self::OwnState if arrival.probe && half_open => Destination::State,
            Self::OwnState => Destination::OwnState,
        }
    }

    /// Whether a result moves an open breaker.
    pub(super) const fn moves_open(self) -> bool {
        match self {
            Self::CanCloseOpen => true,
            Self::Ignore
            | Self::SameGeneration
            | Self::CurrentState
            | Self::WhileProbing
            | Self::OwnState => false,
        }
    }
}
