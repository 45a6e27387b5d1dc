//! Which time an expectation is about: from and to, or before, during and after a fault.

use super::Compiler;
use crate::id::{FaultId, WindowId};
use crate::model::spec::{LabelFilter, Subject, WindowSpec};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::file::expect::WindowFile;
use crate::scenario::read::At;
use crate::scenario::value::Reference;
use crate::time::SimTime;

/// A span `[from, until)` and how it is said.
pub(super) struct Interval {
    pub(super) from: SimTime,
    pub(super) until: SimTime,
    pub(super) words: String,
}

impl Compiler<'_> {
    /// Measures over a time; the same time and subject are measured once.
    pub(super) fn window(&mut self, interval: &Interval, of: Subject) -> WindowId {
        self.labelled_window(interval, of, LabelFilter::Any)
    }

    /// The same for the calls with a label.
    pub(super) fn labelled_window(
        &mut self,
        interval: &Interval,
        of: Subject,
        label: LabelFilter,
    ) -> WindowId {
        let window = WindowSpec {
            from: interval.from,
            until: interval.until,
            of,
            label,
        };
        let known = self
            .spec
            .windows
            .iter_enumerated()
            .find(|(_, w)| **w == window);
        match known {
            Some((id, _)) => id,
            None => self.spec.windows.push(window),
        }
    }

    pub(super) fn interval(&mut self, file: &WindowFile, place: &At<()>) -> Option<Interval> {
        let around = [
            ("before", &file.before),
            ("during", &file.during),
            ("after", &file.after),
            ("around", &file.around),
        ];
        let mut around = around
            .into_iter()
            .filter_map(|(word, at)| Some((word, at.as_ref()?)));
        let interval = match (around.next(), around.next()) {
            (None, _) => self.given_times(file),
            (Some((word, at)), None) if file.from.is_none() && file.to.is_none() => {
                self.around_fault(word, at)?
            }
            _ => {
                let message = format!(
                    "`{}` names several times: give `from` and `to`, or one of `before`, \
                     `during`, `after` and `around`",
                    place.path
                );
                self.error("bad-window", place.span, message);
                return None;
            }
        };
        self.check_interval(interval, place)
    }

    fn given_times(&self, file: &WindowFile) -> Interval {
        let from = file.from.as_ref().map(|at| at.value);
        let to = file.to.as_ref().map(|at| at.value);
        let words = match (from, to) {
            (None, None) => String::new(),
            (Some(from), None) => format!(" from {from}"),
            (None, Some(to)) => format!(" until {to}"),
            (Some(from), Some(to)) => format!(" from {from} to {to}"),
        };
        Interval {
            from: from.unwrap_or(self.spec.warmup),
            until: to.unwrap_or(self.spec.duration),
            words,
        }
    }

    fn around_fault(&mut self, word: &str, at: &At<Reference>) -> Option<Interval> {
        let fault = self.find_fault(at)?;
        let last = self.spec.duration;
        let span = self.whole_span(fault).filter(|span| span.0 < last);
        let Some((begin, end)) = span else {
            return self.before_late_fault(word, at, fault);
        };
        // A fault that goes on while the last calls end is over for what is measured.
        let end = if self.spec.drain.is_zero() {
            end
        } else {
            end.min(last)
        };
        let (from, until) = match word {
            "before" => (self.spec.warmup, begin),
            "during" => (begin, end),
            _ => (end, self.spec.duration),
        };
        Some(Interval {
            from,
            until,
            words: format!(" {word} {}", at.value.0),
        })
    }

    /// The time before a fault that begins when the run has ended is all of the run; there is none
    /// while it lasts, and none after it.
    fn before_late_fault(
        &mut self,
        word: &str,
        at: &At<Reference>,
        fault: FaultId,
    ) -> Option<Interval> {
        let name = &at.value.0;
        // A fault that could not be understood is reported for itself.
        self.spec.faults.get(fault)?;
        if word == "before" {
            return Some(Interval {
                from: self.spec.warmup,
                until: self.spec.duration,
                words: format!(" before {name}"),
            });
        }
        let message = format!(
            "`{}` looks at the time {word} `{name}`, which begins only when the run has ended",
            at.path
        );
        let hint = "let the fault begin earlier, or the run end later";
        self.found
            .push(Diagnostic::error("bad-window", at.span, message).hint(hint));
        None
    }

    /// From the first beginning of a fault to its last end.
    pub(super) fn whole_span(&self, fault: FaultId) -> Option<(SimTime, SimTime)> {
        let spans = &self.spec.faults.get(fault)?.spans;
        Some((spans.first()?.0, spans.last()?.1))
    }

    fn check_interval(&mut self, interval: Interval, place: &At<()>) -> Option<Interval> {
        let end = self.spec.duration;
        // Without a time to measure in, every window would be wrong for that reason alone.
        if self.spec.warmup >= end {
            return None;
        }
        if interval.until > end {
            let message = format!(
                "`{}` looks at calls until {}, but the run ends at {end}",
                place.path, interval.until
            );
            self.error("bad-window", place.span, message);
            return None;
        }
        if interval.from >= interval.until {
            let message = format!(
                "`{}` looks at no time at all: from {} to {}",
                place.path, interval.from, interval.until
            );
            self.error("bad-window", place.span, message);
            return None;
        }
        Some(interval)
    }
}
