//! What a run is made of: checked, immutable, valid by construction.
//!
//! The scenario room compiles a file into a [`ModelSpec`]; nothing after that reports a
//! configuration error. Everything is numbered through: a service's instances, its operations, the
//! places that make calls ([`SiteSpec`]), the layers of a policy as bound to one group of callers
//! and one called service ([`PipelineSpec`]).

mod call;
mod client;
mod deed;
mod ejection;
mod fault;
mod health;
mod kept;
mod life;
mod measure;
mod model;
mod operation;
mod queue;
mod saga;
mod service;
mod setting;
mod shape;
mod topology;

pub use call::{
    BudgetScope, BudgetSpec, Caller, CallerGroup, EdgeSpec, FallbackCallSpec, LayerSpec,
    NetworkSpec, PipelineSpec, RouteSpec, Scope, SiteSpec,
};
pub use client::{ClientCall, ClientSpec, TrafficSpec, UsersSpec};
pub use deed::{DeedKind, EffectSpec, InvariantSpec};
pub use ejection::{EjectionSpec, SweepPhase};
pub use fault::{
    CallersSee, ClientFault, CrashFault, EdgeFault, EdgeTarget, ErrorsFail, ErrorsFault, FaultKind,
    FaultSpec, KeptFault, LifeFault, RandomTimes, RollFault, ServiceTarget, WorkFault,
};
pub use health::{Asks, CheckSpec, OnFail, WatcherSpec};
pub use kept::{KeptKind, KeptSpec, PoolSpec};
pub use life::{LifecycleSpec, MembershipSpec, RefreshSpec, RestartSpec};
pub use measure::{LabelFilter, LabelSpec, Subject, WindowSpec};
pub use model::ModelSpec;
pub use operation::{
    Branches, FailRule, InProgress, KeySpec, OperationSpec, StepSpec, Times, Watch, WorkTime,
};
pub use queue::{ConsumerSpec, MessageQueueSpec, OnHandlerError};
pub use saga::{SagaSpec, SagaStepSpec};
pub use service::{
    AbandonedWork, AdmissionSpec, ContentionLaw, ContentionSpec, Execution, Groups, Per, QueueSpec,
    RetryAfterSpec, ServiceSpec, WhenFull,
};
pub use setting::{CombinedChanges, SettingChange};
pub use shape::{Often, StepShape};
pub use topology::Topology;
