//! `expect`: from measures with names to measures with ids, and to sentences.

mod deeds;
mod fairness;
mod layers;
mod lives;
mod messages;
mod spans;
mod whose;

use super::Compiler;
use super::sentence::BoundValue;
use super::window::Interval;
use crate::model::spec::Subject;
use crate::policy::{Outcome, OutcomeSet};
use crate::scenario::diagnostic::{Diagnostic, did_you_mean, quoted};
use crate::scenario::expect::{
    Bound, Expectation, FINDING_CODES, Measure, MessageFigure, RecoveryOf,
};
use crate::scenario::file::expect::{
    AmplificationFile, BoundFile, CollapseFile, CountOfOperation, CountOfService, DetectionFile,
    FindingFile, LatencyFile, MeasureFile, NotRecoveredFile, OfOperation, Phase, RateOfCalls,
    RecoveryFile, ShareOfCalls, ShareOfService, SubjectFile, WindowFile,
};
use crate::scenario::read::At;
use crate::scenario::value::Reference;
use crate::units::Probability;

/// A measure, which values are fine, and the sentence that says so.
type Statement = (Measure, Bound, String);

impl Compiler<'_> {
    pub(super) fn expectations(&mut self) {
        let file = self.file;
        for item in &file.expect.0 {
            let Some(at) = &item.item else {
                continue;
            };
            let place = At {
                value: (),
                span: item.span,
                path: at.path.clone(),
            };
            // What is wrong in one part of the run is wrong in all: it is said once.
            let _ = self.expectation(&item.name, &at.value, &place);
        }
    }

    /// One expectation, or three of them around a fault; none if it cannot be understood.
    fn expectation(&mut self, name: &str, measure: &MeasureFile, place: &At<()>) -> Option<()> {
        let mut whole = true;
        for (phase, word) in Phase::ALL {
            if let Some(part) = measure.placed(phase) {
                whole = false;
                self.expect(format!("{name} {word}"), &part, place)?;
            }
        }
        if whole {
            self.expect(name.to_owned(), measure, place)?;
        }
        Some(())
    }

    fn expect(&mut self, name: String, measure: &MeasureFile, place: &At<()>) -> Option<()> {
        let in_runs = measure.in_runs();
        let (measure, bound, text) = self.statement(measure, place)?;
        self.places.expectations.push(place.span);
        self.expectations.push(Expectation {
            name,
            line: place.span.line,
            text,
            measure,
            bound,
            in_runs,
        });
        Some(())
    }

    fn statement(&mut self, measure: &MeasureFile, place: &At<()>) -> Option<Statement> {
        match measure {
            MeasureFile::Success(it) => self.share_of("success", OutcomeSet::useful(), it, place),
            MeasureFile::Degraded(it) => {
                let set = OutcomeSet::of(&[Outcome::Degraded]);
                self.share_of("share of degraded answers", set, it, place)
            }
            MeasureFile::Error(it) => self.share_of("error share", OutcomeSet::failed(), it, place),
            MeasureFile::Outcome(it) => {
                let what = format!("share of {}", set_name(it.kind.0));
                self.share(
                    &what,
                    it.kind.0,
                    &it.subject(),
                    &it.window(),
                    &it.bound(),
                    place,
                )
            }
            MeasureFile::Latency(it) => self.latency(it, place),
            MeasureFile::MeanLatency(it) => self.mean_latency(it, place),
            MeasureFile::LatencyDeviation(it) => self.latency_deviation(it, place),
            MeasureFile::Attempts(it) => self.attempts(it, place),
            MeasureFile::RefusedRetries(it) => self.refused_retries(it, place),
            MeasureFile::Throughput(it) => self.throughput(it, place),
            MeasureFile::MeanQueue(it) => self.mean_queue(it, place),
            MeasureFile::InSystem(it) => self.in_system(it, place),
            MeasureFile::Waited(it) => self.waited(it, place),
            MeasureFile::Rejected(it) => self.rejected(it, place),
            MeasureFile::InRotation(it) => self.in_rotation(it, place),
            MeasureFile::CapacityDip(it) => self.capacity_dip(it, place),
            MeasureFile::Goodput(it) => self.goodput(it, place),
            MeasureFile::Amplification(it) => self.amplification(it, place),
            MeasureFile::WastedWork(it) => self.wasted_work(it, place),
            MeasureFile::Utilisation(it) => self.utilisation(it, place),
            MeasureFile::Queue(it) => self.queue_peak(it, place),
            MeasureFile::Answered(it) => self.answered(it, place),
            MeasureFile::Duplicates(it) => self.duplicates(it, place),
            MeasureFile::Recovery(it) => self.recovery(it),
            MeasureFile::NotRecovered(it) => self.not_recovered(it),
            MeasureFile::BreakerOpens(it) => self.breaker_opens(it, place),
            MeasureFile::BreakerFlaps(it) => self.breaker_flaps(it, place),
            MeasureFile::Limit(it) => self.limit(it, place),
            MeasureFile::BreakerReaction(it) => self.breaker_reaction(it),
            MeasureFile::Detection(it) => self.detection(it),
            MeasureFile::Fairness(it) => self.fairness(it, place),
            MeasureFile::Collapse(it) => self.collapse(it, place),
            MeasureFile::Finding(it) => self.finding(it),
            MeasureFile::Staleness(it) => self.staleness(it),
            MeasureFile::PoolWait(it) => self.pool_wait(it),
            MeasureFile::Saga(it) => self.sagas_held(it, place),
            MeasureFile::Invariant(it) => self.invariant_held(it, place),
            MeasureFile::Backlog(it) => self.messages(it, MessageFigure::Backlog, place),
            MeasureFile::DeadLetters(it) => self.messages(it, MessageFigure::Dead, place),
            MeasureFile::LostMessages(it) => self.messages(it, MessageFigure::Lost, place),
            MeasureFile::Settled(it) => self.messages(it, MessageFigure::Settled, place),
            MeasureFile::Redelivered(it) => self.messages(it, MessageFigure::Redelivered, place),
            MeasureFile::MessageAge(it) => self.message_age(it),
            MeasureFile::Drained(it) => self.drained(it),
            MeasureFile::Memory(it) => self.memory_share(it, place),
        }
    }

    fn share_of(
        &mut self,
        what: &str,
        of: OutcomeSet,
        file: &ShareOfCalls,
        place: &At<()>,
    ) -> Option<Statement> {
        let (subject, window, bound) = (file.subject(), file.window(), file.bound());
        self.share(what, of, &subject, &window, &bound, place)
    }

    fn share(
        &mut self,
        what: &str,
        of: OutcomeSet,
        subject: &SubjectFile<'_>,
        window: &WindowFile,
        bound: &BoundFile<Probability>,
        place: &At<()>,
    ) -> Option<Statement> {
        let whose = self.whose(subject, place)?;
        let (interval, bound, words) = self.when_and_bound(window, bound, place)?;
        let window = self.labelled_window(&interval, whose.subject, whose.label);
        let text = format!("{what} of {}{} {words}", whose.words, interval.words);
        Some((Measure::Share { of, window }, bound, text))
    }

    /// Time and bound, so that mistakes in both are reported.
    fn when_and_bound<T: BoundValue>(
        &mut self,
        window: &WindowFile,
        bound: &BoundFile<T>,
        place: &At<()>,
    ) -> Option<(Interval, Bound, String)> {
        let interval = self.interval(window, place);
        let (bound, words) = self.bound(bound, place)?;
        Some((interval?, bound, words))
    }

    fn latency(&mut self, it: &LatencyFile, place: &At<()>) -> Option<Statement> {
        let whose = self.whose(&it.subject(), place)?;
        let (interval, bound, words) = self.when_and_bound(&it.window(), &it.bound(), place)?;
        let percentile = it.percentile.0;
        let of = it.outcome.0;
        let window = self.labelled_window(&interval, whose.subject, whose.label);
        let text = format!(
            "latency p{percentile} of {} answers of {}{} {words}",
            set_name(of),
            whose.words,
            interval.words
        );
        let measure = Measure::Latency {
            percentile,
            of,
            window,
        };
        Some((measure, bound, text))
    }

    fn goodput(&mut self, it: &RateOfCalls, place: &At<()>) -> Option<Statement> {
        let whose = self.whose(&it.subject(), place)?;
        let (interval, bound, words) = self.when_and_bound(&it.window(), &it.bound(), place)?;
        let window = self.labelled_window(&interval, whose.subject, whose.label);
        let text = format!("goodput of {}{} {words}", whose.words, interval.words);
        Some((Measure::Goodput { window }, bound, text))
    }

    fn amplification(&mut self, it: &AmplificationFile, place: &At<()>) -> Option<Statement> {
        let (interval, bound, words) = self.when_and_bound(&it.window(), &it.bound(), place)?;
        match (&it.call, &it.service) {
            (Some(at), None) => {
                let edge = self.find_edge(at)?;
                let window = self.window(&interval, Subject::Edge(edge));
                let name = &at.value.0;
                let text = format!("amplification of {name}{} {words}", interval.words);
                Some((Measure::Amplification { edge, window }, bound, text))
            }
            (None, Some(at)) => {
                let service = self.find_service(at)?;
                let window = self.window(&interval, Subject::Service(service));
                let text = format!(
                    "amplification along all paths to {}{} {words}",
                    at.value.0, interval.words
                );
                Some((Measure::PathAmplification { service, window }, bound, text))
            }
            _ => {
                let message = format!("`{}` needs either `call` or `service`", place.path);
                self.error("bad-value", place.span, message);
                None
            }
        }
    }

    fn wasted_work(&mut self, it: &ShareOfService, place: &At<()>) -> Option<Statement> {
        let (interval, bound, words) = self.when_and_bound(&it.window(), &it.bound(), place)?;
        let service = self.find_service(&it.service)?;
        let window = self.window(&interval, Subject::Service(service));
        let text = about_service("wasted work", &it.service, &interval, &words);
        Some((Measure::WastedWork { service, window }, bound, text))
    }

    fn utilisation(&mut self, it: &ShareOfService, place: &At<()>) -> Option<Statement> {
        let (interval, bound, words) = self.when_and_bound(&it.window(), &it.bound(), place)?;
        let service = self.find_service(&it.service)?;
        let window = self.window(&interval, Subject::Service(service));
        let text = about_service("utilisation", &it.service, &interval, &words);
        Some((Measure::Utilisation { service, window }, bound, text))
    }

    fn queue_peak(&mut self, it: &CountOfService, place: &At<()>) -> Option<Statement> {
        let (interval, bound, words) = self.when_and_bound(&it.window(), &it.bound(), place)?;
        let service = self.find_service(&it.service)?;
        let window = self.window(&interval, Subject::Service(service));
        let text = about_service("longest queue", &it.service, &interval, &words);
        Some((Measure::QueuePeak { service, window }, bound, text))
    }

    fn duplicates(&mut self, it: &CountOfOperation, place: &At<()>) -> Option<Statement> {
        let (interval, bound, words) = self.when_and_bound(&it.window(), &it.bound(), place)?;
        let operation = self.find_operation(&it.operation)?;
        let service = self.names.service_of(operation)?;
        let window = self.window(&interval, Subject::Service(service));
        let text = about_service("duplicate effects", &it.operation, &interval, &words);
        Some((Measure::Duplicates { operation, window }, bound, text))
    }

    fn answered(&mut self, it: &OfOperation, place: &At<()>) -> Option<Statement> {
        let (interval, bound, words) = self.when_and_bound(&it.window(), &it.bound(), place)?;
        let operation = self.find_operation(&it.operation)?;
        let service = self.names.service_of(operation)?;
        let window = self.window(&interval, Subject::Service(service));
        let text = about_service("share answered", &it.operation, &interval, &words);
        Some((Measure::Answered { operation, window }, bound, text))
    }

    fn detection(&mut self, it: &DetectionFile) -> Option<Statement> {
        let fault = self.find_fault(&it.to);
        let check = self.find_check(&it.check);
        let (fault, check) = (fault?, check?);
        let (least, most) = (it.at_least.as_ns_f64(), it.within.as_ns_f64());
        let name = &it.check.value.0;
        let text = format!(
            "{name} finds {} within {}{}",
            it.to.value.0,
            it.within,
            if it.at_least.is_zero() {
                String::new()
            } else {
                format!(", and not before {}", it.at_least)
            }
        );
        Some((
            Measure::Detection { check, fault },
            Bound::Between(least, most),
            text,
        ))
    }

    fn recovery(&mut self, it: &RecoveryFile) -> Option<Statement> {
        let (of, whose) = self.recovery_of(it.client.as_ref())?;
        let fault = self.find_fault(&it.after)?;
        let name = &it.after.value.0;
        let text = format!("recovery{whose} after {name} takes at most {}", it.within);
        let bound = Bound::AtMost(it.within.as_ns_f64());
        Some((Measure::Recovery { fault, of }, bound, text))
    }

    fn not_recovered(&mut self, it: &NotRecoveredFile) -> Option<Statement> {
        let (of, whose) = self.recovery_of(it.client.as_ref())?;
        let fault = self.find_fault(&it.after)?;
        let text = format!("no recovery{whose} after {}", it.after.value.0);
        Some((
            Measure::NotRecovered { fault, of },
            Bound::AtLeast(1.0),
            text,
        ))
    }

    fn recovery_of(&mut self, client: Option<&At<Reference>>) -> Option<(RecoveryOf, String)> {
        let Some(at) = client else {
            return Some((RecoveryOf::AllClients, String::new()));
        };
        let client = self.find_client(at)?;
        Some((RecoveryOf::Client(client), format!(" of {}", at.value.0)))
    }

    fn collapse(&mut self, it: &CollapseFile, place: &At<()>) -> Option<Statement> {
        if it.at_most == Probability::ONE {
            let message = format!("`{}` forbids nothing: all runs may collapse", place.path);
            self.error("bad-value", place.span, message);
            return None;
        }
        let text = "the run does not collapse".to_owned();
        Some((Measure::Collapse, Bound::AtMost(0.0), text))
    }

    fn finding(&mut self, it: &FindingFile) -> Option<Statement> {
        let written = it.code.value.0.as_str();
        let Some(&code) = FINDING_CODES.iter().find(|code| **code == written) else {
            let message = format!(
                "`{}` is {}, but no finding has this code",
                it.code.path,
                quoted(written)
            );
            let hint = did_you_mean(written, FINDING_CODES.iter().copied());
            let diagnostic = Diagnostic::error("unknown-name", it.code.span, message);
            self.found.push(diagnostic.maybe_hint(hint));
            return None;
        };
        let (bound, text) = if it.present {
            (Bound::AtLeast(1.0), format!("there is a finding {code}"))
        } else {
            (Bound::AtMost(0.0), format!("there is no finding {code}"))
        };
        Some((Measure::Finding { code }, bound, text))
    }
}

fn about_service(what: &str, of: &At<Reference>, interval: &Interval, words: &str) -> String {
    format!("{what} of {}{} {words}", of.value.0, interval.words)
}

/// The shortest name of a set of outcomes.
fn set_name(set: OutcomeSet) -> String {
    let names = OutcomeSet::names();
    let found = names
        .into_iter()
        .find(|name| OutcomeSet::named(name) == Some(set));
    found.unwrap_or("some outcomes").to_owned()
}
