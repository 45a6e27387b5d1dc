//! Reports for the tests of the views: a retry storm of any length, and awkward relatives of it.
//!
//! The figures are invented, but hang together as those of a real run would: payments slows for a
//! tenth of the run, calls time out and are tried again, the waiting room fills, breakers flap, and
//! goodput comes back some time after the fault is over.

use serde_json::Value;
use sim_core::report::*;

const SECOND_NS: u64 = 1_000_000_000;

/// What to invent.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    /// Width of a bucket [ns].
    pub(super) bucket_ns: u64,
    /// Buckets [count].
    pub(super) points: u32,
    /// Offered load [calls per second].
    pub(super) rate: u64,
    /// Breakers that change their state [count].
    pub(super) owners: u32,
}

/// 300 s of a retry storm.
pub(super) fn retry_storm() -> Report {
    build(Plan {
        bucket_ns: SECOND_NS,
        points: 300,
        rate: 900,
        owners: 6,
    })
}

/// Two seconds.
pub(super) fn short() -> Report {
    build(Plan {
        bucket_ns: 5_000_000,
        points: 400,
        rate: 5000,
        owners: 2,
    })
}

/// A day, with more breakers than rows.
pub(super) fn day() -> Report {
    build(Plan {
        bucket_ns: 500 * SECOND_NS,
        points: 173,
        rate: 12_000,
        owners: 64,
    })
}

/// One bucket is the whole run.
pub(super) fn single_bucket() -> Report {
    build(Plan {
        bucket_ns: 10 * SECOND_NS,
        points: 1,
        rate: 50,
        owners: 0,
    })
}

/// Nobody calls.
pub(super) fn silence() -> Report {
    let mut report = build(Plan {
        bucket_ns: SECOND_NS,
        points: 300,
        rate: 0,
        owners: 0,
    });
    for edge in &mut report.series.edges {
        edge.amplification.fill(None);
    }
    for latency in report
        .series
        .clients
        .iter_mut()
        .flat_map(|client| [&mut client.useful_latency, &mut client.failed_latency])
    {
        latency.p50_ns.fill(None);
        latency.p99_ns.fill(None);
    }
    report.expectations.clear();
    report.findings.clear();
    report.verdict = Verdict::Pass;
    report
}

/// No run at all: every list is empty.
pub(super) fn nothing() -> Report {
    let mut report = silence();
    report.timeline.clear();
    report.clients.clear();
    report.edges.clear();
    report.services.clear();
    report.layers.clear();
    report.breakers.clear();
    report.faults.clear();
    report.recovery.clear();
    report.conservation.clear();
    report.series = SeriesReport {
        bucket_ns: 1,
        end_ns: 0,
        points: 0,
        clients: vec![],
        edges: vec![],
        services: vec![],
    };
    report
}

/// The report with every free text replaced.
pub(super) fn with_texts(report: &Report, text: &dyn Fn(&str) -> String) -> Report {
    let mut json = serde_json::to_value(report).unwrap();
    replace(&mut json, "", text);
    serde_json::from_value(json).unwrap()
}

fn replace(value: &mut Value, key: &str, text: &dyn Fn(&str) -> String) {
    const WORDS: [&str; 7] = [
        "verdict", "unit", "status", "kind", "severity", "state", "seed",
    ];
    match value {
        Value::String(old) if !WORDS.contains(&key) => *old = text(old),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, key, text)),
        Value::Object(fields) => {
            fields
                .iter_mut()
                .for_each(|(key, field)| replace(field, key, text));
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Where in the storm a bucket lies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Calm,
    Fault,
    Storm,
}

impl Plan {
    fn end_ns(self) -> u64 {
        self.bucket_ns * u64::from(self.points)
    }

    fn at(self, per_mille: u64) -> u64 {
        self.end_ns() / 1000 * per_mille
    }

    fn phase(self, bucket: u32) -> Phase {
        match u64::from(bucket) * 1000 / u64::from(self.points) {
            200..300 => Phase::Fault,
            300..470 => Phase::Storm,
            _ => Phase::Calm,
        }
    }

    /// `percent` of the offered load per phase, with some noise [per bucket].
    fn counts(self, calm: u64, fault: u64, storm: u64) -> Vec<u64> {
        let per_bucket = u128::from(self.rate) * u128::from(self.bucket_ns);
        let count = |bucket: u32| {
            let percent = match self.phase(bucket) {
                Phase::Calm => calm,
                Phase::Fault => fault,
                Phase::Storm => storm,
            };
            let noise = 970 + u128::from(noise(bucket) % 60);
            (per_bucket * u128::from(percent) * noise / 100_000_000_000_000) as u64
        };
        (0..self.points).map(count).collect()
    }

