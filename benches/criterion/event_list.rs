//! What one event costs the kernel: the hold model.
//!
//! Take the next event, schedule one at an exponential distance, repeat: the number of pending
//! events stays the same. `wheel` is the kernel's list; `heap` is the standard library's binary
//! heap of bare keys, which stores no event and cannot cancel. The figures to compare are those of
//! one run: wheel against heap, and a million pending against a hundred.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sim_core::kernel::{Class, EventList};
use sim_core::time::{SimDuration, SimTime};

/// Holds per iteration [count].
const HOLDS: u64 = 4096;
/// Mean distance of an event from its cause: 1 s [ns].
const MEAN_NS: f64 = 1e9;

/// Draws distances by a shift-register generator; about 3 ns of every hold.
struct Distances(u64);

impl Distances {
    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Close to exponential: leading zeros are geometric, a uniform fraction fills the gaps.
    fn draw(&mut self) -> u64 {
        let bits = self.bits();
        let halvings = f64::from(bits.leading_zeros());
        let fraction = f64::from(bits as u32) / f64::from(u32::MAX);
        ((halvings + fraction) * std::f64::consts::LN_2 * MEAN_NS) as u64
    }
}

fn hold_wheel(events: &mut EventList<u32>, distances: &mut Distances) {
    for _ in 0..HOLDS {
        if let Some((now, event)) = events.pop(SimTime::NEVER) {
            let at = now + SimDuration::from_ns(distances.draw());
            events.schedule(at, Class::Start, black_box(event));
        }
    }
}

fn hold_heap(heap: &mut BinaryHeap<Reverse<u128>>, distances: &mut Distances) {
    for _ in 0..HOLDS {
        if let Some(Reverse(key)) = heap.pop() {
            let at = (key >> 64) as u64 + distances.draw();
            let order = (key as u64).wrapping_add(1 << 24);
            heap.push(Reverse(u128::from(at) << 64 | u128::from(black_box(order))));
        }
    }
}

fn hold(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hold");
    group.throughput(Throughput::Elements(HOLDS));
    for pending in [100_u64, 10_000, 1_000_000] {
        let distances = &mut Distances(0x2545_F491_4F6C_DD1D);
        let mut events = EventList::new();
        let mut heap = BinaryHeap::new();
        for n in 0..pending {
            let at = distances.draw();
            events.schedule(SimTime::from_ns(at), Class::Start, n as u32);
            heap.push(Reverse(u128::from(at) << 64 | u128::from(n)));
        }
        // Until the distances to now have settled.
        for _ in 0..pending.div_ceil(HOLDS) * 2 {
            hold_wheel(&mut events, distances);
            hold_heap(&mut heap, distances);
        }
        group.bench_function(BenchmarkId::new("wheel", pending), |bencher| {
            bencher.iter(|| hold_wheel(&mut events, distances));
        });
        group.bench_function(BenchmarkId::new("heap", pending), |bencher| {
            bencher.iter(|| hold_heap(&mut heap, distances));
        });
    }
    group.finish();
}

criterion_group!(benches, hold);
criterion_main!(benches);
