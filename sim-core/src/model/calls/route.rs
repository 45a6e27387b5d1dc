//! Routes: how a call finds its instance.
//!
//! Mostly every attempt chooses anew among the slots of a view, by the balancer of its process (rule 24).
//! Three ways have no choice: a fixed instance, said by whoever makes the call; the own process, which an
//! attempt enters through its queue like any other; and the own process on the caller's thread, which
//! is a block (rule 65). Their callers read a view of nobody, so that nothing is asked of those who have
//! a choice that they are not asked anyway.

use crate::id::{LayerId, ProcessId};
use crate::model::call::{Call, CallBook, CallIx};
use crate::model::directory::{Directory, Readers};
use crate::model::spec::{RouteSpec, Watch};
use crate::policy::pipeline::Choice;
use crate::policy::{Asker, BalanceConfig, BalanceKey, Balancer, OutcomeSet, Ring, Rotation};
use crate::random::{Draws, SiteKey, child_key};
use crate::time::SimTime;
use std::sync::Arc;

/// Where calls made at a site go, gathered from the specification for the hot path.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what need not be asked again"
)]
pub(super) struct Route {
    /// How they find their instance.
    pub(super) how: RouteSpec,
    /// Where its callers look for instances.
    pub(super) readers: Readers,
    /// The first instance of the called service: slot 0.
    pub(super) first_instance: u32,
    /// The outermost layer around the calls.
    pub(super) first_layer: Option<LayerId>,
    pub(super) balance: BalanceConfig,
    /// Whether it looks at nothing but the rotation and what is outstanding.
    pub(super) plain: bool,
    pub(super) first_balancer: u32,
    /// Whether one balancer serves all processes.
    pub(super) shared: bool,
    /// Whether its balancer has to know how many attempts are outstanding.
    pub(super) counts_outstanding: bool,
    /// The first process of its callers.
    pub(super) first_process: ProcessId,
    /// Whether a retry leaves out instances that its call has tried.
    pub(super) other_instance: bool,
    /// How far the executions of each call are told apart.
    pub(super) watch: Watch,
    /// Whether keys of its calls are made like identities.
    pub(super) by_identity: bool,
    /// Whether its calls hand down for which root call they are made.
    pub(super) hands_down: bool,
    /// Whether its callers may still mean one that is gone by a slot that another fills.
    pub(super) may_lag: bool,
    /// Whether its calls go over something held.
    pub(super) is_over: bool,
    /// Whether each attempt first asks for a connection over which the call itself is made.
    pub(super) asks_pool: bool,
    /// Whether anything but the network has to do with its attempts: they are counted, watched or judged,
    /// go over something held, make their callers doubt what they know, or go another way. Else nothing
    /// of all that need be asked.
    pub(super) is_special: bool,
    pub(super) judged: Judged,
    pub(super) draws: SiteKey,
    /// The hash ring, if it chooses by one.
    pub(super) ring: Option<Arc<Ring>>,
    /// The zones of its callers, in turn by process; none if they have none.
    pub(super) homes: Vec<u16>,
    /// Whether anybody has a zone.
    pub(super) has_zones: bool,
}

/// Whether somebody judges the called instances by what comes back, and who.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    /// Whether it is to be told how attempts end.
    pub(super) ends: bool,
    /// Which failures take weight from an instance, and of how many each is a part.
    pub(super) cuts: Option<(OutcomeSet, u32)>,
    /// Whether it is to be told that one is sent, since that may be a trial.
    pub(super) sent: bool,
    /// The views in which verdicts act: they say whose they are.
    pub(super) readers: Readers,
}

impl Route {
    /// The balancer of a process.
    #[inline]
    pub(super) fn balancer(&self, process: ProcessId) -> usize {
        let local = if self.shared {
            0
        } else {
            process.0 - self.first_process.0
        };
        (self.first_balancer + local) as usize
    }

    /// The zone of a process that calls.
    pub(super) fn home(&self, process: ProcessId) -> Option<u16> {
        let local = process.0 - self.first_process.0;
        let zones = self.homes.len().max(1);
        self.homes.get(local as usize % zones).copied()
    }

    /// For whom an instance is chosen.
    fn asker<'a>(&'a self, call: &Call, takes_any: bool, but: &'a [u32]) -> Asker<'a> {
        let local = call.process.0 - self.first_process.0;
        let number = |key| match key {
            BalanceKey::Tenant => u64::from(call.labels.tenant),
            BalanceKey::Class => u64::from(call.labels.class),
            BalanceKey::Process => u64::from(call.process.0),
            BalanceKey::Call => call.key,
        };
        let key = self.balance.way.ring().map_or(0, |ring| number(ring.key));
        let sticky = self.balance.sticky.map_or(0, |sticky| match sticky.key {
            BalanceKey::Process => local,
            key @ (BalanceKey::Tenant | BalanceKey::Class | BalanceKey::Call) => number(key) as u32,
        });
        Asker {
            key,
            sticky,
            attempt: call.attempts,
            home: self.home(call.process).unwrap_or(u16::MAX),
            takes_any,
            but,
            ring: self.ring.as_deref(),
        }
    }

