//! The breakers of libraries: for each, a table of settings and where they are documented.
//!
//! Facts are of the versions named; a setting that is not in a table has the format's default.

mod apply;
mod follow;
mod generations;
mod runs;
mod shares;

pub(super) use apply::apply_breaker;

use super::table::Preset;
use generations::{DAPR, GOBREAKER};
use runs::{CIRCUITBREAKER, FAILSAFE_GO, FINAGLE, LINKERD, PYBREAKER};
use shares::{COCKATIEL, HYSTRIX, OPOSSUM, POLLY, POLLY_STANDARD, RESILIENCE4J};

/// All breakers, by name.
pub(in crate::scenario) const BREAKERS: &[Preset] = &[
    Preset {
        name: "resilience4j",
        version: "resilience4j 2.4.0",
        rows: RESILIENCE4J,
    },
    Preset {
        name: "polly",
        version: "Polly 8 (Polly.Core)",
        rows: POLLY,
    },
    Preset {
        name: "polly-standard",
        version: "Microsoft.Extensions.Http.Resilience, CircuitBreaker of the standard pipeline",
        rows: POLLY_STANDARD,
    },
    Preset {
        name: "hystrix",
        version: "Netflix Hystrix 1.5",
        rows: HYSTRIX,
    },
    Preset {
        name: "gobreaker",
        version: "sony/gobreaker 0.5.0 and 2",
        rows: GOBREAKER,
    },
    Preset {
        name: "dapr",
        version: "Dapr at d845074, which runs gobreaker 0.5.0",
        rows: DAPR,
    },
    Preset {
        name: "opossum",
        version: "opossum 9.0.0",
        rows: OPOSSUM,
    },
    Preset {
        name: "cockatiel",
        version: "cockatiel 3.2.1, SamplingBreaker",
        rows: COCKATIEL,
    },
    Preset {
        name: "pybreaker",
        version: "pybreaker 1.4.1",
        rows: PYBREAKER,
    },
    Preset {
        name: "circuitbreaker",
        version: "circuitbreaker 2.1.3 (Python)",
        rows: CIRCUITBREAKER,
    },
    Preset {
        name: "failsafe-go",
        version: "failsafe-go at 5759a5e",
        rows: FAILSAFE_GO,
    },
    Preset {
        name: "linkerd",
        version: "linkerd2-proxy at 29637b6, consecutive failures",
        rows: LINKERD,
    },
    Preset {
        name: "finagle",
        version: "Finagle at 4feb34c, failure accrual",
        rows: FINAGLE,
    },
];
