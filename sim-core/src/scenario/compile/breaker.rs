//! Circuit breakers: from what was written to a checked configuration.

use super::Compiler;
use crate::policy::{
    AfterWait, BreakerConfig, BucketWidth, Buckets, Closing, Comparator, Condition, CountedCalls,
    Counting, Evaluate, Excess, Expiry, Growth, GrowthPer, HalfOpenRule, Keeps, LateRule, Neutral,
    OnClose, OpenRule, OutcomeSet, Permits, Rolling, Share, Timing, TripRule, WaitJitter, Window,
};
use crate::scenario::diagnostic::{Diagnostic, counted};
use crate::scenario::file::breaker::{
    AlignedFile, BreakerFile, BucketWidthFile, CallsAreFile, ClosesFile, ComparatorFile,
    CountsFile, EvaluateFile, ExcessFile, ExpiryFile, GrowthFile, GrowthPerFile, IgnoredAsFile,
    KeepsFile, LateFile, OnCloseFile, ThenFile, TransitionFile, UncountedFile, WaitJitterFile,
    WindowFile,
};
use crate::scenario::file::policy::ScopeFile;
use crate::scenario::preset;
use crate::scenario::read::{At, OrNone};
use crate::scenario::value::Count;
use crate::time::SimDuration;
use crate::units::{Probability, Rate};

/// Buckets of a window whose time is no whole number of seconds.
const USUAL_BUCKETS: u32 = 10;