    /// The only slot to which a call can go; none if it has a choice.
    pub(super) fn only(&self, calls: &CallBook, call: CallIx) -> Option<u32> {
        match self.how {
            RouteSpec::Balanced => None,
            RouteSpec::Fixed { .. } => calls.fixed(call),
            RouteSpec::Own | RouteSpec::Inline => {
                Some(calls[call].process.0 - self.first_process.0)
            }
        }
    }
}

/// Chooses an instance for an attempt: a few steps where there is only one.
#[expect(clippy::inline_always, reason = "for every attempt")]
#[inline(always)]
pub(super) fn choose(
    balancers: &mut [Balancer],
    calls: &CallBook,
    directory: &Directory,
    (route, process): (&Route, ProcessId),
    now: SimTime,
    choice: Choice<'_>,
) -> Option<u32> {
    let view = directory.view(route.readers.view_of(process));
    let rotation = view.slots();
    if let (&[only], None) = (rotation, choice.allowed) {
        return Some(only);
    }
    let call = &calls[choice.call];
    let balancer = &mut balancers[route.balancer(process)];
    let avoid = calls.avoided(choice.call, call, choice.other_instance);
    let is_free = avoid.is_empty() && choice.allowed.is_none();
    if is_free && route.plain && !rotation.is_empty() {
        let draws = Draws::new(route.draws, child_key(call.key, choice.lane.into(), 0));
        return choose_of_all(balancer, route, rotation, draws);
    }
    // Made anew: so only this way needs it in memory.
    let choice = Choice { ..choice };
    choose_of_some(balancer, calls, route, view.rotation(now), choice)
}

/// Chooses where nothing is left out.
#[inline(never)]
fn choose_of_all(
    balancer: &mut Balancer,
    route: &Route,
    rotation: &[u32],
    mut draws: Draws,
) -> Option<u32> {
    balancer.choose(route.balance.way, rotation, |_| true, &mut draws)
}

/// Chooses where something is left out, or where there is no choice.
#[inline(never)]
fn choose_of_some(
    balancer: &mut Balancer,
    calls: &CallBook,
    route: &Route,
    members: Rotation<'_>,
    choice: Choice<'_>,
) -> Option<u32> {
    let admits = |i: u32| choice.allowed.is_none_or(|allowed| allowed(i));
    let rotation = members.slots;
    if rotation.is_empty() {
        return route.only(calls, choice.call).filter(|&i| admits(i));
    }
    if !route.plain {
        return choose_by_more(balancer, calls, route, members, &choice);
    }
    let call = &calls[choice.call];
    let avoid = calls.avoided(choice.call, call, choice.other_instance);
    let way = route.balance.way;
    let mut draws = Draws::new(route.draws, child_key(call.key, choice.lane.into(), 0));
    let unused = |i: u32| !avoid.contains(&i) && admits(i);
    if !avoid.is_empty() && rotation.iter().any(|&i| unused(i)) {
        return balancer.choose(way, rotation, unused, &mut draws);
    }
    balancer.choose(way, rotation, admits, &mut draws)
}

