//! Hand-outs of messages as calls: the process that keeps the queue calls a consumer, and the outcome is
//! the answer (rule 84).
//!
//! The call goes to the instance that the queue has chosen, over the network and past admission, since a
//! consumer asks for what it gets; there it takes a thread, or waits for one in the service's queue.
//! Which answer it is worth is for whoever keeps the message.

use crate::id::{ConsumerId, IdMap};
use crate::model::arena::NONE;
use crate::model::call::{NewCall, Then};
use crate::model::cx::Cx;
use crate::model::delivery::DeliveryIx;
use crate::model::fact::{Fact, Observer};
use crate::model::handoff::Handoff;
use crate::model::spec::ModelSpec;
use crate::random::{KeySource, SiteKey, child_key};
use crate::time::SimTime;

/// All hand-outs.
#[derive(Clone, Debug)]
pub(super) struct Handouts {
    /// Keys of their calls.
    keys: IdMap<ConsumerId, SiteKey>,
}

impl Handouts {
    pub(super) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        let all = spec.consumers.iter();
        let key = all.map(|consumer| {
            let service = &spec.services[consumer.service].name;
            keys.site(
                &["service", service, "consumes", &consumer.name],
                "hand-out",
            )
        });
        Self {
            keys: key.collect(),
        }
    }

    /// A message is handed out: the consumer is called.
    pub(super) fn call<O: Observer>(&self, cx: &mut Cx<'_, O>, ix: DeliveryIx) {
        let delivery = cx.deliveries[ix];
        let consumer = &cx.spec.consumers[delivery.consumer];
        let queue = &cx.spec.queues[delivery.queue];
        let keeper = cx.spec.services[queue.service].first_process;
        let site = self.keys[delivery.consumer].0;
        let message = site ^ delivery.lineage.identity;
        let new = NewCall {
            key: child_key(message, 0, u64::from(delivery.handout.nth)),
            site: consumer.site,
            process: crate::id::ProcessId(keeper.0 + queue.home),
            then: Then::Message(ix),
            labels: delivery.labels,
            avoid: NONE,
            original: true,
        };
        let call = cx.calls.open(cx.now, new, SimTime::NEVER);
        let first = cx.spec.services[consumer.service].first_instance;
        cx.calls.fix(call, delivery.to.0 - first.0);
        // However often it is handed out, it is the same call.
        cx.calls.lineage.set(call, delivery.lineage.child(site, 0));
        let number = cx.calls[call].number;
        cx.tell(&Fact::HandedOut {
            queue: delivery.queue,
            instance: delivery.to,
            call: number,
            nth: u32::from(delivery.handout.nth),
            age: cx.now.since(delivery.stored_at),
        });
        cx.work.push(Handoff::StartCall(call, 0));
    }
}
