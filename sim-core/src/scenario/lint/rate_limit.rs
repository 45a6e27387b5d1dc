//! Rate limits that have nothing to do at the rates of the scenario, and those below them.

use super::Lint;
use super::load::Rates;
use crate::id::LayerId;
use crate::policy::{RateLimitConfig, RateRule};
use crate::time::SimDuration;
use crate::units::rate;

/// Calls that come by chance hardly ever use up so many times their number.
const PLENTY: f64 = 10.0;

impl Lint<'_> {
    pub(super) fn rate_limits(&mut self) {
        let Some(rates) = self.known_rates() else {
            return;
        };
        let model = self.model;
        for (id, layer) in model.layers.iter_enumerated() {
            if let Some(config) = layer.kind.rate_limit() {
                self.limit_hardly_acts(id, config, &rates);
                self.limit_below_load(id, config, &rates);
            }
        }
    }

    /// Neither the rate nor what comes at once by chance gets near the limit.
    fn limit_hardly_acts(&mut self, id: LayerId, config: &RateLimitConfig, rates: &Rates) {
        let (calls, limit) = (self.calls_per_owner(id, rates), per_second(config));
        if hardly_acts(config, calls) {
            let message = format!(
                "each owner of this rate limit sees calls at about {}, and it lets in {}: it hardly \
                 ever acts",
                rate(calls),
                rate(limit)
            );
            let hint = "lower `permits`, lengthen the `period`, or leave it out";
            self.warn("rate-limit-hardly-acts", self.layer_span(id), message, hint);
        }
    }

    fn limit_below_load(&mut self, id: LayerId, config: &RateLimitConfig, rates: &Rates) {
        let (calls, limit) = (self.calls_per_owner(id, rates), per_second(config));
        if limit >= calls {
            return;
        }
        let so = if config.max_wait == SimDuration::MAX && config.max_waiting == u32::MAX {
            "those that wait become ever more".to_owned()
        } else {
            format!("it stops {:.0}% of them", (1.0 - limit / calls) * 100.0)
        };
        let message = format!(
            "each owner of this rate limit sees calls at about {}, but it lets in {}: {so} even \
             without faults",
            rate(calls),
            rate(limit)
        );
        let hint = "raise `permits`, or limit all owners together by `scope: shared`";
        self.warn("rate-limit-below-load", self.layer_span(id), message, hint);
    }
}

/// Whether it lets in many times the calls that come, and many at once.
pub(super) fn hardly_acts(config: &RateLimitConfig, calls_per_second: f64) -> bool {
    let saved = match config.rule {
        RateRule::TokenBucket { burst }
        | RateRule::SteppedBucket { burst }
        | RateRule::Gcra { burst } => burst,
        RateRule::FixedCycle | RateRule::SlidingWindow { .. } => config.permits,
    };
    f64::from(saved) >= PLENTY && per_second(config) >= PLENTY * calls_per_second
}

/// What it lets in, on average.
fn per_second(config: &RateLimitConfig) -> f64 {
    f64::from(config.permits) / config.period.as_secs_f64()
}
