//! Breakers that can never open, that can get stuck, or that are asked in vain.
//!
//! The commonest question about a breaker is why it did not open. Most answers are in the scenario
//! already: it counts over a window in which it never sees enough calls, or it forgets failures
//! before they arrive.

use super::Lint;
use super::load::Rates;
use super::rate_limit::hardly_acts;
use crate::id::LayerId;
use crate::model::spec::{Scope, TrafficSpec};
use crate::policy::{
    BreakerConfig, Condition, LateRule, Layer, Neutral, OnExpiry, Outcome, OutcomeSet, Permits,
    Window,
};
use crate::time::SimDuration;
use crate::traffic::Arrivals;
use crate::units::Probability;

impl Lint<'_> {
    pub(super) fn breakers(&mut self) {
        let rates = self.known_rates();
        for pipeline in self.model.pipelines.ids() {
            let layers: Vec<LayerId> = self.model.pipelines[pipeline].layers().collect();
            for (index, &layer) in layers.iter().enumerate() {
                let Layer::Breaker(config) = self.model.layers[layer].kind.clone() else {
                    continue;
                };
                let (outside, inside) = (&layers[..index], &layers[index + 1..]);
                self.shares_above_all(layer, &config);
                self.breaker_settings(layer, &config, outside, inside);
                self.failures_that_come_too_late(layer, &config, inside);
                self.minimum_out_of_reach(layer, &config, rates.as_ref());
                self.shares_of_a_lifetime(layer, &config);
                self.probes_without_end(layer, &config, outside, inside);
                self.retries_of_an_open_breaker(layer, outside);
                self.limits_that_count(layer, &config, inside, rates.as_ref());
            }
        }
    }

    /// More than 100 % never happens.
    fn shares_above_all(&mut self, layer: LayerId, config: &BreakerConfig) {
        let never = |it: &Condition| {
            matches!(it, Condition::FailureRate(share) | Condition::SlowRate(share)
                if share.comparator.needs_more() && share.threshold >= Probability::ONE)
        };
        if config.trip.conditions().iter().any(never) {
            let message = "a share is never above 100%, so this breaker never opens by it";
            let hint = "lower it, or write `comparator: at_least`";
            self.warn(
                "breaker-never-opens",
                self.layer_span(layer),
                message.to_owned(),
                hint,
            );
        }
    }

    /// gobreaker: a call that outlives the interval is of an older generation and never counts.
    fn failures_that_come_too_late(
        &mut self,
        layer: LayerId,
        config: &BreakerConfig,
        inside: &[LayerId],
    ) {
        let Window::Tumbling(every) = config.window else {
            return;
        };
        if config.late != LateRule::SameGeneration || every == SimDuration::MAX {
            return;
        }
        let timeouts = inside
            .iter()
            .filter_map(|&it| self.model.layers[it].kind.timeout()?.limit());
        let Some(patience) = timeouts.min().filter(|patience| *patience > every) else {
            return;
        };
        let message = format!(
            "timeouts can never open this breaker: they come after {patience}, and results of \
             calls that began before its window was emptied, every {every}, do not count"
        );
        let hint = "make `emptied_every` longer than the timeout, or the timeout shorter";
        self.warn("breaker-never-opens", self.layer_span(layer), message, hint);
    }

    /// A window of time in which there are hardly as many calls as the rule needs.
    fn minimum_out_of_reach(
        &mut self,
        layer: LayerId,
        config: &BreakerConfig,
        rates: Option<&Rates>,
    ) {
        let span = match config.window {
            Window::Rolling(rolling) => rolling.span,
            Window::Tumbling(every) if every < SimDuration::MAX => every,
            Window::Average(span) => span,
            Window::Calls(_) | Window::Consecutive | Window::Tumbling(_) => return,
        };
        let minimum = config.trip.conditions().iter().filter_map(|it| match it {
            Condition::FailureRate(share) | Condition::SlowRate(share) => Some(share.minimum_calls),
            Condition::Failures {
                at_least,
                minimum_calls,
            } => Some(*at_least.max(minimum_calls)),
            Condition::ConsecutiveFailures(_) | Condition::Expression(_) => None,
        });
        // A run of failures opens it however few calls there are, and of an expression nobody knows.
        let by_other_means = config.trip.conditions().iter().any(|it| {
            matches!(
                it,
                Condition::ConsecutiveFailures(_) | Condition::Expression(_)
            )
        });
        let (Some(minimum), Some(rates), false) = (minimum.min(), rates, by_other_means) else {
            return;
        };
        let calls = self.calls_per_owner(layer, rates) * span.as_secs_f64();
        // The result that asks is in the window itself.
        if minimum <= 1 || calls <= 0.0 || calls >= f64::from(minimum) {
            return;
        }
        let message = format!(
            "each owner of this breaker sees about {calls:.1} calls in {span}, but nothing opens it \
             below {minimum}: without retries it hardly ever opens, and can from about {:.0} times \
             the load on",
            (f64::from(minimum) / calls).ceil()
        );
        let hint = "lower `minimum_calls` or `failures`, lengthen the window, or count the last so many \
                    calls";
        self.warn(
            "breaker-hardly-opens",
            self.layer_span(layer),
            message,
            hint,
        );
    }

    /// A share over all calls since the breaker last closed: the longer all was well, the more
    /// failures it takes.
    fn shares_of_a_lifetime(&mut self, layer: LayerId, config: &BreakerConfig) {
        let by_share =
            |it: &Condition| matches!(it, Condition::FailureRate(_) | Condition::SlowRate(_));
        let for_ever = config.window == Window::Tumbling(SimDuration::MAX);
        if !for_ever || !config.trip.conditions().iter().any(by_share) {
            return;
        }
        let message = "its window is never emptied, so its share is that of all calls since it last \
                       closed: the longer all was well, the later it opens";
        let hint = "empty it now and then, as in `window: { emptied_every: 10s }`, or count over a \
                    window of time or calls";
        let span = self.layer_span(layer);
        self.warn("breaker-never-forgets", span, message.to_owned(), hint);
    }

    /// Calls per second that one owner of the layer sees.
    pub(super) fn calls_per_owner(&self, layer: LayerId, rates: &Rates) -> f64 {
        let spec = &self.model.layers[layer];
        let pipeline = &self.model.pipelines[spec.pipeline];
        let sites = self.model.sites.iter().zip(&rates.sites);
        let of_this = sites.filter(|(site, _)| site.pipeline == spec.pipeline);
        let total = of_this.fold(0.0, |sum, (_, rate)| sum + rate);
        let processes = f64::from(self.model.processes(pipeline.callers).1);
        let instances = f64::from(self.model.services[pipeline.target].instances);
        match spec.scope {
            Scope::Shared => total,
            Scope::Caller | Scope::Named(_) => total / processes,
            Scope::TargetInstance => total / processes / instances,
        }
    }

    /// The rates of calls, if all clients have one that is known beforehand.
    pub(super) fn known_rates(&self) -> Option<Rates> {
        let known = |traffic: &TrafficSpec| {
            matches!(
                traffic,
                TrafficSpec::Arrivals(Arrivals::Poisson { .. } | Arrivals::Constant { .. })
            )
        };
        let mut clients = self.model.clients.iter();
        clients
            .all(|client| known(&client.traffic))
            .then(|| self.rates())
    }

    /// A probe that never ends keeps a breaker half open for ever.
    fn probes_without_end(
        &mut self,
        layer: LayerId,
        config: &BreakerConfig,
        outside: &[LayerId],
        inside: &[LayerId],
    ) {
        let ends = |layers: &[LayerId], needs_cancel: bool| {
            let mut timeouts = layers
                .iter()
                .filter_map(|&it| self.model.layers[it].kind.timeout())
                .filter(|timeout| timeout.limit().is_some());
            timeouts.any(|timeout| !needs_cancel || timeout.on_expiry == OnExpiry::Cancel)
        };
        let limited = config.half_open.permits != Permits::Unlimited;
        let for_ever = config.half_open.max_wait == SimDuration::MAX;
        let keeps = config.outcomes.neutral == Neutral::Keep;
        let forgets = keeps && config.outcomes.ignored != OutcomeSet::EMPTY;
        let hedged = outside
            .iter()
            .any(|&it| self.model.layers[it].kind.hedge().is_some());
        let ends = ends(inside, false) || (ends(outside, true) && !keeps);
        if !limited || !for_ever || (ends && !forgets && !(keeps && hedged)) {
            return;
        }
        let message = if forgets {
            "a probe with a result that this breaker ignores keeps its permit and decides nothing: it \
             stays half open"
        } else if keeps {
            "a probe that its caller gives up would keep this breaker half open until an earlier call \
             has its result"
        } else {
            "a probe that never answers would keep this breaker half open for ever"
        };
        let hint = if forgets {
            "give it `half_open: { max_wait: 30s }`, or leave out `ignore`"
        } else {
            "put a `timeout` inside it, or give it `half_open: { max_wait: 30s }`"
        };
        self.warn(
            "breaker-may-wedge",
            self.layer_span(layer),
            message.to_owned(),
            hint,
        );
    }

    /// A rate limit inside: what it stops says nothing about the callee, and opens the breaker.
    fn limits_that_count(
        &mut self,
        layer: LayerId,
        config: &BreakerConfig,
        inside: &[LayerId],
        rates: Option<&Rates>,
    ) {
        let counted = config.outcomes.failures.minus(config.outcomes.ignored);
        if !counted.contains(Outcome::StoppedRateLimited) {
            return;
        }
        let acts = |id: &&LayerId| {
            let limit = self.model.layers[**id].kind.rate_limit();
            limit.is_some_and(|it| {
                !rates.is_some_and(|rates| hardly_acts(it, self.calls_per_owner(**id, rates)))
            })
        };
        let Some(&limit) = inside.iter().find(acts) else {
            return;
        };
        let message = format!(
            "`{}` stands inside this breaker, which counts what it stops as failures: the limit can \
             open it while the callee is well",
            self.model.layers[limit].name
        );
        let hint = "put the rate limit around the breaker, or add `ignore: stopped.rate_limited`";
        self.warn(
            "breaker-counts-limiter",
            self.layer_span(layer),
            message,
            hint,
        );
    }

    fn retries_of_an_open_breaker(&mut self, layer: LayerId, outside: &[LayerId]) {
        let asks_again = outside.iter().rev().find(|&&it| {
            matches!(&self.model.layers[it].kind, Layer::Retry(retry)
                if retry.max_attempts > 1 && retry.on.contains(Outcome::StoppedBreakerOpen))
        });
        let Some(&retry) = asks_again else {
            return;
        };
        let message = format!(
            "this retry asks the breaker `{}` again while it is open, and uses its attempts up",
            self.model.layers[layer].name
        );
        let hint = "add `not_on: stopped.breaker_open`, so that a call fails fast";
        self.warn(
            "retry-of-open-breaker",
            self.layer_span(retry),
            message,
            hint,
        );
    }
}
