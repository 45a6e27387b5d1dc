//! How orchestrators start and stop instances, and how those hear of it who call them.

use super::table::{Preset, Row, row};

/// All lifecycles, by name.
pub(in crate::scenario) const LIFECYCLES: &[Preset] = &[Preset {
    name: "kubernetes",
    version: "Kubernetes 1.33, a container of a pod; how long it starts is `startup`",
    rows: KUBERNETES,
}];

/// All memberships, by name.
pub(in crate::scenario) const MEMBERSHIPS: &[Preset] = &[
    Preset {
        name: "kubernetes",
        version: "Kubernetes 1.33, a Service behind kube-proxy",
        rows: SERVICE,
    },
    Preset {
        name: "envoy",
        version: "Envoy 1.40; how long an update takes is the control plane's: `propagation`",
        rows: ENVOY,
    },
    Preset {
        name: "alb",
        version: "AWS Application Load Balancer, which fails open; how long it takes is `propagation`",
        rows: ALB,
    },
];

const KUBERNETES: &[Row] = &[
    row(
        "drain",
        "0s",
        "without a preStop hook SIGTERM comes at once: pkg/kubelet/kuberuntime/kuberuntime_container.go",
    ),
    row(
        "grace",
        "30s",
        "terminationGracePeriodSeconds 30: pkg/apis/core/v1/defaults.go",
    ),
    row(
        "restart.backoff",
        "{ exponential: { initial: 10s, max: 300s } }",
        "10 s, doubled up to 300 s, from the end of the container: doBackOff of pkg/kubelet/kuberuntime/kuberuntime_manager.go",
    ),
    row(
        "restart.first_at_once",
        "true",
        "the first restart has no entry to wait for: client-go util/flowcontrol/backoff.go",
    ),
    row(
        "restart.forget_after",
        "600s",
        "an entry older than twice the greatest wait is forgotten: client-go util/flowcontrol/backoff.go",
    ),
];

const SERVICE: &[Row] = &[
    row(
        "propagation",
        "2s",
        "own choice: endpoints reach kube-proxy within 1 to 2 s; behind an external balancer 10 to 30 s",
    ),
    row(
        "panic_below",
        "0%",
        "there is none: without ready endpoints connections are refused",
    ),
];

const ENVOY: &[Row] = &[row(
    "panic_below",
    "50%",
    "healthy_panic_threshold 50 %: api/envoy/config/cluster/v3/cluster.proto",
)];

const ALB: &[Row] = &[row(
    "panic_below",
    "0.0001%",
    "all targets get requests when none is healthy, and only then: target-group-health-checks",
)];
