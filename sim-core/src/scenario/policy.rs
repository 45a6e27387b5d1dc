//! What is left of a policy where nothing runs.

use crate::id::{BudgetId, IdMap};
use crate::model::spec::{BudgetSpec, Scope};
use crate::policy::Layer;

/// A checked policy that no call is bound to.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Its name in the file.
    pub name: String,
    /// Its layers, outermost first.
    pub layers: Vec<PolicyLayer>,
    /// All budgets of the file; layers name them by number.
    pub budgets: IdMap<BudgetId, BudgetSpec>,
}

/// A layer of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyLayer {
    /// Its name among its equals: `timeout`, `timeout[2]`.
    pub name: String,
    /// Who owns its state.
    pub scope: Scope,
    /// What it does.
    pub kind: Layer,
}
