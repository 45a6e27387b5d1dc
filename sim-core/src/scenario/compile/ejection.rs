//! `ejection` of a service: what is written, and what it comes to.

use super::Compiler;
use crate::model::spec::{EjectionSpec, SweepPhase};
use crate::policy::OutcomeSet;
use crate::policy::eject::{
    Consecutive, EjectGrowth, EjectJitter, EjectTime, EjectionConfig, EjectionRule, Enforced,
    FailureShare, MaxEjected, OnErrors, Outliers, QuietPeriod, Returns, Rounding, ShareAt,
    SuccessRate,
};
use crate::scenario::diagnostic::{Diagnostic, Span};
use crate::scenario::file::ejection::{
    EjectFile, EjectGrowthFile, EjectJitterFile, EjectionFile, EjectionScope, FailureRowFile,
    FailureShareFile, OnErrorsFile, QuietPeriodFile, ReturnsFile, RoundingFile, SuccessRateFile,
};
use crate::scenario::file::phase::PhaseFile;
use crate::scenario::layer::OutcomesFile;
use crate::scenario::read::At;
use crate::time::SimDuration;

const SECOND: u64 = 1_000_000_000;

/// What is wrong, where, and what to do about it.
struct Mistake {
    span: Span,
    message: String,
    hint: &'static str,
}

impl Compiler<'_> {
    /// The ejection of a service, if it has one without mistakes.
    pub(super) fn ejection(&mut self, at: Option<&At<EjectionFile>>) -> Option<EjectionSpec> {
        let at = at?;
        match spec(at) {
            Ok(spec) => Some(spec),
            Err(Mistake {
                span,
                message,
                hint,
            }) => {
                self.found
                    .push(Diagnostic::error("ejection", span, message).hint(hint));
                None
            }
        }
    }
}

fn spec(at: &At<EjectionFile>) -> Result<EjectionSpec, Mistake> {
    let file = &at.value;
    debug_assert!(file.like.is_none_or(|it| !it.0.is_empty()));
    let config = match &file.quiet_period {
        Some(quiet) => EjectionConfig {
            rule: EjectionRule::Quiet(quiet_period(at, quiet)?),
            most: MaxEjected::UNLIMITED,
        },
        None => EjectionConfig {
            rule: EjectionRule::Outliers(outliers(at)?),
            most: most(at)?,
        },
    };
    if let (Some(phase), Some(sweep)) = (file.phase.value.0, &file.sweep)
        && phase >= sweep.value
        && !sweep.value.is_zero()
    {
        let message = format!(
            "`{}` is {phase}, but sweeps come each {}",
            file.phase.path, sweep.value
        );
        return mistake(file.phase.span, message, "give a phase below `sweep`");
    }
    Ok(EjectionSpec {
        config,
        shared: file.scope == EjectionScope::Shared,
        phase: match file.phase.value {
            PhaseFile(None) => SweepPhase::Random,
            PhaseFile(Some(at)) => SweepPhase::At(at),
        },
    })
}

fn mistake<T>(span: Span, message: String, hint: &'static str) -> Result<T, Mistake> {
    Err(Mistake {
        span,
        message,
        hint,
    })
}

fn quiet_period(at: &At<EjectionFile>, quiet: &QuietPeriodFile) -> Result<QuietPeriod, Mistake> {
    let file = &at.value;
    let others = [
        ("consecutive", !file.consecutive.0.is_empty()),
        ("success_rate", file.success_rate.0.is_some()),
        ("failure_share", file.failure_share.0.is_some()),
        ("sweep", file.sweep.is_some()),
        ("eject", file.eject.is_some()),
        ("max_ejected", file.max_ejected.is_some()),
    ];
    if let Some((key, _)) = others.iter().find(|(_, written)| *written) {
        let message = format!(
            "`{}` has `quiet_period` and `{key}`, but `quiet_period` is a rule by itself: it says for \
             how long an instance is left out and what brings it back",
            at.path
        );
        return mistake(at.span, message, "leave out one of the two");
    }
    let length = quiet.r#for.value.as_ns();
    if length == 0 || !length.is_multiple_of(SECOND) {
        let message = format!(
            "`{}` is {}, but nginx counts in whole seconds, at least one",
            quiet.r#for.path, quiet.r#for.value
        );
        return mistake(
            quiet.r#for.span,
            message,
            "write a whole number of seconds, such as `10s`",
        );
    }
    Ok(QuietPeriod {
        failures: quiet.failures.get(),
        seconds: u32::try_from(length / SECOND).unwrap_or(u32::MAX),
        on: set(quiet.on),
        cuts_weight: quiet.cuts_weight,
    })
}

