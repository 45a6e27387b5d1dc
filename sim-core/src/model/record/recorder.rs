//! The consumer of facts that keeps what reports and judgement need.
//!
//! Per fact: one comparison with the next instant at which a photograph is due, the digest, and a
//! few additions into vectors indexed by id. Nothing is allocated per fact, and memory does not
//! grow with the number of calls.

use super::calls::{EdgeCalls, Seconds};
use super::counts::{Counts, drop_index, stop_index};
use super::fingerprint::mix_fact;
use super::level::Level;
use super::marks::{LevelMark, Mark, Marks};
use super::outages::Outages;
use super::points::Series;
use super::run::{BreakerChange, WorldEvent};
use super::spells::Spells;
use crate::id::{
    BudgetId, EdgeId, FaultId, IdMap, InstanceId, LayerId, OperationId, ServiceId, SiteId, WindowId,
};
use crate::model::call::Labels;
use crate::model::fact::{DropReason, Ending, Fact, Observer};
use crate::model::record::Calls;
use crate::model::spec::{Execution, ModelSpec};
use crate::observe::{Digest, Histogram};
use crate::policy::Outcome;
use crate::time::{SimDuration, SimTime};

/// Changes of breakers that are kept; later ones are counted only.
pub const MAX_BREAKER_CHANGES: usize = 100_000;
/// Faults and instance events that are kept.
const MAX_EVENTS: usize = 100_000;

/// Turns facts into a [`super::RunRecord`].
#[derive(Debug)]
pub struct Recorder {
    pub(super) spec: ModelSpec,
    pub(super) digest: Digest,
    /// When the next photograph or point is due.
    due: SimTime,
    warmup: SimTime,
    duration: SimTime,
    /// The edge of each site.
    edges: Vec<EdgeId>,
    pub(super) counts: Counts,
    /// The counters at the end of the warm-up.
    pub(super) warm: Option<Counts>,
    /// The counters at the end of the run's duration.
    pub(super) full: Option<Counts>,
    pub(super) calls: IdMap<EdgeId, EdgeCalls>,
    pub(super) windows: IdMap<WindowId, Calls>,
    /// Calls that started in each window that only some labels belong to [count].
    pub(super) labelled_started: IdMap<WindowId, u64>,
    pub(super) seconds: IdMap<crate::id::ClientId, Seconds>,
    pub(super) waits: IdMap<OperationId, Histogram>,
    pub(super) levels: IdMap<InstanceId, Level>,
    /// Areas by service, and the peak since the last mark.
    areas: IdMap<ServiceId, LevelMark>,
    pub(super) marks: Marks,
    pub(super) series: Series,
    /// The least that was ever left of each budget, of all its owners.
    pub(super) least_left: IdMap<BudgetId, Option<u32>>,
    pub(super) breaker_changes: Vec<BreakerChange>,
    pub(super) breaker_changes_left_out: u64,
    pub(super) events: Vec<(SimTime, WorldEvent)>,
    pub(super) outages: IdMap<FaultId, Outages>,
    /// Ages of kept answers that were given, by layer.
    pub(super) ages: IdMap<LayerId, Option<Box<Histogram>>>,
    pub(super) spells: IdMap<ServiceId, Spells>,
}

impl Recorder {
    /// A recorder for runs of this model.
    pub fn new(spec: &ModelSpec) -> Self {
        let mut recorder = Self {
            spec: spec.clone(),
            digest: Digest::new(),
            due: SimTime::ZERO,
            warmup: spec.warmup,
            duration: spec.duration,
            edges: spec.sites.iter().map(|site| site.edge).collect(),
            counts: Counts::new(spec),
            warm: None,
            full: None,
            calls: spec
                .edges
                .ids()
                .map(|id| EdgeCalls::new(spec, id))
                .collect(),
            windows: spec.windows.iter().map(|_| Calls::default()).collect(),
            labelled_started: spec.windows.iter().map(|_| 0).collect(),
            seconds: spec.clients.iter().map(|_| Seconds::default()).collect(),
            waits: spec.operations.iter().map(|_| Histogram::fine()).collect(),
            levels: spec
                .instances
                .iter()
                .map(|&service| level_of(spec, service))
                .collect(),
            areas: spec.services.iter().map(|_| LevelMark::default()).collect(),
            marks: Marks::new(spec),
            series: Series::new(spec),
            least_left: spec.budgets.iter().map(|_| None).collect(),
            breaker_changes: Vec::new(),
            breaker_changes_left_out: 0,
            events: Vec::new(),
            ages: spec.layers.iter().map(|_| None).collect(),
            outages: spec.faults.iter().map(|_| Outages::default()).collect(),
            spells: spec.services.iter().map(|_| Spells::default()).collect(),
        };
        recorder.catch_up(SimTime::ZERO);
        recorder
    }

