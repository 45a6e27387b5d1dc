//! Outlier ejection in the run: who watches whom, and when.
//!
//! Each caller process of a service has a watcher of its own, which hears how its own attempts end and whose
//! verdict acts in the view of that process alone; or all callers have one together. Verdicts on single
//! results follow in the same event, before anything else does; those on rates at the watcher's sweeps.

use super::event::ControlEvent;
use crate::id::{IdMap, InstanceId, ProcessId, ServiceId};
use crate::kernel::{Class, Timer};
use crate::model::cx::Cx;
use crate::model::directory::{Directory, Mark, ViewIx, ViewPlan};
use crate::model::fact::{Fact, Observer};
use crate::model::handoff::{Change, Sign, SignKind};
use crate::model::spec::{EjectionSpec, ModelSpec, SweepPhase};
use crate::policy::eject::{EjectAsk, EjectStep, EjectStepKind, Ejection, Others};
use crate::random::{KeySource, SiteKey, child_key, uniform};
use crate::time::{SimDuration, SimTime};
use std::ops::Range;

/// Who watches the instances of services with ejection.
#[derive(Clone, Debug)]
pub(super) struct Ejections {
    watchers: Vec<Watcher>,
    /// The watchers of each service.
    of_service: IdMap<ServiceId, Range<u32>>,
    /// By view: the watcher whose verdict acts there, [`NOBODY`] where there is none.
    of_view: IdMap<ViewIx, u32>,
    /// Room for what is said; empty between two questions.
    said: Vec<EjectStep>,
}

const NOBODY: u32 = u32::MAX;

/// One who watches the instances of a service.
#[derive(Clone, Debug)]
struct Watcher {
    service: ServiceId,
    /// The process whose verdict it is; `None`: all callers'.
    process: Option<ProcessId>,
    /// Its number in the group of its callers: for its draws.
    number: u32,
    /// Of the jitter of its ejections.
    draws: SiteKey,
    /// Its first sweep.
    phase: SimDuration,
    ejection: Ejection,
    /// When the time of somebody is over whom it left out.
    time_over: Timer,
}

/// The instances of a service, as a watcher knows them.
struct Around<'a> {
    directory: &'a Directory,
    first_instance: u32,
    draws: SiteKey,
    number: u32,
}

impl Others for Around<'_> {
    fn counts(&self, slot: u32) -> bool {
        let marks = self
            .directory
            .member(InstanceId(self.first_instance + slot))
            .marks;
        !marks.has(Mark::Leaving) && !marks.has(Mark::Unlisted)
    }

    fn draw(&self, slot: u32, number: u32) -> f64 {
        let key = child_key(u64::from(self.number), u64::from(slot), u64::from(number));
        uniform(self.draws, key)
    }

    fn lot(&self, slot: u32, number: u32) -> f64 {
        let key = child_key(u64::from(self.number), u64::from(slot), u64::from(number));
        uniform(SiteKey(child_key(self.draws.0, 0, 1)), key)
    }
}

