//! `throttle`: a caller that is turned away often enough does not even ask.

use super::outcomes::OutcomesFile;
use super::scope::{ScopeFile, scope_or_share};
use crate::model::spec::Scope;
use crate::policy::{Outcome, OutcomeSet, ThrottleConfig, ThrottleRule};
use crate::scenario::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::scenario::like::library_names;
use crate::scenario::read::{At, file_enum, file_map};
use crate::scenario::value::{Count, Name};
use crate::time::SimDuration;
use crate::units::{Factor, Probability};

library_names! {
    /// A rule whose throttle has a table.
    ThrottleLike = THROTTLES;
}

file_map! {
    /// Stops a part of the calls where too few are accepted, drawn for each: `stopped.throttled`.
    ThrottleFile {
        /// The rule that it is like: its settings stand in for the keys that are missing here.
        like: ThrottleLike, optional;
        /// How large a part.
        algorithm: ThrottleAlgorithmFile, required;
        /// What is looked at [duration], in steps of a second; Google: 2m, Envoy: 30s.
        window: SimDuration, default "30s";
        /// Ends that are not accepted: by default what a breaker counts as failures. What is
        /// `cancelled` is not accepted either.
        failures: At<OutcomesFile>, optional;
        /// Who owns its state; Google, Envoy: `caller`.
        scope: ScopeFile, implied "caller";
        /// Throttles with this name in one process are the same one.
        share: Name, optional;
        /// Whether it is there at all.
        enabled: bool, default "true";
    }
}

file_enum! {
    /// Which part of the calls a throttle stops.
    ThrottleAlgorithmFile {
        /// What there is beyond `k` requests for each accepted one; those it stopped count as requests.
        sre = Sre(At<SreFile>);
        /// What there is beyond the rate of success wanted; only what it let through counts.
        envoy = Envoy(At<EnvoyFile>);
    }
}

file_map! {
    /// Google's client-side throttling (Site Reliability Engineering, chapter 21).
    SreFile {
        /// Requests for each that is accepted, up to which nothing is stopped.
        k: Factor, default "2";
    }
}

file_map! {
    /// Envoy's admission control filter.
    EnvoyFile {
        /// From this rate of success on nothing is stopped.
        success_rate: Probability, default "95%";
        /// At 1 the part grows in proportion, the more the sooner it is large. Envoy takes less than 1
        /// for 1.
        aggression: Factor, default "1";
        /// The largest part that is stopped.
        max: Probability, default "80%";
        /// With fewer requests per second in the window nothing is stopped [1/s].
        min_rate: Count<0>, default "0";
    }
}

impl ThrottleFile {
    /// Who owns its state.
    pub(super) fn scope(at: &At<Self>, found: &mut Diagnostics) -> Scope {
        scope_or_share(at, at.value.scope, at.value.share.as_ref(), found)
    }

    /// What it means; `None` after a mistake.
    pub(super) fn config(at: &At<Self>, found: &mut Diagnostics) -> Option<ThrottleConfig> {
        let file = &at.value;
        let mistakes = file.mistakes(at);
        if !mistakes.is_empty() {
            let like = file.like.as_ref();
            let like = like.map_or_else(String::new, |it| format!(" (like {})", it.0));
            for (span, what, hint) in mistakes {
                let message = format!("`{}`{like} {what}", at.path);
                found.push(Diagnostic::error("throttle", span, message).hint(hint));
            }
            return None;
        }
        file.warn(at, found);
        Some(ThrottleConfig {
            rule: match &file.algorithm {
                ThrottleAlgorithmFile::Sre(it) => ThrottleRule::Sre {
                    k: it.value.k.get(),
                },
                ThrottleAlgorithmFile::Envoy(At { value: it, .. }) => ThrottleRule::Envoy {
                    success_rate: it.success_rate.get(),
                    aggression: it.aggression.get().max(1.0),
                    max: it.max.get(),
                    min_rate: it.min_rate.get(),
                },
            },
            window: file.window,
            failures: file
                .failures
                .as_ref()
                .map_or_else(OutcomeSet::failures, |it| it.value.0),
        })
    }

