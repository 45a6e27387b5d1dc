//! What each kind of fact changes in the record.

use super::calls::{EdgeCalls, SiteUse, operations_of};
use super::checks::{HealthChange, MAX_HEALTH_CHANGES};
use super::counts::EdgeCounts;
use super::ejections::{EjectionVerdict, VerdictKind};
use super::queues::QueuePoint;
use super::recorder::{MAX_BREAKER_CHANGES, Recorder};
use super::run::{BreakerChange, LimitChange, LimitedBy, WorldEvent};
use crate::id::{
    BudgetId, FaultId, InstanceId, LayerId, OperationId, ProcessId, SiteId, SparseRow, WindowId,
};
use crate::model::call::Labels;
use crate::model::fact::{AttemptNo, DropReason, Ending, Fact, Mark, Observer};
use crate::model::spec::Scope;
use crate::observe::{Histogram, Placed};
use crate::policy::Outcome;
use crate::time::{SimDuration, SimTime};

/// Faults and instance events that are kept.
const MAX_EVENTS: usize = 100_000;

impl Observer for Recorder {
    /// Most operations get a thread at once.
    #[expect(
        clippy::inline_always,
        reason = "the kinds of facts are known where they are told"
    )]
    #[inline(always)]
    fn on_facts(&mut self, now: SimTime, first: &Fact, second: &Fact) {
        if let &Fact::OperationArrived {
            operation,
            instance,
            ..
        } = first
            && let Fact::OperationStarted { .. } = second
        {
            if now >= self.due {
                self.catch_up(now);
            }
            first.mix_into(&mut self.digest, now);
            second.mix_into(&mut self.digest, now);
            self.started_at_once(now, operation, instance);
        } else {
            self.on_fact(now, first);
            self.on_fact(now, second);
        }
    }

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
        fact.mix_into(&mut self.digest, now);
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
            Fact::LayerStopped { layer, by, .. } => self.counts.layers[layer].on_stopped(by),
            Fact::LayerWaits { layer, by, .. } => self.counts.layers[layer].on_waits(by),
            Fact::LayerLetIn { layer, waited, .. } => self.let_in(now, layer, waited),
            Fact::LayerDetail {
                layer,
                detail,
                times,
                after,
                ..
            } => self.counts.layers[layer].on_detail(detail, times, after),
            Fact::TimedOut { layer, connect, .. } => {
                self.counts.layers[layer].on_timed_out(connect);
            }
            Fact::RetryPlanned {
                layer, delay, by, ..
            } => self.counts.layers[layer].on_retry_planned(delay, by),
            Fact::RetryStopped { layer, reason, .. } => {
                self.counts.layers[layer].on_retry_stopped(reason);
            }
            Fact::BudgetAsked {
                layer,
                budget,
                granted,
                left,
                by_floor,
                ..
            } => {
                self.budget_asked(layer, budget, granted, left, by_floor);
            }
            Fact::FallbackUsed { layer, .. } => self.counts.layers[layer].on_fallback_used(),
            Fact::FallbackAged { layer, age, .. } => self.aged(now, layer, age),
            Fact::FallbackMissing { layer, age, .. } => {
                self.counts.layers[layer].on_fallback_missing(age);
            }
            Fact::FallbackCalled { layer, .. } => {
                self.counts.layers[layer].on_fallback_called();
            }
            Fact::FallbackFailed { layer, .. } => {
                self.counts.layers[layer].on_fallback_failed();
            }
            Fact::HedgeSent { layer, .. } => self.counts.layers[layer].on_hedge_sent(),
            Fact::HedgeDecided {
                layer,
                winner,
                lost,
                ..
            } => self.counts.layers[layer].on_hedge_decided(winner, lost),
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
                wait,
                by,
            } => {
                self.counts.layers[layer].took_effect(by);
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
                    wait,
                    by,
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
                attempt,
                site,
                answered,
                ending,
                ..
            } => {
                let wanted = answered && self.unwanted != attempt;
                let counts = self.sends(site);
                counts.attempt_ended(ending, answered, wanted);
            }
            Fact::MessageLost { site, .. } => {
                let counts = self.sends(site);
                counts.messages_lost += 1;
            }
            Fact::OperationArrived {
                operation,
                instance,
                ..
            } => {
                self.arrived(now, operation, instance);
            }
            Fact::AdmissionRefused { layer, .. } => self.counts.admission[layer].refused += 1,
            Fact::AdmissionLimit {
                layer,
                instance,
                from,
                to,
            } => {
                self.counts.admission[layer].on_new_limit(from, to);
                let shared = self.spec.admission[layer].shared;
                let owner = if shared { 0 } else { instance.0 };
                self.new_limit(now, (LimitedBy::Admission(layer), owner), from, to);
            }
            Fact::LayerLimit {
                layer,
                process,
                instance,
                from,
                to,
            } => {
                self.counts.layers[layer].on_new_limit(from, to);
                let owner = match &self.spec.layers[layer].scope {
                    Scope::Shared => 0,
                    Scope::Caller | Scope::Named(_) => process.0,
                    // A number of its own for each pair.
                    Scope::TargetInstance => process.0 << 12 ^ instance.map_or(0, |it| it.0),
                };
                self.new_limit(now, (LimitedBy::Layer(layer), owner), from, to);
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
                self.lives.lost(instance);
                self.lost(now, operation, instance, held, running);
            }
            Fact::AnswerUnwanted {
                attempt,
                operation,
                held,
                lost_race,
                ..
            } => {
                self.unwanted(attempt, operation, held);
                self.lost_race(operation, held, lost_race);
            }
            Fact::KeyMatched {
                operation, answer, ..
            } => self.counts.operations[operation].keys[answer as usize] += 1,
            Fact::KeyForgotten { operation, .. } => {
                self.counts.operations[operation].keys_forgotten += 1;
            }
            Fact::EffectRepeated { operation, .. } => {
                self.counts.operations[operation].duplicates += 1;
            }
            Fact::ThreadTaken { instance, .. } => self.levels[instance].takes_thread(now),
            Fact::ThreadReturned { instance, .. } => self.levels[instance].gives_thread_back(now),
            Fact::SagaBegan { saga, .. } => self.sagas.began(saga),
            Fact::SagaCalled { saga, how, .. } => self.sagas.called(saga, how),
            Fact::SagaLeft { saga, .. } => self.sagas.left(saga),
            Fact::SagaResumed { saga, .. } => self.sagas.resumed(saga),
            Fact::SagaEnded {
                saga,
                root,
                how,
                took,
                ..
            } => self.sagas.ended(saga, root, how, took),
            Fact::EffectDone { effect, how, .. } => self.deeds.done(effect, how),
            Fact::EffectUndone { effect, how, .. } => self.deeds.undone(effect, how),
            Fact::InvariantDiffers { invariant, .. } => self.deeds.differs(invariant),
            Fact::InvariantEqual {
                invariant, broken, ..
            } => self.deeds.equal(invariant, broken),
            Fact::InvariantBroken {
                invariant,
                root,
                since,
            } => self.deeds.broken(now, invariant, root, since),
            Fact::KeptWaits { kept, owner, .. } => self.kept.waits(now, kept, owner),
            Fact::KeptGranted {
                kept,
                owner,
                waited,
                at_once,
                ..
            } => self.kept.granted(now, (kept, owner), waited, at_once),
            Fact::KeptRefused {
                kept,
                owner,
                outcome,
                waited,
                ..
            } => self.kept.refused(now, (kept, owner), waited, outcome),
            Fact::KeptGivenUp { kept, owner, .. } => self.kept.given_up(now, kept, owner),
            Fact::KeptReturned {
                kept,
                owner,
                broken,
                ..
            } => self.kept.returned(now, kept, owner, broken),
            Fact::UnitOpened {
                kept, owner, took, ..
            } => self.kept.opened(now, kept, owner, took),
            Fact::UnitFailed { kept, owner, .. } => self.kept.not_opened(now, kept, owner),
            Fact::UnitClosed { kept, owner, .. } => self.kept.closed(now, kept, owner),
            Fact::MessageStored { queue, attempt } => {
                let sums = self.queues.sums(queue);
                sums.stored += 1;
                sums.moved_in += u64::from(attempt == 0);
            }
            Fact::MessageRefused { queue, attempt } => {
                let sums = self.queues.sums(queue);
                sums.refused += 1;
                sums.moved_away += u64::from(attempt == 0);
            }
            Fact::HandedOut {
                queue, nth, age, ..
            } => self.queues.handed_out(now, queue, nth, age),
            Fact::HandoutFailed { queue, why, .. } => {
                self.queues.sums(queue).failed[why as usize] += 1;
            }
            Fact::MessageSettled { queue, late, .. } => {
                let sums = self.queues.sums(queue);
                sums.settled += 1;
                sums.settled_late += u64::from(late);
            }
            Fact::AnswerTooLate { queue } => self.queues.sums(queue).too_late += 1,
            Fact::MessageKnown { queue, .. } => self.queues.sums(queue).known += 1,
            Fact::MessageAbsorbed { queue, .. } => {
                let sums = self.queues.sums(queue);
                sums.settled += 1;
                sums.absorbed += 1;
            }
            Fact::MessageUnfinished { queue, .. } => self.queues.sums(queue).unfinished += 1,
            Fact::LanesReassigned { queue } => self.queues.sums(queue).reassigned += 1,
            Fact::MessageEnded { queue, how, .. } => self.queues.ended(queue, how),
            Fact::QueueFilled {
                queue,
                ready,
                leased,
                delayed,
                parked,
                oldest,
            } => {
                let point = QueuePoint {
                    ready,
                    leased,
                    delayed,
                    parked,
                    dead: 0,
                    oldest: oldest.map(|age| now.before(age)),
                };
                self.queues.filled(now, queue, point);
            }
            Fact::FaultStarted { fault } => self.fault(now, fault, true),
            Fact::FaultEnded { fault } => self.fault(now, fault, false),
            Fact::FaultStruck { fault, instance } => self.struck(now, fault, instance),
            Fact::FaultLifted { fault, instance } => self.lifted(now, fault, instance),
            Fact::InstanceDown { instance } => {
                self.lives.died(now, instance);
                self.happened(now, WorldEvent::InstanceDown(instance));
            }
            Fact::InstanceEjected {
                instance,
                process,
                why,
                until,
                left,
                ..
            } => self.judged(
                now,
                (instance, process),
                VerdictKind::Out { why, until, left },
            ),
            Fact::EjectionStopped {
                instance,
                process,
                why,
            } => self.judged(now, (instance, process), VerdictKind::Stopped { why }),
            Fact::InstanceReturned {
                instance,
                process,
                by,
                after,
            } => self.judged(now, (instance, process), VerdictKind::Back { by, after }),
            Fact::InstanceOnTrial { instance, sent, .. } => {
                if sent && now < self.kept_until {
                    self.ejections.tried(instance);
                }
            }
            Fact::OutOfMemory { instance, calls } => {
                if now < self.kept_until {
                    self.memories.killed(now, instance, calls);
                }
            }
            Fact::MemoryRose { instance, percent } => {
                if now < self.kept_until {
                    self.memories.rose(now, instance, percent);
                }
            }
            Fact::InstanceUp { instance } => {
                self.lives.came_up(now, instance);
                self.happened(now, WorldEvent::InstanceUp(instance));
            }
            Fact::RotationChanged {
                instance,
                in_rotation,
                mark,
            } => {
                self.lives.rotation(now, instance, in_rotation);
                self.rotation(now, instance, in_rotation, mark);
            }
            Fact::MarkChanged {
                instance,
                mark,
                holds,
                process,
            } => {
                if let Some(process) = process {
                    self.lives.marked_by(now, (instance, process), holds);
                }
                self.happened(
                    now,
                    WorldEvent::Marked {
                        instance,
                        mark,
                        holds,
                        process,
                    },
                );
            }
            Fact::Panic {
                service,
                process,
                begins,
            } => self.happened(
                now,
                WorldEvent::Panic {
                    service,
                    process,
                    begins,
                },
            ),
            Fact::InstanceStops {
                instance,
                then,
                why,
                ..
            } => {
                self.lives.told_to_stop(now, instance);
                self.happened(now, WorldEvent::Stops(instance, then, why));
            }
            Fact::InstanceStopped { instance, killed } => {
                self.lives.stopped(now, instance, killed);
                self.happened(now, WorldEvent::Stopped(instance, killed));
            }
            Fact::InstanceStarts {
                instance,
                restart,
                waited,
                ..
            } => self.lives.starts(now, instance, restart, waited),
            Fact::InstanceCreated { instance, .. } => self.lives.created(now, instance),
            Fact::InstanceEnded { instance } => self.lives.ended(now, instance),
            Fact::TurnedAway { instance, .. } => self.lives.turned_away(instance),
            Fact::Checked { check, ending, .. } => self.counts.checks[check].on_checked(ending),
            Fact::HealthJudged {
                check,
                instance,
                process,
                verdict,
            } => {
                self.health_judged(HealthChange {
                    at: now,
                    check,
                    instance,
                    process,
                    verdict,
                });
            }
        }
    }
}

