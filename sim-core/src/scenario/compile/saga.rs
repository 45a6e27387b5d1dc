//! Sagas: what each consists of, and the operation that goes on with it elsewhere.

use super::Compiler;
use super::policy_draft::PolicyName;
use super::step::{Place, block_name};
use crate::id::{Id, OperationId, SagaId, SiteId};
use crate::keeping::SagaShape;
use crate::model::spec::{Caller, OperationSpec, RouteSpec, SagaSpec, SagaStepSpec, StepSpec};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::file::saga::{SagaFile, SagaStepFile, UnknownFile};
use crate::scenario::file::step::CallFile;
use crate::scenario::layer::PolicyRef;
use crate::scenario::read::At;
use crate::scenario::value::Reference;
use crate::time::SimDuration;
use crate::units::Probability;

/// Most calls of a saga.
const MOST_CALLS: usize = 1000;

impl Compiler<'_> {
    pub(super) fn saga(&mut self, place: &mut Place, file: &At<SagaFile>) -> Option<StepSpec> {
        let path = place.key("saga", "");
        self.check_saga(file)?;
        let name = block_name("saga", &path);
        let none = PolicyName::none();
        let operation = place.operation;
        let site = self.block_site(&path, operation, &none, name.clone(), file.span);
        let (mut steps, mut doing, mut undoing) = (Vec::new(), Vec::new(), Vec::new());
        for step in &file.value.steps.value {
            let step = &step.value;
            let call = self.call_of_saga(place, &step.r#do, step.policy.clone(), step)?;
            doing.push(call.0);
            let undo = match &step.undo {
                Some(undo) => {
                    let policy = step.undo_policy.clone();
                    let call = self.call_of_saga(place, undo, policy, step)?;
                    undoing.push(call.0);
                    Some(call.1)
                }
                None => None,
            };
            steps.push(SagaStepSpec {
                doing: call.1,
                undo,
            });
        }
        let saga = self.saga_spec(operation, file, name, steps);
        // What is undone is called as well, but hardly ever.
        doing.push(StepSpec::Branch {
            path: format!("{path}/undo"),
            arms: vec![(Probability::ZERO, undoing)],
        });
        Some(StepSpec::Block {
            site,
            optional: false,
            steps: vec![StepSpec::Saga { saga, calls: doing }],
        })
    }

    /// What no saga can be.
    fn check_saga(&mut self, file: &At<SagaFile>) -> Option<()> {
        let path = &file.path;
        let steps = &file.value.steps;
        let mut pivots = steps.value.iter().filter(|it| it.value.pivot);
        let wrong = if !self.holding.is_empty() {
            Some((
                file.span,
                format!("`{path}` stands within `with`, but a saga may go on in another process"),
                "give its calls a `pool` of their own, which they take for each",
            ))
        } else if steps.value.is_empty() || steps.value.len() > MOST_CALLS {
            Some((
                steps.span,
                format!("`{}` needs 1 to {MOST_CALLS} calls", steps.path),
                "each is `{ do: service.operation, undo: service.operation }`",
            ))
        } else if file.value.resume_after.value.is_zero() {
            Some((
                file.value.resume_after.span,
                format!(
                    "`{}` is 0s: what must succeed would be called again and again at one instant",
                    file.value.resume_after.path
                ),
                "give it some time",
            ))
        } else {
            pivots.nth(1).map(|second| {
                (
                    second.span,
                    format!("`{}` is a second pivot", second.path),
                    "there is one point of no return: what follows it cannot fail any more",
                )
            })
        };
        let Some((span, message, hint)) = wrong else {
            return Some(());
        };
        let diagnostic = Diagnostic::error("bad-value", span, message);
        self.found.push(diagnostic.hint(hint));
        None
    }

    fn call_of_saga(
        &mut self,
        place: &mut Place,
        to: &At<Reference>,
        policy: Option<PolicyRef>,
        step: &SagaStepFile,
    ) -> Option<(StepSpec, SiteId)> {
        let call = CallFile {
            to: to.clone(),
            policy,
            optional: false,
            pool: step.pool.clone(),
        };
        self.blocks += 1;
        let call = self.call(place, &call);
        self.blocks -= 1;
        let call = call?;
        let (StepSpec::Call { site, .. } | StepSpec::Block { site, .. }) = call else {
            return None;
        };
        Some((call, site))
    }

    fn saga_spec(
        &mut self,
        operation: OperationId,
        file: &At<SagaFile>,
        name: String,
        steps: Vec<SagaStepSpec>,
    ) -> SagaId {
        let written = &file.value;
        let pivot = written.steps.value.iter().position(|it| it.value.pivot);
        self.places.sagas.push(file.span);
        self.spec.sagas.push(SagaSpec {
            name,
            operation,
            shape: SagaShape {
                can_undo: steps.iter().map(|it| it.undo.is_some()).collect(),
                pivot: pivot.map(|at| at as u16),
                ignores_unknown: written.unknown == UnknownFile::Ignore,
            },
            steps,
            persist: written.persist,
            timeout: written.timeout.0.unwrap_or(SimDuration::MAX),
            resume_after: written.resume_after.value,
            // Until all operations that the file names are there.
            resumed: operation,
            resumes: SiteId(0),
        })
    }

    /// For each saga the operation that goes on with it in another process, and who calls that.
    pub(super) fn resumptions(&mut self) {
        for index in 0..self.spec.sagas.len() {
            let id = SagaId::from_index(index);
            let span = self.places.sagas[index];
            let (operation, name) = (
                self.spec.sagas[id].operation,
                self.spec.sagas[id].name.clone(),
            );
            let Some(service) = self.names.service_of(operation) else {
                continue;
            };
            let resumed = OperationId::from_index(self.spec.operations.len());
            let of = self.spec.operations[operation].name.clone();
            self.names.add_unnamed(service);
            self.places.operations.push(span);
            self.spec.operations.push(OperationSpec {
                name: format!("{of}.{name}"),
                service,
                idempotent: true,
                keys: None,
                steps: vec![StepSpec::Saga {
                    saga: id,
                    calls: Vec::new(),
                }],
                check: None,
                stores: None,
            });
            let path = format!("{}.{of}/{name}/resumes", self.service_name(service));
            let caller = Caller::Operation(operation);
            let site = self.site(&path, caller, resumed, &PolicyName::none(), span);
            self.spec.sites[site].route = RouteSpec::Own;
            let saga = &mut self.spec.sagas[id];
            (saga.resumed, saga.resumes) = (resumed, site);
        }
    }
}
