//! How long to wait before the next try, and how that is spread.

use crate::policy::{Backoff, Jitter};
use crate::scenario::diagnostic::{Diagnostic, Diagnostics};
use crate::scenario::file::distribution::DistFile;
use crate::scenario::read::{At, Limit, file_enum, file_map};
use crate::time::SimDuration;
use crate::units::{Factor, Probability};

file_enum! {
    /// How long to wait before the next try.
    BackoffFile {
        /// The same each time; a distribution is drawn anew each time.
        constant = Constant(DistFile);
        /// The same step more each time.
        linear = Linear(LinearFile);
        /// So many times as much each time.
        exponential = Exponential(ExponentialFile);
        /// The first wait times 1, 1, 2, 3, 5, … (tokio-retry).
        fibonacci = Fibonacci(FibonacciFile);
        /// These in turn; the last one repeats.
        list = List(At<Vec<DistFile>>);
        /// Not at all.
        none = None;
    }
}

file_map! {
    /// The same step more each time.
    LinearFile {
        /// The first wait; Polly: 2s.
        initial: At<SimDuration>, required;
        /// Added each time; Polly: the first wait.
        step: SimDuration, required;
        /// Upper limit.
        max: Limit<SimDuration>, default "unlimited";
    }
}

file_map! {
    /// So many times as much each time.
    ExponentialFile {
        /// The first wait; Envoy: 25ms, Spring Retry: 100ms, cockatiel: 128ms, resilience4j and Dapr:
        /// 500ms, Polly: 2s.
        initial: At<SimDuration>, required;
        /// Growth each time, at least 1; resilience4j and Dapr: 1.5, AWS SDK, Envoy and Spring
        /// Retry: 2.
        factor: At<Factor>, default "2";
        /// Upper limit; Envoy: ten times the first wait, AWS SDK: 20s, Spring Retry and cockatiel:
        /// 30s, Dapr: 60s.
        max: Limit<SimDuration>, default "unlimited";
    }
}

file_map! {
    /// The first wait times the Fibonacci numbers 1, 1, 2, 3, 5, …
    FibonacciFile {
        /// The first wait, and the second.
        initial: At<SimDuration>, required;
        /// Upper limit.
        max: Limit<SimDuration>, default "unlimited";
    }
}

file_enum! {
    /// How a wait is spread, so that callers that failed together do not return together.
    JitterFile {
        /// Not at all.
        none = None;
        /// Anywhere between nothing and the whole wait (AWS, Envoy, gRPC).
        full = Full;
        /// Anywhere between half the wait and the whole (AWS, Finagle).
        equal = Equal;
        /// The same as `equal`, by another name.
        half = Half;
        /// So much less or more (resilience4j and Dapr 50%, Polly 25%).
        plus_minus = PlusMinus(Probability);
        /// So much more (Linkerd; Spring Retry: multiplier minus 1).
        additive = Additive(Probability);
        /// Anywhere between the first wait and three times the last one (AWS).
        decorrelated = Decorrelated;
        /// The decorrelated jitter V2 of Polly 8, which doubles whatever `factor` says.
        polly_v2 = PollyV2;
        /// The same, but it grows by `factor`: cockatiel's `exponent`.
        cockatiel = Cockatiel;
        /// As `full`, cut to whole milliseconds, which may leave nothing (Envoy).
        full_milliseconds = FullMilliseconds;
        /// The same as `full_milliseconds`, by another name: cockatiel's full jitter.
        cockatiel_full = CockatielFull;
        /// As `half`, cut to whole milliseconds: cockatiel's half jitter.
        cockatiel_half = CockatielHalf;
        /// Up to so much time more, however long the wait is [duration]: tenacity's
        /// `wait_exponential_jitter`, 1s; urllib3's `backoff_jitter`.
        plus = Plus(SimDuration);
    }
}