    /// Calls whose caller does not yet know the outcome [count].
    pub fn in_flight_calls(&self) -> u64 {
        let edges = self.counts.edges.iter();
        edges.map(|edge| edge.started - edge.ended_total()).sum()
    }

    /// Takes everything that is due by `now`.
    #[cold]
    pub(super) fn catch_up(&mut self, now: SimTime) {
        loop {
            let (mark, point) = (self.marks.next_due(), self.series.next_due());
            self.due = mark.min(point);
            if self.due > now || self.due == SimTime::NEVER {
                return;
            }
            self.pass_levels(self.due);
            if point == self.due {
                self.take_point();
            }
            if mark == self.due {
                self.take_mark(mark);
            }
        }
    }

    /// Brings the areas of all services up to `now`.
    pub(super) fn pass_levels(&mut self, now: SimTime) {
        for (id, level) in self.levels.ids().zip(self.levels.iter_mut()) {
            level.pass(now);
            let (queue, busy) = level.take_areas();
            let area = &mut self.areas[self.spec.instances[id]];
            area.queue_area += i128::from(queue);
            area.busy_area += i128::from(busy);
        }
    }

    pub(super) fn take_point(&mut self) {
        let waiting = self.waiting();
        let levels = self
            .areas
            .iter()
            .copied()
            .zip(waiting.iter().copied())
            .collect();
        self.series
            .take(&self.spec, &self.counts, &mut self.calls, &levels);
    }

    fn take_mark(&mut self, at: SimTime) {
        if at == self.warmup {
            self.warm = Some(self.counts.clone());
        }
        if at == self.duration {
            self.full = Some(self.counts.clone());
        }
        self.push_mark();
    }

    fn push_mark(&mut self) {
        for (id, level) in self.levels.ids().zip(self.levels.iter_mut()) {
            let area = &mut self.areas[self.spec.instances[id]];
            area.queue_peak = area.queue_peak.max(level.take_peak());
        }
        self.marks.take(Mark::of(&self.counts, self.areas.clone()));
        for area in &mut self.areas {
            area.queue_peak = 0;
        }
    }

    /// Closes what is open at the end of a run that ends before its duration.
    pub(super) fn close(&mut self, end: SimTime) {
        self.catch_up(end);
        self.pass_levels(end);
        if end > self.series.open_since() && self.series.next_due() != SimTime::NEVER {
            self.take_point();
        }
        while self.marks.next_due() != SimTime::NEVER {
            self.push_mark();
        }
    }

    /// Waiting now, by service [count].
    pub(super) fn waiting(&self) -> IdMap<ServiceId, u64> {
        let mut sums: IdMap<ServiceId, u64> = self.spec.services.iter().map(|_| 0).collect();
        for (id, level) in self.levels.iter_enumerated() {
            sums[self.spec.instances[id]] += level.queued.max(0) as u64;
        }
        sums
    }

    #[inline]
    fn edge(&self, site: SiteId) -> EdgeId {
        self.edges[site.0 as usize]
    }

    #[expect(clippy::inline_always, reason = "told in one place")]
    #[inline(always)]
    fn call_started(&mut self, now: SimTime, site: SiteId, labels: Labels) {
        let edge = self.edge(site);
        self.counts.edges[edge].started += 1;
        if let Some(client) = self.calls[edge].client {
            self.seconds[client].at(now).started += 1;
        }
        for window in &self.calls[edge].labelled {
            if window.holds(now, labels) {
                self.labelled_started[WindowId(window.index)] += 1;
            }
        }
    }