impl Compiler<'_> {
    pub(super) fn breaker(&mut self, at: &At<BreakerFile>) -> Option<BreakerConfig> {
        let file = &at.value;
        let window = self.breaker_window(at);
        let open = self.open_rule(at);
        let trip = self.trip_rule(at, window?)?;
        self.fitting_counts(at, window?);
        self.fitting_excess(at);
        self.fitting_probes(at);
        Some(BreakerConfig {
            window: window?,
            counts: counts(file.counts),
            trip,
            evaluate: self.evaluation(at)?,
            open: open?,
            half_open: half_open(file),
            late: late(file.late_results),
            on_close: on_close(file.on_close),
            outcomes: outcomes(file),
        })
    }

    fn breaker_error<T>(&mut self, at: &At<BreakerFile>, what: &str) -> Option<T> {
        let like = at.value.like.as_ref();
        let like = like.map_or_else(String::new, |it| format!(" (like {})", it.0));
        self.error(
            "circuit-breaker",
            at.span,
            format!("`{}`{like} {what}", at.path),
        );
        None
    }

    /// What it remembers; without a window, nothing but runs of failures.
    fn breaker_window(&mut self, at: &At<BreakerFile>) -> Option<Window> {
        let file = &at.value;
        let by_run = file.consecutive_failures().is_some();
        let by_window = file.failure_rate().is_some()
            || file.slow_call_rate().is_some()
            || file.failures().is_some();
        match &file.window {
            None if file.failure_rate().is_some() => self.breaker_error(
                at,
                "opens by `failure_rate`, but has no `window` to take it over",
            ),
            None if by_window => {
                self.breaker_error(at, "opens by what is in its `window`, but has none")
            }
            None if file.expression().is_some() => Some(Window::Tumbling(SimDuration::MAX)),
            None => Some(Window::Consecutive),
            Some(window) if by_run && !by_window && !touches_runs(&window.value) => self
                .breaker_error(
                    at,
                    "opens by `consecutive_failures`, which needs neither `window` nor \
                     `minimum_calls`",
                ),
            Some(window) => self.kind_of_window(window),
        }
    }

    fn kind_of_window(&mut self, at: &At<WindowFile>) -> Option<Window> {
        let file = &at.value;
        let mut ways = Vec::new();
        ways.extend(file.calls.map(|calls| Window::Calls(calls.get())));
        ways.extend(file.time.map(|span| Window::Rolling(rolling(file, span))));
        let emptied = file.emptied_every.as_ref();
        ways.extend(emptied.map(|every| Window::Tumbling(every.0.unwrap_or(SimDuration::MAX))));
        ways.extend(file.average.map(Window::Average));
        let problem = match ways.as_slice() {
            [Window::Rolling(Rolling { span, .. }) | Window::Average(span)] if span.is_zero() => {
                "holds no time at all"
            }
            [Window::Calls(_) | Window::Tumbling(_) | Window::Average(_)]
                if file.buckets.is_some()
                    || file.aligned.is_some()
                    || file.bucket_width.is_some()
                    || file.keeps.is_some() =>
            {
                "has buckets, which only a window of `time` has"
            }
            [
                Window::Rolling(Rolling {
                    keeps: Keeps::Calls,
                    buckets: Buckets::FirstCall | Buckets::OnePerResult,
                    ..
                }),
            ] => "keeps calls, which needs buckets aligned to the `clock` or to `construction`",
            [window] => return Some(*window),
            [] => "needs one of `calls`, `time`, `emptied_every` and `average`",
            _ => "can be only one of `calls`, `time`, `emptied_every` and `average`",
        };
        self.error(
            "circuit-breaker",
            at.span,
            format!("`{}` {problem}", at.path),
        );
        None
    }

    fn trip_rule(&mut self, at: &At<BreakerFile>, window: Window) -> Option<TripRule> {
        let file = &at.value;
        let minimum_calls = self.minimum_calls(file, window);
        let by_rates = matches!(file.half_open.closes, Some(ClosesFile::TripRates));
        let by_success = matches!(file.half_open.closes, Some(ClosesFile::SuccessRate));
        let share = |threshold| Share {
            threshold,
            comparator: comparator(file.comparator),
            minimum_calls,
        };
        let mut conditions = Vec::new();
        conditions.extend(
            file.failure_rate()
                .map(|rate| Condition::FailureRate(share(rate))),
        );
        let slow = file.slow_call_rate();
        conditions.extend(slow.map(|rate| Condition::SlowRate(share(rate))));
        conditions.extend(file.failures().map(|at_least| Condition::Failures {
            at_least,
            minimum_calls: if file.minimum_calls.is_some() || file.minimum_rate.is_some() {
                minimum_calls
            } else {
                1
            },
        }));
        let run = file.consecutive_failures();
        conditions.extend(run.map(Condition::ConsecutiveFailures));
        let expression = file.expression();
        conditions.extend(expression.map(|it| Condition::Expression(it.clone())));
        self.fitting_slowness(file);
        match (conditions.as_slice(), &file.minimum_calls) {
            ([], _) => self.breaker_error(
                at,
                "needs something to open by: `failure_rate`, `consecutive_failures`, \
                 `slow_call_rate`, `failures` or `expression`",
            ),
            ([Condition::ConsecutiveFailures(_)], Some(_)) => self.breaker_error(
                at,
                "opens by `consecutive_failures`, which needs neither `window` nor `minimum_calls`",
            ),
            ([Condition::Expression(_)], Some(_)) => self.breaker_error(
                at,
                "opens by `expression`, which asks for `requests` instead of `minimum_calls`",
            ),
            _ if by_rates && !has_rate(&conditions) => self.breaker_error(
                at,
                "closes by `trip_rates`, but has neither `failure_rate` nor `slow_call_rate`",
            ),
            _ if by_success && file.failure_rate().is_none() => {
                self.breaker_error(at, "closes by `success_rate`, but has no `failure_rate`")
            }
            _ => Some(TripRule::any_of(conditions)),
        }
    }

    fn fitting_slowness(&mut self, file: &BreakerFile) {
        let switched_off = |it: &At<OrNone<Probability>>| it.value.0.is_none();
        if file.slow_call_rate.as_ref().is_some_and(switched_off) {
            return;
        }
        let (place, what) = match (&file.slow_call_rate, &file.slow_call_duration) {
            (Some(rate), None) => (
                (&rate.path, rate.span),
                "needs `slow_call_duration`, which says what slow is",
            ),
            (None, Some(duration)) => (
                (&duration.path, duration.span),
                "says what slow is, but without `slow_call_rate` nothing comes of it",
            ),
            (None, None) | (Some(_), Some(_)) => return,
        };
        self.error("circuit-breaker", place.1, format!("`{}` {what}", place.0));
    }

    /// Calls that come at a rate over a window of time.
    fn minimum_by_rate(&mut self, file: &BreakerFile, window: Window, rate: &At<Rate>) -> u32 {
        let what = match window {
            Window::Rolling(_) if file.minimum_calls.is_some() => {
                "and `minimum_calls` are both given"
            }
            Window::Rolling(shape) => return calls_at(rate.value, shape.reach()),
            Window::Calls(_) | Window::Consecutive | Window::Tumbling(_) | Window::Average(_) => {
                "is a rate over time, which needs a window of `time`"
            }
        };
        let message = format!("`{}` {what}", rate.path);
        self.error("circuit-breaker", rate.span, message);
        1
    }

    fn minimum_calls(&mut self, file: &BreakerFile, window: Window) -> u32 {
        if let Some(rate) = &file.minimum_rate {
            return self.minimum_by_rate(file, window, rate);
        }
        let Some(minimum) = &file.minimum_calls else {
            return match window {
                Window::Calls(calls) => calls,
                Window::Consecutive
                | Window::Rolling(_)
                | Window::Tumbling(_)
                | Window::Average(_) => 1,
            };
        };
        let count = minimum.value.get();
        let Window::Calls(calls) = window else {
            return count;
        };
        if count <= calls {
            return count;
        }
        if let Some(like) = &file.like
            && preset::cuts_minimum(like.0)
        {
            let message = format!(
                "`{}` is {count}, but the window holds {}: {} takes {calls}",
                minimum.path,
                counted(u64::from(calls), "call"),
                like.0
            );
            let found = Diagnostic::warning("breaker-minimum-cut", minimum.span, message);
            self.found.push(found);
            return calls;
        }
        let message = format!(
            "`{}` is {count}, but the window holds {}, so it would never open",
            minimum.path,
            counted(u64::from(calls), "call")
        );
        self.error("circuit-breaker", minimum.span, message);
        count
    }

    fn evaluation(&mut self, at: &At<BreakerFile>) -> Option<Evaluate> {
        match &at.value.evaluate {
            EvaluateFile::EveryResult => Some(Evaluate::EveryResult),
            EvaluateFile::Failures => Some(Evaluate::Failures),
            EvaluateFile::Ticks(every) if every.value.is_zero() => {
                let message = format!("`{}` is 0s, but ticks need an interval", every.path);
                self.error("circuit-breaker", every.span, message);
                None
            }
            EvaluateFile::Ticks(every) => Some(Evaluate::Ticks(every.value)),
        }
    }

    fn open_rule(&mut self, at: &At<BreakerFile>) -> Option<OpenRule> {
        let file = &at.value;
        let Some(wait) = file.open_for else {
            let what = "has no `open_for`, which says how long everything is rejected";
            return self.breaker_error(at, what);
        };
        if file.half_open.max_wait.0.is_some_and(SimDuration::is_zero) {
            let what = "has a `half_open.max_wait` of 0s, in which no probe can answer";
            return self.breaker_error(at, what);
        }
        let growth = match &file.open_growth {
            None => None,
            Some(growth) => Some(self.growth(growth)?),
        };
        Some(OpenRule {
            wait,
            growth,
            expiry: match file.expiry {
                ExpiryFile::Inclusive => Expiry::Inclusive,
                ExpiryFile::Exclusive => Expiry::Exclusive,
            },
            transition: match file.transition {
                TransitionFile::NextCall => Timing::NextCall,
                TransitionFile::NextCallOrResult => Timing::NextCallOrResult,
                TransitionFile::Timer => Timing::Timer,
            },
        })
    }

    fn growth(&mut self, file: &GrowthFile) -> Option<Growth> {
        let factor = file.factor.value.get();
        if factor < 1.0 {
            let message = format!(
                "`{}` is {factor}, but it must be at least 1",
                file.factor.path
            );
            self.error("bad-value", file.factor.span, message);
            return None;
        }
        Some(Growth {
            factor,
            max: file.max.0.unwrap_or(SimDuration::MAX),
            jitter: match file.jitter {
                WaitJitterFile::None => WaitJitter::None,
                WaitJitterFile::PlusMinus(share) => WaitJitter::PlusMinus(share.get()),
                WaitJitterFile::Additive(share) => WaitJitter::Additive(share.get()),
                WaitJitterFile::Equal => WaitJitter::Equal,
            },
            unit: file.cut_to,
            per: match file.per {
                GrowthPerFile::Breaker => GrowthPer::Breaker,
                GrowthPerFile::Condition => GrowthPer::Condition,
            },
        })
    }

    /// Only windows that know when calls begin can count calls that began.
    fn fitting_counts(&mut self, at: &At<BreakerFile>, window: Window) {
        let completed = matches!(at.value.counts, CountsFile::Completed);
        let fits = match window {
            Window::Rolling(_) | Window::Tumbling(_) => true,
            Window::Calls(_) | Window::Consecutive | Window::Average(_) => completed,
        };
        if !fits {
            let what = "counts calls that started, which needs a window of `time` or one that is \
                        `emptied_every` so often";
            self.breaker_error::<()>(at, what);
        }
    }

    /// Only a window that counts probes too can say what a failed one means.
    fn fitting_probes(&mut self, at: &At<BreakerFile>) {
        let asks = matches!(at.value.half_open.closes, Some(ClosesFile::FirstSuccess));
        if asks && matches!(at.value.on_close, OnCloseFile::Clear) {
            let what = "closes by `first_success`, which counts failed probes in the window: it needs \
                        `on_close: keep` or `clear_and_count`";
            self.breaker_error::<()>(at, what);
        }
    }

    fn fitting_excess(&mut self, at: &At<BreakerFile>) {
        let queues = at.value.half_open.excess == ExcessFile::Queue;
        if queues && at.value.scope == ScopeFile::TargetInstance {
            let what = "lets calls wait for a probe, but with `scope: target_instance` they go to \
                        another instance";
            self.breaker_error::<()>(at, what);
        }
    }
}

