//! What results do to a breaker: in each state, and those that come late.

use super::answer::{Permit, Transition, Why};
use super::counting::{Ignored, Reading};
use super::late::{Arrival, Destination};
use super::machine::{Breaker, State, capacity};
use super::probes::{ProbeVerdict, Probes};
use super::tripped::{ConditionSet, Tripped};
use super::window::{Heard, Results};
use super::{AskedBy, BreakerConfig, BreakerStateKind, OnClose};
use crate::policy::Outcome;
use crate::time::SimTime;

impl Breaker {
    /// Takes a permit back with the outcome that reached the breaker (rule 7).
    ///
    /// Each permit comes back exactly once; a pass that was abandoned comes back as `cancelled`.
    /// What [`Self::advance`] was not asked for is done first, and not told.
    pub fn on_result(
        &mut self,
        now: SimTime,
        config: &BreakerConfig,
        permit: Permit,
        outcome: Outcome,
        draw: impl Fn(u32) -> f64,
    ) -> Option<Transition> {
        while self.advance(now, config, AskedBy::Result, &draw).is_some() {}
        if self.is_held() {
            return None;
        }
        let reading = config.outcomes.read(outcome, now.since(permit.at));
        let arrival = Arrival {
            late: permit.epoch != self.epoch,
            succeeded: matches!(reading, Reading::Result { failed: false, .. }),
            probe: permit.probe,
            state: self.state.kind(),
            probing: matches!(&self.state, State::HalfOpen { probes, .. } if probes.taken > 0),
        };
        let heard = |failed, slow| Heard {
            at: now,
            began: permit.at,
            failed,
            slow,
        };
        let destination = config.late.destination(arrival);
        self.remark(config, reading, arrival, destination);
        match (reading, destination, self.state) {
            (_, Destination::Nowhere, _)
            | (Reading::Nothing(_), Destination::OwnState | Destination::Window, _) => None,
            (Reading::Result { failed, slow }, Destination::Window, _) => {
                self.results.record(config.window, heard(failed, slow));
                None
            }
            (Reading::Nothing(ignored), Destination::State, _) => {
                self.on_ignored(now, config, ignored, draw)
            }
            (Reading::Result { failed, slow }, Destination::OwnState, _) => {
                self.on_old_result(config, permit.probe, heard(failed, slow), draw)
            }
            (Reading::Result { failed, slow }, Destination::State, State::Closed) => {
                self.results.record(config.window, heard(failed, slow));
                self.open_if_tripped(now, config, failed, draw)
            }
            (Reading::Result { failed, slow }, Destination::State, State::Open { .. }) => {
                self.on_result_while_open(config, heard(failed, slow), draw)
            }
            (Reading::Result { failed, slow }, Destination::State, State::HalfOpen { .. }) => {
                self.on_probe(config, heard(failed, slow), draw)
            }
        }
    }

    /// Remembers of a result what changes no state by itself.
    #[inline]
    fn remark(
        &mut self,
        config: &BreakerConfig,
        reading: Reading,
        arrival: Arrival,
        destination: Destination,
    ) {
        let Reading::Result { .. } = reading else {
            self.remarks.uncounted += 1;
            return;
        };
        if !arrival.late {
            return;
        }
        let heard = config.on_close.counts_always() || config.late.moves_open();
        let used = match destination {
            Destination::Nowhere => false,
            Destination::State => arrival.state != BreakerStateKind::Open || heard,
            Destination::Window | Destination::OwnState => true,
        };
        if used {
            self.remarks.late_used += 1;
        } else {
            self.remarks.late_ignored += 1;
        }
    }

