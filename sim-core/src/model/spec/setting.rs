//! Settings that change while a run lasts, and what several changes make of them together.

use super::{AbandonedWork, QueueSpec};
use crate::id::{AdmissionId, BudgetId, FaultId, LayerId, ServiceId};
use crate::policy::{BudgetConfig, Layer};
use crate::units::Cores;

/// A setting that changes while the run lasts: the whole new value of one configurable part.
#[derive(Clone, Debug, PartialEq)]
pub enum SettingChange {
    /// A layer of a policy, in every pipeline bound to it. Its kind stays.
    Layers {
        /// Which layers.
        layers: Vec<LayerId>,
        /// What they become.
        kind: Box<Layer>,
    },
    /// A layer through which calls come into a service. Its kind stays.
    Admission(AdmissionId, Box<Layer>),
    /// A budget. Its kind stays.
    Budget(BudgetId, Box<BudgetConfig>),
    /// Threads per instance; `None` is unlimited.
    Threads(ServiceId, Option<u32>),
    /// Cores per instance; `None` is unlimited.
    Cores(ServiceId, Option<Cores>),
    /// The waiting room.
    Queue(ServiceId, QueueSpec),
    /// What becomes of abandoned work.
    AbandonedWork(ServiceId, AbandonedWork),
}

impl SettingChange {
    /// The service whose setting it is, if it is one of a service.
    pub(crate) const fn service(&self) -> Option<ServiceId> {
        match self {
            Self::Threads(service, _)
            | Self::Cores(service, _)
            | Self::Queue(service, _)
            | Self::AbandonedWork(service, _) => Some(*service),
            Self::Layers { .. } | Self::Admission(..) | Self::Budget(..) => None,
        }
    }
}

/// What holds while several changes of the same part stand: of one path, of a path and one above
/// it, or of two paths that lead to the same part (rule 23).
#[derive(Clone, Debug, PartialEq)]
pub struct CombinedChanges {
    /// The faults, in the order in which they began.
    pub faults: Vec<FaultId>,
    /// What is set while they stand.
    pub to: Vec<SettingChange>,
}

impl SettingChange {
    /// The same change, layer by layer.
    pub fn singly(&self) -> Vec<Self> {
        match self {
            Self::Layers { layers, kind } => {
                let one = |&layer: &LayerId| Self::Layers {
                    layers: vec![layer],
                    kind: kind.clone(),
                };
                layers.iter().map(one).collect()
            }
            Self::Admission(..)
            | Self::Budget(..)
            | Self::Threads(..)
            | Self::Cores(..)
            | Self::Queue(..)
            | Self::AbandonedWork(..) => vec![self.clone()],
        }
    }

    /// Whether both set the same part, or some of the same layers.
    pub fn same_part(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Layers { layers: a, .. }, Self::Layers { layers: b, .. }) => {
                a.iter().any(|layer| b.contains(layer))
            }
            (Self::Admission(a, _), Self::Admission(b, _)) => a == b,
            (Self::Budget(a, _), Self::Budget(b, _)) => a == b,
            (Self::Threads(a, _), Self::Threads(b, _))
            | (Self::Cores(a, _), Self::Cores(b, _))
            | (Self::Queue(a, _), Self::Queue(b, _))
            | (Self::AbandonedWork(a, _), Self::AbandonedWork(b, _)) => a == b,
            (
                Self::Layers { .. }
                | Self::Admission(..)
                | Self::Budget(..)
                | Self::Threads(..)
                | Self::Cores(..)
                | Self::Queue(..)
                | Self::AbandonedWork(..),
                _,
            ) => false,
        }
    }
}
