//! Outcomes and groups of outcomes, by name.

use crate::policy::OutcomeSet;
use crate::policy::said::meaning_of;
use crate::scenario::diagnostic::nearest;
use crate::scenario::read::{FileType, Reader};
use crate::scenario::shape::{ScalarJson, Shape};
use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::{Problem, ScalarType};

/// Outcomes or groups of outcomes, by name.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct OutcomesFile(pub(in crate::scenario) OutcomeSet);

/// One outcome or group of outcomes.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct OutcomeName(pub(in crate::scenario) OutcomeSet);

impl ScalarType for OutcomeName {
    const WHAT: &'static str = "an outcome such as `timeout` or `error.unavailable`";

    fn json() -> ScalarJson {
        ScalarJson::Text(r"^[a-z_]+(\.[a-z_]+)?$")
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        if let Some(set) = OutcomeSet::named(text) {
            return Ok(Self(set));
        }
        let problem = Problem::new("there is no such outcome");
        if let Some(meaning) = meaning_of(text) {
            return Err(problem.hint(meaning));
        }
        let names = OutcomeSet::names();
        let by_last_part = || {
            names
                .iter()
                .copied()
                .find(|name| name.ends_with(&format!(".{text}")))
        };
        match by_last_part().or_else(|| nearest(text, names.iter().copied())) {
            Some(near) => Err(problem.hint(format!("did you mean `{near}`?"))),
            None => Err(problem.hint("groups are error, timeout, rejected, stopped")),
        }
    }
}

impl FileType for OutcomesFile {
    fn shape() -> Shape {
        Shape::Either(vec![OutcomeName::shape, Vec::<OutcomeName>::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if let Kind::Scalar { .. } = node.kind {
            return OutcomeName::read(node, reader).map(|name| Self(name.0));
        }
        let names = Vec::<OutcomeName>::read(node, reader)?;
        let all = names
            .iter()
            .fold(OutcomeSet::EMPTY, |set, name| set.union(name.0));
        Some(Self(all))
    }
}
