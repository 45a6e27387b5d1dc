//! `balance`: how an instance is chosen, by a policy or by the service itself.

use crate::policy::BalanceConfig;
use crate::scenario::diagnostic::Diagnostics;
use crate::scenario::read::{At, FileType, NothingFile, Reader, choices, file_map};
use crate::scenario::shape::Shape;
use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::Count;

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

impl BalanceFile {
    /// How an instance is chosen, and whether one balancer serves all processes.
    pub(in crate::scenario) fn config(&self, found: &mut Diagnostics) -> (BalanceConfig, bool) {
        let at = match self {
            Self::Word(word) => return (word.config(), false),
            Self::Map(at) => at,
        };
        let shared = at.value.scope == BalanceScope::Shared;
        match at.value.ways().as_slice() {
            [way] => (*way, shared),
            ways => {
                let message = format!(
                    "`{}` names {} ways to choose an instance, but one is needed",
                    at.path,
                    ways.len()
                );
                found.error("bad-value", at.span, message);
                (BalanceConfig::RoundRobin, shared)
            }
        }
    }
}

impl BalanceWord {
    fn config(self) -> BalanceConfig {
        match self {
            Self::RoundRobin => BalanceConfig::RoundRobin,
            Self::Random => BalanceConfig::Random,
            Self::LeastRequests => BalanceConfig::LeastRequests,
            Self::PowerOfChoices => BalanceConfig::PowerOfChoices { choices: 2 },
        }
    }
}

impl BalanceMap {
    /// Every way that is written.
    fn ways(&self) -> Vec<BalanceConfig> {
        let power = self.power_of_choices.as_ref();
        let ways = [
            self.round_robin.as_ref().map(|_| BalanceConfig::RoundRobin),
            self.random.as_ref().map(|_| BalanceConfig::Random),
            self.least_requests
                .as_ref()
                .map(|_| BalanceConfig::LeastRequests),
            power.map(|it| BalanceConfig::PowerOfChoices {
                choices: it.choices.get(),
            }),
        ];
        ways.into_iter().flatten().collect()
    }
}
