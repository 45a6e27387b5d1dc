//! Tests of the room as a whole: pinned values, goodness of fit, independence, refusals.

mod fit;
mod independence;
mod pinned;
mod refused;
mod samples;
