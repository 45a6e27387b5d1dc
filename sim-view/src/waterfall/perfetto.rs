//! A trace as Chrome's JSON, which ui.perfetto.dev opens.
//!
//! Calls and attempts are asynchronous spans: those of one process may overlap, which the plain
//! spans of a thread must not.

use serde_json::{Value, json};
use sim_core::report::{AttemptTrace, CallTrace};

/// The whole document.
pub fn perfetto(trace: &CallTrace) -> String {
    let mut events = Vec::new();
    call(trace, &mut events);
    format!(
        "{:#}\n",
        json!({ "displayTimeUnit": "ms", "traceEvents": events })
    )
}

/// A span of one track; `id` keeps it apart from others.
struct Track<'a> {
    name: &'a str,
    category: &'static str,
    id: String,
}

impl Track<'_> {
    fn span(&self, from_ns: u64, until_ns: u64, args: Value, events: &mut Vec<Value>) {
        for (phase, at_ns, args) in [("b", from_ns, args), ("e", until_ns, json!({}))] {
            events.push(json!({
                "ph": phase,
                "name": self.name,
                "cat": self.category,
                "id": self.id,
                "ts": at_ns as f64 / 1e3,
                "pid": 1,
                "tid": 1,
                "args": args,
            }));
        }
    }
}

fn call(trace: &CallTrace, events: &mut Vec<Value>) {
    let end = trace
        .ended_at_ns
        .unwrap_or_else(|| super::last_instant(trace));
    let row = Track {
        name: &trace.edge,
        category: "call",
        id: format!("call {}", trace.call),
    };
    let args = json!({
        "process": trace.process,
        "outcome": trace.outcome,
        "first cause": trace.first_cause,
    });
    row.span(trace.started_at_ns, end, args, events);
    for decision in &trace.decisions {
        events.push(json!({
            "ph": "n",
            "name": format!("{}: {}", decision.layer, decision.text),
            "cat": "call",
            "id": row.id,
            "ts": decision.at_ns as f64 / 1e3,
            "pid": 1,
            "tid": 1,
        }));
    }
    for one in &trace.attempts {
        attempt(one, end, events);
    }
    for made in &trace.fallbacks {
        call(made, events);
    }
}

fn attempt(trace: &AttemptTrace, call_ended_ns: u64, events: &mut Vec<Value>) {
    let name = format!("attempt {} to {}", trace.number, trace.instance);
    let id = format!("attempt {}", trace.attempt);
    let row = |name, category| Track {
        name,
        category,
        id: id.clone(),
    };
    let end = trace.ended_at_ns.unwrap_or(call_ended_ns);
    let args = json!({ "outcome": trace.outcome, "lost": trace.lost });
    row(&name, "attempt").span(trace.sent_at_ns, end, args, events);
    let Some(operation) = &trace.operation else {
        return;
    };
    let over = operation.ended_at_ns.unwrap_or(end);
    let started = operation.started_at_ns.unwrap_or(over);
    row("queue", "operation").span(operation.arrived_at_ns, started, json!({}), events);
    if operation.started_at_ns.is_some() {
        let args = json!({ "end": operation.end, "held_ns": operation.held_ns });
        row("thread", "operation").span(started, over, args, events);
    }
    for effect in &operation.effects {
        events.push(json!({
            "ph": "n",
            "name": format!("effect {}", effect.text),
            "cat": "operation",
            "id": id,
            "ts": effect.at_ns as f64 / 1e3,
            "pid": 1,
            "tid": 1,
        }));
    }
    for made in &operation.calls {
        call(made, events);
    }
}
