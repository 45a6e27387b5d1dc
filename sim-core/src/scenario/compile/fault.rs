//! `faults`: when, where, what.

use super::Compiler;
use crate::id::{InstanceId, ServiceId};
use crate::model::spec::{
    CallersSee, ClientFault, CrashFault, EdgeFault, EdgeTarget, ErrorsFail, ErrorsFault, FaultKind,
    FaultSpec, LifeFault, RandomTimes, RollFault, ServiceTarget, WorkFault,
};
use crate::scenario::diagnostic::{Diagnostic, Span, counted};
use crate::scenario::file::fault::{
    CrashFile, CrashSeen, Direction, FaultFile, Instances, PartitionSeen, RandomFile, RollFile,
};
use crate::scenario::read::{At, NamedItem};
use crate::scenario::tree::Node;
use crate::scenario::value::{Name, Reference};
use crate::time::{SimDuration, SimTime};

/// Most times that a fault comes back.
const MOST_SPANS: u64 = 10_000;
/// Most failures that a random fault may be expected to cause in a run.
const MOST_FAILURES: f64 = 1e6;
/// With fewer expected than this, one run in twenty sees none (exp(-3)).
const FEWEST_FAILURES: f64 = 3.0;

/// The keys that say where, and which kinds of fault take them.
const PLACES: [(&str, &[&str]); 7] = [
    (
        "zone",
        &[
            "slow",
            "errors",
            "crash",
            "stop",
            "restart",
            "pause",
            "threads",
            "cores",
            "fill",
            "latency",
            "partition",
            "loss",
        ],
    ),
    (
        "service",
        &[
            "slow", "errors", "crash", "stop", "restart", "pause", "threads", "cores", "fill",
        ],
    ),
    ("operation", &["slow", "errors"]),
    (
        "instances",
        &[
            "slow",
            "errors",
            "crash",
            "stop",
            "restart",
            "pause",
            "threads",
            "cores",
            "fill",
            "latency",
            "partition",
            "loss",
        ],
    ),
    ("from", &["latency", "partition", "loss"]),
    ("to", &["latency", "partition", "loss"]),
    ("client", &["load"]),
];

