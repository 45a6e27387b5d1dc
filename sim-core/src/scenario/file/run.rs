//! `run` and `network`.

use super::distribution::DistFile;
use crate::scenario::read::{At, FileType, Reader, file_map};
use crate::scenario::shape::{ScalarJson, Shape};
use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::{Count, Problem, Reference, ScalarType};
use crate::time::{SimDuration, SimTime};
use crate::units::{Cores, Probability};

file_map! {
    /// How long a run lasts, and where it gives up.
    RunFile {
        /// Length of the run in virtual time.
        duration: At<SimTime>, required;
        /// How long the run goes on after `duration`, at most, for calls under way to end: nothing arrives any more, totals and charts end at `duration`, and figures of calls that started before count how these ended.
        drain: SimDuration, default "0s";
        /// Totals and checks leave out what starts before.
        warmup: At<SimTime>, default "0s";
        /// The seed unless another is asked for.
        seed: Seed, default "1";
        /// Width of the points of charts; `auto` chooses 100 to 400 points.
        resolution: At<Resolution>, default "auto";
        /// Where a run gives up.
        limits: LimitsFile, default "{}";
    }
}

file_map! {
    /// Where a run gives up.
    LimitsFile {
        /// Events in total.
        events: Count<1, 1_000_000_000_000>, default "1e9";
        /// Events at one instant: stops time that stands still.
        at_one_instant: Count<1, 1_000_000_000_000>, default "1e6";
        /// Calls in flight.
        calls_in_flight: Count<1, 1_000_000_000>, default "1e6";
    }
}

file_map! {
    /// Messages between processes, each way.
    NetworkFile {
        /// Time on the way.
        latency: DistFile, default "0s";
        /// Time on the way between two zones, in the place of `latency`; by default the same.
        other_zone: DistFile, optional;
        /// Share of messages that never arrive.
        loss: Probability, default "0%";
        /// Exceptions; a later one overrides an earlier one.
        edges: Vec<EdgeFile>, default "[]";
    }
}

file_map! {
    /// The nodes in a zone.
    ZoneNodesFile short cpu {
        /// CPU that all of them have for what runs there [cores]; Kubernetes: allocatable.
        cpu: Cores, required;
    }
}

file_map! {
    /// An exception for some messages.
    EdgeFile {
        /// Calling client, service or operation; every one if absent.
        from: At<Reference>, optional;
        /// Called service or operation; every one if absent.
        to: At<Reference>, optional;
        /// Time on the way.
        latency: DistFile, optional;
        /// Time on the way between two zones.
        other_zone: DistFile, optional;
        /// Share of messages that never arrive.
        loss: Probability, optional;
    }
}

/// A seed: any 64-bit number; in quotes too, since JSON rounds large ones.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct Seed(pub(in crate::scenario) u64);

impl ScalarType for Seed {
    const WHAT: &'static str = "a seed such as `42`";

    fn json() -> ScalarJson {
        ScalarJson::Integer(0, u64::MAX)
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        let digits = crate::scenario::tree::is_digits(text);
        match text.parse() {
            Ok(seed) if digits => Ok(Self(seed)),
            _ => Err(Problem::new(
                "a seed is a whole number from 0 to 18446744073709551615",
            )),
        }
    }
}

/// Width of the points of charts.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct Resolution(pub(in crate::scenario) Option<SimDuration>);

struct Auto;

impl ScalarType for Auto {
    const WHAT: &'static str = "`auto`";

    fn json() -> ScalarJson {
        ScalarJson::Words(&["auto"])
    }

    fn parse(_: &str) -> Result<Self, Problem> {
        Ok(Self)
    }
}

impl FileType for Resolution {
    fn shape() -> Shape {
        Shape::Either(vec![SimDuration::shape, Auto::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if matches!(&node.kind, Kind::Scalar { text, .. } if text == "auto") {
            return Some(Self(None));
        }
        SimDuration::read(node, reader).map(|width| Self(Some(width)))
    }
}
