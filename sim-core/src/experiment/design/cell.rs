//! A cell of a design.

/// One value for each axis, in their order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The values, in the one way that each is written here.
    pub values: Vec<String>,
}
