//! The outlier ejection of proxies and libraries.

use super::table::{Preset, Row, row};

/// All ejections, by name.
pub(in crate::scenario) const EJECTIONS: &[Preset] = &[
    Preset {
        name: "envoy",
        version: "Envoy 1.40, outlier_detection of a cluster; left out: the detectors that it does not enforce (gateway errors, 5 in a row, and a share of failures of 85% among 5 hosts with 50 requests); always_eject_one_host, off, is `at_least_one`, split_external_local_origin_errors, off, a second counter and `ignores`; its panic threshold is `membership.panic_below: 50%` of the service",
        rows: ENVOY,
    },
    Preset {
        name: "istio",
        version: "Istio 1.27, outlierDetection of a DestinationRule; minHealthPercent 0: no panic; rates of success are never judged (applyOutlierDetection sets EnforcingSuccessRate 0); left out: consecutiveGatewayErrors, off",
        rows: ISTIO,
    },
    Preset {
        name: "grpc",
        version: "gRPC A50, outlier_detection_experimental with both algorithms; every status but OK is no success; enforcement_percentage, 100, is `enforce`",
        rows: GRPC,
    },
    Preset {
        name: "nginx",
        version: "nginx 1.29, max_fails and fail_timeout of a server; what fails is `on`, by default more than the errors and timeouts of proxy_next_upstream; the effective weight counts where `balance` is `smooth`, not among equals of least_conn",
        rows: NGINX,
    },
    Preset {
        name: "haproxy",
        version: "HAProxy 3.1, observe layer7 with on-error fail-check, which tells a health check of the caller's: `health: { up: { like: haproxy } }`",
        rows: HAPROXY,
    },
    Preset {
        name: "linkerd",
        version: "Linkerd 2.17, failure accrual by consecutive failures; left out: the 3 s for which calls wait when all endpoints are shut, before they fail",
        rows: LINKERD,
    },
];

const ENVOY: &[Row] = &[
    row(
        "consecutive.failures",
        "5",
        "consecutive_5xx 5: source/common/upstream/outlier_detection_impl.h",
    ),
    row(
        "consecutive.on",
        "[error.internal, error.unavailable, error.dependency, error.refused, error.reset, timeout, rejected.queue_full, rejected.queue_timeout, rejected.shed]",
        "5xx, with connection failures as 503 and timeouts as 504; 429 is none: outlier_detection_impl.cc",
    ),
    row(
        "success_rate.below_sd",
        "1.9",
        "success_rate_stdev_factor 1900: source/common/upstream/outlier_detection_impl.h",
    ),
    row(
        "success_rate.min_instances",
        "5",
        "success_rate_minimum_hosts 5: source/common/upstream/outlier_detection_impl.h",
    ),
    row(
        "success_rate.min_calls",
        "100",
        "success_rate_request_volume 100: source/common/upstream/outlier_detection_impl.h",
    ),
    row(
        "success_rate.on",
        "[error.internal, error.unavailable, error.dependency, error.refused, error.reset, timeout, rejected.queue_full, rejected.queue_timeout, rejected.shed]",
        "what is no 5xx is a success: outlier_detection_impl.cc",
    ),
    row(
        "sweep",
        "10s",
        "interval 10 s: source/common/upstream/outlier_detection_impl.h",
    ),
    row(
        "eject.for",
        "30s",
        "base_ejection_time 30 s: source/common/upstream/outlier_detection_impl.h",
    ),
    row(
        "eject.growth",
        "linear",
        "base_ejection_time times the number of ejections: checkHostForUneject",
    ),
    row(
        "eject.max",
        "300s",
        "max_ejection_time 300 s: source/common/upstream/outlier_detection_impl.h",
    ),
    row(
        "eject.jitter",
        "0s",
        "max_ejection_time_jitter 0 s: source/common/upstream/outlier_detection_impl.h",
    ),
    row(
        "eject.returns",
        "at_sweep",
        "onIntervalTimer, or a successful active check: outlier_detection_impl.cc",
    ),
    row(
        "max_ejected",
        "10%",
        "max_ejection_percent 10: source/common/upstream/outlier_detection_impl.h",
    ),
    row(
        "rounding",
        "not_beyond",
        "100 (ejected + 1) / hosts <= max_ejection_percent: ejectHost",
    ),
    row("scope", "caller", "each Envoy has its own detector"),
];

