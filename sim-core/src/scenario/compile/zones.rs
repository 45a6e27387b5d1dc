//! Zones: where instances and the processes of clients are, and what balancers make of it.
//!
//! A zone is a name that services and clients have in common. It comes into being where it is first
//! named; a fault may only name one that somebody is in.

use super::Compiler;
use crate::model::spec::{CallerGroup, KeptKind, PoolSpec};
use crate::policy::{BalanceConfig, BalanceKey, BalanceWay, Weights, ZoneMap, ZoneRule};
use crate::scenario::diagnostic::{Diagnostic, did_you_mean};
use crate::scenario::file::service::{InstancesFile, ServiceFile};
use crate::scenario::layer::Balance;
use crate::scenario::read::At;
use crate::scenario::value::{Count, Name};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Compiler<'_> {
    /// The numbers of these zones.
    pub(super) fn zone_list(&mut self, zones: Option<&At<Vec<Name>>>) -> Vec<u16> {
        let Some(at) = zones else {
            return Vec::new();
        };
        if at.value.is_empty() {
            let message = format!("`{}` names no zone", at.path);
            let diagnostic = Diagnostic::error("bad-value", at.span, message);
            self.found
                .push(diagnostic.hint("write `[a, b, c]`, or leave it out"));
        }
        at.value.iter().map(|name| self.zone(&name.0)).collect()
    }

    /// The zone of each slot, or the zones that come in turn.
    pub(super) fn zones_of_service(&mut self, service: &ServiceFile) -> Vec<u16> {
        let InstancesFile::ByZone(by_zone) = &service.instances else {
            return self.zone_list(service.zones.as_ref());
        };
        if let Some(zones) = &service.zones {
            let message = format!("`{}` and `{}` both say zones", zones.path, by_zone.path);
            let diagnostic = Diagnostic::error("bad-value", zones.span, message);
            self.found.push(diagnostic.hint("leave one of them out"));
        }
        let mut slots = Vec::new();
        for item in &by_zone.value.0 {
            let zone = self.zone(&item.name);
            let count = item.item.map_or(0, Count::get);
            slots.extend(std::iter::repeat_n(zone, count as usize));
        }
        slots
    }

    fn zone(&mut self, name: &str) -> u16 {
        let zones = &mut self.spec.zones;
        let known = zones.iter().position(|zone| zone == name);
        let at = known.unwrap_or_else(|| {
            zones.push(name.to_owned());
            zones.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }

    /// A zone that somebody is in.
    pub(super) fn find_zone(&mut self, at: &At<Name>) -> Option<u16> {
        let zones = &self.spec.zones;
        if let Some(zone) = zones.iter().position(|zone| *zone == at.value.0) {
            return u16::try_from(zone).ok();
        }
        // Who is there may be who could not be read.
        if self.names.is_incomplete {
            return None;
        }
        let message = format!(
            "`{}` names zone `{}`, in which nobody is",
            at.path, at.value.0
        );
        let hint = did_you_mean(&at.value.0, zones.iter().map(String::as_str));
        let hint = hint.unwrap_or_else(|| {
            "zones come into being by `zones: [a, b, c]` of a service or client".to_owned()
        });
        let diagnostic = Diagnostic::error("bad-reference", at.span, message);
        self.found.push(diagnostic.hint(hint));
        None
    }

    /// What balancers are to know of the services that they are for, now that these are there.
    pub(super) fn balances(&mut self) {
        let mut checked = BTreeSet::new();
        let cpu = self.cpu_of_zones();
        for id in self.spec.pipelines.ids() {
            let pipeline = &self.spec.pipelines[id];
            let (callers, target) = (pipeline.callers, pipeline.target);
            let policy = pipeline.policy.clone();
            if self.spec.services.get(target).is_none() {
                continue;
            }
            let draft = self.policies.get(&policy);
            let of_policy = draft.and_then(|draft| draft.balance.clone());
            if of_policy.is_none() && self.spec.services[target].zones.is_empty() {
                let own = self.balance_of(target);
                if own.zone_at.is_some() && checked.insert((String::new(), target)) {
                    let name = self.spec.services[target].name.clone();
                    self.check_zones(&own, callers, &name, target);
                }
            }
            if let Some(balance) = of_policy
                && checked.insert((policy, target))
            {
                let service = &self.spec.services[target];
                balance.check(&service.name, service.instances, &mut self.found);
                self.check_zones(&balance, callers, &service.name.clone(), target);
            }
            if self.spec.pipelines[id].balance.zone != ZoneRule::Any {
                let map = self.zone_map(callers, target, &cpu);
                self.spec.pipelines[id].balance.zones = map;
            }
        }
        self.balances_of_pools(&cpu);
    }

    /// CPU of the nodes in each zone, in thousandths of a core; nothing where nothing is said.
    fn cpu_of_zones(&mut self) -> Arc<[u32]> {
        let file = self.file;
        let At { value, span, path } = &file.zones;
        let mut cpu = vec![None; self.spec.zones.len()];
        for item in &value.0 {
            let zone = At {
                value: Name(item.name.clone()),
                span: item.span,
                path: format!("zones.{}", item.name),
            };
            if let (Some(zone), Some(nodes)) = (self.find_zone(&zone), &item.item) {
                cpu[usize::from(zone)] = Some(nodes.cpu.in_thousandths());
            }
        }
        let silent = cpu.iter().position(Option::is_none);
        if let (Some(zone), false) = (silent, value.0.is_empty()) {
            let message = format!(
                "`{path}` says nothing of zone `{}`, but of others",
                self.spec.zones[zone]
            );
            let hint =
                "say how much CPU its nodes have, or leave out `zones`: then all have the same";
            self.found
                .push(Diagnostic::error("missing-key", *span, message).hint(hint));
        }
        cpu.into_iter()
            .collect::<Option<Arc<[u32]>>>()
            .unwrap_or_default()
    }

    /// Pools choose as the service says to which they lead. A connection has no key and belongs to
    /// no tenant: a ring is gone through in turn, and nobody but a process sticks to an instance.
    fn balances_of_pools(&mut self, cpu: &Arc<[u32]>) {
        for id in self.spec.kept.ids() {
            let owner = CallerGroup::Service(self.spec.kept[id].owner);
            let KeptKind::Pool(PoolSpec { to, .. }) = &self.spec.kept[id].kind;
            let to = *to;
            let mut balance = self.spec.services[to].balance.clone();
            if balance.way.ring().is_some() {
                balance = BalanceConfig {
                    way: BalanceWay::RoundRobin,
                    weights: Weights::default(),
                    ..balance
                };
            }
            balance.sticky = balance
                .sticky
                .filter(|sticky| sticky.key == BalanceKey::Process);
            if balance.zone != ZoneRule::Any {
                balance.zones = self.zone_map(owner, to, cpu);
            }
            let KeptKind::Pool(pool) = &mut self.spec.kept[id].kind;
            pool.balance = balance;
        }
    }

    fn check_zones(
        &mut self,
        balance: &Balance,
        callers: CallerGroup,
        name: &str,
        target: crate::id::ServiceId,
    ) {
        let Some((span, path)) = &balance.zone_at else {
            return;
        };
        let of_callers = self.spec.zones_of(callers).is_empty();
        let who = if self.spec.services[target].zones.is_empty() {
            name.to_owned()
        } else if of_callers {
            self.spec.group_name(callers).to_owned()
        } else {
            return;
        };
        let message = format!("`{path}` goes by zones, but `{who}` is in none");
        let hint = format!("say where `{who}` is by `zones: [a, b, c]`");
        self.found
            .push(Diagnostic::error("balance", *span, message).hint(hint));
    }

    /// Who is in which zone; nothing if callers or callees are in none.
    fn zone_map(
        &self,
        callers: CallerGroup,
        target: crate::id::ServiceId,
        cpu: &Arc<[u32]>,
    ) -> ZoneMap {
        let (_, processes) = self.spec.processes(callers);
        let homes = self.spec.zones_of(callers);
        let service = &self.spec.services[target];
        if homes.is_empty() || service.zones.is_empty() {
            return ZoneMap::default();
        }
        let mut counts = vec![0; self.spec.zones.len()];
        for process in 0..processes as usize {
            counts[usize::from(homes[process % homes.len()])] += 1;
        }
        let slots = 0..service.instances as usize;
        let of_slot = slots.map(|slot| service.zones[slot % service.zones.len()]);
        ZoneMap {
            callees: of_slot.collect(),
            callers: counts.into(),
            cpu: Arc::clone(cpu),
        }
    }
}
