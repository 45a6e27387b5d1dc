//! `rate_limit`: so many calls in so much time; what is written, and what it means.

use super::scope::{ScopeFile, scope_or_share};
use crate::model::spec::Scope;
use crate::policy::{RateLimitConfig, RateRule, RefusalTime};
use crate::scenario::diagnostic::{Diagnostic, Diagnostics};
use crate::scenario::like::library_names;
use crate::scenario::read::{At, Limit, choices, file_map};
use crate::scenario::value::{Count, Name};
use crate::time::SimDuration;

library_names! {
    /// A library whose rate limit has a table.
    RateLimitLike = RATE_LIMITS;
}

file_map! {
    /// Lets in so many calls in so much time; the others wait, or end as `stopped.rate_limited`.
    RateLimitFile {
        /// The library whose rate limit it is like: its settings stand in for the keys that are
        /// missing here.
        like: RateLimitLike, optional;
        /// How permits come.
        algorithm: AlgorithmFile, default "token_bucket";
        /// Permits that come in a period [count] (needed unless `like` gives it); resilience4j: 50.
        permits: Count<1>, required;
        /// The period; resilience4j: 500ns. The default is own choice, so that `permits` reads as a
        /// rate per second (governor's `Quota::per_second`).
        period: SimDuration, default "1s";
        /// Calls that may go in at once after a pause [count], of `token_bucket` and `gcra`: by
        /// default as many as `permits` (governor).
        burst: Count<1>, optional;
        /// How a `token_bucket` fills: by default `continuous`.
        refill: RefillFile, optional;
        /// Segments in which a `sliding_window` is told [count]: by default 10, own
        /// choice: steps of a tenth of the period; .NET has no default.
        segments: Count<1, 1000>, optional;
        /// How long a call may wait for a permit; resilience4j: 5s.
        max_wait: Limit<SimDuration>, default "0s";
        /// Calls that may stand in line for a permit, first come, first served [count]; .NET: 0.
        max_waiting: Limit<Count<0>>, default "unlimited";
        /// Whether a call that waits has taken a permit that is yet to come, which is lost if it
        /// leaves (resilience4j); else it stands in line (.NET).
        reservation: bool, default "false";
        /// When a call learns that it is stopped.
        refusal: RefusalFile, default "at_once";
        /// Who owns its state; all these libraries: `caller`.
        scope: ScopeFile, implied "caller";
        /// Rate limits with this name in one process are the same one.
        share: Name, optional;
        /// Whether it is there at all.
        enabled: bool, default "true";
    }
}

choices! {
    /// How permits come.
    AlgorithmFile {
        /// They drop into a bucket, which holds `burst`.
        token_bucket = TokenBucket;
        /// The generic cell rate algorithm: calls keep a distance of `period / permits`, less what
        /// they have saved up (governor).
        gcra = Gcra;
        /// Each cycle has `permits` anew (resilience4j, .NET's fixed window).
        fixed_cycle = FixedCycle;
        /// No more than `permits` in the last `period`, told in `segments` (.NET).
        sliding_window = SlidingWindow;
    }
}

choices! {
    /// How a bucket fills.
    RefillFile {
        /// Evenly, each permit at its instant.
        continuous = Continuous;
        /// With all `permits` at the end of each period (.NET, Envoy's `fill_interval`).
        steps = Steps;
    }
}

choices! {
    /// When a call learns that it is stopped.
    RefusalFile {
        /// When it comes.
        at_once = AtOnce;
        /// When it has waited for `max_wait` in vain, as a thread does that resilience4j refuses.
        after_wait = AfterWait;
    }
}

/// Segments of a window if nothing is said.
const USUAL_SEGMENTS: u32 = 10;

impl RateLimitFile {
    /// Who owns its state.
    pub(super) fn scope(at: &At<Self>, found: &mut Diagnostics) -> Scope {
        scope_or_share(at, at.value.scope, at.value.share.as_ref(), found)
    }

