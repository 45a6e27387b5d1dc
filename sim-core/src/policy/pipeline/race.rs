//! The walk through a hedge: its passes, their list, and the end of the race.

use super::frame::{Frame, FrameState, Kept};
use super::inward::{FramePlace, lane_of};
use super::pipelines::{Move, Pipelines};
use super::{AbandonReason, Alarm, AlarmKind, FrameIx, Host, Inside, InsideView, Note};
use crate::policy::{
    Applied, Ending, Grant, HedgeConfig, Layer, Losers, PassResult, Race, RaceStep,
};
use crate::random::{Draws, child_key};
use crate::time::{SimDuration, SimTime};

impl Pipelines {
    /// A pass enters a hedge, and goes on as the first of its race.
    pub(super) fn enter_hedge<H: Host>(&mut self, host: &mut H, place: FramePlace) -> Move {
        let state = FrameState::Hedge {
            race: Race::default(),
            kept: None,
        };
        let ix = self.push(host, place, state);
        if hedge_config(self.layers.config(place.layer))
            .budget
            .is_some()
        {
            self.enter_budget(host, place.layer, place.call);
        }
        let pass = self.begin_pass(host, ix, None);
        self.further_in(pass)
    }

    /// The next pass of a race begins, and the one after it gets its time; the frame of the pass.
    fn begin_pass<H: Host>(
        &mut self,
        host: &mut H,
        hedge: FrameIx,
        grant: Option<Grant>,
    ) -> FrameIx {
        let Frame { call, layer, .. } = self.frames[hedge];
        let FrameState::Hedge { race, .. } = &mut self.frames[hedge].state else {
            unreachable!("only a hedge races")
        };
        let follows = race.on_begun(hedge_config(self.layers.config(layer)));
        let number = race.begun();
        if number > 1 {
            host.note(call, layer, Note::HedgeSent { pass: number });
        }
        let frame = Frame {
            outer: hedge,
            inner: Inside::NOTHING,
            call,
            alarm: Alarm::NONE,
            layer,
            state: FrameState::Pass {
                next: FrameIx::NONE,
                number: number as u16,
                grant,
            },
        };
        let lane = lane_of(self.frames.lane(hedge), number);
        let pass = self.frames.insert_with(lane, || frame);
        self.frames.set_instant(pass, host.now());
        self.link(hedge, pass);
        if follows {
            self.set_time_of_next(host, hedge, number);
        }
        pass
    }

    fn set_time_of_next<H: Host>(&mut self, host: &mut H, hedge: FrameIx, passes: u32) {
        let Frame { call, layer, .. } = self.frames[hedge];
        let lane = self.frames.lane(hedge);
        let key = child_key(host.key(call), u64::from(lane), u64::from(passes));
        let mut draws = Draws::new(self.layers.draws(layer), key);
        let (recent, config) = self.layers.recent(layer, host.owner(call));
        let (delay, detail) = config.delay_and_why(recent, &mut draws);
        if let Some(detail) = detail {
            host.note(call, layer, Note::HedgeDelay(detail, delay));
        }
        let Some(delay) = delay else {
            return;
        };
        let at = host.now() + delay;
        let frame = &mut self.frames[hedge];
        if delay.is_zero() {
            self.admitted.push_back(hedge);
        } else if at < SimTime::NEVER {
            frame.alarm = host.set_alarm(at, AlarmKind::Start, hedge);
        } else {
            return;
        }
        if let FrameState::Hedge { race, .. } = &mut frame.state {
            race.next_is_due(true);
        }
    }

    /// The time of the next pass has come.
    pub(super) fn hedge_due<H: Host>(&mut self, host: &mut H, hedge: FrameIx) -> Move {
        let Frame { layer, state, .. } = &mut self.frames[hedge];
        let FrameState::Hedge { race, .. } = state else {
            unreachable!("only a hedge races")
        };
        let step = race.on_due(hedge_config(self.layers.config(*layer)));
        self.take_step(host, hedge, step, None)
    }

    /// A pass has its result.
    #[inline(never)]
    pub(super) fn leave_pass<H: Host>(
        &mut self,
        host: &mut H,
        pass: FrameIx,
        ending: Ending,
    ) -> Move {
        let Frame {
            outer: hedge,
            layer,
            state,
            ..
        } = self.frames[pass];
        let FrameState::Pass { number, grant, .. } = state else {
            unreachable!("not a pass")
        };
        let begun_at = self.frames.instant(pass);
        self.unlink(hedge, pass);
        let config = hedge_config(self.layers.config(layer));
        let (measures, verdict) = (
            config.measures(ending.outcome()),
            config.verdict(ending.outcome()),
        );
        if measures {
            self.measure(host, hedge, begun_at);
        }
        let frame = self.frames.remove(pass);
        self.settle_pass(host, &frame, grant, verdict);
        let FrameState::Hedge { race, .. } = &mut self.frames[hedge].state else {
            unreachable!("a pass belongs to a hedge")
        };
        let config = hedge_config(self.layers.config(layer));
        if race.is_cut_short(config, ending.outcome()) {
            host.note(frame.call, layer, Note::Applied(Applied::FatalFailure, 1));
        }
        let step = race.on_result(config, ending.outcome());
        let came = Came {
            which: Kept { number, grant },
            ending,
        };
        self.take_step(host, hedge, step, Some(came))
    }