impl Ejections {
    pub(super) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        let plan = ViewPlan::new(spec);
        let mut all = Self {
            watchers: Vec::new(),
            of_service: IdMap::new(),
            of_view: plan.services().map(|_| NOBODY).collect(),
            said: Vec::new(),
        };
        for (id, service) in spec.services.iter_enumerated() {
            let first = all.watchers.len() as u32;
            if let Some(ejection) = &service.ejection {
                all.add(spec, keys, &plan, id, ejection);
            }
            all.of_service.push(first..all.watchers.len() as u32);
        }
        all
    }

    /// Adds the watchers of a service.
    fn add(
        &mut self,
        spec: &ModelSpec,
        keys: &KeySource,
        plan: &ViewPlan,
        service: ServiceId,
        ejection: &EjectionSpec,
    ) {
        if ejection.shared {
            let site = |purpose| keys.site(&["ejection", &spec.services[service].name], purpose);
            let watcher = Watcher::new(spec, service, (None, 0), (site("phase"), site("jitter")));
            self.of_view[ViewPlan::shared(service)] = self.watchers.len() as u32;
            self.watchers.push(watcher);
            return;
        }
        for group in spec.callers_of(service) {
            let path = [
                "ejection",
                &spec.services[service].name,
                spec.group_name(group),
            ];
            let sites = (keys.site(&path, "phase"), keys.site(&path, "jitter"));
            let (first, processes) = spec.processes(group);
            let readers = plan.readers(spec, service, group);
            for number in 0..processes {
                let process = ProcessId(first.0 + number);
                let watcher = Watcher::new(spec, service, (Some(process), number), sites);
                self.of_view[readers.view_of(process)] = self.watchers.len() as u32;
                self.watchers.push(watcher);
            }
        }
    }

    /// Schedules the first sweeps.
    pub(super) fn begin<O: Observer>(&self, cx: &mut Cx<'_, O>) {
        for (ix, watcher) in (0..).zip(&self.watchers) {
            if watcher.every(cx.spec).is_some() {
                let at = SimTime::ZERO + watcher.phase;
                cx.schedule(at, Class::Sweep, ControlEvent::Sweep(ix));
            }
        }
    }

    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "for any lifetime"
    )]
    pub(super) fn sweep<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: u32) {
        if let Some(every) = self.watchers[ix as usize].every(cx.spec) {
            let at = cx.now + every;
            cx.schedule(at, Class::Sweep, ControlEvent::Sweep(ix));
        }
        self.ask(cx, ix, |ejection, ask| ejection.sweep(ask));
    }

    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "for any lifetime"
    )]
    pub(super) fn time_over<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: u32) {
        self.watchers[ix as usize].time_over = Timer::NONE;
        self.ask(cx, ix, |ejection, ask| ejection.on_due(ask));
        self.set_alarm(cx, ix);
    }

    /// How an attempt of a caller ended, or that one goes out.
    pub(super) fn on_sign<O: Observer>(&mut self, cx: &mut Cx<'_, O>, sign: Sign) {
        let ix = self.of_view[sign.view];
        self.ask(cx, ix, |ejection, ask| match sign.kind {
            SignKind::Sent => ejection.on_sent(ask, sign.slot),
            SignKind::Ended(outcome) => ejection.on_result(ask, sign.slot, outcome),
        });
    }

    /// A check says that an instance is well: that ends the ejection of the same owner; what the nodes ask
    /// is for all.
    pub(super) fn on_check_passed<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        instance: InstanceId,
        process: ProcessId,
    ) {
        let service = cx.spec.instances[instance];
        let slot = instance.0 - cx.spec.services[service].first_instance.0;
        let view = if process == cx.spec.node() {
            Some(ViewPlan::shared(service))
        } else {
            cx.directory.plan().own_view(service, process)
        };
        let watcher = view.map_or(NOBODY, |view| self.of_view[view]);
        if watcher != NOBODY {
            self.ask(cx, watcher, |ejection, ask| {
                ejection.on_check_passed(ask, slot);
            });
        }
    }

    /// A caller process has died, and all that it knew (rule 19).
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "for any lifetime"
    )]
    pub(super) fn caller_died<O: Observer>(&mut self, cx: &mut Cx<'_, O>, instance: InstanceId) {
        let process = cx.spec.process_of(instance);
        for ix in 0..self.watchers.len() as u32 {
            if self.watchers[ix as usize].process == Some(process) {
                self.ask(cx, ix, |ejection, ask| ejection.forget_all(ask));
            }
        }
    }

    /// An instance has ended for good, or another comes into its slot: nobody remembers it.
    pub(super) fn callee_replaced<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        instance: InstanceId,
    ) {
        let service = cx.spec.instances[instance];
        let slot = instance.0 - cx.spec.services[service].first_instance.0;
        for ix in self.of_service[service].clone() {
            self.ask(cx, ix, |ejection, ask| ejection.forget(ask, slot));
        }
    }

    /// Asks a watcher, and carries out what it says.
    #[inline]
    fn ask<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: u32,
        question: impl FnOnce(&mut Ejection, &mut EjectAsk<'_, Around<'_>>),
    ) {
        let watcher = &mut self.watchers[ix as usize];
        let service = &cx.spec.services[watcher.service];
        let Some(spec) = &service.ejection else {
            return;
        };
        let mut ask = EjectAsk {
            config: &spec.config,
            now: cx.now,
            others: &Around {
                directory: &cx.directory,
                first_instance: service.first_instance.0,
                draws: watcher.draws,
                number: watcher.number,
            },
            out: &mut self.said,
        };
        question(&mut watcher.ejection, &mut ask);
        if !self.said.is_empty() {
            self.carry_out(cx, ix);
        }
    }

    /// Tells what was decided, and asks for the changes of rotation that follow, before all else.
    #[cold]
    fn carry_out<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: u32) {
        let mut said = std::mem::take(&mut self.said);
        let watcher = &self.watchers[ix as usize];
        for step in &said {
            watcher.tell(cx, *step);
        }
        // The last to be put first is the first to be done.
        for step in said.iter().rev() {
            if let Some(change) = watcher.change(cx.spec, *step) {
                cx.work.push_change_first(change);
            }
        }
        said.clear();
        self.said = said;
        self.set_alarm(cx, ix);
    }

    /// The watcher is called when the time of the next is over.
    fn set_alarm<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: u32) {
        let watcher = &mut self.watchers[ix as usize];
        let Some(spec) = &cx.spec.services[watcher.service].ejection else {
            return;
        };
        cx.events.cancel(watcher.time_over);
        watcher.time_over = Timer::NONE;
        if let Some(at) = watcher.ejection.due(&spec.config) {
            let at = at.max(cx.now);
            watcher.time_over = cx.schedule(at, Class::Expiry, ControlEvent::TimeOver(ix));
        }
    }
}

