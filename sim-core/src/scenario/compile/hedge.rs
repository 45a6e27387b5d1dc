//! `hedge`: from what was written to a checked configuration.

use super::Compiler;
use super::pipeline::LayerDraft;
use crate::model::spec::Scope;
use crate::policy::{HedgeConfig, HedgeDelay, Losers, OnFailure};
use crate::scenario::file::hedge::{HedgeDelayFile, HedgeFile, LosersFile, OnFailureFile};
use crate::scenario::preset;
use crate::scenario::read::At;

impl Compiler<'_> {
    pub(super) fn hedge(&mut self, at: &At<HedgeFile>) -> Option<HedgeConfig> {
        let file = &at.value;
        debug_assert!(file.like.is_none_or(|it| !it.0.is_empty()), "laid under");
        let budget = self.budget_of(file.budget.as_ref()).ok()?;
        let like = file.like.as_ref().map_or("", |it| it.0);
        let most = preset::most_tries(like, "max_hedges").unwrap_or(u32::MAX);
        if file.max_hedges.get() > most {
            let what = format!("makes up to {most} besides the first");
            self.cut_tries(at.span, &at.path, &what, like);
        }
        Some(HedgeConfig {
            delay: self.hedge_delay(&file.delay)?,
            max_hedges: file.max_hedges.get().min(most),
            on: file.on.map_or_else(HedgeConfig::default_on, |on| on.0),
            on_failure: match file.on_failure {
                OnFailureFile::Wait => OnFailure::Wait,
                OnFailureFile::AtOnce => OnFailure::AtOnce,
            },
            losers: match file.losers {
                LosersFile::Cancel => Losers::Cancel,
                LosersFile::Await => Losers::Await,
                LosersFile::Leave => Losers::Leave,
            },
            other_instance: file.other_instance,
            budget,
        })
    }

    fn hedge_delay(&mut self, file: &HedgeDelayFile) -> Option<HedgeDelay> {
        match file {
            HedgeDelayFile::Drawn(delay) => Some(HedgeDelay::Fixed(delay.0.clone())),
            HedgeDelayFile::Percentile(at) if at.value.percentile.0 >= 100.0 => {
                let message = format!(
                    "`{}.percentile` is 100, but nothing takes longer than the longest",
                    at.path
                );
                self.error("bad-value", at.span, message);
                None
            }
            HedgeDelayFile::Percentile(at) => Some(HedgeDelay::Percentile {
                percentile: at.value.percentile.0,
                fallback: at.value.fallback.as_ref().map(|delay| delay.0.clone()),
                minimum_samples: at.value.minimum_samples.get(),
            }),
        }
    }

    /// A layer that guards instances has one permit for its pass, which moves with its attempts: it
    /// cannot be in several places.
    pub(super) fn check_around_hedge(&mut self, at: &At<HedgeFile>, around: &[LayerDraft]) {
        let guard = around
            .iter()
            .find(|layer| layer.scope == Scope::TargetInstance);
        if let Some(guard) = guard {
            let message = format!(
                "`{}` goes to several instances at once, but `{}` around it guards one at a time",
                at.path, guard.name
            );
            let hint = "put layers with `scope: target_instance` inside the hedge";
            let diagnostic =
                crate::scenario::diagnostic::Diagnostic::error("bad-hedge", at.span, message);
            self.found.push(diagnostic.hint(hint));
        }
    }
}
