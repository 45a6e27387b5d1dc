//! gobreaker, whose counts belong to a generation, and Dapr, which runs it.

use super::follow;
use crate::scenario::preset::table::{EVERY_ERROR, Row, joined, row, sometimes};

pub(super) const GOBREAKER: &[Row] =
    &joined::<{ OF_GOBREAKER.len() + OF_BOTH.len() }>(OF_GOBREAKER, OF_BOTH);

pub(super) const DAPR: &[Row] = &joined::<{ OF_DAPR.len() + OF_BOTH.len() }>(OF_DAPR, OF_BOTH);

const OF_GOBREAKER: &[Row] = &[
    row(
        "consecutive_failures",
        "6",
        "defaultReadyToTrip, ConsecutiveFailures > 5: gobreaker.go",
    ),
    row(
        "window.emptied_every",
        "unlimited",
        "Interval 0: gobreaker.go",
    ),
    sometimes(
        row(
            "window.aligned",
            "construction",
            "of a window of time, BucketPeriod: age counts from the start of the generation: v2/gobreaker.go",
        ),
        follow::on_construction,
    ),
    sometimes(
        row(
            "window.keeps",
            "calls",
            "of a window of time, BucketPeriod: onSuccess and onFailure of the age at which the call began, subtract takes the runs along: v2/counter.go",
        ),
        follow::of_their_calls,
    ),
    row("open_for", "60s", "defaultTimeout 60 s: gobreaker.go"),
    row(
        "half_open_calls",
        "1",
        "MaxRequests 0, which is 1: gobreaker.go",
    ),
];

const OF_DAPR: &[Row] = &[
    row(
        "expression",
        "consecutiveFailures > 5",
        "trip: pkg/resiliency/breaker/circuitbreaker.go",
    ),
    row(
        "window.emptied_every",
        "unlimited",
        "interval 0: pkg/resiliency/breaker/circuitbreaker.go",
    ),
    row(
        "open_for",
        "60s",
        "timeout 60 s: pkg/resiliency/breaker/circuitbreaker.go",
    ),
    row(
        "half_open_calls",
        "1",
        "maxRequests 1: pkg/resiliency/breaker/circuitbreaker.go",
    ),
];

/// What Dapr leaves as gobreaker has it.
const OF_BOTH: &[Row] = &[
    row(
        "counts",
        "started",
        "onRequest counts before the call: gobreaker.go",
    ),
    row(
        "evaluate",
        "failures",
        "onFailure calls readyToTrip: gobreaker.go",
    ),
    row("expiry", "exclusive", "expiry.Before(now): gobreaker.go"),
    row(
        "transition",
        "next_call_or_result",
        "beforeRequest and afterRequest call currentState: gobreaker.go",
    ),
    row(
        "late_results",
        "same_generation",
        "generation != before: gobreaker.go",
    ),
    row(
        "failure_on",
        EVERY_ERROR,
        "defaultIsSuccessful, err == nil: gobreaker.go",
    ),
    row(
        "uncounted",
        "failure",
        "a cancelled context is an error: gobreaker.go",
    ),
    row(
        "ignored_as",
        "success",
        "IsSuccessful; an error that IsExcluded names in gobreaker 2 is `release`: gobreaker.go",
    ),
];
