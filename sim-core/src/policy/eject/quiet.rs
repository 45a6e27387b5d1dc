//! nginx: failures are forgiven only by a success after a quiet period.
//!
//! `fail_timeout` is no window. A failure notes the second; the first attempt that is sent more than
//! `fail_timeout` seconds later notes its own, and a success forgives all failures if such an attempt
//! was sent since. So failures that are closer add up for ever, though successes come between. After
//! `max_fails` of them the instance is left out until the second after `fail_timeout` has passed; then
//! one attempt goes to it, and others only when that one was answered well, or as long again has passed.
//! An instance that is alone is never left out.

use super::config::QuietPeriod;
use super::step::{EjectBack, EjectStepKind, EjectWhy};
use crate::time::SimTime;

const SECOND: u64 = 1_000_000_000;
/// Long before the run.
const NEVER: i64 = i64::MIN / 2;

/// One instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer {
    /// Failures not forgiven \[count\].
    fails: u32,
    /// The second of the last failure.
    accessed: i64,
    /// The second of the last failure, or of the first attempt after a quiet period.
    checked: i64,
    /// Since when it is left out.
    out: Option<SimTime>,
    trial: Trial,
}

/// How far the trial is of one that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trial {
    /// There is none.
    No,
    /// It may be chosen, once.
    Open,
    /// It was chosen.
    Taken,
}

impl Default for Peer {
    fn default() -> Self {
        Self {
            fails: 0,
            accessed: NEVER,
            checked: NEVER,
            out: None,
            trial: Trial::No,
        }
    }
}

fn second(now: SimTime) -> i64 {
    i64::try_from(now.as_ns() / SECOND).unwrap_or(i64::MAX)
}

impl Peer {
    pub(super) const fn out_since(&self) -> Option<SimTime> {
        self.out
    }

    /// When it may be chosen again.
    pub(super) fn due(&self, rule: QuietPeriod) -> Option<SimTime> {
        let waits = self.out.is_some() && self.trial != Trial::Open;
        let seconds = self.checked.saturating_add(i64::from(rule.seconds) + 1);
        let seconds = u64::try_from(seconds).unwrap_or(0);
        waits.then(|| SimTime::from_ns(seconds.saturating_mul(SECOND)))
    }

    /// Its time may be over: whether it may be chosen from now on.
    pub(super) fn end_time(&mut self, rule: QuietPeriod, now: SimTime) -> bool {
        let over = self.due(rule).is_some_and(|at| at <= now);
        if over {
            self.trial = Trial::Open;
        }
        over
    }

    /// It is chosen: whether for its trial.
    pub(super) fn chosen(&mut self, rule: QuietPeriod, now: SimTime) -> bool {
        if second(now).saturating_sub(self.checked) > i64::from(rule.seconds) {
            self.checked = second(now);
        }
        let tried = self.trial == Trial::Open;
        if tried {
            self.trial = Trial::Taken;
        }
        tried
    }

    /// It failed. A late failure of one that is left out makes it wait for longer, and is no other
    /// verdict.
    pub(super) fn failed(
        &mut self,
        rule: QuietPeriod,
        now: SimTime,
        alone: bool,
    ) -> Option<EjectStepKind> {
        self.fails = self.fails.saturating_add(1);
        self.accessed = second(now);
        self.checked = second(now);
        let why = match (self.out, std::mem::replace(&mut self.trial, Trial::No)) {
            (Some(_), Trial::No) => return None,
            (Some(_), Trial::Open | Trial::Taken) => EjectWhy::Trial,
            (None, _) if alone || self.fails < rule.failures => return None,
            (None, _) => EjectWhy::QuietPeriod,
        };
        self.out.get_or_insert(now);
        Some(EjectStepKind::Out {
            why,
            k: self.fails,
            until: self.due(rule),
        })
    }

    /// It did well.
    pub(super) fn succeeded(&mut self, now: SimTime) -> Option<EjectStepKind> {
        if self.accessed >= self.checked {
            return None;
        }
        self.fails = 0;
        self.trial = Trial::No;
        let after = now.since(self.out.take()?);
        let by = EjectBack::Trial;
        Some(EjectStepKind::Back { by, after })
    }
}