    fn gauges(self, calm: f64, fault: f64, storm: f64) -> Vec<Finite> {
        let scale = if self.rate == 0 { 0.0 } else { 1.0 };
        let value = |bucket| {
            let level = match self.phase(bucket) {
                Phase::Calm => calm,
                Phase::Fault => fault,
                Phase::Storm => storm,
            };
            Finite::new(scale * level * (0.95 + (noise(bucket) % 50) as f64 / 1000.0)).unwrap()
        };
        (0..self.points).map(value).collect()
    }

    fn spans_ns(self, calm: u64, fault: u64, storm: u64) -> Vec<Option<u64>> {
        let gauges = self.gauges(calm as f64, fault as f64, storm as f64);
        gauges
            .iter()
            .map(|value| (value.get() > 0.0).then_some(value.get() as u64))
            .collect()
    }
}

fn noise(bucket: u32) -> u32 {
    bucket.wrapping_mul(2_654_435_761).rotate_left(13) % 997
}

fn finite(value: f64) -> Finite {
    Finite::new(value).unwrap()
}

fn count(name: &str, total: u64) -> CountReport {
    CountReport {
        name: name.to_owned(),
        total,
    }
}

/// Invents a report.
pub(super) fn build(plan: Plan) -> Report {
    Report {
        schema_version: SCHEMA_VERSION,
        engine_semantics: 1,
        scenario: scenario(plan),
        status: Status::Finished,
        verdict: Verdict::Fail,
        expectations: expectations(),
        timeline: timeline(plan),
        clients: vec![ClientReport {
            name: "shoppers".to_owned(),
            processes: 200,
            calls: calls(plan),
        }],
        edges: vec![
            edge(plan, "shoppers", "storefront.checkout", true),
            edge(plan, "storefront.checkout", "payments.charge", false),
            edge(plan, "storefront.checkout", "inventory.reserve", false),
        ],
        services: vec![
            service("storefront", 6, 64, 0.41),
            service("payments", 4, 50, 0.87),
            service("inventory", 2, 32, 0.22),
        ],
        layers: layers(),
        breakers: breakers(plan),
        faults: vec![FaultReport {
            name: "payments-slow".to_owned(),
            text: "payments slows 10x".to_owned(),
            spans: vec![SpanReport {
                from_ns: plan.at(200),
                until_ns: plan.at(300),
            }],
        }],
        recovery: recovery(plan),
        findings: findings(),
        series: series(plan),
        conservation: vec![ConservationReport {
            what: "calls".to_owned(),
            place: "shoppers -> storefront.checkout".to_owned(),
            in_total: 270_000,
            out_total: 269_990,
            inside: 10,
            holds: true,
        }],
        digest: DigestReport {
            value: "0123456789abcdef".to_owned(),
            facts_total: 4_812_345,
            checkpoints: vec![],
        },
        reproduce: ReproduceReport {
            command: "squall run scenarios/payments-guarded.yaml --seed 42".to_owned(),
            version: "0.1.0".to_owned(),
        },
    }
}

fn scenario(plan: Plan) -> ScenarioReport {
    ScenarioReport {
        name: "payments-guarded".to_owned(),
        title: "A slow payment provider".to_owned(),
        question:
            "Payments is ten times slower for 30 s. Does the guarded shop recover by itself, \
                   or do its retries hold it down?"
                .to_owned(),
        hash: "c0ffee".repeat(8),
        text: "scenario: payments-guarded".to_owned(),
        duration_ns: plan.end_ns(),
        warmup_ns: plan.at(60),
        seed: 42,
        replication: 0,
        overrides: vec![OverrideReport {
            path: "policies.guarded.retry.max_attempts".to_owned(),
            value: "4".to_owned(),
        }],
    }
}

