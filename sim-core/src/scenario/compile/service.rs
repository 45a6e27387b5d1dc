//! `services`: instances, threads, queues and what slows them.

use super::Compiler;
use super::layer::among_equals;
use super::queue::no_waiting;
use crate::id::{AdmissionId, InstanceId, OperationId, ProcessId, ServiceId};
use crate::model::spec::{
    AbandonedWork, AdmissionSpec, ContentionLaw, ContentionSpec, Execution, InProgress, KeySpec,
    MembershipSpec, OperationSpec, RetryAfterSpec, ServiceSpec,
};
use crate::policy::{BalanceConfig, BalanceWay, Outcome, OutcomeSet, RetryHint};
use crate::scenario::file::service::{
    AbandonedWorkFile, ContentionFile, ContentionLawFile, ExecutionFile, InProgressFile,
    KeyScopeFile, OperationFile, RetryAfterHintFile, ServiceFile,
};
use crate::scenario::layer::{AdmissionFile, Balance};
use crate::scenario::read::{At, NamedItem};
use crate::scenario::value::Count;
use crate::units::Factor;

/// Most processes of all clients and services together.
const MOST_PROCESSES: u32 = 4_000_000;
/// Most layers of an `admission`.
const MOST_ADMISSION_LAYERS: usize = 32;

impl Compiler<'_> {
    pub(super) fn services(&mut self) {
        let file = self.file;
        if file.services.value.0.is_empty() {
            let message = "`services` is empty, but calls need a service to go to";
            self.error("bad-value", file.services.span, message);
        }
        for item in &file.services.value.0 {
            let spec = self.service(item);
            self.add_instances(&spec);
            self.spec.services.push(spec);
            self.places.services.push(item.span);
            let ejection = item.item.as_ref().and_then(|it| it.ejection.as_ref());
            self.places
                .ejections
                .push(ejection.map_or(item.span, |at| at.span));
        }
        self.check_processes();
        self.operations();
    }

    fn check_processes(&mut self) {
        let total = self.next_process().0;
        if total > MOST_PROCESSES {
            let message = format!(
                "clients and services have {total} processes together, but a scenario has at most \
                 {MOST_PROCESSES}"
            );
            self.error("too-large", self.file.services.span, message);
        }
    }

    fn add_instances(&mut self, spec: &ServiceSpec) {
        let id = ServiceId(self.spec.services.len() as u32);
        if self.spec.instances.len() > MOST_PROCESSES as usize {
            return;
        }
        for _ in 0..spec.instances {
            self.spec.instances.push(id);
        }
    }

    fn service(&mut self, item: &NamedItem<ServiceFile>) -> ServiceSpec {
        let first_instance = InstanceId(self.spec.instances.len() as u32);
        let first_process = self.next_process();
        let Some(service) = &item.item else {
            return stand_in(&item.name, first_instance, first_process);
        };
        self.check_queue(item, service);
        let contention = self.contention(&service.contention);
        let ejection = self.ejection(service.ejection.as_ref());
        let lifecycle = service.lifecycle.as_ref();
        let lifecycle = lifecycle.and_then(|at| self.lifecycle(at));
        let mut membership = self.membership(service.membership.as_ref());
        membership.each_for_itself = ejection.as_ref().is_some_and(|it| !it.shared);
        ServiceSpec {
            name: item.name.clone(),
            instances: service.instances.get(),
            zones: self.zones_of_service(service),
            threads: service.threads.0.map(Count::get),
            execution: execution(service.execution),
            cores: service.cores.0,
            backlog: service.backlog.0.map(Count::get),
            queue: self.queue(service.queue.as_ref()),
            memory: service.memory.as_ref().map(|memory| self.memory(memory)),
            contention,
            connections: service.connections.0.map(Count::get),
            admission: self.admission(&service.admission),
            abandoned_work: abandoned_work(service.abandoned_work),
            balance: self.balance(&item.name, service).config,
            retry_after: service.retry_after.as_ref().map(retry_after),
            lifecycle,
            membership,
            ejection,
            ..stand_in(&item.name, first_instance, first_process)
        }
    }

    /// The layers through which calls come into the next service.
    fn admission(&mut self, layers: &[At<AdmissionFile>]) -> Vec<AdmissionId> {
        let service = ServiceId(self.spec.services.len() as u32);
        if let Some(excess) = layers.get(MOST_ADMISSION_LAYERS) {
            let message = format!(
                "`{}` is one layer too many: {MOST_ADMISSION_LAYERS} are allowed",
                excess.path
            );
            self.error("too-large", excess.span, message);
        }
        let (mut names, mut all) = (Vec::new(), Vec::new());
        for layer in layers.iter().take(MOST_ADMISSION_LAYERS) {
            let Some(draft) = layer.value.draft(&mut self.found) else {
                continue;
            };
            // What is switched off is checked, and keeps its number among equals.
            let name = among_equals(draft.kind.name(), &names);
            names.push(name.clone());
            if draft.enabled {
                self.places.admission.push(layer.span);
                all.push(self.spec.admission.push(AdmissionSpec {
                    service,
                    name,
                    shared: draft.shared,
                    per: draft.per,
                    kind: draft.kind,
                }));
            }
        }
        all
    }

    fn contention(&mut self, at: &At<ContentionFile>) -> Option<ContentionSpec> {
        let file = at.value.0.as_ref()?;
        match law(file) {
            Ok(law) => Some(ContentionSpec {
                law,
                in_progress: file.in_progress,
            }),
            Err(reason) => {
                self.error("contention", at.span, format!("`{}`: {reason}", at.path));
                None
            }
        }
    }

    fn balance(&mut self, name: &str, service: &ServiceFile) -> Balance {
        let balance = service.balance.config(&mut self.found);
        balance.check(name, service.instances.get(), &mut self.found);
        balance
    }

    /// The service's own way to choose an instance.
    pub(super) fn balance_of(&mut self, service: ServiceId) -> Balance {
        let file = self.file;
        let item = file.services.value.0.get(service.0 as usize);
        match item.and_then(|item| item.item.as_ref()) {
            Some(service) => {
                // Mistakes in it are reported where the service is compiled.
                let found = std::mem::take(&mut self.found);
                let balance = service.balance.config(&mut self.found);
                self.found = found;
                balance
            }
            None => Balance::usual(),
        }
    }

    fn operations(&mut self) {
        let file = self.file;
        for (index, item) in (0..).zip(&file.services.value.0) {
            let Some(service) = &item.item else {
                continue;
            };
            if service.operations.value.0.is_empty() && service.queues.0.is_empty() {
                let message = format!("service `{}` has no operation to call", item.name);
                self.error("bad-value", service.operations.span, message);
            }
            for operation in &service.operations.value.0 {
                self.operation(ServiceId(index), &item.name, operation);
            }
        }
    }

    fn operation(
        &mut self,
        service: ServiceId,
        service_name: &str,
        item: &NamedItem<OperationFile>,
    ) {
        let id = OperationId(self.spec.operations.len() as u32);
        let name = format!("{service_name}.{}", item.name);
        let steps = match &item.item {
            Some(file) => self.operation_steps(id, name, &file.steps),
            None => Vec::new(),
        };
        self.places.operations.push(item.span);
        self.spec.operations.push(OperationSpec {
            name: item.name.clone(),
            service,
            idempotent: item.item.as_ref().is_some_and(|file| file.idempotent),
            keys: item.item.as_ref().and_then(keys),
            steps,
            check: None,
            stores: None,
        });
    }
}

