//! What is written for `balance`.

use crate::policy::Weights;
use crate::scenario::like::library_names;
use crate::scenario::read::{
    At, FileType, Limit, NothingFile, Numbered, OrNone, Reader, choices, file_map,
};
use crate::scenario::shape::ScalarJson;
use crate::scenario::shape::Shape;
use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::{Count, Problem, ScalarType};
use crate::time::SimDuration;
use crate::units::{Factor, Probability};

library_names! {
    /// A proxy or library whose balancer has a table.
    BalanceLike = BALANCES;
}

/// How an instance is chosen.
#[derive(Clone, Debug)]
pub(in crate::scenario) enum BalanceFile {
    /// By its name alone.
    Word(BalanceWord),
    /// With settings.
    Map(Box<At<BalanceMap>>),
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
        /// In turn, starting with the first; by weight as nginx does it.
        smooth = Smooth;
        /// In turn, starting anywhere; by weight as gRPC does it.
        stride = Stride;
        /// By outstanding attempts and weight, as Envoy does it.
        weighted_least = WeightedLeast;
        /// By how long answers take and how many attempts are outstanding, as Linkerd does it.
        peak_ewma = PeakEwma;
    }
}

file_map! {
    /// How an instance is chosen, with settings: one way (by default `round_robin`), what instances
    /// weigh, and who owns its state.
    BalanceMap {
        /// The proxy or library whose balancer it is like: its settings stand in for the keys that are
        /// missing here.
        like: BalanceLike, optional;
        /// In turn, starting anywhere. Where weights differ, by earliest deadline: an instance comes
        /// again one weight-th after its last turn, so 5, 1, 1 goes `a a a a a b c` (Envoy).
        round_robin: NothingFile, optional;
        /// Any, each as likely as it weighs.
        random: NothingFile, optional;
        /// The one with the fewest outstanding attempts.
        least_requests: NothingFile, optional;
        /// The least loaded of some drawn at random.
        power_of_choices: ChoicesFile, optional;
        /// In turn by weight, the turns of each spread as evenly as can be, the first of the list
        /// first: 5, 1, 1 goes `a a b a c a a` (nginx).
        smooth: NothingFile, optional;
        /// In turn by weight, in strides through the list, starting anywhere (gRPC's
        /// `weighted_round_robin`).
        stride: NothingFile, optional;
        /// By outstanding attempts and weight.
        weighted_least: At<WeightedLeastFile>, optional;
        /// By how long answers take and how many attempts are outstanding: a slow answer is believed at
        /// once and forgotten with time; the least of two drawn at random (Finagle, Linkerd).
        peak_ewma: PeakEwmaFile, optional;
        /// By a key on a hash ring: calls with the same key go to the same instance. Attempt k takes the
        /// k-th next point.
        ring: At<RingFile>, optional;
        /// What instances weigh [count]: by number, as in reports, `{ 1: 5 }`, or as a list in order;
        /// the others weigh 1.
        weights: WeightsFile, optional;
        /// How instances that have come up work their way up to their weight.
        slow_start: At<SlowStartFile>, optional;
        /// Whom a caller sends to by zone.
        zone: At<ZoneFile>, optional;
        /// Calls that belong together stay with the instance that was chosen first, while it is in
        /// rotation and let through; then another is chosen and kept.
        sticky: StickyFile, optional;
        /// Whether each process has a balancer of its own.
        scope: BalanceScope, default "caller";
    }
}

file_map! {
    /// The least loaded of some.
    ChoicesFile {
        /// How many are compared.
        choices: Count<2, 1000>, default "2";
        /// Whether the same one may be drawn twice (Envoy, gRPC: of two instances the busier one still
        /// gets 25 %); else all are distinct (Finagle, Linkerd).
        replace: bool, default "false";
    }
}

file_map! {
    /// By outstanding attempts and weight.
    WeightedLeastFile {
        /// How the two come to one number.
        rule: LeastRuleFile, default "deadlines";
        /// The power of outstanding attempts, for `deadlines`; Envoy's `active_request_bias`: 1.
        bias: Factor, implied "1";
        /// How many are compared where all weigh the same, for `deadlines`; Envoy's
        /// `choice_count`: 2.
        choices: Count<2, 1000>, implied "2";
    }
}

choices! {
    /// How outstanding attempts and weight come to one number.
    LeastRuleFile {
        /// In turn by earliest deadline, each next one `(outstanding + 1)^bias / weight` after its last
        /// turn, as that stands at the turn; where all weigh the same, the least loaded of `choices`
        /// drawn with replacement (Envoy).
        deadlines = Deadlines;
        /// The least outstanding for its weight; ties go in turn as with `smooth` (nginx).
        per_weight = PerWeight;
        /// The least outstanding for its weight, with the attempt to be sent counted in, but 0 where
        /// none is outstanding; ties go to the one that changed longest ago (`HAProxy`).
        with_next = WithNext;
    }
}

