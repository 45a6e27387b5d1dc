//! Who is called what: looking names up, and saying which one was probably meant.

use super::Compiler;
use crate::id::{ClientId, EdgeId, FaultId, OperationId, ServiceId};
use crate::model::spec::{Caller, CallerGroup};
use crate::scenario::diagnostic::{Diagnostic, Span, did_you_mean, nearest, quoted};
use crate::scenario::file::ScenarioFile;
use crate::scenario::read::At;
use crate::scenario::value::Reference;
use std::collections::BTreeMap;

/// Names that the file defines.
pub(super) struct Names<'f> {
    clients: BTreeMap<&'f str, (ClientId, Span)>,
    services: BTreeMap<&'f str, (ServiceId, Span)>,
    operations: BTreeMap<(&'f str, &'f str), (OperationId, Span)>,
    /// Services that could not be read: nothing is said about their operations.
    broken: Vec<&'f str>,
    /// The service of each operation.
    owners: Vec<ServiceId>,
    policies: BTreeMap<&'f str, Span>,
    faults: BTreeMap<&'f str, (FaultId, Span)>,
}

/// A name with its place, for hints.
type Candidate<'a> = (&'a str, Span);

impl<'f> Names<'f> {
    pub(super) fn declare(file: &'f ScenarioFile) -> Self {
        let mut names = Self {
            clients: BTreeMap::new(),
            services: BTreeMap::new(),
            operations: BTreeMap::new(),
            broken: Vec::new(),
            owners: Vec::new(),
            policies: BTreeMap::new(),
            faults: BTreeMap::new(),
        };
        for (index, item) in (0..).zip(&file.clients.value.0) {
            names
                .clients
                .insert(&item.name, (ClientId(index), item.span));
        }
        for (index, item) in (0..).zip(&file.faults.0) {
            names.faults.insert(&item.name, (FaultId(index), item.span));
        }
        for item in &file.policies.0 {
            names.policies.insert(&item.name, item.span);
        }
        names.declare_services(file);
        names
    }

    fn declare_services(&mut self, file: &'f ScenarioFile) {
        let mut next = 0;
        for (index, item) in (0..).zip(&file.services.value.0) {
            self.services
                .insert(&item.name, (ServiceId(index), item.span));
            let Some(service) = &item.item else {
                self.broken.push(&item.name);
                continue;
            };
            for operation in &service.operations.value.0 {
                let key = (item.name.as_str(), operation.name.as_str());
                self.operations
                    .insert(key, (OperationId(next), operation.span));
                self.owners.push(ServiceId(index));
                next += 1;
            }
        }
    }

    /// The service of an operation.
    pub(super) fn service_of(&self, operation: OperationId) -> Option<ServiceId> {
        self.owners.get(operation.0 as usize).copied()
    }

    /// Where a policy is defined.
    pub(super) fn policy(&self, name: &str) -> Option<Span> {
        self.policies.get(name).copied()
    }

    fn operations_of(&self, service: &str) -> Vec<Candidate<'f>> {
        let all = self.operations.iter();
        all.filter(|((of, _), _)| *of == service)
            .map(|((_, name), (_, span))| (*name, *span))
            .collect()
    }
}

