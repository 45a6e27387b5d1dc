//! What `balance` comes to, and what in it does not go together.

use super::file::{
    BalanceFile, BalanceMap, BalanceScope, BalanceWord, BeginsFile, LeastRuleFile, SlowStartFile,
    WeightedLeastFile, WeightsFile,
};
use crate::policy::{BalanceConfig, BalanceWay, Begins, LeastRule, SlowStart, Weights};
use crate::scenario::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::scenario::read::At;
use crate::scenario::value::Count;

/// How an instance is chosen, checked but for the service that it is for.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Balance {
    /// How.
    pub(in crate::scenario) config: BalanceConfig,
    /// Whether one balancer serves all processes.
    pub(in crate::scenario) shared: bool,
    /// The highest instance that has a weight [count], and where that stands.
    heaviest: Option<(u32, Span, String)>,
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
            found.error("bad-value", *span, message);
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
        }
    }
}

impl BalanceMap {
    fn config(at: &At<Self>, found: &mut Diagnostics) -> Balance {
        let file = &at.value;
        let ways = file.ways(found);
        if ways.len() > 1 {
            let message = format!(
                "`{}` names {} ways to choose an instance, but one is needed",
                at.path,
                ways.len()
            );
            found.error("bad-value", at.span, message);
        }
        let &(name, way) = ways
            .first()
            .unwrap_or(&("round_robin", BalanceWay::RoundRobin));
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
            },
            shared: file.scope == BalanceScope::Shared,
            heaviest,
        }
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
        ];
        ways.into_iter().flatten().collect()
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
            found.error("balance", at.span, message);
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
        let what = if file.r#for.is_zero() {
            "takes no time, so it is none: say how long by `for`"
        } else if file.aggression.get() <= 0.0 {
            "has an `aggression` of 0, at which nothing would ever grow: 1 is a straight line"
        } else if file.begins.as_ref().is_some_and(Vec::is_empty) {
            "begins at no moment, so it never acts: write `begins: [join]`, or leave it out"
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
        found.error("balance", at.span, format!("`{}` {what}", at.path));
        None
    }
}