impl Compiler<'_> {
    pub(super) fn faults(&mut self, tree: &Node) {
        let file = self.file;
        for item in &file.faults.0 {
            let spec = self.fault(item, tree).unwrap_or_else(|| FaultSpec {
                name: item.name.clone(),
                spans: Vec::new(),
                random: None,
                kind: FaultKind::Setting(Vec::new()),
            });
            self.places.faults.push(item.span);
            self.spec.faults.push(spec);
        }
        self.combine_changes(tree);
    }

    fn fault(&mut self, item: &NamedItem<FaultFile>, tree: &Node) -> Option<FaultSpec> {
        let file = item.item.as_ref()?;
        let spans = self.spans(item, file);
        let kind = self.kind(item, file, tree);
        let (spans, kind) = (spans?, kind?);
        let random = match &file.random {
            Some(random) => Some(self.random(random, &spans, &kind)?),
            None => None,
        };
        Some(FaultSpec {
            name: item.name.clone(),
            spans,
            random,
            kind,
        })
    }

    fn spans(
        &mut self,
        item: &NamedItem<FaultFile>,
        file: &FaultFile,
    ) -> Option<Vec<(SimTime, SimTime)>> {
        let end = self.last_instant();
        self.check_length(file);
        let from_the_start = file.random.as_ref().map(|_| SimTime::ZERO);
        match (file.at.or(from_the_start), &file.every, &file.r#for) {
            (_, Some(every), _) if file.random.is_some() => {
                let message = format!(
                    "`{}` says when the fault comes back, and so does `random`",
                    every.path
                );
                self.error("bad-fault", every.span, message);
                None
            }
            (Some(at), None, length) => {
                let until = length.as_ref().map_or(end, |length| at + length.value);
                self.warn_late(item, at);
                Some(clip(at, until, end).into_iter().collect())
            }
            (first, Some(every), Some(length)) => {
                let first = first.unwrap_or(SimTime::ZERO + every.value);
                self.repeated(first, every, length.value)
            }
            (_, Some(every), None) => {
                let message = format!("`{}` needs `for`: how long it lasts each time", every.path);
                let error = Diagnostic::error("missing-key", every.span, message);
                self.found
                    .push(error.hint("add `for:` with less than `every`"));
                None
            }
            (None, None, _) => {
                let message = format!("`faults.{}` needs `at`: when it begins", item.name);
                let diagnostic = Diagnostic::error("missing-key", item.span, message);
                self.found.push(
                    diagnostic.hint("add `at: 60s`, or `every: 60s` with `for`, or `random`"),
                );
                None
            }
        }
    }

    /// When each instance fails by itself.
    fn random(
        &mut self,
        at: &At<RandomFile>,
        spans: &[(SimTime, SimTime)],
        kind: &FaultKind,
    ) -> Option<RandomTimes> {
        let Some(target) = kind.on_instances() else {
            let message = format!(
                "`{}` makes instances fail, but this fault does not act on instances",
                at.path
            );
            let hint = "it goes with `slow`, `errors`, `crash`, `stop`, `restart`, `pause`, `threads`, `cores` \
                        and `fill`";
            let diagnostic = Diagnostic::error("bad-fault", at.span, message);
            self.found.push(diagnostic.hint(hint));
            return None;
        };
        let RandomFile { up, down } = &at.value;
        for (key, dist) in [("up", &up.0), ("down", &down.0)] {
            if dist.mean().is_zero() {
                let message = format!("`{}.{key}` is 0s on average", at.path);
                self.error("bad-value", at.span, message);
                return None;
            }
        }
        let acts_ns = spans.iter().map(|span| span.1.since(span.0).as_ns_f64());
        let expected = acts_ns.sum::<f64>() * target.instances.len() as f64
            / (up.0.mean_ns() + down.0.mean_ns());
        self.check_failures(at, expected)?;
        Some(RandomTimes {
            up: up.0.clone(),
            down: down.0.clone(),
        })
    }

    fn check_failures(&mut self, at: &At<RandomFile>, expected: f64) -> Option<()> {
        if expected > MOST_FAILURES {
            let message = format!(
                "`{}` means about {expected:.0} failures in a run, but at most {MOST_FAILURES} are \
                 played",
                at.path
            );
            self.error("too-large", at.span, message);
            return None;
        }
        if expected < FEWEST_FAILURES {
            let message = format!(
                "`{}` means about {expected:.1} failures in a run: many runs will see none",
                at.path
            );
            let hint = "run longer, hit more instances, or lower `up`";
            let diagnostic = Diagnostic::warning("rare-fault", at.span, message);
            self.found.push(diagnostic.hint(hint));
        }
        Some(())
    }

    /// When a run ends at the latest: faults act on calls under way as on all others.
    fn last_instant(&self) -> SimTime {
        self.spec.duration + self.spec.drain
    }

    fn check_length(&mut self, file: &FaultFile) {
        if let Some(length) = file.r#for.as_ref().filter(|length| length.value.is_zero()) {
            let message = format!("`{}` is 0s, so nothing would happen", length.path);
            self.error("bad-value", length.span, message);
        }
    }

    fn warn_late(&mut self, item: &NamedItem<FaultFile>, at: SimTime) {
        let end = self.spec.duration;
        if at >= end && end > SimTime::ZERO {
            let message = format!(
                "fault `{}` begins at {at}, but the run ends at {end}",
                item.name
            );
            self.found
                .push(Diagnostic::warning("fault-too-late", item.span, message));
        }
    }

    fn repeated(
        &mut self,
        first: SimTime,
        every: &At<SimDuration>,
        length: SimDuration,
    ) -> Option<Vec<(SimTime, SimTime)>> {
        // It comes back no more when nothing arrives any more, but lasts as long as it lasts.
        let (end, last) = (self.spec.duration, self.last_instant());
        if length >= every.value {
            let message = format!(
                "`{}` is {}, but it lasts {length} each time, so it would never end",
                every.path, every.value
            );
            self.error("bad-value", every.span, message);
            return None;
        }
        if first.until(end).as_ns() / every.value.as_ns() > MOST_SPANS {
            let message = format!("`{}` comes back more than {MOST_SPANS} times", every.path);
            self.error("too-large", every.span, message);
            return None;
        }
        let mut spans = Vec::new();
        let mut at = first;
        while at < end {
            spans.extend(clip(at, at + length, last));
            at = at + every.value;
        }
        Some(spans)
    }

    fn kind(
        &mut self,
        item: &NamedItem<FaultFile>,
        file: &FaultFile,
        tree: &Node,
    ) -> Option<FaultKind> {
        let present = kinds(file);
        let [kind] = present.as_slice() else {
            self.not_one_kind(item, &present);
            return None;
        };
        self.check_places(file, kind);
        self.on_service(item, file)
            .or_else(|| self.on_messages(item, file))
            .or_else(|| self.on_client(item, file))
            .or_else(|| self.on_queue(file))
            .or_else(|| self.change(file.change.as_ref()?, tree))
    }

    fn not_one_kind(&mut self, item: &NamedItem<FaultFile>, present: &[&str]) {
        let name = &item.name;
        let diagnostic = if present.is_empty() {
            let message = format!("`faults.{name}` has no effect, but needs one");
            let hint = "add one, such as `slow: { factor: 10 }` or `crash: {}`";
            Diagnostic::error("bad-fault", item.span, message).hint(hint)
        } else {
            let several = present.join(", ");
            let message =
                format!("`faults.{name}` has several effects ({several}), but needs exactly one");
            let hint = "write a fault for each; several may act at once";
            Diagnostic::error("bad-fault", item.span, message).hint(hint)
        };
        self.found.push(diagnostic);
    }

    fn check_places(&mut self, file: &FaultFile, kind: &str) {
        for (key, kinds) in PLACES {
            let Some(at) = place(file, key) else {
                continue;
            };
            if !kinds.contains(&kind) {
                let message = format!("`{}` does not go with `{kind}`", at.1);
                let where_to = PLACES.iter().filter(|(_, kinds)| kinds.contains(&kind));
                let keys: Vec<&str> = where_to.map(|(key, _)| *key).collect();
                let hint = match keys.as_slice() {
                    [] => format!("leave it out: `{kind}` happens nowhere"),
                    keys => format!("`{kind}` goes with `{}`", keys.join("`, `")),
                };
                self.found
                    .push(Diagnostic::error("bad-fault", at.0, message).hint(hint));
            }
        }
    }

    fn on_service(&mut self, item: &NamedItem<FaultFile>, file: &FaultFile) -> Option<FaultKind> {
        let acts = file.slow.is_some()
            || file.errors.is_some()
            || file.crash.is_some()
            || file.stop.is_some()
            || file.restart.is_some()
            || file.pause.is_some()
            || file.threads.is_some()
            || file.cores.is_some()
            || file.fill.is_some();
        if !acts {
            return None;
        }
        let mut target = self.service_target(item, file)?;
        self.only_those_with_memory(file, &mut target);
        let services = target.services.iter();
        let mut without =
            services.filter(|&&id| self.spec.services[id].memory.is_none() && !self.is_broken(id));
        if let (Some(fill), Some(&id)) = (&file.fill, without.next()) {
            let name = &self.spec.services[id].name;
            let message = format!(
                "`{}` fills memory, but `services.{name}` has none",
                fill.path
            );
            let hint =
                format!("write `memory` of `services.{name}`: what it holds, and its `limit`");
            let diagnostic = Diagnostic::error("bad-fault", fill.span, message);
            self.found.push(diagnostic.hint(hint));
        }
        self.check_in_progress(file);
        if let Some(roll) = &file.restart {
            self.check_roll(roll, file.random.as_ref());
            return Some(self.roll(roll, target));
        }
        there(file, target)
    }

    /// What fills the memory of a zone acts on all that say how much they hold, if any does.
    fn only_those_with_memory(&self, file: &FaultFile, target: &mut ServiceTarget) {
        let has = |id: &ServiceId| self.spec.services[*id].memory.is_some();
        if file.fill.is_none() || file.service.is_some() || !target.services.iter().any(has) {
            return;
        }
        target.services.retain(has);
        let kept = &target.services;
        let instances = &self.spec.instances;
        target.instances.retain(|it| kept.contains(&instances[*it]));
    }

    /// Instances that restart at random do not wait for each other.
    fn check_roll(&mut self, roll: &RollFile, random: Option<&At<RandomFile>>) {
        let at_once = roll.at_once.as_ref().map(|at| (at.span, &at.path));
        let pause = &roll.pause;
        let pause = (!pause.value.is_zero()).then_some((pause.span, &pause.path));
        if random.is_none() {
            return;
        }
        for (span, path) in at_once.into_iter().chain(pause) {
            let message = format!(
                "`{path}` says how a rollout goes, but with `random` each restarts by itself"
            );
            let hint = "leave it out, or leave out `random` and say `at`";
            self.found
                .push(Diagnostic::error("bad-fault", span, message).hint(hint));
        }
    }

    fn roll(&mut self, roll: &RollFile, target: ServiceTarget) -> FaultKind {
        let hit = target.instances.len() as u32;
        let at_once = match roll.at_once.as_ref().map(|at| at.value) {
            None => 1,
            Some(Instances::All) => hit,
            Some(Instances::First(count)) => count,
            Some(Instances::Share(share)) => (f64::from(hit) * share.get()).ceil() as u32,
        };
        if let Some(at) = roll.at_once.as_ref().filter(|_| at_once == 0) {
            let message = format!("`{}` is none, so nothing would restart", at.path);
            self.error("bad-value", at.span, message);
        }
        let pause = roll.pause.value;
        FaultKind::Life(target, LifeFault::Restart(RollFault { at_once, pause }))
    }

    /// Work in progress is slowed for all that an instance does: its threads share one speed. Work in
    /// progress cannot fail before it begins.
    fn check_in_progress(&mut self, file: &FaultFile) {
        let errors = file.errors.as_ref();
        if let Some(errors) = errors.filter(|it| it.in_progress.value && it.before_work) {
            let message = format!(
                "`{}` hits operations under way, but without `before_work: false` all fail before \
                 their work",
                errors.in_progress.path
            );
            let diagnostic = Diagnostic::error("bad-fault", errors.in_progress.span, message);
            self.found.push(diagnostic.hint("add `before_work: false`"));
        }
        let in_progress = file.slow.as_ref().is_some_and(|slow| slow.in_progress);
        if let (true, Some(operation)) = (in_progress, &file.operation) {
            let message =
                "`in_progress` slows whole instances, but `operation` names one operation";
            let hint = "leave out `operation`, or leave out `in_progress`";
            self.found
                .push(Diagnostic::error("bad-fault", operation.span, message).hint(hint));
        }
    }

    fn service_target(
        &mut self,
        item: &NamedItem<FaultFile>,
        file: &FaultFile,
    ) -> Option<ServiceTarget> {
        if let (None, Some(zone)) = (&file.service, &file.zone) {
            return self.all_of_zone(zone, file);
        }
        let Some(at) = &file.service else {
            let message = format!("`faults.{}` needs `service`: where it happens", item.name);
            self.error("missing-key", item.span, message);
            return None;
        };
        let service = self.find_service(at)?;
        let operation = match &file.operation {
            None => None,
            Some(operation) => Some(self.operation_of(at, operation)?),
        };
        Some(ServiceTarget {
            services: vec![service],
            operation,
            instances: match &file.zone {
                None => self.instances(service, file.instances.as_ref()),
                Some(zone) => self.instances_in(service, zone, file.instances.as_ref())?,
            },
        })
    }

    /// The instances of a service in a zone; the first ones of them, if it says how many.
    fn instances_in(
        &mut self,
        service: ServiceId,
        at: &At<Name>,
        instances: Option<&At<Instances>>,
    ) -> Option<Vec<InstanceId>> {
        let zone = self.find_zone(at)?;
        if self.is_broken(service) {
            return None;
        }
        let of = &self.spec.services[service];
        let (first, name) = (of.first_instance.0, of.name.clone());
        let all = (first..first + of.instances).map(InstanceId);
        let mut there: Vec<InstanceId> = all
            .filter(|&id| self.spec.zone_of(id) == Some(zone))
            .collect();
        let most = match instances.map(|at| at.value) {
            None | Some(Instances::All) => there.len(),
            Some(Instances::First(count)) => count as usize,
            Some(Instances::Share(share)) => (there.len() as f64 * share.get()).ceil() as usize,
        };
        if there.is_empty() || most == 0 || most > there.len() {
            let has = counted(there.len() as u64, "instance");
            let zone = &at.value.0;
            let message = format!("`{}`: `{name}` has {has} in zone `{zone}`", at.path);
            let hint = match there.len() {
                0 => "name a zone in which it has some".to_owned(),
                some => format!("write `all`, or a number from 1 to {some}"),
            };
            self.found
                .push(Diagnostic::error("bad-value", at.span, message).hint(hint));
            return None;
        }
        there.truncate(most);
        Some(there)
    }

    /// All that have instances in a zone; so many of each, if it says how many.
    fn all_of_zone(&mut self, at: &At<Name>, file: &FaultFile) -> Option<ServiceTarget> {
        let zone = self.find_zone(at)?;
        if let Some(operation) = &file.operation {
            let message = format!(
                "`{}` needs `service`: whose operation it is",
                operation.path
            );
            self.error("missing-key", operation.span, message);
            return None;
        }
        let services = self.spec.services.iter_enumerated();
        let there = services.filter(|(_, service)| {
            let mut slots = service.zones.iter().take(service.instances as usize);
            slots.any(|&it| it == zone)
        });
        let services: Vec<ServiceId> = there.map(|(id, _)| id).collect();
        if services.is_empty() {
            let message = format!(
                "`{}`: no service has instances in zone `{}`",
                at.path, at.value.0
            );
            let hint = "zones of services come into being by `zones: [a, b, c]` of a service";
            self.found
                .push(Diagnostic::error("bad-fault", at.span, message).hint(hint));
            return None;
        }
        let mut instances = Vec::new();
        for &service in &services {
            instances.extend(self.instances_in(service, at, file.instances.as_ref())?);
        }
        instances.sort_unstable();
        Some(ServiceTarget {
            services,
            operation: None,
            instances,
        })
    }

    /// An operation by its name alone, or with the service before it.
    fn operation_of(
        &mut self,
        service: &At<Reference>,
        operation: &At<Reference>,
    ) -> Option<crate::id::OperationId> {
        let name = &operation.value.0;
        let whole = match name.split_once('.') {
            Some(_) => name.clone(),
            None => format!("{}.{name}", service.value.0),
        };
        self.find_operation(&At {
            value: Reference(whole),
            ..operation.clone()
        })
    }

    fn instances(
        &mut self,
        service: ServiceId,
        instances: Option<&At<Instances>>,
    ) -> Vec<InstanceId> {
        let all = self.spec.services[service].instances;
        let first = self.spec.services[service].first_instance.0;
        let count = match instances.map(|at| at.value) {
            None | Some(Instances::All) => all,
            Some(Instances::First(count)) => count,
            Some(Instances::Share(share)) => (f64::from(all) * share.get()).ceil() as u32,
        };
        let is_off = (count > all || count == 0) && !self.is_broken(service);
        if let Some(at) = instances.filter(|_| is_off) {
            let message = format!(
                "`{}` means {}, but `{}` has {all}",
                at.path,
                counted(u64::from(count), "instance"),
                self.service_name(service)
            );
            let hint = format!("write `all`, or a number from 1 to {all}");
            self.found
                .push(Diagnostic::error("bad-value", at.span, message).hint(hint));
        }
        (first..first + count.min(all)).map(InstanceId).collect()
    }

    fn on_messages(&mut self, item: &NamedItem<FaultFile>, file: &FaultFile) -> Option<FaultKind> {
        if file.latency.is_none() && file.partition.is_none() && file.loss.is_none() {
            return None;
        }
        let target = self.edge_target(item, file)?;
        if let Some(latency) = &file.latency {
            let (add, share) = (latency.add.0.clone(), latency.share);
            return Some(FaultKind::Edge(target, EdgeFault::Latency { add, share }));
        }
        if let Some(loss) = &file.loss {
            let share = loss.share;
            return Some(FaultKind::Edge(target, EdgeFault::Loss { share }));
        }
        let partition = file.partition.as_ref()?;
        let target = EdgeTarget {
            requests: partition.direction != Direction::Answers,
            answers: partition.direction != Direction::Requests,
            ..target
        };
        let refused = partition.callers_see == PartitionSeen::Refused;
        Some(FaultKind::Edge(target, EdgeFault::Partition { refused }))
    }

    fn edge_target(&mut self, item: &NamedItem<FaultFile>, file: &FaultFile) -> Option<EdgeTarget> {
        if file.from.is_none() && file.to.is_none() && file.zone.is_none() {
            let message = format!(
                "`faults.{}` needs `from` or `to`: whose messages are hit",
                item.name
            );
            self.error("missing-key", item.span, message);
            return None;
        }
        let from = file.from.as_ref().map(|at| self.find_group(at));
        let to = file.to.as_ref().map(|at| self.find_service(at));
        let instances = self.instances_called(file, to.flatten());
        let zone = match &file.zone {
            None => None,
            Some(at) => Some(self.find_zone(at)?),
        };
        Some(EdgeTarget {
            zone,
            instances,
            from: from.map_or(Some(None), |found| found.map(Some))?,
            to: to.map_or(Some(None), |found| found.map(Some))?,
            requests: true,
            answers: true,
        })
    }

    /// How many instances of the called service a network fault acts on, if not on all.
    fn instances_called(&mut self, file: &FaultFile, to: Option<ServiceId>) -> Option<u32> {
        let at = file.instances.as_ref()?;
        if file.to.is_none() {
            let message = format!(
                "`{}` says how many instances, but not of which service",
                at.path
            );
            let diagnostic = Diagnostic::error("bad-fault", at.span, message);
            self.found
                .push(diagnostic.hint("add `to`, the called service"));
        }
        let hit = self.instances(to?, Some(at)).len();
        (hit < self.spec.services[to?].instances as usize).then_some(hit as u32)
    }

    fn on_client(&mut self, item: &NamedItem<FaultFile>, file: &FaultFile) -> Option<FaultKind> {
        let load = file.load.as_ref()?;
        let Some(at) = &file.client else {
            let message = format!("`faults.{}` needs `client`: whose load it is", item.name);
            self.error("missing-key", item.span, message);
            return None;
        };
        let client = self.find_client(at)?;
        // A client whose `arrivals` are wrong has no traffic either, and is told so.
        let written = self.file.clients.value.0[client.0 as usize].item.as_ref();
        if written.is_some_and(|client| client.users.is_some()) {
            let message = format!(
                "`{}` is a client with `users`, but `load` acts on `arrivals`",
                at.path
            );
            self.error("bad-fault", at.span, message);
        }
        Some(FaultKind::Client(client, ClientFault::Load(load.factor)))
    }
}

