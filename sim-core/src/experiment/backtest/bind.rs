//! Whose state a call uses: callers and targets as they turn up.
//!
//! A log names its callers and targets line by line, so nobody knows beforehand how many there are.
//! Each pair of a caller and a target gets its own copy of the policy's layers when it first turns
//! up; layers that share their state (`scope: shared`, `share: NAME`) share it by pointing at the
//! state of the first.

use crate::id::{BudgetId, LayerId};
use crate::model::spec::{BudgetScope, Scope};
use crate::policy::pipeline::{BudgetPlace, Layers, StateLayout};
use crate::random::{KeySource, SiteKey};
use crate::scenario::Policy;
use std::collections::BTreeMap;

/// Pairs of caller and target, at most: more is a column that holds something else.
pub(super) const MOST_PAIRS: usize = 1_000_000;

/// Texts by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    numbers: BTreeMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Names {
    /// The number of a text, which is a new one if nobody has had it.
    pub(super) fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = self.texts.len() as u32;
        self.numbers.insert(text.into(), number);
        self.texts.push(text.into());
        number
    }

    pub(super) fn text(&self, number: u32) -> &str {
        &self.texts[number as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }
}

/// A state of a layer: one breaker, one bulkhead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerUnit {
    /// Place of the layer in the policy, from 0 outside.
    pub place: u32,
    /// Number of the caller it belongs to, if it is one caller's.
    pub caller: Option<u32>,
    /// Number of the target it guards, if it is one.
    pub target: Option<u32>,
}

/// Layers that have the same key share their state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum OwnerKey {
    /// All callers of a target.
    Shared { place: u32, target: u32 },
    /// All targets of a caller, at the first place that has this name.
    Named { place: u32, caller: u32 },
}

/// The caller and the target that a budget belongs to, where it belongs to one.
type PairKey = (Option<u32>, Option<u32>);

/// The policy, bound to the pairs that have turned up.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    policy: Policy,
    /// For each layer, the first one of its kind with its shared name, or itself.
    first_with_name: Vec<u32>,
    sites: Vec<SiteKey>,
    pairs: BTreeMap<(u32, u32), u32>,
    shared: BTreeMap<OwnerKey, (u32, u32)>,
    /// The state of each budget, by the caller and the target whose it is.
    budgets: BTreeMap<(BudgetId, PairKey), u32>,
    /// All states, in the order of coming into being.
    pub(super) units: Vec<LayerUnit>,
    /// The state of each layer of each pair.
    unit_of: Vec<u32>,
    /// Places of the layers that limit what is under way.
    pub(super) bulkheads: Vec<u32>,
}

impl Bound {
    pub(super) fn new(policy: &Policy, keys: &KeySource) -> Self {
        let layers = &policy.layers;
        let first_with_name = (0..).zip(layers).map(|(place, layer)| {
            let alike = |other: &&crate::scenario::PolicyLayer| {
                matches!(layer.scope, Scope::Named(_))
                    && other.scope == layer.scope
                    && other.kind.name() == layer.kind.name()
            };
            layers
                .iter()
                .position(|other| alike(&other))
                .map_or(place, |first| first as u32)
        });
        let site = |layer: &crate::scenario::PolicyLayer| {
            keys.site(&["policy", &policy.name, &layer.name], "layer")
        };
        let is_bulkhead = |place: &u32| layers[*place as usize].kind.bulkhead().is_some();
        Self {
            first_with_name: first_with_name.collect(),
            sites: layers.iter().map(site).collect(),
            pairs: BTreeMap::new(),
            shared: BTreeMap::new(),
            budgets: BTreeMap::new(),
            units: Vec::new(),
            unit_of: Vec::new(),
            bulkheads: (0..layers.len() as u32).filter(is_bulkhead).collect(),
            policy: policy.clone(),
        }
    }

    pub(super) const fn policy(&self) -> &Policy {
        &self.policy
    }

    fn depth(&self) -> u32 {
        self.policy.layers.len() as u32
    }

    /// The outermost layer of a pair; `None`: the policy has no layers.
    pub(super) fn first_layer(&self, pair: u32) -> Option<LayerId> {
        (self.depth() > 0).then(|| self.layer(pair, 0))
    }

    pub(super) fn layer(&self, pair: u32, place: u32) -> LayerId {
        LayerId(pair * self.depth() + place)
    }

    /// Its place in the policy.
    pub(super) fn place(&self, layer: LayerId) -> u32 {
        layer.0 % self.depth()
    }

    /// Number of the state that a layer uses.
    pub(super) fn unit(&self, layer: LayerId) -> u32 {
        self.unit_of[layer.0 as usize]
    }

    /// The pair of a caller and a target; `None`: there are too many.
    pub(super) fn pair(&mut self, layers: &mut Layers, caller: u32, target: u32) -> Option<u32> {
        if let Some(&pair) = self.pairs.get(&(caller, target)) {
            return Some(pair);
        }
        if self.pairs.len() == MOST_PAIRS {
            return None;
        }
        let pair = self.pairs.len() as u32;
        self.pairs.insert((caller, target), pair);
        for place in 0..self.depth() {
            self.push(layers, place, caller, target);
        }
        Some(pair)
    }

    fn push(&mut self, layers: &mut Layers, place: u32, caller: u32, target: u32) {
        let layer = &self.policy.layers[place as usize];
        let key = match layer.scope {
            Scope::Caller | Scope::TargetInstance => None,
            Scope::Shared => Some(OwnerKey::Shared { place, target }),
            Scope::Named(_) => Some(OwnerKey::Named {
                place: self.first_with_name[place as usize],
                caller,
            }),
        };
        let known = key.and_then(|key| self.shared.get(&key).copied());
        let (base, unit) = known.unwrap_or_else(|| {
            let unit = self.units.len() as u32;
            self.units.push(LayerUnit {
                place,
                caller: (layer.scope != Scope::Shared).then_some(caller),
                target: (!matches!(layer.scope, Scope::Named(_))).then_some(target),
            });
            (layers.states(), unit)
        });
        if let Some(key) = key {
            self.shared.insert(key, (base, unit));
        }
        let state = StateLayout {
            base,
            per_process: 1,
            per_instance: layer.scope == Scope::TargetInstance,
        };
        let innermost = place + 1 == self.depth();
        let draws = self.sites[place as usize];
        let id = layers.push(layer.kind.clone(), state, 1, innermost, draws);
        self.unit_of.push(unit);
        if let Some(budget) = layer.kind.budget() {
            self.bind_budget(layers, id, budget, (caller, target));
        }
    }

    fn bind_budget(
        &mut self,
        layers: &mut Layers,
        layer: LayerId,
        budget: BudgetId,
        (caller, target): (u32, u32),
    ) {
        let owner = match self.policy.budgets[budget].scope {
            BudgetScope::Caller => (Some(caller), Some(target)),
            BudgetScope::Process => (Some(caller), None),
            BudgetScope::Shared => (None, None),
        };
        let base = *self
            .budgets
            .entry((budget, owner))
            .or_insert_with(|| layers.budgets.add_states(budget, 1));
        let place = BudgetPlace {
            budget,
            base,
            per_process: 0,
        };
        layers.bind_budget(layer, place);
    }
}
