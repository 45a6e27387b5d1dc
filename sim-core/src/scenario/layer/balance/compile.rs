//! What `balance` comes to, and what in it does not go together.

use super::file::{
    BalanceFile, BalanceKeyFile, BalanceMap, BalanceScope, BalanceWord, BeginsFile, LeastRuleFile,
    SlowStartFile, WeightedLeastFile, WeightsFile, ZoneFile,
};
use crate::policy::{
    BalanceConfig, BalanceKey, BalanceWay, Begins, LeastRule, PeakEwma, RingConfig, SlowStart,
    Sticky, Weights, ZoneMap, ZoneRule,
};
use crate::scenario::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::scenario::read::At;
use crate::scenario::value::Count;
use crate::time::SimDuration;

/// How an instance is chosen, checked but for the service that it is for.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Balance {
    /// How.
    pub(in crate::scenario) config: BalanceConfig,
    /// Whether one balancer serves all processes.
    pub(in crate::scenario) shared: bool,
    /// The highest instance that has a weight [count], and where that stands.
    heaviest: Option<(u32, Span, String)>,
    /// Where it says that it goes by zones, if it does.
    pub(in crate::scenario) zone_at: Option<(Span, String)>,
}

impl Balance {
    /// The way that it is where nothing is said.
    pub(in crate::scenario) fn usual() -> Self {
        Self::of(BalanceWay::RoundRobin)
    }

    fn of(way: BalanceWay) -> Self {
        Self {
            config: BalanceConfig::of(way),
            shared: false,
            heaviest: None,
            zone_at: None,
        }
    }

    /// Checks it against a service with so many instances.
    pub(in crate::scenario) fn check(
        &self,
        service: &str,
        instances: u32,
        found: &mut Diagnostics,
    ) {
        if let Some((number, span, path)) = &self.heaviest
            && *number > instances
        {
            let has = match instances {
                1 => "one instance".to_owned(),
                some => format!("{some} instances"),
            };
            let message =
                format!("`{path}` is the weight of instance {number}, but `{service}` has {has}");
            let hint =
                "leave out the weights of instances that are not there, or raise `instances`";
            found.push(Diagnostic::error("bad-value", *span, message).hint(hint));
        }
    }
}

impl BalanceFile {
    /// What it comes to.
    pub(in crate::scenario) fn config(&self, found: &mut Diagnostics) -> Balance {
        match self {
            Self::Word(word) => Balance::of(word.way()),
            Self::Map(at) => BalanceMap::config(at, found),
        }
    }
}

/// The settings of Envoy's least request where nothing is said.
const USUAL_LEAST: LeastRule = LeastRule::Deadlines {
    bias: 1.0,
    choices: 2,
};

/// The settings of Linkerd.
const USUAL_EWMA: PeakEwma = PeakEwma {
    decay: SimDuration::from_secs(10),
    initial: Some(SimDuration::from_millis(30)),
    choices: 2,
};

impl BalanceWord {
    fn way(self) -> BalanceWay {
        match self {
            Self::RoundRobin => BalanceWay::RoundRobin,
            Self::Random => BalanceWay::Random,
            Self::LeastRequests => BalanceWay::LeastRequests,
            Self::PowerOfChoices => BalanceWay::PowerOfChoices {
                choices: 2,
                replace: false,
            },
            Self::Smooth => BalanceWay::Smooth,
            Self::Stride => BalanceWay::Stride,
            Self::WeightedLeast => BalanceWay::WeightedLeast(USUAL_LEAST),
            Self::PeakEwma => BalanceWay::PeakEwma(USUAL_EWMA),
        }
    }
}

