//! What a finding is about, by its name and by where it stands in the file.

use crate::id::{BudgetId, ClientId, EdgeId, FaultId, LayerId, OperationId, ServiceId};
use crate::judge::case::Case;
use crate::judge::recovery::Trigger;
use crate::model::record::{edge_name, label_name, layer_name, operation_name, pipeline_name};
use crate::model::spec::LabelFilter;
use crate::scenario::Position;

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Its name, such as `payments` or `storefront -> payments: retry`.
    pub name: String,
    /// Where it stands in the file, if it stands there.
    pub at: Option<Position>,
}

impl About {
    /// Everything together, which stands nowhere.
    pub(super) fn all_clients() -> Self {
        Self {
            name: "all clients".to_owned(),
            at: None,
        }
    }

    pub(super) fn client(case: &Case<'_>, id: ClientId) -> Self {
        Self {
            name: case.spec().clients[id].name.clone(),
            at: case.scenario.places.client(id),
        }
    }

    /// A tenant or a class, which has no place of its own: several clients may name it.
    pub(super) fn label(case: &Case<'_>, label: LabelFilter) -> Self {
        Self {
            name: label_name(case.spec(), label).to_owned(),
            at: None,
        }
    }

    pub(super) fn service(case: &Case<'_>, id: ServiceId) -> Self {
        Self {
            name: case.service(id).to_owned(),
            at: case.scenario.places.service(id),
        }
    }

    pub(super) fn operation(case: &Case<'_>, id: OperationId) -> Self {
        Self {
            name: operation_name(case.spec(), id),
            at: case.scenario.places.operation(id),
        }
    }

    pub(super) fn edge(case: &Case<'_>, id: EdgeId) -> Self {
        Self {
            name: edge_name(case.spec(), id),
            at: case.scenario.places.edge(id),
        }
    }

    pub(super) fn layer(case: &Case<'_>, id: LayerId) -> Self {
        Self {
            name: layer_name(case.spec(), id),
            at: case.scenario.places.layer(id),
        }
    }

    /// The policy of a layer, by its name and where it is used.
    pub(super) fn policy(case: &Case<'_>, id: LayerId) -> Self {
        let pipeline = case.spec().layers[id].pipeline;
        Self {
            name: format!(
                "{}: {}",
                pipeline_name(case.spec(), pipeline),
                case.spec().pipelines[pipeline].policy
            ),
            at: case.scenario.places.layer(id),
        }
    }

    pub(super) fn budget(case: &Case<'_>, id: BudgetId) -> Self {
        Self {
            name: format!("budget {}", case.spec().budgets[id].name),
            at: case.scenario.places.budget(id),
        }
    }

    pub(super) fn fault(case: &Case<'_>, id: FaultId) -> Self {
        Self {
            name: case.spec().faults[id].name.clone(),
            at: case.scenario.places.fault(id),
        }
    }

    /// What a system has to recover from.
    pub(super) fn trigger(case: &Case<'_>, trigger: Trigger) -> Self {
        match trigger {
            Trigger::Fault(id) => Self::fault(case, id),
            Trigger::Load(id) => Self {
                name: trigger.name(case.spec()),
                ..Self::client(case, id)
            },
        }
    }

    /// An expectation, by its number from 0.
    pub(super) fn expectation(case: &Case<'_>, number: usize) -> Self {
        Self {
            name: case.scenario.expectations[number].name.clone(),
            at: case.scenario.places.expectation(number),
        }
    }
}
