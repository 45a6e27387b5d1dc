//! `policies`: lists of layers, outermost first; what is written for each layer, and what it means.
//!
//! A layer has a file of its own, or a folder if that were long: its keys with their meaning and
//! defaults (`file`), from which schema and reference are printed as well, and what they come to
//! together (`compile`), as a checked configuration or a mistake in words. What several layers say in
//! the same way has a file too: `outcomes`, `scope`. Whatever looks at all layers of a policy together
//! is none of these files' concern.

mod admitted;
mod balance;
mod breaker;
mod bulkhead;
mod fallback;
mod hedge;
mod limit;
mod outcomes;
mod rate_limit;
mod retry;
mod scope;
mod shed;
mod throttle;
mod timeout;

pub(super) use balance::{Balance, BalanceFile};
pub(super) use fallback::FallbackCallFile;
pub(super) use hedge::HedgeFile;
pub(super) use outcomes::{OutcomeName, OutcomesFile};
pub(super) use retry::BackoffFile;

pub(in crate::scenario) use admitted::PerFile;
use admitted::{Admissible, Admitted};

use super::budget::Budgets;
use super::diagnostic::{Diagnostics, display_safe};
use super::like::library_names;
use super::preset;
use super::read::{At, Boxed, FileType, Reader, file_enum, file_map};
use super::shape::Shape;
use super::tree::{Kind, Node};
use super::value::{Name, Problem};
use crate::model::spec::{Per, Scope};
use crate::policy::Layer;
use breaker::BreakerFile;
use bulkhead::BulkheadFile;
use fallback::FallbackFile;
use limit::ConcurrencyLimitFile;
use rate_limit::RateLimitFile;
use retry::RetryFile;
use shed::ShedFile;
use throttle::ThrottleFile;
use timeout::TimeoutFile;

file_enum! {
    /// A layer of a policy.
    LayerFile {
        /// Gives up waiting.
        timeout = Timeout(At<TimeoutFile>);
        /// Tries again.
        retry = Retry(Boxed<At<RetryFile>>);
        /// Stops calling what keeps failing.
        circuit_breaker = CircuitBreaker(Boxed<At<BreakerFile>>);
        /// Limits what is under way at once.
        bulkhead = Bulkhead(At<BulkheadFile>);
        /// Lets in so many in so much time.
        rate_limit = RateLimit(Boxed<At<RateLimitFile>>);
        /// Limits what is under way at once, and finds out by itself how much that may be.
        concurrency_limit = ConcurrencyLimit(Boxed<At<ConcurrencyLimitFile>>);
        /// Stops a part of the calls where too few are accepted.
        throttle = Throttle(Boxed<At<ThrottleFile>>);
        /// Answers in the place of a failure.
        fallback = Fallback(FallbackFile<PolicyRef>);
        /// Begins the same call again before it has failed.
        hedge = Hedge(At<HedgeFile>);
        /// Chooses an instance, instead of the service's way.
        balance = Balance(BalanceFile);
    }
}

impl Admissible for RateLimitFile {
    const NAME: &'static str = "AdmissionRateLimitFile";
    const KEYED: bool = true;
}

impl Admissible for BulkheadFile {
    const NAME: &'static str = "AdmissionBulkheadFile";
    const KEYED: bool = true;
}

impl Admissible for ConcurrencyLimitFile {
    const NAME: &'static str = "AdmissionConcurrencyLimitFile";
    const KEYED: bool = false;
}

impl Admissible for ShedFile {
    const NAME: &'static str = "ShedFile";
    const KEYED: bool = false;
    const SHARED: bool = false;
}

file_enum! {
    /// A layer through which calls come into a service.
    AdmissionFile {
        /// Lets in so many in so much time; the others are `rejected.rate_limited`.
        rate_limit = RateLimit(Boxed<Admitted<RateLimitFile>>);
        /// Limits how many are in at once, waiting or at work; the others are `rejected.shed`.
        bulkhead = Bulkhead(Admitted<BulkheadFile>);
        /// Limits how many are in at once, and finds out by itself how many that may be; the others
        /// are `rejected.shed`.
        concurrency_limit = ConcurrencyLimit(Boxed<Admitted<ConcurrencyLimitFile>>);
        /// Refuses a part while there is much load, with `rejected.shed`.
        shed = Shed(Boxed<Admitted<ShedFile>>);
    }
}