/// A service of which nothing is known but its name.
fn stand_in(name: &str, first_instance: InstanceId, first_process: ProcessId) -> ServiceSpec {
    ServiceSpec {
        name: name.to_owned(),
        instances: 1,
        zones: Vec::new(),
        first_instance,
        first_process,
        threads: None,
        execution: Execution::Blocking,
        cores: None,
        queue: no_waiting(),
        memory: None,
        backlog: Some(4_096),
        contention: None,
        connections: None,
        admission: Vec::new(),
        abandoned_work: AbandonedWork::Finish,
        balance: BalanceConfig::of(BalanceWay::RoundRobin),
        retry_after: None,
        lifecycle: None,
        membership: MembershipSpec::default(),
        ejection: None,
    }
}

fn retry_after(file: &RetryAfterHintFile) -> RetryAfterSpec {
    let turned_away = || {
        let rejected = OutcomeSet::named("rejected").unwrap_or_default();
        rejected.with(Outcome::ErrorUnavailable)
    };
    RetryAfterSpec {
        after: file.after.0.map_or(RetryHint::Never, RetryHint::After),
        on: file.on.map_or_else(turned_away, |on| on.0),
    }
}

fn keys(file: &OperationFile) -> Option<KeySpec> {
    let keys = file.idempotency_keys.as_ref()?;
    Some(KeySpec {
        retention: keys.retention,
        in_progress: match keys.in_progress {
            InProgressFile::Reject => InProgress::Reject,
            InProgressFile::Join => InProgress::Join,
            InProgressFile::Execute => InProgress::Execute,
        },
        shared: keys.scope == KeyScopeFile::Service,
    })
}

fn execution(file: ExecutionFile) -> Execution {
    match file {
        ExecutionFile::Blocking => Execution::Blocking,
        ExecutionFile::Async => Execution::Async,
    }
}

fn abandoned_work(file: AbandonedWorkFile) -> AbandonedWork {
    match file {
        AbandonedWorkFile::Finish => AbandonedWork::Finish,
        AbandonedWorkFile::Skip => AbandonedWork::Skip,
        AbandonedWorkFile::Remove => AbandonedWork::Remove,
        AbandonedWorkFile::Stop => AbandonedWork::Stop,
    }
}

fn law(file: &ContentionLawFile) -> Result<ContentionLaw, String> {
    match (&file.usl, &file.table) {
        (Some(usl), None) => Ok(ContentionLaw::Usl {
            sigma: usl.sigma.get(),
            kappa: usl.kappa.get(),
        }),
        (None, Some(rows)) => table(rows),
        _ => Err("one of `usl` and `table` is needed".to_owned()),
    }
}

fn table(rows: &[Vec<Factor>]) -> Result<ContentionLaw, String> {
    if rows.is_empty() {
        return Err("`table` needs at least one pair".to_owned());
    }
    let mut points: Vec<(u32, f64)> = Vec::new();
    for row in rows {
        let &[n, factor] = row.as_slice() else {
            return Err("each row of `table` is a pair `[n, factor]`".to_owned());
        };
        let n = n.get();
        if n < 1.0 || n.fract() != 0.0 || n > 1e9 {
            return Err("the first of each pair is a whole number from 1".to_owned());
        }
        if points
            .last()
            .is_some_and(|&(before, _)| f64::from(before) >= n)
        {
            return Err("the rows of `table` must be in order of n".to_owned());
        }
        points.push((n as u32, factor.get()));
    }
    Ok(ContentionLaw::Table(points))
}
