//! The health checks of orchestrators and balancers.

use super::table::{Preset, Row, following, row};
use crate::scenario::tree::{Kind, Node};

/// All health checks, by name.
pub(in crate::scenario) const HEALTH: &[Preset] = &[
    Preset {
        name: "kubernetes",
        version: "Kubernetes 1.33, readiness probe; what it asks (httpGet: a thread) is `check`; left out: the run at once after a start",
        rows: KUBERNETES,
    },
    Preset {
        name: "kubernetes-live",
        version: "Kubernetes 1.33, liveness probe",
        rows: KUBERNETES_LIVE,
    },
    Preset {
        name: "kubernetes-started",
        version: "Kubernetes 1.33, startup probe; which others it holds up is `gates`",
        rows: KUBERNETES_STARTED,
    },
    Preset {
        name: "haproxy",
        version: "HAProxy 3.1, checks of a server; left out: spread-checks, agent-check",
        rows: HAPROXY,
    },
    Preset {
        name: "nginx-plus",
        version: "nginx Plus R33, health_check; with `mandatory`: `first: out`; left out: jitter",
        rows: NGINX_PLUS,
    },
    Preset {
        name: "envoy",
        version: "Envoy 1.40, active checks over HTTP; interval, timeout and thresholds have no default there; left out: no_traffic_interval (60 s until the cluster has had traffic), jitter, and two edge intervals instead of one",
        rows: ENVOY,
    },
    Preset {
        name: "alb",
        version: "AWS Application Load Balancer, health checks of a target group; that it fails open is `membership.panic_below` of the service",
        rows: ALB,
    },
];

const KUBERNETES: &[Row] = &[
    row(
        "schedule",
        "ticks",
        "a ticker of periodSeconds, which keeps one missed tick: pkg/kubelet/prober/worker.go",
    ),
    row(
        "every",
        "10s",
        "periodSeconds 10: pkg/apis/core/v1/defaults.go",
    ),
    row(
        "timeout",
        "1s",
        "timeoutSeconds 1: pkg/apis/core/v1/defaults.go",
    ),
    row(
        "fails",
        "3",
        "failureThreshold 3, equal results in a row: pkg/kubelet/prober/worker.go",
    ),
    row(
        "passes",
        "1",
        "successThreshold 1: pkg/apis/core/v1/defaults.go",
    ),
    row(
        "first",
        "out",
        "initial result of readiness is failure: pkg/kubelet/prober/worker.go",
    ),
    row(
        "delay",
        "0s",
        "initialDelaySeconds 0: pkg/apis/core/v1/defaults.go",
    ),
    row(
        "on_fail",
        "leave",
        "the pod leaves the endpoints: pkg/kubelet/prober/worker.go",
    ),
    row(
        "scope",
        "shared",
        "the kubelet of the node asks, for all: pkg/kubelet/prober/prober_manager.go",
    ),
];

const KUBERNETES_LIVE: &[Row] = &[
    row(
        "schedule",
        "ticks",
        "as readiness: pkg/kubelet/prober/worker.go",
    ),
    row(
        "every",
        "10s",
        "periodSeconds 10: pkg/apis/core/v1/defaults.go",
    ),
    row(
        "timeout",
        "1s",
        "timeoutSeconds 1: pkg/apis/core/v1/defaults.go",
    ),
    row(
        "fails",
        "3",
        "failureThreshold 3: pkg/apis/core/v1/defaults.go",
    ),
    row(
        "passes",
        "1",
        "successThreshold 1, no other is allowed: pkg/apis/core/validation/validation.go",
    ),
    row(
        "first",
        "in",
        "initial result of liveness is success: pkg/kubelet/prober/worker.go",
    ),
    row(
        "delay",
        "0s",
        "initialDelaySeconds 0: pkg/apis/core/v1/defaults.go",
    ),
    row(
        "on_fail",
        "restart",
        "the container is killed and started again: pkg/kubelet/kuberuntime",
    ),
    row(
        "scope",
        "shared",
        "the kubelet of the node asks: pkg/kubelet/prober/prober_manager.go",
    ),
];