/// The same where more counts than the rotation and what is outstanding.
#[inline(never)]
fn choose_by_more(
    balancer: &mut Balancer,
    calls: &CallBook,
    route: &Route,
    members: Rotation<'_>,
    choice: &Choice<'_>,
) -> Option<u32> {
    let call = &calls[choice.call];
    let avoid = calls.avoided(choice.call, call, choice.other_instance);
    let mut draws = Draws::new(route.draws, child_key(call.key, choice.lane.into(), 0));
    let admits = |i: u32| choice.allowed.is_none_or(|allowed| allowed(i));
    let unused = |i: u32| !avoid.contains(&i) && admits(i);
    let avoids = !avoid.is_empty() && members.slots.iter().any(|&i| unused(i));
    let allowed = |i: u32| if avoids { unused(i) } else { admits(i) };
    // Who is left out need not be looked for where all others are allowed.
    let takes_any = choice.allowed.is_none();
    let but = if avoids && takes_any { avoid } else { &[] };
    let asker = route.asker(call, takes_any, but);
    balancer.choose_by_more(&route.balance, members, asker, allowed, &mut draws)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{EdgeId, OperationId, PipelineId};
    use crate::model::arena::NONE;
    use crate::model::call::{Labels, NewCall, Then};
    use crate::model::fact::{Fact, Observer};
    use crate::model::record::fixture::{BUY, SHOP, shop};
    use crate::model::run;
    use crate::model::spec::{Caller, CallerGroup, ModelSpec, SiteSpec, StepSpec};

    const NOBODY: Rotation<'_> = Rotation {
        slots: &[],
        version: 0,
        joined: &[],
        passed: &[],
        now: SimTime::ZERO,
    };

    fn route(how: RouteSpec) -> Route {
        Route {
            how,
            readers: Directory::new(&shop(1, 0)).plan().nobody(),
            first_instance: 0,
            first_layer: None,
            balance: BalanceConfig::of(crate::policy::BalanceWay::RoundRobin),
            plain: true,
            first_balancer: 0,
            shared: false,
            counts_outstanding: false,
            first_process: ProcessId(5),
            other_instance: false,
            watch: Watch::No,
            by_identity: false,
            hands_down: false,
            may_lag: false,
            is_over: false,
            asks_pool: false,
            is_special: false,
            judged: Judged {
                ends: false,
                cuts: None,
                sent: false,
                readers: crate::model::directory::ViewPlan::new(&shop(1, 0)).nobody(),
            },
            draws: SiteKey(1),
            ring: None,
            homes: Vec::new(),
            has_zones: false,
        }
    }

    fn call(calls: &mut CallBook, process: u32) -> CallIx {
        let new = NewCall {
            key: 1,
            site: crate::id::SiteId(0),
            process: ProcessId(process),
            then: Then::Nobody,
            labels: Labels {
                class: 0,
                tenant: 0,
            },
            avoid: NONE,
            original: true,
        };
        calls.open(SimTime::ZERO, new, SimTime::NEVER)
    }

    #[test]
    fn rule_65_who_has_no_choice_goes_where_it_must_or_nowhere() {
        let mut calls = CallBook::default();
        let (one, other) = (call(&mut calls, 5), call(&mut calls, 7));
        let fixed = RouteSpec::Fixed {
            network: true,
            admission: true,
        };
        calls.fix(other, 9);
        let only_even = |i: u32| i.is_multiple_of(2);
        let choose = |how, call, guarded: bool| {
            let choice = Choice {
                call,
                lane: 0,
                other_instance: true,
                allowed: if guarded { Some(&only_even) } else { None },
            };
            choose_of_some(&mut Balancer::new(), &calls, &route(how), NOBODY, choice)
        };
        for (how, call, guarded, slot) in [
            (RouteSpec::Balanced, one, false, None),
            (fixed, one, false, None),
            (fixed, other, false, Some(9)),
            (fixed, other, true, None),
            (RouteSpec::Own, one, false, Some(0)),
            (RouteSpec::Own, other, true, Some(2)),
            (RouteSpec::Inline, other, false, Some(2)),
        ] {
            assert_eq!(choose(how, call, guarded), slot, "{how:?} {call}");
        }
    }

    /// The instances of `shop` that were asked, by whom.
    #[derive(Default)]
    struct Asked(Vec<(u32, u32)>);

    impl Observer for Asked {
        fn on_fact(&mut self, _now: SimTime, fact: &Fact) {
            if let Fact::AttemptSent { site, instance, .. } = *fact {
                self.0.push((site.0, instance.0));
            }
        }
    }

    /// `shop.buy` calls `shop.stock` in its own process.
    fn calls_itself() -> ModelSpec {
        let mut spec = shop(1, 0);
        let mut stock = spec.operations[BUY].clone();
        stock.name = "stock".to_owned();
        let stock = spec.operations.push(stock);
        spec.edges.push(crate::model::spec::EdgeSpec {
            caller: Caller::Operation(BUY),
            target: stock,
            ..spec.edges[EdgeId(1)].clone()
        });
        spec.pipelines.push(crate::model::spec::PipelineSpec {
            callers: CallerGroup::Service(SHOP),
            target: SHOP,
            layer_count: 0,
            ..spec.pipelines[PipelineId(0)].clone()
        });
        let site = spec.sites.push(SiteSpec {
            path: "own".to_owned(),
            edge: EdgeId(2),
            target: OperationId(2),
            pipeline: PipelineId(2),
            route: RouteSpec::Own,
            holds: None,
            over: None,
            is_within: false,
            sends: EdgeId(2),
        });
        spec.operations[BUY].steps = vec![StepSpec::Call {
            site,
            optional: false,
        }];
        for service in &mut spec.services {
            service.threads = None;
        }
        spec.limits.at_one_instant = 20;
        spec.index();
        spec
    }

    #[test]
    fn rule_65_an_own_call_goes_to_the_process_that_makes_it() {
        let asked = run(&calls_itself(), 1, 0, Asked::default(), &mut |_, _| true);
        let asked = asked.observer.0;
        let pairs: Vec<_> = asked.chunks_exact(2).collect();
        assert!(pairs.len() > 5);
        for pair in &pairs {
            assert_eq!((pair[0].0, pair[1].0), (0, 2));
            assert_eq!(pair[0].1, pair[1].1, "its own instance");
        }
        assert!(pairs.iter().any(|pair| pair[0].1 != pairs[0][0].1));
    }
}
