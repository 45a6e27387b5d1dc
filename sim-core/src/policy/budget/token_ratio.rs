//! Calls pay in, retries draw out, and all of it expires.
//!
//! Retries become a share of the calls of the last seconds: with a ratio of 20 % five calls pay for
//! one retry. A reserve of some retries per second lets callers with little traffic retry at all.
//!
//! The rule: each first pass deposits, each retry withdraws its cost if deposits, withdrawals and
//! the reserve together cover it. Both are kept in slots of a tenth of `ttl` and forgotten with
//! their slot: withdrawals too, so the reserve, `min_per_second × ttl` retries, comes back in time.
//! After an idle `ttl` nothing but the reserve is left.
//!
//! Two libraries, two arithmetics ([`SlotRule`]):
//! - Finagle (`RetryBudget.scala`, `WindowedAdder.scala`) deposits 1000 and charges
//!   `trunc(1000 / ratio)`; nine slots and the one being written, one leaves for each that has
//!   passed.
//! - tower (`tps_budget.rs`; Linkerd's service profiles) deposits 1 and charges `trunc(1 / ratio)`,
//!   so 30 % becomes a third; ten slots besides the one being written, but a turn after its time
//!   clears one slot more than has passed. No clock turns exactly in time, so an instant at the very
//!   end of a slot is taken for one past it. Under load tokens thus live half the `ttl`, and the
//!   reserve comes free twice as often.
//!
//! Who deposits is the caller's own affair in tower, whose policy calls `deposit`: with each call, or
//! with each success, as the example of its documentation has it ([`Deposits`]).

use crate::time::{SimDuration, SimTime};

/// Calls pay in, retries draw out.
///
/// ```
/// use sim_core::policy::{Budget, BudgetConfig, Deposits, Extra, Outcome, SlotRule, TokenRatio};
/// use sim_core::time::{SimDuration, SimTime};
///
/// let config = BudgetConfig::TokenRatio(TokenRatio {
///     ratio: 0.5,
///     min_per_second: 1,
///     ttl: SimDuration::from_secs(1),
///     slots: SlotRule::Finagle,
///     deposits: Deposits::Calls,
/// });
/// let now = SimTime::ZERO;
/// let mut budget = Budget::new(now, &config);
/// let retry = Extra::Retry(Outcome::ErrorUnavailable);
/// budget.call_started(now, &config);
/// budget.call_started(now, &config);
/// assert!(budget.ask(now, &config, retry).is_some(), "paid for by two calls");
/// assert!(budget.ask(now, &config, retry).is_some(), "the reserve of one");
/// assert!(budget.ask(now, &config, retry).is_none());
/// let later = now + SimDuration::from_secs(2);
/// assert!(budget.ask(later, &config, retry).is_some(), "the reserve is back");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenRatio {
    /// Retries that one call pays for, 0 to 1000; default 0.2.
    pub ratio: f64,
    /// Retries per second that are allowed besides \[1/s\]; default 10.
    pub min_per_second: u32,
    /// How long a deposit or a withdrawal counts, 1 s to 60 s; default 10 s.
    pub ttl: SimDuration,
    /// Which library's arithmetic.
    pub slots: SlotRule,
    /// What pays in.
    pub deposits: Deposits,
}

/// What pays into a [`TokenRatio`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deposits {
    /// Each first pass, when it begins (Finagle, Linkerd); the default.
    Calls,
    /// Each pass that is answered usefully (the example of tower's documentation).
    Successes,
}

/// Whose arithmetic a [`TokenRatio`] uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotRule {
    /// Thousandths of a call; slots leave when their time has passed.
    Finagle,
    /// Whole calls; a slot more leaves at each late turn.
    Tower,
}

impl TokenRatio {
    /// What one call pays in.
    pub(super) fn deposit(&self) -> i64 {
        match self.slots {
            _ if self.ratio <= 0.0 => 0,
            SlotRule::Tower if self.ratio <= 1.0 => 1,
            SlotRule::Tower | SlotRule::Finagle => 1_000,
        }
    }

    /// What one retry costs.
    fn cost(&self) -> i64 {
        if self.ratio <= 0.0 {
            return 1;
        }
        // f32 as tower has it: 1 / 0.2 is 5 there, and would be 4.99… for other doubles.
        match self.slots {
            SlotRule::Tower => (self.deposit() as f32 / self.ratio as f32) as i64,
            SlotRule::Finagle => (1_000.0 / self.ratio) as i64,
        }
    }

    /// What is there without any call; whole seconds of `ttl` count.
    fn reserve(&self) -> i64 {
        let seconds = (self.ttl.as_ns() / 1_000_000_000).cast_signed();
        i64::from(self.min_per_second) * seconds * self.cost()
    }

    /// How long one slot is written.
    fn slot(&self) -> SimDuration {
        SimDuration::from_ns(self.ttl.as_ns() / 10)
    }

    /// Slots besides the one being written.
    fn kept(&self) -> usize {
        match self.slots {
            SlotRule::Finagle => 9,
            SlotRule::Tower => 10,
        }
    }
}

/// Deposits less withdrawals, slot by slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slots {
    kept: [i64; 10],
    /// The sum of the slots kept.
    sum: i64,
    /// The one being written.
    writing: i64,
    /// Where it goes when its time is over.
    next: usize,
    /// When it was begun.
    since: SimTime,
}

impl Slots {
    pub(super) const fn new(now: SimTime) -> Self {
        Self {
            kept: [0; 10],
            sum: 0,
            writing: 0,
            next: 0,
            since: now,
        }
    }

    pub(super) fn put(&mut self, now: SimTime, config: &TokenRatio, amount: i64) {
        self.turn(now, config);
        self.writing += amount;
    }

    /// Takes the cost of a retry if it is there.
    pub(super) fn take(&mut self, now: SimTime, config: &TokenRatio) -> bool {
        self.turn(now, config);
        let cost = config.cost();
        let covered = self.balance(config) >= cost;
        if covered {
            self.writing -= cost;
        }
        covered
    }

    /// Whether more has been taken than calls have paid in.
    pub(super) const fn draws_on_reserve(&self) -> bool {
        self.writing + self.sum < 0
    }

    /// Retries that the balance pays for, as of the last question.
    pub(super) fn left(&self, config: &TokenRatio) -> i64 {
        self.balance(config).div_euclid(config.cost().max(1))
    }

    fn balance(&self, config: &TokenRatio) -> i64 {
        self.writing + self.sum + config.reserve()
    }

    /// Puts the slot being written away when its time is over, and forgets those that are too old.
    fn turn(&mut self, now: SimTime, config: &TokenRatio) {
        let (passed, slot) = (now.since(self.since).as_ns(), config.slot().as_ns().max(1));
        if passed < slot {
            return;
        }
        let writing = std::mem::take(&mut self.writing);
        self.store(writing, config);
        let more = match config.slots {
            SlotRule::Finagle => passed / slot - 1,
            // A loop that subtracts a slot while more than one is left, but begins with all; exactly
            // one left is a little more than that on a real clock.
            SlotRule::Tower => passed / slot,
        };
        for _ in 0..more.min(config.kept() as u64) {
            self.store(0, config);
        }
        self.since = now;
    }

    fn store(&mut self, amount: i64, config: &TokenRatio) {
        let at = self.next % config.kept();
        self.sum += amount - self.kept[at];
        self.kept[at] = amount;
        self.next = (at + 1) % config.kept();
    }
}