    #[expect(clippy::inline_always, reason = "told in one place")]
    #[inline(always)]
    fn call_ended(
        &mut self,
        now: SimTime,
        site: SiteId,
        started_at: SimTime,
        attempts: u32,
        labels: Labels,
        ending: Ending,
    ) {
        let edge = self.edge(site);
        let outcome = ending.outcome();
        let latency = now.since(started_at);
        self.counts.edges[edge].ended[outcome as usize] += 1;
        let calls = &mut self.calls[edge];
        if started_at >= self.warmup && started_at < self.duration {
            calls.total.ended(outcome, latency, attempts);
            if outcome != Outcome::Ok {
                calls.causes.add(ending);
            }
        }
        for window in &calls.windows {
            if window.holds(started_at, labels) {
                self.windows[WindowId(window.index)].ended(outcome, latency, attempts);
            }
        }
        let recent = if outcome.is_useful() {
            &mut calls.recent_useful
        } else {
            &mut calls.recent_failed
        };
        recent.record_coarse(latency.as_ns());
        if let Some(client) = calls.client {
            let second = self.seconds[client].at(started_at);
            second.ended += 1;
            second.useful += u32::from(outcome.is_useful());
        }
    }

    #[expect(clippy::inline_always, reason = "told in one place")]
    #[inline(always)]
    fn attempt_sent(&mut self, site: SiteId, number: u32, original: bool) {
        let edge = self.edge(site);
        let counts = &mut self.counts.edges[edge];
        counts.sent += 1;
        counts.retries += u64::from(number > 1);
        counts.originals += u64::from(original);
    }

    #[expect(clippy::inline_always, reason = "told in one place")]
    #[inline(always)]
    fn arrived(&mut self, now: SimTime, operation: OperationId, instance: InstanceId) {
        self.counts.operations[operation].arrived += 1;
        let level = &mut self.levels[instance];
        level.pass(now);
        level.queued += 1;
    }

    #[expect(clippy::inline_always, reason = "told in one place")]
    #[inline(always)]
    fn rejected(&mut self, now: SimTime, operation: OperationId, at: InstanceId, how: Outcome) {
        self.counts.operations[operation].rejected[how as usize] += 1;
        self.leave(now, at, false);
        if how == Outcome::RejectedQueueFull {
            let service = self.spec.instances[at];
            self.spells[service].turned_away(service, now);
        }
    }

    #[expect(clippy::inline_always, reason = "told in one place")]
    #[inline(always)]
    fn started(&mut self, now: SimTime, id: OperationId, at: InstanceId, waited: SimDuration) {
        self.counts.operations[id].started += 1;
        if now >= self.warmup {
            self.waits[id].record_fine(waited.as_ns());
        }
        let level = &mut self.levels[at];
        level.pass(now);
        level.queued -= 1;
        level.running += 1;
        level.busy += 1;
    }

    #[expect(clippy::inline_always, reason = "told in one place")]
    #[inline(always)]
    fn finished(
        &mut self,
        now: SimTime,
        operation: OperationId,
        instance: InstanceId,
        outcome: Outcome,
        held: SimDuration,
    ) {
        let counts = &mut self.counts.operations[operation];
        counts.finished[outcome as usize] += 1;
        counts.held_ns += held.as_ns();
        self.leave(now, instance, true);
    }

    fn dropped(
        &mut self,
        now: SimTime,
        operation: OperationId,
        instance: InstanceId,
        reason: DropReason,
        held: SimDuration,
        running: bool,
    ) {
        let counts = &mut self.counts.operations[operation];
        counts.dropped[drop_index(reason)] += 1;
        counts.held_ns += held.as_ns();
        counts.wasted_ns += held.as_ns();
        self.leave(now, instance, running);
    }

    fn lost(
        &mut self,
        now: SimTime,
        operation: OperationId,
        instance: InstanceId,
        held: SimDuration,
        running: bool,
    ) {
        let counts = &mut self.counts.operations[operation];
        counts.lost += 1;
        counts.held_ns += held.as_ns();
        counts.lost_ns += held.as_ns();
        self.leave(now, instance, running);
    }

    /// An operation leaves its thread, or the waiting room.
    #[inline]
    fn leave(&mut self, now: SimTime, instance: InstanceId, running: bool) {
        let level = &mut self.levels[instance];
        level.pass(now);
        level.running -= i64::from(running);
        level.busy -= i64::from(running && !level.own_threads);
        level.queued -= i64::from(!running);
    }