impl Recorder {
    /// The counters of the edge as whose attempts those of a site count.
    #[expect(clippy::inline_always, reason = "its rare part is out of line")]
    #[inline(always)]
    fn sends(&mut self, site: SiteId) -> &mut EdgeCounts {
        let (edge, row) = &mut self.sends[site.0 as usize];
        if *row == SparseRow::NONE {
            *row = self.counts.edges.row(*edge);
        }
        self.counts.edges.in_row(*row)
    }

    /// The counters of the edge of a site.
    #[expect(clippy::inline_always, reason = "its rare part is out of line")]
    #[inline(always)]
    fn edge(&mut self, site: SiteId) -> (SiteUse, &mut EdgeCounts) {
        let site = &mut self.sites[site];
        if site.counts == SparseRow::NONE {
            site.counts = self.counts.edges.row(site.edge);
        }
        (*site, self.counts.edges.in_row(site.counts))
    }

    /// The same, and what is known of its calls.
    #[expect(clippy::inline_always, reason = "its rare part is out of line")]
    #[inline(always)]
    fn calls_at(&mut self, site: SiteId) -> (SiteUse, &mut EdgeCounts, &mut EdgeCalls) {
        let site = &mut self.sites[site];
        if site.counts == SparseRow::NONE {
            site.counts = self.counts.edges.row(site.edge);
        }
        if site.calls == SparseRow::NONE {
            site.calls = self.calls.row(site.edge);
        }
        let counts = self.counts.edges.in_row(site.counts);
        (*site, counts, self.calls.in_row(site.calls))
    }

