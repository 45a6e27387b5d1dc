//! How a call can end: one closed table, and sets of its rows.
//!
//! Every call ends in exactly one [`Outcome`]. The groups (`error`, `timeout`, `rejected`,
//! `stopped`) may be named wherever a single outcome may, so a policy's `on` is an [`OutcomeSet`].

use std::fmt;

/// Defines the outcomes, their names in files and reports, and the table of all of them.
macro_rules! outcomes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// How a call, a pass or an attempt ended.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Outcome {
            $($(#[$doc])* $name,)*
        }

        impl Outcome {
            /// All outcomes, in the order of their numbers, which never change.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The outcome of this number, that of its place in the table.
            #[inline]
            pub(super) const fn of_index(index: u64) -> Self {
                match index {
                    $(_ if index == Self::$name as u64 => Self::$name,)*
                    _ => panic!("no outcome has this number"),
                }
            }

            /// The name in scenarios and reports, such as `rejected.queue_full`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

outcomes! {
    /// A full answer.
    Ok = "ok",
    /// A useful answer of lesser quality: a fallback, or an optional part is missing.
    Degraded = "degraded",
    /// The operation failed (500).
    ErrorInternal = "error.internal",
    /// The service cannot serve now (503), or no instance is in rotation.
    ErrorUnavailable = "error.unavailable",
    /// The caller's mistake (4xx).
    ErrorInvalid = "error.invalid",
    /// A call made by the operation failed (502, 504).
    ErrorDependency = "error.dependency",
    /// The connection was refused: the instance is down.
    ErrorRefused = "error.refused",
    /// The connection was lost with the instance.
    ErrorReset = "error.reset",
    /// No connection in time.
    TimeoutConnect = "timeout.connect",
    /// No answer in time.
    TimeoutResponse = "timeout.response",
    /// The propagated deadline had passed.
    TimeoutDeadline = "timeout.deadline",
    /// The callee's waiting room was full.
    RejectedQueueFull = "rejected.queue_full",
    /// Waited too long in the callee's waiting room.
    RejectedQueueTimeout = "rejected.queue_timeout",
    /// The callee's rate limit.
    RejectedRateLimited = "rejected.rate_limited",
    /// Shed by the callee.
    RejectedShed = "rejected.shed",
    /// The caller's own breaker was open.
    StoppedBreakerOpen = "stopped.breaker_open",
    /// The caller's own bulkhead and its waiting room were full.
    StoppedBulkheadFull = "stopped.bulkhead_full",
    /// Waited too long for the caller's own bulkhead.
    StoppedBulkheadTimeout = "stopped.bulkhead_timeout",
    /// The caller's own rate limit.
    StoppedRateLimited = "stopped.rate_limited",
    /// The caller's own throttle.
    StoppedThrottled = "stopped.throttled",
    /// Nobody wanted the answer any more.
    Cancelled = "cancelled",
    /// A full answer that says no: not found (404), not in the cache. Nothing bad about the callee.
    Negative = "negative",
    /// Waited too long for a connection of the caller's own pool.
    StoppedPoolTimeout = "stopped.pool_timeout",
}

impl Outcome {
    /// How many outcomes there are.
    pub const COUNT: usize = Self::ALL.len();

    /// All outcomes, in the order of reports: the useful ones first.
    pub const SHOWN: [Self; Self::COUNT] = {
        let mut shown = [Self::Ok; Self::COUNT];
        let mut next = 0;
        let mut useful = true;
        loop {
            let mut index = 0;
            while index < Self::COUNT {
                if Self::ALL[index].is_useful() == useful {
                    shown[next] = Self::ALL[index];
                    next += 1;
                }
                index += 1;
            }
            if !useful {
                break shown;
            }
            useful = false;
        }
    };

    /// Whether the caller got something to work with.
    pub const fn is_useful(self) -> bool {
        matches!(self, Self::Ok | Self::Degraded | Self::Negative)
    }

    /// Whether it says nothing about how well the callee is, being the caller's own mistake: a
    /// judgement of health leaves it out.
    pub const fn is_mistake(self) -> bool {
        matches!(self, Self::ErrorInvalid)
    }

    /// Whether a request may have gone out: no own layer stopped it, and there was a connection.
    pub const fn was_sent(self) -> bool {
        match self {
            Self::ErrorRefused
            | Self::TimeoutConnect
            | Self::StoppedBreakerOpen
            | Self::StoppedBulkheadFull
            | Self::StoppedBulkheadTimeout
            | Self::StoppedRateLimited
            | Self::StoppedThrottled
            | Self::StoppedPoolTimeout => false,
            Self::Ok
            | Self::Degraded
            | Self::ErrorInternal
            | Self::ErrorUnavailable
            | Self::ErrorInvalid
            | Self::ErrorDependency
            | Self::ErrorReset
            | Self::TimeoutResponse
            | Self::TimeoutDeadline
            | Self::RejectedQueueFull
            | Self::RejectedQueueTimeout
            | Self::RejectedRateLimited
            | Self::RejectedShed
            | Self::Cancelled
            | Self::Negative => true,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct OutcomeSet(u32);

impl OutcomeSet {
    /// No outcome.
    pub const EMPTY: Self = Self(0);

    /// The set of these outcomes.
    pub const fn of(outcomes: &[Outcome]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < outcomes.len() {
            bits |= 1 << outcomes[index] as u32;
            index += 1;
        }
        Self(bits)
    }

    /// The outcomes that a name stands for: one outcome, or a group such as `timeout`; `useful`
    /// and `failed` name the two halves of the table.
    pub fn named(name: &str) -> Option<Self> {
        let mut set = Self::EMPTY;
        for &outcome in Outcome::ALL {
            let group = outcome.name().split('.').next();
            let half = if outcome.is_useful() {
                "useful"
            } else {
                "failed"
            };
            if outcome.name() == name || group == Some(name) || half == name {
                set = set.with(outcome);
            }
        }
        (set != Self::EMPTY).then_some(set)
    }

    /// All names that [`Self::named`] knows, groups first.
    pub fn names() -> Vec<&'static str> {
        let mut names = vec![
            "useful", "failed", "error", "timeout", "rejected", "stopped",
        ];
        names.extend(Outcome::ALL.iter().map(|outcome| outcome.name()));
        names
    }

    /// Whether the outcome is in the set.
    pub const fn contains(self, outcome: Outcome) -> bool {
        self.0 & (1 << outcome as u32) != 0
    }

    /// This set and one outcome more.
    #[must_use]
    pub const fn with(self, outcome: Outcome) -> Self {
        Self(self.0 | 1 << outcome as u32)
    }

    /// Everything in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The names of what is in the set, a whole group by its own name; groups first.
    pub fn brief(self) -> Vec<&'static str> {
        let (mut left, mut names) = (self, Vec::new());
        for group in ["error", "timeout", "rejected", "stopped"] {
            let members = Self::named(group).unwrap_or_default();
            if members.minus(self) == Self::EMPTY {
                left = left.minus(members);
                names.push(group);
            }
        }
        names.extend(left.iter().map(Outcome::name));
        names
    }

    /// The outcomes in the set, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Outcome> {
        Outcome::ALL
            .iter()
            .copied()
            .filter(move |&outcome| self.contains(outcome))
    }

    /// The outcomes that give the caller something to work with.
    pub const fn useful() -> Self {
        Self::of(&[Outcome::Ok, Outcome::Degraded, Outcome::Negative])
    }

    /// Every other outcome.
    pub const fn failed() -> Self {
        Self::of(Outcome::ALL).minus(Self::useful())
    }

    /// What a retry retries unless told otherwise: timeouts, rejections by the callee and errors,
    /// but not the caller's own mistakes, nor what its own layers stopped.
    pub fn retryable() -> Self {
        Self::failures()
    }

    /// What a breaker counts as failure unless told otherwise: timeouts, rejections by the callee
    /// and errors, but not the caller's own mistakes.
    pub fn failures() -> Self {
        Outcome::ALL.iter().fold(Self::EMPTY, |set, &outcome| {
            let group = outcome.name().split('.').next();
            let fails = matches!(group, Some("error" | "timeout" | "rejected"));
            if fails && outcome != Outcome::ErrorInvalid {
                set.with(outcome)
            } else {
                set
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_name_their_members() {
        let timeouts = OutcomeSet::named("timeout").unwrap();
        assert_eq!(timeouts.iter().count(), 3);
        assert!(timeouts.contains(Outcome::TimeoutConnect));
        assert_eq!(
            OutcomeSet::named("timeout.response")
                .unwrap()
                .iter()
                .count(),
            1
        );
        assert_eq!(OutcomeSet::named("timeouts"), None);
        for name in OutcomeSet::names() {
            assert!(OutcomeSet::named(name).is_some(), "{name}");
        }
    }

    #[test]
    fn rule_28_useful_and_failed_are_the_two_halves() {
        assert_eq!(OutcomeSet::named("useful"), Some(OutcomeSet::useful()));
        assert_eq!(OutcomeSet::named("failed"), Some(OutcomeSet::failed()));
        assert!(OutcomeSet::useful().contains(Outcome::Negative));
        let useful = OutcomeSet::useful().iter().count();
        let (first, rest) = Outcome::SHOWN.split_at(useful);
        assert_eq!(OutcomeSet::of(first), OutcomeSet::useful());
        assert_eq!(OutcomeSet::of(rest), OutcomeSet::failed());
    }

    #[test]
    fn rule_29_defaults() {
        let retryable = OutcomeSet::retryable();
        for outcome in [
            Outcome::TimeoutResponse,
            Outcome::RejectedShed,
            Outcome::ErrorReset,
        ] {
            assert!(retryable.contains(outcome), "{outcome}");
        }
        for outcome in [
            Outcome::Ok,
            Outcome::Degraded,
            Outcome::Negative,
            Outcome::ErrorInvalid,
            Outcome::StoppedBreakerOpen,
            Outcome::Cancelled,
        ] {
            assert!(!retryable.contains(outcome), "{outcome}");
        }
    }
}