impl Compiler<'_> {
    pub(super) fn find_client(&mut self, at: &At<Reference>) -> Option<ClientId> {
        let name = at.value.0.as_str();
        if let Some((id, _)) = self.names.clients.get(name) {
            return Some(*id);
        }
        let candidates: Vec<Candidate<'_>> = self
            .names
            .clients
            .iter()
            .map(|(name, (_, span))| (*name, *span))
            .collect();
        let diagnostic = unknown(at, "client", name, &candidates);
        self.found.push(diagnostic);
        None
    }

    pub(super) fn find_service(&mut self, at: &At<Reference>) -> Option<ServiceId> {
        self.service_named(at, &at.value.0)
    }

    fn service_named(&mut self, at: &At<Reference>, name: &str) -> Option<ServiceId> {
        if let Some((id, _)) = self.names.services.get(name) {
            return Some(*id);
        }
        let candidates: Vec<Candidate<'_>> = self
            .names
            .services
            .iter()
            .map(|(name, (_, span))| (*name, *span))
            .collect();
        let diagnostic = unknown(at, "service", name, &candidates);
        self.found.push(diagnostic);
        None
    }

    pub(super) fn find_fault(&mut self, at: &At<Reference>) -> Option<FaultId> {
        let name = at.value.0.as_str();
        if let Some((id, _)) = self.names.faults.get(name) {
            return Some(*id);
        }
        let candidates: Vec<Candidate<'_>> = self
            .names
            .faults
            .iter()
            .map(|(name, (_, span))| (*name, *span))
            .collect();
        let diagnostic = unknown(at, "fault", name, &candidates);
        self.found.push(diagnostic);
        None
    }

    /// Whether a policy of this name is defined; complains if not.
    pub(super) fn find_policy(&mut self, name: &str, span: Span, path: &str) -> bool {
        if self.names.policy(name).is_some() {
            return true;
        }
        let at = At {
            value: Reference(name.to_owned()),
            span,
            path: path.to_owned(),
        };
        let candidates: Vec<Candidate<'_>> = self
            .names
            .policies
            .iter()
            .map(|(name, span)| (*name, *span))
            .collect();
        let diagnostic = unknown(&at, "policy", name, &candidates);
        self.found.push(diagnostic);
        false
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
            let candidates = self.names.operations_of(service);
            let kind = format!("operation of service {}", quoted(service));
            let diagnostic = unknown(at, &kind, operation, &candidates);
            self.found.push(diagnostic);
        }
        None
    }

    fn not_an_operation(&mut self, at: &At<Reference>, name: &str) {
        let message = format!(
            "`{}` is {}, but an operation is written `service.operation`",
            at.path,
            quoted(name)
        );
        let diagnostic = Diagnostic::error("bad-value", at.span, message);
        let all = self.names.operations.keys();
        let whole: Vec<String> = all.map(|(s, o)| format!("{s}.{o}")).collect();
        let hint = did_you_mean(name, whole.iter().map(String::as_str));
        self.found.push(diagnostic.maybe_hint(hint));
    }

    /// `caller -> service.operation`, which must be called in the scenario.
    pub(super) fn find_edge(&mut self, at: &At<Reference>) -> Option<EdgeId> {
        let Some((caller, target)) = at.value.0.split_once("->") else {
            let message = format!(
                "`{}` is {}, but an edge is written `caller -> service.operation`",
                at.path,
                quoted(&at.value.0)
            );
            self.error("bad-value", at.span, message);
            return None;
        };
        let caller = self.find_caller(at, caller.trim())?;
        let target = self.operation_named(at, target.trim())?;
        if let Some(edge) = self.edges.get(&(caller, target)) {
            return Some(*edge);
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
        let candidates: Vec<Candidate<'_>> = self
            .names
            .clients
            .iter()
            .map(|(name, (_, span))| (*name, *span))
            .collect();
        let diagnostic = unknown(at, "client", name, &candidates);
        self.found.push(diagnostic);
        None
    }

    fn no_such_edge(&mut self, at: &At<Reference>) {
        let message = format!("`{}` names a call that nobody makes", at.path);
        let edges: Vec<String> = self
            .spec
            .edges
            .iter()
            .map(|edge| self.edge_name(edge))
            .collect();
        let hint = did_you_mean(&at.value.0, edges.iter().map(String::as_str));
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
        let services = self.names.services.iter();
        let mut candidates: Vec<Candidate<'_>> =
            services.map(|(name, (_, span))| (*name, *span)).collect();
        candidates.extend(
            self.names
                .clients
                .iter()
                .map(|(name, (_, span))| (*name, *span)),
        );
        let diagnostic = unknown(at, "client or service", name, &candidates);
        self.found.push(diagnostic);
        None
    }
}

fn unknown(at: &At<Reference>, kind: &str, name: &str, candidates: &[Candidate<'_>]) -> Diagnostic {
    let message = format!(
        "`{}` names {kind} {}, which is not defined",
        at.path,
        quoted(name)
    );
    let diagnostic = Diagnostic::error("unknown-name", at.span, message);
    let names = || candidates.iter().map(|(name, _)| *name);
    let Some(near) = nearest(name, names()) else {
        return diagnostic.maybe_hint(did_you_mean(name, names()));
    };
    let place = candidates.iter().find(|(name, _)| *name == near);
    let line = place.map_or(0, |(_, span)| span.line);
    diagnostic.hint(format!("did you mean `{near}`? (defined at line {line})"))
}
