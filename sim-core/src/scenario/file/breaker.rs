//! `circuit_breaker`: a layer that stops calling what keeps failing.
//!
//! Three keys make a breaker: what opens it, over which window, and for how long. The others are
//! the places in which the libraries differ; `like` sets them as one of them does.

use super::like::BreakerLike;
use super::policy::{OutcomesFile, ScopeFile};
use crate::policy::Expression;
use crate::scenario::read::{
    At, Limit, OrNone, choices, field_presence, field_read, field_type, file_arm, file_enum,
    file_map,
};
use crate::scenario::shape::ScalarJson;
use crate::scenario::value::{Count, Problem, ScalarType};
use crate::time::SimDuration;
use crate::units::{Factor, Probability, Rate};

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

file_map! {
    /// What a breaker remembers: exactly one of `calls`, `time`, `emptied_every` and `average`.
    WindowFile {
        /// The last so many results [count]; resilience4j: 100.
        calls: Count<1, 100_000>, optional;
        /// The last so much time.
        time: SimDuration, optional;
        /// For `time`: in how many buckets [count]; one for each second where the time is whole
        /// seconds, at most 3600 (resilience4j), else 10; Polly and opossum: 10, Hystrix: 20.
        buckets: Count<1, 3_600>, optional;
        /// For `time`: where the buckets begin; resilience4j: clock, Polly: `first_call`, opossum and Hystrix:
        /// construction, cockatiel: `one_per_result`.
        aligned: AlignedFile, implied "clock";
        /// For `time`: how wide a bucket is where the time has no such part in whole milliseconds.
        bucket_width: BucketWidthFile, implied "exact";
        /// For `time`: to which bucket a result belongs; gobreaker 2: calls.
        keeps: KeepsFile, implied "results";
        /// Everything since it was last emptied, which the first call or result does that comes
        /// later than this after the last time; gobreaker's and Dapr's `interval`, where 0 is
        /// unlimited.
        emptied_every: Limit<SimDuration>, optional;
        /// A moving average in which a result lives this long on average; Finagle: 30s.
        average: SimDuration, optional;
    }
}

choices! {
    /// Where the buckets of a window begin.
    AlignedFile {
        /// At whole multiples of their width on the clock.
        clock = Clock;
        /// One after another since the breaker was made or last closed.
        construction = Construction;
        /// With the first result after the bucket before.
        first_call = FirstCall;
        /// The same, but each result drops at most one old bucket, however long ago it was.
        one_per_result = OnePerResult;
    }
}

choices! {
    /// To which bucket a result belongs.
    KeepsFile {
        /// To that in which it comes.
        results = Results;
        /// To that in which its call began, and to none once that has left; a run of failures or of
        /// successes loses what a bucket takes along. For buckets that are aligned to the clock or to
        /// construction.
        calls = Calls;
    }
}

choices! {
    /// How wide a bucket is.
    BucketWidthFile {
        /// Its part of the time.
        exact = Exact;
        /// The same, cut to whole milliseconds; opossum.
        cut_milliseconds = CutMilliseconds;
        /// The same, rounded to whole milliseconds; cockatiel.
        rounded_milliseconds = RoundedMilliseconds;
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

file_map! {
    /// How the time for which a breaker is open grows with each opening in a row.
    GrowthFile {
        /// So many times as long each time, at least 1; resilience4j: 1.5, Linkerd and Finagle: 2.
        factor: At<Factor>, default "2";
        /// Upper limit; Linkerd: 60s, Finagle: 300s.
        max: Limit<SimDuration>, default "unlimited";
        /// How it is spread.
        jitter: WaitJitterFile, default "none";
        /// It is cut to whole multiples of this at each step; resilience4j: 1ms.
        cut_to: SimDuration, default "0s";
        /// Whose openings in a row make it grow; Finagle: condition.
        per: GrowthPerFile, default "breaker";
    }
}

choices! {
    /// Whose openings in a row are counted.
    GrowthPerFile {
        /// All of the breaker, whatever opened it.
        breaker = Breaker;
        /// Those of each way to open by itself, such as `failure_rate` and `consecutive_failures`;
        /// where several open at one instant, the longest wait counts.
        condition = Condition;
    }
}

file_enum! {
    /// How the time is spread.
    WaitJitterFile {
        /// Not at all.
        none = None;
        /// By so much less or more; resilience4j: 50%.
        plus_minus = PlusMinus(Probability);
        /// By up to so much more; Linkerd: 50%.
        additive = Additive(Probability);
        /// From the second time on, between half of it and the whole; Finagle.
        equal = Equal;
    }
}

choices! {
    /// Whether a call at the very end of the time passes.
    ExpiryFile {
        /// It does.
        inclusive = Inclusive;
        /// It is still rejected.
        exclusive = Exclusive;
    }
}

choices! {
    /// Who notices that the time is over.
    TransitionFile {
        /// The next call.
        next_call = NextCall;
        /// The next call or result.
        next_call_or_result = NextCallOrResult;
        /// A timer, at that very instant.
        timer = Timer;
    }
}

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
