//! How many instances of a service there are for its callers.

use super::{Compiler, Statement, about_service};
use crate::id::ServiceId;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::expect::Measure;
use crate::scenario::file::expect::{CountOfService, ShareOfService};
use crate::scenario::read::At;
use crate::scenario::value::Reference;

impl Compiler<'_> {
    pub(super) fn in_rotation(&mut self, it: &CountOfService, place: &At<()>) -> Option<Statement> {
        let (interval, bound, words) = self.when_and_bound(&it.window(), &it.bound(), place)?;
        let service = self.that_come_and_go(&it.service)?;
        let text = about_service(
            "fewest instances in rotation",
            &it.service,
            &interval,
            &words,
        );
        let measure = Measure::InRotation {
            service,
            from: interval.from,
            until: interval.until,
        };
        Some((measure, bound, text.replacen(" is ", " are ", 1)))
    }

    pub(super) fn capacity_dip(
        &mut self,
        it: &ShareOfService,
        place: &At<()>,
    ) -> Option<Statement> {
        let (interval, bound, words) = self.when_and_bound(&it.window(), &it.bound(), place)?;
        let service = self.that_come_and_go(&it.service)?;
        let what = "greatest share of instances that do not serve";
        let text = about_service(what, &it.service, &interval, &words);
        let measure = Measure::CapacityDip {
            service,
            from: interval.from,
            until: interval.until,
        };
        Some((measure, bound, text))
    }

    /// A service whose instances are counted by state.
    fn that_come_and_go(&mut self, at: &At<Reference>) -> Option<ServiceId> {
        let service = self.find_service(at)?;
        if !self.spec.come_and_go(service) {
            let message = format!(
                "`{}` is `{}`, whose instances neither stop nor are told of late",
                at.path, at.value.0
            );
            let hint = "give it `lifecycle` or `membership`, `{}` at least";
            self.found
                .push(Diagnostic::error("bad-value", at.span, message).hint(hint));
            return None;
        }
        Some(service)
    }
}
