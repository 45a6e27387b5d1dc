//! What a test of scenarios found out, and what that amounts to.

use super::check::{Against, Checked, Outcome};
use super::find::{Found, Other};
use crate::command::report::exit_of;
use crate::exit::{Exit, shown};
use sim_core::report::{ExpectationReport, Verdict};
use sim_view::format::plural;
use std::path::PathBuf;

/// Everything that a test of scenarios found out.
#[derive(Debug)]
pub(super) struct Results {
    /// Scenarios, by path.
    pub(super) checked: Vec<Checked>,
    /// Stored reports without a scenario.
    pub(super) orphans: Vec<PathBuf>,
    /// Files of YAML that are no scenarios.
    pub(super) others: Vec<Other>,
}

impl Results {
    /// The worst of all.
    pub(super) fn exit(&self) -> Exit {
        let exits = self.checked.iter().map(Checked::exit);
        let orphans = self.orphans.iter().map(|_| Exit::Failed);
        let rank = |exit: &Exit| match exit {
            Exit::Ok => 0,
            Exit::Inconclusive => 1,
            Exit::Failed => 2,
            Exit::BadInput => 3,
            Exit::Trouble => 4,
            Exit::Interrupted => 5,
        };
        exits.chain(orphans).max_by_key(rank).unwrap_or(Exit::Ok)
    }
}

impl Checked {
    /// How the program would end for this scenario alone.
    pub(super) fn exit(&self) -> Exit {
        match &self.result {
            Outcome::Refused(_) => Exit::BadInput,
            Outcome::Played(played) if !played.against.is_fine() => Exit::Failed,
            Outcome::Played(played) => exit_of(&played.report),
        }
    }

    /// The end as a word.
    pub(super) fn word(&self) -> &'static str {
        match self.exit() {
            Exit::Ok => "pass",
            Exit::Inconclusive => "unsure",
            Exit::Failed => "fail",
            Exit::BadInput | Exit::Trouble | Exit::Interrupted => "error",
        }
    }

    /// Expectations that are not met, with their lines in the file.
    pub(super) fn unmet(&self) -> Vec<(u32, &ExpectationReport)> {
        match &self.result {
            Outcome::Refused(_) => Vec::new(),
            Outcome::Played(played) => {
                let lines = played.lines.iter().copied();
                let all = lines.zip(&played.report.expectations);
                all.filter(|(_, one)| one.verdict != Verdict::Pass)
                    .collect()
            }
        }
    }

    /// How the report agrees with the stored one, if it was played.
    pub(super) fn against(&self) -> Option<&Against> {
        match &self.result {
            Outcome::Refused(_) => None,
            Outcome::Played(played) => Some(&played.against),
        }
    }
}

impl Against {
    pub(super) const fn is_fine(&self) -> bool {
        match self {
            Self::NotStored | Self::Same | Self::SameSummary | Self::SameRun | Self::Written => {
                true
            }
            Self::Missing | Self::Differs(_) | Self::Unreadable(_) => false,
        }
    }

    /// The state as one word for programs.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::NotStored => "not_stored",
            Self::Missing => "missing",
            Self::Same => "same",
            Self::SameSummary | Self::SameRun => "same_summary",
            Self::Differs(_) => "differs",
            Self::Unreadable(_) => "unreadable",
            Self::Written => "written",
        }
    }

    /// What is wrong, in a sentence; nothing if all is well.
    pub(super) fn complaint(&self) -> Option<String> {
        match self {
            Self::NotStored | Self::Same | Self::SameSummary | Self::SameRun | Self::Written => {
                None
            }
            Self::Missing => Some("no report is stored for it; --update stores one".to_owned()),
            Self::Differs(difference) => Some(format!(
                "the report differs from the stored one in {}",
                plural(difference.changes.len() as u64, "field", "fields")
            )),
            Self::Unreadable(reason) => Some(format!("the stored report cannot be read: {reason}")),
        }
    }
}

/// The file of a stored report as messages call it.
pub(super) fn store_name(found: &Found) -> String {
    shown(&found.store)
}
