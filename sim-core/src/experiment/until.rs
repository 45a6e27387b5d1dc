//! How many replications are enough: until an interval is as narrow as asked.
//!
//! Replications are added in batches of one size, and only whole batches are looked at, so that the
//! number of threads cannot decide when to stop. A maximum bounds what an impossible wish can cost.
//! Looking often makes an interval a little too narrow (it stops where luck made it so); batches
//! of ten or more keep that small (Law, "Simulation Modeling and Analysis", 9.4.1).

use super::estimate::{mean_interval, share_interval};
use super::figures::{Figure, measure_hint};
use super::replicate::{Experiment, Replications, Watcher};
use crate::judge::Unit;
use crate::scenario::diagnostic::quoted;
use crate::scenario::value::{Problem, ScalarType};
use crate::time::SimDuration;
use crate::units::{Factor, Probability, Rate};

/// What it is called where no figure of a single run would do.
pub const COLLAPSE: &str = "probability of collapse";

/// An interval is to be narrower than this.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// As it was written.
    pub text: String,
    /// Whose interval.
    of: Target,
    /// Unit of the bound.
    pub unit: Unit,
    /// Half the width of the interval is to be below this, in `unit`.
    pub below: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Figure(usize),
    Collapse,
}

/// Why a text is no goal, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadGoal {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// How many replications to play.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Played at first, and added until the goal is reached \[count\].
    pub batch: u32,
    /// Never more than this \[count\].
    pub most: u32,
    /// When to stop; after the first batch if absent.
    pub goal: Option<Goal>,
}

impl Goal {
    /// Reads `half-width of MEASURE < VALUE`.
    pub fn parse(text: &str, figures: &[Figure]) -> Result<Self, BadGoal> {
        let inside = text.trim().strip_prefix("half-width of ");
        let Some((name, value)) = inside.and_then(|inside| inside.split_once('<')) else {
            return Err(BadGoal {
                message: format!("{} says not when to stop", quoted(text)),
                hint: "write 'half-width of MEASURE < VALUE', such as 'half-width of probability \
                       of collapse < 2%'"
                    .to_owned(),
            });
        };
        let (name, value) = (name.trim(), value.trim());
        let place = figures.iter().position(|figure| figure.name == name);
        let (of, unit) = match place {
            _ if name == COLLAPSE => (Target::Collapse, Unit::Share),
            Some(place) => (Target::Figure(place), figures[place].unit),
            None => return Err(unknown(name, figures)),
        };
        let below = amount(value, unit).map_err(|problem| BadGoal {
            message: format!(
                "the half-width of {name} cannot be below {}: {}",
                quoted(value),
                problem.limit
            ),
            hint: problem
                .hint
                .unwrap_or_else(|| format!("such as `{}`", example(unit))),
        })?;
        Ok(Self {
            text: text.trim().to_owned(),
            of,
            unit,
            below,
        })
    }

    /// Half the width of the interval so far; none for too few runs.
    pub fn half_width(&self, all: &Replications) -> Option<f64> {
        match self.of {
            Target::Figure(place) => mean_interval(&all.values(place))?.half_width,
            Target::Collapse => {
                let collapsed = all.runs.iter().filter(|run| run.collapsed).count();
                let interval = share_interval(collapsed as u32, all.runs.len() as u32)?;
                Some((interval.high - interval.low) / 2.0)
            }
        }
    }

    /// Whether the interval is narrow enough.
    pub fn is_reached(&self, all: &Replications) -> bool {
        self.half_width(all)
            .is_some_and(|half_width| half_width < self.below)
    }
}

fn unknown(name: &str, figures: &[Figure]) -> BadGoal {
    let names = || {
        figures
            .iter()
            .map(|figure| figure.name.as_str())
            .chain([COLLAPSE])
    };
    let hint = measure_hint(name, names());
    BadGoal {
        message: format!("the scenario has no measure {}", quoted(name)),
        hint,
    }
}

/// A value above zero in this unit.
fn amount(text: &str, unit: Unit) -> Result<f64, Problem> {
    let value = match unit {
        Unit::Share | Unit::YesNo => Probability::parse(text)?.get(),
        Unit::Ns => SimDuration::parse(text)?.as_ns_f64(),
        Unit::PerSecond => Rate::parse(text)?.get(),
        Unit::Factor | Unit::Count => Factor::parse(text)?.get(),
    };
    if value > 0.0 {
        return Ok(value);
    }
    Err(Problem::new("nothing is narrower than that"))
}

const fn example(unit: Unit) -> &'static str {
    match unit {
        Unit::Share | Unit::YesNo => "1%",
        Unit::Ns => "5ms",
        Unit::PerSecond => "10/s",
        Unit::Factor | Unit::Count => "0.1",
    }
}

impl Experiment<'_> {
    /// Plays batches of replications until the goal is reached.
    pub fn carry_out(&self, plan: &Plan, watcher: &dyn Watcher) -> Replications {
        let mut all = Replications::default();
        loop {
            let from = all.asked();
            let until = from.saturating_add(plan.batch).min(plan.most);
            watcher.planned(until);
            self.play(from..until, watcher, &mut all);
            let goes_on = plan
                .goal
                .as_ref()
                .is_some_and(|goal| !goal.is_reached(&all));
            if !goes_on || until >= plan.most || all.is_interrupted() {
                return all;
            }
        }
    }
}