/// What follows from failures in a row.
fn on_errors(at: &At<EjectionFile>) -> Result<OnErrors, Mistake> {
    let follows = match at.value.on_errors {
        OnErrorsFile::Eject => OnErrors::Eject,
        OnErrorsFile::FastCheck => OnErrors::FastCheck,
        OnErrorsFile::FailCheck => OnErrors::FailCheck,
        OnErrorsFile::SuddenDeath => OnErrors::SuddenDeath,
        OnErrorsFile::MarkDown => OnErrors::MarkDown,
    };
    if follows != OnErrors::Eject && at.value.consecutive.0.is_empty() {
        let message = format!(
            "`{}.on_errors` says what follows from failures in a row, but no `consecutive` says how many",
            at.path
        );
        return mistake(at.span, message, "add `consecutive: { failures: 10 }`");
    }
    Ok(follows)
}

/// Failures in a row that health checks hear of, and nothing else: nobody is ejected.
const fn told_to_checks(consecutive: Vec<Consecutive>, on_errors: OnErrors) -> Outliers {
    Outliers {
        consecutive,
        on_errors,
        success_rate: None,
        failure_share: None,
        sweep: None,
        time: EjectTime {
            base: SimDuration::ZERO,
            growth: EjectGrowth::None,
            max: SimDuration::MAX,
            jitter: EjectJitter::Span(SimDuration::ZERO),
        },
        returns: Returns::ByCheck,
    }
}

fn outliers(at: &At<EjectionFile>) -> Result<Outliers, Mistake> {
    let file = &at.value;
    let runs = &file.consecutive.0;
    if runs.len() > Outliers::RUNS {
        let message = format!(
            "`{}.consecutive` has {} counters, but an instance has {} at most",
            at.path,
            runs.len(),
            Outliers::RUNS
        );
        return mistake(
            at.span,
            message,
            "put outcomes that count alike into one `on`",
        );
    }
    let rates = file.success_rate.0.is_some() || file.failure_share.0.is_some();
    if runs.is_empty() && !rates {
        let message = format!("`{}` says nothing by which instances are judged", at.path);
        let hint = "add `consecutive: { failures: 5 }`, `success_rate`, `failure_share` or \
                    `quiet_period`, or a product by `like`";
        return mistake(at.span, message, hint);
    }
    let on_errors = on_errors(at)?;
    let consecutive = runs.iter().map(run).collect();
    if on_errors != OnErrors::Eject && !rates && file.eject.is_none() {
        return Ok(told_to_checks(consecutive, on_errors));
    }
    let Some(eject) = &file.eject else {
        let message = format!(
            "`{}` does not say for how long an instance is left out",
            at.path
        );
        return mistake(at.span, message, "add `eject: { for: 30s }`");
    };
    check_sweep(at, eject, rates)?;
    if eject.value.returns == ReturnsFile::OneTrial && runs.is_empty() {
        let message = format!(
            "`{}` returns by one trial, but without `consecutive` nothing says which results fail it",
            eject.path
        );
        return mistake(
            eject.span,
            message,
            "add `consecutive`, or return `at_sweep`",
        );
    }
    Ok(Outliers {
        consecutive,
        on_errors,
        success_rate: file.success_rate.0.as_ref().map(success_rate),
        failure_share: match &file.failure_share.0 {
            Some(share) => Some(failure_share(at, share)?),
            None => None,
        },
        sweep: file.sweep.as_ref().map(|sweep| sweep.value),
        time: time(eject)?,
        returns: match eject.value.returns {
            ReturnsFile::AtSweep => Returns::AtSweep,
            ReturnsFile::Exact => Returns::Exact,
            ReturnsFile::ByCheck => Returns::ByCheck,
            ReturnsFile::OneTrial => Returns::OneTrial,
        },
    })
}

/// Sweeps are there where something needs them, and take time.
fn check_sweep(at: &At<EjectionFile>, eject: &At<EjectFile>, rates: bool) -> Result<(), Mistake> {
    let needs = match eject.value.returns {
        _ if rates => Some("`success_rate` and `failure_share` are judged"),
        ReturnsFile::AtSweep => Some("instances return (`returns: at_sweep`)"),
        ReturnsFile::Exact | ReturnsFile::ByCheck | ReturnsFile::OneTrial => None,
    };
    match (&at.value.sweep, needs) {
        (None, Some(what)) => {
            let message = format!("`{}` needs `sweep`, since {what} at sweeps", at.path);
            mistake(at.span, message, "add `sweep: 10s`")
        }
        (Some(sweep), _) if sweep.value.is_zero() => {
            let message = format!("`{}` is 0s, but time must pass between sweeps", sweep.path);
            mistake(sweep.span, message, "write a duration such as `10s`")
        }
        (Some(_) | None, _) => Ok(()),
    }
}

