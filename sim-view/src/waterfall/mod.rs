//! One call as a waterfall: a row for each call and attempt on one axis of time, and between them,
//! in words, what layers decided.
//!
//! The bar of an attempt tells where its time went: on the way, in the callee's queue, in a thread,
//! and in a thread for nobody, once its caller has given up. Thread time includes the calls made in
//! it, which have rows of their own below.

mod bar;
mod perfetto;
#[cfg(test)]
mod tests;

pub use perfetto::perfetto;

use super::format;
use super::safe::{cut, display_safe};
use bar::{Axis, Span, Stuff};
use sim_core::report::{AttemptTrace, CallTrace, DecisionTrace, EffectTrace, OperationTrace};
use std::fmt::Write as _;
use std::iter::Peekable;

/// Columns of the names of rows.
const LABEL: usize = 38;
/// Columns of the length at the end of a row.
const LENGTH: usize = 8;

/// The waterfall, no wider than `width`.
pub fn waterfall(trace: &CallTrace, width: usize, ascii: bool) -> String {
    let axis = Axis {
        from_ns: trace.started_at_ns,
        until_ns: last_instant(trace),
        columns: width - LABEL - LENGTH - 2,
        ascii,
    };
    let mut paper = Paper {
        text: head(trace),
        axis,
        width,
    };
    paper.row("", &paper.axis.scale(), "");
    paper.call(trace, 0);
    paper.text.push('\n');
    paper.text.push_str(&Stuff::legend(ascii));
    paper.text
}

fn head(trace: &CallTrace) -> String {
    let mut text = format!(
        "call {} of {}: {}\n",
        trace.call,
        display_safe(&trace.process),
        display_safe(&trace.edge)
    );
    let started = format::instant(trace.started_at_ns, 2_000_000_000);
    let _ = match (trace.ended_at_ns, &trace.outcome) {
        (Some(ended), Some(outcome)) => {
            let length = format::duration(ended - trace.started_at_ns);
            writeln!(
                text,
                "started at t={started}, ended {outcome} after {length}"
            )
        }
        _ => writeln!(
            text,
            "started at t={started}, and has not ended with the run"
        ),
    };
    if let Some(cause) = &trace.first_cause {
        let _ = writeln!(text, "first cause: {}", display_safe(cause));
    }
    text.push('\n');
    text
}

/// When the last thing of a call was over, or began if it is not over.
fn last_instant(trace: &CallTrace) -> u64 {
    let attempts = trace.attempts.iter().flat_map(|attempt| {
        let operation = attempt.operation.as_ref();
        let inside = operation.map_or(0, |operation| {
            let calls = operation.calls.iter().map(last_instant).max();
            let begun = operation.started_at_ns.unwrap_or(operation.arrived_at_ns);
            operation
                .ended_at_ns
                .unwrap_or(begun)
                .max(calls.unwrap_or(0))
        });
        [attempt.sent_at_ns, attempt.ended_at_ns.unwrap_or(0), inside]
    });
    let decisions = trace.decisions.iter().map(|decision| decision.at_ns);
    let fallbacks = trace.fallbacks.iter().map(last_instant);
    let own = [trace.started_at_ns, trace.ended_at_ns.unwrap_or(0)];
    attempts
        .chain(decisions)
        .chain(fallbacks)
        .chain(own)
        .max()
        .unwrap_or(0)
}

struct Paper {
    text: String,
    axis: Axis,
    width: usize,
}

impl Paper {
    /// Name, bar, length.
    fn row(&mut self, label: &str, bar: &str, length: &str) {
        let label = cut(label, LABEL);
        let pad = LABEL - label.chars().count();
        let line = format!("{label}{:pad$} {bar} {length:>LENGTH$}", "");
        let _ = writeln!(self.text, "{}", line.trim_end());
    }

    fn call(&mut self, trace: &CallTrace, depth: usize) {
        let name = trace.edge.rsplit(" -> ").next().unwrap_or(&trace.edge);
        let outcome = trace.outcome.as_deref().unwrap_or("unfinished");
        let label = format!("{:depth$}{}: {outcome}", "", display_safe(name));
        let end = trace.ended_at_ns.unwrap_or(self.axis.until_ns);
        let spans = [Span::new(trace.started_at_ns, end, Stuff::Call)];
        let bar = self.axis.bar(&spans);
        self.row(&label, &bar, &format::duration(end - trace.started_at_ns));
        let mut decisions = trace.decisions.iter().peekable();
        let mut fallbacks = trace.fallbacks.iter().peekable();
        for (before, attempt) in (0_u32..).zip(&trace.attempts) {
            while let Some(call) = fallbacks.next_if(|it| it.started_at_ns < attempt.sent_at_ns) {
                self.fallback(call, &mut decisions, depth + 1);
            }
            // Much happens at one instant: what was decided before an attempt stands above it.
            while let Some(decision) = decisions.next_if(|it| it.attempts_sent <= before) {
                self.decision(decision, depth + 1);
            }
            self.attempt(attempt, end, depth + 1);
        }
        for call in fallbacks {
            self.fallback(call, &mut decisions, depth + 1);
        }
        decisions.for_each(|decision| self.decision(decision, depth + 1));
    }

