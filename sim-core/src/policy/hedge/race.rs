//! The race of a hedged call: which pass may begin, and which result is the answer.

use super::{HedgeConfig, Losers, OnFailure};
use crate::policy::Outcome;

/// What is to be done after something happened in a race.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RaceStep {
    /// This result is the answer; what is still running has lost.
    Answer,
    /// The result that was kept is the answer; nothing is running any more.
    AnswerKept,
    /// Nothing yet. The result is kept: it is the answer if no better one comes.
    Keep,
    /// This result is the answer, once all that is running has ended: no further pass begins.
    KeepAndAwait,
    /// Nothing; the result does not matter.
    Wait,
    /// Another pass begins now.
    Begin,
}

/// The passes of one hedged call.
///
/// ```
/// use sim_core::policy::{HedgeConfig, HedgeDelay, Losers, OnFailure, Outcome, Race, RaceStep};
/// use sim_core::time::SimDuration;
///
/// let config = HedgeConfig {
///     delay: HedgeDelay::Fixed(SimDuration::from_millis(50).into()),
///     max_hedges: 1,
///     on: HedgeConfig::default_on(),
///     on_failure: OnFailure::Wait,
///     losers: Losers::Cancel,
///     other_instance: true,
///     budget: None,
/// };
/// let mut race = Race::default();
/// race.on_begun(&config); // at 0 ms, the first pass
/// race.next_is_due(true); // at 50 ms, if nothing answers before
/// assert_eq!(race.on_due(&config), RaceStep::Begin);
/// race.on_begun(&config);
/// // The first one fails while the second is running: wait for it.
/// assert_eq!(race.on_result(&config, Outcome::ErrorInternal), RaceStep::Wait);
/// assert_eq!(race.on_result(&config, Outcome::Ok), RaceStep::Answer);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Race {
    begun: u16,
    running: u16,
    /// Whether the next pass has its time.
    due: bool,
    /// Whether more passes may begin.
    field: Field,
}

/// Whether a race takes more passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Field {
    /// It does.
    #[default]
    Open,
    /// A budget said that no more may begin.
    Denied,
    /// A result is the answer already, and only losers are waited for.
    Decided,
}

impl Race {
    /// Passes so far \[count\].
    pub fn begun(&self) -> u32 {
        self.begun.into()
    }

    /// Passes under way \[count\].
    pub fn running(&self) -> u32 {
        self.running.into()
    }

    /// Whether the next pass has its time.
    pub fn is_due(&self) -> bool {
        self.due
    }

    /// Whether the answer is known and only losers are waited for.
    pub fn is_decided(&self) -> bool {
        self.field == Field::Decided
    }

    fn may_begin(self, config: &HedgeConfig) -> bool {
        self.field == Field::Open && u32::from(self.begun) <= config.max_hedges
    }

    /// A pass begins. Whether another may follow, so that its time is to be set.
    pub fn on_begun(&mut self, config: &HedgeConfig) -> bool {
        self.begun += 1;
        self.running += 1;
        self.due = false;
        self.may_begin(config)
    }

    /// Whether the next pass has its time, or none.
    pub fn next_is_due(&mut self, due: bool) {
        self.due = due;
    }

    /// The time of the next pass has come.
    pub fn on_due(&mut self, config: &HedgeConfig) -> RaceStep {
        self.due = false;
        if self.may_begin(config) {
            RaceStep::Begin
        } else {
            self.without_another()
        }
    }

    /// The pass that was to begin may not: a budget is used up. No other will.
    pub fn on_denied(&mut self) -> RaceStep {
        self.due = false;
        self.field = Field::Denied;
        self.without_another()
    }

    fn without_another(self) -> RaceStep {
        if self.running == 0 {
            RaceStep::AnswerKept
        } else {
            RaceStep::Wait
        }
    }

    /// Whether a result like this, when it comes now, ends a race that would else go on: others run,
    /// or are due.
    pub fn is_cut_short(&self, config: &HedgeConfig, outcome: Outcome) -> bool {
        let fatal = !outcome.is_useful() && !config.on.contains(outcome);
        fatal && !self.is_decided() && (self.running > 1 || self.due)
    }

    /// A pass has its result.
    pub fn on_result(&mut self, config: &HedgeConfig, outcome: Outcome) -> RaceStep {
        self.running -= 1;
        if self.is_decided() {
            return self.without_another();
        }
        if outcome.is_useful() || !config.on.contains(outcome) {
            return self.won(config);
        }
        if config.on_failure == OnFailure::AtOnce && self.may_begin(config) {
            self.due = false;
            return RaceStep::Begin;
        }
        match (self.running, self.due) {
            (0, false) => RaceStep::Answer,
            (0, true) => RaceStep::Keep,
            (_, _) => RaceStep::Wait,
        }
    }

    fn won(&mut self, config: &HedgeConfig) -> RaceStep {
        self.due = false;
        if config.losers == Losers::Await && self.running > 0 {
            self.field = Field::Decided;
            RaceStep::KeepAndAwait
        } else {
            RaceStep::Answer
        }
    }
}
