//! `queues` and `consumes`: operations that nobody names but `publish`, and places that hand out.
//!
//! The operations of queues come after all that the file names, in its order, so that their numbers are
//! known before any step is compiled.

use super::Compiler;
use super::policy_draft::PolicyName;
use crate::id::{OperationId, QueueId, ServiceId};
use crate::keeping::queue::{
    Assign, CountsSet, GiveUpTo, GiveUpWhen, HandoutFailure, Holds, Lanes, LateAck, LeaseConfig,
    LostConsumer, Overflow, QueueConfig, ReturnPlace,
};
use crate::model::spec::{
    Caller, ConsumerSpec, FaultKind, KeptFault, MessageQueueSpec, OnHandlerError, OperationSpec,
    RouteSpec,
};
use crate::policy::Backoff;
use crate::scenario::diagnostic::{Diagnostic, nearest, quoted};
use crate::scenario::file::fault::FaultFile;
use crate::scenario::file::messages::{
    AckFile, AssignFile, ConsumeFile, CountedFile, ExpiresFile, GiveUpWhenFile, LateAckFile,
    LeaseFile, LeaseFromFile, MessageQueueFile, OnErrorFile, OnFailureFile, OrderFile,
    OverflowFile, ReturnPlaceFile,
};
use crate::scenario::read::{At, NamedItem};
use crate::scenario::value::{Count, Reference};
use crate::time::SimDuration;
use crate::units::Rate;

