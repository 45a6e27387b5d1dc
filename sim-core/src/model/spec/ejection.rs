//! Ejection: what the callers of a service conclude from what comes back.

use super::{CallerGroup, ModelSpec};
use crate::id::ServiceId;
use crate::policy::eject::{EjectionConfig, EjectionRule};
use crate::time::SimDuration;

/// The ejection of a service's instances (rule 55).
#[derive(Clone, Debug, PartialEq)]
pub struct EjectionSpec {
    /// Who is left out, for how long, and how many at once.
    pub config: EjectionConfig,
    /// Whether all callers judge as one; else each process by itself, for itself.
    pub shared: bool,
    /// When sweeps come.
    pub phase: SweepPhase,
}

/// When the sweeps of an owner come: at this instant and every `sweep` from there (rule 60).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SweepPhase {
    /// Each owner has its own, uniform below `sweep`.
    Random,
    /// The same for all.
    At(SimDuration),
}

impl EjectionSpec {
    /// The time between two sweeps; none if there are none.
    pub const fn sweep(&self) -> Option<SimDuration> {
        match &self.config.rule {
            EjectionRule::Outliers(rules) => rules.sweep,
            EjectionRule::Quiet(_) => None,
        }
    }
}

impl ModelSpec {
    /// Who calls a service, each group once, in the order of their policies.
    pub fn callers_of(&self, service: ServiceId) -> Vec<CallerGroup> {
        let mut groups = Vec::new();
        for pipeline in self.pipelines.iter().filter(|it| it.target == service) {
            if !groups.contains(&pipeline.callers) {
                groups.push(pipeline.callers);
            }
        }
        groups
    }

    /// How many judge the instances of a service by what comes back \[count\].
    pub fn judges_of(&self, service: ServiceId) -> u64 {
        match &self.services[service].ejection {
            None => 0,
            Some(ejection) if ejection.shared => 1,
            Some(_) => {
                let groups = self.callers_of(service).into_iter();
                groups.map(|group| u64::from(self.processes(group).1)).sum()
            }
        }
    }
}