    /// A strand of an asynchronous service took a thread or gave it back.
    fn thread(&mut self, now: SimTime, instance: InstanceId, change: i64) {
        let level = &mut self.levels[instance];
        level.pass(now);
        level.busy += change;
    }

    /// Ages are measured as totals are: after the warm-up.
    fn aged(&mut self, now: SimTime, layer: LayerId, age: SimDuration) {
        if now >= self.warmup && now < self.duration {
            let ages = self.ages[layer].get_or_insert_with(|| Box::new(Histogram::fine()));
            ages.record(age.as_ns());
        }
    }

    fn lost_race(&mut self, operation: OperationId, held: SimDuration, lost_race: bool) {
        if lost_race {
            self.counts.operations[operation].hedged_ns += held.as_ns();
        }
    }

    fn unwanted(&mut self, operation: OperationId, held: SimDuration) {
        let counts = &mut self.counts.operations[operation];
        counts.unwanted += 1;
        counts.wasted_ns += held.as_ns();
    }

    fn budget_asked(&mut self, layer: LayerId, budget: BudgetId, granted: bool, left: u32) {
        self.counts.layers[layer].refused += u64::from(!granted);
        let counts = &mut self.counts.budgets[budget];
        counts.granted += u64::from(granted);
        counts.refused += u64::from(!granted);
        let least = &mut self.least_left[budget];
        *least = Some(least.map_or(left, |least| least.min(left)));
    }

    fn breaker_changed(&mut self, change: BreakerChange) {
        self.counts.layers[change.layer].breaker_changed(change.to);
        if self.breaker_changes.len() < MAX_BREAKER_CHANGES {
            self.breaker_changes.push(change);
        } else {
            self.breaker_changes_left_out += 1;
        }
    }

    fn happened(&mut self, now: SimTime, event: WorldEvent) {
        if self.events.len() < MAX_EVENTS {
            self.events.push((now, event));
        }
    }

    fn fault(&mut self, now: SimTime, fault: FaultId, starts: bool) {
        let event = if starts {
            WorldEvent::FaultStarted(fault)
        } else {
            WorldEvent::FaultEnded(fault)
        };
        self.happened(now, event);
    }

    fn struck(&mut self, now: SimTime, fault: FaultId, instance: InstanceId) {
        self.outages[fault].on_struck(now);
        self.happened(now, WorldEvent::Struck(fault, instance));
    }

    fn lifted(&mut self, now: SimTime, fault: FaultId, instance: InstanceId) {
        self.outages[fault].on_lifted(now);
        self.happened(now, WorldEvent::Lifted(fault, instance));
    }

    fn rotation(&mut self, now: SimTime, instance: InstanceId, joins: bool) {
        let event = if joins {
            WorldEvent::RotationJoined(instance)
        } else {
            WorldEvent::RotationLeft(instance)
        };
        self.happened(now, event);
    }
}

fn level_of(spec: &ModelSpec, service: ServiceId) -> Level {
    let mut level = Level::default();
    level.own_threads = spec.services[service].execution == Execution::Async;
    level
}

