//! A fact as one line of JSON, with names instead of numbers: what a log of facts is made of.
//!
//! The instant comes first, then the kind of fact in snake case, then its fields in the order of its
//! row. Calls and attempts keep their serial numbers, by which the lines of one call are found.
//! The type of a field says how it is written: an instant or a span of time gets `_ns` at its name,
//! a site is written as its edge, an ending as four words.

use super::values::{
    Applied, AppliedSet, BreakerState, DeedDone, DeedUndone, DropReason, Ending, HealthVerdict,
    KeyAnswer, Mark, RetryStop, StopWhy, Then, Why,
};
use crate::id::{
    AdmissionId, BudgetId, CheckId, EffectId, FaultId, InstanceId, InvariantId, KeptId, LayerId,
    OperationId, ProcessId, QueueId, SagaId, ServiceId, SiteId,
};
use crate::keeping::queue::{HandoutFailure, MessageEnd};
use crate::keeping::{SagaCallEnd, SagaEnd};
use crate::model::names::{
    admission_name, cause_word, check_name, edge_name, instance_name, kept_name, layer_name,
    operation_name, place_name, process_name, queue_name, saga_name,
};
use crate::model::spec::ModelSpec;
use crate::policy::Outcome;
use crate::policy::eject::{EjectBack, EjectWhy};
use crate::time::{SimDuration, SimTime};
use serde_json::Value;
use std::fmt::Write;

/// A line in the making: keys keep the order in which they are written.
pub(super) struct Line<'a> {
    text: String,
    spec: &'a ModelSpec,
}

impl<'a> Line<'a> {
    /// A line that says when, and what kind of fact.
    pub(super) fn new(now: SimTime, kind: &str, spec: &'a ModelSpec) -> Self {
        let text = format!("{{\"at_ns\":{}", now.as_ns());
        let mut line = Self { text, spec };
        line.write("fact", kind);
        line
    }

    /// The line, which has all its fields.
    pub(super) fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }

    fn write(&mut self, key: &str, value: impl Into<Value>) {
        // Writing to a string never fails.
        let _ = write!(self.text, ",\"{key}\":{}", value.into());
    }

    /// The name of a class, if there is one.
    pub(super) fn class(&mut self, key: &str, class: u16) {
        let classes = &self.spec.classes;
        self.write(key, classes.get(usize::from(class)).map(String::as_str));
    }

    /// The name of a tenant, if there is one.
    pub(super) fn tenant(&mut self, key: &str, tenant: u16) {
        let tenants = &self.spec.tenants;
        self.write(key, tenants.get(usize::from(tenant)).map(String::as_str));
    }

    /// An instant under a name that says more.
    pub(super) fn changed_at(&mut self, _key: &str, at: SimTime) {
        at.put("changed_at", self);
    }

    /// Nothing if there is none.
    pub(super) fn if_any(&mut self, key: &str, span: Option<SimDuration>) {
        if let Some(span) = span {
            span.put(key, self);
        }
    }

    /// Nothing if it is zero.
    pub(super) fn unless_zero(&mut self, key: &str, span: SimDuration) {
        self.if_any(key, Some(span).filter(|span| !span.is_zero()));
    }

    /// Nothing if it is `dead`: that was the only mark for long.
    pub(super) fn unless_dead(&mut self, key: &str, mark: Mark) {
        if mark != Mark::Dead {
            mark.put(key, self);
        }
    }

    /// Nothing if it never comes.
    pub(super) fn unless_never(&mut self, key: &str, at: SimTime) {
        if at < SimTime::NEVER {
            at.put(key, self);
        }
    }

    /// Nothing if it is not so.
    pub(super) fn if_so(&mut self, key: &str, flag: bool) {
        if flag {
            flag.put(key, self);
        }
    }
}