/// Calls that a rate brings in so much time, as cockatiel has it: no fewer than the product.
fn calls_at(rate: Rate, span: SimDuration) -> u32 {
    let span_ms = span.as_ns_f64() / 1e6;
    (span_ms * (rate.get() / 1e3)).ceil() as u32
}

fn has_rate(conditions: &[Condition]) -> bool {
    conditions.iter().any(|it| match it {
        Condition::FailureRate(_) | Condition::SlowRate(_) => true,
        Condition::Failures { .. }
        | Condition::ConsecutiveFailures(_)
        | Condition::Expression(_) => false,
    })
}

/// Emptying a window ends a run, and a bucket of calls takes its part of it along; nothing else of a
/// window touches runs.
fn touches_runs(window: &WindowFile) -> bool {
    window.emptied_every.is_some() || matches!(window.keeps, Some(KeepsFile::Calls))
}

fn rolling(file: &WindowFile, span: SimDuration) -> Rolling {
    let seconds = span.as_ns() / 1_000_000_000;
    let whole = seconds > 0 && SimDuration::from_secs(seconds) == span;
    let usual = if whole {
        u32::try_from(seconds).unwrap_or(u32::MAX).min(3_600)
    } else {
        USUAL_BUCKETS
    };
    Rolling {
        span,
        count: file.buckets.map_or(usual, Count::get),
        buckets: match file.aligned {
            None | Some(AlignedFile::Clock) => Buckets::Clock,
            Some(AlignedFile::Construction) => Buckets::Construction,
            Some(AlignedFile::FirstCall) => Buckets::FirstCall,
            Some(AlignedFile::OnePerResult) => Buckets::OnePerResult,
        },
        width: match file.bucket_width {
            None | Some(BucketWidthFile::Exact) => BucketWidth::Exact,
            Some(BucketWidthFile::CutMilliseconds) => BucketWidth::CutMilliseconds,
            Some(BucketWidthFile::RoundedMilliseconds) => BucketWidth::RoundedMilliseconds,
        },
        keeps: match file.keeps {
            None | Some(KeepsFile::Results) => Keeps::Results,
            Some(KeepsFile::Calls) => Keeps::Calls,
        },
    }
}

