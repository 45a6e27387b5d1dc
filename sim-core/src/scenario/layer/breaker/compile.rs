//! From what was written to a checked configuration.

use super::file::{
    BreakerFile, ComparatorFile, CountsFile, EvaluateFile, IgnoredAsFile, LateFile, OnCloseFile,
    UncountedFile,
};
use super::half_open::{ClosesFile, ExcessFile};
use super::window::WindowFile;
use crate::policy::{
    BreakerConfig, Comparator, Condition, CountedCalls, Counting, Evaluate, LateRule, Neutral,
    OnClose, OpenRule, OutcomeSet, Share, TripRule, Window,
};
use crate::scenario::diagnostic::{Diagnostic, Diagnostics, counted};
use crate::scenario::layer::scope::ScopeFile;
use crate::scenario::preset;
use crate::scenario::read::{At, OrNone};
use crate::scenario::value::Count;
use crate::time::SimDuration;
use crate::units::{Probability, Rate};

impl BreakerFile {
    /// What it means; `None` after a mistake.
    pub(in crate::scenario::layer) fn config(
        at: &At<Self>,
        found: &mut Diagnostics,
    ) -> Option<BreakerConfig> {
        let file = &at.value;
        Compiling { at, file, found }.config()
    }
}

/// A breaker that is being compiled.
struct Compiling<'a> {
    /// Where it stands.
    at: &'a At<BreakerFile>,
    /// What is written.
    file: &'a BreakerFile,
    /// What was wrong.
    found: &'a mut Diagnostics,
}