impl Observer for Recorder {
    #[expect(clippy::too_many_lines, reason = "one arm per kind of fact")]
    #[expect(
        clippy::inline_always,
        reason = "the kind of fact is known where it is told"
    )]
    #[inline(always)]
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        if now >= self.due {
            self.catch_up(now);
        }
        mix_fact(&mut self.digest, now, fact);
        match *fact {
            Fact::CallStarted {
                site,
                class,
                tenant,
                ..
            } => self.call_started(now, site, Labels { class, tenant }),
            Fact::CallEnded {
                site,
                started_at,
                attempts,
                class,
                tenant,
                ending,
                ..
            } => {
                let labels = Labels { class, tenant };
                self.call_ended(now, site, started_at, attempts, labels, ending);
            }
            Fact::LayerStopped { layer, .. } => self.counts.layers[layer].stopped += 1,
            Fact::LayerWaits { layer, .. } => self.counts.layers[layer].waited += 1,
            Fact::TimedOut { layer, .. } => self.counts.layers[layer].timed_out += 1,
            Fact::RetryPlanned { layer, .. } => self.counts.layers[layer].retries_planned += 1,
            Fact::RetryStopped { layer, reason, .. } => {
                self.counts.layers[layer].gave_up[stop_index(reason)] += 1;
            }
            Fact::BudgetAsked {
                layer,
                budget,
                granted,
                left,
                ..
            } => self.budget_asked(layer, budget, granted, left),
            Fact::FallbackUsed { layer, .. } => self.counts.layers[layer].fallbacks += 1,
            Fact::FallbackAged { layer, age, .. } => self.aged(now, layer, age),
            Fact::FallbackMissing { layer, .. } => {
                self.counts.layers[layer].fallbacks_missing += 1;
            }
            Fact::FallbackCalled { layer, .. } => {
                self.counts.layers[layer].fallbacks_called += 1;
            }
            Fact::FallbackFailed { layer, .. } => {
                self.counts.layers[layer].fallbacks_failed += 1;
            }
            Fact::HedgeSent { layer, .. } => self.counts.layers[layer].hedges_sent += 1,
            Fact::HedgeDecided {
                layer,
                winner,
                lost,
                ..
            } => self.counts.layers[layer].hedge_decided(winner, lost),
            Fact::BreakerChanged {
                layer,
                process,
                instance,
                from,
                to,
                at,
                why,
                failures,
                results,
            } => {
                self.breaker_changed(BreakerChange {
                    at,
                    layer,
                    process,
                    instance,
                    from,
                    to,
                    why,
                    failures,
                    results,
                });
            }
            Fact::AttemptSent {
                site,
                number,
                original,
                ..
            } => {
                self.attempt_sent(site, number, original);
            }
            Fact::AttemptEnded {
                site,
                answered,
                ending,
                ..
            } => {
                let edge = self.edge(site);
                self.counts.edges[edge].attempt_ended(ending.outcome(), answered);
            }
            Fact::MessageLost { site, .. } => {
                let edge = self.edge(site);
                self.counts.edges[edge].messages_lost += 1;
            }
            Fact::OperationArrived {
                operation,
                instance,
                ..
            } => {
                self.arrived(now, operation, instance);
            }
            Fact::OperationRejected {
                operation,
                instance,
                outcome,
                ..
            } => {
                self.rejected(now, operation, instance, outcome);
            }
            Fact::OperationStarted {
                operation,
                instance,
                waited,
                ..
            } => {
                self.started(now, operation, instance, waited);
            }
            Fact::OperationFinished {
                operation,
                instance,
                outcome,
                held,
                ..
            } => {
                self.finished(now, operation, instance, outcome, held);
            }
            Fact::OperationDropped {
                operation,
                instance,
                reason,
                held,
                running,
                lost_race,
                ..
            } => {
                self.dropped(now, operation, instance, reason, held, running);
                self.lost_race(operation, held, lost_race);
            }
            Fact::OperationLost {
                operation,
                instance,
                held,
                running,
                ..
            } => {
                self.lost(now, operation, instance, held, running);
            }
            Fact::AnswerUnwanted {
                operation,
                held,
                lost_race,
                ..
            } => {
                self.unwanted(operation, held);
                self.lost_race(operation, held, lost_race);
            }
            Fact::KeyMatched {
                operation, answer, ..
            } => self.counts.operations[operation].keys[answer as usize] += 1,
            Fact::EffectRepeated { operation, .. } => {
                self.counts.operations[operation].duplicates += 1;
            }
            Fact::ThreadTaken { instance, .. } => self.thread(now, instance, 1),
            Fact::ThreadReturned { instance, .. } => self.thread(now, instance, -1),
            Fact::FaultStarted { fault } => self.fault(now, fault, true),
            Fact::FaultEnded { fault } => self.fault(now, fault, false),
            Fact::FaultStruck { fault, instance } => self.struck(now, fault, instance),
            Fact::FaultLifted { fault, instance } => self.lifted(now, fault, instance),
            Fact::InstanceDown { instance } => {
                self.happened(now, WorldEvent::InstanceDown(instance));
            }
            Fact::InstanceUp { instance } => self.happened(now, WorldEvent::InstanceUp(instance)),
            Fact::RotationChanged {
                instance,
                in_rotation,
            } => {
                self.rotation(now, instance, in_rotation);
            }
        }
    }
}
