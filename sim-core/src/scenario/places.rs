//! Where the parts of a model stand in the file they were written in, for what is said about them
//! after a run.
//!
//! Only the file itself has places: what `--set` puts in has none, nor has anything in a text of one
//! line, such as the scenario inside a report. Positions are no part of what is simulated, and two
//! files that differ in their comments alone mean the same.

use super::compile;
use super::diagnostic::{Origin, Span};
use crate::id::{
    BudgetId, CheckId, ClientId, EdgeId, FaultId, Id, IdMap, InvariantId, KeptId, LayerId,
    OperationId, SagaId, ServiceId, SiteId,
};
use crate::model::spec::ModelSpec;

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// Where the parts of a scenario stand; unknown for those that have no place in the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Places {
    clients: IdMap<ClientId, Option<Position>>,
    services: IdMap<ServiceId, Option<Position>>,
    operations: IdMap<OperationId, Option<Position>>,
    edges: IdMap<EdgeId, Option<Position>>,
    layers: IdMap<LayerId, Option<Position>>,
    budgets: IdMap<BudgetId, Option<Position>>,
    checks: IdMap<CheckId, Option<Position>>,
    kept: IdMap<KeptId, Option<Position>>,
    invariants: IdMap<InvariantId, Option<Position>>,
    sagas: IdMap<SagaId, Option<Position>>,
    faults: IdMap<FaultId, Option<Position>>,
    expectations: Vec<Option<Position>>,
}

impl Position {
    /// Where a text begins, if it stands in the file itself.
    pub(crate) fn of(span: &Span) -> Option<Self> {
        position(span)
    }
}

impl Places {
    pub(super) fn of(spans: &compile::Places, model: &ModelSpec) -> Self {
        let all = [
            &spans.clients,
            &spans.services,
            &spans.operations,
            &spans.sites,
            &spans.layers,
            &spans.faults,
        ];
        if all.into_iter().flatten().all(|span| span.line <= 1) {
            return Self::default();
        }
        Self {
            clients: positions(&spans.clients),
            services: positions(&spans.services),
            operations: positions(&spans.operations),
            edges: edges(&positions(&spans.sites), model),
            layers: positions(&spans.layers),
            budgets: positions(&spans.budgets),
            checks: positions(&spans.checks),
            kept: positions(&spans.kept),
            invariants: positions(&spans.invariants),
            sagas: positions(&spans.sagas),
            faults: positions(&spans.faults),
            expectations: spans.expectations.iter().map(position).collect(),
        }
    }

    /// Where a client is described.
    pub fn client(&self, id: ClientId) -> Option<Position> {
        *self.clients.get(id)?
    }

    /// Where a service is described.
    pub fn service(&self, id: ServiceId) -> Option<Position> {
        *self.services.get(id)?
    }

    /// Where an operation is described.
    pub fn operation(&self, id: OperationId) -> Option<Position> {
        *self.operations.get(id)?
    }

    /// Where the first call on an edge is written.
    pub fn edge(&self, id: EdgeId) -> Option<Position> {
        *self.edges.get(id)?
    }

    /// Where a layer is written in its policy.
    pub fn layer(&self, id: LayerId) -> Option<Position> {
        *self.layers.get(id)?
    }

    /// Where a budget is described.
    pub fn budget(&self, id: BudgetId) -> Option<Position> {
        *self.budgets.get(id)?
    }

    /// Where a health check is described.
    pub fn check(&self, id: CheckId) -> Option<Position> {
        *self.checks.get(id)?
    }

    /// Where a saga is described.
    pub fn saga(&self, id: SagaId) -> Option<Position> {
        *self.sagas.get(id)?
    }

    /// Where an invariant is described.
    pub fn invariant(&self, id: InvariantId) -> Option<Position> {
        *self.invariants.get(id)?
    }

    /// Where something kept is described.
    pub fn kept(&self, id: KeptId) -> Option<Position> {
        *self.kept.get(id)?
    }

    /// Where a fault is described.
    pub fn fault(&self, id: FaultId) -> Option<Position> {
        *self.faults.get(id)?
    }

    /// Where an expectation is stated, by its number from 0.
    pub fn expectation(&self, number: usize) -> Option<Position> {
        *self.expectations.get(number)?
    }
}

fn positions<I: Id>(spans: &[Span]) -> IdMap<I, Option<Position>> {
    spans.iter().map(position).collect()
}

fn position(span: &Span) -> Option<Position> {
    (span.origin == Origin::File && span.line > 0).then_some(Position {
        line: span.line,
        column: span.column,
    })
}

/// The first place of each edge among those that make its calls.
fn edges(
    sites: &IdMap<SiteId, Option<Position>>,
    model: &ModelSpec,
) -> IdMap<EdgeId, Option<Position>> {
    let mut edges: IdMap<EdgeId, Option<Position>> = model.edges.iter().map(|_| None).collect();
    for (site, spec) in model.sites.iter_enumerated() {
        let place = sites.get(site).copied().flatten();
        let known = &mut edges[spec.edge];
        *known = known.or(place);
    }
    edges
}
