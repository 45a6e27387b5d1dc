//! Where two runs part: the facts of one of them between two checkpoints.

use super::fact_log::Excerpt;
use super::play::{Brake, play};
use crate::console::Console;
use crate::exit::Failure;
use sim_core::experiment::Play;
use sim_core::observe::digest::Interval;
use sim_core::scenario::Loaded;

/// Most facts that are kept of a stretch in which two runs part.
const MOST_FACTS: u64 = 50;

/// The stretch in which two runs part, as the new one lived it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Divergence {
    /// The stretch.
    pub(crate) interval: Interval,
    /// Numbers of facts and their lines.
    pub(crate) facts: Vec<(u64, String)>,
    /// Further facts in the stretch \[count\].
    pub(crate) more: u64,
}

impl Divergence {
    /// Plays the run once more, up to the end of the stretch.
    pub(crate) fn find(
        loaded: &Loaded,
        which: Play,
        interval: Interval,
        console: &Console,
    ) -> Result<Self, Failure> {
        let last = interval.until_fact.min(interval.after_fact + MOST_FACTS);
        let brake = Brake::default();
        let excerpt = Excerpt::new((interval.after_fact, last), &loaded.scenario.model, &brake);
        let (_, excerpt) = play(&loaded.scenario, which, excerpt, &brake, console)?;
        Ok(Self {
            interval,
            facts: excerpt.lines,
            more: interval.until_fact - last,
        })
    }

    /// Where it is, as two sentences.
    pub(crate) fn text(&self) -> String {
        let Interval {
            after_fact,
            until_fact,
            from,
            to,
        } = self.interval;
        format!(
            "the first {after_fact} facts agree, until t={from}\nThe runs part in the facts {} to \
             {until_fact}, by t={to}.",
            after_fact + 1
        )
    }
}