impl BalanceMap {
    fn config(at: &At<Self>, found: &mut Diagnostics) -> Balance {
        let file = &at.value;
        let ways = file.ways(found);
        if ways.len() > 1 {
            let like = file.like.as_ref();
            let like = like.map_or_else(String::new, |it| format!(" (like {})", it.0));
            let message = format!(
                "`{}`{like} names {} ways to choose an instance, but one is needed",
                at.path,
                ways.len()
            );
            let hint = "keep one of them";
            found.push(Diagnostic::error("bad-value", at.span, message).hint(hint));
        }
        let &(name, way) = ways
            .first()
            .unwrap_or(&("round_robin", BalanceWay::RoundRobin));
        file.check_parts(at, found);
        let heaviest = file.weights.as_ref().and_then(WeightsFile::heaviest);
        let slow_start = file.slow_start.as_ref();
        if !way.knows_weights() {
            let weights = heaviest.as_ref().map(|(_, span, _)| ("weights", *span));
            let ramp = slow_start.map(|at| ("slow_start", at.span));
            for (key, span) in weights.into_iter().chain(ramp) {
                let message = format!("`{}.{key}` has no meaning for `{name}`", at.path);
                let hint = "`weighted_least` goes by outstanding attempts and weight";
                found.push(Diagnostic::error("balance", span, message).hint(hint));
            }
        }
        Balance {
            config: BalanceConfig {
                way,
                weights: file
                    .weights
                    .as_ref()
                    .map(WeightsFile::by_slot)
                    .unwrap_or_default(),
                slow_start: slow_start.and_then(|at| SlowStartFile::config(at, found)),
                zone: file.zone_rule(),
                zones: ZoneMap::default(),
                sticky: file.sticky(found),
            },
            zone_at: file.zone_place(),
            shared: file.scope == BalanceScope::Shared,
            heaviest,
        }
    }

    /// What a shared balancer and one that decays in no time cannot do.
    fn check_parts(&self, at: &At<Self>, found: &mut Diagnostics) {
        if let (Some((span, path)), BalanceScope::Shared) = (self.zone_place(), self.scope) {
            let message =
                format!("`{path}` goes by the zone of each caller, but one balancer serves all");
            let hint = "leave out `scope: shared`";
            found.push(Diagnostic::error("balance", span, message).hint(hint));
        }
        if self.peak_ewma.as_ref().is_some_and(|it| it.decay.is_zero()) {
            let message = format!(
                "`{}.peak_ewma.decay` is 0s, so nothing would be known",
                at.path
            );
            let hint = "give it some time; Linkerd: 10s";
            found.push(Diagnostic::error("balance", at.span, message).hint(hint));
        }
        if let (Some(ring), Some(sticky)) = (&self.ring, &self.sticky) {
            let message = format!(
                "`{}` keeps calls with the same key together, and so does `sticky`, which decides alone \
                 once an instance was chosen",
                ring.path
            );
            let hint = "leave out one of the two: a ring minds instances that leave, `sticky` keeps who was \
                        chosen";
            let warning = Diagnostic::warning("sticky-on-a-ring", sticky.key.span, message);
            found.push(warning.hint(hint));
        }
        if let Some(ring) = &self.ring
            && self.slow_start.is_some()
        {
            let message = format!(
                "`{}` has no ramp: its points stay where they are",
                ring.path
            );
            let hint = "leave out `slow_start`";
            found.push(Diagnostic::error("balance", ring.span, message).hint(hint));
        }
    }

    fn zone_rule(&self) -> ZoneRule {
        match self.zone.as_ref().map(|at| at.value) {
            None | Some(ZoneFile::Any) => ZoneRule::Any,
            Some(ZoneFile::Prefer) => ZoneRule::Prefer,
            Some(ZoneFile::Envoy) => ZoneRule::Envoy,
            Some(ZoneFile::Hints) => ZoneRule::Hints,
        }
    }

    fn zone_place(&self) -> Option<(Span, String)> {
        let at = self.zone.as_ref().filter(|at| at.value != ZoneFile::Any)?;
        Some((at.span, at.path.clone()))
    }

    fn sticky(&self, found: &mut Diagnostics) -> Option<Sticky> {
        let file = self.sticky.as_ref()?;
        let at = &file.key;
        if at.value == BalanceKeyFile::Call {
            let message = format!(
                "`{}`: a call has nobody that it belongs together with",
                at.path
            );
            let hint = "`tenant`, `class` and `process` say who does";
            found.push(Diagnostic::error("balance", at.span, message).hint(hint));
        }
        Some(Sticky {
            key: at.value.key(),
            time: file.r#for.or_forever(),
        })
    }

