//! Steps of operations, and the keys of their draws.

use super::Compiler;
use super::policy_draft::PolicyName;
use crate::id::{KeptId, OperationId, SiteId};
use crate::model::spec::{
    Branches, Caller, DeedKind, FailRule, KeptKind, RouteSpec, StepSpec, Times, WorkTime,
};
use crate::policy::{Layer, OnExpiry, Outcome};
use crate::scenario::diagnostic::{Diagnostic, Span};
use crate::scenario::file::messages::PublishFile;
use crate::scenario::file::step::{
    ArmFile, BlockFile, CallFile, FailFile, Need, ParallelFile, RepeatFile, StepFile, StepsFile,
    WithFile, WorkFile,
};
use crate::scenario::layer::PolicyRef;
use crate::scenario::read::At;
use crate::scenario::value::Reference;
use crate::units::Probability;
use std::collections::BTreeMap;

/// The operation whose steps are compiled, and how many steps of each kind and target it has had:
/// a step is known by those, so that inserting one moves no other's draws (rule 45).
pub(super) struct Place {
    pub(super) operation: OperationId,
    name: String,
    numbers: BTreeMap<String, u32>,
}

impl Place {
    pub(super) fn key(&mut self, kind: &str, target: &str) -> String {
        let equal = match target {
            "" => format!("{}/{kind}", self.name),
            target => format!("{}/{kind}/{target}", self.name),
        };
        let number = self.numbers.entry(equal.clone()).or_insert(0);
        *number += 1;
        format!("{equal}/{number}")
    }
}