    /// Does what the race decided; `result` is the one that just came in, with its pass.
    fn take_step<H: Host>(
        &mut self,
        host: &mut H,
        hedge: FrameIx,
        step: RaceStep,
        result: Option<Came>,
    ) -> Move {
        if let (RaceStep::Keep | RaceStep::KeepAndAwait, Some(came)) = (step, result)
            && let FrameState::Hedge { kept, .. } = &mut self.frames[hedge].state
        {
            *kept = Some(came.which);
            self.frames.keep_ending(hedge, came.ending);
        }
        match (step, result) {
            (RaceStep::Wait | RaceStep::Keep, _) => Move::Rest,
            (RaceStep::Begin, _) => {
                self.stop_waiting(host, hedge);
                let Ok(grant) = self.ask_for_pass(host, hedge) else {
                    return self.without_pass(host, hedge, result);
                };
                let pass = self.begin_pass(host, hedge, grant);
                self.further_in(pass)
            }
            (RaceStep::KeepAndAwait, Some(came)) => {
                self.stop_waiting(host, hedge);
                self.note_decided(host, hedge, came);
                self.mark_losers(host, hedge);
                Move::Rest
            }
            (RaceStep::Answer, Some(came)) => {
                self.note_decided(host, hedge, came);
                self.answer_race(host, hedge, came)
            }
            (RaceStep::AnswerKept, _) => self.answer_kept(host, hedge),
            (RaceStep::KeepAndAwait | RaceStep::Answer, None) => {
                unreachable!("without a result there is no answer")
            }
        }
    }

    /// A budget let no other pass begin. What came in just now may be the last result there is.
    #[cold]
    fn without_pass<H: Host>(
        &mut self,
        host: &mut H,
        hedge: FrameIx,
        result: Option<Came>,
    ) -> Move {
        let FrameState::Hedge { race, .. } = &mut self.frames[hedge].state else {
            unreachable!("only a hedge races")
        };
        let step = match (race.on_denied(), result) {
            (RaceStep::AnswerKept, Some(_)) => RaceStep::Answer,
            (step, _) => step,
        };
        self.take_step(host, hedge, step, result)
    }

    fn answer_kept<H: Host>(&mut self, host: &mut H, hedge: FrameIx) -> Move {
        let FrameState::Hedge {
            race,
            kept: Some(which),
        } = self.frames[hedge].state
        else {
            unreachable!("a race without passes has kept a result")
        };
        let ending = self.frames.kept_ending(hedge);
        let came = Came { which, ending };
        if !race.is_decided() {
            self.note_decided(host, hedge, came);
        }
        self.answer_race(host, hedge, came)
    }

    fn note_decided<H: Host>(&self, host: &mut H, hedge: FrameIx, came: Came) {
        let Frame {
            call, layer, state, ..
        } = self.frames[hedge];
        let FrameState::Hedge { race, .. } = state else {
            return;
        };
        if race.begun() > 1 {
            let winner = if came.ending.outcome().is_useful() {
                u32::from(came.which.number)
            } else {
                0
            };
            let (passes, lost) = (race.begun(), race.running());
            host.note(
                call,
                layer,
                Note::HedgeDecided {
                    winner,
                    passes,
                    lost,
                },
            );
        }
    }

    /// The race is over: the losers go, and the answer goes out.
    fn answer_race<H: Host>(&mut self, host: &mut H, hedge: FrameIx, came: Came) -> Move {
        self.stop_waiting(host, hedge);
        let losers = hedge_config(self.layers.config(self.frames[hedge].layer)).losers;
        while let InsideView::Frame(pass) = self.frames[hedge].inner.view() {
            let Frame {
                inner,
                layer,
                call,
                state,
                ..
            } = self.frames[pass];
            self.unlink(hedge, pass);
            let frame = self.frames.remove(pass);
            let begun_at = self.frames.instant(pass);
            if let FrameState::Pass { grant, .. } = state {
                self.measure(host, hedge, begun_at);
                self.settle_pass(host, &frame, grant, PassResult::Neither);
            }
            match losers {
                Losers::Cancel | Losers::Await => {
                    self.abandon(host, inner, AbandonReason::LostHedge(layer));
                }
                Losers::Leave => {
                    self.mark_lost(host, inner);
                    self.detach(host, call, inner);
                }
            }
        }
        let frame = self.frames.remove(hedge);
        self.leave_race(
            host,
            &frame,
            came.ending.outcome().is_useful(),
            came.which.grant,
        );
        self.exit(&frame, hedge, came.ending)
    }

