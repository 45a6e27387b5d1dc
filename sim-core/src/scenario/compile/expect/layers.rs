//! What the layers of a policy do: breakers that open, fallbacks that give old answers.

use super::{Compiler, Statement};
use crate::id::KeptId;
use crate::id::LayerId;
use crate::model::record::LimitedBy;
use crate::policy::Layer;
use crate::scenario::diagnostic::{Diagnostic, quoted};
use crate::scenario::expect::{Bound, Measure};
use crate::scenario::file::expect::{
    BreakerReactionFile, LimitFile, OfBreakers, PoolWaitFile, StalenessFile,
};
use crate::scenario::read::At;
use crate::scenario::value::Reference;

impl Compiler<'_> {
    pub(super) fn breaker_opens(&mut self, it: &OfBreakers, place: &At<()>) -> Option<Statement> {
        let (interval, bound, words) = self.when_and_bound(&it.window(), &it.bound(), place)?;
        let layers = self.breakers_of(&it.policy)?;
        let policy = &it.policy.value.0;
        let text = format!(
            "openings of breakers of {policy}{} {}",
            interval.words, words
        );
        let measure = Measure::BreakerOpens {
            layers,
            from: interval.from,
            until: interval.until,
        };
        Some((measure, bound, text.replacen(" is ", " are ", 1)))
    }

    pub(super) fn breaker_flaps(&mut self, it: &OfBreakers, place: &At<()>) -> Option<Statement> {
        let (interval, bound, words) = self.when_and_bound(&it.window(), &it.bound(), place)?;
        let layers = self.breakers_of(&it.policy)?;
        let policy = &it.policy.value.0;
        let text = format!(
            "openings of any one breaker of {policy} after it had closed{} {}",
            interval.words, words
        );
        let measure = Measure::BreakerFlaps {
            layers,
            from: interval.from,
            until: interval.until,
        };
        Some((measure, bound, text.replacen(" is ", " are ", 1)))
    }

    pub(super) fn limit(&mut self, it: &LimitFile, place: &At<()>) -> Option<Statement> {
        let (interval, bound, words) = self.when_and_bound(&it.window(), &it.bound(), place)?;
        let is_limit = |layer: &Layer| matches!(layer, Layer::ConcurrencyLimit(_));
        let (of, whose) = match (&it.service, &it.policy) {
            (Some(service), None) => {
                let id = self.find_service(service)?;
                if self.is_broken(id) {
                    return None;
                }
                let layers = self.spec.admission.iter_enumerated();
                let own = layers.filter(|(_, it)| it.service == id && is_limit(&it.kind));
                let of: Vec<LimitedBy> = own.map(|(id, _)| LimitedBy::Admission(id)).collect();
                (of, service)
            }
            (None, Some(policy)) => {
                let layers = self.layers_of(policy, "no concurrency limit", is_limit)?;
                (layers.into_iter().map(LimitedBy::Layer).collect(), policy)
            }
            (Some(_), Some(_)) | (None, None) => {
                let message = format!("`{}` needs one of `service` and `policy`", place.path);
                self.error("bad-value", place.span, message);
                return None;
            }
        };
        if of.is_empty() {
            let message = format!(
                "`{}` names {}, whose admission has no concurrency limit",
                whose.path,
                quoted(&whose.value.0)
            );
            self.error("bad-value", whose.span, message);
            return None;
        }
        let which = if it.lowest { "lowest" } else { "highest" };
        let text = format!(
            "{which} limit of {}{} {words}",
            whose.value.0, interval.words
        );
        let measure = Measure::Limit {
            of,
            lowest: it.lowest,
            from: interval.from,
            until: interval.until,
        };
        Some((measure, bound, text))
    }

    pub(super) fn breaker_reaction(&mut self, it: &BreakerReactionFile) -> Option<Statement> {
        let (layers, fault) = (self.breakers_of(&it.policy), self.find_fault(&it.to));
        let (layers, fault) = (layers?, fault?);
        let text = format!(
            "a breaker of {} opens within {} of the beginning of {}",
            it.policy.value.0, it.within, it.to.value.0
        );
        let bound = Bound::AtMost(it.within.as_ns_f64());
        Some((Measure::BreakerReaction { layers, fault }, bound, text))
    }

    pub(super) fn staleness(&mut self, it: &StalenessFile) -> Option<Statement> {
        let keeps = |layer: &Layer| matches!(layer, Layer::Fallback(config) if config.keeps());
        let layers = self.layers_of(&it.policy, "no fallback with `cached` answers", keeps)?;
        let percentile = it.percentile.0;
        let text = format!(
            "p{percentile} of the ages of kept answers of {} is at most {}",
            it.policy.value.0, it.at_most
        );
        let measure = Measure::Staleness { layers, percentile };
        Some((measure, Bound::AtMost(it.at_most.as_ns_f64()), text))
    }

    pub(super) fn pool_wait(&mut self, it: &PoolWaitFile) -> Option<Statement> {
        let name = it.pool.value.0.as_str();
        let of_pool = |id: &KeptId| self.spec.kept[*id].name == name;
        let kept: Vec<KeptId> = self.spec.kept.ids().filter(of_pool).collect();
        if kept.is_empty() {
            self.find_used_pool(&it.pool);
            return None;
        }
        let percentile = it.percentile.0;
        let text = format!(
            "p{percentile} of the waits for pool {name} is at most {}",
            it.at_most
        );
        let measure = Measure::PoolWait { kept, percentile };
        Some((measure, Bound::AtMost(it.at_most.as_ns_f64()), text))
    }

    fn breakers_of(&mut self, at: &At<Reference>) -> Option<Vec<LayerId>> {
        self.layers_of(at, "no circuit breaker", |layer| {
            matches!(layer, Layer::Breaker(_))
        })
    }

    /// The layers of a kind that a policy binds, one per pipeline; complains if there are none, unless
    /// they are but switched off: what is not there does nothing, and an expectation can say so.
    pub(super) fn layers_of(
        &mut self,
        at: &At<Reference>,
        none: &str,
        of_kind: fn(&Layer) -> bool,
    ) -> Option<Vec<LayerId>> {
        if !self.find_policy(at) {
            return None;
        }
        let policy = &at.value.0;
        let layers = self.spec.layers.iter_enumerated();
        let found: Vec<LayerId> = layers
            .filter(|(_, layer)| {
                of_kind(&layer.kind) && self.spec.pipelines[layer.pipeline].policy == *policy
            })
            .map(|(id, _)| id)
            .collect();
        let is_off = self
            .policies
            .get(policy)
            .is_some_and(|draft| draft.is_used && draft.off.iter().any(of_kind));
        if found.is_empty() && !is_off {
            let message = format!("`{}` names {}, which binds {none}", at.path, quoted(policy));
            let error = Diagnostic::error("bad-value", at.span, message);
            self.found.push_consequence(error);
            return None;
        }
        Some(found)
    }
}
