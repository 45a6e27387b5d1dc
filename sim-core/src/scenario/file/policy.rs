//! `policies`: lists of layers, outermost first.

use super::breaker::BreakerFile;
use super::hedge::HedgeFile;
use super::like::{BulkheadLike, PipelineLike, TimeoutLike};
use super::retry::RetryFile;
use crate::policy::OutcomeSet;
use crate::policy::said::meaning_of;
use crate::scenario::diagnostic::{display_safe, nearest};
use crate::scenario::preset;
use crate::scenario::rate_limit::RateLimitFile;
use crate::scenario::read::{
    At, Boxed, FileType, Limit, MapReader, Reader, choices, field_presence, field_read, field_type,
    file_arm, file_enum, file_map,
};
use crate::scenario::shape::{MapShape, ScalarJson, Shape};
use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::{Count, Name, Problem, Reference, ScalarType};
use crate::time::SimDuration;

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
        /// Answers in the place of a failure.
        fallback = Fallback(FallbackFile);
        /// Begins the same call again before it has failed.
        hedge = Hedge(At<HedgeFile>);
        /// Chooses an instance, instead of the service's way.
        balance = Balance(BalanceFile);
    }
}

file_map! {
    /// Gives up waiting; its place decides whether it limits an attempt or the whole call.
    TimeoutFile short after {
        /// The library whose timeout it is like: its settings stand in for the keys that are missing
        /// here.
        like: TimeoutLike, optional;
        /// How long it waits (needed unless `like` or `connect` is given); resilience4j and Hystrix: 1s,
        /// opossum: 10s, Envoy: 15s, Polly: 30s.
        after: SimDuration, optional;
        /// What becomes of the attempt: abandoned (Polly, Envoy, gRPC), or left to run on
        /// (resilience4j, opossum).
        on_expiry: OnExpiryFile, default "cancel";
        /// Whether the attempt carries the deadline to the callee: gRPC does, the others here do not.
        propagate: bool, default "false";
        /// How long an attempt may take to connect; then it ends as `timeout.connect`. It acts where
        /// the instance cannot be reached: a partition of requests, or a crash with `callers_see:
        /// unreachable`. Without it, such an attempt waits for `after`; alone it limits nothing else.
        /// (Envoy: 5s.)
        connect: SimDuration, optional;
        /// Whether it is there at all.
        enabled: bool, default "true";
    }
}

choices! {
    /// What becomes of what was given up.
    OnExpiryFile {
        /// It is abandoned.
        cancel = Cancel;
        /// It runs on and keeps what it holds; its result comes too late.
        detach = Detach;
    }
}

/// Outcomes or groups of outcomes, by name.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct OutcomesFile(pub(in crate::scenario) OutcomeSet);

/// One outcome or group of outcomes.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct OutcomeName(pub(in crate::scenario) OutcomeSet);

impl ScalarType for OutcomeName {
    const WHAT: &'static str = "an outcome such as `timeout` or `error.unavailable`";

    fn json() -> ScalarJson {
        ScalarJson::Text(r"^[a-z_]+(\.[a-z_]+)?$")
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        if let Some(set) = OutcomeSet::named(text) {
            return Ok(Self(set));
        }
        let problem = Problem::new("there is no such outcome");
        if let Some(meaning) = meaning_of(text) {
            return Err(problem.hint(meaning));
        }
        let names = OutcomeSet::names();
        let by_last_part = || {
            names
                .iter()
                .copied()
                .find(|name| name.ends_with(&format!(".{text}")))
        };
        match by_last_part().or_else(|| nearest(text, names.iter().copied())) {
            Some(near) => Err(problem.hint(format!("did you mean `{near}`?"))),
            None => Err(problem.hint("groups are error, timeout, rejected, stopped")),
        }
    }
}

