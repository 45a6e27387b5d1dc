//! Outlier ejection: who does worse than the others is left out for a while.
//!
//! A team notices that one colleague gives back everything unfinished, and stops handing work to that
//! one: not because anybody said so, but by what came back. After a while the colleague gets another
//! chance; who fails again is left out for longer. And a team that would send everybody home has no
//! team left, so there is a *ceiling*.
//!
//! ```text
//!            so many failures in a row, at the result;
//!            or worse than the others, at a sweep            (nothing happens at the ceiling)
//!   In ────────────────────────────────────────────▶ Out
//!    ▲                                                │
//!    └──── at a sweep, at once when its time is over, ┘
//!          by a passed check, or by one trial
//! ```
//!
//! - [`EjectionConfig`]: the settings (`config.rs`), with the values of libraries and proxies.
//! - [`Ejection`]: the watch of one caller over the instances of a service (`machine.rs`); what it
//!   keeps of each is in `host.rs`, how it sweeps in `sweep.rs`, nginx' own rule in `quiet.rs`.
//! - [`EjectStep`]: what it says: somebody is out, on trial, back, or would be out but for the ceiling.
//!
//! Two facts follow from `mean - 1.9 standard deviations` alone, whatever the instances do: a single one
//! that is worse than four or more equal ones is out, by however little; and where a share of
//! `1 / (1 + 1.9²)` = 21.7 % or more are equally bad, none of them is, at whatever rate of failures.
//!
//! Sources: Envoy's `outlier_detection_impl.cc`, gRPC's A50 and grpc-go's `outlierdetection`, nginx'
//! `ngx_http_upstream_round_robin.c`, linkerd2-proxy's `consecutive_failures.rs`.
//!
//! Rejected: a breaker for each instance (it stops calls that are already on their way to an instance,
//! while an ejected one is not chosen in the first place), and a verdict after each result by rates (no
//! product has it, and a host that had two calls would be judged by them).

mod config;
mod host;
mod machine;
mod quiet;
mod step;
mod sweep;
#[cfg(test)]
mod tests;

pub use config::{
    Consecutive, EjectGrowth, EjectJitter, EjectTime, EjectionConfig, EjectionRule, Enforced,
    FailureShare, MaxEjected, OnErrors, Outliers, QuietPeriod, Returns, Rounding, ShareAt,
    SuccessRate,
};
pub use machine::{EjectAsk, Ejection, Others};
pub use step::{EjectBack, EjectStep, EjectStepKind, EjectWhy};
