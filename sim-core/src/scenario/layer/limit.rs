//! `concurrency_limit`: limits what is under way at once, by what it learns.

use super::outcomes::OutcomesFile;
use super::scope::{ScopeFile, scope_or_share};
use crate::model::spec::Scope;
use crate::policy::{ConcurrencyLimitConfig, LimitRule, Outcome, OutcomeSet, SampleWindow};
use crate::scenario::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::scenario::like::library_names;
use crate::scenario::read::{At, OrNone, file_enum, file_map};
use crate::scenario::value::{Count, Name};
use crate::time::SimDuration;
use crate::units::{Factor, Probability};

library_names! {
    /// A rule whose limit has a table.
    LimitLike = LIMITS;
}

file_map! {
    /// Limits what is under way at once, and finds out by itself how much that may be; who finds it
    /// full is turned away at once.
    ConcurrencyLimitFile {
        /// The library's rule that it is like: its settings stand in for the keys that are missing
        /// here.
        like: LimitLike, optional;
        /// How it learns.
        algorithm: LimitAlgorithmFile, required;
        /// The limit that it begins with [count]; Netflix: 20. By default the lowest, as in Envoy.
        initial: Count<1>, optional;
        /// The lowest limit [count]: below it nothing protects. AIMD, Gradient2: 20, Vegas: 1,
        /// Envoy: 3.
        min: Count<1>, default "1";
        /// The highest limit [count]; AIMD, Gradient2: 200, Vegas, Envoy: 1000.
        max: Count<1>, default "1000";
        /// Ends that say that there was too much: by default timeouts and rejections. They and useful
        /// ends are what it learns from.
        drops: At<OutcomesFile>, optional;
        /// Samples that are taken together; by default each counts for itself. `gradient` has a window of
        /// its own, `update_every`.
        window: At<OrNone<SampleWindowFile>>, optional;
        /// Who owns its state; all these libraries: `caller`.
        scope: ScopeFile, implied "caller";
        /// Limits with this name in one process are the same one.
        share: Name, optional;
        /// Whether it is there at all.
        enabled: bool, default "true";
    }
}

file_map! {
    /// Samples that are taken together: their mean, the most that were inside, whether one was a drop.
    SampleWindowFile {
        /// How long it is [duration]; it closes with the first sample that ends later.
        length: SimDuration, default "1s";
        /// With fewer samples it says nothing [count].
        min_samples: Count<1>, default "10";
        /// What is shorter is no sample [duration].
        min_latency: SimDuration, default "100us";
    }
}

file_enum! {
    /// How a concurrency limit learns.
    LimitAlgorithmFile {
        /// One more for each good sample while at least half of it is in use, a share of it for each
        /// drop.
        aimd = Aimd(At<AimdFile>);
        /// By how many seem to wait, from the lowest latency seen.
        vegas = Vegas(At<VegasFile>);
        /// By how the latency of now compares with that of long ago.
        gradient2 = Gradient2(At<Gradient2File>);
        /// By how latency compares with what it is when hardly anybody is inside, which is measured
        /// from time to time.
        gradient = Gradient(At<GradientFile>);
    }
}

file_map! {
    /// Netflix' `AIMDLimit`.
    AimdFile {
        /// What is left of the limit after a drop: from 50% to below 100%, as Netflix asks.
        backoff_ratio: Probability, default "90%";
        /// What takes longer is a drop [duration].
        timeout: SimDuration, default "5s";
    }
}

file_map! {
    /// Netflix' `VegasLimit`.
    VegasFile {
        /// How much of a new limit counts, more than 0%.
        smoothing: Probability, default "100%";
        /// The lowest latency is measured anew after this many samples per one of the limit, times a
        /// number drawn from 0.5 to 1.
        probe_multiplier: Count<1>, default "30";
    }
}

file_map! {
    /// Netflix' `Gradient2Limit`.
    Gradient2File {
        /// By how much it may grow while latency stays [count], before smoothing.
        queue: Count<0>, default "4";
        /// How many times the latency of long ago is no reason to shrink, at least 1.
        tolerance: Factor, default "1.5";
        /// How much of a new limit counts, more than 0%.
        smoothing: Probability, default "20%";
        /// Samples that the latency of long ago is a mean of [count].
        long_window: Count<1>, default "600";
    }
}

file_map! {
    /// Envoy's gradient controller.
    GradientFile {
        /// How often the limit is worked out [duration]; Envoy's examples: 100ms.
        update_every: SimDuration, default "100ms";
        /// Which share of the samples is no longer than the one that counts.
        percentile: Probability, default "50%";
        /// How often the lowest latency is measured, with only `min` inside [duration]; Envoy's
        /// examples: 60s.
        measure_every: SimDuration, default "60s";
        /// The largest part of that by which it is put off at random.
        jitter: Probability, default "15%";
        /// Samples that it takes [count].
        measure_samples: Count<1>, default "50";
        /// By which part the lowest latency may be exceeded.
        buffer: Factor, default "0.25";
    }
}