    /// What it means; `None` after a mistake.
    pub(super) fn config(at: &At<Self>, found: &mut Diagnostics) -> Option<RateLimitConfig> {
        let file = &at.value;
        if let Some((what, hint)) = file.mistake() {
            let like = file.like.as_ref();
            let like = like.map_or_else(String::new, |it| format!(" (like {})", it.0));
            let message = format!("`{}`{like} {what}", at.path);
            found.push(Diagnostic::error("rate-limit", at.span, message).hint(hint));
            return None;
        }
        Some(RateLimitConfig {
            rule: file.rule(),
            permits: file.permits.get(),
            period: file.period,
            max_wait: file.max_wait.or_forever(),
            max_waiting: file.max_waiting.or_any(),
            reservation: file.reservation,
            refusal: match file.refusal {
                RefusalFile::AtOnce => RefusalTime::AtOnce,
                RefusalFile::AfterWait => RefusalTime::AfterWait,
            },
        })
    }

    fn rule(&self) -> RateRule {
        let burst = self.burst.unwrap_or(self.permits).get();
        match self.algorithm {
            AlgorithmFile::TokenBucket if self.refill == Some(RefillFile::Steps) => {
                RateRule::SteppedBucket { burst }
            }
            AlgorithmFile::TokenBucket => RateRule::TokenBucket { burst },
            AlgorithmFile::Gcra => RateRule::Gcra { burst },
            AlgorithmFile::FixedCycle => RateRule::FixedCycle,
            AlgorithmFile::SlidingWindow => RateRule::SlidingWindow {
                segments: self.segments.map_or(USUAL_SEGMENTS, Count::get),
            },
        }
    }

    /// What does not go together, and what to do about it.
    fn mistake(&self) -> Option<(String, &'static str)> {
        self.unfitting_key().or_else(|| self.unfitting_wait())
    }

    fn unfitting_key(&self) -> Option<(String, &'static str)> {
        let (bucket, window) = match self.algorithm {
            AlgorithmFile::TokenBucket => (true, false),
            AlgorithmFile::SlidingWindow => (false, true),
            AlgorithmFile::Gcra | AlgorithmFile::FixedCycle => (false, false),
        };
        let saves = bucket || self.algorithm == AlgorithmFile::Gcra;
        let burst = self.burst.unwrap_or(self.permits).get();
        if self.period.is_zero() {
            let what = "has a period of no time, in which no number of permits is a rate";
            return Some((
                what.to_owned(),
                "write how long `permits` are for: `period: 1s`",
            ));
        }
        if self.burst.is_some() && !saves {
            let what = "has a `burst`, but this algorithm saves nothing up";
            return Some((
                what.to_owned(),
                "`burst` goes with `token_bucket` and `gcra`",
            ));
        }
        if self.refill.is_some() && !bucket {
            let what = "says how a bucket fills, but has none";
            return Some((what.to_owned(), "`refill` goes with `token_bucket`"));
        }
        if self.segments.is_some() && !window {
            let what = "has `segments`, but no window to divide";
            return Some((what.to_owned(), "`segments` goes with `sliding_window`"));
        }
        if self.refill == Some(RefillFile::Steps) && burst < self.permits.get() {
            let what = format!(
                "gets {} permits at once into a bucket that holds {burst}: the rest is lost",
                self.permits.get()
            );
            return Some((what, "give `burst` at least as many as `permits`"));
        }
        None
    }

