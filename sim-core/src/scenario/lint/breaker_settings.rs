//! Settings of a breaker that leave no room for each other: it can never close, always opens, or
//! never comes to use what was written.

use super::Lint;
use crate::id::LayerId;
use crate::policy::{
    AfterWait, BreakerConfig, Closing, Condition, Evaluate, GrowthPer, Neutral, OnExpiry, Outcome,
    OutcomeSet, Permits, Window,
};
use crate::scenario::diagnostic::counted;
use crate::time::SimDuration;

/// What resilience4j has for slow calls where nothing is said.
const SLOW_OF_RESILIENCE4J: SimDuration = SimDuration::from_secs(60);

impl Lint<'_> {
    /// `outside` and `inside` are the layers around it and within it.
    pub(super) fn breaker_settings(
        &mut self,
        layer: LayerId,
        config: &BreakerConfig,
        outside: &[LayerId],
        inside: &[LayerId],
    ) {
        let found = [
            growth_of_one_condition(config),
            growth_without_room(config),
            more_failures_than_results(config),
            all_failures_ignored(config),
            opens_without_failures(config),
            ticks_too_far_apart(config),
            never_closes(config),
            decides_early(config),
            nothing_to_wait_for(config),
            self.never_slow(config, inside),
            self.timeouts_unseen(config, outside, inside),
        ];
        for (code, message, hint) in found.into_iter().flatten() {
            self.warn(code, self.layer_span(layer), message, hint);
        }
    }

    /// Nothing takes longer than the timeout inside.
    fn never_slow(&self, config: &BreakerConfig, inside: &[LayerId]) -> Option<Said> {
        let slow_after = config.outcomes.slow_after;
        let looks = |it: &Condition| matches!(it, Condition::SlowRate(_));
        if !config.trip.conditions().iter().any(looks) || slow_after == SLOW_OF_RESILIENCE4J {
            return None;
        }
        let timeouts = inside
            .iter()
            .filter_map(|&it| self.model.layers[it].kind.timeout()?.limit());
        let limit = timeouts.min().filter(|limit| slow_after >= *limit)?;
        Some((
            "breaker-never-opens",
            format!(
                "no call is slow: one that takes longer than {slow_after} is, but the timeout inside \
                 gives up after {limit}"
            ),
            "lower `slow_call_duration` below the timeout",
        ))
    }

    /// A timeout around a breaker gives its pass up, which to the breaker is no failure.
    fn timeouts_unseen(
        &self,
        config: &BreakerConfig,
        outside: &[LayerId],
        inside: &[LayerId],
    ) -> Option<Said> {
        let timeout = |&it: &LayerId| {
            let timeout = self.model.layers[it].kind.timeout();
            timeout.filter(|it| it.limit().is_some())
        };
        let counts = config.outcomes.failures.contains(Outcome::TimeoutResponse);
        let as_failure = config.outcomes.neutral == Neutral::Failure;
        if !counts || as_failure || inside.iter().any(|it| timeout(it).is_some()) {
            return None;
        }
        let cancels = |it| timeout(it).is_some_and(|it| it.on_expiry == OnExpiry::Cancel);
        outside.iter().any(cancels).then(|| {
            (
                "breaker-misses-timeouts",
                "timeouts count as failures here, but the only timeout is around this breaker: what it \
                 gives up is cancelled, and that is no failure"
                    .to_owned(),
                "put a `timeout` inside the breaker",
            )
        })
    }
}

/// Code, message and hint.
type Said = (&'static str, String, &'static str);

fn growth_of_one_condition(config: &BreakerConfig) -> Option<Said> {
    let growth = config.open.growth?;
    let one = config.trip.conditions().len() == 1;
    (one && growth.per == GrowthPer::Condition).then(|| {
        (
            "breaker-growth-never-acts",
            "the wait grows for each way to open by itself, but there is only one".to_owned(),
            "leave out `per: condition`, or name another way to open",
        )
    })
}

fn growth_without_room(config: &BreakerConfig) -> Option<Said> {
    let growth = config.open.growth?;
    let wait = config.open.wait;
    (growth.max < wait).then(|| {
        (
            "breaker-growth-never-acts",
            format!(
                "`open_growth.max` of {} is below `open_for` of {wait}: the wait never grows",
                growth.max
            ),
            "raise `max`, or leave out `open_growth`",
        )
    })
}