    #[expect(clippy::inline_always, reason = "told in one place")]
    #[inline(always)]
    fn call_started(&mut self, now: SimTime, site: SiteId, labels: Labels) {
        let (site, counts) = self.edge(site);
        counts.started += 1;
        if let Some(client) = site.client {
            self.seconds[client].at(now).started += 1;
        }
        if !self.windows.is_empty() {
            for window in &self.uses[site.edge].labelled {
                if window.holds(now, labels) {
                    self.labelled_started[WindowId(window.index)] += 1;
                }
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
        let outcome = ending.outcome();
        let latency = Placed::of(now.since(started_at).as_ns());
        let is_measured = started_at >= self.warmup && started_at < self.duration;
        let (SiteUse { edge, client, .. }, counts, calls) = self.calls_at(site);
        counts.ended[outcome as usize] += 1;
        if is_measured {
            calls.total.ended(outcome, latency, attempts);
            if outcome != Outcome::Ok {
                calls.causes.add(ending);
            }
        }
        let recent = if outcome.is_useful() {
            &mut calls.recent_useful
        } else {
            &mut calls.recent_failed
        };
        recent.record_coarse(latency);
        if !self.windows.is_empty() {
            for window in &self.uses[edge].windows {
                if window.holds(started_at, labels) {
                    let calls = &mut self.windows[WindowId(window.index)];
                    calls.ended_in_window(outcome, latency, attempts);
                }
            }
        }
        if let Some(client) = client {
            let second = self.seconds[client].at(started_at);
            second.ended += 1;
            second.useful += u32::from(outcome.is_useful());
            second.mistaken += u32::from(outcome.is_mistake());
        }
    }

    #[expect(clippy::inline_always, reason = "told in one place")]
    #[inline(always)]
    fn attempt_sent(&mut self, site: SiteId, number: u32, original: bool) {
        let counts = self.sends(site);
        counts.sent += 1;
        if number > 1 {
            counts.retries += 1;
        }
        counts.originals += u64::from(original);
    }

    #[expect(clippy::inline_always, reason = "told in one place")]
    #[inline(always)]
    fn arrived(&mut self, now: SimTime, operation: OperationId, instance: InstanceId) {
        self.counts.operations[operation].arrived += 1;
        self.levels[instance].arrives(now);
    }

    /// What [`Self::arrived`] and [`Self::started`] come to without a wait between them.
    #[expect(clippy::inline_always, reason = "told in one place")]
    #[inline(always)]
    fn started_at_once(&mut self, now: SimTime, id: OperationId, at: InstanceId) {
        let counts = &mut self.counts.operations[id];
        counts.arrived += 1;
        counts.started += 1;
        if now >= self.warmup && now < self.duration {
            self.waits[id].record_zero();
        }
        self.levels[at].starts_at_once(now);
    }

    #[expect(clippy::inline_always, reason = "told in one place")]
    #[inline(always)]
    fn rejected(&mut self, now: SimTime, operation: OperationId, at: InstanceId, how: Outcome) {
        self.counts.operations[operation].rejected[how as usize] += 1;
        self.leave(now, at, false);
        self.failed(now, at);
        if how == Outcome::RejectedQueueFull && now < self.kept_until {
            let service = self.spec.instances[at];
            self.episodes[service].turned_away(service, now);
        }
    }

    #[expect(clippy::inline_always, reason = "told in one place")]
    #[inline(always)]
    fn started(&mut self, now: SimTime, id: OperationId, at: InstanceId, waited: SimDuration) {
        let counts = &mut self.counts.operations[id];
        counts.started += 1;
        counts.waited += u64::from(!waited.is_zero());
        if now >= self.warmup && now < self.duration {
            self.waits[id].record_fine(Placed::of(waited.as_ns()));
        }
        self.levels[at].starts(now);
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
        counts.held_ns = counts.held_ns.saturating_add(held.as_ns());
        self.leave(now, instance, true);
        if !outcome.is_useful() {
            self.failed(now, instance);
        }
    }

    /// An instance answered with a failure.
    #[inline]
    fn failed(&mut self, now: SimTime, instance: InstanceId) {
        if !self.failing.is_empty() && now < self.kept_until {
            self.note_failure(now, instance);
        }
    }

    #[cold]
    fn note_failure(&mut self, now: SimTime, instance: InstanceId) {
        let operations = operations_of(&self.spec, self.spec.instances[instance]);
        let of_service = operations
            .map(|id| self.counts.operations[id].arrived)
            .sum();
        let arrived = (self.levels[instance].arrived, of_service);
        self.failing.failed(now, instance, arrived);
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
        counts.dropped[reason as usize] += 1;
        counts.held_ns = counts.held_ns.saturating_add(held.as_ns());
        counts.wasted_ns = counts.wasted_ns.saturating_add(held.as_ns());
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
        counts.held_ns = counts.held_ns.saturating_add(held.as_ns());
        counts.lost_ns = counts.lost_ns.saturating_add(held.as_ns());
        self.leave(now, instance, running);
    }

    /// An operation leaves its thread, or the waiting room.
    #[inline]
    fn leave(&mut self, now: SimTime, instance: InstanceId, running: bool) {
        self.levels[instance].leaves(now, running);
    }

    /// Ages are measured as totals are: after the warm-up.
    fn aged(&mut self, now: SimTime, layer: LayerId, age: SimDuration) {
        if now >= self.warmup && now < self.duration {
            let ages = self.ages[layer].get_or_insert_with(|| Box::new(Histogram::fine()));
            ages.record(age.as_ns());
        }
    }

    /// Waiting times are measured as totals are: after the warm-up.
    #[cold]
    fn let_in(&mut self, now: SimTime, layer: LayerId, waited: SimDuration) {
        if now >= self.warmup && now < self.duration {
            let waits = self.layer_waits[layer].get_or_insert_with(|| Box::new(Histogram::fine()));
            waits.record(waited.as_ns());
        }
    }

    fn lost_race(&mut self, operation: OperationId, held: SimDuration, lost_race: bool) {
        if lost_race {
            self.counts.operations[operation].hedged_ns = self.counts.operations[operation]
                .hedged_ns
                .saturating_add(held.as_ns());
        }
    }

    fn unwanted(&mut self, attempt: AttemptNo, operation: OperationId, held: SimDuration) {
        self.unwanted = attempt;
        let counts = &mut self.counts.operations[operation];
        counts.unwanted += 1;
        counts.wasted_ns = counts.wasted_ns.saturating_add(held.as_ns());
    }

    fn budget_asked(
        &mut self,
        layer: LayerId,
        budget: BudgetId,
        granted: bool,
        left: u32,
        by_floor: bool,
    ) {
        self.counts.layers[layer].on_budget_asked(granted);
        let counts = &mut self.counts.budgets[budget];
        counts.granted += u64::from(granted);
        counts.by_floor += u64::from(by_floor);
        counts.refused += u64::from(!granted);
        let least = &mut self.least_left[budget];
        *least = Some(least.map_or(left, |least| least.min(left)));
    }

    fn breaker_changed(&mut self, change: BreakerChange) {
        self.counts.layers[change.layer].on_breaker_changed(change.to);
        if change.at >= self.kept_until {
            return;
        }
        if self.breaker_changes.len() < MAX_BREAKER_CHANGES {
            self.breaker_changes.push(change);
        } else {
            self.breaker_changes_left_out += 1;
        }
    }

    fn health_judged(&mut self, change: HealthChange) {
        self.counts.checks[change.check].on_judged(change.verdict);
        if self.health_changes.len() < MAX_HEALTH_CHANGES && change.at < self.kept_until {
            self.health_changes.push(change);
        }
    }

    #[cold]
    fn judged(
        &mut self,
        at: SimTime,
        (instance, process): (InstanceId, Option<ProcessId>),
        kind: VerdictKind,
    ) {
        if at < self.kept_until {
            self.ejections.judged(EjectionVerdict {
                at,
                instance,
                process,
                kind,
            });
        }
    }

    fn new_limit(&mut self, now: SimTime, of: (LimitedBy, u32), from: u32, to: u32) {
        if now < self.kept_until && self.limit_changes.len() < MAX_EVENTS {
            let (by, owner) = of;
            self.limit_changes.push(LimitChange {
                at: now,
                by,
                owner,
                from,
                to,
            });
        }
    }

    fn happened(&mut self, now: SimTime, event: WorldEvent) {
        if self.events.len() < MAX_EVENTS && now < self.kept_until {
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
        if now < self.kept_until {
            self.outages[fault].on_struck(now);
        }
        self.happened(now, WorldEvent::Struck(fault, instance));
    }

    fn lifted(&mut self, now: SimTime, fault: FaultId, instance: InstanceId) {
        if now < self.kept_until {
            self.outages[fault].on_lifted(now);
        }
        self.happened(now, WorldEvent::Lifted(fault, instance));
    }

    fn rotation(&mut self, now: SimTime, instance: InstanceId, joins: bool, mark: Mark) {
        let event = if joins {
            WorldEvent::RotationJoined(instance, mark)
        } else {
            WorldEvent::RotationLeft(instance, mark)
        };
        self.happened(now, event);
    }
}