    /// Every way that is written, by its key.
    fn ways(&self, found: &mut Diagnostics) -> Vec<(&'static str, BalanceWay)> {
        let word = |is_there: bool, name, word: BalanceWord| is_there.then(|| (name, word.way()));
        let power = self.power_of_choices.as_ref();
        let least = self.weighted_least.as_ref();
        let ways = [
            word(
                self.round_robin.is_some(),
                "round_robin",
                BalanceWord::RoundRobin,
            ),
            word(self.random.is_some(), "random", BalanceWord::Random),
            word(
                self.least_requests.is_some(),
                "least_requests",
                BalanceWord::LeastRequests,
            ),
            word(self.smooth.is_some(), "smooth", BalanceWord::Smooth),
            word(self.stride.is_some(), "stride", BalanceWord::Stride),
            power.map(|it| {
                let (choices, replace) = (it.choices.get(), it.replace);
                (
                    "power_of_choices",
                    BalanceWay::PowerOfChoices { choices, replace },
                )
            }),
            least.map(|at| {
                let rule = WeightedLeastFile::rule(at, found);
                ("weighted_least", BalanceWay::WeightedLeast(rule))
            }),
            self.peak_ewma.as_ref().map(|it| {
                let ewma = PeakEwma {
                    decay: it.decay,
                    initial: it.initial.0,
                    choices: it.choices.get(),
                };
                ("peak_ewma", BalanceWay::PeakEwma(ewma))
            }),
            self.ring.as_ref().map(|at| {
                let ring = RingConfig {
                    points: at.value.points.get(),
                    key: at.value.key.key(),
                    bounded: at.value.bounded.map(|most| most.0),
                };
                ("ring", BalanceWay::Ring(ring))
            }),
        ];
        ways.into_iter().flatten().collect()
    }
}

impl BalanceKeyFile {
    fn key(self) -> BalanceKey {
        match self {
            Self::Tenant => BalanceKey::Tenant,
            Self::Class => BalanceKey::Class,
            Self::Process => BalanceKey::Process,
            Self::Call => BalanceKey::Call,
        }
    }
}

impl WeightedLeastFile {
    fn rule(at: &At<Self>, found: &mut Diagnostics) -> LeastRule {
        let file = &at.value;
        if file.rule != LeastRuleFile::Deadlines && (file.bias.is_some() || file.choices.is_some())
        {
            let message = format!(
                "`{}` has `bias` or `choices`, which only the rule `deadlines` minds",
                at.path
            );
            let hint = "leave these out, or write `rule: deadlines`";
            found.push(Diagnostic::error("balance", at.span, message).hint(hint));
        }
        match file.rule {
            LeastRuleFile::Deadlines => LeastRule::Deadlines {
                bias: file.bias.map_or(1.0, crate::units::Factor::get),
                choices: file.choices.map_or(2, Count::get),
            },
            LeastRuleFile::PerWeight => LeastRule::PerWeight,
            LeastRuleFile::WithNext => LeastRule::WithNext,
        }
    }
}

impl WeightsFile {
    /// The highest instance that has a weight, and where that stands.
    fn heaviest(&self) -> Option<(u32, Span, String)> {
        match self {
            Self::Numbered(by_number) => {
                let last = by_number.0.iter().max_by_key(|at| at.value.0)?;
                Some((last.value.0, last.span, last.path.clone()))
            }
            Self::InOrder(at) => Some((at.value.len() as u32, at.span, at.path.clone())),
        }
    }

    fn by_slot(&self) -> Weights {
        let weights = match self {
            Self::InOrder(at) => at.value.iter().map(|weight| weight.get()).collect(),
            Self::Numbered(by_number) => {
                let most = by_number.0.iter().map(|at| at.value.0).max();
                let mut weights = vec![1; most.unwrap_or(0) as usize];
                for At {
                    value: (number, weight),
                    ..
                } in &by_number.0
                {
                    weights[*number as usize - 1] = weight.get();
                }
                weights
            }
        };
        Weights::new(&weights)
    }
}

impl SlowStartFile {
    fn begins_at(&self, moment: BeginsFile) -> bool {
        self.begins
            .as_ref()
            .is_none_or(|begins| begins.contains(&moment))
    }

    fn config(at: &At<Self>, found: &mut Diagnostics) -> Option<SlowStart> {
        let file = &at.value;
        let (what, hint) = if file.r#for.is_zero() {
            ("takes no time, so it is none", "say how long by `for`")
        } else if file.aggression.get() <= 0.0 {
            (
                "has an `aggression` of 0, at which nothing would ever grow",
                "give `aggression` more than 0: 1 is a straight line",
            )
        } else if file.begins.as_ref().is_some_and(Vec::is_empty) {
            (
                "begins at no moment, so it never acts",
                "write `begins: [join]`, or leave it out",
            )
        } else {
            return Some(SlowStart {
                time: file.r#for,
                aggression: file.aggression.get(),
                from: file.from.get(),
                begins: Begins {
                    join: file.begins_at(BeginsFile::Join),
                    check_passed: file.begins_at(BeginsFile::CheckPassed),
                },
            });
        };
        let message = format!("`{}` {what}", at.path);
        found.push(Diagnostic::error("balance", at.span, message).hint(hint));
        None
    }
}