    fn mistakes(&self, at: &At<Self>) -> Vec<(Span, &'static str, &'static str)> {
        let mut found = Vec::new();
        if self.window < SimDuration::from_secs(1) {
            let what = "looks at less than a second";
            found.push((at.span, what, "give `window` at least 1s"));
        }
        if self.scope == Some(ScopeFile::TargetInstance) {
            let what = "stops calls at random, which no other instance would help";
            found.push((at.span, what, "leave out `scope`, or write `scope: shared`"));
        }
        let failures = self.failures.as_ref();
        if let Some(failures) = failures.filter(|it| it.value.0.contains(Outcome::Ok)) {
            let what = "takes `ok`, a full answer, for one that is not accepted";
            let hint = "leave `ok` and `useful` out of `failures`";
            found.push((failures.span, what, hint));
        }
        if let ThrottleAlgorithmFile::Envoy(it) = &self.algorithm
            && it.value.success_rate == Probability::ZERO
        {
            let what = "wants no success at all";
            found.push((it.span, what, "give `success_rate` more than 0%"));
        }
        found
    }

    /// What its source takes, though it cannot have been meant.
    fn warn(&self, at: &At<Self>, found: &mut Diagnostics) {
        let (span, what, hint) = match &self.algorithm {
            ThrottleAlgorithmFile::Sre(it) if it.value.k < Factor::ONE => (
                it.span,
                format!(
                    "has a `k` of {}: even if all calls are accepted it stops some, and since those count \
                     as requests, ever more until nothing is let through",
                    it.value.k.get()
                ),
                "give `k` at least 1; Google: 2",
            ),
            ThrottleAlgorithmFile::Envoy(it) if it.value.aggression < Factor::ONE => (
                it.span,
                format!(
                    "has an `aggression` of {}, which Envoy takes for 1",
                    it.value.aggression.get()
                ),
                "give `aggression` at least 1",
            ),
            ThrottleAlgorithmFile::Sre(_) | ThrottleAlgorithmFile::Envoy(_) => return,
        };
        let message = format!("`{}` {what}", at.path);
        found.push(Diagnostic::warning("throttle-below-one", span, message).hint(hint));
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::{ThrottleConfig, ThrottleRule};
    use crate::scenario::{Source, load_policies};
    use crate::time::SimDuration;

    fn read(settings: &str) -> Result<ThrottleConfig, String> {
        let source = Source {
            name: "policy.yaml".to_owned(),
            text: format!("policies:\n  p:\n    - throttle: {{ {settings} }}\n"),
        };
        let policies = load_policies(&source, &[], &|_| Err(String::new()));
        let policies = policies.map_err(|found| found.to_string())?;
        let config = policies[0].layers[0].kind.throttle();
        Ok(config.expect("a throttle").clone())
    }

    #[test]
    fn the_rules_are_those_of_their_sources() {
        let sre = read("like: sre").unwrap();
        assert_eq!(sre.rule, ThrottleRule::Sre { k: 2.0 });
        assert_eq!(sre.window, SimDuration::from_secs(120));
        let envoy = read("like: envoy").unwrap();
        let expected = ThrottleRule::Envoy {
            success_rate: 0.95,
            aggression: 1.0,
            max: 0.8,
            min_rate: 0,
        };
        assert_eq!(
            (envoy.rule, envoy.window),
            (expected, SimDuration::from_secs(30))
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (settings, message) in [
            ("like: sre, window: 10ms", "less than a second"),
            (
                "like: sre, scope: target_instance",
                "no other instance would help",
            ),
            (
                "like: envoy, algorithm: { envoy: { success_rate: 0% } }",
                "no success at all",
            ),
            ("like: sre, failures: [ok]", "takes `ok`"),
            ("like: sre, failures: [useful, error]", "takes `ok`"),
            ("window: 10s", "algorithm"),
        ] {
            let said = read(settings).expect_err(settings);
            assert!(said.contains(message), "{said}");
        }
    }
}
