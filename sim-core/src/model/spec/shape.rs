//! What steps come to, for whoever reckons with them.
//!
//! Who carries steps out knows each kind of them. Who only reckons with them (how long an operation
//! takes, which calls it makes, how many threads it holds) needs less: a step does something itself, or
//! it has steps inside that come all at once, one of several ways, or again and again. A new step says
//! here which of these it is, and all who reckon know it.

use super::operation::{Branches, StepSpec, Times, WorkTime};
use crate::id::SiteId;
use crate::policy::Outcome;
use crate::units::Probability;

/// What a step comes to.
#[derive(Clone, Debug)]
pub enum StepShape<'s> {
    /// It works.
    Work(&'s WorkTime),
    /// It calls, and waits for the outcome.
    Call {
        /// Where the call is made.
        site: SiteId,
        /// Whether its failure is forgiven.
        optional: bool,
    },
    /// It may end the operation in this way.
    Fail(Outcome),
    /// Steps side by side.
    AtOnce {
        /// Each with its number of copies \[count\].
        branches: Vec<(&'s [StepSpec], u32)>,
        /// Useful ones needed \[count\].
        need: u32,
        /// Whether the rest is abandoned once it is decided.
        cancel_rest: bool,
    },
    /// At most one of these, by chance; what the shares leave over does nothing.
    OneOf(Vec<(Probability, &'s [StepSpec])>),
    /// The same steps one round after another.
    Again(Times, &'s [StepSpec]),
    /// Steps under a policy, which may begin them again.
    Under {
        /// Where they are called, inline.
        site: SiteId,
        /// What is done.
        steps: &'s [StepSpec],
    },
}

/// How often steps inside a step are done, each time that it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Often {
    /// So many times at once.
    Copies(u32),
    /// By chance.
    Chance(Probability),
    /// One round after another.
    Rounds(Times),
    /// As often as the policy at this place begins them.
    Passes(SiteId),
}

impl StepSpec {
    /// What it comes to.
    pub fn shape(&self) -> StepShape<'_> {
        match self {
            Self::Work { time, .. } => StepShape::Work(time),
            &Self::Call { site, optional } => StepShape::Call { site, optional },
            Self::Fail { outcome, .. } => StepShape::Fail(*outcome),
            Self::Parallel {
                branches,
                need,
                cancel_rest,
                ..
            } => StepShape::AtOnce {
                branches: match branches {
                    Branches::Each(each) => each.iter().map(|it| (it.as_slice(), 1)).collect(),
                    Branches::Same { steps, count } => vec![(steps, *count)],
                },
                need: *need,
                cancel_rest: *cancel_rest,
            },
            Self::Branch { arms, .. } => {
                let arms = arms.iter().map(|(share, steps)| (*share, steps.as_slice()));
                StepShape::OneOf(arms.collect())
            }
            Self::Repeat { times, steps, .. } => StepShape::Again(*times, steps),
            Self::Block { site, steps, .. } => StepShape::Under { site: *site, steps },
            Self::Saga { calls, .. } => StepShape::Again(Times::Exactly(1), calls),
            // It takes no time and makes no call.
            Self::Store | Self::Deed { .. } => StepShape::OneOf(Vec::new()),
        }
    }

    /// Calls `visit` for each of these steps and those inside them, outer ones first, with how often it
    /// is done when the list is done `times`; `inside` says what becomes of that within a step.
    pub fn visit<'s, T: Copy>(
        steps: &'s [Self],
        times: T,
        inside: &impl Fn(T, Often) -> T,
        visit: &mut impl FnMut(&StepShape<'s>, T),
    ) {
        for step in steps {
            let shape = step.shape();
            visit(&shape, times);
            match shape {
                StepShape::Work(_) | StepShape::Call { .. } | StepShape::Fail(_) => {}
                StepShape::AtOnce { branches, .. } => {
                    for (steps, copies) in branches {
                        Self::visit(steps, inside(times, Often::Copies(copies)), inside, visit);
                    }
                }
                StepShape::OneOf(arms) => {
                    for (share, steps) in arms {
                        Self::visit(steps, inside(times, Often::Chance(share)), inside, visit);
                    }
                }
                StepShape::Again(rounds, steps) => {
                    Self::visit(steps, inside(times, Often::Rounds(rounds)), inside, visit);
                }
                StepShape::Under { site, steps } => {
                    Self::visit(steps, inside(times, Often::Passes(site)), inside, visit);
                }
            }
        }
    }
}

/// How many blocks of a kind, as places tell, one is in at once at most when these steps are done.
pub(super) fn most_held(steps: &[StepSpec], is_held: &dyn Fn(SiteId) -> bool) -> u32 {
    let held = steps.iter().map(|step| match step.shape() {
        StepShape::Work(_) | StepShape::Call { .. } | StepShape::Fail(_) => 0,
        StepShape::AtOnce { branches, .. } => {
            let sides = branches.into_iter();
            let held =
                sides.map(|(steps, copies)| most_held(steps, is_held).saturating_mul(copies));
            held.fold(0, u32::saturating_add)
        }
        StepShape::OneOf(arms) => {
            let arms = arms.iter().map(|(_, steps)| most_held(steps, is_held));
            arms.max().unwrap_or(0)
        }
        StepShape::Again(_, steps) => most_held(steps, is_held),
        StepShape::Under { site, steps } => u32::from(is_held(site)) + most_held(steps, is_held),
    });
    held.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(site: u32) -> StepSpec {
        StepSpec::Call {
            site: SiteId(site),
            optional: false,
        }
    }

    #[test]
    fn a_visit_meets_every_call_with_how_often_it_is_made() {
        let half = Probability::new(0.5).unwrap();
        let steps = [
            call(0),
            StepSpec::Parallel {
                path: "parallel/1".to_owned(),
                branches: Branches::Same {
                    steps: vec![StepSpec::Repeat {
                        path: "repeat/1".to_owned(),
                        times: Times::Exactly(2),
                        steps: vec![call(1)],
                    }],
                    count: 3,
                },
                need: 3,
                cancel_rest: true,
                distinct_instances: false,
            },
            StepSpec::Branch {
                path: "branch/1".to_owned(),
                arms: vec![(half, vec![call(2), call(0)])],
            },
        ];
        let inside = |times: f64, often| match often {
            Often::Copies(copies) => times * f64::from(copies),
            Often::Chance(share) => times * share.get(),
            Often::Rounds(Times::Exactly(rounds)) => times * f64::from(rounds),
            Often::Rounds(Times::Again(_)) | Often::Passes(_) => times,
        };
        let mut calls = Vec::new();
        StepSpec::visit(&steps, 10.0, &inside, &mut |step, times| {
            if let StepShape::Call { site, .. } = step {
                calls.push((site.0, times));
            }
        });
        assert_eq!(calls, [(0, 10.0), (1, 60.0), (2, 5.0), (0, 5.0)]);
    }
}
