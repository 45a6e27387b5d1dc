//! `ejection`: which instances a caller leaves out, by what came back from them.

use super::phase::PhaseFile;
use crate::scenario::layer::OutcomesFile;
use crate::scenario::like::library_names;
use crate::scenario::read::{At, FileType, OrNone, Reader, choices, file_map};
use crate::scenario::shape::Shape;
use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::Count;
use crate::time::SimDuration;
use crate::units::{Factor, Probability};

library_names! {
    /// A product whose ejection has a table.
    EjectionLike = EJECTIONS;
}

file_map! {
    /// Outlier ejection: a caller leaves out for a while the instances that do badly, judged by what
    /// came back from them to this caller. Panic, if too few are left, is `membership.panic_below`.
    EjectionFile {
        /// The product whose ejection it is like: its settings stand in for the keys that are missing
        /// here.
        like: EjectionLike, optional;
        /// Failures in a row, judged at the result; or a list of two such counters, each with its own
        /// `on` (Envoy's 5xx and gateway errors). `none` switches off what `like` gives.
        consecutive: ConsecutiveFile, default "none";
        /// What follows from so many failures in a row: the instance is left out, or the health checks of
        /// the same owner (`scope`) are told, those with `on_fail: leave`; then `eject` and `max_ejected`
        /// need not be there.
        on_errors: OnErrorsFile, default "eject";
        /// A rate of successes far below those of the others, judged at sweeps.
        success_rate: OrNone<SuccessRateFile>, default "none";
        /// A share of failures, judged at sweeps.
        failure_share: OrNone<FailureShareFile>, default "none";
        /// Failures that no success after a quiet period has forgiven (nginx' `max_fails` and
        /// `fail_timeout`). It stands alone: who is left out gets one attempt when the period is over,
        /// and is back when that succeeds.
        quiet_period: QuietPeriodFile, optional;
        /// The time between sweeps [duration] (needed for `success_rate`, `failure_share` and
        /// `returns: at_sweep`); Envoy, gRPC and Istio: 10s.
        sweep: At<SimDuration>, optional;
        /// When sweeps come: `random`, so that each caller has its own instant below `sweep`; or the
        /// first one's instant, the same for all [duration].
        phase: At<PhaseFile>, default "random";
        /// How long an instance is left out, and what brings it back.
        eject: At<EjectFile>, optional;
        /// The share of instances that may be left out at once (needed unless `quiet_period` is the
        /// rule, or `like` gives it); Envoy, gRPC and Istio: 10%.
        max_ejected: Probability, optional;
        /// How that share is compared, and the order within a sweep.
        rounding: RoundingFile, default "not_beyond";
        /// Whether one instance may be left out whatever the share (Envoy's `always_eject_one_host`).
        at_least_one: bool, default "false";
        /// Whose verdict it is.
        scope: EjectionScope, default "caller";
    }
}

/// No counter, one, or several.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct ConsecutiveFile(pub(in crate::scenario) Vec<FailureRowFile>);

file_map! {
    /// Failures in a row.
    FailureRowFile short failures {
        /// How many [count]; Envoy and Istio: 5, Linkerd: 7, `HAProxy`: 10.
        failures: Count<1, 1_000_000>, required;
        /// What counts: by default timeouts, rejections, and errors except `invalid`. Every other
        /// result ends the row, but `cancelled` says nothing.
        on: OutcomesFile, optional;
        /// What neither counts nor ends the row: with Envoy's `split_external_local_origin_errors` what
        /// gets no answer, for which a second counter is there.
        ignores: OutcomesFile, optional;
        /// How often a verdict is carried out; if not, the row begins anew. Envoy: 100%, of gateway errors
        /// 0%.
        enforce: Probability, default "100%";
    }
}

file_map! {
    /// A rate of successes below the mean of all, by so many standard deviations (of the population).
    SuccessRateFile {
        /// How many standard deviations [number]; Envoy and gRPC: 1.9. With that, one worse instance of
        /// five or more goes by any margin, and nobody where 21.7% or more are equally bad.
        below_sd: Factor, default "1.9";
        /// With fewer instances that had enough calls nobody is judged [count]; Envoy and gRPC: 5.
        min_instances: Count<1, 100_000>, default "5";
        /// With fewer calls since the last sweep an instance is not looked at [count]; Envoy and gRPC:
        /// 100.
        min_calls: Count<1>, default "100";
        /// What is no success: by default timeouts, rejections, and errors except `invalid`.
        on: OutcomesFile, optional;
        /// What is not looked at at all, such as what gets no answer.
        ignores: OutcomesFile, optional;
        /// How often a verdict is carried out; Envoy: 100%.
        enforce: Probability, default "100%";
    }
}

file_map! {
    /// A share of failures: `at_least` or `above` it.
    FailureShareFile {
        /// From this share on; Envoy: 85%.
        at_least: Probability, optional;
        /// Beyond this share; gRPC: 85%.
        above: Probability, optional;
        /// With fewer instances that had enough calls nobody is judged [count]; Envoy and gRPC: 5.
        min_instances: Count<1, 100_000>, default "5";
        /// With fewer calls since the last sweep an instance is not looked at [count]; Envoy and gRPC:
        /// 50.
        min_calls: Count<1>, default "50";
        /// What is a failure: by default timeouts, rejections, and errors except `invalid`.
        on: OutcomesFile, optional;
        /// What is not looked at at all, such as what gets no answer.
        ignores: OutcomesFile, optional;
        /// How often a verdict is carried out; Envoy: 0%.
        enforce: Probability, default "100%";
    }
}

