//! (placeholder until the room lands)
/// A rate over time.
#[derive(Clone, Debug, PartialEq)]
pub struct RateProfile;
/// An arrival process as data.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrivals;