impl FileType for OutcomesFile {
    fn shape() -> Shape {
        Shape::Either(vec![OutcomeName::shape, Vec::<OutcomeName>::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if let Kind::Scalar { .. } = node.kind {
            return OutcomeName::read(node, reader).map(|name| Self(name.0));
        }
        let names = Vec::<OutcomeName>::read(node, reader)?;
        let all = names
            .iter()
            .fold(OutcomeSet::EMPTY, |set, name| set.union(name.0));
        Some(Self(all))
    }
}

choices! {
    /// Who owns the state of a layer.
    ScopeFile {
        /// Each process of the caller.
        caller = Caller;
        /// Each process of the caller, for each instance of the target.
        target_instance = TargetInstance;
        /// All processes together.
        shared = Shared;
    }
}

file_map! {
    /// Limits what is under way at once.
    BulkheadFile {
        /// The library whose bulkhead it is like: its settings stand in for the keys that are missing
        /// here.
        like: BulkheadLike, optional;
        /// Calls inside at once [count] (needed unless `like` gives it); resilience4j: 25, Polly:
        /// 1000, Envoy: 1024.
        max_concurrent: Count<1>, required;
        /// Calls that may wait [count], first come, first served; resilience4j, Polly, opossum: 0,
        /// Envoy: 1024.
        max_waiting: Limit<Count<0>>, default "0";
        /// How long one may wait; Polly and Envoy set no limit of their own. resilience4j's
        /// `maxWaitDuration` 0 is `max_waiting: 0`.
        max_wait: Limit<SimDuration>, default "unlimited";
        /// Who owns its state; resilience4j, Polly and Envoy: `caller`.
        scope: ScopeFile, implied "caller";
        /// Bulkheads with this name in one process are the same one.
        share: Name, optional;
        /// Whether it is there at all.
        enabled: bool, default "true";
    }
}

file_map! {
    /// Answers in the place of a failure; the outcome is `degraded`. After a negative answer, if `on`
    /// names it, the outcome is that of the call made instead: a miss that the database answers is no
    /// failure.
    FallbackFile {
        /// What it answers in the place of: by default everything that is not useful but
        /// `cancelled`, for which nobody waits (Polly too; the rest is own choice, as Hystrix falls
        /// back on every failure).
        on: OutcomesFile, optional;
        /// What it answers.
        answer: AnswerFile, default "static";
        /// Whether it answers at all; a `change` can turn it on or off during a run.
        enabled: bool, default "true";
    }
}

file_enum! {
    /// What a fallback answers.
    AnswerFile {
        /// A fixed default, at once.
        r#static = Static;
        /// The last full answer to the same operation that this process got through this layer; the
        /// failure goes out before the first, and when it is too old.
        cached = Cached(CachedFile);
        /// What another operation answers, called by the same process; if that fails too, its
        /// outcome goes out.
        call = Call(FallbackCallFile);
    }
}

file_map! {
    /// Another operation, asked in the place of the one that failed.
    FallbackCallFile short to {
        /// What is called: `service.operation`.
        to: At<Reference>, required;
        /// The policy around that call; without one, it waits for ever.
        policy: PolicyRef, optional;
    }
}

file_map! {
    /// The last full answer.
    CachedFile {
        /// How old it may be when it is given (`stale-if-error` of RFC 5861).
        max_age: Limit<SimDuration>, default "unlimited";
    }
}

/// How an instance is chosen.
#[derive(Clone, Debug)]
pub(in crate::scenario) enum BalanceFile {
    /// By its name alone.
    Word(BalanceWord),
    /// With settings.
    Map(At<BalanceMap>),
}

choices! {
    /// How an instance is chosen among those in rotation.
    BalanceWord {
        /// In turn, starting anywhere.
        round_robin = RoundRobin;
        /// Any, each as likely.
        random = Random;
        /// The one with the fewest outstanding attempts.
        least_requests = LeastRequests;
        /// The least loaded of two drawn at random.
        power_of_choices = PowerOfChoices;
    }
}

file_map! {
    /// How an instance is chosen, with settings: exactly one way, and who owns its state.
    BalanceMap {
        /// In turn, starting anywhere.
        round_robin: NothingFile, optional;
        /// Any, each as likely.
        random: NothingFile, optional;
        /// The one with the fewest outstanding attempts.
        least_requests: NothingFile, optional;
        /// The least loaded of some drawn at random.
        power_of_choices: ChoicesFile, optional;
        /// Whether each process has a balancer of its own.
        scope: BalanceScope, default "caller";
    }
}

/// An empty map.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct NothingFile;

impl FileType for NothingFile {
    fn shape() -> Shape {
        Shape::Map(MapShape {
            name: "NothingFile",
            doc: "An empty map.".to_owned(),
            fields: Vec::new(),
            short: None,
        })
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        MapReader::open(node, &Self::shape(), reader).map(|_| Self)
    }
}

file_map! {
    /// The least loaded of some.
    ChoicesFile {
        /// How many are compared, all distinct.
        choices: Count<2, 1000>, default "2";
    }
}

choices! {
    /// Whether each process has a balancer of its own.
    BalanceScope {
        /// It has.
        caller = Caller;
        /// One serves all.
        shared = Shared;
    }
}

impl FileType for BalanceFile {
    fn shape() -> Shape {
        Shape::Either(vec![BalanceWord::shape, BalanceMap::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.kind {
            Kind::Map(_) => At::read(node, reader).map(Self::Map),
            Kind::Scalar { .. } | Kind::List(_) => BalanceWord::read(node, reader).map(Self::Word),
        }
    }
}
