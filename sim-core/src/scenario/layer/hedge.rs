//! `hedge`: the same call once more before the first has failed.

use super::outcomes::OutcomesFile;
use crate::policy::{HedgeConfig, HedgeDelay, Losers, OnFailure};
use crate::scenario::budget::{BudgetRef, Budgets};
use crate::scenario::diagnostic::{Diagnostic, Diagnostics};
use crate::scenario::file::distribution::DistFile;
use crate::scenario::like::{library_names, tries_taken};
use crate::scenario::read::{At, FileType, Reader, choices, file_map};
use crate::scenario::shape::Shape;
use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::{Count, Percentile};

library_names! {
    /// A library whose hedge has a table.
    HedgeLike = HEDGES;
}

file_map! {
    /// Begins the same call again before it has failed; the first useful answer wins.
    HedgeFile {
        /// The library whose hedge it is like: its settings stand in for the keys that are missing
        /// here.
        like: HedgeLike, optional;
        /// How long after the beginning of one pass the next begins; 0s: all at once. (Polly: 2s;
        /// gRPC has no default.)
        delay: HedgeDelayFile, required;
        /// Passes besides the first [count], at most (Polly: 1; gRPC: `maxAttempts` - 1, at most 4;
        /// Envoy: `num_retries`); 0: none.
        max_hedges: Count<0, 100>, default "1";
        /// Failures that leave the others their chance, where another answers at once (gRPC calls
        /// these fatal): by default all but `error.invalid`
        /// and `cancelled`, own choice: what is the caller's mistake will fail again.
        on: OutcomesFile, optional;
        /// What a failure does to the pass that is due.
        on_failure: OnFailureFile, default "wait";
        /// What becomes of the passes that lost.
        losers: LosersFile, default "cancel";
        /// Whether instances that were tried are left out while another is left.
        other_instance: bool, default "true";
        /// Which of `budgets` has to grant each pass besides the first, or one of its own; nobody, if
        /// absent or `none`. Once it
        /// refuses one, the call begins no other.
        budget: BudgetRef, optional;
        /// Whether it is there at all.
        enabled: bool, default "true";
    }
}

choices! {
    /// What a failure does to the pass that is due.
    OnFailureFile {
        /// Nothing: it begins when its delay is over (Finagle).
        wait = Wait;
        /// It begins at once (gRPC, Polly, Envoy).
        at_once = AtOnce;
    }
}

choices! {
    /// What becomes of the passes that lost.
    LosersFile {
        /// They are abandoned.
        cancel = Cancel;
        /// They run to their ends, and the call returns only then (Polly around work that does not
        /// heed its cancellation).
        r#await = Await;
        /// They run on unobserved, and keep what they hold (Finagle without interrupts).
        leave = Leave;
    }
}

/// A span, a distribution, or a percentile of what was seen.
#[derive(Clone, Debug)]
pub(in crate::scenario) enum HedgeDelayFile {
    /// Drawn for each.
    Drawn(DistFile),
    /// A percentile of recent latencies.
    Percentile(At<PercentileFile>),
}

file_map! {
    /// A percentile of the latencies of recent passes: of the last 30 s, in each process. The span
    /// is own choice: long enough for some hundred calls, short enough to follow a slow callee.
    PercentileFile {
        /// Which: above 0, below 100.
        percentile: Percentile, required;
        /// What holds while there are too few results; without it, there is no hedge until then.
        fallback: DistFile, optional;
        /// Results that make it believable [count]; own choice: below a hundred results a p99 is
        /// one of them.
        minimum_samples: Count<1>, default "100";
    }
}

impl FileType for HedgeDelayFile {
    fn shape() -> Shape {
        Shape::Either(vec![DistFile::shape, PercentileFile::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let is_percentile = matches!(&node.kind, Kind::Map(entries)
            if entries.iter().any(|entry| entry.key == "percentile"));
        if is_percentile {
            At::read(node, reader).map(Self::Percentile)
        } else {
            DistFile::read(node, reader).map(Self::Drawn)
        }
    }
}

impl HedgeFile {
    /// What it means; `None` after a mistake.
    pub(super) fn config(
        at: &At<Self>,
        budgets: &mut Budgets,
        found: &mut Diagnostics,
    ) -> Option<HedgeConfig> {
        let file = &at.value;
        debug_assert!(file.like.is_none_or(|it| !it.0.is_empty()), "put in");
        let budget = budgets.asked(file.budget.as_ref(), found).ok()?;
        let like = file.like.as_ref().map_or("", |it| it.0);
        let asked = file.max_hedges.get();
        let does = |most| format!("makes up to {most} besides the first");
        let max_hedges = tries_taken(asked, at, (like, "max_hedges"), does, found);
        Some(HedgeConfig {
            delay: file.delay.config(found)?,
            max_hedges,
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

    /// A layer that guards instances, of this name, has one permit for its pass, which moves with its
    /// attempts: it cannot be in several places.
    pub(in crate::scenario) fn refuse_inside(at: &At<Self>, guard: &str, found: &mut Diagnostics) {
        let message = format!(
            "`{}` goes to several instances at once, but `{guard}` around it guards one at a time",
            at.path
        );
        let hint = "put layers with `scope: target_instance` inside the hedge";
        found.push(Diagnostic::error("bad-hedge", at.span, message).hint(hint));
    }
}

impl HedgeDelayFile {
    fn config(&self, found: &mut Diagnostics) -> Option<HedgeDelay> {
        match self {
            Self::Drawn(delay) => Some(HedgeDelay::Fixed(delay.0.clone())),
            Self::Percentile(at) if at.value.percentile.0 >= 100.0 => {
                let message = format!(
                    "`{}.percentile` is 100, but nothing takes longer than the longest",
                    at.path
                );
                found.error("bad-value", at.span, message);
                None
            }
            Self::Percentile(at) => Some(HedgeDelay::Percentile {
                percentile: at.value.percentile.0,
                fallback: at.value.fallback.as_ref().map(|delay| delay.0.clone()),
                minimum_samples: at.value.minimum_samples.get(),
            }),
        }
    }
}
