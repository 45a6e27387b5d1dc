//! The budgets of all pipelines, and which of them a layer asks.
//!
//! A budget is not a layer: several layers may ask the same one. So it has a configuration of its
//! own, and its states, one per process or one for all, lie in one vector; a layer knows where.
//! Whatever adds passes (a retry, a hedge) tells it when calls and passes begin and end, asks, and
//! settles what was granted exactly once.

use super::handles::Owner;
use crate::id::{BudgetId, IdMap};
use crate::policy::{Budget, BudgetConfig};
use crate::time::SimTime;

/// Where the states of a budget lie that a layer asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetPlace {
    /// Which budget.
    pub budget: BudgetId,
    /// Its first state for this layer.
    pub base: u32,
    /// States per process; 0 when all processes share one.
    pub per_process: u32,
}

impl BudgetPlace {
    const fn index(self, owner: Owner) -> usize {
        (self.base + owner.0 * self.per_process) as usize
    }
}

/// All budgets and their states.
#[derive(Clone, Debug, Default)]
pub struct Budgets {
    configs: IdMap<BudgetId, BudgetConfig>,
    states: Vec<Budget>,
}

impl Budgets {
    /// Adds the next budget; it has no states yet.
    pub fn push(&mut self, config: BudgetConfig) -> BudgetId {
        self.configs.push(config)
    }

    /// Adds so many states of a budget, and says where they begin.
    pub fn add_states(&mut self, budget: BudgetId, count: u32) -> u32 {
        let base = self.states.len() as u32;
        let state = Budget::new(SimTime::ZERO, &self.configs[budget]);
        self.states
            .extend(std::iter::repeat_n(state, count as usize));
        base
    }

    /// Replaces the configuration of a budget; its states stay (rule 22).
    pub fn reconfigure(&mut self, budget: BudgetId, config: BudgetConfig) {
        debug_assert_eq!(self.configs[budget].name(), config.name());
        self.configs[budget] = config;
    }

    /// Forgets what a process knew: it has died (rule 19). What is shared with others stays.
    pub(super) fn forget(&mut self, now: SimTime, place: BudgetPlace, owner: Owner) {
        if place.per_process > 0 {
            self.states[place.index(owner)] = Budget::new(now, &self.configs[place.budget]);
        }
    }

    pub(super) fn at(&mut self, place: BudgetPlace, owner: Owner) -> (&mut Budget, &BudgetConfig) {
        (
            &mut self.states[place.index(owner)],
            &self.configs[place.budget],
        )
    }

    /// Grants not yet settled and passes under way in all budgets, for checks.
    pub(super) fn held(&self) -> (u32, u32) {
        self.states.iter().fold((0, 0), |(extra, active), budget| {
            (extra + budget.unsettled(), active + budget.active())
        })
    }
}