impl Compiler<'_> {
    pub(super) fn operation_steps(
        &mut self,
        operation: OperationId,
        name: String,
        steps: &[At<StepFile>],
    ) -> Vec<StepSpec> {
        let mut place = Place {
            operation,
            name,
            numbers: BTreeMap::new(),
        };
        self.steps(&mut place, steps)
    }

    fn steps(&mut self, place: &mut Place, steps: &[At<StepFile>]) -> Vec<StepSpec> {
        steps
            .iter()
            .filter_map(|step| self.step(place, step))
            .collect()
    }

    fn step(&mut self, place: &mut Place, step: &At<StepFile>) -> Option<StepSpec> {
        match &step.value {
            StepFile::Work(it) => Some(StepSpec::Work {
                path: place.key("work", ""),
                time: work_time(it),
            }),
            StepFile::Call(it) => self.call(place, it),
            StepFile::Publish(it) => self.publish(place, it),
            StepFile::Parallel(it) => self.parallel(place, step, it),
            StepFile::Branch(arms) => self.branch(place, step, arms),
            StepFile::Repeat(it) => self.repeat(place, it),
            StepFile::Block(it) => self.block(place, it),
            StepFile::With(it) => self.with(place, it),
            StepFile::Saga(it) => self.saga(place, it),
            StepFile::Effect(it) => Some(StepSpec::Deed {
                effect: self.effect_done(it),
                what: DeedKind::Do,
            }),
            StepFile::Undo(it) => Some(StepSpec::Deed {
                effect: self.effect_named(&it.effect),
                what: DeedKind::Undo {
                    forbids: it.forbids,
                },
            }),
            StepFile::Fail(it) => self.fail(place, it),
            StepFile::Negative(it) => Some(StepSpec::Fail {
                path: place.key("negative", ""),
                when: FailRule::Share(it.share),
                outcome: Outcome::Negative,
            }),
        }
    }

    /// The steps of an operation that does nothing but call another, under no policy.
    pub(super) fn only_call(
        &mut self,
        operation: OperationId,
        path: &str,
        to: &At<Reference>,
    ) -> Vec<StepSpec> {
        let Some(target) = self.find_operation(to) else {
            return Vec::new();
        };
        let (caller, none) = (Caller::Operation(operation), PolicyName::none());
        vec![StepSpec::Call {
            site: self.site(path, caller, target, &none, to.span),
            optional: false,
        }]
    }

    pub(super) fn call(&mut self, place: &mut Place, call: &CallFile) -> Option<StepSpec> {
        let path = place.key("call", &call.to.value.0);
        let policy = self.policy_of(call.policy.as_ref());
        let target = self.find_operation(&call.to)?;
        let policy = policy.unwrap_or_else(PolicyName::none);
        let caller = Caller::Operation(place.operation);
        if let Some(pool) = &call.pool {
            return self.pooled_call(place, call, (path, target, policy), pool);
        }
        let site = self.site(&path, caller, target, &policy, call.to.span);
        self.go_over_what_is_held(site, target);
        Some(StepSpec::Call {
            site,
            optional: call.optional,
        })
    }

    /// The steps of an operation that does nothing but store what it is called with.
    pub(super) fn only_store() -> Vec<StepSpec> {
        vec![StepSpec::Store]
    }

    /// To publish is to call the operation that stores the message.
    fn publish(&mut self, place: &mut Place, file: &PublishFile) -> Option<StepSpec> {
        let path = place.key("publish", &file.to.value.0);
        let policy = self.policy_of(file.policy.as_ref());
        let target = self.find_store(&file.to)?;
        let policy = policy.unwrap_or_else(PolicyName::none);
        let caller = Caller::Operation(place.operation);
        Some(StepSpec::Call {
            site: self.site(&path, caller, target, &policy, file.to.span),
            optional: file.optional,
        })
    }

    /// A call to where something leads that these steps hold goes over it.
    fn go_over_what_is_held(&mut self, site: SiteId, target: OperationId) {
        let to = self.names.service_of(target);
        let leads = |kept: &&KeptId| {
            let KeptKind::Pool(pool) = &self.spec.kept[**kept].kind;
            Some(pool.to) == to
        };
        if let Some(&kept) = self.holding.iter().rev().find(leads) {
            self.go_over(site, kept);
        }
    }

    fn go_over(&mut self, site: SiteId, kept: KeptId) {
        let spec = &mut self.spec.sites[site];
        spec.route = RouteSpec::Fixed {
            network: true,
            admission: true,
        };
        spec.over = Some(kept);
        let KeptKind::Pool(pool) = &mut self.spec.kept[kept].kind;
        pool.site.get_or_insert(site);
    }

    /// A call that takes a connection for each of its tries: its policy around a block that holds one and
    /// makes the call over it. The block counts as the call, and the calls inside it as its attempts.
    fn pooled_call(
        &mut self,
        place: &Place,
        call: &CallFile,
        (path, target, policy): (String, OperationId, PolicyName),
        pool: &At<Reference>,
    ) -> Option<StepSpec> {
        let (owner, to) = (
            self.names.service_of(place.operation)?,
            self.names.service_of(target)?,
        );
        let kept = self.find_pool(pool, owner)?;
        if self.leads_elsewhere(pool, kept, to) {
            return None;
        }
        let span = call.to.span;
        self.check_around_block(&policy, &pool.path, span);
        let name = format!("{} over {}", call.to.value.0, pool.value.0);
        let site = self.block_site(&path, place.operation, &policy, name, span);
        let caller = Caller::Operation(place.operation);
        let inner = format!("{path}/over");
        self.blocks += 1;
        let inner = self.site(&inner, caller, target, &PolicyName::none(), span);
        self.blocks -= 1;
        let (hidden, edge) = (self.spec.sites[site].edge, self.spec.sites[inner].edge);
        let outer = &mut self.spec.sites[site];
        (outer.holds, outer.edge, outer.sends) = (Some(kept), edge, hidden);
        self.spec.sites[inner].edge = hidden;
        self.go_over(inner, kept);
        Some(StepSpec::Block {
            site,
            optional: call.optional,
            steps: vec![StepSpec::Call {
                site: inner,
                optional: false,
            }],
        })
    }

    fn with(&mut self, place: &mut Place, file: &At<WithFile>) -> Option<StepSpec> {
        let pool = &file.value.pool;
        self.check_steps(&file.value.steps, "nobody would use what it holds");
        let path = place.key("with", &pool.value.0);
        let owner = self.names.service_of(place.operation)?;
        let kept = self.find_pool(pool, owner)?;
        let name = block_name(&format!("with {}", pool.value.0), &path);
        let none = PolicyName::none();
        let site = self.block_site(&path, place.operation, &none, name, file.span);
        self.spec.sites[site].holds = Some(kept);
        self.holding.push(kept);
        let steps = self.steps_within(place, &file.value.steps.value);
        self.holding.pop();
        Some(StepSpec::Block {
            site,
            optional: false,
            steps,
        })
    }

    fn parallel(
        &mut self,
        place: &mut Place,
        step: &At<StepFile>,
        file: &ParallelFile,
    ) -> Option<StepSpec> {
        let path = place.key("parallel", "");
        let branches = match (&file.branches, &file.call, file.count) {
            (Some(branches), None, None) => self.branches(place, branches)?,
            (None, Some(call), Some(count)) => Branches::Same {
                steps: vec![self.call(place, call)?],
                count: count.get(),
            },
            _ => {
                let message = format!(
                    "`{}.parallel` needs either `branches`, or `call` and `count`",
                    step.path
                );
                self.error("bad-value", step.span, message);
                return None;
            }
        };
        Some(StepSpec::Parallel {
            path,
            need: self.need(&file.need, &branches),
            branches,
            cancel_rest: file.cancel_rest,
            distinct_instances: file.distinct_instances,
        })
    }

    fn branches(&mut self, place: &mut Place, file: &At<Vec<StepsFile>>) -> Option<Branches> {
        if file.value.is_empty() {
            let message = format!("`{}` is empty, but it needs at least one branch", file.path);
            self.error("bad-value", file.span, message);
            return None;
        }
        let compile = |branch: &StepsFile| self.steps(place, &branch.0);
        Some(Branches::Each(file.value.iter().map(compile).collect()))
    }

    fn need(&mut self, need: &At<Need>, branches: &Branches) -> u32 {
        let count = match branches {
            Branches::Each(each) => each.len() as u32,
            Branches::Same { count, .. } => *count,
        };
        match need.value {
            Need::All => count,
            Need::AtLeast(k) if k <= count => k,
            Need::AtLeast(k) => {
                let message = format!("`{}` is {k}, but there are {count} branches", need.path);
                self.error("bad-value", need.span, message);
                count
            }
        }
    }

    fn branch(
        &mut self,
        place: &mut Place,
        step: &At<StepFile>,
        arms: &[ArmFile],
    ) -> Option<StepSpec> {
        let path = place.key("branch", "");
        let total = arms
            .iter()
            .fold(0.0, |sum, arm| sum + arm.share.value.get());
        if total > 1.0 + 1e-9 {
            let message = format!("the shares of `{}.branch` sum to more than 100%", step.path);
            self.error("bad-value", step.span, message);
            return None;
        }
        let compile = |arm: &ArmFile| (arm.share.value, self.steps(place, &arm.steps));
        Some(StepSpec::Branch {
            path,
            arms: arms.iter().map(compile).collect(),
        })
    }

    fn repeat(&mut self, place: &mut Place, file: &At<RepeatFile>) -> Option<StepSpec> {
        let path = place.key("repeat", "");
        let times = match (file.value.times, file.value.again) {
            (Some(times), None) => Times::Exactly(times.get()),
            (None, Some(again)) if again < Probability::ONE => Times::Again(again),
            (None, Some(_)) => {
                let message = format!("`{}.again` is 100%, which never ends", file.path);
                self.error("bad-value", file.span, message);
                return None;
            }
            _ => {
                let message = format!("`{}` needs either `times` or `again`", file.path);
                self.error("bad-value", file.span, message);
                return None;
            }
        };
        Some(StepSpec::Repeat {
            path,
            times,
            steps: self.steps(place, &file.value.steps),
        })
    }

    fn block(&mut self, place: &mut Place, file: &At<BlockFile>) -> Option<StepSpec> {
        let path = place.key("block", "");
        self.check_steps(&file.value.steps, "its policy would guard nothing");
        if let PolicyRef::Inline(layers) = &file.value.policy
            && layers.value.is_empty()
        {
            let message = format!(
                "`{}` is empty, but a block is there for its policy",
                layers.path
            );
            let hint = "add a layer such as `timeout: 1s`, or write the steps without `block`";
            self.found
                .push(Diagnostic::error("bad-value", layers.span, message).hint(hint));
        }
        let policy = self.policy_of(Some(&file.value.policy))?;
        self.check_around_block(&policy, &file.path, file.span);
        let name = block_name("block", &path);
        let site = self.block_site(&path, place.operation, &policy, name, file.span);
        Some(StepSpec::Block {
            site,
            optional: false,
            steps: self.steps_within(place, &file.value.steps.value),
        })
    }

    /// Steps in a block.
    fn steps_within(&mut self, place: &mut Place, steps: &[At<StepFile>]) -> Vec<StepSpec> {
        self.blocks += 1;
        let steps = self.steps(place, steps);
        self.blocks -= 1;
        steps
    }

    /// What holds something or guards something has something to do.
    fn check_steps(&mut self, steps: &At<Vec<At<StepFile>>>, why: &str) {
        if steps.value.is_empty() {
            let message = format!("`{}` is empty: {why}", steps.path);
            let hint = "add a step, such as a `call`, or leave it out";
            self.found
                .push(Diagnostic::error("bad-value", steps.span, message).hint(hint));
        }
    }

    /// What begins several passes at once, chooses where they go, or lets them run on cannot stand around
    /// a block.
    fn check_around_block(&mut self, policy: &PolicyName, path: &str, span: Span) {
        let Some(draft) = self.policies.get(policy.as_str()) else {
            return;
        };
        let detaches = |layer: &Layer| {
            let timeout = layer.timeout();
            timeout.is_some_and(|it| it.on_expiry == OnExpiry::Detach)
        };
        let mut layers = draft.layers.iter().map(|it| &it.kind).chain(&draft.off);
        let wrong = layers.find_map(|layer| {
            if matches!(layer, Layer::Hedge(_)) {
                return Some(("a `hedge`", "hedge the calls inside it instead"));
            }
            let hint = "let the timeout cancel, which is the default";
            detaches(layer).then_some(("`on_expiry: detach`", hint))
        });
        let balances = ("a `balance`", "write it in the policy of the calls inside");
        let Some((what, hint)) = wrong.or(draft.balance.is_some().then_some(balances)) else {
            return;
        };
        let message = format!(
            "the policy of `{path}` has {what}, which cannot stand around a block: its steps are done \
             on one thread, where the operation is"
        );
        let diagnostic = Diagnostic::error("bad-value", span, message);
        self.found.push(diagnostic.hint(hint));
    }

    fn fail(&mut self, place: &mut Place, file: &At<FailFile>) -> Option<StepSpec> {
        let path = place.key("fail", "");
        let (when, outcome) = match (&file.value.share, &file.value.sequence) {
            (Some(share), None) => (FailRule::Share(*share), file.value.kind.0),
            (None, Some(sequence)) if !sequence.is_empty() => {
                let outcomes = sequence.iter().map(|it| it.0).collect();
                (FailRule::Sequence(outcomes), Outcome::ErrorInternal)
            }
            _ => {
                let message = format!("`{}` needs either `share` or a `sequence`", file.path);
                self.error("bad-value", file.span, message);
                return None;
            }
        };
        Some(StepSpec::Fail {
            path,
            when,
            outcome,
        })
    }
}

/// A block by its number among its equals in its operation, as layers are called: `block[2]`.
pub(super) fn block_name(kind: &str, path: &str) -> String {
    match path.rsplit('/').next() {
        None | Some("1") => kind.to_owned(),
        Some(number) => format!("{kind}[{number}]"),
    }
}

fn work_time(file: &WorkFile) -> WorkTime {
    match file {
        WorkFile::Drawn(dist) => WorkTime::Drawn(dist.0.clone()),
        WorkFile::Sequence(times) => WorkTime::Sequence(times.clone()),
    }
}
