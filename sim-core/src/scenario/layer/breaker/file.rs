//! What is written.

use super::half_open::HalfOpenFile;
use super::open::{ExpiryFile, GrowthFile, TransitionFile};
use super::window::WindowFile;
use crate::policy::Expression;
use crate::scenario::layer::outcomes::OutcomesFile;
use crate::scenario::layer::scope::ScopeFile;
use crate::scenario::like::library_names;
use crate::scenario::read::{At, Limit, OrNone, choices, file_enum, file_map};
use crate::scenario::shape::ScalarJson;
use crate::scenario::value::{Count, Problem, ScalarType};
use crate::time::SimDuration;
use crate::units::{Probability, Rate};

library_names! {
    /// A library whose breaker has a table.
    BreakerLike = BREAKERS;
}

file_map! {
    /// Stops calling what keeps failing: by a rate over a window, by a count, by a run of
    /// failures, or by an expression; the first that holds opens.
    BreakerFile {
        /// The library whose breaker it is like: its settings stand in for the keys that are
        /// missing here.
        like: BreakerLike, optional;
        /// Share of failures in the window that opens; resilience4j, Hystrix: 50%, Polly: 10%.
        /// `none` switches off what `like` gives, here and for the other ways to open.
        failure_rate: OrNone<Probability>, optional;
        /// How the share is compared with its threshold, the habits of rounding included.
        comparator: ComparatorFile, default "at_least";
        /// Share of slow calls in the window that opens; resilience4j: 100%.
        slow_call_rate: At<OrNone<Probability>>, optional;
        /// A call that takes longer is slow; resilience4j: 60s.
        slow_call_duration: At<SimDuration>, optional;
        /// Failures in the window that open [count]; failsafe-go: 1.
        failures: OrNone<Count<1>>, optional;
        /// Failures in a row that open [count]; pybreaker, circuitbreaker, Finagle: 5, gobreaker: 6,
        /// Linkerd: 7.
        consecutive_failures: OrNone<Count<1>>, optional;
        /// A condition over requests, totalSuccesses, totalFailures, consecutiveSuccesses and
        /// consecutiveFailures that opens, such as `requests > 10 && totalFailures/requests > 0.5`;
        /// Dapr: `consecutiveFailures > 5`.
        expression: OrNone<ExpressionFile>, optional;
        /// What is remembered; resilience4j: 100 calls, Polly: 30s, Hystrix and opossum: 10s.
        window: At<WindowFile>, optional;
        /// Calls needed before rates and counts are looked at [count]. If absent: 1 for `failures`;
        /// for rates as many as a window of `calls` holds, or 1 where it holds a time. resilience4j
        /// (which takes no more than its window of calls holds) and Polly: 100, Hystrix: 20, opossum:
        /// 0, where a failure whose call began before the window does opens by itself.
        minimum_calls: At<Count<0>>, optional;
        /// The same as a rate over a window of `time`, instead of `minimum_calls`; cockatiel's
        /// `minimumRps`.
        minimum_rate: At<Rate>, optional;
        /// What counts as a call in shares and minimum; gobreaker: started, opossum:
        /// `started_and_rejected`.
        counts: CountsFile, default "completed";
        /// When the rule is looked at; Polly, gobreaker, opossum, cockatiel: failures, Hystrix:
        /// ticks of 500ms.
        evaluate: EvaluateFile, default "every_result";
        /// What becomes of the window when it closes; opossum: keep, cockatiel: `clear_and_count`.
        on_close: OnCloseFile, default "clear";
        /// How long everything is rejected after opening (needed unless `like` gives it);
        /// resilience4j, gobreaker, pybreaker: 60s, opossum: 30s, Polly and Hystrix: 5s.
        open_for: SimDuration, optional;
        /// How that time grows with each opening in a row; without it, not at all.
        open_growth: GrowthFile, optional;
        /// Whether a call at the very end of that time passes; resilience4j, Hystrix, gobreaker:
        /// exclusive.
        expiry: ExpiryFile, default "inclusive";
        /// Who notices that the time is over; gobreaker: `next_call_or_result`, opossum, Linkerd and
        /// Finagle: timer.
        transition: TransitionFile, default "next_call";
        /// Probes admitted after that [count]; resilience4j: 10, pybreaker and circuitbreaker:
        /// unlimited, most others: 1.
        half_open_calls: Limit<Count<1>>, default "1";
        /// More about the probes.
        half_open: HalfOpenFile, default "{}";
        /// What results do whose call began in an older state. The default is own choice, as such a
        /// result says nothing about the callee of now; of the libraries only gobreaker and Dapr
        /// take none, resilience4j and Polly `current_state`.
        late_results: LateFile, default "ignore";
        /// Outcomes that count as failure: by default timeouts, rejections, and errors except
        /// `invalid`, as the HTTP pipeline of .NET has it; every other counts as success. Most
        /// libraries count every error (`failed`).
        failure_on: OutcomesFile, optional;
        /// Outcomes that say nothing about the callee, as resilience4j's `ignoreExceptions`, pybreaker's
        /// `exclude` and gobreaker's `IsSuccessful`; `cancelled` always does. Default: no other, as in
        /// resilience4j.
        ignore: OutcomesFile, optional;
        /// What a cancelled call does; Polly: success, gobreaker: failure, Hystrix: `fails_probe`,
        /// cockatiel: `closes_probe`, Linkerd: `keeps_permit`.
        uncounted: UncountedFile, default "release";
        /// What a call does whose outcome `ignore` names: what `uncounted` says, if absent, but never a
        /// failure; gobreaker, Dapr, pybreaker, opossum and failsafe-go: success, gobreaker 2 with
        /// `IsExcluded`: release.
        ignored_as: IgnoredAsFile, optional;
        /// Who owns its state; Linkerd and Finagle: `target_instance`.
        scope: ScopeFile, default "caller";
        /// Whether it is there at all.
        enabled: bool, default "true";
    }
}

