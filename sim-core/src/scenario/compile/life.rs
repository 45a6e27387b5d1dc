//! `lifecycle` and `membership` of services.

use super::Compiler;
use crate::model::spec::{LifecycleSpec, MembershipSpec, RefreshSpec, RestartSpec};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::file::life::{LifecycleFile, MembershipFile, RestartFile};
use crate::scenario::read::At;

impl Compiler<'_> {
    pub(super) fn lifecycle(&mut self, at: &At<LifecycleFile>) -> Option<LifecycleSpec> {
        let file = &at.value;
        // It has been put under what is written already.
        debug_assert!(file.like.is_none_or(|it| !it.0.is_empty()));
        let grace = &file.grace;
        if file.drain > grace.value {
            let message = format!(
                "`{}` is {}, but `drain` is {}: an instance would be killed while it still answers",
                grace.path, grace.value, file.drain
            );
            let hint = "grace counts from when it is told to stop, as drain does; raise `grace`";
            self.found
                .push(Diagnostic::error("bad-value", grace.span, message).hint(hint));
        }
        let restart = match &file.restart {
            Some(restart) => Some(self.restart(restart)?),
            None => None,
        };
        Some(LifecycleSpec {
            startup: file.startup.0.clone(),
            cold_start: file.cold_start.as_ref().map(|it| (it.r#for, it.factor)),
            drain: file.drain,
            grace: grace.value,
            restart,
        })
    }

    fn restart(&mut self, file: &RestartFile) -> Option<RestartSpec> {
        file.backoff.check_first(&mut self.found);
        Some(RestartSpec {
            backoff: file.backoff.config(&mut self.found)?,
            first_at_once: file.first_at_once,
            forget_after: file.forget_after,
        })
    }

    pub(super) fn membership(&mut self, file: Option<&MembershipFile>) -> MembershipSpec {
        let Some(file) = file else {
            return MembershipSpec::default();
        };
        debug_assert!(file.like.is_none_or(|it| !it.0.is_empty()));
        if let (Some(propagation), Some(refresh)) = (&file.propagation, &file.refresh) {
            let message = format!(
                "`{}` says that changes are told, but `{}` that each process asks",
                propagation.path, refresh.path
            );
            let hint = "keep `propagation` where something pushes (Kubernetes, xDS), or `refresh` \
                        where callers ask (DNS, a client that caches)";
            let diagnostic = Diagnostic::error("bad-value", refresh.span, message);
            self.found.push(diagnostic.hint(hint));
        }
        if let Some(refresh) = file.refresh.as_ref().filter(|it| it.value.every.is_zero()) {
            let message = format!(
                "`{}.every` is 0s, so nobody would ever use what it knows",
                refresh.path
            );
            let hint = "leave out `refresh`: then all hear of a change at once";
            let diagnostic = Diagnostic::error("bad-value", refresh.span, message);
            self.found.push(diagnostic.hint(hint));
        }
        let propagation = file.propagation.as_ref().map(|at| at.value.0.clone());
        MembershipSpec {
            propagation: propagation.filter(|it| !it.is_constant() || !it.mean().is_zero()),
            refresh: file.refresh.as_ref().map(|at| RefreshSpec {
                every: at.value.every,
                at_error: at.value.at_error,
            }),
            panic_below: (file.panic_below.get() * 1e6).round() as u32,
            each_for_itself: false,
        }
    }
}
