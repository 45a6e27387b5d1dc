//! What a breaker is made of: four small closed choices and two numbers.
//!
//! Two breakers of two libraries with "the same" threshold behave differently, because they choose
//! differently in four places: what is counted, when that opens, who probes, and what old results
//! do. Each choice is a closed enum in a file of its own, so that the breaker of a library is
//! a value of this type and a new library adds an arm, not a new breaker.
//!
//! There is no `Default`: the scenario owns defaults and prints them. What libraries use:
//!
//! | | opens at | window | cool-down | probes |
//! |---|---|---|---|---|
//! | resilience4j | 50 % of 100 results | last 100 results | 60 s | 10 |
//! | Polly 8 | 10 % of 100 results | 30 s | 5 s | 1 |
//! | Hystrix | 50 % of 20 requests | 10 s | 5 s | 1 |
//! | gobreaker | 6 failures in a row | none | 60 s | 1 |
//! | opossum | over 50 % | 10 s | 30 s | 1 |
//! | pybreaker | 5 failures in a row | none | 60 s | unlimited |

use super::{HalfOpenRule, LateRule, TripRule, Window};
use crate::policy::OutcomeSet;
use crate::time::SimDuration;

/// A circuit breaker layer.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakerConfig {
    /// What is counted.
    pub window: Window,
    /// When it opens.
    pub trip: TripRule,
    /// How long everything is rejected after opening, the end excluded: a call at that very instant
    /// is the first probe (Polly 8; resilience4j still rejects it).
    ///
    /// resilience4j, gobreaker and pybreaker: 60 s, opossum: 30 s, Polly 8 and Hystrix: 5 s.
    pub open_for: SimDuration,
    /// Who is admitted after that.
    pub half_open: HalfOpenRule,
    /// What old results do.
    pub late: LateRule,
    /// Which outcomes count as failure; the default is [`OutcomeSet::failures`] (rule 29).
    ///
    /// Every other outcome counts as success, except `cancelled`, which counts as neither.
    pub failures: OutcomeSet,
}