fn expectations() -> Vec<ExpectationReport> {
    let met = ExpectationReport {
        name: "steady-before".to_owned(),
        text: "success of shoppers from 20s to 60s is at least 99.9%".to_owned(),
        value: Some(finite(0.9997)),
        unit: Unit::Share,
        bound: BoundReport {
            at_least: Some(finite(0.999)),
            at_most: None,
        },
        verdict: Verdict::Pass,
        reason: String::new(),
        causes: vec![],
    };
    let missed = ExpectationReport {
        name: "recovers".to_owned(),
        text: "recovery after payments-slow within 30s".to_owned(),
        value: Some(finite(5.2e10)),
        unit: Unit::Ns,
        bound: BoundReport {
            at_least: None,
            at_most: Some(finite(3e10)),
        },
        verdict: Verdict::Fail,
        reason: String::new(),
        causes: vec![
            "t=60.0s payments slows 10x".to_owned(),
            "t=61.5s payments answers after its callers gave up: 71% of its thread time is wasted"
                .to_owned(),
            "t=63.0s the waiting room of payments is full on 4 of 4 instances".to_owned(),
        ],
    };
    let unsure = ExpectationReport {
        name: "no-storm-afterwards".to_owned(),
        text: "amplification of storefront.checkout -> payments.charge is at most 1.5".to_owned(),
        value: None,
        unit: Unit::Factor,
        bound: BoundReport {
            at_least: Some(finite(1.0)),
            at_most: Some(finite(1.5)),
        },
        verdict: Verdict::Inconclusive,
        reason: "12 calls were unfinished when the run ended and could turn it".to_owned(),
        causes: vec![],
    };
    vec![met, missed, unsure]
}

fn timeline(plan: Plan) -> Vec<TimelineEntry> {
    let line = |per_mille, kind, text: &str| TimelineEntry {
        at_ns: plan.at(per_mille),
        kind,
        text: text.to_owned(),
    };
    vec![
        line(200, TimelineKind::Fault, "payments slows 10x"),
        line(
            204,
            TimelineKind::Breaker,
            "breaker storefront -> payments opens on 4 of 6 instances: 11 of 20 calls failed, and \
             3 of the 4 instances of payments have a full waiting room",
        ),
        line(
            210,
            TimelineKind::Queue,
            "the waiting room of payments is full on all 4 instances",
        ),
        line(
            215,
            TimelineKind::Goodput,
            "useful calls fall to 13% of what they were",
        ),
        line(300, TimelineKind::Fault, "payments is back to normal speed"),
        line(
            470,
            TimelineKind::Recovery,
            "shoppers recover, 52 s after the fault",
        ),
    ]
}

fn latency(count: u64, p50_ns: u64) -> LatencyReport {
    LatencyReport {
        count,
        mean_ns: p50_ns * 5 / 4,
        p50_ns,
        p90_ns: p50_ns * 2,
        p95_ns: p50_ns * 5 / 2,
        p99_ns: p50_ns * 4,
        p999_ns: p50_ns * 6,
        max_ns: p50_ns * 9,
    }
}

fn calls(plan: Plan) -> CallsReport {
    let started = plan.rate * plan.end_ns() / SECOND_NS;
    let part = |percent: u64| started * percent / 100;
    let outcome = |name: &str, percent: u64, p50_ns| OutcomeReport {
        outcome: name.to_owned(),
        calls_total: part(percent),
        share: finite(percent as f64 / 100.0),
        latency: latency(part(percent), p50_ns),
    };
    CallsReport {
        started_total: started,
        ended_total: started,
        unfinished_total: started.min(12),
        useful_total: part(78),
        useful_share: (started > 0).then(|| finite(0.78)),
        offered_per_second: finite(plan.rate as f64),
        goodput_per_second: finite(plan.rate as f64 * 0.78),
        outcomes: if started == 0 {
            vec![]
        } else {
            vec![
                outcome("ok", 75, 118_000_000),
                outcome("degraded", 3, 8_000_000),
                outcome("error.dependency", 12, 1_730_000_000),
                outcome("timeout.response", 7, 2_500_000_000),
                outcome("rejected.queue_full", 3, 400_000),
            ]
        },
        first_causes: vec![FirstCauseReport {
            outcome: "error.dependency".to_owned(),
            place: "payments.charge".to_owned(),
            doing: "waiting in the queue".to_owned(),
            calls_total: part(17),
        }],
    }
}

fn edge(plan: Plan, caller: &str, target: &str, from_client: bool) -> EdgeReport {
    let calls = calls(plan);
    let hot = target.starts_with("payments");
    let retries_total = if hot { calls.started_total * 7 / 10 } else { 0 };
    EdgeReport {
        name: format!("{caller} -> {target}"),
        caller: caller.to_owned(),
        target: target.to_owned(),
        service: target.split('.').next().unwrap().to_owned(),
        from_client,
        attempts: AttemptsReport {
            sent_total: calls.started_total + retries_total,
            retries_total,
            answered_total: calls.started_total,
            messages_lost_total: 0,
            in_flight: 3,
            amplification: Finite::ratio(
                (calls.started_total + retries_total) as f64,
                calls.started_total as f64,
            ),
            outcomes: vec![AttemptOutcomeReport {
                outcome: "timeout.response".to_owned(),
                attempts_total: retries_total,
            }],
        },
        calls,
    }
}