file_map! {
    /// Failures without a quiet period between them.
    QuietPeriodFile {
        /// So many leave the instance out [count]; nginx: 1.
        failures: Count<1, 1_000_000>, default "1";
        /// How long must be quiet before a success forgives, and how long the instance is left out, in
        /// whole seconds [duration]; nginx: 10s.
        r#for: At<SimDuration>, default "10s";
        /// What is a failure: by default timeouts, rejections, and errors except `invalid`.
        on: OutcomesFile, optional;
        /// Whether each failure also takes weight / `failures` from the instance, cut to a whole number, and
        /// each turn that it takes part in gives one back; only with `balance: smooth`, or among equals of
        /// `weighted_least` with `per_weight`, and without `slow_start` (nginx' effective weight).
        cuts_weight: bool, default "true";
    }
}

file_map! {
    /// How long an instance is left out, and what brings it back.
    EjectFile {
        /// The first time [duration]; Envoy, gRPC and Istio: 30s, Linkerd: 1s.
        r#for: SimDuration, required;
        /// How it grows with each ejection that counts. One less counts for each sweep that finds the
        /// instance in rotation.
        growth: EjectGrowthFile, default "linear";
        /// At most so long, before `jitter` [duration]; Envoy and gRPC: 300s, Linkerd: 60s.
        max: SimDuration, optional;
        /// Added by chance, uniformly: up to this [duration], or up to this share of the time, but not
        /// beyond `max` (Linkerd: 50%).
        jitter: EjectJitterFile, default "0s";
        /// What brings it back.
        returns: ReturnsFile, default "at_sweep";
    }
}

choices! {
    /// How the time out of rotation grows with k, the number of ejections that count.
    EjectGrowthFile {
        /// k times as long (Envoy, gRPC).
        linear = Linear;
        /// 2^(k-1) times as long (Linkerd).
        exponential = Exponential;
        /// Not at all.
        none = None;
    }
}

choices! {
    /// What brings an instance back.
    ReturnsFile {
        /// The first sweep at which its time is over, or a passed check of the same caller's (Envoy,
        /// gRPC).
        at_sweep = AtSweep;
        /// The end of its time.
        exact = Exact;
        /// A passed health check (`HAProxy`).
        by_check = ByCheck;
        /// One attempt that is sent when its time is over, and answered well (Linkerd).
        one_trial = OneTrial;
    }
}

choices! {
    /// What follows from so many failures in a row.
    OnErrorsFile {
        /// The instance is left out.
        eject = Eject;
        /// The next check comes after `every_pending`, if that is sooner (`HAProxy`'s `fastinter`); so it
        /// does with each of those that follow. Only where `schedule` is `after_end`.
        fast_check = FastCheck;
        /// It counts as one failed check (`HAProxy`'s default, `fail-check`).
        fail_check = FailCheck;
        /// The same, and one more failed check is enough (`HAProxy`'s `sudden-death`).
        sudden_death = SuddenDeath;
        /// The check has failed; `passes` of it bring the instance back (`HAProxy`'s `mark-down`).
        mark_down = MarkDown;
    }
}

choices! {
    /// How the ceiling is compared, and the order within a sweep.
    RoundingFile {
        /// The share with one more left out must not be beyond it (Envoy, Istio): 33% of 3 is nobody. A
        /// sweep returns, judges, forgives.
        not_beyond = NotBeyond;
        /// The share must be below it before (gRPC): 10% of 3 is one. A sweep judges, forgives,
        /// returns.
        may_exceed = MayExceed;
    }
}

choices! {
    /// Whose verdict an ejection is.
    EjectionScope {
        /// Each caller process judges by what it saw, for itself.
        caller = Caller;
        /// All callers judge as one, for all.
        shared = Shared;
    }
}

/// A span, or a share of one.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) enum EjectJitterFile {
    /// Up to this.
    Span(SimDuration),
    /// Up to this share.
    Share(Probability),
}

impl FileType for EjectJitterFile {
    fn shape() -> Shape {
        Shape::Either(vec![SimDuration::shape, Probability::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if matches!(&node.kind, Kind::Scalar { text, .. } if text.ends_with('%')) {
            return Probability::read(node, reader).map(Self::Share);
        }
        SimDuration::read(node, reader).map(Self::Span)
    }
}

impl FileType for ConsecutiveFile {
    fn shape() -> Shape {
        Shape::Either(vec![
            OrNone::<FailureRowFile>::shape,
            Vec::<FailureRowFile>::shape,
        ])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if let Kind::List(_) = node.kind {
            return Vec::<FailureRowFile>::read(node, reader).map(Self);
        }
        let one = OrNone::<FailureRowFile>::read(node, reader)?;
        Some(Self(one.0.into_iter().collect()))
    }
}