const ISTIO: &[Row] = &[
    row(
        "consecutive.failures",
        "5",
        "consecutive5xxErrors 5: networking/v1alpha3/destination_rule.proto",
    ),
    row(
        "consecutive.on",
        "[error.internal, error.unavailable, error.dependency, error.refused, error.reset, timeout, rejected.queue_full, rejected.queue_timeout, rejected.shed]",
        "5xx and what Envoy takes for it, as envoy",
    ),
    row(
        "sweep",
        "10s",
        "interval 10 s: networking/v1alpha3/destination_rule.proto",
    ),
    row(
        "eject.for",
        "30s",
        "baseEjectionTime 30 s: networking/v1alpha3/destination_rule.proto",
    ),
    row("eject.growth", "linear", "as envoy"),
    row("eject.max", "300s", "not set, so Envoy's: as envoy"),
    row("eject.jitter", "0s", "not set, so Envoy's: as envoy"),
    row("eject.returns", "at_sweep", "as envoy"),
    row(
        "max_ejected",
        "10%",
        "maxEjectionPercent 10: networking/v1alpha3/destination_rule.proto",
    ),
    row("rounding", "not_beyond", "as envoy"),
    row("scope", "caller", "each sidecar has its own detector"),
];

const GRPC: &[Row] = &[
    row(
        "success_rate.below_sd",
        "1.9",
        "stdev_factor 1900: proposal A50",
    ),
    row(
        "success_rate.min_instances",
        "5",
        "minimum_hosts 5: proposal A50",
    ),
    row(
        "success_rate.min_calls",
        "100",
        "request_volume 100: proposal A50",
    ),
    row(
        "success_rate.on",
        "[failed, negative]",
        "every status but OK: grpc-go, outlierdetection/balancer.go",
    ),
    row(
        "failure_share.above",
        "85%",
        "threshold 85, strictly: proposal A50",
    ),
    row(
        "failure_share.min_instances",
        "5",
        "minimum_hosts 5: proposal A50",
    ),
    row(
        "failure_share.min_calls",
        "50",
        "request_volume 50: proposal A50",
    ),
    row(
        "failure_share.on",
        "[failed, negative]",
        "every status but OK: grpc-go, outlierdetection/balancer.go",
    ),
    row("sweep", "10s", "interval 10 s: proposal A50"),
    row("eject.for", "30s", "base_ejection_time 30 s: proposal A50"),
    row(
        "eject.growth",
        "linear",
        "base_ejection_time times the multiplier: proposal A50",
    ),
    row("eject.max", "300s", "max_ejection_time 300 s: proposal A50"),
    row(
        "eject.returns",
        "at_sweep",
        "the interval timer: proposal A50",
    ),
    row(
        "max_ejected",
        "10%",
        "max_ejection_percent 10: proposal A50",
    ),
    row(
        "rounding",
        "may_exceed",
        "stops where the share of those ejected is max_ejection_percent already: grpc-go, outlierdetection/balancer.go",
    ),
    row("scope", "caller", "each channel has its own"),
];

const NGINX: &[Row] = &[
    row(
        "quiet_period.failures",
        "1",
        "max_fails 1: src/http/ngx_http_upstream.c",
    ),
    row(
        "quiet_period.for",
        "10s",
        "fail_timeout 10 s: src/http/ngx_http_upstream.c",
    ),
    row(
        "quiet_period.cuts_weight",
        "true",
        "effective_weight -= weight / max_fails: src/http/ngx_http_upstream_round_robin.c",
    ),
    row("scope", "caller", "each worker, or a `zone` of one nginx"),
];

const HAPROXY: &[Row] = &[
    row(
        "consecutive.failures",
        "10",
        "error-limit 10: doc/configuration.txt",
    ),
    row(
        "consecutive.on",
        "[error.internal, error.unavailable, error.dependency, error.refused, error.reset, timeout, rejected.queue_full, rejected.queue_timeout, rejected.shed]",
        "outside of 100 to 499, but for 501 and 505, and connection errors: src/check.c",
    ),
    row(
        "on_errors",
        "fail_check",
        "on-error fail-check, as a failed health check: src/check.c, __health_adjust",
    ),
    row("scope", "caller", "each process"),
];

const LINKERD: &[Row] = &[
    row(
        "consecutive.failures",
        "7",
        "max-failures 7: linkerd2 policy-controller, outbound/index.rs",
    ),
    row(
        "consecutive.on",
        "[error.internal, error.unavailable, error.dependency, error.refused, error.reset, timeout, rejected.queue_full, rejected.queue_timeout, rejected.shed]",
        "5xx and what gets no answer: linkerd/app/outbound/src/http/breaker/consecutive_failures.rs",
    ),
    row(
        "eject.for",
        "1s",
        "min-penalty 1 s: linkerd2 policy-controller, outbound/index.rs",
    ),
    row(
        "eject.growth",
        "exponential",
        "linkerd/exp-backoff/src/lib.rs",
    ),
    row(
        "eject.max",
        "60s",
        "max-penalty 60 s: linkerd2 policy-controller, outbound/index.rs",
    ),
    row(
        "eject.jitter",
        "50%",
        "jitter-ratio 0.5 of the penalty, within its maximum: linkerd/exp-backoff/src/lib.rs",
    ),
    row(
        "eject.returns",
        "one_trial",
        "one permit, and the first response decides: linkerd/app/outbound/src/http/breaker/consecutive_failures.rs",
    ),
    row("max_ejected", "100%", "no limit: all endpoints may be shut"),
    row("scope", "caller", "each proxy"),
];
