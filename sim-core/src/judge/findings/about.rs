//! What a finding is about, by its name and by where it stands in the file.

use crate::id::{
    BudgetId, CheckId, ClientId, EdgeId, FaultId, InvariantId, KeptId, LayerId, OperationId,
    SagaId, ServiceId,
};
use crate::judge::recovery::Trigger;
use crate::judge::run_view::RunView;
use crate::model::record::{
    edge_name, kept_name, label_name, layer_name, operation_name, pipeline_name, saga_name,
};
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

    pub(super) fn client(view: &RunView<'_>, id: ClientId) -> Self {
        Self {
            name: view.spec().clients[id].name.clone(),
            at: view.scenario.places.client(id),
        }
    }

    /// A tenant or a class, which has no place of its own: several clients may name it.
    pub(super) fn label(view: &RunView<'_>, label: LabelFilter) -> Self {
        Self {
            name: label_name(view.spec(), label).to_owned(),
            at: None,
        }
    }

    pub(super) fn service(view: &RunView<'_>, id: ServiceId) -> Self {
        Self {
            name: view.service(id).to_owned(),
            at: view.scenario.places.service(id),
        }
    }

    /// Something kept, by its name and where its pool stands.
    pub(super) fn kept(view: &RunView<'_>, id: KeptId) -> Self {
        Self {
            name: kept_name(view.spec(), id),
            at: view.scenario.places.kept(id),
        }
    }

    pub(super) fn operation(view: &RunView<'_>, id: OperationId) -> Self {
        Self {
            name: operation_name(view.spec(), id),
            at: view.scenario.places.operation(id),
        }
    }

    pub(super) fn edge(view: &RunView<'_>, id: EdgeId) -> Self {
        Self {
            name: edge_name(view.spec(), id),
            at: view.scenario.places.edge(id),
        }
    }

    pub(super) fn layer(view: &RunView<'_>, id: LayerId) -> Self {
        Self {
            name: layer_name(view.spec(), id),
            at: view.scenario.places.layer(id),
        }
    }

    /// The policy of a layer, by its name and where it is used.
    pub(super) fn policy(view: &RunView<'_>, id: LayerId) -> Self {
        let pipeline = view.spec().layers[id].pipeline;
        Self {
            name: format!(
                "{}: {}",
                pipeline_name(view.spec(), pipeline),
                view.spec().pipelines[pipeline].policy
            ),
            at: view.scenario.places.layer(id),
        }
    }

    /// A health check, as `service.check`.
    pub(super) fn check(view: &RunView<'_>, id: CheckId) -> Self {
        let check = &view.spec().checks[id];
        Self {
            name: format!("{}.{}", view.service(check.service), check.name),
            at: view.scenario.places.check(id),
        }
    }

    /// An invariant, which stands in a section of its own.
    pub(super) fn invariant(view: &RunView<'_>, id: InvariantId) -> Self {
        Self {
            name: view.spec().invariants[id].name.clone(),
            at: view.scenario.places.invariant(id),
        }
    }

    /// A saga, by its name and where it stands.
    pub(super) fn saga(view: &RunView<'_>, id: SagaId) -> Self {
        Self {
            name: saga_name(view.spec(), id),
            at: view.scenario.places.saga(id),
        }
    }

    pub(super) fn budget(view: &RunView<'_>, id: BudgetId) -> Self {
        Self {
            name: format!("budget {}", view.spec().budgets[id].name),
            at: view.scenario.places.budget(id),
        }
    }

    pub(super) fn fault(view: &RunView<'_>, id: FaultId) -> Self {
        Self {
            name: view.spec().faults[id].name.clone(),
            at: view.scenario.places.fault(id),
        }
    }

    /// What a system has to recover from.
    pub(super) fn trigger(view: &RunView<'_>, trigger: Trigger) -> Self {
        match trigger {
            Trigger::Fault(id) => Self::fault(view, id),
            Trigger::Load(id) => Self {
                name: trigger.name(view.spec()),
                ..Self::client(view, id)
            },
        }
    }

    /// An expectation, by its number from 0.
    pub(super) fn expectation(view: &RunView<'_>, number: usize) -> Self {
        Self {
            name: view.scenario.expectations[number].name.clone(),
            at: view.scenario.places.expectation(number),
        }
    }
}
