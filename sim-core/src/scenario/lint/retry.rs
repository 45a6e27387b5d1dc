//! Settings of a retry that can do nothing beside its others.
//!
//! A key that is read and then has no effect is worse than one that is refused: its author goes on
//! believing in it. Each check here is about two settings that leave no room for each other.

use super::Lint;
use crate::id::{LayerId, PipelineId};
use crate::policy::{Backoff, Layer, Outcome, OutcomeSet, Overshoot, RetryConfig};
use crate::time::SimDuration;

impl Lint<'_> {
    pub(super) fn retries(&mut self) {
        for (id, layer) in self.model.layers.iter_enumerated() {
            let Some(retry) = layer.kind.retry().filter(|it| it.max_attempts > 1) else {
                continue;
            };
            self.retry_of_nothing(id, retry);
            self.backoff_after_what_is_not_retried(id, retry);
            self.backoff_without_a_say(id, retry);
            self.retry_at_one_instance(id, retry);
        }
        for pipeline in self.model.pipelines.ids() {
            self.waits_longer_than_the_timeout(pipeline);
            self.timeouts_that_come_too_late_to_retry(pipeline);
            self.timeouts_that_end_the_retry(pipeline);
        }
    }

    /// No outcome is tried again, or no wait is begun.
    fn retry_of_nothing(&mut self, id: LayerId, retry: &RetryConfig) {
        if retry.on == OutcomeSet::EMPTY {
            let message = "`not_on` takes away all that `on` names: this retry never acts";
            let hint = "name what is to be tried again in `on` alone";
            let span = self.layer_span(id);
            self.warn("retry-never-acts", span, message.to_owned(), hint);
            return;
        }
        let least = least_wait(retry);
        let never_begun = match retry.overshoot {
            Overshoot::Allow => retry.max_elapsed.is_zero(),
            Overshoot::Refuse => least >= retry.max_elapsed,
        };
        if never_begun {
            let message = format!(
                "the first wait is at least {least}, and `max_elapsed` is {}: this retry never acts",
                retry.max_elapsed
            );
            let hint = "raise `max_elapsed`, shorten the backoff, or write `overshoot: allow`";
            self.warn("retry-never-acts", self.layer_span(id), message, hint);
        }
    }

    /// A backoff of its own for outcomes that end the retry.
    fn backoff_after_what_is_not_retried(&mut self, id: LayerId, retry: &RetryConfig) {
        let Some(after) = &retry.after else { return };
        let outside = outside_of(after.on, retry.on);
        if outside == OutcomeSet::EMPTY {
            return;
        }
        let names: Vec<&str> = outside.iter().map(Outcome::name).collect();
        let message = format!(
            "`backoff_after` waits after {}, which this retry does not try again",
            names.join(", ")
        );
        let hint = "name them in the `on` of the retry too, or leave them out of `backoff_after`";
        self.warn("backoff-never-acts", self.layer_span(id), message, hint);
    }

    /// A backoff whose growth, or all of it, is cut away by other settings.
    fn backoff_without_a_say(&mut self, id: LayerId, retry: &RetryConfig) {
        let span = self.layer_span(id);
        if retry.first_at_once && retry.max_attempts == 2 && retry.backoff != Backoff::None {
            let message = "the only retry follows at once, so its backoff never acts";
            let hint = "allow more tries, or leave out `first_at_once`";
            self.warn("backoff-never-acts", span, message.to_owned(), hint);
            return;
        }
        let Some((initial, max)) = limits(&retry.backoff) else {
            return;
        };
        let (message, hint) = if max < initial {
            (
                format!("the `max` of {max} is below the first wait of {initial}: it never grows"),
                "raise `max`, or write `backoff: { constant: … }`",
            )
        } else if !retry.min_wait.is_zero() && max <= retry.min_wait {
            (
                format!(
                    "no wait is below {}, and none of the backoff above {max}: all are the same",
                    retry.min_wait
                ),
                "raise `max`, or lower `min_wait`",
            )
        } else {
            return;
        };
        self.warn("backoff-never-acts", span, message, hint);
    }

    fn retry_at_one_instance(&mut self, id: LayerId, retry: &RetryConfig) {
        let pipeline = self.model.layers[id].pipeline;
        let service = &self.model.services[self.model.pipelines[pipeline].target];
        if !retry.other_instance || service.instances > 1 {
            return;
        }
        let message = format!(
            "`{}` has one instance: `other_instance` has none to go to",
            service.name
        );
        let hint = "leave out `other_instance`, or add instances";
        self.warn("retry-one-instance", self.layer_span(id), message, hint);
    }

    /// A timeout around a retry is over before its first wait is.
    fn waits_longer_than_the_timeout(&mut self, pipeline: PipelineId) {
        let mut limit = SimDuration::MAX;
        for id in self.model.pipelines[pipeline].layers() {
            let kind = &self.model.layers[id].kind;
            if let Some(timeout) = kind.timeout() {
                limit = limit.min(timeout.after);
            }
            let Some(retry) = kind.retry().filter(|it| it.max_attempts > 1) else {
                continue;
            };
            let least = least_wait(retry);
            if least >= limit {
                let message = format!(
                    "this retry waits at least {least}, but the timeout around it gives up after \
                     {limit}: it never acts"
                );
                let hint = "shorten the backoff, raise the timeout, or put it inside the retry";
                self.warn("retry-never-acts", self.layer_span(id), message, hint);
            }
        }
    }

    /// A try that times out has used up the time in which another may begin.
    fn timeouts_that_come_too_late_to_retry(&mut self, pipeline: PipelineId) {
        let layers: Vec<LayerId> = self.model.pipelines[pipeline].layers().collect();
        for (index, &id) in layers.iter().enumerate() {
            let Layer::Retry(retry) = &self.model.layers[id].kind else {
                continue;
            };
            let inside = layers[index + 1..].iter();
            let timeouts = inside.filter_map(|&it| self.model.layers[it].kind.timeout()?.limit());
            let Some(patience) = timeouts.min() else {
                continue;
            };
            let retries = retry.max_attempts > 1 && retry.on.contains(Outcome::TimeoutResponse);
            if !retries || retry.max_elapsed.is_zero() || patience < retry.max_elapsed {
                continue;
            }
            let message = format!(
                "a try gives up after {patience}, when `max_elapsed` of {} is over: timeouts are \
                 never tried again",
                retry.max_elapsed
            );
            let hint = "raise `max_elapsed`, or lower the timeout inside";
            self.warn("timeout-never-retried", self.layer_span(id), message, hint);
        }
    }

    /// Timeouts are to be tried again, but the only one is around the retry: it ends that too.
    fn timeouts_that_end_the_retry(&mut self, pipeline: PipelineId) {
        let layers: Vec<LayerId> = self.model.pipelines[pipeline].layers().collect();
        let after = |&id: &LayerId| self.model.layers[id].kind.timeout()?.limit();
        for (index, &id) in layers.iter().enumerate() {
            let Some(retry) = self.model.layers[id].kind.retry() else {
                continue;
            };
            let retries = retry.max_attempts > 1 && retry.on.contains(Outcome::TimeoutResponse);
            let (outside, inside) = (&layers[..index], &layers[index + 1..]);
            let limit = outside.iter().filter_map(after).min();
            let own = inside
                .iter()
                .filter_map(after)
                .any(|it| it < SimDuration::MAX);
            let Some(limit) = limit.filter(|_| retries && !own) else {
                continue;
            };
            let message = format!(
                "the only timeout is around this retry and ends it after {limit}: a try that hangs is \
                 never tried again"
            );
            let hint = "put a `timeout` inside the retry, for each try";
            self.warn("timeout-never-retried", self.layer_span(id), message, hint);
        }
    }
}

