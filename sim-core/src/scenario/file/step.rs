//! `steps`: what an operation does.

use super::distribution::DistFile;
use super::messages::PublishFile;
use super::saga::SagaFile;
use crate::policy::Outcome;
use crate::policy::said::meaning_of;
use crate::scenario::layer::PolicyRef;
use crate::scenario::read::{At, FileType, Reader, file_enum, file_map};
use crate::scenario::shape::{ScalarJson, Shape};
use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::{Count, Name, Problem, Reference, ScalarType};
use crate::time::SimDuration;
use crate::units::Probability;

file_enum! {
    /// A part of an operation.
    StepFile {
        /// Holds a thread for some time.
        work = Work(WorkFile);
        /// Calls another operation.
        call = Call(CallFile);
        /// Stores a message in a queue, for others to be handed.
        publish = Publish(PublishFile);
        /// Several branches at once.
        parallel = Parallel(ParallelFile);
        /// One of several ways, by chance.
        branch = Branch(Vec<ArmFile>);
        /// The same steps again and again.
        repeat = Repeat(At<RepeatFile>);
        /// Steps under a policy of their own, on the thread of the operation: a `try` in a retry, two
        /// calls under one timeout. To the policy they are one call, which may be given up, with its
        /// work, and done again; no network and no queue lies between. It ends with the outcome of its
        /// failed step, the operation around it then with `error.dependency`, or as it did if one
        /// of its own steps failed.
        block = Block(At<BlockFile>);
        /// Steps with a connection of a pool, which is held until they are done, or fail: a session, or
        /// a transaction.
        with = With(At<WithFile>);
        /// Calls one after another, which are undone in reverse order if one of them fails.
        saga = Saga(At<SagaFile>);
        /// Does something that outlives the call and must be done once: money is taken, a seat sold. It is
        /// done for the root call, the call of a client at the beginning of it all, whoever carries it out
        /// and however often; once more is a duplicate, or is absorbed if the operation is `idempotent`.
        effect = Effect(At<Name>);
        /// Undoes such an effect for the same root call: one of it, if it was done more than once. Where
        /// nothing is to be undone, nothing happens.
        undo = Undo(UndoFile);
        /// Ends the operation with an error.
        fail = Fail(At<FailFile>);
        /// Ends the operation with the outcome `negative`: a full answer that says no, as 404 or a
        /// cache miss.
        negative = Negative(NegativeFile);
    }
}

/// How long a step works.
#[derive(Clone, Debug)]
pub(in crate::scenario) enum WorkFile {
    /// Drawn for each.
    Drawn(DistFile),
    /// These in turn.
    Sequence(Vec<SimDuration>),
}

file_enum! {
    /// Fixed times of work.
    SequenceFile {
        /// These in the order in which work starts, then again from the first.
        sequence = Sequence(Vec<SimDuration>);
    }
}

