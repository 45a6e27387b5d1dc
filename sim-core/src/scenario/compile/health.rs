//! `health`: checks of instances, as operations that nobody else can call and places that call them.
//!
//! They come after everything else that runs, so that a check more or less moves no number of another
//! thing. Who asks is known only then: with `scope: caller` everybody who calls the service.

use super::Compiler;
use super::policy_draft::PolicyName;
use crate::id::{CheckId, Id, LayerId, OperationId, ServiceId};
use crate::model::spec::{
    Asks, Caller, CallerGroup, CheckSpec, OnFail, OperationSpec, PipelineSpec, RouteSpec,
    WatcherSpec,
};
use crate::policy::eject::{EjectionRule, OnErrors};
use crate::policy::{FirstRule, HealthConfig, Layer, Outcome, Schedule};
use crate::scenario::diagnostic::{Diagnostic, Span, did_you_mean};
use crate::scenario::file::health::{
    AsksFile, AsksWord, CheckScope, FirstFile, HealthFile, OnFailFile, OnFailWord, ScheduleFile,
};
use crate::scenario::read::{At, NamedItem};
use crate::scenario::value::Reference;
use crate::time::SimDuration;

/// The least time between checks \[ns\].
const LEAST_PERIOD: SimDuration = SimDuration::from_millis(1);

/// Most checks of a service: each has a mark of its own.
const MOST_CHECKS: usize = 12;

/// A check of which the watchers are not yet known.
struct Draft<'f> {
    id: CheckId,
    file: &'f HealthFile,
    span: Span,
}