fn service(name: &str, instances: u32, threads: u32, utilisation: f64) -> ServiceReport {
    ServiceReport {
        name: name.to_owned(),
        instances,
        threads: Some(threads),
        queue_capacity: Some(200),
        throughput_per_second: finite(1020.5),
        goodput_per_second: finite(702.25),
        utilisation: Some(finite(utilisation)),
        path_amplification: Some(finite(1.7)),
        queue: QueueReport {
            mean_length: finite(162.5),
            peak_in_one_instance: 200,
            waiting_at_end: 4,
            waiting_time: latency(306_150, 900_000),
        },
        work: WorkReport {
            held_ns: 5_000 * SECOND_NS,
            wasted_ns: 1_930 * SECOND_NS,
            lost_ns: 0,
            wasted_share: Some(finite(0.386)),
        },
        operations: vec![OperationReport {
            name: format!("{name}.charge"),
            arrived_total: 459_000,
            rejected: vec![count("rejected.queue_full", 41_000)],
            started_total: 418_000,
            finished: vec![count("ok", 417_000), count("error.internal", 900)],
            dropped: vec![count("skipped", 70)],
            lost_total: 30,
            unwanted_total: 131_000,
        }],
    }
}

fn layers() -> Vec<LayerReport> {
    let layer = |layer: &str, kind: &str, acts: Vec<CountReport>| LayerReport {
        policy: "guarded".to_owned(),
        layer: layer.to_owned(),
        kind: kind.to_owned(),
        caller: "storefront".to_owned(),
        target: "payments".to_owned(),
        never_acted: acts.is_empty(),
        acts,
    };
    vec![
        layer("timeout[1]", "timeout", vec![count("timed_out", 1_204)]),
        layer(
            "retry",
            "retry",
            vec![
                count("retries_planned", 189_000),
                count("gave_up.attempts_used_up", 31_200),
            ],
        ),
        layer(
            "circuit_breaker",
            "circuit_breaker",
            vec![
                count("stopped", 12_400),
                count("opened", 18),
                count("half_opened", 17),
            ],
        ),
        layer("bulkhead", "bulkhead", vec![]),
    ]
}

fn breakers(plan: Plan) -> Vec<BreakerReport> {
    if plan.owners == 0 {
        return vec![];
    }
    vec![BreakerReport {
        policy: "guarded".to_owned(),
        layer: "circuit_breaker".to_owned(),
        caller: "storefront".to_owned(),
        target: "payments".to_owned(),
        opened_total: 18,
        owners_changed: plan.owners,
        owners: (0..plan.owners)
            .map(|owner| breaker_owner(plan, owner))
            .collect(),
    }]
}

/// Closed, then open and half-open in turn through fault and storm, then closed again.
fn breaker_owner(plan: Plan, owner: u32) -> BreakerOwnerReport {
    let mut spans = Vec::new();
    let mut from_ns = 0;
    let mut push = |state, per_mille: u64| {
        let until_ns = if per_mille == 1000 {
            plan.end_ns()
        } else {
            plan.at(per_mille)
        };
        spans.push(BreakerSpan {
            state,
            from_ns,
            until_ns,
        });
        from_ns = until_ns;
    };
    let mut now = 204 + u64::from(owner % 8) * 3;
    push(BreakerStateName::Closed, now);
    while now < 440 {
        push(BreakerStateName::Open, now + 33);
        push(BreakerStateName::HalfOpen, now + 38);
        now += 38;
    }
    push(BreakerStateName::Closed, 1000);
    BreakerOwnerReport {
        owner: format!("storefront/{}", owner + 1),
        guards: None,
        spans,
    }
}

fn recovery(plan: Plan) -> Vec<RecoveryReport> {
    vec![RecoveryReport {
        fault: "payments-slow".to_owned(),
        of: "all clients".to_owned(),
        fault_ended_at_ns: plan.at(300),
        verdict: RecoveryVerdict::Recovered,
        text: "recovered 52 s after the fault: useful calls are back at 95% of 899/s".to_owned(),
        baseline_share: Some(finite(0.9997)),
        baseline_goodput_per_second: Some(finite(899.2)),
        hold_ns: 10 * SECOND_NS,
        recovery_time_ns: Some(plan.at(170)),
        relapsed_at_ns: None,
    }]
}