fn half_open(file: &BreakerFile) -> HalfOpenRule {
    let more = &file.half_open;
    let calls = file.half_open_calls.0.map(Count::get);
    let permits = match (calls, more.calls_are) {
        (None, _) => Permits::Unlimited,
        (Some(calls), CallsAreFile::InAll) => Permits::Total(calls),
        (Some(calls), CallsAreFile::AtATime) => Permits::Concurrent(calls),
    };
    let closing = match &more.closes {
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
        excess: match more.excess {
            ExcessFile::Reject => Excess::Reject,
            ExcessFile::Queue => Excess::Queue,
        },
        closing,
        max_wait: more.max_wait.0.unwrap_or(SimDuration::MAX),
        then: match more.then {
            ThenFile::Open => AfterWait::Open,
            ThenFile::Closed => AfterWait::Closed,
        },
    }
}

/// Failures that leave too few calls for the successes, of so many; one, if calls are unlimited.
fn failures_left(calls: Option<u32>, successes: u32) -> u32 {
    calls.map_or(1, |calls| calls.saturating_sub(successes) + 1)
}

fn outcomes(file: &BreakerFile) -> Counting {
    Counting {
        failures: file.failure_on.map_or_else(OutcomeSet::failures, |on| on.0),
        ignored: file.ignore.map_or(OutcomeSet::EMPTY, |ignored| ignored.0),
        neutral: uncounted(file.uncounted),
        ignored_as: ignored_as(file),
        slow_after: file
            .slow_call_duration
            .as_ref()
            .map_or(SimDuration::MAX, |it| it.value),
    }
}

