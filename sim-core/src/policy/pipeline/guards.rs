//! Guards: how a pass gets in, waits for that, and leaves.
//!
//! A guard (`policy::Guard`) only answers; here its answers become frames that wait, alarms, and
//! passes that go on. Which guards there are is none of its business.

use super::Owner;
use super::frame::{Frame, FrameState, Hold};
use super::inward::FramePlace;
use super::layers::{Layers, StateRef};
use super::pipelines::{Move, Pipelines};
use super::{Alarm, AlarmKind, FrameIx, Host, HostCall, Note};
use crate::id::LayerId;
use crate::policy::{AppliedSet, GuardAnswer, Layer, LayerState, Left, Outcome, Visit};
use crate::random::child_key;
use crate::time::SimTime;

impl Layers {
    /// Whether a layer that guards instances would let a pass through to this one.
    pub(super) fn would_admit(
        &self,
        layer: LayerId,
        owner: Owner,
        instance: u32,
        now: SimTime,
    ) -> bool {
        if self.config(layer).stops_with().is_none() {
            return true;
        }
        let found = self.state_at(self.state_of(layer, owner, instance));
        if let (Layer::Breaker(config), LayerState::Breaker(breaker)) = found {
            return breaker.would_admit(now, config);
        }
        let (layer, state) = found;
        state.admits(layer, now).unwrap_or(true)
    }

    /// Passes inside and waiting in the guard of a layer, that of the first instance if it guards
    /// instances; none for a layer that is no guard.
    pub fn filling(&self, layer: LayerId, owner: Owner) -> (u32, u32) {
        self.held_at(self.state_of(layer, owner, 0))
    }

    /// Permits held and places taken in the guards of all layers, for checks.
    pub fn held(&self) -> (u32, u32) {
        let guarding = self
            .ids()
            .filter(|&layer| self.config(layer).stops_with().is_some());
        let posts = guarding.flat_map(|layer| self.states_of(layer));
        posts.fold((0, 0), |(permits, places), state| {
            let (inside, waiting) = self.held_at(state);
            (permits + inside, places + waiting)
        })
    }

    pub(super) fn held_at(&self, state: StateRef) -> (u32, u32) {
        let (layer, state) = self.state_at(state);
        state.held(layer)
    }

    fn limit_at(&self, state: StateRef) -> Option<u32> {
        let (layer, state) = self.state_at(state);
        state.limit(layer)
    }

    /// Tells the guard of an instance the time.
    pub(super) fn advance_guard(
        &mut self,
        layer: LayerId,
        owner: Owner,
        instance: u32,
        now: SimTime,
    ) {
        let state = self.state_of(layer, owner, instance);
        let (layer, state) = self.state_at_mut(state);
        state.advance(layer, now);
    }

    fn enter(&mut self, state: StateRef, now: SimTime, visit: Visit) -> GuardAnswer {
        let (layer, state) = self.state_at_mut(state);
        let entry = state.enter(layer, now, visit);
        entry.unwrap_or(GuardAnswer::Admitted)
    }

    fn refused_by(&self, state: StateRef) -> AppliedSet {
        let (layer, state) = self.state_at(state);
        state.refused_by(layer)
    }

    fn leave(&mut self, state: StateRef, now: SimTime, left: Left) {
        let (layer, state) = self.state_at_mut(state);
        state.leave(layer, now, left);
    }

    fn forget_waiter(&mut self, state: StateRef, ix: FrameIx) {
        let (layer, state) = self.state_at_mut(state);
        state.forget(layer, ix.0);
    }

    fn next(&mut self, state: StateRef, now: SimTime) -> Option<FrameIx> {
        let (layer, state) = self.state_at_mut(state);
        state.next(layer, now).map(FrameIx)
    }

    fn turn(&mut self, state: StateRef, now: SimTime) -> Option<(FrameIx, SimTime)> {
        let (layer, state) = self.state_at_mut(state);
        let turn = state.turn(layer, now);
        turn.map(|(who, at)| (FrameIx(who), at))
    }

    fn due(&mut self, state: StateRef, ix: FrameIx) -> Option<Outcome> {
        let (layer, state) = self.state_at_mut(state);
        state.due(layer, ix.0)
    }
}