impl FileType for WorkFile {
    fn shape() -> Shape {
        Shape::Either(vec![DistFile::shape, SequenceFile::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if node.get("sequence").is_none() {
            return DistFile::read(node, reader).map(Self::Drawn);
        }
        let SequenceFile::Sequence(times) = SequenceFile::read(node, reader)?;
        if times.is_empty() {
            return reader.expected(node, "at least one duration in `sequence`");
        }
        Some(Self::Sequence(times))
    }
}

file_map! {
    /// A call to another operation.
    CallFile short to {
        /// The called operation: `service.operation`.
        to: At<Reference>, required;
        /// The policy around it.
        policy: PolicyRef, optional;
        /// Whether its failure is forgiven: the answer is then `degraded`.
        optional: bool, default "false";
        /// The pool over a connection of which it is made, taken inside its policy and given back with
        /// the answer: each try asks anew.
        pool: At<Reference>, optional;
    }
}

file_map! {
    /// Several branches at once: either `branches`, or one `call` and its `count`.
    ParallelFile short branches {
        /// Each a step, or a list of steps.
        branches: At<Vec<StepsFile>>, optional;
        /// The call that is made several times.
        call: CallFile, optional;
        /// How many times.
        count: Count<1, 10_000>, optional;
        /// How many branches must be useful: `all`, `any`, or a number.
        need: At<Need>, default "all";
        /// Whether the rest is abandoned once it is decided.
        cancel_rest: bool, default "true";
        /// Whether calls to one service go to different instances.
        distinct_instances: bool, default "false";
    }
}

/// One step, or several in order.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct StepsFile(pub(in crate::scenario) Vec<At<StepFile>>);

impl FileType for StepsFile {
    fn shape() -> Shape {
        Shape::Either(vec![StepFile::shape, Vec::<At<StepFile>>::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if let Kind::List(_) = node.kind {
            return Vec::read(node, reader).map(Self);
        }
        At::read(node, reader).map(|step| Self(vec![step]))
    }
}

/// How many branches must be useful.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) enum Need {
    /// Every one.
    All,
    /// So many.
    AtLeast(u32),
}

impl ScalarType for Need {
    const WHAT: &'static str = "`all`, `any` or a number";

    fn json() -> ScalarJson {
        ScalarJson::Text("")
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        match text {
            "all" => Ok(Self::All),
            "any" => Ok(Self::AtLeast(1)),
            number => match Count::<1>::parse(number) {
                Ok(count) => Ok(Self::AtLeast(count.get())),
                Err(_) => Err(Problem::new("it must be `all`, `any` or a number")),
            },
        }
    }
}

file_map! {
    /// One of several ways.
    ArmFile {
        /// How often; the shares sum to at most 100%, the rest does nothing.
        share: At<Probability>, required;
        /// What it does.
        steps: Vec<At<StepFile>>, required;
    }
}

file_map! {
    /// The same steps again and again: either `times` or `again`.
    RepeatFile {
        /// So many rounds.
        times: Count<1, 1_000_000>, optional;
        /// The chance of one more round, after each.
        again: Probability, optional;
        /// What is repeated.
        steps: Vec<At<StepFile>>, required;
    }
}

file_map! {
    /// Undoes an effect.
    UndoFile short effect {
        /// The effect, by the name under which a step `effect` does it.
        effect: At<Name>, required;
        /// Whether the effect is refused from then on for this root call: a step that would do it late ends
        /// with `error.invalid`. Without, a late one stands.
        forbids: bool, default "false";
    }
}

file_map! {
    /// Steps with a connection of a pool.
    WithFile {
        /// The pool. Calls of these steps to the service to which it leads go over the connection.
        pool: At<Reference>, required;
        /// What is done; at least one step.
        steps: At<Vec<At<StepFile>>>, required;
    }
}

file_map! {
    /// Steps under a policy of their own.
    BlockFile {
        /// The policy around them: any but with `hedge`, `balance` or `on_expiry: detach`, since there
        /// is one thread, in one place.
        policy: PolicyRef, required;
        /// What is done; at least one step.
        steps: At<Vec<At<StepFile>>>, required;
    }
}

file_map! {
    /// Ends the operation with an error: either by chance with `share`, or in a `sequence`.
    FailFile {
        /// How often.
        share: Probability, optional;
        /// What it answers: internal, unavailable or invalid.
        kind: ErrorKind, default "internal";
        /// `ok` or the kind of error, in the order in which operations get here, then again.
        sequence: Vec<OkOrError>, optional;
    }
}

file_map! {
    /// Ends the operation, by chance, with an answer that says no: the callee is well, its caller
    /// goes on. In a branch of a `parallel`, such a branch is not one of those it needs.
    NegativeFile short share {
        /// How often.
        share: Probability, required;
    }
}

/// A kind of error that an operation can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scenario) struct ErrorKind(pub(in crate::scenario) Outcome);

const ERROR_KINDS: [(&str, Outcome); 4] = [
    ("internal", Outcome::ErrorInternal),
    ("unavailable", Outcome::ErrorUnavailable),
    ("invalid", Outcome::ErrorInvalid),
    ("dependency", Outcome::ErrorDependency),
];

impl ScalarType for ErrorKind {
    const WHAT: &'static str = "a kind of error";

    fn json() -> ScalarJson {
        ScalarJson::Words(&["internal", "unavailable", "invalid", "dependency"])
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        let found = ERROR_KINDS.iter().find(|(name, _)| *name == text);
        if let Some(&(_, outcome)) = found {
            return Ok(Self(outcome));
        }
        let problem =
            Problem::new("a kind of error is `internal`, `unavailable`, `invalid` or `dependency`");
        Err(match meaning_of(text) {
            _ if text == "negative" => {
                problem.hint("a negative answer is no error: the step is `negative: 10%`")
            }
            Some(meaning) => problem.hint(meaning),
            None => problem,
        })
    }
}

/// A kind of error, or a negative answer: what a fault can make of a good answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scenario) struct AnswerKind(pub(in crate::scenario) Outcome);

impl ScalarType for AnswerKind {
    const WHAT: &'static str = "a kind of error, or `negative`";

    fn json() -> ScalarJson {
        ScalarJson::Words(&[
            "internal",
            "unavailable",
            "invalid",
            "dependency",
            "negative",
        ])
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        if text == "negative" {
            return Ok(Self(Outcome::Negative));
        }
        let kind = ErrorKind::parse(text).map(|kind| Self(kind.0));
        kind.map_err(|problem| {
            let limit = problem.limit.replace(" or ", ", ");
            Problem {
                limit: format!("{limit}, or `negative`"),
                ..problem
            }
        })
    }
}

/// `ok`, or a kind of error.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct OkOrError(pub(in crate::scenario) Option<Outcome>);

impl ScalarType for OkOrError {
    const WHAT: &'static str = "`ok` or a kind of error";

    fn json() -> ScalarJson {
        ScalarJson::Words(&["ok", "internal", "unavailable", "invalid", "dependency"])
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        if text == "ok" {
            return Ok(Self(None));
        }
        ErrorKind::parse(text).map(|kind| Self(Some(kind.0)))
    }
}