impl ConcurrencyLimitFile {
    /// Who owns its state.
    pub(super) fn scope(at: &At<Self>, found: &mut Diagnostics) -> Scope {
        scope_or_share(at, at.value.scope, at.value.share.as_ref(), found)
    }

    /// What it means; `None` after a mistake.
    pub(super) fn config(at: &At<Self>, found: &mut Diagnostics) -> Option<ConcurrencyLimitConfig> {
        let file = &at.value;
        let mistakes = file.mistakes(at);
        if !mistakes.is_empty() {
            let like = file.like.as_ref();
            let like = like.map_or_else(String::new, |it| format!(" (like {})", it.0));
            for (span, what, hint) in mistakes {
                let message = format!("`{}`{like} {what}", at.path);
                found.push(Diagnostic::error("concurrency-limit", span, message).hint(hint));
            }
            return None;
        }
        let window = file.window.as_ref().and_then(|it| it.value.0.as_ref());
        Some(ConcurrencyLimitConfig {
            rule: file.algorithm.rule(),
            initial: file.initial.unwrap_or(file.min).get(),
            min: file.min.get(),
            max: file.max.get(),
            drops: file
                .drops
                .as_ref()
                .map_or_else(usual_drops, |it| it.value.0),
            window: window.map(|it| SampleWindow {
                length: it.length,
                min_samples: it.min_samples.get(),
                min_latency: it.min_latency,
            }),
        })
    }

    /// What does not go together, where, and what to do about it.
    fn mistakes(&self, at: &At<Self>) -> Vec<(Span, String, &'static str)> {
        let mut found = Vec::new();
        let (min, max) = (self.min.get(), self.max.get());
        let initial = self.initial.unwrap_or(self.min).get();
        if min > max {
            let what = format!("has a lowest limit of {min} and a highest of {max}");
            found.push((at.span, what, "set both `min` and `max`"));
        } else if !(min..=max).contains(&initial) {
            let what = format!("begins with {initial}, which is not from {min} to {max}");
            found.push((at.span, what, "set `initial` as well"));
        }
        let drops = self.drops.as_ref();
        if let Some(drops) = drops.filter(|it| it.value.0.iter().any(Outcome::is_useful)) {
            let what = "takes a useful end for a sign that there was too much".to_owned();
            let hint = "name ends in `drops` that are not useful, such as `timeout` and `rejected`";
            found.push((drops.span, what, hint));
        }
        let window = self.window.as_ref().filter(|it| it.value.0.is_some());
        if let (Some(window), LimitAlgorithmFile::Gradient(_)) = (window, &self.algorithm) {
            let what = "takes samples together by `window`, but `gradient` does so by itself";
            let hint = "leave out `window`: `update_every` says how long samples are gathered";
            found.push((window.span, what.to_owned(), hint));
        }
        found.extend(self.algorithm.mistakes());
        found
    }
}

/// What says that there was too much, if nothing else is said.
fn usual_drops() -> OutcomeSet {
    let group = |name| OutcomeSet::named(name).unwrap_or_default();
    group("timeout").union(group("rejected"))
}

impl LimitAlgorithmFile {
    /// Settings with which the rule would never change, or could not be worked out.
    fn mistakes(&self) -> Vec<(Span, String, &'static str)> {
        let never = |smoothing: Probability, span| {
            let what = "has a `smoothing` of 0%, with which nothing is ever learned".to_owned();
            let is_zero = smoothing == Probability::ZERO;
            is_zero.then_some((span, what, "give `smoothing` more than 0%"))
        };
        let found = match self {
            Self::Aimd(at) => {
                let ratio = at.value.backoff_ratio.get();
                let is_off = !(0.5..1.0).contains(&ratio);
                let what = format!("keeps {}% of itself after a drop", ratio * 100.0);
                let hint = "give `backoff_ratio` at least 50% and less than 100%, as Netflix' does";
                [is_off.then_some((at.span, what, hint)), None]
            }
            Self::Vegas(at) => [never(at.value.smoothing, at.span), None],
            Self::Gradient2(at) => {
                let is_off = at.value.tolerance < Factor::ONE;
                let what = format!(
                    "has a `tolerance` of {}: it would shrink while latency is as ever",
                    at.value.tolerance.get()
                );
                let below = is_off.then_some((at.span, what, "give `tolerance` at least 1"));
                [never(at.value.smoothing, at.span), below]
            }
            Self::Gradient(at) => {
                let it = &at.value;
                let is_zero = it.update_every.is_zero() || it.measure_every.is_zero();
                let what = "works its limit out after no time".to_owned();
                let hint = "give `update_every` and `measure_every` a duration";
                [is_zero.then_some((at.span, what, hint)), None]
            }
        };
        found.into_iter().flatten().collect()
    }