impl BackoffFile {
    /// Complains if the first wait is longer than any may be.
    pub(in crate::scenario) fn check_first(&self, found: &mut Diagnostics) {
        let (initial, max) = match self {
            Self::Linear(it) => (&it.initial, &it.max),
            Self::Exponential(it) => (&it.initial, &it.max),
            Self::Fibonacci(it) => (&it.initial, &it.max),
            Self::None | Self::Constant(_) | Self::List(_) => return,
        };
        let max = max.or_forever();
        if initial.value <= max {
            return;
        }
        let message = format!(
            "`{}` is {}, but waits are {max} at most: none would be longer than another",
            initial.path, initial.value
        );
        let hint = "raise `max`, or lower `initial`; for waits of one length write `constant`";
        found.push(Diagnostic::error("bad-value", initial.span, message).hint(hint));
    }

    pub(in crate::scenario) fn config(&self, found: &mut Diagnostics) -> Option<Backoff> {
        Some(match self {
            Self::None => Backoff::None,
            Self::Constant(delay) => Backoff::Constant(delay.0.clone()),
            Self::Linear(it) => Backoff::Linear {
                initial: it.initial.value,
                step: it.step,
                max: it.max.or_forever(),
            },
            Self::Exponential(it) => it.config(found)?,
            Self::Fibonacci(it) => Backoff::Fibonacci {
                initial: it.initial.value,
                max: it.max.or_forever(),
            },
            Self::List(delays) if delays.value.is_empty() => {
                let message = format!(
                    "`{}` is empty, but it needs at least one delay",
                    delays.path
                );
                found.error("bad-value", delays.span, message);
                return None;
            }
            Self::List(delays) => {
                Backoff::List(delays.value.iter().map(|delay| delay.0.clone()).collect())
            }
        })
    }
}

impl ExponentialFile {
    fn config(&self, found: &mut Diagnostics) -> Option<Backoff> {
        let factor = self.factor.value.get();
        if factor < 1.0 {
            let message = format!(
                "`{}` is {factor}, but it must be at least 1",
                self.factor.path
            );
            found.error("bad-value", self.factor.span, message);
            return None;
        }
        Some(Backoff::Exponential {
            initial: self.initial.value,
            factor,
            max: self.max.or_forever(),
        })
    }
}

impl JitterFile {
    pub(super) fn config(&self) -> Jitter {
        match self {
            Self::None => Jitter::None,
            Self::Full => Jitter::Full,
            Self::Equal | Self::Half => Jitter::Equal,
            Self::PlusMinus(share) => Jitter::PlusMinus(share.get()),
            Self::Additive(share) => Jitter::Additive(share.get()),
            Self::Decorrelated => Jitter::Decorrelated,
            Self::PollyV2 => Jitter::PollyV2,
            Self::Cockatiel => Jitter::Cockatiel,
            Self::FullMilliseconds | Self::CockatielFull => Jitter::CockatielFull,
            Self::CockatielHalf => Jitter::CockatielHalf,
            Self::Plus(span) => Jitter::Plus(*span),
        }
    }
}

/// What stands where no jitter is written.
pub(super) fn default_jitter(backoff: &Backoff) -> Jitter {
    match backoff {
        Backoff::None => Jitter::None,
        Backoff::Constant(_)
        | Backoff::Linear { .. }
        | Backoff::Exponential { .. }
        | Backoff::Fibonacci { .. }
        | Backoff::List(_) => Jitter::Full,
    }
}

/// Why a jitter cannot spread a backoff.
pub(super) fn misfit(jitter: Jitter, backoff: &Backoff) -> Option<&'static str> {
    let has_initial = matches!(
        backoff,
        Backoff::Exponential { .. } | Backoff::Linear { .. } | Backoff::Fibonacci { .. }
    );
    let doubles = matches!(backoff, Backoff::Exponential { .. });
    match (jitter, backoff) {
        (Jitter::None, _) => None,
        (_, Backoff::None) => Some("jitter spreads a backoff, and there is none"),
        (Jitter::Decorrelated, _) if !has_initial => {
            Some("decorrelated jitter needs `exponential`, `linear` or `fibonacci` backoff")
        }
        (Jitter::PollyV2, _) if !doubles => {
            Some("the jitter `polly_v2` needs `exponential` backoff")
        }
        (Jitter::Cockatiel, _) if !doubles => {
            Some("the jitter `cockatiel` needs `exponential` backoff")
        }
        _ => None,
    }
}