/// A layer of `admission`, checked.
pub(super) struct AdmissionDraft {
    /// Whether it is there at all.
    pub(super) enabled: bool,
    pub(super) shared: bool,
    pub(super) per: Option<Per>,
    pub(super) kind: Layer,
}

impl AdmissionFile {
    /// What it means; `None` after a mistake.
    pub(super) fn draft(&self, found: &mut Diagnostics) -> Option<AdmissionDraft> {
        let (enabled, shared, per, kind) = match self {
            Self::RateLimit(it) => {
                let config = RateLimitFile::config(&it.0.guard, found)?;
                let enabled = it.0.guard.value.enabled;
                (enabled, it.0.shared, it.0.per, Layer::RateLimit(config))
            }
            Self::Bulkhead(it) => {
                let config = it.guard.value.config();
                let enabled = it.guard.value.enabled;
                (enabled, it.shared, it.per, Layer::Bulkhead(config))
            }
            Self::ConcurrencyLimit(it) => {
                let config = ConcurrencyLimitFile::config(&it.0.guard, found)?;
                let enabled = it.0.guard.value.enabled;
                let kind = Layer::ConcurrencyLimit(config);
                (enabled, it.0.shared, it.0.per, kind)
            }
            Self::Shed(it) => {
                let config = ShedFile::config(&it.0.guard, found)?;
                let enabled = it.0.guard.value.enabled;
                (enabled, it.0.shared, it.0.per, Layer::Shed(config))
            }
        };
        Some(AdmissionDraft {
            enabled,
            shared,
            per: per.map(Per::from),
            kind,
        })
    }
}

impl LayerFile {
    /// Who owns its state, and what it does; `None` after a mistake, and for what is no layer.
    pub(super) fn config(
        &self,
        budgets: &mut Budgets,
        found: &mut Diagnostics,
    ) -> Option<(Scope, Layer)> {
        Some(match self {
            Self::Timeout(it) => {
                let config = TimeoutFile::config(it, found)?;
                (Scope::Caller, Layer::Timeout(config))
            }
            Self::Retry(it) => {
                let config = RetryFile::config(&it.0, budgets, found)?;
                (Scope::Caller, Layer::Retry(config))
            }
            Self::CircuitBreaker(it) => {
                let config = BreakerFile::config(&it.0, found)?;
                (it.0.value.scope.into(), Layer::Breaker(config))
            }
            Self::Bulkhead(it) => {
                let scope = BulkheadFile::scope(it, found);
                (scope, Layer::Bulkhead(it.value.config()))
            }
            Self::RateLimit(it) => {
                let scope = RateLimitFile::scope(&it.0, found);
                let config = RateLimitFile::config(&it.0, found)?;
                (scope, Layer::RateLimit(config))
            }
            Self::ConcurrencyLimit(it) => {
                let scope = ConcurrencyLimitFile::scope(&it.0, found);
                let config = ConcurrencyLimitFile::config(&it.0, found)?;
                (scope, Layer::ConcurrencyLimit(config))
            }
            Self::Throttle(it) => {
                let scope = ThrottleFile::scope(&it.0, found);
                let config = ThrottleFile::config(&it.0, found)?;
                (scope, Layer::Throttle(config))
            }
            Self::Fallback(it) => (Scope::Caller, Layer::Fallback(it.config())),
            Self::Hedge(it) => {
                let config = HedgeFile::config(it, budgets, found)?;
                (Scope::Caller, Layer::Hedge(config))
            }
            Self::Balance(_) => return None,
        })
    }

    /// Whether it is there at all. A fallback that is switched off still is, so that a change can turn
    /// it on.
    pub(super) fn is_enabled(&self) -> bool {
        match self {
            Self::Timeout(it) => it.value.enabled,
            Self::Retry(it) => it.0.value.enabled,
            Self::CircuitBreaker(it) => it.0.value.enabled,
            Self::Bulkhead(it) => it.value.enabled,
            Self::RateLimit(it) => it.0.value.enabled,
            Self::ConcurrencyLimit(it) => it.0.value.enabled,
            Self::Throttle(it) => it.0.value.enabled,
            Self::Hedge(it) => it.value.enabled,
            Self::Fallback(_) | Self::Balance(_) => true,
        }
    }
}