impl Watcher {
    fn new(
        spec: &ModelSpec,
        service: ServiceId,
        (process, number): (Option<ProcessId>, u32),
        (phases, draws): (SiteKey, SiteKey),
    ) -> Self {
        let of = &spec.services[service];
        let Some(ejection) = &of.ejection else {
            unreachable!("it is made for a service with ejection")
        };
        let every = ejection.sweep().unwrap_or(SimDuration::ZERO);
        let phase = match ejection.phase {
            SweepPhase::At(at) => at,
            SweepPhase::Random => every.scaled(uniform(phases, u64::from(number))),
        };
        Self {
            service,
            process,
            number,
            draws,
            phase,
            ejection: Ejection::new(&ejection.config, of.instances),
            time_over: Timer::NONE,
        }
    }

    /// The time between its sweeps, if it has any.
    fn every(&self, spec: &ModelSpec) -> Option<SimDuration> {
        let ejection = spec.services[self.service].ejection.as_ref();
        ejection.and_then(EjectionSpec::sweep)
    }

    fn instance(&self, spec: &ModelSpec, slot: u32) -> InstanceId {
        InstanceId(spec.services[self.service].first_instance.0 + slot)
    }

    fn tell<O: Observer>(&self, cx: &mut Cx<'_, O>, EjectStep { slot, kind }: EjectStep) {
        let (instance, process) = (self.instance(cx.spec, slot), self.process);
        let fact = match kind {
            EjectStepKind::Out { why, k, until } => Fact::InstanceEjected {
                instance,
                process,
                why,
                k,
                until: until.unwrap_or(SimTime::NEVER),
                left: self.left(cx),
            },
            EjectStepKind::Stopped { why } => Fact::EjectionStopped {
                instance,
                process,
                why,
            },
            // What its check makes of that is told.
            EjectStepKind::Suspected { .. } => return,
            EjectStepKind::OnTrial => Fact::InstanceOnTrial {
                instance,
                process,
                sent: false,
            },
            EjectStepKind::Tried => Fact::InstanceOnTrial {
                instance,
                process,
                sent: true,
            },
            EjectStepKind::Back { by, after } => Fact::InstanceReturned {
                instance,
                process,
                by,
                after,
            },
        };
        cx.tell(&fact);
    }

    /// How many instances it does not leave out, of those that count.
    fn left<O>(&self, cx: &Cx<'_, O>) -> u32 {
        let of = &cx.spec.services[self.service];
        let around = Around {
            directory: &cx.directory,
            first_instance: of.first_instance.0,
            draws: self.draws,
            number: self.number,
        };
        let slots = (0..of.instances).filter(|&slot| around.counts(slot));
        slots.filter(|&slot| !self.ejection.is_out(slot)).count() as u32
    }

    /// What a decision makes of the rotation.
    fn change(&self, spec: &ModelSpec, EjectStep { slot, kind }: EjectStep) -> Option<Change> {
        let holds = match kind {
            EjectStepKind::Out { .. } | EjectStepKind::Tried => true,
            EjectStepKind::OnTrial | EjectStepKind::Back { .. } => false,
            EjectStepKind::Stopped { .. } => return None,
            EjectStepKind::Suspected { how } => {
                return Some(Change::Suspected {
                    instance: self.instance(spec, slot),
                    process: self.process.unwrap_or(spec.node()),
                    how,
                });
            }
        };
        Some(Change::Mark {
            instance: self.instance(spec, slot),
            mark: Mark::Ejected,
            holds,
            view: self.process,
        })
    }
}
