//! Expectations over many runs (rule 40).
//!
//! An expectation is a statement about one run. Asked of many, it says in how many of them it must
//! hold: in all (the default), or in a share of them. A share is judged by Wilson's interval, so that
//! 19 of 20 runs do not pass for "95 % of all runs": they leave too much room. Means over runs are
//! shown and never judged, for a mean of healthy and collapsed runs describes neither.
//!
//! A run that cannot say, and one that broke, might have gone either way: a verdict must hold for both.

use super::estimate::{ShareInterval, runs_to_exceed, share_interval};
use crate::judge::Verdict;
use crate::scenario::expect::InRuns;

/// In how many runs an expectation held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Runs that meet it \[count\].
    pub met: u32,
    /// Runs that do not \[count\].
    pub missed: u32,
    /// Runs that cannot say, or broke \[count\].
    pub open: u32,
}

impl Tally {
    /// Counts verdicts; `broken` runs have none.
    pub fn of(verdicts: impl Iterator<Item = Verdict>, broken: u32) -> Self {
        let mut tally = Self {
            open: broken,
            ..Self::default()
        };
        for verdict in verdicts {
            match verdict {
                Verdict::Pass => tally.met += 1,
                Verdict::Fail => tally.missed += 1,
                Verdict::Inconclusive => tally.open += 1,
            }
        }
        tally
    }

    /// All runs \[count\].
    pub fn runs(self) -> u32 {
        self.met + self.missed + self.open
    }

    /// The share of runs that meet it: those that cannot say could all miss it, or all meet it.
    pub fn share(self) -> Option<ShareInterval> {
        let worst = share_interval(self.met, self.runs())?;
        let best = share_interval(self.met + self.open, self.runs())?;
        Some(ShareInterval {
            share: worst.share,
            low: worst.low,
            high: best.high,
        })
    }

    /// The verdict over all runs.
    pub fn verdict(self, in_runs: InRuns) -> Verdict {
        match in_runs {
            InRuns::All => match (self.missed, self.open, self.met) {
                (1.., _, _) => Verdict::Fail,
                (0, 0, 1..) => Verdict::Pass,
                (0, _, _) => Verdict::Inconclusive,
            },
            InRuns::Share(share) => match self.share() {
                Some(interval) if interval.low >= share.get() => Verdict::Pass,
                Some(interval) if interval.high < share.get() => Verdict::Fail,
                Some(_) | None => Verdict::Inconclusive,
            },
        }
    }

    /// Why there is no verdict, and what would help; empty if there is one.
    pub fn reason(self, in_runs: InRuns) -> String {
        if self.verdict(in_runs) != Verdict::Inconclusive {
            return String::new();
        }
        let runs = self.runs();
        match in_runs {
            _ if self.open > 0 => format!("{} of {runs} runs cannot say", self.open),
            InRuns::All => "no run was finished".to_owned(),
            InRuns::Share(share) if self.missed == 0 => format!(
                "{} too few to say so; it takes {} that all meet it",
                match runs {
                    1 => "1 run is".to_owned(),
                    several => format!("{several} runs are"),
                },
                runs_to_exceed(share.get())
            ),
            InRuns::Share(share) => {
                format!("the interval holds {share}; more replications would narrow it")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Probability;

    #[test]
    fn rule_40_all_runs_or_a_share_of_them() {
        let share = |share| InRuns::Share(Probability::new(share).unwrap());
        let tally = |met, missed, open| Tally { met, missed, open };
        for (name, in_runs, tally, verdict) in [
            ("all meet it", InRuns::All, tally(50, 0, 0), Verdict::Pass),
            ("one does not", InRuns::All, tally(49, 1, 0), Verdict::Fail),
            (
                "one cannot say",
                InRuns::All,
                tally(49, 0, 1),
                Verdict::Inconclusive,
            ),
            (
                "a miss is certain",
                InRuns::All,
                tally(0, 1, 49),
                Verdict::Fail,
            ),
            (
                "no runs",
                InRuns::All,
                tally(0, 0, 0),
                Verdict::Inconclusive,
            ),
            (
                "72 are too few",
                share(0.95),
                tally(72, 0, 0),
                Verdict::Inconclusive,
            ),
            ("73 are enough", share(0.95), tally(73, 0, 0), Verdict::Pass),
            ("surely below", share(0.95), tally(40, 10, 0), Verdict::Fail),
            (
                "just below",
                share(0.95),
                tally(46, 4, 0),
                Verdict::Inconclusive,
            ),
            (
                "a few misses are fine",
                share(0.5),
                tally(40, 10, 0),
                Verdict::Pass,
            ),
            (
                "open runs count against",
                share(0.5),
                tally(30, 0, 20),
                Verdict::Inconclusive,
            ),
            (
                "and for",
                share(0.95),
                tally(40, 4, 6),
                Verdict::Inconclusive,
            ),
        ] {
            assert_eq!(tally.verdict(in_runs), verdict, "{name}");
            let reason = tally.reason(in_runs);
            assert_eq!(
                reason.is_empty(),
                verdict != Verdict::Inconclusive,
                "{name}"
            );
        }
    }
}