const KUBERNETES_STARTED: &[Row] = &[
    row(
        "schedule",
        "ticks",
        "as readiness: pkg/kubelet/prober/worker.go",
    ),
    row(
        "every",
        "10s",
        "periodSeconds 10: pkg/apis/core/v1/defaults.go",
    ),
    row(
        "timeout",
        "1s",
        "timeoutSeconds 1: pkg/apis/core/v1/defaults.go",
    ),
    row(
        "fails",
        "3",
        "failureThreshold 3: pkg/apis/core/v1/defaults.go",
    ),
    row(
        "passes",
        "1",
        "successThreshold 1, no other is allowed: pkg/apis/core/validation/validation.go",
    ),
    row(
        "first",
        "out",
        "initial result of startup is unknown, which holds up the others: pkg/kubelet/prober/worker.go",
    ),
    row(
        "delay",
        "0s",
        "initialDelaySeconds 0: pkg/apis/core/v1/defaults.go",
    ),
    row(
        "on_fail",
        "restart",
        "the container is killed and started again: pkg/kubelet/kuberuntime",
    ),
    row(
        "scope",
        "shared",
        "the kubelet of the node asks: pkg/kubelet/prober/prober_manager.go",
    ),
];

const HAPROXY: &[Row] = &[
    row(
        "schedule",
        "after_end",
        "the task of a check is queued anew when it has ended: src/check.c, process_chk_conn",
    ),
    row("every", "2s", "inter 2000 ms: doc/configuration.txt"),
    following(
        row(
            "timeout",
            "2s",
            "inter, unless `timeout check` is set: doc/configuration.txt",
        ),
        same_as_every,
    ),
    row("fails", "3", "fall 3: doc/configuration.txt"),
    row(
        "passes",
        "2",
        "rise 2; a success while up restores fully: src/check.c, check_notify_success",
    ),
    row(
        "first",
        "in_decides",
        "init-state up: the first failure puts it down: doc/configuration.txt",
    ),
    row("on_fail", "leave", "the server is down: src/check.c"),
    row("scope", "caller", "each HAProxy asks for itself"),
];

const NGINX_PLUS: &[Row] = &[
    row(
        "schedule",
        "after_end",
        "not said in the documentation; a check ends before the next is timed",
    ),
    row("every", "5s", "interval 5 s: ngx_http_upstream_hc_module"),
    row(
        "timeout",
        "60s",
        "proxy_connect_timeout and proxy_read_timeout of the location, 60 s: ngx_http_proxy_module",
    ),
    row("fails", "1", "fails 1: ngx_http_upstream_hc_module"),
    row("passes", "1", "passes 1: ngx_http_upstream_hc_module"),
    row(
        "first",
        "in",
        "unless mandatory, which begins as `checking`: ngx_http_upstream_hc_module",
    ),
    row(
        "on_fail",
        "leave",
        "requests are not passed to it: ngx_http_upstream_hc_module",
    ),
    row(
        "scope",
        "caller",
        "each nginx asks for itself, all its workers as one",
    ),
];

const ENVOY: &[Row] = &[
    row(
        "schedule",
        "after_end",
        "the interval timer is armed when the result is in: source/extensions/health_checkers/common/health_checker_base_impl.cc",
    ),
    row(
        "first",
        "decides",
        "hosts join as failed, and first_check_ decides alone: health_checker_base_impl.cc",
    ),
    row(
        "at_once_on",
        "[error.internal, error.unavailable, error.invalid, error.dependency, rejected]",
        "a status outside expected_statuses is no network failure, for which the threshold is: health_checker_base_impl.cc",
    ),
    row(
        "on_fail",
        "leave",
        "FAILED_ACTIVE_HC: health_checker_base_impl.cc",
    ),
    row("scope", "caller", "each Envoy asks for itself"),
];

const ALB: &[Row] = &[
    row(
        "schedule",
        "ticks",
        "the time of an answer does not affect the interval: target-group-health-checks",
    ),
    row(
        "every",
        "30s",
        "HealthCheckIntervalSeconds 30: target-group-health-checks",
    ),
    row(
        "timeout",
        "5s",
        "HealthCheckTimeoutSeconds 5: target-group-health-checks",
    ),
    row(
        "fails",
        "2",
        "UnhealthyThresholdCount 2: target-group-health-checks",
    ),
    row(
        "passes",
        "5",
        "HealthyThresholdCount 5: target-group-health-checks",
    ),
    row(
        "first",
        "one_passes",
        "a new target must pass one check: target-group-health-checks",
    ),
    row(
        "on_fail",
        "leave",
        "the target is out of service: target-group-health-checks",
    ),
    row(
        "scope",
        "shared",
        "the balancer asks, for all who come through it",
    ),
];

/// `HAProxy` gives an answer as much time as lies between two checks.
fn same_as_every(check: &Node) -> Option<String> {
    match &check.get("every")?.kind {
        Kind::Scalar { text, .. } => Some(text.clone()),
        Kind::List(_) | Kind::Map(_) => None,
    }
}
