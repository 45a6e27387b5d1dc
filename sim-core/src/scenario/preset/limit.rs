//! The concurrency limits of libraries and proxies.

use super::table::{Preset, Row, row};

/// All concurrency limits, by name.
pub(in crate::scenario) const LIMITS: &[Preset] = &[
    Preset {
        name: "aimd",
        version: "Netflix concurrency-limits at 78a74b9, AIMDLimit",
        rows: AIMD,
    },
    Preset {
        name: "vegas",
        version: "Netflix concurrency-limits at 78a74b9, VegasLimit",
        rows: VEGAS,
    },
    Preset {
        name: "gradient2",
        version: "Netflix concurrency-limits at 78a74b9, Gradient2Limit in a WindowedLimit",
        rows: GRADIENT2,
    },
    Preset {
        name: "envoy",
        version: "Envoy 1.40, adaptive_concurrency with its gradient controller; its intervals have no defaults, here those of the documentation",
        rows: ENVOY,
    },
];

const AIMD: &[Row] = &[
    row(
        "algorithm.aimd.backoff_ratio",
        "90%",
        "backoffRatio 0.9: AIMDLimit.java",
    ),
    row(
        "algorithm.aimd.timeout",
        "5s",
        "DEFAULT_TIMEOUT, beyond which a call is a drop: AIMDLimit.java",
    ),
    row("initial", "20", "initialLimit 20: AIMDLimit.java"),
    row("min", "20", "minLimit 20: AIMDLimit.java"),
    row("max", "200", "maxLimit 200: AIMDLimit.java"),
];

const VEGAS: &[Row] = &[
    row(
        "algorithm.vegas.smoothing",
        "100%",
        "smoothing 1.0: VegasLimit.java",
    ),
    row(
        "algorithm.vegas.probe_multiplier",
        "30",
        "probeMultiplier 30: VegasLimit.java",
    ),
    row("initial", "20", "initialLimit 20: VegasLimit.java"),
    row("min", "1", "Math.max(1, …): VegasLimit.java"),
    row("max", "1000", "maxConcurrency 1000: VegasLimit.java"),
];

const GRADIENT2: &[Row] = &[
    row(
        "algorithm.gradient2.queue",
        "4",
        "queueSize 4: Gradient2Limit.java",
    ),
    row(
        "algorithm.gradient2.tolerance",
        "1.5",
        "rttTolerance 1.5: Gradient2Limit.java",
    ),
    row(
        "algorithm.gradient2.smoothing",
        "20%",
        "smoothing 0.2: Gradient2Limit.java",
    ),
    row(
        "algorithm.gradient2.long_window",
        "600",
        "longWindow 600: Gradient2Limit.java",
    ),
    row("initial", "20", "initialLimit 20: Gradient2Limit.java"),
    row("min", "20", "minLimit 20: Gradient2Limit.java"),
    row("max", "200", "maxConcurrency 200: Gradient2Limit.java"),
    row(
        "window.length",
        "1s",
        "minWindowTime and maxWindowTime 1 s: WindowedLimit.java",
    ),
    row(
        "window.min_samples",
        "10",
        "windowSize 10: WindowedLimit.java",
    ),
    row(
        "window.min_latency",
        "100us",
        "minRttThreshold 100 µs: WindowedLimit.java",
    ),
];

const ENVOY: &[Row] = &[
    row(
        "algorithm.gradient.update_every",
        "100ms",
        "concurrency_update_interval, required; 0.1 s in the example of the documentation",
    ),
    row(
        "algorithm.gradient.percentile",
        "50%",
        "sample_aggregate_percentile 50: gradient_controller.cc",
    ),
    row(
        "algorithm.gradient.measure_every",
        "60s",
        "min_rtt_calc_params.interval; 60 s in the example of the documentation",
    ),
    row(
        "algorithm.gradient.jitter",
        "15%",
        "jitter 15: gradient_controller.cc",
    ),
    row(
        "algorithm.gradient.measure_samples",
        "50",
        "request_count 50: gradient_controller.cc",
    ),
    row(
        "algorithm.gradient.buffer",
        "0.25",
        "buffer 25: gradient_controller.cc",
    ),
    row(
        "initial",
        "3",
        "begins with min_concurrency: gradient_controller.cc",
    ),
    row("min", "3", "min_concurrency 3: gradient_controller.cc"),
    row(
        "max",
        "1000",
        "max_concurrency_limit 1000: gradient_controller.cc",
    ),
    row(
        "drops",
        "[error, rejected]",
        "every answer is a sample, one that does not come is none: adaptive_concurrency_filter.cc",
    ),
];
