//! A fact as one line of JSON, with names instead of numbers: what a log of facts is made of.
//!
//! The instant comes first, then the kind of fact in snake case, then its fields in the order of
//! [`Fact`]. Calls and attempts keep their serial numbers, by which the lines of one call are found.

use super::names::{
    cause_word, edge_name, instance_name, layer_name, operation_name, place_name, process_name,
};
use crate::id::{FaultId, InstanceId, LayerId, OperationId, SiteId};
use crate::model::fact::{
    AttemptNo, BreakerState, CallNo, Detail, Details, DropReason, Ending, Fact,
};
use crate::model::spec::ModelSpec;
use crate::time::SimTime;
use serde_json::Value;
use std::fmt::Write;

/// The fact as one line, without a line break.
pub fn fact_line(now: SimTime, fact: &Fact, spec: &ModelSpec) -> String {
    let mut line = Line {
        text: format!("{{\"at_ns\":{}", now.as_ns()),
        spec,
    };
    line.fact(fact);
    line.text.push('}');
    line.text
}

/// A line in the making: keys keep the order in which they are written.
struct Line<'a> {
    text: String,
    spec: &'a ModelSpec,
}

impl Line<'_> {
    fn put(&mut self, key: &str, value: impl Into<Value>) {
        // Writing to a string never fails.
        let _ = write!(self.text, ",\"{key}\":{}", value.into());
    }

    fn ending(&mut self, ending: Ending) {
        self.put("outcome", ending.outcome().name());
        self.put("by", place_name(self.spec, ending.by()));
        self.put("cause_place", place_name(self.spec, ending.cause().place));
        self.put("cause_kind", cause_word(ending.cause().kind));
    }

    #[expect(clippy::too_many_lines, reason = "one arm per kind of fact")]
    fn fact(&mut self, fact: &Fact) {
        match *fact {
            Fact::CallStarted {
                call,
                site,
                process,
                parent,
                class,
                tenant,
            } => {
                self.about_call("call_started", call, site);
                self.put("process", process_name(self.spec, process));
                self.put("parent", parent);
                self.labels(class, tenant);
            }
            Fact::CallEnded {
                call,
                site,
                started_at,
                attempts,
                class,
                tenant,
                ending,
            } => {
                self.about_call("call_ended", call, site);
                self.put("started_at_ns", started_at.as_ns());
                self.put("attempts", attempts);
                self.labels(class, tenant);
                self.ending(ending);
            }
            Fact::LayerStopped {
                call,
                layer,
                outcome,
                by,
            } => {
                self.about_layer("layer_stopped", call, layer);
                self.put("outcome", outcome.name());
                self.details(by);
            }
            Fact::LayerWaits { call, layer, by } => {
                self.about_layer("layer_waits", call, layer);
                self.details(by);
            }
            Fact::LayerLetIn {
                call,
                layer,
                waited,
            } => {
                self.about_layer("layer_let_in", call, layer);
                self.put("waited_ns", waited.as_ns());
            }
            Fact::LayerDetail {
                call,
                layer,
                detail,
                times,
                after,
            } => {
                self.about_layer("layer_detail", call, layer);
                self.put("detail", detail.name());
                self.put("times", times);
                if let Some(after) = after {
                    self.put("after_ns", after.as_ns());
                }
            }
            Fact::TimedOut {
                call,
                layer,
                connect,
            } => {
                self.about_layer("timed_out", call, layer);
                self.put("connect", connect);
            }
            Fact::RetryPlanned {
                call,
                layer,
                passes,
                delay,
                by,
            } => {
                self.about_layer("retry_planned", call, layer);
                self.put("passes", passes);
                self.put("delay_ns", delay.as_ns());
                self.details(by);
            }
            Fact::RetryStopped {
                call,
                layer,
                passes,
                reason,
            } => {
                self.about_layer("retry_stopped", call, layer);
                self.put("passes", passes);
                self.put("reason", reason.name());
            }
            Fact::BudgetAsked {
                call,
                layer,
                budget,
                granted,
                left,
                by_floor,
            } => {
                self.about_layer("budget_asked", call, layer);
                let spec = self.spec;
                self.put("budget", spec.budgets[budget].name.as_str());
                self.put("granted", granted);
                self.put("left", left);
                if by_floor {
                    self.put("by_floor", by_floor);
                }
            }
            Fact::FallbackUsed {
                call,
                layer,
                instead_of,
            } => {
                self.about_layer("fallback_used", call, layer);
                self.put("instead_of", instead_of.name());
            }
            Fact::FallbackAged { call, layer, age } => {
                self.about_layer("fallback_aged", call, layer);
                self.put("age_ns", age.as_ns());
            }
            Fact::FallbackMissing { call, layer, age } => {
                self.about_layer("fallback_missing", call, layer);
                self.put("age_ns", age.map(crate::time::SimDuration::as_ns));
            }
            Fact::FallbackCalled {
                call,
                layer,
                instead_of,
                other,
            } => {
                self.about_layer("fallback_called", call, layer);
                self.put("instead_of", instead_of.name());
                self.put("other", other);
            }
            Fact::FallbackFailed {
                call,
                layer,
                outcome,
            } => {
                self.about_layer("fallback_failed", call, layer);
                self.put("outcome", outcome.name());
            }
            Fact::HedgeSent { call, layer, pass } => {
                self.about_layer("hedge_sent", call, layer);
                self.put("pass", pass);
            }
            Fact::HedgeDecided {
                call,
                layer,
                winner,
                passes,
                lost,
            } => {
                self.about_layer("hedge_decided", call, layer);
                self.put("winner", winner);
                self.put("passes", passes);
                self.put("lost", lost);
            }
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
                self.put("fact", "breaker_changed");
                self.put("layer", layer_name(self.spec, layer));
                self.put("process", process_name(self.spec, process));
                self.put("instance", instance.map(|id| instance_name(self.spec, id)));
                self.put("from", state_word(from));
                self.put("to", state_word(to));
                self.put("changed_at_ns", at.as_ns());
                self.put("why", why.name());
                self.put("failures", failures);
                self.put("results", results);
                if !wait.is_zero() {
                    self.put("wait_ns", wait.as_ns());
                }
                self.details(by);
            }
            Fact::AttemptSent {
                attempt,
                call,
                site,
                instance,
                number,
                original,
            } => {
                self.about_attempt("attempt_sent", attempt, call, site, instance);
                self.put("number", number);
                self.put("original", original);
            }
            Fact::AttemptEnded {
                attempt,
                call,
                site,
                instance,
                sent_at,
                answered,
                ending,
            } => {
                self.about_attempt("attempt_ended", attempt, call, site, instance);
                self.put("sent_at_ns", sent_at.as_ns());
                self.put("answered", answered);
                self.ending(ending);
            }
            Fact::MessageLost {
                attempt,
                site,
                answer,
            } => {
                self.put("fact", "message_lost");
                self.put("attempt", attempt);
                self.put("edge", self.edge(site));
                self.put("answer", answer);
            }
            Fact::OperationArrived {
                attempt,
                operation,
                instance,
            } => {
                self.about_operation("operation_arrived", attempt, operation, instance);
            }
            Fact::OperationRejected {
                attempt,
                operation,
                instance,
                outcome,
                waited,
            } => {
                self.about_operation("operation_rejected", attempt, operation, instance);
                self.put("outcome", outcome.name());
                self.put("waited_ns", waited.as_ns());
            }
            Fact::OperationStarted {
                attempt,
                operation,
                instance,
                waited,
            } => {
                self.about_operation("operation_started", attempt, operation, instance);
                self.put("waited_ns", waited.as_ns());
            }
            Fact::OperationFinished {
                attempt,
                operation,
                instance,
                outcome,
                held,
            } => {
                self.about_operation("operation_finished", attempt, operation, instance);
                self.put("outcome", outcome.name());
                self.put("held_ns", held.as_ns());
            }
            Fact::OperationDropped {
                attempt,
                operation,
                instance,
                reason,
                held,
                running,
                lost_race,
            } => {
                self.about_operation("operation_dropped", attempt, operation, instance);
                self.put("reason", drop_word(reason));
                self.put("held_ns", held.as_ns());
                self.put("running", running);
                self.put("lost_race", lost_race);
            }
            Fact::OperationLost {
                attempt,
                operation,
                instance,
                held,
                running,
            } => {
                self.about_operation("operation_lost", attempt, operation, instance);
                self.put("held_ns", held.as_ns());
                self.put("running", running);
            }
            Fact::AnswerUnwanted {
                attempt,
                operation,
                instance,
                held,
                lost_race,
            } => {
                self.about_operation("answer_unwanted", attempt, operation, instance);
                self.put("held_ns", held.as_ns());
                self.put("lost_race", lost_race);
            }
            Fact::KeyMatched {
                attempt,
                operation,
                instance,
                answer,
            } => {
                self.about_operation("key_matched", attempt, operation, instance);
                self.put("answer", answer.name());
            }
            Fact::KeyForgotten {
                attempt,
                operation,
                instance,
            } => self.about_operation("key_forgotten", attempt, operation, instance),
            Fact::EffectRepeated {
                attempt,
                operation,
                instance,
                wanted,
            } => {
                self.about_operation("effect_repeated", attempt, operation, instance);
                self.put("wanted", wanted);
            }
            Fact::ThreadTaken { attempt, instance } => {
                self.about_thread("thread_taken", attempt, instance);
            }
            Fact::ThreadReturned { attempt, instance } => {
                self.about_thread("thread_returned", attempt, instance);
            }
            Fact::FaultStarted { fault } => self.about_fault("fault_started", fault),
            Fact::FaultEnded { fault } => self.about_fault("fault_ended", fault),
            Fact::FaultStruck { fault, instance } => {
                self.about_fault("fault_struck", fault);
                self.put("instance", instance_name(self.spec, instance));
            }
            Fact::FaultLifted { fault, instance } => {
                self.about_fault("fault_lifted", fault);
                self.put("instance", instance_name(self.spec, instance));
            }
            Fact::InstanceDown { instance } => self.about_instance("instance_down", instance),
            Fact::InstanceUp { instance } => self.about_instance("instance_up", instance),
            Fact::RotationChanged {
                instance,
                in_rotation,
            } => {
                self.about_instance("rotation_changed", instance);
                self.put("in_rotation", in_rotation);
            }
        }
    }

    /// Which settings took effect, where any did.
    fn details(&mut self, by: Details) {
        if !by.is_empty() {
            let names: Vec<&str> = by.iter().map(Detail::name).collect();
            self.put("by", names);
        }
    }

    fn edge(&self, site: SiteId) -> String {
        edge_name(self.spec, self.spec.sites[site].edge)
    }

    fn about_call(&mut self, kind: &str, call: CallNo, site: SiteId) {
        self.put("fact", kind);
        self.put("call", call);
        self.put("edge", self.edge(site));
    }

    fn labels(&mut self, class: u16, tenant: u16) {
        let (spec, class, tenant) = (self.spec, usize::from(class), usize::from(tenant));
        self.put("class", spec.classes.get(class).map(String::as_str));
        self.put("tenant", spec.tenants.get(tenant).map(String::as_str));
    }

    fn about_layer(&mut self, kind: &str, call: CallNo, layer: LayerId) {
        self.put("fact", kind);
        self.put("call", call);
        self.put("layer", layer_name(self.spec, layer));
    }

    fn about_attempt(
        &mut self,
        kind: &str,
        attempt: AttemptNo,
        call: CallNo,
        site: SiteId,
        instance: InstanceId,
    ) {
        self.put("fact", kind);
        self.put("attempt", attempt);
        self.put("call", call);
        self.put("edge", self.edge(site));
        self.put("instance", instance_name(self.spec, instance));
    }

    fn about_operation(
        &mut self,
        kind: &str,
        attempt: AttemptNo,
        operation: OperationId,
        instance: InstanceId,
    ) {
        self.put("fact", kind);
        self.put("attempt", attempt);
        self.put("operation", operation_name(self.spec, operation));
        self.put("instance", instance_name(self.spec, instance));
    }

    fn about_thread(&mut self, kind: &str, attempt: AttemptNo, instance: InstanceId) {
        self.put("fact", kind);
        self.put("attempt", attempt);
        self.put("instance", instance_name(self.spec, instance));
    }

    fn about_fault(&mut self, kind: &str, fault: FaultId) {
        self.put("fact", kind);
        let spec = self.spec;
        self.put("fault", spec.faults[fault].name.as_str());
    }

    fn about_instance(&mut self, kind: &str, instance: InstanceId) {
        self.put("fact", kind);
        self.put("instance", instance_name(self.spec, instance));
    }
}

const fn drop_word(reason: DropReason) -> &'static str {
    match reason {
        DropReason::Skipped => "skipped",
        DropReason::Removed => "removed",
        DropReason::Stopped => "stopped",
        DropReason::Expired => "expired",
    }
}

const fn state_word(state: BreakerState) -> &'static str {
    match state {
        BreakerState::Closed => "closed",
        BreakerState::Open => "open",
        BreakerState::HalfOpen => "half_open",
    }
}