impl BreakerFile {
    /// The share of failures that opens, unless it is switched off.
    pub(in crate::scenario) fn failure_rate(&self) -> Option<Probability> {
        self.failure_rate.as_ref().and_then(|it| it.0)
    }

    /// The share of slow calls that opens, unless it is switched off.
    pub(in crate::scenario) fn slow_call_rate(&self) -> Option<Probability> {
        self.slow_call_rate.as_ref().and_then(|it| it.value.0)
    }

    /// The failures in the window that open, unless that is switched off.
    pub(in crate::scenario) fn failures(&self) -> Option<u32> {
        let failures = self.failures.as_ref()?.0.as_ref()?;
        Some(failures.get())
    }

    /// The failures in a row that open, unless that is switched off.
    pub(in crate::scenario) fn consecutive_failures(&self) -> Option<u32> {
        let run = self.consecutive_failures.as_ref()?.0.as_ref()?;
        Some(run.get())
    }

    /// The condition that opens, unless it is switched off.
    pub(in crate::scenario) fn expression(&self) -> Option<&Expression> {
        let expression = self.expression.as_ref()?.0.as_ref()?;
        Some(&expression.0)
    }
}

choices! {
    /// How a share is compared with its threshold.
    ComparatorFile {
        /// The threshold or more.
        at_least = AtLeast;
        /// More than the threshold.
        above = Above;
        /// The share in whole percent, rounded, is the threshold or more: 49.6 % open at 50 %
        /// (failsafe-go).
        rounded_percent = RoundedPercent;
        /// The share in whole percent, cut, is the threshold or more: 29 of 100 do not open at 29 %,
        /// since 0.29 x 100 is a little less (Hystrix).
        cut_percent = CutPercent;
        /// The share times 100 is more than the percentage: 7 of 100 open at 7 %, since 0.07 x 100
        /// is a little more (opossum).
        percent_above = PercentAbove;
        /// The failures are more than the threshold times the calls: 29 of 100 open at 29 %, since
        /// 0.29 x 100 is a little less (cockatiel).
        product_above = ProductAbove;
    }
}

/// A condition over counts.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct ExpressionFile(pub(in crate::scenario) Expression);

impl ScalarType for ExpressionFile {
    const WHAT: &'static str = "a condition such as `consecutiveFailures > 5`";

    fn json() -> ScalarJson {
        ScalarJson::Text("[<>=]")
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        let refused = |error: crate::policy::ExpressionError| {
            let place = error.at + 1;
            Problem::new(format!("at its character {place}: {}", error.message))
        };
        Expression::parse(text).map(Self).map_err(refused)
    }
}

choices! {
    /// What counts as a call.
    CountsFile {
        /// Calls that have a result.
        completed = Completed;
        /// Calls that were let through, those in flight included.
        started = Started;
        /// Those that were rejected too.
        started_and_rejected = StartedAndRejected;
    }
}

file_enum! {
    /// When the rule is looked at.
    EvaluateFile {
        /// After every result.
        every_result = EveryResult;
        /// After every failure.
        failures = Failures;
        /// At intervals of this length, over the buckets that are complete.
        ticks = Ticks(At<SimDuration>);
    }
}

choices! {
    /// What becomes of the window when the breaker closes.
    OnCloseFile {
        /// It is empty and begins anew.
        clear = Clear;
        /// It goes on, and counts in every state.
        keep = Keep;
        /// It counts in every state and begins anew with each success of a probe, which is
        /// counted.
        clear_and_count = ClearAndCount;
    }
}

choices! {
    /// What late results do.
    LateFile {
        /// Nothing.
        ignore = Ignore;
        /// Nothing, and calls in flight when a window is emptied are late too; gobreaker.
        same_generation = SameGeneration;
        /// The same as results of the current state; an open breaker takes no notice.
        current_state = CurrentState;
        /// As `current_state`, but a half-open breaker only while a probe is out; until it is closed a
        /// success counts in the window, where `on_close` keeps that, and a failure does nothing;
        /// Finagle.
        while_probing = WhileProbing;
        /// As `current_state`; a success closes an open breaker and a failure makes it wait anew;
        /// circuitbreaker.
        can_close_open = CanCloseOpen;
        /// What their own state would have made of them; cockatiel.
        own_state = OwnState;
    }
}

choices! {
    /// What a call does whose outcome is ignored.
    IgnoredAsFile {
        /// It gives its permit back.
        release = Release;
        /// It counts as a success.
        success = Success;
        /// It is not counted, but a probe fails by it.
        fails_probe = FailsProbe;
        /// It is not counted, but a probe closes by it.
        closes_probe = ClosesProbe;
        /// It is not counted and keeps its permit.
        keeps_permit = KeepsPermit;
    }
}

choices! {
    /// What a call does that says nothing about the callee.
    UncountedFile {
        /// It gives its permit back.
        release = Release;
        /// It counts as a success.
        success = Success;
        /// It counts as a failure.
        failure = Failure;
        /// It is not counted, but a probe fails by it.
        fails_probe = FailsProbe;
        /// It is not counted, but a probe closes by it.
        closes_probe = ClosesProbe;
        /// It is not counted and keeps its permit: no other probe goes, until a result of an earlier
        /// call decides or `half_open.max_wait` is over.
        keeps_permit = KeepsPermit;
    }
}