fn more_failures_than_results(config: &BreakerConfig) -> Option<Said> {
    let Window::Calls(size) = config.window else {
        return None;
    };
    let needed = config.trip.conditions().iter().find_map(|it| match it {
        Condition::Failures { at_least, .. } => Some(*at_least).filter(|count| *count > size),
        Condition::FailureRate(_)
        | Condition::SlowRate(_)
        | Condition::ConsecutiveFailures(_)
        | Condition::Expression(_) => None,
    })?;
    Some((
        "breaker-never-opens",
        format!(
            "it opens at {}, but its window holds {}",
            counted(u64::from(needed), "failure"),
            counted(u64::from(size), "call")
        ),
        "lower `failures`, or widen the window",
    ))
}

fn all_failures_ignored(config: &BreakerConfig) -> Option<Said> {
    let by_failures = |it: &Condition| !matches!(it, Condition::SlowRate(_));
    let counting = &config.outcomes;
    let nothing = counting.failures.minus(counting.ignored) == OutcomeSet::EMPTY;
    (nothing && config.trip.conditions().iter().any(by_failures)).then(|| {
        (
            "breaker-never-opens",
            "`ignore` takes away all that counts as failure".to_owned(),
            "leave out of `ignore` what is to open it",
        )
    })
}

/// A share of nothing is always reached.
fn opens_without_failures(config: &BreakerConfig) -> Option<Said> {
    let always = |it: &Condition| match it {
        Condition::FailureRate(share) | Condition::SlowRate(share) => {
            share.threshold.get() <= 0.0 && !share.comparator.needs_more()
        }
        Condition::Failures { .. }
        | Condition::ConsecutiveFailures(_)
        | Condition::Expression(_) => false,
    };
    config.trip.conditions().iter().any(always).then(|| {
        (
            "breaker-always-opens",
            "a share of 0% is reached without a single failure, so this breaker opens by itself"
                .to_owned(),
            "raise it, or write `comparator: above`",
        )
    })
}

fn ticks_too_far_apart(config: &BreakerConfig) -> Option<Said> {
    let (Evaluate::Ticks(every), Window::Rolling(rolling)) = (config.evaluate, config.window)
    else {
        return None;
    };
    (every > rolling.span).then(|| {
        (
            "breaker-hardly-opens",
            format!(
                "it looks every {every} at the last {}: what happens between is never looked at",
                rolling.span
            ),
            "tick at least once in each window",
        )
    })
}

/// Fewer probes go than have to succeed.
fn never_closes(config: &BreakerConfig) -> Option<Said> {
    let Permits::Total(permits) = config.half_open.permits else {
        return None;
    };
    let needed = match config.half_open.closing {
        Closing::Successes(needed)
        | Closing::Counts {
            successes: needed, ..
        } => needed,
        Closing::TripRates | Closing::SuccessRate | Closing::FirstSuccess => return None,
    };
    (permits < needed).then(|| {
        (
            "breaker-never-closes",
            format!(
                "it takes {} that succeed, but only {permits} may go",
                counted(u64::from(needed), "probe")
            ),
            "raise `half_open_calls`, lower the successes, or write `calls_are: at_a_time`",
        )
    })
}

/// The rates of probes are looked at before all probes are back.
fn decides_early(config: &BreakerConfig) -> Option<Said> {
    let by_rates = matches!(
        config.half_open.closing,
        Closing::TripRates | Closing::SuccessRate
    );
    let (Permits::Total(permits) | Permits::Concurrent(permits)) = config.half_open.permits else {
        return None;
    };
    let minimum = config.trip.conditions().iter().filter_map(|it| match it {
        Condition::FailureRate(share) | Condition::SlowRate(share) => Some(share.minimum_calls),
        Condition::Failures { .. }
        | Condition::ConsecutiveFailures(_)
        | Condition::Expression(_) => None,
    });
    let minimum = minimum.min().filter(|it| by_rates && *it < permits)?;
    Some((
        "breaker-decides-early",
        format!(
            "{permits} probes go, but {}",
            match minimum.max(1) {
                1 => "the first decides".to_owned(),
                several => format!("the first {several} decide"),
            }
        ),
        "lower `half_open_calls` to that, or raise `minimum_calls`",
    ))
}

fn nothing_to_wait_for(config: &BreakerConfig) -> Option<Said> {
    let half_open = &config.half_open;
    let waits_for_ever = half_open.max_wait == SimDuration::MAX;
    (half_open.then == AfterWait::Closed && waits_for_ever).then(|| {
        (
            "breaker-may-wedge",
            "`half_open.then` says what follows on `max_wait`, but there is none".to_owned(),
            "give it a `max_wait`",
        )
    })
}
