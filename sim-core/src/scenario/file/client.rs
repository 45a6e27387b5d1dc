//! `clients`: who calls, how often, and what.

use super::distribution::DistFile;
use crate::scenario::layer::PolicyRef;
use crate::scenario::read::{At, FileType, Limit, Named, Reader, choices, file_enum, file_map};
use crate::scenario::shape::Shape;
use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::{Count, Name, Reference};
use crate::time::{SimDuration, SimTime};
use crate::units::{Factor, Rate};

file_map! {
    /// A source of calls outside the system: an open loop with `arrivals`, or a closed one with
    /// `users`.
    ClientFile {
        /// Independent processes, each with its own policy state.
        processes: Count<1>, default "1";
        /// The zones of its processes, in turn: `[a, b, c]`; none if absent.
        zones: At<Vec<Name>>, optional;
        /// Calls start whatever became of earlier ones; all processes together.
        arrivals: At<ArrivalsFile>, optional;
        /// Each user waits for the outcome, thinks, and calls again.
        users: UsersFile, optional;
        /// What is called.
        calls: CallsFile, required;
        /// The policy around each call.
        policy: PolicyRef, optional;
        /// Class of the calls, handed down with every call made for them.
        class: Name, optional;
        /// Tenant of the calls, or tenants by weight.
        tenant: TenantFile, optional;
    }
}

file_enum! {
    /// An arrival process.
    ArrivalsFile {
        /// Independent of each other.
        poisson = Poisson(RenewalFile);
        /// At equal distances.
        constant = Constant(RenewalFile);
        /// A rate that jumps between states; two states, one of rate 0, are on-off traffic.
        markov_modulated = MarkovModulated(ModulatedFile);
        /// At the times given.
        recorded = Recorded(RecordedFile);
    }
}

file_map! {
    /// Arrivals at a rate.
    RenewalFile {
        /// How many arrivals, of all processes together.
        rate: RateFile, required;
        /// Calls that start together at each arrival.
        batch: BatchFile, default "1";
    }
}

/// Calls that start together.
#[derive(Clone, Debug)]
pub(in crate::scenario) enum BatchFile {
    /// So many.
    Fixed(u32),
    /// A random number.
    Drawn(BatchMap),
}

file_enum! {
    /// A random number of calls.
    BatchMap {
        /// Geometric, at least 1.
        geometric = Geometric(GeometricFile);
    }
}

file_map! {
    /// A geometric number.
    GeometricFile {
        /// The mean, at least 1.
        mean: Factor, required;
    }
}

impl FileType for BatchFile {
    fn shape() -> Shape {
        Shape::Either(vec![Count::<1, 100_000>::shape, BatchMap::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.kind {
            Kind::Map(_) => BatchMap::read(node, reader).map(Self::Drawn),
            Kind::Scalar { .. } | Kind::List(_) => {
                Count::<1, 100_000>::read(node, reader).map(|size| Self::Fixed(size.get()))
            }
        }
    }
}

file_map! {
    /// A rate that jumps between states.
    ModulatedFile {
        /// The states, visited in turn.
        states: Vec<StateFile>, required;
    }
}

file_map! {
    /// A state of the rate.
    StateFile {
        /// The rate in this state.
        rate: Rate, required;
        /// How long it lasts on average.
        mean_duration: SimDuration, required;
    }
}

file_map! {
    /// Arrivals as they were once seen.
    RecordedFile {
        /// The instants.
        times: Vec<SimTime>, optional;
        /// A file with one instant per line, each with its unit, beside the scenario.
        file: Reference, optional;
    }
}

/// A rate, constant or over time.
#[derive(Clone, Debug)]
pub(in crate::scenario) enum RateFile {
    /// Always the same.
    Constant(Rate),
    /// Through these points.
    Points(Vec<PointFile>),
    /// A daily cycle.
    Daily(DailyFile),
}

file_map! {
    /// A point of a rate over time.
    PointFile {
        /// From this instant.
        at: SimTime, default "0s";
        /// The rate.
        rate: Rate, required;
        /// Whether the rate moves here from the point before, instead of jumping.
        ramp: Ramp, default "none";
    }
}

choices! {
    /// How a rate gets to a point.
    Ramp {
        /// It jumps.
        none = None;
        /// It moves in a straight line from the point before.
        linear = Linear;
    }
}

file_enum! {
    /// A rate over time, as a map.
    ShapedRate {
        /// A daily cycle.
        daily = Daily(DailyFile);
    }
}

file_map! {
    /// A rate that swings between a low and a high.
    DailyFile {
        /// The lowest rate.
        low: Rate, required;
        /// The highest rate.
        high: Rate, required;
        /// When it is highest.
        peak_at: SimTime, required;
        /// Length of a cycle.
        period: SimDuration, default "24h";
    }
}

impl FileType for RateFile {
    fn shape() -> Shape {
        Shape::Either(vec![
            Rate::shape,
            Vec::<PointFile>::shape,
            ShapedRate::shape,
        ])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match &node.kind {
            Kind::Scalar { .. } => Rate::read(node, reader).map(Self::Constant),
            Kind::List(_) => Vec::read(node, reader).map(Self::Points),
            Kind::Map(_) => {
                let ShapedRate::Daily(daily) = ShapedRate::read(node, reader)?;
                Some(Self::Daily(daily))
            }
        }
    }
}

file_map! {
    /// A closed population.
    UsersFile {
        /// Users in all processes together.
        count: Count<1, 10_000_000>, required;
        /// Pause before each call.
        think_time: DistFile, default "0s";
        /// Calls per user.
        iterations: Limit<Count<1, 1_000_000_000>>, default "unlimited";
        /// Whether a user begins with a pause or with a call.
        start: Start, default "think";
    }
}

choices! {
    /// How a user begins.
    Start {
        /// With a pause.
        think = Think;
        /// With a call.
        at_once = AtOnce;
    }
}

/// What is called: one operation, or several by weight.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct CallsFile(pub(in crate::scenario) Vec<At<ClientCallFile>>);

file_map! {
    /// One of a client's calls.
    ClientCallFile short to {
        /// The called operation: `service.operation`.
        to: At<Reference>, required;
        /// How often, compared to the others.
        weight: Factor, default "1";
        /// The policy around it, instead of the client's.
        policy: PolicyRef, optional;
        /// Class of these calls, instead of the client's.
        class: Name, optional;
        /// Tenant of these calls, instead of the client's.
        tenant: Name, optional;
    }
}

impl FileType for CallsFile {
    fn shape() -> Shape {
        Shape::Either(vec![At::<Reference>::shape, Vec::<ClientCallFile>::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if let Kind::List(items) = &node.kind {
            if items.is_empty() {
                return reader.expected(node, "at least one call");
            }
            return Vec::read(node, reader).map(Self);
        }
        At::read(node, reader).map(|call| Self(vec![call]))
    }
}

/// One tenant, or several by weight.
#[derive(Clone, Debug)]
pub(in crate::scenario) enum TenantFile {
    /// All calls belong to it.
    One(Name),
    /// Calls belong to one of them.
    Weighted(At<Named<Factor>>),
}

impl FileType for TenantFile {
    fn shape() -> Shape {
        Shape::Either(vec![Name::shape, Named::<Factor>::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.kind {
            Kind::Map(_) => At::read(node, reader).map(Self::Weighted),
            Kind::Scalar { .. } | Kind::List(_) => Name::read(node, reader).map(Self::One),
        }
    }
}