impl Compiler<'_> {
    /// All queues, and the operations that store messages in them.
    pub(super) fn queues(&mut self) {
        let file = self.file;
        for (index, item) in (0..).zip(&file.services.value.0) {
            let Some(service) = &item.item else {
                continue;
            };
            let operations = &service.operations.value.0;
            for (number, queue) in (0..).zip(&service.queues.0) {
                if operations.iter().any(|it| it.name == queue.name) {
                    let message = format!(
                        "`services.{}` has a queue and an operation `{}`, but to publish is to call an \
                         operation of the queue's name",
                        item.name, queue.name
                    );
                    let hint = "rename one of them";
                    let diagnostic = Diagnostic::error("duplicate-key", queue.span, message);
                    self.found.push(diagnostic.hint(hint));
                }
                self.message_queue(ServiceId(index), number, queue);
            }
        }
    }

    fn message_queue(
        &mut self,
        service: ServiceId,
        number: u32,
        item: &NamedItem<MessageQueueFile>,
    ) {
        let id = QueueId(self.spec.queues.len() as u32);
        let operation = OperationId(self.spec.operations.len() as u32);
        self.places.operations.push(item.span);
        self.places.queues.push(item.span);
        self.spec.operations.push(OperationSpec {
            name: item.name.clone(),
            service,
            idempotent: true,
            keys: None,
            steps: Self::only_store(),
            check: None,
            stores: Some(id),
        });
        let (config, dead_letters, backoff) = match &item.item {
            Some(file) => self.queue_config(item, file),
            None => (QueueConfig::PLAIN, None, Backoff::None),
        };
        self.spec.queues.push(MessageQueueSpec {
            name: item.name.clone(),
            service,
            home: number % self.spec.services[service].instances.max(1),
            operation,
            config,
            dead_letters,
            backoff,
        });
    }

    fn queue_config(
        &mut self,
        item: &NamedItem<MessageQueueFile>,
        file: &MessageQueueFile,
    ) -> (QueueConfig, Option<QueueId>, Backoff) {
        debug_assert!(
            file.like.is_none_or(|like| !like.0.is_empty()),
            "its settings stand in for those that are missing"
        );
        let (give_up_to, dead_letters) = match file.give_up.to.value.0.as_str() {
            "drop" => (GiveUpTo::Leaves, None),
            "park" => (GiveUpTo::Parks, None),
            _ => (GiveUpTo::Leaves, self.find_queue(&file.give_up.to)),
        };
        let capacity = &file.capacity;
        let (lanes, holds) = self.lanes(item, file);
        let config = QueueConfig {
            lanes,
            keys: file.keys.map_or(u32::MAX, Count::get),
            holds,
            assign: assigned(file.assign.value),
            rebalance: file.rebalance,
            dedup: file.dedup,
            lease: file.lease.as_ref().and_then(|it| self.lease(it)),
            max_deliveries: file.max_deliveries.value.or_any(),
            counts: file.counts.as_deref().map_or(CountsSet::ALL, counted),
            give_up_when: match file.give_up.when {
                GiveUpWhenFile::AtOnce => GiveUpWhen::AtOnce,
                GiveUpWhenFile::NextReceive => GiveUpWhen::NextReceive,
            },
            give_up_to,
            place: match file.redelivery.place {
                ReturnPlaceFile::Original => ReturnPlace::Original,
                ReturnPlaceFile::Head => ReturnPlace::Head,
                ReturnPlaceFile::Tail => ReturnPlace::Tail,
            },
            lost: LostConsumer {
                reset: file.lost_consumer.reset.or_forever(),
                silent: file.lost_consumer.silent.0,
            },
            most_ready: capacity.ready.or_any(),
            most_leased: capacity.leased.or_any(),
            overflow: match capacity.overflow {
                OverflowFile::Reject => Overflow::Reject,
                OverflowFile::DropOldest => Overflow::DropOldest,
                OverflowFile::DeadLetter => Overflow::GiveUpOldest,
                OverflowFile::Block => Overflow::Block,
            },
            ttl: file.ttl.0,
            expires_at_head: file.expires == ExpiresFile::AtHead,
        };
        let backoff = file.redelivery.backoff.config(&mut self.found);
        (config, dead_letters, backoff.unwrap_or(Backoff::None))
    }

    /// What is kept in order, and what holds the next one back.
    fn lanes(
        &mut self,
        item: &NamedItem<MessageQueueFile>,
        file: &MessageQueueFile,
    ) -> (Lanes, Holds) {
        let name = &item.name;
        let is_shared = file.assign.value == AssignFile::Shared;
        let is_ordered = file.order == OrderFile::Key;
        let mut complain = |code, message: String, hint: &str| {
            let diagnostic = Diagnostic::error(code, item.span, message);
            self.found.push(diagnostic.hint(hint));
        };
        if is_ordered && file.keys.is_none() {
            let message = format!("queue `{name}` keeps the order of each key, but has no `keys`");
            complain(
                "missing-key",
                message,
                "say how many there are, such as `keys: 100`",
            );
        }
        if is_shared && let Some(partitions) = &file.partitions {
            let message = format!(
                "`{}` says in how many parts the queue is, but `assign` is `shared`: anybody gets anything",
                partitions.path
            );
            let hint = "add `assign: eager` or `assign: cooperative`, so that parts have owners";
            complain("bad-value", message, hint);
        }
        if !is_shared && file.partitions.is_none() {
            let message = format!(
                "`{}` gives each part of queue `{name}` an owner, but it has no `partitions`",
                file.assign.path
            );
            complain(
                "missing-key",
                message,
                "say how many there are, such as `partitions: 12`",
            );
        }
        if !is_ordered && file.on_failure == OnFailureFile::Block {
            let message = format!(
                "`on_failure: block` of queue `{name}` holds others of a key back, but `order` is `none`"
            );
            complain("bad-value", message, "add `order: key`, and `keys`");
        }
        let holds = match (file.order, file.on_failure) {
            (OrderFile::None, _) => Holds::Nothing,
            (OrderFile::Key, OnFailureFile::Overtake) => Holds::Leased,
            (OrderFile::Key, OnFailureFile::Block) => Holds::Unsettled,
        };
        let lanes = match (&file.partitions, file.keys) {
            (Some(partitions), _) => Lanes::PerPartition(partitions.value.get()),
            (None, Some(keys)) if is_ordered => Lanes::PerKey(keys.get()),
            (None, _) => Lanes::One,
        };
        (lanes, holds)
    }

    fn lease(&mut self, file: &LeaseFile) -> Option<LeaseConfig> {
        let lasts = file.r#for.value;
        if lasts.is_zero() {
            let message = format!(
                "`{}` is 0s, but a message that is back as soon as it is out is never worked on",
                file.r#for.path
            );
            self.error("bad-value", file.r#for.span, message);
            return None;
        }
        Some(LeaseConfig {
            lasts,
            from_start: file.from == LeaseFromFile::Start,
            check_every: file.check_every,
            late_ack: match file.late_ack {
                LateAckFile::Accepted => LateAck::Accepted,
                LateAckFile::Rejected => LateAck::Rejected,
            },
        })
    }

    /// Who is handed messages.
    pub(super) fn consumers(&mut self) {
        let file = self.file;
        for (index, item) in (0..).zip(&file.services.value.0) {
            let Some(service) = &item.item else {
                continue;
            };
            let threads = service.threads.0.map(Count::get);
            for consumer in &service.consumes.0 {
                if let Some(file) = &consumer.item {
                    self.consumer((ServiceId(index), threads), consumer, file);
                }
            }
        }
    }

    fn consumer(
        &mut self,
        (service, threads): (ServiceId, Option<u32>),
        item: &NamedItem<ConsumeFile>,
        file: &ConsumeFile,
    ) {
        let Some(queue) = self.find_queue(&file.from) else {
            return;
        };
        let name = self.service_name(service).to_owned();
        let operation = file.operation.value.0.as_str();
        let full = At {
            value: Reference(format!("{name}.{operation}")),
            span: file.operation.span,
            path: file.operation.path.clone(),
        };
        let Some(target) = self.find_operation(&full) else {
            return;
        };
        let Some(credit) = file.prefetch.map(Count::get).or(threads) else {
            let message = format!(
                "`services.{name}.consumes.{}` needs `prefetch`, since the service has unlimited \
                 threads",
                item.name
            );
            let diagnostic = Diagnostic::error("missing-key", item.span, message);
            let hint = "say how many messages an instance has at once, such as `prefetch: 10`";
            return self.found.push(diagnostic.hint(hint));
        };
        let none = PolicyName::none();
        let caller = Caller::Operation(self.spec.queues[queue].operation);
        let path = format!("consume/{name}.{}", item.name);
        let site = self.site(&path, caller, target, &none, item.span);
        self.spec.sites[site].route = RouteSpec::Fixed {
            network: true,
            admission: false,
        };
        // A further hand-out of a message makes the same call.
        self.spec.sites[site].is_within = true;
        self.spec.consumers.push(ConsumerSpec {
            name: item.name.clone(),
            service,
            queue,
            site,
            credit,
            inbox: file.inbox,
            ack_before: file.ack == AckFile::Before,
            on_error: match file.on_error {
                OnErrorFile::Nack => OnHandlerError::Nack,
                OnErrorFile::Reject => OnHandlerError::Reject,
                OnErrorFile::Leave => OnHandlerError::Leave,
                OnErrorFile::Ack => OnHandlerError::Ack,
                OnErrorFile::DeadLetter => OnHandlerError::DeadLetter,
            },
        });
        self.leaves_for_ever(item, file, queue);
    }

    /// What a fault does to messages.
    pub(super) fn on_queue(&mut self, file: &FaultFile) -> Option<FaultKind> {
        if let Some(poison) = &file.poison {
            let queue = self.find_queue(&poison.queue)?;
            let share = poison.share;
            return Some(FaultKind::Kept(KeptFault::Poison { queue, share }));
        }
        let redrive = file.redrive.as_ref()?;
        let from = self.find_queue(&redrive.from);
        let to = self.find_queue(&redrive.to);
        let per_second = redrive.rate.0.map(Rate::get);
        let every = match per_second {
            None => SimDuration::ZERO,
            Some(rate) if rate * 1e9 >= 1.0 => SimDuration::from_ns((1e9 / rate).round() as u64),
            Some(_) => {
                let message = "`redrive.rate` is 0/s, so nothing would move";
                self.error("bad-value", redrive.from.span, message);
                return None;
            }
        };
        let (from, to) = (from?, to?);
        Some(FaultKind::Kept(KeptFault::Redrive { from, to, every }))
    }

    /// What is left to the end of a lease that never comes is never handed out again.
    fn leaves_for_ever(
        &mut self,
        item: &NamedItem<ConsumeFile>,
        file: &ConsumeFile,
        queue: QueueId,
    ) {
        let has_lease = self.spec.queues[queue].config.lease.is_some();
        if file.on_error == OnErrorFile::Leave && !has_lease {
            let message = format!(
                "`on_error: leave` of `{}` leaves a failed message to the end of its lease, but queue {} \
                 has no `lease`: it would stay handed out for ever",
                item.name,
                quoted(&file.from.value.0)
            );
            let diagnostic = Diagnostic::error("bad-value", item.span, message);
            let hint = "give the queue a `lease`, or set `on_error: nack`";
            self.found.push(diagnostic.hint(hint));
        }
    }

    /// `service.queue`.
    pub(super) fn find_queue(&mut self, at: &At<Reference>) -> Option<QueueId> {
        let name = at.value.0.as_str();
        let found = name.split_once('.');
        let found = found.and_then(|key| self.names.queues.get(&key).copied());
        if let Some((queue, _)) = found {
            return Some(queue);
        }
        let all = self.names.queues.keys();
        let all: Vec<String> = all.map(|(of, queue)| format!("{of}.{queue}")).collect();
        let message = format!(
            "`{}` names the queue {}, which is not there",
            at.path,
            quoted(name)
        );
        let hint = match nearest(name, all.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "a queue is named `service.queue`".to_owned(),
        };
        let diagnostic = Diagnostic::error("unknown-name", at.span, message);
        self.found.push(diagnostic.hint(hint));
        None
    }

    /// The operation that stores messages in a queue.
    pub(super) fn find_store(&mut self, at: &At<Reference>) -> Option<OperationId> {
        let queue = self.find_queue(at)?;
        let mut all = self.names.queues.values();
        all.find(|it| it.0 == queue).map(|it| it.1)
    }
}

const fn assigned(file: AssignFile) -> Assign {
    match file {
        AssignFile::Shared => Assign::Shared,
        AssignFile::Eager => Assign::Eager,
        AssignFile::Cooperative => Assign::Cooperative,
    }
}

fn counted(file: &[CountedFile]) -> CountsSet {
    let failures = file.iter().map(|it| match it {
        CountedFile::Nack => HandoutFailure::Nack,
        CountedFile::Reject => HandoutFailure::Reject,
        CountedFile::LeaseEnd => HandoutFailure::LeaseEnd,
        CountedFile::Lost => HandoutFailure::Lost,
    });
    failures.fold(CountsSet::NONE, CountsSet::with)
}
