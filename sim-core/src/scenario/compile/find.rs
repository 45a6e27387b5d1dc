//! Looking names up, and saying which one was probably meant.

use super::Compiler;
use super::names::Names;
use crate::id::{CheckId, ClientId, EdgeId, FaultId, OperationId, ServiceId};
use crate::model::spec::{Caller, CallerGroup, CheckSpec, EdgeSpec, ModelSpec};
use crate::scenario::diagnostic::{Diagnostic, Span, did_you_mean, nearest, quoted};
use crate::scenario::read::At;
use crate::scenario::value::Reference;

/// After so many mistakes no more hints are looked for: nobody reads them, and the search through
/// thousands of names for each of thousands of mistakes would take long.
const MOST_HINTS: usize = 200;

impl<'f> Compiler<'f> {
    /// The number of a class or tenant that some call has.
    pub(super) fn find_label(
        &mut self,
        at: &At<Reference>,
        what: &str,
        names: fn(&ModelSpec) -> &[String],
    ) -> Option<u16> {
        let written = at.value.0.as_str();
        let known = || names(&self.spec).iter().skip(1).map(String::as_str);
        if let Some(index) = known().position(|name| name == written) {
            return Some(index as u16 + 1);
        }
        // Who has it may be what could not be read.
        if self.names.is_incomplete {
            return None;
        }
        let path = &at.path;
        let message = format!(
            "`{path}` is {}, but no call has this {what}",
            quoted(written)
        );
        let hint = did_you_mean(written, known());
        let hint = hint.unwrap_or_else(|| {
            format!("give calls one, beside `calls` of a client: `{what}: NAME`")
        });
        let diagnostic = Diagnostic::error("unknown-name", at.span, message);
        self.found.push(diagnostic.hint(hint));
        None
    }

    pub(super) fn find_client(&mut self, at: &At<Reference>) -> Option<ClientId> {
        let found = self.names.clients.get(at.value.0.as_str()).copied();
        self.or_complain(found, at, "client", Names::all_clients)
    }

    pub(super) fn find_service(&mut self, at: &At<Reference>) -> Option<ServiceId> {
        self.service_named(at, &at.value.0)
    }

    fn service_named(&mut self, at: &At<Reference>, name: &str) -> Option<ServiceId> {
        if let Some((id, _)) = self.names.services.get(name) {
            return Some(*id);
        }
        self.not_defined(at, "service", name, "", Names::all_services);
        None
    }

    /// Whether a service could not be read: what it lacks may be what was wrong, which is said.
    pub(super) fn is_broken(&self, service: ServiceId) -> bool {
        self.names.broken.contains(&self.service_name(service))
    }

    pub(super) fn find_fault(&mut self, at: &At<Reference>) -> Option<FaultId> {
        let found = self.names.faults.get(at.value.0.as_str()).copied();
        self.or_complain(found, at, "fault", Names::all_faults)
    }

    /// Whether a policy of this name is defined; complains if not.
    pub(super) fn find_policy(&mut self, at: &At<Reference>) -> bool {
        let found = self.names.policy(&at.value.0).map(|span| ((), span));
        self.or_complain(found, at, "policy", Names::all_policies)
            .is_some()
    }

    /// `service.check`.
    pub(super) fn find_check(&mut self, at: &At<Reference>) -> Option<CheckId> {
        let name = at.value.0.as_str();
        let full = |check: &CheckSpec, spec: &ModelSpec| {
            format!("{}.{}", spec.services[check.service].name, check.name)
        };
        let mut checks = self.spec.checks.iter_enumerated();
        let found = checks.find(|(_, check)| full(check, &self.spec) == name);
        if let Some((id, _)) = found {
            return Some(id);
        }
        // It may be what could not be read.
        if self.names.is_incomplete {
            return None;
        }
        let all: Vec<String> = self
            .spec
            .checks
            .iter()
            .map(|it| full(it, &self.spec))
            .collect();
        let message = format!(
            "`{}` names the health check `{name}`, which is not there",
            at.path
        );
        let diagnostic = Diagnostic::error("unknown-name", at.span, message);
        let hint = match nearest(name, all.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "a check is named `service.check`".to_owned(),
        };
        self.found.push(diagnostic.hint(hint));
        None
    }

    /// `service.operation`.
    pub(super) fn find_operation(&mut self, at: &At<Reference>) -> Option<OperationId> {
        self.operation_named(at, &at.value.0)
    }

    fn operation_named(&mut self, at: &At<Reference>, name: &str) -> Option<OperationId> {
        let Some((service, operation)) = name.split_once('.') else {
            self.not_an_operation(at, name);
            return None;
        };
        self.service_named(at, service)?;
        if let Some((id, _)) = self.names.operations.get(&(service, operation)) {
            return Some(*id);
        }
        if !self.names.broken.contains(&service) {
            let owner = format!(" of service {}", quoted(service));
            let all = |names: &Names<'f>| names.operations_of(service);
            self.not_defined(at, "operation", operation, &owner, all);
        }
        None
    }

