//! Ejection: what the callers of a service conclude from what comes back.

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
