//! `faults`: what goes wrong, when and where.

use super::distribution::DistFile;
use super::messages::{PoisonFile, RedriveFile};
use super::step::AnswerKind;
use crate::scenario::read::NothingFile;
use crate::scenario::read::{At, FileType, Reader, choices, file_map};
use crate::scenario::shape::{ScalarJson, Shape};
use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::{Count, Name, Problem, Reference, ScalarType, Text};
use crate::time::{SimDuration, SimTime};
use crate::units::{Bytes, Cores, Factor, Probability};

file_map! {
    /// A fault: when, where, and exactly one effect.
    FaultFile {
        /// When it begins.
        at: SimTime, optional;
        /// How long it lasts; the rest of the run if absent.
        r#for: At<SimDuration>, optional;
        /// It comes back at this distance; with `for`.
        every: At<SimDuration>, optional;
        /// Each instance fails at random, by itself, again and again: from `at` (default: from the
        /// beginning), for `for` (default: the rest of the run). With `stop` one is told to stop then, and
        /// a new one starts after `down`; with `restart` it starts again by itself, whatever `down` is.
        random: At<RandomFile>, optional;
        /// The service it acts on.
        service: At<Reference>, optional;
        /// One operation of the service only; without it, all of them.
        operation: At<Reference>, optional;
        /// The instances it acts on: `all`, a number or a share; the first ones. Of the service that it
        /// acts on, or of the one that `to` names.
        instances: At<Instances>, implied "all";
        /// Those of this zone only: its instances, of the service or, where none is named, of all that have
        /// some there; or messages across its border (a caller or a callee in it, not both).
        zone: At<Name>, optional;
        /// The calling side: a client or a service.
        from: At<Reference>, optional;
        /// The called service.
        to: At<Reference>, optional;
        /// The client it acts on.
        client: At<Reference>, optional;
        /// Work takes so many times as long.
        slow: SlowFile, optional;
        /// Messages take longer.
        latency: AddFile, optional;
        /// Operations fail.
        errors: ErrorsFile, optional;
        /// Instances die and come back empty.
        crash: CrashFile, optional;
        /// Instances are told to stop and end; as many new ones start when the fault ends.
        stop: NothingFile, optional;
        /// Instances are told to stop and start again, some at a time, as when a new version is rolled
        /// out. With `for`: none is told to after that.
        restart: RollFile, optional;
        /// Instances freeze.
        pause: NothingFile, optional;
        /// Messages do not arrive.
        partition: PartitionFile, optional;
        /// Messages are lost by chance.
        loss: ShareFile, optional;
        /// At most so many threads, if that is fewer than it has.
        threads: ToFile, optional;
        /// At most so many cores, if that is fewer than it has.
        cores: CoresToFile, optional;
        /// Something else takes of what instances have, until the fault ends.
        fill: At<FillFile>, optional;
        /// A client sends more, or less.
        load: FactorFile, optional;
        /// Some messages can never be worked on.
        poison: PoisonFile, optional;
        /// Messages go from one queue to another.
        redrive: RedriveFile, optional;
        /// A setting changes, and changes back at the end.
        change: At<ChangeFile>, optional;
    }
}

file_map! {
    /// How long an instance is well, and how long it is not. The share of time in which it is well
    /// is mean(up) / (mean(up) + mean(down)). Times of memoryless failures are `exponential`.
    RandomFile {
        /// Time from the beginning, or from the end of a failure, to the next failure (mean time to
        /// failure, MTTF).
        up: DistFile, required;
        /// Time until it is well again (mean time to repair, MTTR).
        down: DistFile, required;
    }
}

/// Which instances.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) enum Instances {
    /// Every one.
    All,
    /// The first so many.
    First(u32),
    /// The first ones, so large a share, rounded up.
    Share(Probability),
}

impl ScalarType for Instances {
    const WHAT: &'static str = "`all`, a number or a share";

    fn json() -> ScalarJson {
        ScalarJson::Text("")
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        if text == "all" {
            return Ok(Self::All);
        }
        if text.ends_with('%') {
            return Probability::parse(text).map(Self::Share);
        }
        match Count::<1>::parse(text) {
            Ok(count) => Ok(Self::First(count.get())),
            Err(_) => Err(Problem::new(
                "it must be `all`, a number or a share such as `25%`",
            )),
        }
    }
}

file_map! {
    /// Something else takes of what instances have.
    FillFile {
        /// How much memory in the end [size].
        memory: Bytes, required;
        /// In which time it grows to that, evenly [duration].
        over: SimDuration, default "0s";
    }
}

