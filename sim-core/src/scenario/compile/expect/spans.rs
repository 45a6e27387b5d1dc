//! What is measured over any span of time: latencies as numbers, attempts, refusals, and what a
//! service does.

use super::{Compiler, Statement, about_service, set_name};
use crate::id::WindowId;
use crate::model::spec::Subject;
use crate::policy::{Layer, OutcomeSet};
use crate::scenario::compile::sentence::BoundValue;
use crate::scenario::expect::{Bound, Measure, ServiceFigure};
use crate::scenario::file::expect::{
    AttemptShare, BoundFile, CountOfService, LatencyOfCalls, MemoryShareFile, OfPolicy,
    RateOfService, ShareOfService, WindowFile,
};
use crate::scenario::read::At;
use crate::scenario::value::Reference;

impl Compiler<'_> {
    pub(super) fn mean_latency(
        &mut self,
        it: &LatencyOfCalls,
        place: &At<()>,
    ) -> Option<Statement> {
        self.latency_number("mean latency", it, place, |of, window| {
            Measure::MeanLatency { of, window }
        })
    }

    pub(super) fn latency_deviation(
        &mut self,
        it: &LatencyOfCalls,
        place: &At<()>,
    ) -> Option<Statement> {
        self.latency_number("deviation of latency", it, place, |of, window| {
            Measure::LatencyDeviation { of, window }
        })
    }

    fn latency_number(
        &mut self,
        what: &str,
        it: &LatencyOfCalls,
        place: &At<()>,
        measure: fn(OutcomeSet, WindowId) -> Measure,
    ) -> Option<Statement> {
        let whose = self.whose(&it.subject(), place)?;
        let (interval, bound, words) = self.when_and_bound(&it.window(), &it.bound(), place)?;
        let of = it.outcome.0;
        let window = self.labelled_window(&interval, whose.subject, whose.label);
        let text = format!(
            "{what} of {} answers of {}{} {words}",
            set_name(of),
            whose.words,
            interval.words
        );
        Some((measure(of, window), bound, text))
    }

    pub(super) fn attempts(&mut self, it: &AttemptShare, place: &At<()>) -> Option<Statement> {
        let whose = self.whose(&it.subject(), place)?;
        let (interval, bound, words) = self.when_and_bound(&it.window(), &it.bound(), place)?;
        let of = it.kind.0;
        let window = self.window(&interval, whose.subject);
        let text = format!(
            "share of attempts that end in {} of {}{} {words}",
            set_name(of),
            whose.words,
            interval.words
        );
        Some((Measure::Attempts { of, window }, bound, text))
    }

    pub(super) fn refused_retries(&mut self, it: &OfPolicy, place: &At<()>) -> Option<Statement> {
        let (interval, bound, words) = self.when_and_bound(&it.window(), &it.bound(), place)?;
        let name = &it.policy.value.0;
        let asks = |layer: &Layer| layer.budget().is_some();
        let layers = self.layers_of(&it.policy, "no retry or hedge with a budget", asks)?;
        let window = self.window(&interval, Subject::AllClients);
        let text = format!("retries refused by {name}{} {words}", interval.words);
        let text = text.replacen(" is ", " are ", 1);
        Some((Measure::RefusedRetries { layers, window }, bound, text))
    }

    pub(super) fn throughput(&mut self, it: &RateOfService, place: &At<()>) -> Option<Statement> {
        let what = ServiceFigure::Throughput;
        self.of_service(what, &it.service, &it.window(), &it.bound(), place)
    }

    pub(super) fn mean_queue(&mut self, it: &CountOfService, place: &At<()>) -> Option<Statement> {
        let what = ServiceFigure::MeanQueue;
        self.of_service(what, &it.service, &it.window(), &it.bound(), place)
    }

    pub(super) fn in_system(&mut self, it: &CountOfService, place: &At<()>) -> Option<Statement> {
        let what = ServiceFigure::InSystem;
        self.of_service(what, &it.service, &it.window(), &it.bound(), place)
    }

    pub(super) fn waited(&mut self, it: &ShareOfService, place: &At<()>) -> Option<Statement> {
        let what = ServiceFigure::Waited;
        self.of_service(what, &it.service, &it.window(), &it.bound(), place)
    }

    pub(super) fn rejected(&mut self, it: &ShareOfService, place: &At<()>) -> Option<Statement> {
        let what = ServiceFigure::Rejected;
        self.of_service(what, &it.service, &it.window(), &it.bound(), place)
    }

    pub(super) fn memory_share(
        &mut self,
        it: &MemoryShareFile,
        place: &At<()>,
    ) -> Option<Statement> {
        let service = self.find_service(&it.service)?;
        if self.is_broken(service) {
            return None;
        }
        let name = &it.service.value.0;
        if self.spec.services[service]
            .memory
            .is_none_or(|memory| memory.limit.is_none())
        {
            let message = format!(
                "`{}` looks at memory, but `services.{name}` has no `memory` with a `limit`",
                place.path
            );
            self.error("bad-value", place.span, message);
            return None;
        }
        let (bound, words) = match (it.at_least, it.at_most) {
            (Some(low), None) => (Bound::AtLeast(low.get()), format!("is at least {low}")),
            (None, Some(high)) => (Bound::AtMost(high.get()), format!("is at most {high}")),
            (Some(_), Some(_)) | (None, None) => {
                let message = format!("`{}` needs one of `at_least` and `at_most`", place.path);
                self.error("missing-key", place.span, message);
                return None;
            }
        };
        let text = format!("greatest share of its memory that an instance of {name} holds {words}");
        Some((Measure::Memory { service }, bound, text))
    }

    fn of_service<T: BoundValue>(
        &mut self,
        what: ServiceFigure,
        service: &At<Reference>,
        window: &WindowFile,
        bound: &BoundFile<T>,
        place: &At<()>,
    ) -> Option<Statement> {
        let (interval, bound, words) = self.when_and_bound(window, bound, place)?;
        let id = self.find_service(service)?;
        let window = self.window(&interval, Subject::Service(id));
        let text = about_service(what.words(), service, &interval, &words);
        let measure = Measure::OfService {
            what,
            service: id,
            window,
        };
        Some((measure, bound, text))
    }
}