/// A policy: its layers, outermost first.
pub(in crate::scenario) type PolicyFile = Vec<At<LayerFile>>;

/// A policy by its name, or written in its place.
#[derive(Clone, Debug)]
pub(in crate::scenario) enum PolicyRef {
    /// One of `policies`.
    Named(At<Name>),
    /// Layers of its own.
    Inline(At<PolicyFile>),
}

impl FileType for PolicyRef {
    fn shape() -> Shape {
        Shape::Either(vec![
            At::<Name>::shape,
            At::<PolicyFile>::shape,
            PolicyLikeFile::shape,
        ])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.kind {
            Kind::List(_) => At::read(node, reader).map(Self::Inline),
            Kind::Scalar { .. } => At::read(node, reader).map(Self::Named),
            Kind::Map(_) => unknown_pipeline(node, reader),
        }
    }
}

/// A policy with a name.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct NamedPolicyFile(pub(in crate::scenario) PolicyFile);

impl FileType for NamedPolicyFile {
    fn shape() -> Shape {
        Shape::Either(vec![PolicyFile::shape, PolicyLikeFile::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.kind {
            Kind::Map(_) => unknown_pipeline(node, reader),
            Kind::List(_) | Kind::Scalar { .. } => PolicyFile::read(node, reader).map(Self),
        }
    }
}

library_names! {
    /// A library whose pipeline has a table.
    PipelineLike = PIPELINES;
}

file_map! {
    /// All layers of a library, in its default order.
    PolicyLikeFile {
        /// The library.
        like: PipelineLike, required;
    }
}

/// A pipeline that there is has been spelled out before anything is read; what is left is a mistake.
fn unknown_pipeline<T>(node: &Node, reader: &mut Reader) -> Option<T> {
    let Kind::Map(entries) = &node.kind else {
        return None;
    };
    let Some(like) = node.get("like") else {
        let problem = Problem::new("the name of a policy or a list of layers is needed here");
        let layers = LayerFile::shape().keys();
        let is_layer = entries
            .first()
            .filter(|it| layers.contains(&it.key.as_str()));
        return reader.refuse(
            node,
            match is_layer {
                Some(first) => problem.hint(format!(
                    "write its layers as a list, outermost first: `[{{ {}: … }}]`",
                    first.key
                )),
                None => problem,
            },
        );
    };
    if let Some(layers) = layers_without_pipeline(like) {
        let problem = Problem::new("that library has no pipeline here");
        return reader.under("like", |reader| reader.refuse(like, problem.hint(layers)));
    }
    let Some(other) = entries.iter().find(|entry| entry.key != "like") else {
        let known = PolicyLikeFile::read(node, reader)?.like;
        debug_assert!(
            known.0.is_empty(),
            "a pipeline that there is, is spelled out"
        );
        return None;
    };
    reader.under("like", |reader| PipelineLike::read(like, reader))?;
    let problem = Problem::new(format!(
        "a whole pipeline cannot be overridden, and `{}` stands beside `like`",
        display_safe(&other.key)
    ));
    let hint = "write the list of its layers, which `squall validate --expand` prints for `like` \
                alone, and change that";
    reader.refuse(node, problem.hint(hint))
}

/// For a library of which there are tables of layers, but none of a pipeline: how to write those.
fn layers_without_pipeline(like: &Node) -> Option<String> {
    let Kind::Scalar { text, .. } = &like.kind else {
        return None;
    };
    if preset::pipeline_presets().iter().any(|it| it.name == text) {
        return None;
    }
    let kinds = preset::layer_presets().iter();
    let with_it = kinds.filter(|kind| kind.presets.iter().any(|it| it.name == text));
    let layers: Vec<String> = with_it
        .map(|kind| format!("`{}: {{ like: {text} }}`", kind.layer))
        .collect();
    (!layers.is_empty()).then(|| format!("write a list of layers, such as {}", layers.join(", ")))
}
