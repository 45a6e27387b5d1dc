//! Random numbers.
//! (placeholder until the room lands)
/// A distribution of spans.
#[derive(Clone, Debug, PartialEq)]
pub enum Dist {
    /// constant
    Constant(crate::time::SimDuration),
}
