//! How long two models are the same.
//!
//! Runs of two models with the same random numbers are one and the same run until something differs
//! between them: until a fault begins, ends or acts otherwise, or until a time begins or ends in
//! which something is measured. All else must be equal. What the parts build from a model before
//! anything happens is compared as well, since they may prepare for faults that come much later.

use super::record::boundaries;
use super::spec::{CombinedChanges, FaultSpec, ModelSpec, WindowSpec};
use super::world::World;
use crate::id::{FaultId, IdMap, WindowId};
use crate::random::KeySource;
use crate::time::SimTime;
use std::fmt;

/// A model, and what its parts build from it.
#[derive(Clone, Copy, Debug)]
pub struct Beginning<'s> {
    spec: &'s ModelSpec,
    /// Digest of the empty world.
    built: u128,
}

impl<'s> Beginning<'s> {
    /// That of a model.
    pub fn of(spec: &'s ModelSpec) -> Self {
        let mut built = Words::default();
        let world = World::new(spec, &KeySource::new(0, 0), ());
        // Words are only folded, which never fails.
        let _ = world.in_words(&mut built);
        Self {
            spec,
            built: built.0,
        }
    }

    /// How long its traffic lasts.
    pub fn duration(&self) -> SimTime {
        self.spec.duration
    }
}

/// The instant until which runs of two models are the same, if they meet the same random numbers: what
/// happens at it may differ. At most that at which their traffic ends; zero if they begin differently.
pub fn same_until(one: &Beginning<'_>, other: &Beginning<'_>) -> SimTime {
    if one.built != other.built || !same_but_for_faults(one.spec, other.spec) {
        return SimTime::ZERO;
    }
    let (one, other) = (one.spec, other.spec);
    let instants = [
        faults(&one.faults, &other.faults),
        combined(one, other),
        windows(&one.windows, &other.windows),
        measured(one, other),
    ];
    instants.into_iter().fold(one.duration, SimTime::min)
}

/// Whether all that does not come from faults is the same.
fn same_but_for_faults(one: &ModelSpec, other: &ModelSpec) -> bool {
    let ModelSpec {
        clients,
        services,
        operations,
        instances,
        sites,
        fallback_calls,
        edges,
        // Made of the others.
        topology: _,
        checks,
        pipelines,
        layers,
        admission,
        kept,
        effects,
        invariants,
        queues,
        consumers,
        sagas,
        budgets,
        faults: _,
        combined: _,
        windows: _,
        labelled,
        classes,
        tenants,
        zones,
        network,
        duration,
        drain,
        warmup,
        resolution,
        limits,
        max_calls_in_flight,
    } = one;
    (clients, services, operations) == (&other.clients, &other.services, &other.operations)
        && (instances, sites, fallback_calls)
            == (&other.instances, &other.sites, &other.fallback_calls)
        && (edges, pipelines, layers) == (&other.edges, &other.pipelines, &other.layers)
        && *admission == other.admission
        && checks == &other.checks
        && (effects, invariants, sagas) == (&other.effects, &other.invariants, &other.sagas)
        && (kept, queues, consumers) == (&other.kept, &other.queues, &other.consumers)
        && (budgets, labelled, classes) == (&other.budgets, &other.labelled, &other.classes)
        && zones == &other.zones
        && (tenants, network, duration) == (&other.tenants, &other.network, &other.duration)
        && (drain, warmup, resolution) == (&other.drain, &other.warmup, &other.resolution)
        && (limits, max_calls_in_flight) == (&other.limits, &other.max_calls_in_flight)
}

/// When faults first differ.
fn faults(one: &IdMap<FaultId, FaultSpec>, other: &IdMap<FaultId, FaultSpec>) -> SimTime {
    if one.len() != other.len() {
        return SimTime::ZERO;
    }
    let pairs = one.iter().zip(other);
    pairs
        .map(|(one, other)| fault(one, other))
        .fold(SimTime::NEVER, SimTime::min)
}

fn fault(one: &FaultSpec, other: &FaultSpec) -> SimTime {
    if one == other {
        return SimTime::NEVER;
    }
    // Random ones draw before they begin.
    if one.name != other.name || one.random.is_some() || other.random.is_some() {
        return SimTime::ZERO;
    }
    let at_other_times = FaultSpec {
        spans: other.spans.clone(),
        ..one.clone()
    };
    if at_other_times != *other {
        return begins(one).min(begins(other));
    }
    let spans = one.spans.iter().zip(&other.spans);
    let differ = spans
        .map(|(one, other)| span(*one, *other))
        .find(|at| *at < SimTime::NEVER);
    let shorter = one.spans.len().min(other.spans.len());
    let longer = if one.spans.len() > shorter {
        one
    } else {
        other
    };
    let more = longer.spans.get(shorter).map(|span| span.0);
    differ.or(more).unwrap_or(SimTime::NEVER)
}

fn begins(fault: &FaultSpec) -> SimTime {
    fault.spans.first().map_or(SimTime::NEVER, |span| span.0)
}

/// When two spans first differ.
fn span(one: (SimTime, SimTime), other: (SimTime, SimTime)) -> SimTime {
    if one == other {
        SimTime::NEVER
    } else if one.0 == other.0 {
        one.1.min(other.1)
    } else {
        one.0.min(other.0)
    }
}

/// When changes that stand together first make something else of each other: not before one of them
/// begins.
fn combined(one: &ModelSpec, other: &ModelSpec) -> SimTime {
    if one.combined == other.combined {
        return SimTime::NEVER;
    }
    let first = |spec: &ModelSpec| {
        let meets = |combined: &CombinedChanges| combined.faults.clone();
        let all = spec.combined.iter().flat_map(meets);
        all.map(|fault| begins(&spec.faults[fault]))
            .fold(SimTime::NEVER, SimTime::min)
    };
    first(one).min(first(other))
}

/// When the times in which calls are measured first differ.
fn windows(one: &IdMap<WindowId, WindowSpec>, other: &IdMap<WindowId, WindowSpec>) -> SimTime {
    if one.len() != other.len() {
        return SimTime::ZERO;
    }
    let window = |(one, other): (&WindowSpec, &WindowSpec)| {
        if (one.of, one.label) == (other.of, other.label) {
            span((one.from, one.until), (other.from, other.until))
        } else {
            SimTime::ZERO
        }
    };
    one.iter()
        .zip(other)
        .map(window)
        .fold(SimTime::NEVER, SimTime::min)
}

/// When photographs are first taken at other instants.
fn measured(one: &ModelSpec, other: &ModelSpec) -> SimTime {
    let (one, other) = (boundaries(one), boundaries(other));
    let only = |some: &[SimTime], all: &[SimTime]| {
        let missing = some.iter().find(|at| !all.contains(at));
        missing.copied().unwrap_or(SimTime::NEVER)
    };
    only(&one, &other).min(only(&other, &one))
}

/// A digest of words: FNV-1a with 128 bits.
struct Words(u128);

impl Default for Words {
    fn default() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl fmt::Write for Words {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 =
                (self.0 ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
        Ok(())
    }
}