file_map! {
    /// By how long answers take and how many attempts are outstanding.
    PeakEwmaFile {
        /// After this time a third (1/e) of what was known is left [duration]; Finagle, Linkerd: 10s.
        decay: SimDuration, default "10s";
        /// The time that an instance without history is taken to need [duration]; Linkerd: 30ms. `none`:
        /// it is free, until an attempt is outstanding there: then it costs most (Finagle).
        initial: OrNone<SimDuration>, default "30ms";
        /// How many distinct ones are compared; both: 2.
        choices: Count<1, 1000>, default "2";
    }
}

file_map! {
    /// A hash ring.
    RingFile {
        /// What says that calls belong together.
        key: BalanceKeyFile, required;
        /// Points of each instance and unit of weight [count]; nginx (ketama): 160. Envoy has at least
        /// 1024 in all.
        points: Count<1, 65_536>, default "160";
        /// The most of the average number of outstanding attempts that an instance may have; beyond it
        /// another is taken. Envoy's `hash_balance_factor`, `HAProxy`'s `hash-balance-factor`: 125%
        /// is advised.
        bounded: FactorOfMean, optional;
    }
}

choices! {
    /// What says that calls belong together.
    BalanceKeyFile {
        /// The tenant.
        tenant = Tenant;
        /// The class.
        class = Class;
        /// The process that calls, as by source address.
        process = Process;
        /// The call: its attempts belong together.
        call = Call;
    }
}

file_map! {
    /// Calls that belong together stay with one instance.
    StickyFile short key {
        /// What says that they do; not `call`.
        key: At<BalanceKeyFile>, required;
        /// For how long after the last of them [duration].
        r#for: Limit<SimDuration>, default "unlimited";
    }
}

choices! {
    /// Whom a caller sends to by zone.
    ZoneFile {
        /// All.
        any = Any;
        /// Those of its own zone while one is in rotation, else all (Kubernetes' `PreferClose`).
        prefer = Prefer;
        /// As much as possible to its own zone without overloading it: with six in rotation and two zones
        /// at least (Envoy's zone aware routing). Callers are counted by their processes.
        envoy = Envoy;
        /// Those that are given to its zone, by the share of CPU that its nodes have (`zones`; by default all
        /// zones have the same); all, where the shares do not come out (Kubernetes' topology aware routing).
        hints = Hints;
    }
}

file_map! {
    /// An instance that has come up gets less than its share for some time:
    /// `max(from, (t / for)^(1 / aggression))` of its weight.
    SlowStartFile short for {
        /// How long it takes [duration].
        r#for: SimDuration, required;
        /// 1 is a straight line; more is steeper at first, less later. Envoy: 1.
        aggression: Factor, default "1";
        /// The least share of its weight; Envoy's `min_weight_percent`: 10%.
        from: Probability, default "10%";
        /// Which moments it begins at.
        begins: Vec<BeginsFile>, implied "[join, check_passed]";
    }
}

choices! {
    /// A moment from which an instance works its way up.
    BeginsFile {
        /// It comes up, for the first time or again. All that are there at the beginning of a run are
        /// past it.
        join = Join;
        /// It comes back into rotation after a health check had failed.
        check_passed = CheckPassed;
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

/// A factor above one, as a whole number of per cents.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct FactorOfMean(pub(super) u32);

impl ScalarType for FactorOfMean {
    const WHAT: &'static str = "per cents from `100%` on";

    fn json() -> ScalarJson {
        ScalarJson::Text("^[1-9][0-9]{2,4}%$")
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        let number = text.strip_suffix('%').and_then(|it| it.parse().ok());
        let problem = || Problem::new("it is a whole number of per cents from 100% to 10000%");
        number
            .filter(|most| (100..=10_000).contains(most))
            .map(Self)
            .ok_or_else(|| problem().hint("write `125%`"))
    }
}

/// The weight of an instance.
pub(super) type WeightFile = Count<1, { Weights::MOST as u64 }>;

/// What instances weigh.
#[derive(Clone, Debug)]
pub(in crate::scenario) enum WeightsFile {
    /// Of some, by number.
    Numbered(Numbered<WeightFile>),
    /// Of the first ones, in order.
    InOrder(At<Vec<WeightFile>>),
}

impl FileType for WeightsFile {
    fn shape() -> Shape {
        Shape::Either(vec![
            Numbered::<WeightFile>::shape,
            Vec::<WeightFile>::shape,
        ])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.kind {
            Kind::List(_) => At::read(node, reader).map(Self::InOrder),
            Kind::Scalar { .. } | Kind::Map(_) => Numbered::read(node, reader).map(Self::Numbered),
        }
    }
}

impl FileType for BalanceFile {
    fn shape() -> Shape {
        Shape::Either(vec![BalanceWord::shape, BalanceMap::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.kind {
            Kind::Map(_) => At::read(node, reader).map(|at| Self::Map(Box::new(at))),
            Kind::Scalar { .. } | Kind::List(_) => BalanceWord::read(node, reader).map(Self::Word),
        }
    }
}