fn time(at: &At<EjectFile>) -> Result<EjectTime, Mistake> {
    let file = &at.value;
    let max = file.max.unwrap_or(SimDuration::MAX);
    if file.r#for.is_zero() {
        match file.returns {
            ReturnsFile::AtSweep | ReturnsFile::Exact => {
                let message = format!(
                    "`{}` leaves an instance out for 0s: it would be back as soon as anybody looks",
                    at.path
                );
                let hint = "give `for` some time, such as `30s`, or let a health check decide: `returns: \
                            by_check`";
                return mistake(at.span, message, hint);
            }
            ReturnsFile::ByCheck | ReturnsFile::OneTrial => {}
        }
    }
    if max < file.r#for {
        let message = format!(
            "`{}` begins with {}, which is longer than its `max`, {max}",
            at.path, file.r#for
        );
        return mistake(at.span, message, "raise `max`, or lower `for`");
    }
    Ok(EjectTime {
        base: file.r#for,
        growth: match file.growth {
            EjectGrowthFile::None => EjectGrowth::None,
            EjectGrowthFile::Linear => EjectGrowth::Linear,
            EjectGrowthFile::Exponential => EjectGrowth::Exponential,
        },
        max,
        jitter: match file.jitter {
            EjectJitterFile::Span(span) => EjectJitter::Span(span),
            EjectJitterFile::Share(share) => EjectJitter::Share(share),
        },
    })
}

fn most(at: &At<EjectionFile>) -> Result<MaxEjected, Mistake> {
    let file = &at.value;
    let rounding = match file.rounding {
        RoundingFile::NotBeyond => Rounding::NotBeyond,
        RoundingFile::MayExceed => Rounding::MayExceed,
    };
    let Some(share) = file.max_ejected else {
        if file.on_errors != OnErrorsFile::Eject && file.eject.is_none() {
            return Ok(MaxEjected::UNLIMITED);
        }
        let message = format!(
            "`{}` does not say how many instances may be left out at once",
            at.path
        );
        let hint = "add `max_ejected: 50%`, or `100%` for no limit";
        return mistake(at.span, message, hint);
    };
    let most = MaxEjected::new(share, rounding);
    Ok(if file.at_least_one {
        most.or_one()
    } else {
        most
    })
}

fn set(on: Option<OutcomesFile>) -> OutcomeSet {
    on.map_or_else(OutcomeSet::failures, |on| on.0)
}

fn run(file: &FailureRowFile) -> Consecutive {
    Consecutive {
        failures: file.failures.get(),
        on: set(file.on),
        ignores: file.ignores.map_or(OutcomeSet::EMPTY, |it| it.0),
        enforce: Enforced::of(file.enforce),
    }
}

fn success_rate(file: &SuccessRateFile) -> SuccessRate {
    SuccessRate {
        below_sd: file.below_sd.get(),
        min_instances: file.min_instances.get(),
        min_calls: file.min_calls.get(),
        on: set(file.on),
        ignores: file.ignores.map_or(OutcomeSet::EMPTY, |it| it.0),
        enforce: Enforced::of(file.enforce),
    }
}

fn failure_share(at: &At<EjectionFile>, file: &FailureShareFile) -> Result<FailureShare, Mistake> {
    let share = match (file.at_least, file.above) {
        (Some(share), None) => ShareAt::at_least(share),
        (None, Some(share)) => ShareAt::above(share),
        (Some(_), Some(_)) | (None, None) => {
            let message = format!(
                "`{}.failure_share` needs one of `at_least` and `above`",
                at.path
            );
            return mistake(
                at.span,
                message,
                "write `at_least: 85%` (Envoy) or `above: 85%` (gRPC)",
            );
        }
    };
    Ok(FailureShare {
        at: share,
        min_instances: file.min_instances.get(),
        min_calls: file.min_calls.get(),
        on: set(file.on),
        ignores: file.ignores.map_or(OutcomeSet::EMPTY, |it| it.0),
        enforce: Enforced::of(file.enforce),
    })
}
