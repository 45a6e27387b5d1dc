//! The bulkheads of libraries and proxies.

use super::table::{Preset, Row, row};

/// All bulkheads, by name.
pub(in crate::scenario) const BULKHEADS: &[Preset] = &[
    Preset {
        name: "resilience4j",
        version: "resilience4j 2.4.0, SemaphoreBulkhead",
        rows: RESILIENCE4J,
    },
    Preset {
        name: "polly",
        version: "Polly 8 (Polly.RateLimiting), concurrency limiter",
        rows: POLLY,
    },
    Preset {
        name: "envoy",
        version: "Envoy 1.40, circuit_breakers of a cluster over HTTP/1: max_connections, before which max_pending_requests wait; limits of one Envoy",
        rows: ENVOY,
    },
    Preset {
        name: "envoy-requests",
        version: "Envoy 1.40, circuit_breakers of a cluster over HTTP/2: max_requests, which none waits for; limits of one Envoy",
        rows: ENVOY_REQUESTS,
    },
];

const RESILIENCE4J: &[Row] = &[
    row(
        "max_concurrent",
        "25",
        "maxConcurrentCalls 25: BulkheadConfig.java",
    ),
    row(
        "max_waiting",
        "0",
        "maxWaitDuration 0, who finds it full is rejected: BulkheadConfig.java",
    ),
];

const POLLY: &[Row] = &[
    row(
        "max_concurrent",
        "1000",
        "PermitLimit 1000: RateLimiterConstants.cs",
    ),
    row("max_waiting", "0", "QueueLimit 0: RateLimiterConstants.cs"),
];

const ENVOY: &[Row] = &[
    row(
        "max_concurrent",
        "1024",
        "max_connections 1024: config/cluster/v3/circuit_breaker.proto",
    ),
    row(
        "max_waiting",
        "1024",
        "max_pending_requests 1024, those that wait for a connection: config/cluster/v3/circuit_breaker.proto",
    ),
];

const ENVOY_REQUESTS: &[Row] = &[
    row(
        "max_concurrent",
        "1024",
        "max_requests 1024: config/cluster/v3/circuit_breaker.proto",
    ),
    row(
        "max_waiting",
        "0",
        "an overflow is answered with 503 at once: source/common/conn_pool/conn_pool_base.cc",
    ),
];
