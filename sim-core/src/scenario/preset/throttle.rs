//! The throttles of callers.

use super::table::{Preset, Row, row};

/// All throttles, by name.
pub(in crate::scenario) const THROTTLES: &[Preset] = &[
    Preset {
        name: "sre",
        version: "Site Reliability Engineering (Google 2016), chapter 21, client-side throttling",
        rows: SRE,
    },
    Preset {
        name: "envoy",
        version: "Envoy 1.40, admission_control",
        rows: ENVOY,
    },
];

const SRE: &[Row] = &[
    row(
        "algorithm.sre.k",
        "2",
        "K = 2: chapter 21, Client-Side Throttling",
    ),
    row(
        "window",
        "2m",
        "the last two minutes: chapter 21, Client-Side Throttling",
    ),
    row(
        "failures",
        "[rejected, timeout, error.refused, error.reset, error.unavailable]",
        "accepts are the requests that the backend accepted: chapter 21, Client-Side Throttling",
    ),
];

const ENVOY: &[Row] = &[
    row(
        "algorithm.envoy.success_rate",
        "95%",
        "sr_threshold 95: admission_control.cc",
    ),
    row(
        "algorithm.envoy.aggression",
        "1",
        "aggression 1.0: admission_control.cc",
    ),
    row(
        "algorithm.envoy.max",
        "80%",
        "max_rejection_probability 80: admission_control.cc",
    ),
    row(
        "algorithm.envoy.min_rate",
        "0",
        "rps_threshold 0: admission_control.cc",
    ),
    row("window", "30s", "sampling_window 30 s: config.cc"),
    row(
        "failures",
        "[error.internal, error.unavailable, error.dependency, error.refused, error.reset, timeout, rejected.queue_full, rejected.queue_timeout, rejected.shed]",
        "statuses from 500 on, and no answer at all; 429 is below: success_criteria_evaluator_impl.cc",
    ),
];