    fn not_an_operation(&mut self, at: &At<Reference>, name: &str) {
        let path = &at.path;
        let message = format!(
            "`{path}` is {}, but an operation is written `service.operation`",
            quoted(name)
        );
        let diagnostic = Diagnostic::error("bad-value", at.span, message);
        let hint = self.hint(name, |compiler| {
            let all = compiler.names.operations.keys();
            all.map(|(service, operation)| format!("{service}.{operation}"))
                .collect()
        });
        self.found.push(diagnostic.maybe_hint(hint));
    }

    /// `caller -> service.operation`, which must be called in the scenario.
    pub(super) fn find_edge(&mut self, at: &At<Reference>) -> Option<EdgeId> {
        let Some((caller, target)) = at.value.0.split_once("->") else {
            let path = &at.path;
            let is = quoted(&at.value.0);
            let message =
                format!("`{path}` is {is}, but an edge is written `caller -> service.operation`");
            self.error("bad-value", at.span, message);
            return None;
        };
        let caller = self.find_caller(at, caller.trim())?;
        let is_block =
            |edge: &EdgeSpec| edge.caller == caller && edge.block.as_deref() == Some(target.trim());
        let edges = &self.spec.edges;
        if let Some(block) = edges.ids().find(|&id| is_block(&edges[id])) {
            return Some(block);
        }
        let target = self.operation_named(at, target.trim())?;
        let made = |is_fallback| self.edges.get(&(caller, target, is_fallback)).copied();
        if let Some(edge) = made(false).or_else(|| made(true)) {
            return Some(edge);
        }
        self.no_such_edge(at);
        None
    }

    fn find_caller(&mut self, at: &At<Reference>, name: &str) -> Option<Caller> {
        if let Some((id, _)) = self.names.clients.get(name) {
            return Some(Caller::Client(*id));
        }
        if name.contains('.') {
            return self.operation_named(at, name).map(Caller::Operation);
        }
        self.not_defined(at, "client", name, "", Names::all_clients);
        None
    }

    fn no_such_edge(&mut self, at: &At<Reference>) {
        // A call that could not be compiled is missing here for that reason alone.
        if self.found.has_errors() || self.names.is_incomplete {
            return;
        }
        let message = format!("`{}` names a call that nobody makes", at.path);
        let hint = self.hint(&at.value.0, |compiler| {
            let edges = compiler.spec.edges.iter();
            edges.map(|edge| compiler.edge_name(edge)).collect()
        });
        let diagnostic = Diagnostic::error("unknown-name", at.span, message);
        self.found.push(diagnostic.maybe_hint(hint));
    }

    /// A client or a service, as the owner of processes.
    pub(super) fn find_group(&mut self, at: &At<Reference>) -> Option<CallerGroup> {
        let name = at.value.0.as_str();
        if let Some((id, _)) = self.names.clients.get(name) {
            return Some(CallerGroup::Client(*id));
        }
        if let Some((id, _)) = self.names.services.get(name) {
            return Some(CallerGroup::Service(*id));
        }
        let all = |names: &Names<'f>| {
            let mut all = names.all_services();
            all.extend(names.all_clients());
            all
        };
        self.not_defined(at, "client or service", name, "", all);
        None
    }

    fn or_complain<I>(
        &mut self,
        found: Option<(I, Span)>,
        at: &At<Reference>,
        kind: &str,
        all: impl FnOnce(&Names<'f>) -> Vec<(String, Span)>,
    ) -> Option<I> {
        if found.is_none() {
            self.not_defined(at, kind, &at.value.0, "", all);
        }
        found.map(|(id, _)| id)
    }

    /// Reports a name that its owner does not define, with the one that was probably meant.
    fn not_defined(
        &mut self,
        at: &At<Reference>,
        kind: &str,
        name: &str,
        owner: &str,
        all: impl FnOnce(&Names<'f>) -> Vec<(String, Span)>,
    ) {
        let path = &at.path;
        let is = quoted(name);
        let message = format!("`{path}` names {kind} {is}{owner}, which is not defined");
        let diagnostic = Diagnostic::error("unknown-name", at.span, message);
        let candidates = if self.found.all().len() < MOST_HINTS {
            all(&self.names)
        } else {
            Vec::new()
        };
        self.found
            .push(diagnostic.maybe_hint(defined_at(name, &candidates)));
    }

    /// Reports a pool that the file does not define.
    pub(super) fn no_such_pool(&mut self, at: &At<Reference>, names: &[(String, Span)]) {
        self.not_defined(at, "pool", &at.value.0, "", |_| names.to_vec());
    }

    fn hint(&self, name: &str, all: impl FnOnce(&Self) -> Vec<String>) -> Option<String> {
        if self.found.all().len() >= MOST_HINTS {
            return None;
        }
        did_you_mean(name, all(self).iter().map(String::as_str))
    }
}

/// The nearest name and its line, else what names there are.
fn defined_at(name: &str, candidates: &[(String, Span)]) -> Option<String> {
    let names = || candidates.iter().map(|(name, _)| name.as_str());
    let Some(near) = nearest(name, names()) else {
        return did_you_mean(name, names());
    };
    let (_, span) = candidates.iter().find(|(name, _)| name == near)?;
    Some(format!(
        "did you mean `{near}`? (defined at line {})",
        span.line
    ))
}