    /// A result that says nothing about the callee gives its permit back, or decides half-open.
    fn on_ignored(
        &mut self,
        now: SimTime,
        config: &BreakerConfig,
        ignored: Ignored,
        draw: impl Fn(u32) -> f64,
    ) -> Option<Transition> {
        let State::HalfOpen { probes, .. } = &mut self.state else {
            return None;
        };
        let of = probes.results();
        match ignored {
            Ignored::Releases => {
                probes.taken = probes.taken.saturating_sub(1);
                None
            }
            Ignored::FailsProbe => {
                let tripped = Tripped {
                    why: Why::Ignored,
                    count: 0,
                    of,
                    conditions: ConditionSet::NONE,
                };
                Some(self.open(now, config, tripped, draw))
            }
            Ignored::Keeps => None,
            Ignored::Closes => Some(self.change(State::Closed, now, Why::Ignored, 0, of)),
        }
    }

    fn open_if_tripped(
        &mut self,
        now: SimTime,
        config: &BreakerConfig,
        failed: bool,
        draw: impl Fn(u32) -> f64,
    ) -> Option<Transition> {
        if !config.evaluate.looks_at(failed) {
            return None;
        }
        let tally = self.tally(config);
        let Some(tripped) = config.trip.opens(&tally, capacity(config.window)) else {
            self.remark_minimum(config, &tally, 1);
            return None;
        };
        Some(self.open(now, config, tripped, draw))
    }

    fn on_result_while_open(
        &mut self,
        config: &BreakerConfig,
        heard: Heard,
        draw: impl Fn(u32) -> f64,
    ) -> Option<Transition> {
        let now = heard.at;
        if config.on_close.counts_always() {
            self.results.record(config.window, heard);
        }
        if !config.late.moves_open() {
            return None;
        }
        if heard.failed {
            let until = now + self.openings.again(&config.open, draw);
            self.state = State::Open { until };
            return None;
        }
        Some(self.close(now, config, Why::LateSuccess, 1))
    }

    fn on_probe(
        &mut self,
        config: &BreakerConfig,
        heard: Heard,
        draw: impl Fn(u32) -> f64,
    ) -> Option<Transition> {
        let Heard {
            at: now,
            failed,
            slow,
            ..
        } = heard;
        let State::HalfOpen { probes, .. } = &mut self.state else {
            return None;
        };
        let verdict = config.half_open.judge(probes, &config.trip, failed, slow);
        let results = probes.results();
        match config.on_close {
            OnClose::Clear => {}
            OnClose::ClearAndCount if !failed => self.begin_with_success(config, heard),
            OnClose::Keep | OnClose::ClearAndCount => {
                self.results.record(config.window, heard);
            }
        }
        match verdict {
            ProbeVerdict::Wait => None,
            ProbeVerdict::AskWindow => self.open_or_probe_again(now, config, draw),
            ProbeVerdict::Close => Some(self.close(now, config, Why::ProbesSucceeded, results)),
            ProbeVerdict::Open(tripped) => Some(self.open(now, config, tripped, draw)),
        }
    }

    /// A probe failed and was counted: if the trip rule holds it opens, else another probe may go.
    fn open_or_probe_again(
        &mut self,
        now: SimTime,
        config: &BreakerConfig,
        draw: impl Fn(u32) -> f64,
    ) -> Option<Transition> {
        if let State::HalfOpen { probes, .. } = &mut self.state {
            *probes = Probes::default();
        }
        self.open_if_tripped(now, config, true, draw)
    }

    /// A result of a state that is over does what its own state would have done.
    fn on_old_result(
        &mut self,
        config: &BreakerConfig,
        probe: bool,
        heard: Heard,
        draw: impl Fn(u32) -> f64,
    ) -> Option<Transition> {
        let now = heard.at;
        if probe && !heard.failed {
            self.begin_with_success(config, heard);
            return None;
        }
        self.results.record(config.window, heard);
        let is_open = matches!(self.state, State::Open { .. });
        if is_open {
            return None;
        }
        if !probe {
            return self.open_if_tripped(now, config, heard.failed, draw);
        }
        let tripped = Tripped {
            why: Why::ProbeFailed,
            count: 1,
            of: 1,
            conditions: ConditionSet::NONE,
        };
        Some(self.open(now, config, tripped, draw))
    }

    fn begin_with_success(&mut self, config: &BreakerConfig, heard: Heard) {
        self.results = Results::from(heard.at);
        self.results.record(config.window, heard);
    }
}
