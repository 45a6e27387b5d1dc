//! Disciplines, thread pools, processor sharing, and closed-form queueing theory.
