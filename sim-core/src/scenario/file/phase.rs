//! When what comes again and again comes first: at an instant, or at random.

use crate::scenario::read::{FileType, Reader};
use crate::scenario::shape::{ScalarJson, Shape};
use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::{Problem, ScalarType};
use crate::time::SimDuration;

/// An instant within a period, or any.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct PhaseFile(pub(in crate::scenario) Option<SimDuration>);

struct Random;

impl ScalarType for Random {
    const WHAT: &'static str = "`random`";

    fn json() -> ScalarJson {
        ScalarJson::Words(&["random"])
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        match text {
            "random" => Ok(Self),
            _ => Err(Problem::new("it must be `random` or a duration")),
        }
    }
}

impl FileType for PhaseFile {
    fn shape() -> Shape {
        Shape::Either(vec![SimDuration::shape, Random::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if matches!(&node.kind, Kind::Scalar { text, .. } if text == "random") {
            return Some(Self(None));
        }
        SimDuration::read(node, reader).map(|phase| Self(Some(phase)))
    }
}