impl Compiling<'_> {
    fn config(&mut self) -> Option<BreakerConfig> {
        let file = self.file;
        let window = self.window();
        let open = self.open_rule();
        let trip = self.trip_rule(window?)?;
        self.fitting_counts(window?);
        self.fitting_excess();
        self.fitting_probes();
        Some(BreakerConfig {
            window: window?,
            counts: counts(file.counts),
            trip,
            evaluate: self.evaluation()?,
            open: open?,
            half_open: file
                .half_open
                .config(file.half_open_calls.0.map(Count::get)),
            late: late(file.late_results),
            on_close: on_close(file.on_close),
            outcomes: outcomes(file),
        })
    }

    fn error<T>(&mut self, what: &str) -> Option<T> {
        let like = self.file.like.as_ref();
        let like = like.map_or_else(String::new, |it| format!(" (like {})", it.0));
        let message = format!("`{}`{like} {what}", self.at.path);
        self.found.error("circuit-breaker", self.at.span, message);
        None
    }

    /// What it remembers; without a window, nothing but runs of failures.
    fn window(&mut self) -> Option<Window> {
        let file = self.file;
        let by_run = file.consecutive_failures().is_some();
        let by_window = file.failure_rate().is_some()
            || file.slow_call_rate().is_some()
            || file.failures().is_some();
        match &file.window {
            None if file.failure_rate().is_some() => {
                self.error("opens by `failure_rate`, but has no `window` to take it over")
            }
            None if by_window => self.error("opens by what is in its `window`, but has none"),
            None if file.expression().is_some() => Some(Window::Tumbling(SimDuration::MAX)),
            None => Some(Window::Consecutive),
            Some(window) if by_run && !by_window && !window.value.touches_runs() => self.error(
                "opens by `consecutive_failures`, which needs neither `window` nor \
                     `minimum_calls`",
            ),
            Some(window) => WindowFile::config(window, self.found),
        }
    }

    fn trip_rule(&mut self, window: Window) -> Option<TripRule> {
        let file = self.file;
        let minimum_calls = self.minimum_calls(window);
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
        self.fitting_slowness();
        match (conditions.as_slice(), &file.minimum_calls) {
            ([], _) => self.error(
                "needs something to open by: `failure_rate`, `consecutive_failures`, \
                 `slow_call_rate`, `failures` or `expression`",
            ),
            ([Condition::ConsecutiveFailures(_)], Some(_)) => self.error(
                "opens by `consecutive_failures`, which needs neither `window` nor `minimum_calls`",
            ),
            ([Condition::Expression(_)], Some(_)) => self.error(
                "opens by `expression`, which asks for `requests` instead of `minimum_calls`",
            ),
            _ if by_rates && !has_rate(&conditions) => self.error(
                "closes by `trip_rates`, but has neither `failure_rate` nor `slow_call_rate`",
            ),
            _ if by_success && file.failure_rate().is_none() => {
                self.error("closes by `success_rate`, but has no `failure_rate`")
            }
            _ => Some(TripRule::any_of(conditions)),
        }
    }

    fn fitting_slowness(&mut self) {
        let file = self.file;
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
        self.found
            .error("circuit-breaker", place.1, format!("`{}` {what}", place.0));
    }

    /// Calls that come at a rate over a window of time.
    fn minimum_by_rate(&mut self, window: Window, rate: &At<Rate>) -> u32 {
        let what = match window {
            Window::Rolling(_) if self.file.minimum_calls.is_some() => {
                "and `minimum_calls` are both given"
            }
            Window::Rolling(shape) => return calls_at(rate.value, shape.reach()),
            Window::Calls(_) | Window::Consecutive | Window::Tumbling(_) | Window::Average(_) => {
                "is a rate over time, which needs a window of `time`"
            }
        };
        let message = format!("`{}` {what}", rate.path);
        self.found.error("circuit-breaker", rate.span, message);
        1
    }

    fn minimum_calls(&mut self, window: Window) -> u32 {
        let file = self.file;
        if let Some(rate) = &file.minimum_rate {
            return self.minimum_by_rate(window, rate);
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
        self.found.error("circuit-breaker", minimum.span, message);
        count
    }

    fn evaluation(&mut self) -> Option<Evaluate> {
        match &self.file.evaluate {
            EvaluateFile::EveryResult => Some(Evaluate::EveryResult),
            EvaluateFile::Failures => Some(Evaluate::Failures),
            EvaluateFile::Ticks(every) if every.value.is_zero() => {
                let message = format!("`{}` is 0s, but ticks need an interval", every.path);
                self.found.error("circuit-breaker", every.span, message);
                None
            }
            EvaluateFile::Ticks(every) => Some(Evaluate::Ticks(every.value)),
        }
    }

    fn open_rule(&mut self) -> Option<OpenRule> {
        let file = self.file;
        let Some(wait) = file.open_for else {
            let what = "has no `open_for`, which says how long everything is rejected";
            return self.error(what);
        };
        if file.half_open.max_wait.0.is_some_and(SimDuration::is_zero) {
            let what = "has a `half_open.max_wait` of 0s, in which no probe can answer";
            return self.error(what);
        }
        let growth = match &file.open_growth {
            None => None,
            Some(growth) => Some(growth.config(self.found)?),
        };
        Some(OpenRule {
            wait,
            growth,
            expiry: file.expiry.into(),
            transition: file.transition.into(),
        })
    }

    /// Only windows that know when calls begin can count calls that began.
    fn fitting_counts(&mut self, window: Window) {
        let completed = matches!(self.file.counts, CountsFile::Completed);
        let fits = match window {
            Window::Rolling(_) | Window::Tumbling(_) => true,
            Window::Calls(_) | Window::Consecutive | Window::Average(_) => completed,
        };
        if !fits {
            let what = "counts calls that started, which needs a window of `time` or one that is \
                        `emptied_every` so often";
            self.error::<()>(what);
        }
    }

    /// Only a window that counts probes too can say what a failed one means.
    fn fitting_probes(&mut self) {
        let asks = matches!(self.file.half_open.closes, Some(ClosesFile::FirstSuccess));
        if asks && matches!(self.file.on_close, OnCloseFile::Clear) {
            let what = "closes by `first_success`, which counts failed probes in the window: it needs \
                        `on_close: keep` or `clear_and_count`";
            self.error::<()>(what);
        }
    }

    fn fitting_excess(&mut self) {
        let queues = self.file.half_open.excess == ExcessFile::Queue;
        if queues && self.file.scope == ScopeFile::TargetInstance {
            let what = "lets calls wait for a probe, but with `scope: target_instance` they go to \
                        another instance";
            self.error::<()>(what);
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
