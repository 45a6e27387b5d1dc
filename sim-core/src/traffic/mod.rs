//! Arrival processes and rate profiles: pure.