    /// No further pass is due.
    fn stop_waiting<H: Host>(&mut self, host: &mut H, hedge: FrameIx) {
        let frame = &mut self.frames[hedge];
        let alarm = std::mem::replace(&mut frame.alarm, Alarm::NONE);
        if alarm == Alarm::NONE {
            self.admitted.retain(|&waiter| waiter != hedge);
        } else {
            host.clear_alarm(alarm);
        }
    }

    /// A hedge that is given up no longer stands in the queue.
    pub(super) fn give_up_race<H: Host>(
        &mut self,
        host: &H,
        hedge: FrameIx,
        frame: &Frame,
        race: Race,
    ) {
        if race.is_due() {
            self.admitted.retain(|&waiter| waiter != hedge);
        }
        self.leave_race(host, frame, false, None);
    }

    /// The latency of a pass, if percentiles are wanted.
    fn measure<H: Host>(&mut self, host: &H, hedge: FrameIx, begun_at: SimTime) {
        let Frame { call, layer, .. } = self.frames[hedge];
        let (recent, config) = self.layers.recent(layer, host.owner(call));
        if let crate::policy::HedgeDelay::Percentile { .. } = config.delay {
            let latency: SimDuration = host.now().since(begun_at);
            recent.on_latency(host.now(), latency);
        }
    }

    /// Losers that run on answer nobody.
    fn mark_losers<H: Host>(&mut self, host: &mut H, hedge: FrameIx) {
        let oldest = self.frames[hedge].inner;
        self.mark_lost(host, oldest);
    }

    fn mark_lost<H: Host>(&mut self, host: &mut H, top: Inside) {
        let mut inside = top;
        loop {
            while let InsideView::Frame(ix) = inside.view() {
                let frame = &self.frames[ix];
                if let FrameState::Pass { next, .. } = frame.state {
                    self.branches
                        .extend(next.is_some().then(|| Inside::frame(next)));
                }
                inside = frame.inner;
                if let FrameState::FallbackCall { other } = frame.state {
                    inside = host.top(other);
                }
            }
            if let InsideView::Attempt(attempt) = inside.view() {
                host.lost(attempt);
            }
            match self.branches.pop() {
                Some(next) => inside = next,
                None => return,
            }
        }
    }

    // ---- the list of passes under way, the oldest first ----

    fn link(&mut self, hedge: FrameIx, pass: FrameIx) {
        let mut last = match self.frames[hedge].inner.view() {
            InsideView::Frame(oldest) => oldest,
            InsideView::Nothing | InsideView::Attempt(_) => {
                self.frames[hedge].inner = Inside::frame(pass);
                return;
            }
        };
        while let Some(next) = self.next_pass_after(last) {
            last = next;
        }
        self.set_next(last, pass);
    }

    fn unlink(&mut self, hedge: FrameIx, pass: FrameIx) {
        let after = self.next_pass_after(pass);
        let InsideView::Frame(mut at) = self.frames[hedge].inner.view() else {
            unreachable!("the pass is in the list")
        };
        if at == pass {
            self.frames[hedge].inner = after.map_or(Inside::NOTHING, Inside::frame);
            return;
        }
        while let Some(next) = self.next_pass_after(at).filter(|&next| next != pass) {
            at = next;
        }
        self.set_next(at, after.unwrap_or(FrameIx::NONE));
    }

    fn next_pass_after(&self, pass: FrameIx) -> Option<FrameIx> {
        match self.frames[pass].state {
            FrameState::Pass { next, .. } => next.is_some().then_some(next),
            FrameState::Timeout
            | FrameState::Retry { .. }
            | FrameState::Breaker { .. }
            | FrameState::Guard { .. }
            | FrameState::Fallback
            | FrameState::FallbackCall { .. }
            | FrameState::Hedge { .. } => None,
        }
    }

    fn set_next(&mut self, pass: FrameIx, after: FrameIx) {
        if let FrameState::Pass { next, .. } = &mut self.frames[pass].state {
            *next = after;
        }
    }
}

/// The result of a pass of a hedge.
#[derive(Clone, Copy, Debug)]
struct Came {
    which: Kept,
    ending: Ending,
}

fn hedge_config(layer: &Layer) -> &HedgeConfig {
    let Layer::Hedge(config) = layer else {
        unreachable!("a hedge frame belongs to a hedge layer")
    };
    config
}
