//! Resilience policies as pure state machines.
