//! What a result does whose call began in an older state.
//!
//! A call that was let through while the breaker was closed may answer seconds later, when the
//! breaker has opened and half-opened since. Its news is old: it tells how the callee was, not how
//! it is. So a permit carries the *epoch* in which it was given, and the epoch changes with every
//! change of state; a result whose permit is of an older epoch is late.
//!
//! The rule: late results are ignored. gobreaker does the same with its generations, as does
//! `NewReno`, which takes no notice of packets sent before the recovery.
//!
//! Rejected as the default: giving them to the state that is current. In resilience4j calls of the
//! closed phase can thus decide half-open before any probe has answered; in Polly 8, opossum and
//! Hystrix an old success closes a breaker whose probe is still out; in Python's `circuitbreaker`
//! it closes one that is open.

/// What a result does whose call began in an older state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LateRule {
    /// Nothing (gobreaker); the default.
    Ignore,
}

impl LateRule {
    /// Whether a late result goes to the state that is current when it arrives.
    pub(super) const fn reaches_the_current_state(self) -> bool {
        match self {
            Self::Ignore => false,
        }
    }
}