fn there(file: &FaultFile, target: ServiceTarget) -> Option<FaultKind> {
    if let Some(crash) = &file.crash {
        return Some(FaultKind::Life(target, LifeFault::Crash(crash_of(crash))));
    }
    if file.stop.is_some() {
        return Some(FaultKind::Life(target, LifeFault::Stop));
    }
    Some(FaultKind::Work(target, work_fault(file)?))
}

fn work_fault(file: &FaultFile) -> Option<WorkFault> {
    if let Some(slow) = &file.slow {
        return Some(WorkFault::Slow {
            factor: slow.factor,
            in_progress: slow.in_progress,
        });
    }
    if let Some(errors) = &file.errors {
        return Some(WorkFault::Errors(ErrorsFault {
            share: errors.share,
            outcome: errors.kind.0,
            fails: match (errors.before_work, errors.in_progress.value) {
                (true, _) => ErrorsFail::BeforeWork,
                (false, false) => ErrorsFail::AfterWork,
                (false, true) => ErrorsFail::InProgress,
            },
        }));
    }
    if file.pause.is_some() {
        return Some(WorkFault::Pause);
    }
    if let Some(threads) = &file.threads {
        return Some(WorkFault::Threads(threads.to.get()));
    }
    if let Some(fill) = &file.fill {
        return Some(WorkFault::Fill {
            bytes: fill.value.memory,
            over: fill.value.over,
        });
    }
    Some(WorkFault::Cores(file.cores.as_ref()?.to))
}