impl Pipelines {
    #[inline(never)]
    pub(super) fn enter_guard<H: Host>(&mut self, host: &mut H, place: FramePlace) -> Move {
        let FramePlace { call, layer, .. } = place;
        if self.layers.guards_instances(layer) {
            return self.enter_instance_guard(host, place);
        }
        let state = self.layers.state_of(layer, host.owner(call), 0);
        let ix = self.push(host, place, FrameState::guard(Hold::Permit));
        let visit = self.visit(host, ix);
        match self.layers.enter(state, host.now(), visit) {
            GuardAnswer::Admitted => {
                self.note_entry(host, ix, state);
                self.further_in(ix)
            }
            GuardAnswer::Stopped(outcome) => {
                self.frames.remove(ix);
                Self::stop_by(host, place, outcome, self.layers.refused_by(state))
            }
            GuardAnswer::Waits { until } => self.wait(host, state, ix, Hold::Place, until),
            GuardAnswer::Until { at, stopped } => {
                self.wait(host, state, ix, Hold::Until(stopped), at)
            }
        }
    }

    /// A pass as a guard sees it: its draws are those of its call in this lane at this layer.
    fn visit<H: Host>(&self, host: &H, ix: FrameIx) -> Visit {
        let frame = &self.frames[ix];
        Visit {
            who: ix.0,
            class: 0,
            site: self.layers.draws(frame.layer),
            key: child_key(host.key(frame.call), u64::from(self.frames.lane(ix)), 0),
        }
    }

    /// A pass has gone in: where the guard learns, when that was, and with how many inside.
    fn note_entry<H: Host>(&mut self, host: &H, ix: FrameIx, state: StateRef) {
        if self.layers.config(state.layer).learns() {
            let (inside, _) = self.layers.held_at(state);
            self.frames.set_instant(ix, host.now());
            self.frames.set_inside(ix, inside);
        }
    }

    /// A guard learns how a pass inside has ended.
    fn let_out<H: Host>(
        &mut self,
        host: &mut H,
        ix: FrameIx,
        (call, instance): (HostCall, u32),
        state: StateRef,
        outcome: Outcome,
    ) {
        let now = host.now();
        if !self.layers.config(state.layer).learns() {
            return self.layers.leave(state, now, Left::with(outcome));
        }
        let left = Left {
            outcome,
            entered: self.frames.instant(ix),
            inside: self.frames.inside(ix),
            own: self.layers.own_draws(state),
        };
        let from = self.layers.limit_at(state);
        self.layers.leave(state, now, left);
        if let (Some(from), Some(to)) = (from, self.layers.limit_at(state))
            && from != to
        {
            let guarded = self
                .layers
                .guards_instances(state.layer)
                .then_some(instance);
            host.note(call, state.layer, Note::Limit(from, to, guarded));
        }
    }

    /// A guard of instances gives its permit when one is chosen, if any may be.
    fn enter_instance_guard<H: Host>(&mut self, host: &mut H, place: FramePlace) -> Move {
        let stops_with = self.layers.config(place.layer).stops_with();
        match stops_with {
            Some(outcome) if self.rejects_every_instance(host, place) => {
                Self::stop(host, place, outcome)
            }
            Some(_) | None => {
                let ix = self.push(host, place, FrameState::guard(Hold::Nothing));
                self.further_in(ix)
            }
        }
    }

    /// An instance is chosen that lets a pass through.
    pub(super) fn pass_instance_guard<H: Host>(
        &mut self,
        host: &mut H,
        ix: FrameIx,
        instance: u32,
    ) -> FrameState {
        let Frame { layer, call, .. } = self.frames[ix];
        let state = self.layers.state_of(layer, host.owner(call), instance);
        let visit = self.visit(host, ix);
        let entry = self.layers.enter(state, host.now(), visit);
        debug_assert!(matches!(entry, GuardAnswer::Admitted));
        self.note_entry(host, ix, state);
        FrameState::Guard {
            hold: Hold::Permit,
            instance,
        }
    }