/// A field that can be put into a line.
pub(super) trait Written {
    fn put(self, key: &str, line: &mut Line<'_>);
}

/// Fields that are one value, under a key that may be theirs.
macro_rules! values {
    ($($type:ty: ($field:ident, $spec:pat, $key:ident) => $written:expr, $value:expr;)*) => {$(
        impl Written for $type {
            fn put(self, $key: &str, line: &mut Line<'_>) {
                let ($field, $spec) = (self, line.spec);
                line.write($written, $value);
            }
        }
    )*};
}

values! {
    u32: (number, _, key) => key, number;
    bool: (flag, _, key) => key, flag;
    SimTime: (at, _, key) => &format!("{key}_ns"), at.as_ns();
    SimDuration: (span, _, key) => &format!("{key}_ns"), span.as_ns();
    Option<SimDuration>: (span, _, key) => &format!("{key}_ns"), span.map(SimDuration::as_ns);
    Outcome: (outcome, _, key) => key, outcome.name();
    BreakerState: (state, _, key) => key, state.name();
    Why: (why, _, key) => key, why.name();
    Applied: (detail, _, key) => key, detail.name();
    RetryStop: (reason, _, key) => key, reason.name();
    DropReason: (reason, _, key) => key, reason.name();
    KeyAnswer: (answer, _, key) => key, answer.name();
    DeedDone: (how, _, key) => key, how.name();
    DeedUndone: (how, _, key) => key, how.name();
    SagaId: (id, spec, key) => key, saga_name(spec, id);
    SagaCallEnd: (how, _, key) => key, how.name();
    SagaEnd: (how, _, key) => key, how.name();
    EffectId: (id, spec, key) => key, spec.effects[id].name.as_str();
    InvariantId: (id, spec, key) => key, spec.invariants[id].name.as_str();
    AdmissionId: (id, spec, key) => key, admission_name(spec, id);
    Mark: (mark, _, key) => key, mark.name();
    StopWhy: (why, _, key) => key, why.name();
    Then: (then, _, key) => key, then.name();
    EjectWhy: (why, _, key) => key, why.name();
    EjectBack: (by, _, key) => key, by.name();
    Option<HealthVerdict>: (verdict, _, key) => key, verdict.map(HealthVerdict::name);
    BudgetId: (id, spec, key) => key, spec.budgets[id].name.as_str();
    CheckId: (id, spec, key) => key, check_name(spec, id);
    FaultId: (id, spec, key) => key, spec.faults[id].name.as_str();
    InstanceId: (id, spec, key) => key, instance_name(spec, id);
    Option<InstanceId>: (id, spec, key) => key, id.map(|id| instance_name(spec, id));
    KeptId: (id, spec, key) => key, kept_name(spec, id);
    QueueId: (id, spec, key) => key, queue_name(spec, id);
    HandoutFailure: (why, _, key) => key, why.name();
    MessageEnd: (how, _, key) => key, how.name();
    LayerId: (id, spec, key) => key, layer_name(spec, id);
    OperationId: (id, spec, key) => key, operation_name(spec, id);
    ProcessId: (id, spec, key) => key, process_name(spec, id);
    Option<ProcessId>: (id, spec, key) => key, id.map(|id| process_name(spec, id));
    ServiceId: (id, spec, key) => key, spec.services[id].name.as_str();
    SiteId: (id, spec, _key) => "edge", edge_name(spec, spec.sites[id].edge);
}

impl Written for Ending {
    fn put(self, _key: &str, line: &mut Line<'_>) {
        let (spec, cause) = (line.spec, self.cause());
        line.write("outcome", self.outcome().name());
        line.write("by", place_name(spec, self.by()));
        line.write("cause_place", place_name(spec, cause.place));
        line.write("cause_kind", cause_word(cause.kind));
    }
}

/// Which settings took effect, where any did.
impl Written for AppliedSet {
    fn put(self, key: &str, line: &mut Line<'_>) {
        if !self.is_empty() {
            let names: Vec<&str> = self.iter().map(Applied::name).collect();
            line.write(key, names);
        }
    }
}