fn crash_of(file: &CrashFile) -> CrashFault {
    CrashFault {
        callers_see: match file.callers_see {
            CrashSeen::Reset => CallersSee::Reset,
            CrashSeen::Nothing => CallersSee::Nothing,
            CrashSeen::Unreachable => CallersSee::Unreachable,
        },
        detected_after: file.detected_after.0,
        cold_start: file
            .cold_start
            .as_ref()
            .map(|cold| (cold.r#for, cold.factor)),
    }
}

/// The kinds that a fault names.
fn kinds(file: &FaultFile) -> Vec<&'static str> {
    let present = [
        ("slow", file.slow.is_some()),
        ("latency", file.latency.is_some()),
        ("errors", file.errors.is_some()),
        ("crash", file.crash.is_some()),
        ("stop", file.stop.is_some()),
        ("restart", file.restart.is_some()),
        ("pause", file.pause.is_some()),
        ("partition", file.partition.is_some()),
        ("loss", file.loss.is_some()),
        ("threads", file.threads.is_some()),
        ("cores", file.cores.is_some()),
        ("fill", file.fill.is_some()),
        ("load", file.load.is_some()),
        ("poison", file.poison.is_some()),
        ("redrive", file.redrive.is_some()),
        ("change", file.change.is_some()),
    ];
    let present = present.into_iter().filter(|(_, is_there)| *is_there);
    present.map(|(name, _)| name).collect()
}

/// Where a key that says where stands.
fn place<'f>(file: &'f FaultFile, key: &str) -> Option<(Span, &'f str)> {
    if key == "zone" {
        return file.zone.as_ref().map(|at| (at.span, at.path.as_str()));
    }
    if key == "instances" {
        return file
            .instances
            .as_ref()
            .map(|at| (at.span, at.path.as_str()));
    }
    let at = match key {
        "service" => &file.service,
        "operation" => &file.operation,
        "from" => &file.from,
        "to" => &file.to,
        _ => &file.client,
    };
    at.as_ref().map(|at| (at.span, at.path.as_str()))
}

/// What of a span lies within the run.
fn clip(from: SimTime, until: SimTime, end: SimTime) -> Option<(SimTime, SimTime)> {
    let until = until.min(end);
    (from < until).then_some((from, until))
}