fn uncounted(file: UncountedFile) -> Neutral {
    match file {
        UncountedFile::Release => Neutral::Release,
        UncountedFile::Success => Neutral::Success,
        UncountedFile::Failure => Neutral::Failure,
        UncountedFile::FailsProbe => Neutral::FailedProbe,
        UncountedFile::ClosesProbe => Neutral::ClosingProbe,
        UncountedFile::KeepsPermit => Neutral::Keep,
    }
}

/// What is ignored is never a failure, whatever becomes of a cancelled call.
fn ignored_as(file: &BreakerFile) -> Neutral {
    match file.ignored_as {
        Some(IgnoredAsFile::Release) => Neutral::Release,
        Some(IgnoredAsFile::Success) => Neutral::Success,
        Some(IgnoredAsFile::FailsProbe) => Neutral::FailedProbe,
        Some(IgnoredAsFile::ClosesProbe) => Neutral::ClosingProbe,
        Some(IgnoredAsFile::KeepsPermit) => Neutral::Keep,
        None => match uncounted(file.uncounted) {
            Neutral::Failure => Neutral::Success,
            other @ (Neutral::Release
            | Neutral::Success
            | Neutral::FailedProbe
            | Neutral::ClosingProbe
            | Neutral::Keep) => other,
        },
    }
}

fn comparator(file: ComparatorFile) -> Comparator {
    match file {
        ComparatorFile::AtLeast => Comparator::AtLeast,
        ComparatorFile::Above => Comparator::Above,
        ComparatorFile::RoundedPercent => Comparator::RoundedPercent,
        ComparatorFile::CutPercent => Comparator::CutPercent,
        ComparatorFile::PercentAbove => Comparator::PercentAbove,
        ComparatorFile::ProductAbove => Comparator::ProductAbove,
    }
}

fn counts(file: CountsFile) -> CountedCalls {
    match file {
        CountsFile::Completed => CountedCalls::Completed,
        CountsFile::Started => CountedCalls::Started,
        CountsFile::StartedAndRejected => CountedCalls::StartedAndRejected,
    }
}

fn late(file: LateFile) -> LateRule {
    match file {
        LateFile::Ignore => LateRule::Ignore,
        LateFile::SameGeneration => LateRule::SameGeneration,
        LateFile::CurrentState => LateRule::CurrentState,
        LateFile::WhileProbing => LateRule::WhileProbing,
        LateFile::CanCloseOpen => LateRule::CanCloseOpen,
        LateFile::OwnState => LateRule::OwnState,
    }
}

fn on_close(file: OnCloseFile) -> OnClose {
    match file {
        OnCloseFile::Clear => OnClose::Clear,
        OnCloseFile::Keep => OnClose::Keep,
        OnCloseFile::ClearAndCount => OnClose::ClearAndCount,
    }
}