file_map! {
    /// Work takes so many times as long.
    SlowFile {
        /// Stretches work time.
        factor: Factor, required;
        /// Whether work in progress is stretched too, at once.
        in_progress: bool, default "false";
    }
}

file_map! {
    /// Messages take longer.
    AddFile {
        /// Added to each.
        add: DistFile, required;
        /// How many messages are delayed, each by a draw of its own.
        share: Probability, default "100%";
    }
}

file_map! {
    /// Operations fail.
    ErrorsFile {
        /// How many.
        share: Probability, required;
        /// How: a kind of error, or `negative` (a cache that has lost what it held).
        kind: AnswerKind, default "internal";
        /// Whether they fail before their work is done. Which ones fail is decided when they start.
        before_work: bool, default "true";
        /// With `before_work: false`: whether operations under way when it begins fail too.
        in_progress: At<bool>, default "false";
    }
}

file_map! {
    /// Instances die and come back empty when the fault ends.
    CrashFile {
        /// What callers with an attempt there learn.
        callers_see: CrashSeen, default "reset";
        /// How long until the instance leaves the rotation.
        detected_after: DetectedAfter, default "never";
        /// Work is slower for a while after the return.
        cold_start: ColdStartFile, optional;
    }
}

file_map! {
    /// Instances restart, some at a time.
    RollFile {
        /// How many at a time: `all`, a number or a share. The next ones when these are up again.
        at_once: At<Instances>, implied "1";
        /// How long it waits then.
        pause: At<SimDuration>, default "0s";
    }
}

choices! {
    /// What callers of a crashed instance learn.
    CrashSeen {
        /// That the connection is lost.
        reset = Reset;
        /// Nothing: they wait for their own timeouts.
        nothing = Nothing;
        /// Nothing, and new attempts are not even refused: the machine is gone.
        unreachable = Unreachable;
    }
}

/// A span, or `never`.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct DetectedAfter(pub(in crate::scenario) Option<SimDuration>);

struct Never;

impl ScalarType for Never {
    const WHAT: &'static str = "`never`";

    fn json() -> ScalarJson {
        ScalarJson::Words(&["never"])
    }

    fn parse(_: &str) -> Result<Self, Problem> {
        Ok(Self)
    }
}

impl FileType for DetectedAfter {
    fn shape() -> Shape {
        Shape::Either(vec![SimDuration::shape, Never::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if matches!(&node.kind, Kind::Scalar { text, .. } if text == "never") {
            return Some(Self(None));
        }
        SimDuration::read(node, reader).map(|span| Self(Some(span)))
    }
}

file_map! {
    /// Work is slower for a while.
    ColdStartFile {
        /// How long.
        r#for: SimDuration, required;
        /// Stretches work time.
        factor: Factor, required;
    }
}

file_map! {
    /// Messages do not arrive.
    PartitionFile {
        /// Which messages.
        direction: Direction, default "both";
        /// Whether new attempts are refused or vanish.
        callers_see: PartitionSeen, default "nothing";
    }
}

choices! {
    /// Which messages.
    Direction {
        /// Requests and answers.
        both = Both;
        /// Requests only.
        requests = Requests;
        /// Answers only.
        answers = Answers;
    }
}

choices! {
    /// What callers learn of a partition.
    PartitionSeen {
        /// Nothing: they wait for their own timeouts.
        nothing = Nothing;
        /// New attempts are refused.
        refused = Refused;
    }
}

file_map! {
    /// Messages are lost by chance.
    ShareFile {
        /// How many.
        share: Probability, required;
    }
}

file_map! {
    /// Another number per instance.
    ToFile {
        /// How many.
        to: Count<1>, required;
    }
}

file_map! {
    /// Another number of cores per instance.
    CoresToFile {
        /// How many: `4`, or in thousandths: `0.5`.
        to: Cores, required;
    }
}

file_map! {
    /// A client sends more, or less.
    FactorFile {
        /// On its arrival rate.
        factor: Factor, required;
    }
}

file_map! {
    /// A setting changes while the fault lasts.
    ChangeFile {
        /// Which: a path as for `--set`.
        path: At<Text>, required;
        /// Its value meanwhile.
        to: RawFile, required;
    }
}

/// A value that is read later, as part of something else.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct RawFile(pub(in crate::scenario) Node);

impl FileType for RawFile {
    fn shape() -> Shape {
        Shape::Any
    }

    fn read(node: &Node, _: &mut Reader) -> Option<Self> {
        Some(Self(node.clone()))
    }
}
