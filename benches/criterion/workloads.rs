//! The three workloads by which speed is judged, through the whole product: from a scenario to the
//! record of its run, with metrics and digest on, on one thread.
//!
//! `benches/compare.py` plays the first two beside other kernels.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use sim_core::experiment::{Play, simulate};
use sim_core::scenario::{Scenario, Source, load};

fn scenario(name: &str, text: &str) -> Scenario {
    let source = Source {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    match load(&source, &[], &|file| Err(format!("no file {file}"))) {
        Ok(loaded) => loaded.scenario,
        Err(found) => panic!("{found}"),
    }
}

/// Benchmarks a workload; `per_second` of virtual time says how many of what happen.
fn workload(criterion: &mut Criterion, name: &str, text: &str, what: &str, per_run: u64) {
    let scenario = scenario(name, text);
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10);
    group.throughput(Throughput::Elements(per_run));
    group.bench_function(what, |bench| {
        bench.iter_batched(
            || Play {
                seed: 42,
                replication: 0,
            },
            |play| simulate(&scenario, play, (), &mut |_, _| true).0.digest,
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn workloads(criterion: &mut Criterion) {
    let (mm1, storm, tiers) = (
        include_str!("../mm1.yaml"),
        include_str!("../storm.yaml"),
        include_str!("../three-tiers.yaml"),
    );
    workload(criterion, "mm1", mm1, "customers", 180_000);
    workload(criterion, "storm", storm, "calls", 540_000);
    workload(criterion, "three-tiers", tiers, "calls", 100_000);
}

criterion_group!(benches, workloads);
criterion_main!(benches);
