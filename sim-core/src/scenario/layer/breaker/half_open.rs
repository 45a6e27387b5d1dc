//! `half_open`: the probes of a breaker that was open.

use crate::policy::{AfterWait, Closing, Excess, HalfOpenRule, Permits};
use crate::scenario::read::{Limit, choices, file_enum, file_map};
use crate::scenario::value::Count;
use crate::time::SimDuration;

file_map! {
    /// More about the probes of a half-open breaker.
    HalfOpenFile {
        /// Whether `half_open_calls` are in all or at a time; failsafe-go: `at_a_time`.
        calls_are: CallsAreFile, default "in_all";
        /// What becomes of the calls that are no probes; cockatiel: queue.
        excess: ExcessFile, default "reject";
        /// What closes: as many successes as there are `half_open_calls`, if absent (one, if these
        /// are unlimited), while the first failure opens again.
        closes: ClosesFile, optional;
        /// How long the probes may take together; resilience4j: 0, which is unlimited.
        max_wait: Limit<SimDuration>, default "unlimited";
        /// Where it goes then; resilience4j's `transitionToStateAfterWaitDuration`: open.
        then: ThenFile, default "open";
    }
}

choices! {
    /// Whether permits are in all or at a time.
    CallsAreFile {
        /// So many in all.
        in_all = InAll;
        /// So many at a time.
        at_a_time = AtATime;
    }
}

choices! {
    /// What becomes of calls that are no probes.
    ExcessFile {
        /// They are rejected.
        reject = Reject;
        /// They wait until a probe has ended, then ask again.
        queue = Queue;
    }
}

file_enum! {
    /// What closes a half-open breaker.
    ClosesFile {
        /// So many successes [count]; the first failure opens again; gobreaker: `maxRequests` 1.
        successes = Successes(Count<1>);
        /// The rates that open it, over the probes, once `minimum_calls` or all probes have
        /// answered; resilience4j.
        trip_rates = TripRates;
        /// The same for `failure_rate` alone, but successes are looked at first and win where
        /// rounding makes a tie; failsafe-go with a failure rate.
        success_rate = SuccessRate;
        /// The first success; a failure is counted in the window, which `on_close` has to keep, and
        /// opens again only if that is still a reason to open, else another probe goes; Finagle.
        first_success = FirstSuccess;
        /// So many successes close, so many failures open; failsafe-go.
        counts = Counts(ClosingCountsFile);
    }
}

file_map! {
    /// So many successes close, so many failures open.
    ClosingCountsFile {
        /// Successes that close [count]; failsafe-go: 1.
        successes: Count<1>, required;
        /// Failures that open again [count]; if absent, as many as leave too few of `half_open_calls` for
        /// the successes (failsafe-go's success threshold of a capacity).
        failures: Count<1>, optional;
    }
}

choices! {
    /// Where a breaker goes whose probes take too long.
    ThenFile {
        /// It opens again.
        open = Open;
        /// It closes.
        closed = Closed;
    }
}

impl HalfOpenFile {
    /// What they mean; `calls` are those that pass, unless these are unlimited.
    pub(super) fn config(&self, calls: Option<u32>) -> HalfOpenRule {
        let permits = match (calls, self.calls_are) {
            (None, _) => Permits::Unlimited,
            (Some(calls), CallsAreFile::InAll) => Permits::Total(calls),
            (Some(calls), CallsAreFile::AtATime) => Permits::Concurrent(calls),
        };
        let closing = match &self.closes {
            None => Closing::Successes(calls.unwrap_or(1)),
            Some(ClosesFile::Successes(needed)) => Closing::Successes(needed.get()),
            Some(ClosesFile::TripRates) => Closing::TripRates,
            Some(ClosesFile::SuccessRate) => Closing::SuccessRate,
            Some(ClosesFile::FirstSuccess) => Closing::FirstSuccess,
            Some(ClosesFile::Counts(counts)) => Closing::Counts {
                successes: counts.successes.get(),
                failures: counts
                    .failures
                    .map_or_else(|| failures_left(calls, counts.successes.get()), Count::get),
            },
        };
        HalfOpenRule {
            permits,
            excess: match self.excess {
                ExcessFile::Reject => Excess::Reject,
                ExcessFile::Queue => Excess::Queue,
            },
            closing,
            max_wait: self.max_wait.or_forever(),
            then: match self.then {
                ThenFile::Open => AfterWait::Open,
                ThenFile::Closed => AfterWait::Closed,
            },
        }
    }
}

/// Failures that leave too few calls for the successes, of so many; one, if calls are unlimited.
fn failures_left(calls: Option<u32>, successes: u32) -> u32 {
    calls.map_or(1, |calls| calls.saturating_sub(successes) + 1)
}