    fn rule(&self) -> LimitRule {
        match self {
            Self::Aimd(At { value: it, .. }) => LimitRule::Aimd {
                backoff_ratio: it.backoff_ratio.get(),
                timeout: it.timeout,
            },
            Self::Vegas(At { value: it, .. }) => LimitRule::Vegas {
                smoothing: it.smoothing.get(),
                probe_multiplier: f64::from(it.probe_multiplier.get()),
            },
            Self::Gradient2(At { value: it, .. }) => LimitRule::Gradient2 {
                queue: f64::from(it.queue.get()),
                tolerance: it.tolerance.get(),
                smoothing: it.smoothing.get(),
                long_window: it.long_window.get(),
            },
            Self::Gradient(At { value: it, .. }) => LimitRule::Gradient {
                update_every: it.update_every,
                percentile: it.percentile.get(),
                measure_every: it.measure_every,
                jitter: it.jitter.get(),
                measure_samples: it.measure_samples.get(),
                buffer: it.buffer.get(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::{ConcurrencyLimitConfig, LimitRule};
    use crate::scenario::{Source, load_policies};

    fn read(settings: &str) -> Result<ConcurrencyLimitConfig, String> {
        let source = Source {
            name: "policy.yaml".to_owned(),
            text: format!("policies:\n  p:\n    - concurrency_limit: {{ {settings} }}\n"),
        };
        let policies = load_policies(&source, &[], &|_| Err(String::new()));
        let policies = policies.map_err(|found| found.to_string())?;
        let config = policies[0].layers[0].kind.concurrency_limit();
        Ok(config.expect("a concurrency limit").clone())
    }

    #[test]
    fn the_rules_are_those_of_the_libraries() {
        for (like, bounds, windowed) in [
            ("aimd", (20, 20, 200), false),
            ("vegas", (20, 1, 1000), false),
            ("gradient2", (20, 20, 200), true),
            ("envoy", (3, 3, 1000), false),
        ] {
            let config = read(&format!("like: {like}")).unwrap();
            assert_eq!((config.initial, config.min, config.max), bounds, "{like}");
            assert_eq!(config.window.is_some(), windowed, "{like}");
        }
        let slower = read("like: gradient2, algorithm: { gradient2: { smoothing: 10% } }").unwrap();
        let expected = LimitRule::Gradient2 {
            queue: 4.0,
            tolerance: 1.5,
            smoothing: 0.1,
            long_window: 600,
        };
        assert_eq!(slower.rule, expected);
    }

    #[test]
    fn what_does_not_go_together_is_refused_in_words() {
        for (settings, message, hint) in [
            (
                "like: gradient2, max: 10",
                "a lowest limit of 20 and a highest of 10",
                "set both `min` and `max`",
            ),
            (
                "like: gradient2, min: 30",
                "begins with 20, which is not from 30 to 200",
                "set `initial`",
            ),
            (
                "like: envoy, algorithm: { gradient: { update_every: 0s } }",
                "after no time",
                "a duration",
            ),
            (
                "like: aimd, algorithm: { aimd: { backoff_ratio: 100% } }",
                "keeps 100% of itself",
                "less than 100%",
            ),
            (
                "like: aimd, algorithm: { aimd: { backoff_ratio: 40% } }",
                "keeps 40% of itself",
                "at least 50%",
            ),
            (
                "like: vegas, algorithm: { vegas: { smoothing: 0% } }",
                "nothing is ever learned",
                "more than 0%",
            ),
            (
                "like: gradient2, algorithm: { gradient2: { smoothing: 0% } }",
                "nothing is ever learned",
                "more than 0%",
            ),
            (
                "like: gradient2, algorithm: { gradient2: { tolerance: 0.5 } }",
                "a `tolerance` of 0.5",
                "at least 1",
            ),
            (
                "like: envoy, window: { length: 1s }",
                "`gradient` does so by itself",
                "leave out `window`",
            ),
            (
                "like: aimd, drops: [ok]",
                "takes a useful end",
                "such as `timeout`",
            ),
            (
                "like: aimd, drops: [timeout, degraded]",
                "takes a useful end",
                "such as `timeout`",
            ),
            ("like: gradient", "did you mean", "gradient2"),
        ] {
            let said = read(settings).expect_err(settings);
            assert!(said.contains("3:") && said.contains(message), "{said}");
            assert!(said.contains(hint), "{said}");
        }
        assert!(read("min: 3").is_err());
        let several = "like: gradient2, min: 300, drops: [ok], algorithm: { gradient2: { smoothing: 0%, tolerance: 0 } }";
        let said = read(several).expect_err(several);
        assert_eq!(said.matches("error").count(), 4, "{said}");
    }
}
