//! Queues and memory: disciplines that cannot act, or that leave somebody waiting for ever.

use super::Lint;
use crate::id::{Id, ServiceId};
use crate::model::spec::{Execution, Groups, ServiceSpec};
use crate::policy::Layer;
use crate::queueing::{CodelRule, Discipline};
use crate::random::Dist;
use crate::units::Bytes;
use std::collections::BTreeSet;

impl Lint<'_> {
    pub(super) fn queues(&mut self) {
        for id in self.model.services.ids() {
            let found = [
                self.newest_first_for_ever(id),
                self.codel_never_acts(id),
                self.no_deadlines(id),
                self.one_class(id),
                self.memory_never_acts(id),
            ];
            for (code, message, hint) in found.into_iter().flatten() {
                self.warn(code, self.places.services[id.index()], message, hint);
            }
        }
    }

    /// Who is passed over waits for as long as others come.
    fn newest_first_for_ever(&self, id: ServiceId) -> Option<Said> {
        let service = &self.model.services[id];
        let queue = &service.queue;
        let newest = matches!(
            queue.discipline,
            Discipline::Lifo | Discipline::AdaptiveLifo { .. }
        );
        let ends = queue.capacity.is_some() || queue.max_wait.is_some() || queue.codel.is_some();
        (newest && !ends).then(|| {
            let message = format!(
                "the queue of `{}` is unlimited and serves the newest first: under overload the oldest \
                 are never served, and never turned away",
                service.name
            );
            let hint = "give it `max_wait`, or a `codel`, or a `capacity` with `when_full: drop_oldest`";
            ("newest-first-unbounded", message, hint)
        })
    }

    fn codel_never_acts(&self, id: ServiceId) -> Option<Said> {
        let service = &self.model.services[id];
        let queue = &service.queue;
        let codel = queue.codel?;
        let name = &service.name;
        let longest = queue.max_wait.as_ref().and_then(Dist::greatest);
        let least = match codel.rule {
            // A drop needs two more who wait.
            CodelRule::Rfc8289 => 3,
            CodelRule::Folly | CodelRule::Facebook => 1,
        };
        let why = if queue.capacity.is_some_and(|capacity| capacity < least) {
            format!("the queue of `{name}` has too few places for its `codel` to drop anybody")
        } else if let Some(longest) = longest.filter(|longest| *longest <= codel.target) {
            format!(
                "who waits in the queue of `{name}` leaves it after {longest}, so no wait is above the \
                 `target` {} of its `codel`",
                codel.target
            )
        } else if service.threads.is_none() {
            format!("`{name}` has unlimited threads, so nobody waits for its `codel` to judge")
        } else {
            return None;
        };
        Some((
            "codel-never-acts",
            why,
            "remove the `codel`, or let more wait for longer",
        ))
    }

    /// Deadlines decide, but nobody tells any.
    fn no_deadlines(&self, id: ServiceId) -> Option<Said> {
        let service = &self.model.services[id];
        if service.queue.discipline != Discipline::EarliestDeadline {
            return None;
        }
        // A deadline may have come a long way: any timeout that carries one may be it.
        let carries = |layer: &Layer| matches!(layer, Layer::Timeout(timeout) if timeout.propagate);
        let any = self.model.layers.iter().any(|layer| carries(&layer.kind));
        (!any).then(|| {
            let message = format!(
                "the queue of `{}` goes by deadlines, but no timeout carries one: it is served in order",
                service.name
            );
            let hint = "set `propagate: true` at the timeouts of its callers";
            ("deadlines-unsaid", message, hint)
        })
    }

    /// Classes decide, but all calls are of one.
    fn one_class(&self, id: ServiceId) -> Option<Said> {
        let service = &self.model.services[id];
        let Groups::Ranks(ranks) = &service.queue.groups else {
            return None;
        };
        let rank = |class: u16| ranks.get(usize::from(class)).copied().unwrap_or(0);
        let calls = self.model.clients.iter().flat_map(|client| {
            client
                .calls
                .iter()
                .map(|call| call.class.unwrap_or(client.class))
        });
        let ranks: BTreeSet<u32> = calls.map(rank).collect();
        (ranks.len() == 1).then(|| {
            let message = format!(
                "the queue of `{}` goes by priority, but all calls are of one rank: it is served in \
                 order",
                service.name
            );
            let hint = "give clients, or some of their calls, a `class`";
            ("priority-never-acts", message, hint)
        })
    }

    fn memory_never_acts(&self, id: ServiceId) -> Option<Said> {
        let service = &self.model.services[id];
        let memory = service.memory?;
        let limit = memory.limit?;
        let filled = self.model.faults.iter().any(|fault| fault.kind.fills(id));
        let first = memory.slow.map_or(limit, |(from, _)| from);
        let most = most_calls(service).map(|calls| memory.held(calls));
        let enough = most.is_some_and(|most| most <= first) || memory.per_call == Bytes::ZERO;
        (enough && !filled).then(|| {
            let holds = most.unwrap_or(memory.idle);
            let message = format!(
                "an instance of `{}` holds {holds} at most, and nothing happens below {first}: its \
                 `memory` never acts",
                service.name
            );
            let hint = "raise `per_call` to what a call really holds, or remove `memory`";
            ("memory-never-acts", message, hint)
        })
    }
}

/// A code, what is said, and what helps.
type Said = (&'static str, String, &'static str);

/// The most calls that can wait or run in an instance at once; none if any number can.
fn most_calls(service: &ServiceSpec) -> Option<u32> {
    match service.execution {
        Execution::Blocking => service.threads?.checked_add(service.queue.capacity?),
        Execution::Async => None,
    }
}
