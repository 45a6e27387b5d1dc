//! How proxies and libraries choose an instance.
//!
//! The way of a product (the first row, mostly) is left out where a scenario names another one.

use super::fill::{apply_plainly, named, put};
use super::table::{Preset, Row, row};
use crate::scenario::tree::Node;

/// All of them, by name.
pub(in crate::scenario) const BALANCES: &[Preset] = &[
    Preset {
        name: "envoy",
        version: "Envoy 1.40, ROUND_ROBIN, its default",
        rows: ENVOY,
    },
    Preset {
        name: "envoy-least-request",
        version: "Envoy 1.40, LEAST_REQUEST",
        rows: ENVOY_LEAST,
    },
    Preset {
        name: "envoy-ring-hash",
        version: "Envoy 1.40, RING_HASH",
        rows: ENVOY_RING,
    },
    Preset {
        name: "istio",
        version: "Istio since 1.14, whose default is Envoy's LEAST_REQUEST",
        rows: ENVOY_LEAST,
    },
    Preset {
        name: "nginx",
        version: "nginx 1.22, round robin, its default",
        rows: NGINX,
    },
    Preset {
        name: "nginx-least-conn",
        version: "nginx 1.22, least_conn",
        rows: NGINX_LEAST,
    },
    Preset {
        name: "nginx-hash",
        version: "nginx 1.22, hash KEY consistent",
        rows: NGINX_HASH,
    },
    Preset {
        name: "haproxy",
        version: "HAProxy, balance leastconn",
        rows: HAPROXY,
    },
    Preset {
        name: "grpc",
        version: "gRPC, round_robin",
        rows: GRPC,
    },
    Preset {
        name: "grpc-weighted",
        version: "gRPC, weighted_round_robin (A58) with weights that are given",
        rows: GRPC_WEIGHTED,
    },
    Preset {
        name: "grpc-least-request",
        version: "gRPC, least_request_experimental (A48)",
        rows: GRPC_LEAST,
    },
    Preset {
        name: "linkerd",
        version: "Linkerd 2, the outbound balancer",
        rows: LINKERD,
    },
    Preset {
        name: "finagle",
        version: "Finagle, Balancers.p2c, its default",
        rows: FINAGLE,
    },
    Preset {
        name: "finagle-peak-ewma",
        version: "Finagle, Balancers.p2cPeakEwma",
        rows: FINAGLE_EWMA,
    },
    Preset {
        name: "alb",
        version: "AWS Application Load Balancer, round_robin, its default",
        rows: ALB,
    },
    Preset {
        name: "alb-least-outstanding",
        version: "AWS Application Load Balancer, least_outstanding_requests",
        rows: ALB_LEAST,
    },
];

const ENVOY: &[Row] = &[row(
    "round_robin",
    "{}",
    "in turn, by EDF where weights differ: round_robin_lb.h, edf_scheduler.h",
)];

const ENVOY_LEAST: &[Row] = &[
    row(
        "weighted_least.rule",
        "deadlines",
        "EDF by weight/(active+1)^bias where weights differ: least_request_lb.cc",
    ),
    row(
        "weighted_least.bias",
        "1",
        "active_request_bias 1.0: least_request.proto",
    ),
    row(
        "weighted_least.choices",
        "2",
        "choice_count 2, drawn with replacement: least_request_lb.cc",
    ),
];

const ENVOY_RING: &[Row] = &[
    row(
        "ring.points",
        "342",
        "minimum_ring_size 1024 in all: for three hosts 342 each: ring_hash_lb.cc",
    ),
    row(
        "ring.key",
        "tenant",
        "own choice: hash_policy names a header, cookie or address",
    ),
];

const NGINX: &[Row] = &[row(
    "smooth",
    "{}",
    "ngx_http_upstream_get_peer: ngx_http_upstream_round_robin.c",
)];

const NGINX_LEAST: &[Row] = &[row(
    "weighted_least.rule",
    "per_weight",
    "conns * weight compared, ties by round robin: ngx_http_upstream_least_conn_module.c",
)];

const NGINX_HASH: &[Row] = &[
    row(
        "ring.points",
        "160",
        "npoints = weight * 160: ngx_http_upstream_hash_module.c",
    ),
    row(
        "ring.key",
        "tenant",
        "own choice: the directive names the key",
    ),
];

const HAPROXY: &[Row] = &[row(
    "weighted_least.rule",
    "with_next",
    "(in flight + queued + 1) / weight, 0 when idle: fwlc_get_key, lb_fwlc.c",
)];

const GRPC: &[Row] = &[row(
    "round_robin",
    "{}",
    "in turn, starting anywhere: gRPC's round_robin",
)];

const GRPC_WEIGHTED: &[Row] = &[row(
    "stride",
    "{}",
    "static stride scheduler: weightedroundrobin/scheduler.go",
)];

const GRPC_LEAST: &[Row] = &[
    row(
        "power_of_choices.choices",
        "2",
        "choiceCount 2: A48-xds-least-request-lb-policy.md",
    ),
    row(
        "power_of_choices.replace",
        "true",
        "the same one may be drawn twice: leastrequest.go",
    ),
];

const LINKERD: &[Row] = &[
    row(
        "peak_ewma.decay",
        "10s",
        "EwmaConfig decay 10 s: linkerd2-proxy, app/outbound",
    ),
    row(
        "peak_ewma.initial",
        "30ms",
        "EwmaConfig default_rtt 30 ms: linkerd2-proxy, app/outbound",
    ),
    row(
        "peak_ewma.choices",
        "2",
        "two distinct ones: tower, balance/p2c/service.rs",
    ),
];

const FINAGLE: &[Row] = &[
    row(
        "power_of_choices.choices",
        "2",
        "two distinct ones: P2CPick.scala",
    ),
    row(
        "power_of_choices.replace",
        "false",
        "`if (b >= a) b = b + 1`: P2CPick.scala",
    ),
];

const FINAGLE_EWMA: &[Row] = &[
    row("peak_ewma.decay", "10s", "decayTime 10 s: PeakEwma.scala"),
    row(
        "peak_ewma.initial",
        "none",
        "cost 0, with something pending the penalty: PeakEwma.scala",
    ),
    row("peak_ewma.choices", "2", "two distinct ones: P2CPick.scala"),
];

const ALB: &[Row] = &[row(
    "round_robin",
    "{}",
    "load_balancing.algorithm.type round_robin: AWS's guide of target groups",
)];

const ALB_LEAST: &[Row] = &[row(
    "least_requests",
    "{}",
    "load_balancing.algorithm.type least_outstanding_requests: the same",
)];

/// The keys that are ways to choose.
const WAYS: [&str; 9] = [
    "round_robin",
    "random",
    "least_requests",
    "power_of_choices",
    "smooth",
    "stride",
    "weighted_least",
    "peak_ewma",
    "ring",
];

/// Every key by itself; the way of a table only where a scenario names no other one.
pub(super) fn apply_balance(layer: &mut Node, presets: &'static [Preset]) {
    let own = WAYS.into_iter().find(|way| layer.get(way).is_some());
    let (Some(own), Some((preset, _))) = (own, named(layer, presets)) else {
        return apply_plainly(layer, presets);
    };
    let fits = |row: &&Row| {
        let way = row.key.split('.').next().unwrap_or(row.key);
        way == own || !WAYS.contains(&way)
    };
    for row in preset.rows.iter().filter(fits) {
        put(layer, row);
    }
}
