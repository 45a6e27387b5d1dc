//! Work in progress.
//!
//! Where nothing can change its speed, its end is one event at a fixed instant. Where cores are
//! shared, or a fault may slow or freeze work in progress, the instance keeps its working strands in
//! a [`SharedCores`](crate::queueing::SharedCores) and one timer for whoever is done first.

use super::Workplace;
use crate::id::{InstanceId, OperationId, SiteId};
use crate::kernel::{Class, Timer};
use crate::model::arena::StrandIx;
use crate::model::cx::Cx;
use crate::model::fact::Observer;
use crate::model::services::event::ServiceEvent;
use crate::model::spec::ContentionSpec;
use crate::time::SimDuration;
use crate::units::Factor;

impl Workplace {
    /// A strand begins work that would take so long at full speed: the timer of its end, none if it
    /// shares cores.
    #[expect(
        clippy::inline_always,
        reason = "work starts at its step, all else is out of line"
    )]
    #[inline(always)]
    pub(crate) fn start<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        (instance, site): (InstanceId, SiteId),
        ix: StrandIx,
        time: SimDuration,
    ) -> Option<Timer> {
        let host = &mut self.instances[instance];
        host.at_work += 1;
        if host.plain {
            let done = ServiceEvent::WorkDone(ix);
            return Some(cx.schedule(cx.now + time, Class::Completion, done));
        }
        self.start_specially(cx, instance, cx.targets[site], ix, time)
    }

    /// The same where its speed may be another one, or change.
    #[inline(never)]
    fn start_specially<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        instance: InstanceId,
        operation: OperationId,
        ix: StrandIx,
        time: SimDuration,
    ) -> Option<Timer> {
        let host = &mut self.instances[instance];
        let factor = host.stretch(cx.now, cx.spec, operation);
        let time = if factor == Factor::ONE {
            time
        } else {
            time.scaled(factor.get())
        };
        if let Some(cores) = &mut host.cores {
            cores.start(cx.now, ix, time);
            self.settle_cores(cx, instance);
            return None;
        }
        let done = ServiceEvent::WorkDone(ix);
        Some(cx.schedule(cx.now + time, Class::Completion, done))
    }

    /// The first strand on shared cores is done.
    pub(crate) fn finish_first<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        instance: InstanceId,
    ) -> StrandIx {
        let host = &mut self.instances[instance];
        host.cores_timer = Timer::NONE;
        let Some(cores) = &mut host.cores else {
            unreachable!("only shared cores have a timer")
        };
        let ix = cores.finish(cx.now);
        host.at_work -= 1;
        self.settle_cores(cx, instance);
        ix
    }

    /// Work ends before it is done; its timer, none if it shares cores.
    pub(crate) fn stop<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        instance: InstanceId,
        ix: StrandIx,
        timer: Option<Timer>,
    ) {
        let host = &mut self.instances[instance];
        host.at_work -= 1;
        if let Some(timer) = timer {
            cx.events.cancel(timer);
        } else if let Some(cores) = &mut host.cores {
            cores.stop(cx.now, ix);
            self.settle_cores(cx, instance);
        }
    }

    /// The speed and the next completion of shared cores, after anything that may change them.
    pub(crate) fn settle_cores<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        let host = &mut self.instances[instance];
        let Some(cores) = &mut host.cores else { return };
        let contention = match &cx.spec.services[host.service].contention {
            Some(ContentionSpec {
                law,
                in_progress: true,
            }) => law.factor(host.at_work),
            _ => Factor::ONE,
        };
        if host.paused {
            cores.pause(cx.now);
        } else {
            cores.stretch(cx.now, host.slow_in_progress.times(contention).get());
        }
        let next = cores.next_completion();
        cx.events
            .cancel(std::mem::replace(&mut host.cores_timer, Timer::NONE));
        if let Some((at, _)) = next {
            host.cores_timer =
                cx.schedule(at, Class::Completion, ServiceEvent::CoresDone(instance));
        }
    }
}