    /// A call that a fallback made, after what had been decided by then.
    fn fallback<'d>(
        &mut self,
        call: &CallTrace,
        decisions: &mut Peekable<impl Iterator<Item = &'d DecisionTrace>>,
        depth: usize,
    ) {
        while let Some(decision) = decisions.next_if(|it| it.at_ns <= call.started_at_ns) {
            self.decision(decision, depth);
        }
        self.call(call, depth);
    }

    /// An attempt of a call that ended then: a timeout that lets it run on, or a hedge, may have
    /// answered before it.
    fn attempt(&mut self, attempt: &AttemptTrace, call_ended_ns: u64, depth: usize) {
        let outcome = attempt.outcome.as_deref().unwrap_or("unfinished");
        let label = format!(
            "{:depth$}{} {}: {outcome}",
            "",
            attempt.number,
            display_safe(&attempt.instance)
        );
        let end = attempt.ended_at_ns.unwrap_or(self.axis.until_ns);
        let left = end.min(call_ended_ns);
        let bar = self.axis.bar(&spans(attempt, end, left));
        self.row(&label, &bar, &format::duration(end - attempt.sent_at_ns));
        if !attempt.let_through.is_empty() {
            let layers = attempt.let_through.join(", ");
            let text = format!("let through by {}", display_safe(&layers));
            self.words(depth + 2, &text);
        }
        if let Some(lost) = &attempt.lost {
            self.words(depth + 2, &format!("its {lost} was lost on the way"));
        }
        let Some(operation) = &attempt.operation else {
            return;
        };
        self.words(depth + 2, &fate(operation, left));
        let mut effects = operation.effects.iter().peekable();
        for call in &operation.calls {
            while let Some(effect) = effects.next_if(|it| it.at_ns < call.started_at_ns) {
                self.effect(effect, depth + 2);
            }
            self.call(call, depth + 2);
        }
        effects.for_each(|effect| self.effect(effect, depth + 2));
    }

    fn effect(&mut self, effect: &EffectTrace, depth: usize) {
        let after = format::duration(effect.at_ns - self.axis.from_ns);
        self.words(
            depth,
            &format!("+{after} effect {}", display_safe(&effect.text)),
        );
    }

    fn decision(&mut self, decision: &DecisionTrace, depth: usize) {
        let after = format::duration(decision.at_ns - self.axis.from_ns);
        let layer = display_safe(&decision.layer);
        self.words(depth, &format!("+{after} {layer}: {}", decision.text));
    }

    /// A sentence across the page.
    fn words(&mut self, indent: usize, text: &str) {
        let mut column = self.width;
        for (index, word) in text.split(' ').enumerate() {
            let length = word.chars().count() + 1;
            if index == 0 || column + length > self.width {
                let start = if index == 0 { indent } else { indent + 2 };
                let end = if index == 0 { "" } else { "\n" };
                let _ = write!(self.text, "{end}{:start$}{word}", "");
                column = start + length;
            } else {
                let _ = write!(self.text, " {word}");
                column += length;
            }
        }
        self.text.push('\n');
    }
}

/// What became of an attempt at its callee: `waited 2 ms, held a thread for 20 ms, answered ok`.
fn fate(operation: &OperationTrace, caller_left_ns: u64) -> String {
    let mut parts = Vec::new();
    let waited = |until: u64| format::duration(until - operation.arrived_at_ns);
    match (operation.started_at_ns, operation.ended_at_ns) {
        (Some(started), _) => {
            parts.push(format!("queue {}", waited(started)));
            parts.push(format!("thread {}", format::duration(operation.held_ns)));
        }
        (None, Some(ended)) => parts.push(format!("queue {}, no thread", waited(ended))),
        (None, None) => parts.push("still in the queue when the run ended".to_owned()),
    }
    match (&operation.end, operation.ended_at_ns) {
        (Some(end), Some(ended)) if ended > caller_left_ns => {
            let late = format::duration(ended - caller_left_ns);
            parts.push(format!("{end}, {late} after its caller had left"));
        }
        (Some(end), _) => parts.push(end.clone()),
        (None, _) => {}
    }
    parts.join(", ")
}

/// Where the time of an attempt went, and what of it after its caller had left.
fn spans(attempt: &AttemptTrace, over_ns: u64, left_ns: u64) -> Vec<Span> {
    let Some(operation) = &attempt.operation else {
        return vec![Span::new(attempt.sent_at_ns, over_ns, Stuff::Way)];
    };
    let end = operation.ended_at_ns.unwrap_or(over_ns);
    let start = operation.started_at_ns.unwrap_or(end);
    vec![
        Span::new(attempt.sent_at_ns, over_ns, Stuff::Way),
        Span::new(operation.arrived_at_ns, start, Stuff::Queue),
        Span::new(start, end, Stuff::Thread),
        Span::new(start.max(left_ns), end, Stuff::Wasted),
    ]
}