impl Compiler<'_> {
    pub(super) fn health(&mut self) {
        let file = self.file;
        let mut drafts = Vec::new();
        for (index, item) in (0..).zip(&file.services.value.0) {
            let Some(service) = &item.item else {
                continue;
            };
            let checks = &service.health.0;
            if checks.len() > MOST_CHECKS {
                let message = format!(
                    "`services.{}.health` has {} checks, but a service has at most {MOST_CHECKS}",
                    item.name,
                    checks.len()
                );
                self.error("too-large", checks[MOST_CHECKS].span, message);
                continue;
            }
            let first = CheckId::from_index(self.spec.checks.len());
            for (number, check) in (0..).zip(checks) {
                if let Some(file) = &check.item {
                    let id = self.check(ServiceId(index), &item.name, number, check, file);
                    drafts.push(Draft {
                        id,
                        file,
                        span: check.span,
                    });
                }
            }
            self.gates(first, checks);
        }
        for draft in &drafts {
            self.watchers(draft);
        }
        for draft in &drafts {
            self.what_follows(draft);
        }
        self.checks_of_suspects();
    }

    /// Where failures in a row are told to health checks, there is one to be told.
    fn checks_of_suspects(&mut self) {
        let file = self.file;
        for (index, item) in (0..).zip(&file.services.value.0) {
            let service = &self.spec.services[ServiceId(index)];
            let Some(ejection) = &service.ejection else {
                continue;
            };
            let tells = match &ejection.config.rule {
                EjectionRule::Outliers(rules) => rules.on_errors != OnErrors::Eject,
                EjectionRule::Quiet(_) => false,
            };
            let hears = |check: &CheckSpec| {
                let is_its = check.service == ServiceId(index) && check.on_fail == OnFail::Leave;
                is_its && check.is_by_callers() != ejection.shared
            };
            if !tells || self.spec.checks.iter().any(hears) {
                continue;
            }
            let scope = if ejection.shared { "shared" } else { "caller" };
            let message = format!(
                "`services.{}.ejection.on_errors` tells health checks of failures in a row, but there is none \
                 with `scope: {scope}` and `on_fail: leave`",
                item.name
            );
            let hint = "add one to `health` (`{ like: haproxy }` is asked by callers), or write `on_errors: \
                        eject`";
            self.found
                .push(Diagnostic::error("ejection", item.span, message).hint(hint));
        }
    }

    /// A check and the operation that answers it.
    fn check(
        &mut self,
        service: ServiceId,
        service_name: &str,
        number: u8,
        item: &NamedItem<HealthFile>,
        file: &HealthFile,
    ) -> CheckId {
        let id = CheckId::from_index(self.spec.checks.len());
        let operation = OperationId::from_index(self.spec.operations.len());
        self.names.add_unnamed(service);
        self.places.operations.push(item.span);
        self.places.checks.push(item.span);
        let name = format!("health.{}", item.name);
        self.spec.operations.push(OperationSpec {
            name: name.clone(),
            service,
            idempotent: true,
            keys: None,
            steps: Vec::new(),
            check: Some(id),
            stores: None,
        });
        self.check_passes(file);
        let asks = match &file.check {
            AsksFile::Word(AsksWord::Process) => Asks::Process,
            AsksFile::Word(AsksWord::Thread) => Asks::Thread,
            AsksFile::Call(asks) => {
                let path = format!("{service_name}.{name}/call/{}/1", asks.call.value.0);
                self.spec.operations[operation].steps =
                    self.only_call(operation, &path, &asks.call);
                Asks::Call
            }
        };
        let config = self.health_config(file);
        self.spec.checks.push(CheckSpec {
            name: item.name.clone(),
            service,
            number,
            asks,
            operation,
            watchers: Vec::new(),
            config,
            on_fail: OnFail::Leave,
            gates: Vec::new(),
            phase: file.phase.value.0,
        })
    }

    /// Kubernetes takes no other number for probes that restart.
    fn check_passes(&mut self, file: &HealthFile) {
        let like = file.like.as_ref().map_or("", |it| it.0);
        let passes = &file.passes;
        if !matches!(like, "kubernetes-live" | "kubernetes-started") || passes.value.get() == 1 {
            return;
        }
        let message = format!(
            "`{}` is {}, but Kubernetes takes nothing but 1 for liveness and startup probes \
             (`successThreshold`)",
            passes.path,
            passes.value.get()
        );
        let error = Diagnostic::error("bad-value", passes.span, message);
        let hint = "write `passes: 1`, or describe the check without `like`";
        self.found.push(error.hint(hint));
    }

    /// A check takes time, and comes again, at a pace that somebody would set.
    fn check_periods(&mut self, file: &HealthFile) {
        let mut is_positive = |at: &At<SimDuration>| {
            if at.value.is_zero() {
                let message = format!("`{}` is 0, but a check takes time and comes again", at.path);
                self.found.push(
                    Diagnostic::error("bad-value", at.span, message)
                        .hint("give a duration above 0, such as `1s`"),
                );
            }
        };
        is_positive(&file.every);
        is_positive(&file.timeout);
        let others = [&file.every_pending, &file.every_failed];
        for at in others.into_iter().flatten() {
            is_positive(at);
        }
        let times = std::iter::once(&file.every).chain(others.into_iter().flatten());
        for at in times.filter(|at| !at.value.is_zero() && at.value < LEAST_PERIOD) {
            let message = format!(
                "`{}` is {}: checks would be more than all traffic",
                at.path, at.value
            );
            self.found.push(
                Diagnostic::error("too-small", at.span, message)
                    .hint("give at least `1ms`; products ask each few seconds"),
            );
        }
        if file.schedule == ScheduleFile::Ticks {
            for at in others.into_iter().flatten() {
                let message = format!("`{}` cannot act, since ticks are never shifted", at.path);
                self.found.push(
                    Diagnostic::error("bad-value", at.span, message)
                        .hint("leave it out, or set `schedule: after_end`"),
                );
            }
        }
    }

    fn health_config(&mut self, file: &HealthFile) -> HealthConfig {
        self.check_periods(file);
        let phase = &file.phase;
        if let Some(instant) = phase.value.0.filter(|it| *it >= file.every.value) {
            let message = format!(
                "`{}` is {instant}, but the check comes again each {}",
                phase.path, file.every.value
            );
            self.found.push(
                Diagnostic::error("bad-value", phase.span, message)
                    .hint("give a phase below `every`, or a `delay` before the first check"),
            );
        }
        let at_once = &file.at_once_on;
        if at_once.value.0.contains(Outcome::Ok) {
            let message = format!("`{}` has `ok`, which is no failure", at_once.path);
            self.found.push(
                Diagnostic::error("bad-value", at_once.span, message).hint(
                    "name outcomes that are a failure by themselves, such as `error.internal`",
                ),
            );
        }
        let every = file.every.value;
        let or_every = |at: &Option<At<SimDuration>>| at.as_ref().map_or(every, |at| at.value);
        HealthConfig {
            schedule: match file.schedule {
                ScheduleFile::Ticks => Schedule::Ticks,
                ScheduleFile::AfterEnd => Schedule::AfterEnd,
            },
            every: every.max(SimDuration::from_ns(1)),
            every_pending: or_every(&file.every_pending),
            every_failed: or_every(&file.every_failed),
            timeout: file.timeout.value,
            fails: file.fails.get(),
            passes: file.passes.value.get(),
            at_once_on: at_once.value.0,
            first: match file.first {
                FirstFile::Out => FirstRule::Out,
                FirstFile::In => FirstRule::In,
                FirstFile::Decides => FirstRule::Decides,
                FirstFile::InDecides => FirstRule::InDecides,
                FirstFile::OnePasses => FirstRule::OnePasses,
            },
            delay: file.delay,
        }
    }

    /// Which checks of a service begin when another has passed.
    fn gates(&mut self, first: CheckId, checks: &[NamedItem<HealthFile>]) {
        let read = || checks.iter().filter_map(|it| Some((it, it.item.as_ref()?)));
        let place = |name: &str| read().position(|(it, _)| it.name == name);
        for (number, (item, file)) in read().enumerate() {
            let id = CheckId::from_index(first.index() + number);
            for (place_in_list, gate) in file.gates.iter().enumerate() {
                let name = gate.value.0.as_str();
                let mut before = file.gates[..place_in_list].iter();
                if before.any(|other| other.value.0 == name) {
                    let message = format!("`{}` names the check `{name}` once more", gate.path);
                    let error = Diagnostic::error("bad-value", gate.span, message);
                    self.found.push(error.hint("name it once"));
                    continue;
                }
                let Some(held) = place(name) else {
                    let message = format!(
                        "`{}` names the check `{name}`, which is not there",
                        gate.path
                    );
                    let others = checks.iter().map(|it| it.name.as_str());
                    let hint = did_you_mean(name, others.filter(|it| *it != item.name));
                    let hint = hint.unwrap_or_else(|| {
                        "it names other checks in `health` of the same service".to_owned()
                    });
                    let error = Diagnostic::error("unknown-name", gate.span, message);
                    self.found.push(error.hint(hint));
                    continue;
                };
                let others = read().nth(held).map(|(_, other)| other.scope);
                if others.is_some_and(|scope| scope != file.scope) {
                    let message = format!(
                        "`{}` names `{name}`, but `{}` and `{name}` have not the same `scope`: one \
                         does not know what the other has found",
                        gate.path, item.name
                    );
                    let error = Diagnostic::error("bad-value", gate.span, message);
                    self.found.push(error.hint("give both the same `scope`"));
                }
                self.spec.checks[id]
                    .gates
                    .push(CheckId::from_index(first.index() + held));
            }
            if self.holds_up_itself(id) {
                let itself = file.gates.iter().any(|gate| gate.value.0 == item.name);
                let (how, hint) = if itself {
                    (
                        "holds up itself by its `gates`: it never begins",
                        "name the checks there that begin when this one has passed",
                    )
                } else {
                    (
                        "waits, by its `gates`, for a check that waits for it: neither ever begins",
                        "let only one hold up the other; in Kubernetes the startup probe does",
                    )
                };
                let message = format!("the check `{}` {how}", item.name);
                self.found
                    .push(Diagnostic::error("bad-value", item.span, message).hint(hint));
                self.spec.checks[id].gates.clear();
            }
        }
    }

    fn holds_up_itself(&self, id: CheckId) -> bool {
        let mut held = self.spec.checks[id].gates.clone();
        let mut next = 0;
        while let Some(&check) = held.get(next) {
            for &further in &self.spec.checks[check].gates {
                if !held.contains(&further) {
                    held.push(further);
                }
            }
            next += 1;
        }
        held.contains(&id)
    }

    /// Who asks.
    fn watchers(&mut self, draft: &Draft<'_>) {
        let (service, operation) = {
            let check = &self.spec.checks[draft.id];
            (check.service, check.operation)
        };
        let groups = match draft.file.scope {
            CheckScope::Shared => vec![CallerGroup::Nodes],
            CheckScope::Caller => self.callers_of(service),
        };
        if groups.is_empty() {
            let message = "nobody calls the service, so with `scope: caller` nobody checks it";
            let diagnostic = Diagnostic::error("bad-value", draft.span, message);
            self.found.push(diagnostic.hint("set `scope: shared`"));
        }
        let none = PolicyName::none();
        for group in groups {
            let caller = Caller::Checker(group);
            let path = format!("check/{}", self.spec.group_name(group));
            let site = self.site(&path, caller, operation, &none, draft.span);
            self.spec.sites[site].route = RouteSpec::Fixed {
                network: group != CallerGroup::Nodes,
                admission: false,
            };
            let watcher = WatcherSpec { group, site };
            self.spec.checks[draft.id].watchers.push(watcher);
        }
    }

    /// The groups that call a service, in the order of their first calls.
    fn callers_of(&self, service: ServiceId) -> Vec<CallerGroup> {
        let mut groups = Vec::new();
        for pipeline in &self.spec.pipelines {
            let group = pipeline.callers;
            if pipeline.target == service && group != CallerGroup::Nodes && !groups.contains(&group)
            {
                groups.push(group);
            }
        }
        groups
    }

    fn what_follows(&mut self, draft: &Draft<'_>) {
        let at = &draft.file.on_fail;
        let by_callers = draft.file.scope == CheckScope::Caller;
        self.spec.checks[draft.id].on_fail = match &at.value {
            OnFailFile::Word(OnFailWord::Leave) => {
                let service = self.spec.checks[draft.id].service;
                self.spec.services[service].membership.each_for_itself |= by_callers;
                OnFail::Leave
            }
            OnFailFile::Word(OnFailWord::Restart) => {
                if by_callers {
                    let message = format!(
                        "`{}` is `restart`, but with `scope: caller` each caller has a verdict of its \
                         own, and none of them can restart an instance",
                        at.path
                    );
                    let diagnostic = Diagnostic::error("bad-value", at.span, message);
                    self.found
                        .push(diagnostic.hint("set `scope: shared`, or `on_fail: leave`"));
                }
                OnFail::Restart
            }
            OnFailFile::Breaker(file) => OnFail::Breaker(self.breakers(draft.id, &file.breaker)),
        };
    }

    /// The breakers of a policy around calls of the service.
    fn breakers(&mut self, id: CheckId, at: &At<Reference>) -> Vec<LayerId> {
        if !self.find_policy(at) {
            return Vec::new();
        }
        let service = self.spec.checks[id].service;
        let pipelines = self.spec.pipelines.iter();
        let bound = pipelines.filter(|it| it.target == service && it.policy == at.value.0);
        let is_breaker =
            |layer: &LayerId| matches!(self.spec.layers[*layer].kind, Layer::Breaker(_));
        let layers: Vec<LayerId> = bound
            .flat_map(PipelineSpec::layers)
            .filter(is_breaker)
            .collect();
        if layers.is_empty() {
            let message = format!(
                "`{}` names the policy `{}`, which has no `circuit_breaker` around any call of \
                 `{}`",
                at.path,
                at.value.0,
                self.service_name(service)
            );
            let error = Diagnostic::error("bad-value", at.span, message);
            let hint = "a breaker is a layer `circuit_breaker` of that policy";
            self.found.push_consequence(error.hint(hint));
        }
        layers
    }
}
