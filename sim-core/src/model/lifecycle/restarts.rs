//! Restarts: how long a process that has ended waits for its next start.
//!
//! What ends again and again is not helped by starting at once again and again, and those beside it are
//! hurt: so each restart in a row waits longer. What has lived for long enough is trusted anew.
//!
//! The rule (Kubernetes, `doBackOff` of the kubelet and `backoff.go`): the first restart follows at once,
//! the next ones wait 10, 20, 40, 80, 160 and then 300 s. The wait counts from the *end* of the process,
//! and all is forgotten when it lived longer than twice the greatest wait: 600 s and not one instant less.
//!
//! Rejected: counting the life from when it answered, not from its start. A container that needs long to
//! start has lived all the same.

use crate::model::spec::RestartSpec;
use crate::random::Uniforms;
use crate::time::{SimDuration, SimTime};

/// The restarts of one incarnation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Restarts {
    /// In a row, since the last life that was long enough \[count\].
    pub(super) in_a_row: u32,
    /// When its process last started.
    started: SimTime,
    /// When its process last ended.
    pub(super) ended: SimTime,
}

impl Restarts {
    /// Of a process that has run from the beginning.
    pub(super) const FIRST: Self = Self::since(SimTime::ZERO);

    /// Of a process that is about to start for the first time.
    pub(super) const fn since(now: SimTime) -> Self {
        Self {
            in_a_row: 0,
            started: now,
            ended: now,
        }
    }

    /// A process ends because somebody wanted another in its place: nothing is held against that one.
    pub(super) const fn on_wanted_end(&mut self, now: SimTime) -> SimTime {
        self.ended = now;
        self.in_a_row = 0;
        now
    }

    /// A process starts.
    pub(super) const fn on_start(&mut self, now: SimTime) {
        self.started = now;
    }

    /// A process ends: when the next one may start. Without a rule at once.
    pub(super) fn on_end<U: Uniforms>(
        &mut self,
        rule: Option<&RestartSpec>,
        now: SimTime,
        draws: &mut U,
    ) -> SimTime {
        self.ended = now;
        let life = now.since(self.started);
        let long = rule.is_some_and(|rule| life > rule.forget_after);
        self.in_a_row = if long {
            1
        } else {
            self.in_a_row.saturating_add(1)
        };
        now + rule.map_or(SimDuration::ZERO, |rule| wait(rule, self.in_a_row, draws))
    }
}

/// How long the `nth` restart in a row waits, from 1.
fn wait<U: Uniforms>(rule: &RestartSpec, nth: u32, draws: &mut U) -> SimDuration {
    match nth - u32::from(rule.first_at_once) {
        0 => SimDuration::ZERO,
        waits => rule.backoff.wait(waits, draws),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Backoff;
    use crate::random::{Draws, SiteKey};

    fn secs(seconds: u64) -> SimDuration {
        SimDuration::from_secs(seconds)
    }

    fn kubernetes(first_at_once: bool) -> RestartSpec {
        RestartSpec {
            backoff: Backoff::Exponential {
                initial: secs(10),
                factor: 2.0,
                max: secs(300),
            },
            first_at_once,
            forget_after: secs(600),
        }
    }

    /// The waits of a process that lives for so long each time [ns].
    fn waits(rule: Option<&RestartSpec>, lives: &[SimDuration]) -> Vec<u64> {
        let mut draws = Draws::new(SiteKey(1), 1);
        let mut restarts = Restarts::FIRST;
        let mut now = SimTime::ZERO;
        let wait = |&life: &SimDuration| {
            restarts.on_start(now);
            let ended = now + life;
            now = restarts.on_end(rule, ended, &mut draws);
            now.since(ended).as_ns()
        };
        lives.iter().map(wait).collect()
    }

    fn seconds(waits: &[u64]) -> Vec<u64> {
        waits.iter().map(|ns| ns / 1_000_000_000).collect()
    }

    #[test]
    fn rule_54_waits_grow_from_restart_to_restart_as_in_kubernetes() {
        let crashes = [secs(1); 9];
        let waited = waits(Some(&kubernetes(true)), &crashes);
        assert_eq!(seconds(&waited), [0, 10, 20, 40, 80, 160, 300, 300, 300]);
        let waited = waits(Some(&kubernetes(false)), &crashes[..4]);
        assert_eq!(seconds(&waited), [10, 20, 40, 80]);
        assert_eq!(waits(None, &crashes[..3]), [0, 0, 0]);
    }

    #[test]
    fn rule_54_a_life_longer_than_the_limit_is_forgiven_and_not_one_just_as_long() {
        let long = secs(600);
        let longer = SimDuration::from_ns(long.as_ns() + 1);
        let rule = kubernetes(true);
        let cases: [(&str, &[SimDuration], &[u64]); 4] = [
            ("just as long", &[secs(1), secs(1), long], &[0, 10, 20]),
            (
                "longer",
                &[secs(1), secs(1), longer, secs(1)],
                &[0, 10, 0, 10],
            ),
            ("longer at first", &[longer, secs(1)], &[0, 10]),
            ("again and again", &[longer, longer, longer], &[0, 0, 0]),
        ];
        for (what, lives, expected) in cases {
            assert_eq!(seconds(&waits(Some(&rule), lives)), expected, "{what}");
        }
    }
}