    fn wait<H: Host>(
        &mut self,
        host: &mut H,
        state: StateRef,
        ix: FrameIx,
        hold: Hold,
        until: SimTime,
    ) -> Move {
        self.frames.set_instant(ix, host.now());
        let by = match hold {
            Hold::Until(Some(_)) => self.layers.refused_by(state),
            Hold::Until(None) | Hold::Place | Hold::Nothing | Hold::Permit => AppliedSet::NONE,
        };
        let frame = &mut self.frames[ix];
        frame.state = FrameState::guard(hold);
        if until < SimTime::NEVER {
            frame.alarm = host.set_alarm(until, AlarmKind::Expiry, ix);
        }
        host.note(frame.call, frame.layer, Note::Waits(by));
        self.wake_in_time(host, state);
        Move::Rest
    }

    /// Where time makes room, the first in line is woken when it does.
    fn wake_in_time<H: Host>(&mut self, host: &mut H, state: StateRef) {
        let Some((ix, at)) = self.layers.turn(state, host.now()) else {
            return;
        };
        let frame = &mut self.frames[ix];
        if frame.alarm == Alarm::NONE {
            frame.alarm = host.set_alarm(at.max(host.now()), AlarmKind::Expiry, ix);
        }
    }

    /// Calls those in line for whom there is room.
    fn call_in<H: Host>(&mut self, host: &mut H, state: StateRef) {
        let now = host.now();
        while let Some(ix) = self.layers.next(state, now) {
            self.admitted.push_back(ix);
        }
        self.wake_in_time(host, state);
    }

    /// The settings of a layer have changed: there may be room, or there will be at another time.
    pub(super) fn guards_changed<H: Host>(&mut self, host: &mut H, layer: LayerId) {
        if self.layers.config(layer).stops_with().is_none() {
            return;
        }
        for state in self.layers.states_of(layer) {
            if let Some((ix, _)) = self.layers.turn(state, host.now()) {
                self.put_off_alarm(host, ix);
            }
            self.call_in(host, state);
        }
    }

    fn put_off_alarm<H: Host>(&mut self, host: &mut H, ix: FrameIx) {
        let alarm = std::mem::replace(&mut self.frames[ix].alarm, Alarm::NONE);
        if alarm != Alarm::NONE {
            host.clear_alarm(alarm);
        }
    }

    /// A waiter was called in.
    pub(super) fn called_in<H: Host>(&mut self, host: &mut H, ix: FrameIx) -> Move {
        self.note_let_in(host, ix);
        self.frames[ix].state = FrameState::guard(Hold::Permit);
        self.put_off_alarm(host, ix);
        self.further_in(ix)
    }

    /// The instant has come for which a pass in line was to be woken.
    pub(super) fn guard_due<H: Host>(&mut self, host: &mut H, ix: FrameIx) -> Move {
        let Frame { layer, call, .. } = self.frames[ix];
        let state = self.layers.state_of(layer, host.owner(call), 0);
        let stopped = self.layers.due(state, ix);
        self.call_in(host, state);
        stopped.map_or(Move::Rest, |outcome| self.waited_in_vain(host, ix, outcome))
    }

    /// A pass that waited is stopped.
    pub(super) fn waited_in_vain<H: Host>(
        &mut self,
        host: &mut H,
        ix: FrameIx,
        outcome: Outcome,
    ) -> Move {
        let frame = self.frames.remove(ix);
        self.stop_frame(host, ix, &frame, outcome)
    }

    /// Gives back what a pass has of a guard.
    pub(super) fn leave_guard<H: Host>(
        &mut self,
        host: &mut H,
        ix: FrameIx,
        frame: &Frame,
        (hold, instance): (Hold, u32),
        outcome: Outcome,
    ) {
        let state = self
            .layers
            .state_of(frame.layer, host.owner(frame.call), instance);
        match hold {
            Hold::Nothing | Hold::Until(_) => {}
            Hold::Place if self.admitted.contains(&ix) => {
                self.admitted.retain(|&waiter| waiter != ix);
                self.layers.leave(state, host.now(), Left::UNKNOWN);
                self.call_in(host, state);
            }
            Hold::Place => {
                self.layers.forget_waiter(state, ix);
                self.wake_in_time(host, state);
            }
            Hold::Permit => {
                self.let_out(host, ix, (frame.call, instance), state, outcome);
                self.call_in(host, state);
            }
        }
    }
}