    fn unfitting_wait(&self) -> Option<(String, &'static str)> {
        let waits = self.max_wait.0 != Some(SimDuration::ZERO);
        let line = self.max_waiting.0.map(Count::get);
        if self.reservation && self.algorithm == AlgorithmFile::SlidingWindow {
            let what = "lends permits that are yet to come, but in a sliding window they come back \
                        only from calls that went in";
            return Some((
                what.to_owned(),
                "leave out `reservation`: who waits stands in line",
            ));
        }
        if let Some(line) = line.filter(|_| self.reservation) {
            let what = format!(
                "lets {line} stand in line, but with `reservation` nobody does: each has its permit"
            );
            return Some((
                what,
                "limit the wait by `max_wait`, or leave out `reservation`",
            ));
        }
        if let Some(line) = line.filter(|&line| line > 0 && !waits) {
            let what = format!("lets {line} stand in line, but for no time");
            return Some((what, "say how long by `max_wait`, or `max_wait: unlimited`"));
        }
        if self.refusal == RefusalFile::AfterWait && self.max_wait.0.is_none() {
            let what = "says no after a wait without an end";
            return Some((what.to_owned(), "give it a `max_wait`, or say no `at_once`"));
        }
        if waits && self.scope == Some(ScopeFile::TargetInstance) {
            let what = "lets calls wait for a permit, but with `scope: target_instance` they go to \
                        another instance";
            return Some((what.to_owned(), "set `max_wait: 0s`"));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::{RateLimitConfig, RateRule, RefusalTime};
    use crate::scenario::{Source, load_policies};
    use crate::time::SimDuration;

    fn read(settings: &str) -> Result<RateLimitConfig, String> {
        let source = Source {
            name: "policy.yaml".to_owned(),
            text: format!("policies:\n  p:\n    - rate_limit: {{ {settings} }}\n"),
        };
        let policies = load_policies(&source, &[], &|_| Err(String::new()));
        let policies = policies.map_err(|found| found.to_string())?;
        let config = policies[0].layers[0].kind.rate_limit();
        Ok(config.expect("a rate limit").clone())
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let plain = RateLimitConfig {
            rule: RateRule::TokenBucket { burst: 7 },
            permits: 7,
            period: SimDuration::from_secs(1),
            max_wait: SimDuration::ZERO,
            max_waiting: u32::MAX,
            reservation: false,
            refusal: RefusalTime::AtOnce,
        };
        assert_eq!(read("permits: 7"), Ok(plain.clone()));
        for (settings, rule) in [
            ("algorithm: gcra", RateRule::Gcra { burst: 7 }),
            (
                "refill: steps, burst: 9",
                RateRule::SteppedBucket { burst: 9 },
            ),
            (
                "refill: continuous, burst: 2",
                RateRule::TokenBucket { burst: 2 },
            ),
            ("algorithm: fixed_cycle", RateRule::FixedCycle),
            (
                "algorithm: sliding_window",
                RateRule::SlidingWindow { segments: 10 },
            ),
        ] {
            let expected = RateLimitConfig {
                rule,
                ..plain.clone()
            };
            assert_eq!(read(&format!("permits: 7, {settings}")), Ok(expected));
        }
    }

    #[test]
    fn what_does_not_go_together_is_refused_in_words() {
        let window = "algorithm: sliding_window, max_wait: 1s, reservation: true";
        for (settings, message, hint) in [
            (
                "period: 0s",
                "has a period of no time",
                "write how long `permits` are for",
            ),
            (
                "algorithm: fixed_cycle, burst: 20",
                "this algorithm saves nothing up",
                "goes with",
            ),
            (
                "algorithm: gcra, refill: steps",
                "says how a bucket fills",
                "goes with",
            ),
            (
                "segments: 4",
                "no window to divide",
                "goes with `sliding_window`",
            ),
            (
                "burst: 5, refill: steps",
                "gets 10 permits at once into a bucket that holds 5",
                "give `burst` at least as many",
            ),
            (
                window,
                "only from calls that went in",
                "leave out `reservation`",
            ),
            (
                "max_wait: 1s, max_waiting: 5, reservation: true",
                "lets 5 stand in line, but with `reservation` nobody does",
                "limit the wait by `max_wait`",
            ),
            (
                "max_waiting: 5",
                "lets 5 stand in line, but for no time",
                "`max_wait: unlimited`",
            ),
            (
                "max_wait: unlimited, refusal: after_wait",
                "says no after a wait without an end",
                "give it a `max_wait`",
            ),
            (
                "max_wait: 1s, scope: target_instance",
                "they go to another instance",
                "set `max_wait: 0s`",
            ),
            (
                "scope: shared, share: quota",
                "has both `scope` and `share`",
                "",
            ),
        ] {
            let said = read(&format!("permits: 10, {settings}")).expect_err(settings);
            assert!(said.contains("3:") && said.contains(message), "{said}");
            assert!(said.contains(hint), "{said}");
        }
        assert!(read("permits: 0").is_err());
        assert!(read("algorithm: leaky_bucket, permits: 1").is_err());
    }
}
