//! Zone rules that come and go with the number of instances, or overload a zone.

use super::Lint;
use crate::id::ServiceId;
use crate::model::spec::PipelineSpec;
use crate::policy::{ZoneRule, has_hints};
use std::collections::BTreeSet;

impl Lint<'_> {
    pub(super) fn zones(&mut self) {
        let model = self.model;
        let mut said = BTreeSet::new();
        for pipeline in &model.pipelines {
            let balance = &pipeline.balance;
            if balance.zones.callers.is_empty() || !said.insert((pipeline.target, pipeline.callers))
            {
                continue;
            }
            match balance.zone {
                ZoneRule::Any | ZoneRule::Envoy => {}
                ZoneRule::Hints => self.hints(pipeline),
                ZoneRule::Prefer => self.preference(pipeline),
            }
        }
    }

    fn span_of(&self, service: ServiceId) -> crate::scenario::diagnostic::Span {
        let places = &self.places.services;
        places.get(service.0 as usize).copied().unwrap_or_default()
    }

    /// Hints that are there with so many instances, and not with one more or fewer.
    fn hints(&mut self, pipeline: &PipelineSpec) {
        let service = &self.model.services[pipeline.target];
        let (name, count) = (&service.name, service.instances);
        let zones = self.model.zones.len();
        let mut cpu = pipeline.balance.zones.cpu.to_vec();
        cpu.resize(zones, 1_000);
        let span = self.span_of(pipeline.target);
        let flips = [count.saturating_sub(1), count + 1].map(|it| (it, has_hints(it, &cpu)));
        let hint = "let instances be a multiple of the zones with room for a loss, such as 9 or more in 3 \
                    zones, or use `zone: prefer`";
        if !has_hints(count, &cpu) {
            let message = format!(
                "`{name}` has {count} instances in {zones} zones, too few for hints: `zone: hints` does nothing"
            );
            self.warn("zone-flip", span, message, hint);
        } else if let Some((other, _)) = flips.into_iter().find(|(_, has)| !has) {
            let message = format!(
                "`{name}` has hints with {count} instances in {zones} zones, and none with {other}: then all \
                 callers send to all zones"
            );
            self.warn("zone-flip", span, message, hint);
        }
    }

    /// A zone whose callers bring more than its instances' share.
    fn preference(&mut self, pipeline: &PipelineSpec) {
        let zones = &pipeline.balance.zones;
        let (callers, called) = (&zones.callers, &zones.callees);
        let all: u32 = callers.iter().sum();
        let here = |zone: usize| called.iter().filter(|&&it| usize::from(it) == zone).count();
        let times = (0..callers.len())
            .filter(|&zone| here(zone) > 0)
            .map(|zone| {
                let brings = f64::from(callers[zone]) / f64::from(all);
                (zone, brings / (here(zone) as f64 / called.len() as f64))
            });
        let Some((zone, most)) = times.max_by(|a, b| a.1.total_cmp(&b.1)) else {
            return;
        };
        if most >= OVERLOAD {
            let name = &self.model.services[pipeline.target].name;
            let message = format!(
                "with `zone: prefer` the instances of `{name}` in zone `{}` get {most:.1} times their share",
                self.model.zones[zone]
            );
            let hint = "spread instances as callers are, or use `zone: envoy`, which minds it";
            self.warn(
                "zone-overload",
                self.span_of(pipeline.target),
                message,
                hint,
            );
        }
    }
}

/// How many times its share a zone may get before it is said.
const OVERLOAD: f64 = 1.5;