/// The least that the first wait can be.
fn least_wait(retry: &RetryConfig) -> SimDuration {
    let least = |retry: &RetryConfig| retry.delay_ranges(1).first().map(|range| range.least);
    let usual = least(retry).unwrap_or_default();
    let other = retry.after_others().and_then(|other| least(&other));
    other.map_or(usual, |other| other.min(usual))
}

/// The first delay and the limit of a backoff that has them.
fn limits(backoff: &Backoff) -> Option<(SimDuration, SimDuration)> {
    match backoff {
        Backoff::Linear { initial, max, .. }
        | Backoff::Exponential { initial, max, .. }
        | Backoff::Fibonacci { initial, max } => Some((*initial, *max)),
        Backoff::None | Backoff::Constant(_) | Backoff::List(_) => None,
    }
}

/// What is named and not retried. Whoever names a whole group means those of it that are.
fn outside_of(named: OutcomeSet, retried: OutcomeSet) -> OutcomeSet {
    let groups = ["error", "timeout", "rejected", "stopped"];
    let groups = groups.iter().filter_map(|group| OutcomeSet::named(group));
    let whole = groups.filter(|group| {
        let is_named = group.minus(named) == OutcomeSet::EMPTY;
        is_named && group.minus(retried) != *group
    });
    let meant = whole.fold(OutcomeSet::EMPTY, OutcomeSet::union);
    named.minus(retried).minus(meant)
}
