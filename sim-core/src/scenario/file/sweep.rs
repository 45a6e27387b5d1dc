//! `sweep`: which values `squall sweep` tries when the command line names none.

use super::super::read::file_enum;
use super::super::read::{At, FileType, Reader, file_map};
use super::super::shape::Shape;
use super::super::tree::{Kind, Node, normalised};
use super::super::value::{Count, Text};

file_map! {
    /// Values to try; a single run knows nothing of them.
    SweepFile {
        /// What is varied, the slowest first.
        vary: Vec<At<VaryFile>>, required;
        /// Runs of each cell, on random numbers that all cells share.
        replications: Count<1, 100_000>, optional;
        /// Which combinations are tried.
        design: DesignFile, default "grid";
    }
}

file_map! {
    /// A setting that is varied.
    VaryFile {
        /// Its path, as for `--set`: `policies.guarded.retry.max_attempts`.
        path: Text, required;
        /// A list, or a text such as `1,2,3`, `100/s..900/s step 100/s` or `10ms..10s log 7`.
        values: RawFile, required;
    }
}

file_enum! {
    /// Which combinations are tried.
    DesignFile {
        /// All of them.
        grid = Grid;
        /// So many, each value drawn by itself.
        random = Random(Count<1, 1_000_000>);
        /// So many, drawn so that each axis is covered evenly (Latin hypercube).
        lhs = Lhs(Count<1, 1_000_000>);
    }
}

/// Values as they were written, read when it is known what they are for.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct RawFile(pub(in crate::scenario) String);

impl FileType for RawFile {
    fn shape() -> Shape {
        Shape::Any
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match &node.kind {
            Kind::Scalar { text, .. } if !node.is_null() => Some(Self(text.clone())),
            Kind::List(items) if !items.is_empty() => {
                let items: Vec<String> = items.iter().map(written).collect();
                Some(Self(items.join(",")))
            }
            Kind::Scalar { .. } | Kind::List(_) | Kind::Map(_) => {
                reader.expected(node, "a list of values, or a text such as `1,2,3`,")
            }
        }
    }
}

/// A value on one line.
fn written(node: &Node) -> String {
    match &node.kind {
        Kind::Scalar { text, .. } => text.clone(),
        Kind::List(_) | Kind::Map(_) => normalised(node),
    }
}
