//! Faults by decisions: what goes wrong, when and where.

use super::systems::{Chooser, SERVICES};

/// When a fault acts, and what it does; `policies` is their text.
pub(super) fn fault(c: &mut Chooser, services: usize, policies: &str) -> String {
    let effect = effect(c, services, policies);
    let (at, lasts) = (c.below(300), 1 + c.below(100));
    let when = match c.below(4) {
        0 => format!(
            "at: {at}ms, for: {lasts}ms, every: {}ms",
            lasts + 1 + c.below(50)
        ),
        // A restart by chance is of one instance, which is no rollout.
        1 if effect.starts_with("service:") && !effect.contains("at_once") => format!(
            "random: {{ up: {}, down: {} }}",
            c.of(&["30ms", "{ exponential: { mean: 20ms } }"]),
            c.of(&["10ms", "{ exponential: { mean: 5ms } }"])
        ),
        2 => format!("at: {at}ms"),
        _ => format!("at: {at}ms, for: {}ms", lasts * 2),
    };
    format!("{when}, {effect}")
}

fn effect(c: &mut Chooser, services: usize, policies: &str) -> String {
    let service = SERVICES[c.below(services)];
    let effect = c.of(&[
        "slow: { factor: 5 }",
        "slow: { factor: 5, in_progress: true }",
        "errors: { share: 50%, before_work: true }",
        "errors: { share: 50%, before_work: false }",
        "crash: { callers_see: reset }",
        "crash: { callers_see: unreachable }",
        "crash: { callers_see: nothing, detected_after: 3ms, cold_start: { for: 20ms, factor: 3 } }",
        "stop: {}",
        "restart: {}",
        "restart: { at_once: all, pause: 2ms }",
        "pause: {}",
        "threads: { to: 1 }",
        "fill: { memory: 3MB }",
        "fill: { memory: 5MB, over: 50ms }",
        "cores: { to: 1 }",
        "partition",
        "partition-refused",
        "loss",
        "latency",
        "load",
        "change",
    ]);
    match effect {
        "partition" if c.below(2) == 0 => "zone: a, partition: {}".to_owned(),
        "partition" => format!("to: {service}, partition: {{}}"),
        "partition-refused" => {
            "from: open, partition: { direction: requests, callers_see: refused }".to_owned()
        }
        "loss" => format!("to: {service}, loss: {{ share: 30% }}"),
        "latency" => {
            format!("to: {service}, latency: {{ add: {{ exponential: {{ mean: 3ms }} }} }}")
        }
        "load" => "client: open, load: { factor: 3 }".to_owned(),
        "change" => change(c, service, policies),
        effect => {
            // What stops or fills instances does not go by zones.
            let by_zone = ["stop", "restart", "fill"];
            let by_zone = !by_zone.iter().any(|it| effect.starts_with(it));
            match c.below(4) {
                0 if by_zone => format!("zone: a, {effect}"),
                1 if by_zone => format!("service: {service}, zone: a, {effect}"),
                _ => format!(
                    "service: {service}, instances: {}, {effect}",
                    c.of(&["all", "1"])
                ),
            }
        }
    }
}

/// A setting of the service, or of a layer that is there.
fn change(c: &mut Chooser, service: &str, policies: &str) -> String {
    let layers = [
        ("{ timeout: { after:", "timeout[1].after", "5ms"),
        (
            "{ bulkhead: { max_concurrent:",
            "bulkhead[1].max_concurrent",
            "1",
        ),
        ("{ retry: { max_attempts:", "retry[1].max_attempts", "4"),
    ];
    let lines: Vec<&str> = policies.lines().skip(1).take(3).collect();
    let policy = c.below(lines.len());
    let (there, path, to) = layers[c.below(layers.len())];
    // The first of its kind must be one that has the key.
    let kind = path.split('[').next().unwrap_or_default();
    let is_only = lines[policy].matches(&format!("{{ {kind}:")).count() == 1;
    if c.below(2) == 0 && is_only && lines[policy].contains(there) {
        return format!("change: {{ path: 'policies.p{policy}.{path}', to: {to} }}");
    }
    let (key, to) = [
        ("threads", "1"),
        ("queue.capacity", "0"),
        ("cores", "1"),
        ("queue.capacity", "2"),
        ("queue.discipline", "lifo"),
        ("queue.discipline", "{ priority: { classes: [bulk] } }"),
        ("queue.discipline", "adaptive_lifo"),
        ("queue.codel", "{ target: 1ms, interval: 5ms }"),
        ("abandoned_work", "skip"),
    ][c.below(9)];
    format!("change: {{ path: services.{service}.{key}, to: {to} }}")
}