fn findings() -> Vec<FindingReport> {
    let finding = |code: &str, severity, place: &str, text: &str, remedy: &str| FindingReport {
        code: code.to_owned(),
        severity,
        place: place.to_owned(),
        text: text.to_owned(),
        remedy: remedy.to_owned(),
    };
    vec![
        finding(
            "retry-storm",
            Severity::Critical,
            "storefront.checkout -> payments.charge",
            "retries were 63% of the attempts from t=61s to t=141s, while payments wasted 71% of \
             its thread time",
            "give retries a budget, or let payments drop work that nobody waits for \
             (abandoned_work: skip)",
        ),
        finding(
            "flapping-breaker",
            Severity::Warning,
            "guarded.circuit_breaker",
            "6 breakers opened 18 times in 80 s",
            "open for longer, or ask for more successful probes",
        ),
        finding(
            "never-exercised",
            Severity::Note,
            "guarded.bulkhead",
            "the layer never acted, so this run says nothing about it",
            "lower max_concurrent, or remove the layer",
        ),
    ]
}

fn series(plan: Plan) -> SeriesReport {
    let useful_latency = PercentileSeries {
        p50_ns: plan.spans_ns(118_000_000, 900_000_000, 700_000_000),
        p99_ns: plan.spans_ns(460_000_000, 2_400_000_000, 2_100_000_000),
    };
    let failed_latency = PercentileSeries {
        p50_ns: plan.spans_ns(0, 1_700_000_000, 1_500_000_000),
        p99_ns: plan.spans_ns(0, 2_500_000_000, 2_500_000_000),
    };
    let outcome = |name: &str, calls| OutcomeSeries {
        outcome: name.to_owned(),
        calls,
    };
    let hot = |name: &str, retries: Vec<u64>, amplification: Vec<Finite>| EdgeSeries {
        name: name.to_owned(),
        calls: plan.counts(100, 100, 100),
        attempts: std::iter::zip(plan.counts(100, 100, 100), &retries)
            .map(|(a, b)| a + b)
            .collect(),
        retries,
        useful: plan.counts(100, 13, 24),
        failed: plan.counts(0, 87, 76),
        amplification: amplification.into_iter().map(Some).collect(),
        useful_latency: useful_latency.clone(),
        failed_latency: failed_latency.clone(),
    };
    let service = |name: &str, queue: [f64; 3], busy: [f64; 3]| ServiceSeries {
        name: name.to_owned(),
        queue_mean: plan.gauges(queue[0], queue[1], queue[2]),
        queue_at_end: plan.counts(0, 40, 40),
        utilisation: plan.gauges(busy[0], busy[1], busy[2]),
        finished: plan.counts(100, 60, 200),
        wanted: plan.counts(100, 13, 24),
        rejected: plan.counts(0, 30, 20),
        wasted_share: plan
            .gauges(0.01, 0.71, 0.64)
            .into_iter()
            .map(Some)
            .collect(),
    };
    SeriesReport {
        bucket_ns: plan.bucket_ns,
        end_ns: plan.end_ns(),
        points: plan.points,
        clients: vec![ClientSeries {
            name: "shoppers".to_owned(),
            offered: plan.counts(100, 100, 100),
            useful: plan.counts(100, 13, 24),
            outcomes: vec![
                outcome("ok", plan.counts(100, 10, 20)),
                outcome("degraded", plan.counts(0, 3, 4)),
                outcome("error.dependency", plan.counts(0, 50, 46)),
                outcome("timeout.response", plan.counts(0, 27, 20)),
                outcome("rejected.queue_full", plan.counts(0, 10, 10)),
            ],
            useful_latency: useful_latency.clone(),
            failed_latency: failed_latency.clone(),
        }],
        edges: vec![
            hot(
                "shoppers -> storefront.checkout",
                plan.counts(0, 0, 0),
                plan.gauges(1.0, 1.0, 1.0),
            ),
            hot(
                "storefront.checkout -> payments.charge",
                plan.counts(0, 170, 150),
                plan.gauges(1.0, 2.7, 2.5),
            ),
            hot(
                "storefront.checkout -> inventory.reserve",
                plan.counts(0, 5, 0),
                plan.gauges(1.0, 1.05, 1.0),
            ),
        ],
        services: vec![
            service("storefront", [0.4, 90.0, 60.0], [0.35, 0.95, 0.9]),
            service("payments", [3.0, 790.0, 800.0], [0.47, 1.0, 1.0]),
            service("inventory", [0.0, 0.1, 0.1], [0.2, 0.15, 0.18]),
        ],
    }
}
