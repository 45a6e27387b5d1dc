//! Who is called what.

use crate::id::{ClientId, FaultId, OperationId, QueueId, ServiceId};
use crate::scenario::diagnostic::Span;
use crate::scenario::file::ScenarioFile;
use std::collections::BTreeMap;

/// Names that the file defines.
pub(super) struct Names<'f> {
    pub(super) clients: BTreeMap<&'f str, (ClientId, Span)>,
    pub(super) services: BTreeMap<&'f str, (ServiceId, Span)>,
    pub(super) operations: BTreeMap<(&'f str, &'f str), (OperationId, Span)>,
    /// Queues of messages, and the operations that store in them.
    pub(super) queues: BTreeMap<(&'f str, &'f str), (QueueId, OperationId)>,
    /// Services that could not be read: nothing is said about their operations.
    pub(super) broken: Vec<&'f str>,
    /// Whether some part could not be read, so that calls may be missing, and what goes with them.
    pub(super) is_incomplete: bool,
    /// The service of each operation.
    owners: Vec<ServiceId>,
    policies: BTreeMap<&'f str, Span>,
    pub(super) faults: BTreeMap<&'f str, (FaultId, Span)>,
}

impl<'f> Names<'f> {
    pub(super) fn declare(file: &'f ScenarioFile) -> Self {
        let mut names = Self {
            clients: BTreeMap::new(),
            services: BTreeMap::new(),
            operations: BTreeMap::new(),
            queues: BTreeMap::new(),
            broken: Vec::new(),
            is_incomplete: false,
            owners: Vec::new(),
            policies: BTreeMap::new(),
            faults: BTreeMap::new(),
        };
        for (index, item) in (0..).zip(&file.clients.value.0) {
            names
                .clients
                .insert(&item.name, (ClientId(index), item.span));
            names.is_incomplete |= item.item.is_none();
        }
        for (index, item) in (0..).zip(&file.faults.0) {
            names.faults.insert(&item.name, (FaultId(index), item.span));
        }
        for item in &file.policies.0 {
            names.policies.insert(&item.name, item.span);
        }
        names.declare_services(file);
        names.declare_queues(file);
        names
    }

    fn declare_services(&mut self, file: &'f ScenarioFile) {
        let mut next = 0;
        for (index, item) in (0..).zip(&file.services.value.0) {
            self.services
                .insert(&item.name, (ServiceId(index), item.span));
            let Some(service) = &item.item else {
                self.broken.push(&item.name);
                self.is_incomplete = true;
                continue;
            };
            self.is_incomplete |= service.health.0.iter().any(|it| it.item.is_none());
            for operation in &service.operations.value.0 {
                let key = (item.name.as_str(), operation.name.as_str());
                self.operations
                    .insert(key, (OperationId(next), operation.span));
                self.is_incomplete |= operation.item.is_none();
                self.owners.push(ServiceId(index));
                next += 1;
            }
        }
    }

    /// The operations of queues come after all others that the file names.
    fn declare_queues(&mut self, file: &'f ScenarioFile) {
        for (index, item) in (0..).zip(&file.services.value.0) {
            let Some(service) = &item.item else {
                continue;
            };
            for queue in &service.queues.0 {
                let id = QueueId(self.queues.len() as u32);
                let operation = OperationId(self.owners.len() as u32);
                let key = (item.name.as_str(), queue.name.as_str());
                self.queues.insert(key, (id, operation));
                self.owners.push(ServiceId(index));
            }
        }
    }

    /// Whether there is anything to call: a file of policies has nothing.
    pub(super) fn has_services(&self) -> bool {
        !self.services.is_empty()
    }

    /// An operation that the file does not name comes after all others.
    pub(super) fn add_unnamed(&mut self, of: ServiceId) {
        self.owners.push(of);
    }

    /// The service of an operation.
    pub(super) fn service_of(&self, operation: OperationId) -> Option<ServiceId> {
        self.owners.get(operation.0 as usize).copied()
    }

    /// Where a policy is defined.
    pub(super) fn policy(&self, name: &str) -> Option<Span> {
        self.policies.get(name).copied()
    }

    pub(super) fn operations_of(&self, service: &str) -> Vec<(String, Span)> {
        let all = self.operations.iter();
        all.filter(|((of, _), _)| *of == service)
            .map(|((_, name), (_, span))| ((*name).to_owned(), *span))
            .collect()
    }

    pub(super) fn all_clients(&self) -> Vec<(String, Span)> {
        listed(&self.clients)
    }

    pub(super) fn all_services(&self) -> Vec<(String, Span)> {
        listed(&self.services)
    }

    pub(super) fn all_faults(&self) -> Vec<(String, Span)> {
        listed(&self.faults)
    }

    pub(super) fn all_policies(&self) -> Vec<(String, Span)> {
        let all = self.policies.iter();
        all.map(|(name, span)| ((*name).to_owned(), *span))
            .collect()
    }
}

/// Names with their places, copied for a hint.
fn listed<'n, I: 'n>(
    names: impl IntoIterator<Item = (&'n &'n str, &'n (I, Span))>,
) -> Vec<(String, Span)> {
    let all = names.into_iter();
    all.map(|(name, (_, span))| ((*name).to_owned(), *span))
        .collect()
}
