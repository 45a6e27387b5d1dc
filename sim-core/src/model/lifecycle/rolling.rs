//! Instances that restart some at a time: who is told to stop, and when.

use super::Lifecycle;
use super::event::LifeEvent;
use super::rollout::Rollout;
use crate::id::{FaultId, InstanceId};
use crate::kernel::Class;
use crate::model::cx::Cx;
use crate::model::fact::{Observer, StopWhy, Then};
use crate::model::spec::RollFault;

impl Lifecycle {
    /// A rollout begins.
    pub(super) fn roll_out<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        fault: FaultId,
        roll: RollFault,
        instances: &[InstanceId],
    ) {
        let number = self.rollouts.len() as u32;
        self.rollouts.push(Rollout::new(fault, roll, instances));
        self.next_wave(cx, number);
    }

    /// The rollouts of a fault go no further.
    pub(super) fn end_rollouts(&mut self, fault: FaultId) {
        for rollout in &mut self.rollouts {
            rollout.end_if_of(fault);
        }
    }

    pub(super) fn next_wave<O: Observer>(&mut self, cx: &mut Cx<'_, O>, number: u32) {
        let wave = self.rollouts[number as usize].next_wave();
        for instance in wave {
            self.stop(cx, instance, Then::Restart, StopWhy::Fault);
            if self.is_settled(instance) {
                self.note_back(cx, instance);
            }
        }
    }

    /// An instance is up again, or empty: the next ones may have their turn.
    pub(super) fn note_back<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        for number in 0..self.rollouts.len() {
            let rollout = &mut self.rollouts[number];
            if rollout.is_back(instance) {
                let at = cx.now + rollout.pause();
                let event = LifeEvent::NextWave(number as u32);
                cx.schedule(at, Class::Membership, event);
            }
        }
    }
}
